"""Tables of training: what is taught, who is taught, what happened, what it led to."""

from handup.training.models.apprentices import (
    ApprenticeVisit,
    GraduateOffer,
    LogDay,
    LogTask,
    SkillLevel,
    TradeSkill,
)
from handup.training.models.apprenticeships import ApprenticeshipAgreement, Placement, Workshop
from handup.training.models.calendars import CalendarFeed
from handup.training.models.certificates import Certificate, SerialCounter, SigningKey
from handup.training.models.cohorts import (
    Cohort,
    CohortFigures,
    CohortTrainer,
    Enrolment,
    Session,
)
from handup.training.models.curricula import Course, Curriculum, Module, SessionPlan
from handup.training.models.followup import ContactAttempt, DropoutCase, FollowUp
from handup.training.models.needs import NeedsAssessment, NeedTopic
from handup.training.models.platforms import CourseLink, PlatformResult
from handup.training.models.provider_pay import ProviderClaim, ProviderClaimLine, ProviderTerms
from handup.training.models.qualifications import (
    Observation,
    Qualification,
    QualificationProof,
    QualificationStep,
)
from handup.training.models.records import Attendance, CostLine, Test, TestResult
from handup.training.models.spoken import SpokenAnswer, SpokenQuestion
from handup.training.models.support import SupportPayment, SupportRule
from handup.training.models.tracers import TracerResponse, TracerRound

__all__ = [
    "ApprenticeVisit",
    "ApprenticeshipAgreement",
    "Attendance",
    "CalendarFeed",
    "Certificate",
    "Cohort",
    "CohortFigures",
    "CohortTrainer",
    "ContactAttempt",
    "CostLine",
    "Course",
    "CourseLink",
    "Curriculum",
    "DropoutCase",
    "Enrolment",
    "FollowUp",
    "GraduateOffer",
    "LogDay",
    "LogTask",
    "Module",
    "NeedTopic",
    "NeedsAssessment",
    "Observation",
    "Placement",
    "PlatformResult",
    "ProviderClaim",
    "ProviderClaimLine",
    "ProviderTerms",
    "Qualification",
    "QualificationProof",
    "QualificationStep",
    "SerialCounter",
    "Session",
    "SessionPlan",
    "SigningKey",
    "SkillLevel",
    "SpokenAnswer",
    "SpokenQuestion",
    "SupportPayment",
    "SupportRule",
    "Test",
    "TestResult",
    "TracerResponse",
    "TracerRound",
    "TradeSkill",
    "Workshop",
]
