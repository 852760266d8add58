"""Registers the domain `groups` with the house."""

from django.apps import AppConfig


class GroupsConfig(AppConfig):
    """Self-help groups, savings groups, cooperatives, associations: meetings, savings, internal loans."""

    name = "handup.groups"
    label = "groups"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.groups.permissions import PERMISSIONS
        from handup.org import permissions

        permissions.register(PERMISSIONS)
