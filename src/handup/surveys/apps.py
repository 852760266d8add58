"""Registers the domain `surveys` with the house."""

from django.apps import AppConfig


class SurveysConfig(AppConfig):
    """Questionnaires, rounds, answers: baseline and follow-up."""

    name = "handup.surveys"
    label = "surveys"

    def ready(self) -> None:
        """Declare permissions, steps for two people and the tables that only grow."""
        from handup.org import duties, permissions, triggers
        from handup.org.rules.duties import Duty
        from handup.surveys.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
        for step in ("publish_version", "accept_submission"):
            duties.register(Duty(f"surveys.{step}"))
        for table in ("Question", "Answer"):
            triggers.append_only(f"surveys.{table}")
