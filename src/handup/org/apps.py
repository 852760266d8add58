"""Registers the house with Django."""

from django.apps import AppConfig


class OrgConfig(AppConfig):
    """Who works here and where."""

    name = "handup.org"
    label = "org"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.org.permission_table import PERMISSIONS

        permissions.register(PERMISSIONS)
