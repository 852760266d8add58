"""Registers the domain `groups` with the house."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Self-help groups, savings groups, cooperatives, associations: meetings, savings, internal
    loans."""

    name = "handup.groups"
    label = "groups"

    def ready(self) -> None:
        """Declare permissions and pages, keep facts append-only, and offer the proofs."""
        from django.utils.translation import gettext_lazy as _

        from handup.groups import verify
        from handup.groups.permissions import PERMISSIONS
        from handup.org import permissions
        from handup.org.web import navigation
        from handup.org.web.navigation import Entry, Section

        permissions.register(PERMISSIONS)
        verify.register()
        navigation.register(
            Entry(Section.GROUPS, _("Groups"), "groups:group_list", "groups.view_group", order=10)
        )
