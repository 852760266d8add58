"""Registers the domain `demo` with the house."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Loader of the demonstration programmes; the only place whose data name a country."""

    name = "handup.demo"
    label = "demo"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.demo.permissions import PERMISSIONS
        from handup.org import permissions

        permissions.register(PERMISSIONS)
