"""States and kinds of training records, and which state may follow which (training.md section
5).
"""

from collections.abc import Mapping
from enum import StrEnum


class CurriculumState(StrEnum):
    """An approved curriculum never changes; a change is a new version."""

    DRAFT = "DRAFT"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    RETIRED = "RETIRED"


class CourseType(StrEnum):
    """What a course teaches."""

    LITERACY = "LITERACY"
    BUSINESS = "BUSINESS"
    LIFE_SKILLS = "LIFE_SKILLS"
    TECHNICAL = "TECHNICAL"
    TRAINING_OF_TRAINERS = "TRAINING_OF_TRAINERS"
    REFRESHER = "REFRESHER"
    APPRENTICESHIP = "APPRENTICESHIP"


class PassRule(StrEnum):
    """What beside attendance a course asks for."""

    ATTENDANCE_ONLY = "ATTENDANCE_ONLY"
    TEST = "TEST"
    GRADUATION = "GRADUATION"


class CohortState(StrEnum):
    """A closed cohort's figures stand; a correction keeps the old ones."""

    PLANNED = "PLANNED"
    OPEN = "OPEN"
    RUNNING = "RUNNING"
    CLOSED = "CLOSED"
    CORRECTED = "CORRECTED"


class SessionState(StrEnum):
    """Only a held session counts."""

    PLANNED = "PLANNED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class EnrolmentState(StrEnum):
    """One person's way through one cohort."""

    APPLIED = "APPLIED"
    ELIGIBLE = "ELIGIBLE"
    NOT_ELIGIBLE = "NOT_ELIGIBLE"
    WAITING = "WAITING"
    INVITED = "INVITED"
    ENROLLED = "ENROLLED"
    COMPLETED = "COMPLETED"
    NOT_COMPLETED = "NOT_COMPLETED"
    DROPPED_OUT = "DROPPED_OUT"
    WITHDRAWN = "WITHDRAWN"
    TRANSFERRED = "TRANSFERRED"


class DropoutReason(StrEnum):
    """Why a participant left (Malawi apprenticeship trial, extended)."""

    ILLNESS = "ILLNESS"
    FAMILY_DUTY = "FAMILY_DUTY"
    MARRIAGE = "MARRIAGE"
    DISTANCE_COST = "DISTANCE_COST"
    STIPEND_TOO_LOW = "STIPEND_TOO_LOW"
    FOUND_WORK = "FOUND_WORK"
    CONFLICT_WITH_MASTER = "CONFLICT_WITH_MASTER"
    MOVED_OR_RETURNED = "MOVED_OR_RETURNED"
    NOT_INTERESTED = "NOT_INTERESTED"
    SAFETY = "SAFETY"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class TestKind(StrEnum):
    """When a test is sat; a level test comes before a course that builds on it."""

    __test__ = False

    PRE = "PRE"
    POST = "POST"
    LEVEL = "LEVEL"


class TestForm(StrEnum):
    """How a test is sat."""

    __test__ = False

    WRITTEN = "WRITTEN"
    ORAL = "ORAL"
    PRACTICAL = "PRACTICAL"


class CertificateKind(StrEnum):
    """What a certificate says of its holder."""

    ATTENDANCE = "ATTENDANCE"
    COMPLETION = "COMPLETION"
    SKILL = "SKILL"


class CertificateState(StrEnum):
    """What the public page answers; EXPIRED follows from the date and is never stored.

    SEALED was printed ahead and waits for the close of its course; STRUCK never became valid.
    """

    VALID = "VALID"
    REVOKED = "REVOKED"
    REPLACED = "REPLACED"
    EXPIRED = "EXPIRED"
    SEALED = "SEALED"
    STRUCK = "STRUCK"


class ApprenticeshipState(StrEnum):
    """An apprenticeship from draft to its end."""

    DRAFT = "DRAFT"
    SIGNED = "SIGNED"
    ACTIVE = "ACTIVE"
    GRADUATED = "GRADUATED"
    TERMINATED = "TERMINATED"


class AgreementForm(StrEnum):
    """A spoken agreement needs two witnesses."""

    WRITTEN = "WRITTEN"
    ORAL = "ORAL"


class PlacementKind(StrEnum):
    """Where a graduate went."""

    WAGE = "WAGE"
    OWN_BUSINESS = "OWN_BUSINESS"
    FAMILY = "FAMILY"
    STUDY = "STUDY"


class PlacementState(StrEnum):
    """A claim counts only once another person has seen it."""

    CLAIMED = "CLAIMED"
    VERIFIED = "VERIFIED"
    REJECTED = "REJECTED"


PAID_PLACEMENTS = frozenset({PlacementKind.WAGE, PlacementKind.OWN_BUSINESS})

E = EnrolmentState
ENROLMENT_STEPS: Mapping[EnrolmentState, frozenset[EnrolmentState]] = {
    E.APPLIED: frozenset({E.ELIGIBLE, E.NOT_ELIGIBLE, E.WITHDRAWN}),
    E.ELIGIBLE: frozenset({E.WAITING, E.INVITED, E.ENROLLED, E.WITHDRAWN}),
    E.NOT_ELIGIBLE: frozenset({E.ELIGIBLE}),
    E.WAITING: frozenset({E.INVITED, E.ENROLLED, E.WITHDRAWN}),
    E.INVITED: frozenset({E.ENROLLED, E.WAITING, E.WITHDRAWN}),
    E.ENROLLED: frozenset({E.COMPLETED, E.NOT_COMPLETED, E.DROPPED_OUT, E.TRANSFERRED}),
    E.COMPLETED: frozenset({E.NOT_COMPLETED}),
    E.NOT_COMPLETED: frozenset({E.COMPLETED}),
    E.DROPPED_OUT: frozenset({E.ENROLLED}),
    E.WITHDRAWN: frozenset({E.APPLIED}),
    E.TRANSFERRED: frozenset(),
}
ON_THE_ROLL = frozenset({E.ENROLLED, E.COMPLETED, E.NOT_COMPLETED, E.DROPPED_OUT})
SEATED = frozenset({E.INVITED, E.ENROLLED, E.COMPLETED, E.NOT_COMPLETED})


def may_follow(now: EnrolmentState, then: EnrolmentState) -> bool:
    """Tell whether an enrolment in one state may move to another."""
    return then in ENROLMENT_STEPS[now]
