"""Registers the domain `desk` with the house."""

from django.apps import AppConfig


class DeskConfig(AppConfig):
    """Staff pages that cross domains: today, a person's journey, search, import centre."""

    name = "handup.desk"
    label = "desk"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.desk.permissions import PERMISSIONS
        from handup.org import permissions

        permissions.register(PERMISSIONS)
