"""Registers the domain `sync` with the house."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The inbox: a field record becomes the same service call the web makes."""

    name = "handup.sync"
    label = "sync"

    def ready(self) -> None:
        """Declare permissions, offer the proofs, and tell groups whose phone keeps their record."""
        from django.utils.translation import gettext_lazy as _

        from handup.groups import phones, sections
        from handup.kernel.named_lists import add_once
        from handup.org import permissions, retention
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.org.web.settings import devices
        from handup.people import merging, subject
        from handup.surveys.services import blanking
        from handup.sync import keeping, persons, verify
        from handup.sync.permissions import PERMISSIONS
        from handup.sync.queries import has_seat
        from handup.sync.sections import area_actions, area_facts, phone_actions
        from handup.sync.services.packets import take_again

        permissions.register(PERMISSIONS)
        add_once(devices.device_actions, area_actions)
        add_once(devices.device_facts, area_facts)
        verify.register()
        retention.register(*keeping.RULES)
        add_once(subject.collect, persons.held)
        add_once(blanking.unstored, persons.blank)
        add_once(merging.on_merge, persons.move)
        if persons.erase not in subject.erase:
            # Before her names are gone: what waits of her may be known by them alone.
            subject.erase.insert(0, persons.erase)
        if has_seat not in phones.keepers:
            phones.keepers.append(has_seat)
            sections.group_actions.append(phone_actions)
            phones.arrived.append(take_again)
        navigation.register(
            Entry(
                Section.GROUPS,
                _("Packets of phones"),
                "sync:packet_list",
                "sync.view_packet",
                order=90,
            )
        )
        navigation.register(
            Entry(
                Section.GROUPS,
                _("Recorded away"),
                "sync:work_list",
                "sync.view_work",
                order=91,
            )
        )
        navigation.register(
            Entry(
                Section.SETTINGS,
                _("How long phones keep names"),
                "sync:snapshot_list",
                "sync.set_snapshot_life",
                order=92,
            )
        )
