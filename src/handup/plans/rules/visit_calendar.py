"""When a business is visited after its loan was paid out, and which visits are made again by
somebody else (plans.md 4.9).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from uuid import UUID

from handup.kernel.dates import add_months
from handup.plans.rules.states import VisitKind

BACK_CHECK_PERCENT = 5


@dataclass(frozen=True, slots=True)
class Intervals:
    """How many days after the loan its use is looked at, how many months coaching is monthly, after
    how many months it comes again from then on, and for how many months in all. Unverified: an
    installation sets its own (setting plans.visit_calendar).
    """

    loan_use_days: int = 14
    monthly: int = 6
    then_every: int = 3
    months: int = 12


def days_after_loan(paid_out: date, by: Intervals) -> list[tuple[VisitKind, date]]:
    """The visits a loan calls for, in order: one on its use, coaching monthly, then less often."""
    months = list(range(1, min(by.monthly, by.months) + 1))
    months += range(by.monthly + by.then_every, by.months + 1, by.then_every)
    first = (VisitKind.LOAN_USE, paid_out + timedelta(days=by.loan_use_days))
    coaching = [(VisitKind.COACHING, add_months(paid_out, month)) for month in months]
    return sorted([first, *coaching], key=lambda one: one[1])


def drawn_again(visits: Iterable[UUID], seed: int) -> list[UUID]:
    """A twentieth of these visits, rounded up, by chance: the same ids and seed draw the same,
    in whatever order they come.
    """
    everybody = set(visits)
    count = -(-len(everybody) * BACK_CHECK_PERCENT // 100)
    by_chance = sorted(everybody, key=lambda one: sha256(f"{seed}:{one}".encode()).digest())
    return sorted(by_chance[:count])
