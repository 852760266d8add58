"""What is agreed when a schedule is changed, and the days, principals and interest it leads to.

The steps are taken in this order: shift, principal grace, extra instalments, new rate. `moving.py`
takes them on the rows of a running loan; down payments and the rows before the first changed one
stay as they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from handup.kernel.credit import amortise
from handup.kernel.credit.codes import DueUnit, Repayment
from handup.kernel.credit.dates import period_rates, stretched_rates
from handup.kernel.credit.schedule import with_interest
from handup.kernel.credit.terms import Terms
from handup.kernel.credit.tranches import resting
from handup.kernel.dates import PeriodUnit, add_periods
from handup.kernel.errors import Refusal
from handup.kernel.money import RoundingMode, round_ratio, round_to


class NothingToReschedule(Refusal):
    """No instalment is due on or after {date}."""


class EarlierThanDue(Refusal):
    """{shift_to} lies before {due}, the day the first changed instalment is due now."""


class PastNextDue(Refusal):
    """{shift_to} lies after {due}, the day the next instalment is due, which stays."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was agreed; `new_rate_ppm` is a rate a year. `alone`: only the first row moves to
    `shift_to`, and those after it keep their days.
    """

    from_date: date
    shift_to: date | None = None
    principal_grace: int = 0
    extra_instalments: int = 0
    new_rate_ppm: int | None = None
    alone: bool = False


def moved_dates(terms: Terms, due_dates: Sequence[date], request: Request) -> list[date]:
    """The due dates of the changed rows, and of those added. Raises EarlierThanDue."""
    dates = list(due_dates)
    start = request.shift_to or dates[0]
    if start < dates[0]:
        raise EarlierThanDue(shift_to=start.isoformat(), due=dates[0].isoformat())
    unit = period_unit(terms)
    if request.shift_to is not None:
        dates = [add_periods(start, step, terms.every, unit) for step in range(len(dates))]
    added = request.principal_grace + request.extra_instalments
    count = len(dates)
    return dates + [
        add_periods(start, step, terms.every, unit) for step in range(count, count + added)
    ]


def moved_principals(terms: Terms, changed: Sequence[int], request: Request) -> list[int]:
    """The principals of the changed rows and of those added."""
    principals = [0] * request.principal_grace + list(changed)
    if not request.extra_instalments:
        return principals
    number = len(changed) + request.extra_instalments
    total, unit = sum(principals), terms.principal_rounding.unit
    part = round_to(Fraction(total, number), unit, RoundingMode.HALF_EVEN)
    last = total - part * (number - 1)
    return [0] * request.principal_grace + [part] * (number - 1) + [last]


def flat_interest(terms: Terms, principal: int) -> int:
    """Interest of one whole period on the first principal."""
    in_year = 52 if terms.unit is DueUnit.WEEK else 12
    even = replace(terms.interest_rounding, mode=RoundingMode.HALF_EVEN)
    return round_ratio(principal * terms.rate_ppm * terms.every, in_year * terms.rate_whole, even)


def period_unit(terms: Terms) -> PeriodUnit:
    """What whole periods are counted in; a group that meets is supposed to meet every week."""
    return PeriodUnit.WEEK if terms.unit is DueUnit.MEETING else PeriodUnit(terms.unit.value)


def fixed_on(
    terms: Terms,
    begin: date,
    dates: Sequence[date],
    principals: Sequence[int],
    periods: Sequence[int] = (),
) -> tuple[list[int], list[int]]:
    """Principals and interest of what is left on these days: equal instalments fixed again, other
    plans keep their principals. `periods`: how many whole periods each row runs.
    """
    rates = stretched_rates(terms, period_rates(terms, (begin, *dates)), periods)
    balance = sum(principals)
    given: list[int | None] = [None] * len(dates)
    parts: list[amortise.Part] = []
    if terms.repayment is Repayment.EQUAL_INSTALMENTS:
        grace = resting(principals)
        parts = with_interest(terms, balance, [0] * grace, rates)
        chosen = amortise.annuity_rates(terms, rates, rates, grace)
        parts += amortise.equal_instalments(terms, balance, rates, grace, given, chosen)
    else:
        parts = with_interest(terms, balance, principals, rates)
    return [principal for principal, _ in parts], [interest for _, interest in parts]
