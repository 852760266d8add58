"""Registers the domain `plans` with the house."""

from django.apps import AppConfig


class PlansConfig(AppConfig):
    """Business plans with an adviser, financial plan, visits."""

    name = "handup.plans"
    label = "plans"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.plans.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
