"""Registers the domain `sync` with the house."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The inbox: a field record becomes the same service call the web makes."""

    name = "handup.sync"
    label = "sync"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.sync.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
