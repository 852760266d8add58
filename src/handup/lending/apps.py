"""Registers the domain `lending` with the house."""

from django.apps import AppConfig


class LendingConfig(AppConfig):
    """Lenders, products, applications, appraisal, loans, repayments, arrears."""

    name = "handup.lending"
    label = "lending"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.lending.permissions import PERMISSIONS
        from handup.org import permissions

        permissions.register(PERMISSIONS)
