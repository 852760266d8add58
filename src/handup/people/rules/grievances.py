"""Feedback and complaints (people.md section 5): kinds, states, the days in which they are
answered. Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

ACKNOWLEDGE_DAYS = 3
RESOLVE_DAYS = 20
"""Working days; both are settings."""
CODE_LENGTH = 12
CODE_SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""No letter that is read as another, or as a number."""
_SUNDAY = 6
_SATURDAY = 5


class GrievanceKind(StrEnum):
    """What it is about."""

    TARGETING = "TARGETING"
    PAYMENT = "PAYMENT"
    STAFF = "STAFF"
    DATA = "DATA"
    SERVICE = "SERVICE"
    GROUP = "GROUP"
    BANK = "BANK"
    PARTNER = "PARTNER"
    REQUEST = "REQUEST"
    PRAISE = "PRAISE"


class Sensitivity(StrEnum):
    """Why only the focal point and a team may know of it."""

    EXPLOITATION = "EXPLOITATION"
    FRAUD = "FRAUD"
    STAFF_CONDUCT = "STAFF_CONDUCT"
    DATA_BREACH = "DATA_BREACH"


class GrievanceState(StrEnum):
    """Where it stands."""

    RECEIVED = "RECEIVED"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    IN_PROGRESS = "IN_PROGRESS"
    RESOLVED = "RESOLVED"
    REJECTED = "REJECTED"
    APPEALED = "APPEALED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


S = GrievanceState
MOVES: dict[GrievanceState, frozenset[GrievanceState]] = {
    S.RECEIVED: frozenset({S.ACKNOWLEDGED, S.WITHDRAWN}),
    S.ACKNOWLEDGED: frozenset({S.IN_PROGRESS, S.RESOLVED, S.REJECTED, S.WITHDRAWN}),
    S.IN_PROGRESS: frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN}),
    S.RESOLVED: frozenset({S.CLOSED, S.APPEALED}),
    S.REJECTED: frozenset({S.CLOSED, S.APPEALED}),
    S.APPEALED: frozenset({S.RESOLVED, S.REJECTED, S.WITHDRAWN}),
    S.CLOSED: frozenset(),
    S.WITHDRAWN: frozenset(),
}
DECIDED = frozenset({S.RESOLVED, S.REJECTED})
OVER = frozenset({S.CLOSED, S.WITHDRAWN})
WITH_ANSWER = frozenset({S.RESOLVED, S.REJECTED, S.APPEALED, S.WITHDRAWN})
"""Steps that say something: the answer given, why it is appealed, why it is taken back."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """By when it is acknowledged, and by when it is resolved."""

    acknowledge: date
    resolve: date


def working_day_after(start: date, days: int, closed: Collection[date] = ()) -> date:
    """The working day so many working days after a day: no weekend, no closed day."""
    day = start
    left = days
    while left:
        day += timedelta(days=1)
        if day.weekday() not in (_SATURDAY, _SUNDAY) and day not in closed:
            left -= 1
    return day


def deadlines(
    received: date,
    closed: Collection[date] = (),
    acknowledge_days: int = ACKNOWLEDGE_DAYS,
    resolve_days: int = RESOLVE_DAYS,
) -> Deadlines:
    """Both deadlines of what came in on a day."""
    return Deadlines(
        working_day_after(received, acknowledge_days, closed),
        working_day_after(received, resolve_days, closed),
    )


def due_date(state: GrievanceState, days: Deadlines) -> date | None:
    """By when the next step is due; None when nobody waits for one."""
    if state is S.RECEIVED:
        return days.acknowledge
    return days.resolve if state in (S.ACKNOWLEDGED, S.IN_PROGRESS, S.APPEALED) else None
