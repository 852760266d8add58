"""Registers the domain `markets` with the house."""

from django.apps import AppConfig


class MarketsConfig(AppConfig):
    """Value chains, prices, studies, buyers and contracts."""

    name = "handup.markets"
    label = "markets"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.markets.permissions import PERMISSIONS
        from handup.org import permissions

        permissions.register(PERMISSIONS)
