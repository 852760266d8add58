"""What became of graduates: who is asked when, whom a sample takes, what is published of it
(training.md T14, 4.10).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from handup.kernel.dates import add_months
from handup.training.rules.apprenticeship import is_placed

MONTHS = (3, 6, 12, 24)
BEFORE_DAYS = 15
AFTER_DAYS = 45
ALL_UP_TO = 400
BACK_CHECK_PERCENT = 10


class TracerOutcome(StrEnum):
    """What a graduate does."""

    WAGE = "WAGE"
    OWN_BUSINESS = "OWN_BUSINESS"
    FAMILY = "FAMILY"
    STUDY = "STUDY"
    NO_WORK = "NO_WORK"


PAID_WORK = frozenset({TracerOutcome.WAGE, TracerOutcome.OWN_BUSINESS})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one graduate of a round told, and what she told when asked again; None: not asked."""

    outcome: TracerOutcome | None = None
    placed: bool = False
    again: TracerOutcome | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """The counts of a round; who did not answer stays among those asked."""

    asked: int
    answered: int
    placed: int
    rechecked: int
    agreed: int


def window(completed: date, month: int) -> tuple[date, date]:
    """Return the first and last day on which a graduate is asked for a month mark."""
    due = add_months(completed, month)
    return due - timedelta(days=BEFORE_DAYS), due + timedelta(days=AFTER_DAYS)


def drawn(ids: Iterable[UUID], seed: int, most: int = ALL_UP_TO) -> list[UUID]:
    """Return everybody while there are at most `most`, else a simple random sample of so many.

    The seed orders them by chance, the same everywhere; who stands first is taken. So the same ids
    and seed give the same sample, in whatever order they come.
    """
    everybody = set(ids)
    if len(everybody) <= most:
        return sorted(everybody)
    by_chance = sorted(everybody, key=lambda one: sha256(f"{seed}:{one}".encode()).digest())
    return sorted(by_chance[:most])


def back_checks(answered: Sequence[UUID], seed: int) -> list[UUID]:
    """Return the tenth of the answers, rounded up, that another person asks again."""
    return drawn(answered, seed, -(-len(answered) * BACK_CHECK_PERCENT // 100))


def placed(
    outcome: TracerOutcome,
    *,
    started_date: date | None,
    asked_date: date,
    income_units: int | None,
    threshold_units: int,
) -> bool:
    """Tell whether she counts as placed: paid work or an own business for a month or longer, at the
    income of the programme's threshold.
    """
    if started_date is None or income_units is None:
        return False
    return is_placed(
        paid=outcome in PAID_WORK,
        started_date=started_date,
        seen_date=asked_date,
        income_units=income_units,
        threshold_units=threshold_units,
    )


def report(answers: Iterable[Answer]) -> Report:
    """Count a round."""
    rows = list(answers)
    told = [row for row in rows if row.outcome is not None]
    again = [row for row in told if row.again is not None]
    return Report(
        asked=len(rows),
        answered=len(told),
        placed=sum(row.placed for row in told),
        rechecked=len(again),
        agreed=sum(row.again == row.outcome for row in again),
    )
