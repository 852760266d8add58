"""Registers the domain `sync` with the house."""

from django.apps import AppConfig


class SyncConfig(AppConfig):
    """The inbox: a field record becomes the same service call the web makes."""

    name = "handup.sync"
    label = "sync"

    def ready(self) -> None:
        """Declare permissions, offer the proofs, and tell groups whose phone keeps their record."""
        from handup.groups import phones
        from handup.org import permissions
        from handup.sync import verify
        from handup.sync.permissions import PERMISSIONS
        from handup.sync.queries import has_seat

        permissions.register(PERMISSIONS)
        verify.register()
        if has_seat not in phones.keepers:
            phones.keepers.append(has_seat)
