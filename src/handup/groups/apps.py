"""Registers the domain `groups` with the house."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate


def _settle_database(using: str, apps: Any = installed, **_kwargs: Any) -> None:
    """After every migration: the funds of groups' social money and of their buying together, known
    by fixed ids."""
    from handup.groups.queries import BULK_FUND_ID, SOCIAL_FUND_ID

    try:
        fund = apps.get_model("ledger", "Fund")
    except LookupError:
        return
    for pk, code, name in (
        (SOCIAL_FUND_ID, "GROUP-SOCIAL", "Social funds of groups"),
        (BULK_FUND_ID, "GROUP-BULK", "Buying together"),
    ):
        fund._base_manager.using(using).get_or_create(
            pk=pk, defaults={"code": code, "name": name, "kind": "PURPOSE"}
        )


class GroupsConfig(AppConfig):
    """Self-help groups, savings groups, cooperatives, associations: meetings, savings, internal
    loans."""

    name = "handup.groups"
    label = "groups"

    def ready(self) -> None:
        """Declare permissions and pages, keep facts append-only, and offer the proofs."""
        from handup.groups.handover_mover import MOVER
        from handup.kernel.named_lists import add_once
        from handup.projects import handover

        add_once(handover.movers, MOVER)
        from django.utils.translation import gettext_lazy as _

        from handup.groups import persons, surveyed, verify
        from handup.groups.nightly import put_groups_to_rest
        from handup.groups.permissions import PERMISSIONS
        from handup.groups.services import price_lines
        from handup.groups.views import advice, told
        from handup.groups.views import price_lines as price_pages
        from handup.org import nightly, permissions, webhooks
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section
        from handup.people import numbers

        permissions.register(PERMISSIONS)
        nightly.register(put_groups_to_rest)
        webhooks.offer("groups.register_group", "groups.close_meeting")
        permissions.by_knowing("groups.register_group")
        verify.register()
        persons.register()
        told.register()
        price_pages.register()
        add_once(numbers.on_other_number, price_lines.end_for_other_number)
        advice.register()
        surveyed.register()
        post_migrate.connect(_settle_database, sender=self, dispatch_uid="groups.settle_database")
        navigation.register(
            Entry(Section.GROUPS, _("Groups"), "groups:group_list", "groups.view_group", order=10)
        )
        navigation.register(
            Entry(
                Section.GROUPS,
                _("What communities need"),
                "groups:needs_list",
                "groups.view_needs",
                order=60,
            ),
            Entry(
                Section.GROUPS,
                _("Advice visits to groups"),
                "groups:advice_list",
                "groups.view_group",
                order=61,
            ),
            Entry(
                Section.GROUPS,
                _("Groups with a trained head"),
                "groups:trained_heads",
                "groups.view_group",
                order=70,
            ),
        )
