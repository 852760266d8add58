"""The states of a figure, a snapshot and a report (results.md 5)."""

from enum import StrEnum
from fractions import Fraction

NOTE_ABOVE = Fraction(1, 2)
"""A change against the figure before by more than this needs a note."""


class SnapshotState(StrEnum):
    """Open while its figures are checked, then frozen for good."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"


class FigureState(StrEnum):
    """A figure is computed, checked by another person, approved, frozen with its snapshot."""

    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    APPROVED = "APPROVED"
    FROZEN = "FROZEN"


class NarrativeState(StrEnum):
    """A report is written, passes the gate of words, is approved by another person, and sent."""

    DRAFT = "DRAFT"
    CHECKED = "CHECKED"
    APPROVED = "APPROVED"
    SENT = "SENT"


class AnalysisState(StrEnum):
    """An outcome is planned, fixed before the first interview of its last round, then done."""

    DRAFT = "DRAFT"
    FIXED = "FIXED"
    DONE = "DONE"


class Clusters(StrEnum):
    """Which units came together, so that each says less of its own."""

    UNIT = "UNIT"
    CLUSTER = "CLUSTER"
    AREA = "AREA"


class Level(StrEnum):
    """How much a figure may be said to show, from least to most."""

    DESCRIPTIVE = "DESCRIPTIVE"
    CHANGE = "CHANGE"
    COMPARED = "COMPARED"
    CAUSAL = "CAUSAL"


class DesignKind(StrEnum):
    """With whom those who took part are compared."""

    NONE = "NONE"
    COMPARISON = "COMPARISON"
    RANDOMISED = "RANDOMISED"


class OutcomeKind(StrEnum):
    """What is asked: a number, something that is so or not, or how long enterprises last."""

    AMOUNT = "AMOUNT"
    SHARE = "SHARE"
    LASTS = "LASTS"


class Drift(StrEnum):
    """Why a frozen figure is another one today."""

    LATE = "LATE"
    CORRECTED = "CORRECTED"
    MERGED = "MERGED"
    WITHDRAWN = "WITHDRAWN"
    DEFINITION = "DEFINITION"


def needs_note(before: Fraction | None, now: Fraction | None) -> bool:
    """Whether a figure moved so far from the one before that somebody must say why."""
    if before is None or now is None:
        return False
    if before == 0:
        return now != 0
    return abs(now - before) > NOTE_ABOVE * abs(before)


class BuiltState(StrEnum):
    """The life of a figure that a house built for itself."""

    DRAFT = "DRAFT"
    ACTIVE = "ACTIVE"
    RETIRED = "RETIRED"
