"""Tables of training: what is taught, who is taught, what happened, what it led to."""

from handup.training.models.apprenticeships import ApprenticeshipAgreement, Placement, Workshop
from handup.training.models.certificates import Certificate, SerialCounter, SigningKey
from handup.training.models.cohorts import (
    Cohort,
    CohortFigures,
    CohortTrainer,
    Enrolment,
    Session,
)
from handup.training.models.curricula import Course, Curriculum, Module, SessionPlan
from handup.training.models.records import Attendance, CostLine, Test, TestResult

__all__ = [
    "ApprenticeshipAgreement",
    "Attendance",
    "Certificate",
    "Cohort",
    "CohortFigures",
    "CohortTrainer",
    "CostLine",
    "Course",
    "Curriculum",
    "Enrolment",
    "Module",
    "Placement",
    "SerialCounter",
    "Session",
    "SessionPlan",
    "SigningKey",
    "Test",
    "TestResult",
    "Workshop",
]
