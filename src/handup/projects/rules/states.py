"""States of a phase, a budget, a document and a lesson, and the moves between them. Pure."""

from enum import StrEnum


class PhaseStatus(StrEnum):
    """Where a phase stands (projects_and_markets.md 5)."""

    PIPELINE = "PIPELINE"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    FINALISATION = "FINALISATION"
    CLOSED = "CLOSED"


class BudgetState(StrEnum):
    """A budget is prepared by one person, approved by another, then replaced by a new version."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    REVISED = "REVISED"


class DocumentState(StrEnum):
    """One current version per type, language and period; older ones stay readable."""

    DRAFT = "DRAFT"
    FINAL = "FINAL"
    SUPERSEDED = "SUPERSEDED"


class LessonState(StrEnum):
    """Anyone proposes; the owner decides; an application needs a target."""

    PROPOSED = "PROPOSED"
    ACCEPTED = "ACCEPTED"
    APPLIED = "APPLIED"
    NOT_APPLIED = "NOT_APPLIED"
    REVIEWED = "REVIEWED"


PHASE_MOVES: dict[PhaseStatus, frozenset[PhaseStatus]] = {
    PhaseStatus.PIPELINE: frozenset({PhaseStatus.ACTIVE}),
    PhaseStatus.ACTIVE: frozenset({PhaseStatus.SUSPENDED, PhaseStatus.FINALISATION}),
    PhaseStatus.SUSPENDED: frozenset({PhaseStatus.ACTIVE, PhaseStatus.FINALISATION}),
    PhaseStatus.FINALISATION: frozenset({PhaseStatus.CLOSED}),
    PhaseStatus.CLOSED: frozenset(),
}


def may_move(before: PhaseStatus, after: PhaseStatus) -> bool:
    """Tell whether a phase in one status may go to the other."""
    return after in PHASE_MOVES[before]
