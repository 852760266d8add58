"""Registers the domain `training` with the house."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Curricula, cohorts, sessions, attendance, tests, certificates, apprenticeships."""

    name = "handup.training"
    label = "training"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.training.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
