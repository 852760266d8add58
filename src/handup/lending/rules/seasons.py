"""What is agreed with one borrower by her seasons: her own due dates, and how much of the loan
falls due on each. Pure.
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

from handup.kernel.credit.codes import DayCount, DueUnit, Repayment
from handup.kernel.credit.dates import WrongNumberOfDates
from handup.kernel.credit.terms import BadTerms, Terms
from handup.kernel.errors import Refusal
from handup.kernel.money import WHOLE_BPS, split

_EQUAL_PERIODS = (
    DayCount.MONTHS_12,
    DayCount.WEEKS_52,
    DayCount.WEEKS_7_365,
    DayCount.WEEKS_7_360,
)


class MeetingsNotTold(Refusal):
    """This loan is due at the group's meetings. Write the days of the next {count} meetings."""


def takes_own_days(terms: Terms) -> bool:
    """True when a loan under these terms may be due on days agreed one by one."""
    return (
        terms.day_count not in _EQUAL_PERIODS
        and terms.repayment is not Repayment.FIXED_INSTALMENT
        and terms.total_rounding is None
    )


def check_agreed(terms: Terms, product: Terms) -> None:
    """Refuse what was agreed for one loan where the product's way of counting cannot hold it, and a
    loan due at meetings whose days nobody wrote.

    Raises MeetingsNotTold, BadTerms, WrongNumberOfDates.
    """
    if terms.unit is DueUnit.MEETING and not terms.due_dates:
        raise MeetingsNotTold(field="due_dates", count=terms.instalments)
    if terms.due_dates:
        if not takes_own_days(terms):
            reason = "days agreed one by one need interest counted by days"
            raise BadTerms(field="due_dates", reason=reason)
        if len(terms.due_dates) != terms.instalments:
            raise WrongNumberOfDates(
                field="due_dates", given=len(terms.due_dates), needed=terms.instalments
            )
    if terms.shares_bps and product.repayment is not Repayment.PRINCIPAL_SHARES:
        raise BadTerms(field="shares_bps", reason="this product is not repaid in shares")


def shares_by_season(
    available: Sequence[int], first_month: date, start: date, due_dates: Sequence[date]
) -> tuple[int, ...]:
    """Shares of a loan by what a plan leaves for instalments: each due date takes the part of the
    months since the one before, in parts of 10 000.

    `available` holds one amount a month from the first month on; a later year repeats it. Where the
    plan leaves nothing at all, the shares are equal.
    """
    weights = []
    for before, day in pairwise((start, *due_dates)):
        months = range(_number(before) + 1, _number(day) + 1)
        left = [available[(month - _number(first_month)) % len(available)] for month in months]
        weights.append(max(sum(left), 0))
    if not any(weights):
        weights = [1] * len(due_dates)
    return split(WHOLE_BPS, weights).parts


def _number(day: date) -> int:
    """Months since the beginning of the calendar."""
    return day.year * 12 + day.month
