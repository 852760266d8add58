"""Registers the domain `training` with the house."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    """Curricula, cohorts, sessions, attendance, tests, certificates, apprenticeships."""

    name = "handup.training"
    label = "training"

    def ready(self) -> None:
        """Declare permissions and the tables that only grow."""
        from handup.org import duties, permissions, triggers
        from handup.org.rules.duties import Duty
        from handup.training.permissions import PERMISSIONS

        permissions.register(PERMISSIONS)
        for step in ("approve_curriculum", "issue_certificate", "verify_placement"):
            duties.register(Duty(f"training.{step}"))
        for table in ("Attendance", "TestResult", "CohortFigures"):
            triggers.append_only(f"training.{table}")
