"""Who asks after a participant who misses too much, by when, how it ends (training.md T6, 4.1)."""

from datetime import date, timedelta
from enum import StrEnum

FOLLOW_UP_DAYS = 3


class FollowUpKind(StrEnum):
    """Why somebody has to look: a person misses too much, or an attendance was told in two ways."""

    ABSENCE = "ABSENCE"
    CONFLICT = "CONFLICT"


class FollowUpEnd(StrEnum):
    """How a task ended; CORRECTED and OVER are found, never typed."""

    BACK = "BACK"
    EXPLAINED = "EXPLAINED"
    LEAVING = "LEAVING"
    CORRECTED = "CORRECTED"
    OVER = "OVER"


class ContactWay(StrEnum):
    """How somebody tried to reach the person."""

    VISIT = "VISIT"
    PHONE = "PHONE"
    MESSAGE = "MESSAGE"
    FAMILY = "FAMILY"


class CaseState(StrEnum):
    """A drop-out case: she may come back or leave."""

    OPEN = "OPEN"
    RETURNED = "RETURNED"
    LEFT = "LEFT"


SAID = frozenset({FollowUpEnd.BACK, FollowUpEnd.EXPLAINED})
"""The ends a person may say of her own; the others follow from what is recorded."""


def due_date(opened: date) -> date:
    """Return the day by which somebody has asked: three days later."""
    return opened + timedelta(days=FOLLOW_UP_DAYS)


def asks_again(missed: int, missed_before: int | None) -> bool:
    """Tell whether a new task is due: at first, then only after further absences."""
    return missed_before is None or missed > missed_before
