"""A loan that is asked for beside the plan it rests on: what fits, what to look at, what does not.

The plan's own cash, month by month, carries the instalments this product would really ask for, so
a seasonal or weekly schedule is judged by its own rows and not by those the plan was made with.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handup.plans.rules.figures import MonthFigures, VersionFigures


class Compared(StrEnum):
    """What of a loan is held against the plan."""

    AMOUNT = "AMOUNT"
    INSTALMENT = "INSTALMENT"
    CASH = "CASH"
    HORIZON = "HORIZON"


class Verdict(StrEnum):
    """What the comparison says."""

    FITS = "FITS"
    LOOK = "LOOK"
    AGAINST = "AGAINST"


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """One comparison: the plan's figure, the loan's, and the months of the plan it is about.

    AMOUNT: the loan of the plan, the amount asked. INSTALMENT: what she can carry a month, the
    dearest month. CASH: the lowest cash in the plan, the lowest with this loan; the months in the
    red. HORIZON: the plan's months, instalments due after them.
    """

    compared: Compared
    verdict: Verdict
    plan: int | None
    loan: int | None
    months: tuple[int, ...] = ()
    smallest_units: int | None = None


@dataclass(frozen=True, slots=True)
class LoanAsked:
    """The loan as this product would make it: amount, fees kept back, and (day, amount) due."""

    units: int
    withheld_units: int
    start: date
    due: tuple[tuple[date, int], ...]


def plan_checks(plan: VersionFigures, loan: LoanAsked) -> tuple[PlanCheck, ...]:
    """Hold a loan against its plan, in the order people read it."""
    return tuple(_checks(plan, loan))


def _checks(plan: VersionFigures, loan: LoanAsked) -> Iterator[PlanCheck]:
    due = due_by_month(plan, loan)
    cash = closings(plan.months, plan, loan, due)
    red = tuple(number for number, closing in cash.items() if closing < plan.buffer_units)
    yield _amount(plan, loan)
    yield _instalment(plan, due, fits=not red)
    lowest = min(cash.values(), default=None)
    verdict = Verdict.AGAINST if red else Verdict.FITS
    yield PlanCheck(Compared.CASH, verdict, plan.lowest_cash_units, lowest, red)
    beyond = [number for number in due if number > len(plan.months)]
    if beyond:
        yield PlanCheck(
            Compared.HORIZON, Verdict.LOOK, len(plan.months), len(beyond), tuple(beyond)
        )


def _amount(plan: VersionFigures, loan: LoanAsked) -> PlanCheck:
    asked, least = loan.units, plan.smallest_loan_units
    if not plan.loan_units:
        verdict = Verdict.LOOK
    elif asked == plan.loan_units:
        verdict = Verdict.FITS
    elif asked > plan.loan_units or (least is not None and asked < least):
        verdict = Verdict.AGAINST
    else:
        verdict = Verdict.LOOK
    return PlanCheck(Compared.AMOUNT, verdict, plan.loan_units, asked, smallest_units=least)


def _instalment(plan: VersionFigures, due: Mapping[int, int], *, fits: bool) -> PlanCheck:
    """The dearest month against what she can carry on an average one; a schedule that follows the
    seasons may ask more in a good month when the cash of that month carries it.
    """
    dearest = max(due.values(), default=0)
    uneven = _uneven(due)
    months = tuple(number for number, units in due.items() if units == dearest and uneven)[:1]
    able = plan.max_instalment_units
    if able is None:
        poor = plan.net_cash_units is not None and plan.net_cash_units <= 0
        verdict = Verdict.AGAINST if poor else Verdict.LOOK
    elif dearest <= able:
        verdict = Verdict.FITS
    else:
        verdict = Verdict.LOOK if fits and uneven else Verdict.AGAINST
    return PlanCheck(Compared.INSTALMENT, verdict, able, dearest, months)


def _uneven(due: Mapping[int, int]) -> bool:
    """Whether the dearest month asks more than twice what the cheapest that asks anything does."""
    amounts = [units for units in due.values() if units]
    return bool(amounts) and max(amounts) > 2 * min(amounts)


def due_by_month(plan: VersionFigures, loan: LoanAsked) -> dict[int, int]:
    """What falls due in each month of the plan, months after its last one included.

    Month 1 of the loan is the month that follows the day it is paid out; it is month 1 of the plan
    when the money comes by the end of that month, later by as many months as it comes later.
    """
    first = loan.start.year * 12 + loan.start.month
    shift = max(0, first - (plan.start_month.year * 12 + plan.start_month.month))
    found: dict[int, int] = {}
    for day, units in loan.due:
        number = shift + _month_of(loan.start, day)
        found[number] = found.get(number, 0) + units
    return found


HOLIDAYS = 5
"""Days by which a holiday may move an instalment without moving it into the next month."""


def _month_of(start: date, day: date) -> int:
    """1 for a day up to a month after the start, 2 up to two months, in months of 30.4375 days."""
    return max(1, -(-(((day - start).days - HOLIDAYS) * 16) // 487))


def closings(
    months: Sequence[MonthFigures], plan: VersionFigures, loan: LoanAsked, due: Mapping[int, int]
) -> dict[int, int]:
    """The cash at the end of each month of the plan, with this loan in place of the plan's own."""
    in_hand = loan.units - loan.withheld_units
    moved = in_hand - ((plan.loan_units or 0) - plan.withheld_units)
    found: dict[int, int] = {}
    for month in months:
        moved += month.instalment_units - due.get(month.number, 0)
        found[month.number] = month.closing_units + moved
    return found
