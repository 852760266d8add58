"""Registers the domain `surveys` with the house."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Questionnaires, rounds, answers: baseline and follow-up."""

    name = "handup.surveys"
    label = "surveys"

    def ready(self) -> None:
        """Declare the permissions of this domain."""
        from handup.org import permissions
        from handup.surveys.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
