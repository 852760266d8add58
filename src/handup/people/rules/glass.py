"""Emergency access to one person outside one's sight: why, until when, by when it is looked at
(protection.md 4.3). Pure.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum

LEAST_WORDS = 20
"""Signs of a reason, at least."""
SATURDAY = 5


class GlassReason(StrEnum):
    """Why somebody has to see her now."""

    LIFE_OR_HEALTH = "LIFE_OR_HEALTH"
    CHILD = "CHILD"
    VIOLENCE = "VIOLENCE"
    MONEY_AT_RISK = "MONEY_AT_RISK"
    AT_THE_DOOR = "AT_THE_DOOR"
    OTHER = "OTHER"


class GlassState(StrEnum):
    """Where an emergency access stands."""

    OPEN = "OPEN"
    EXPIRED = "EXPIRED"
    REVIEWED = "REVIEWED"
    ABUSE = "ABUSE"


UNREVIEWED = (GlassState.OPEN, GlassState.EXPIRED)


def is_reason(words: str) -> bool:
    """Whether a reason says something: so many signs, and more than a few of them different."""
    text = " ".join(words.split())
    return len(text) >= LEAST_WORDS and len(set(text.casefold())) > 5


def state_at(state: GlassState, ends_at: datetime, now: datetime) -> GlassState:
    """Where it stands at a moment: it ends by the clock, whether or not anything wrote it down."""
    if state is GlassState.OPEN and now >= ends_at:
        return GlassState.EXPIRED
    return state


def review_by(opened: date, days: int, closed: Collection[date]) -> date:
    """The last working day to review it: so many after the day it was opened."""
    day, left = opened, days
    while left:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in closed:
            left -= 1
    return day
