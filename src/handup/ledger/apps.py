"""Registers the domain `ledger` with the house."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    """Books, accounts, journal entries, periods: knows no loan and no group."""

    name = "handup.ledger"
    label = "ledger"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.ledger.permissions import PERMISSIONS
        from handup.org import permissions

        permissions.register(PERMISSIONS)
