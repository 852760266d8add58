"""What lender and borrower agree when a running loan is changed, built from what a person enters.

Each builder takes plain answers and gives the value the fold applies; it refuses an answer beside
the question it belongs to.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from handup.kernel.credit.changes import Moratorium, Restructuring, Scope, Treatment, owed_on
from handup.kernel.credit.codes import DayCount, DueUnit, FeeWhen, Method, RatePer, Repayment
from handup.kernel.credit.dates import DuePlan, custom_due_dates, plan_due_dates
from handup.kernel.credit.rescheduling import Request, period_unit
from handup.kernel.credit.terms import MILLION, MOST_INSTALMENTS, BadTerms, Terms
from handup.kernel.dates import add_periods
from handup.kernel.errors import Fault, Faults, Refusal
from handup.lending.rules.loan import PRINCIPAL, State
from handup.lending.rules.terms import check_offered

MOST_GRACE = 60
MOST_EXTRA = 120
PLANS = (Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL, Repayment.BULLET)
"""How a loan on new terms may be repaid: plans that need no figures of their own."""


class NothingAsked(Refusal):
    """Nothing would change. Give a new day, waiting instalments, more instalments or a rate."""


class MovesAlone(Refusal):
    """An instalment that moves alone needs its new day, and nothing else changes with it."""


class OutsideRange(Refusal):
    """{value} is not between {low} and {high}."""


class EndsBeforeItBegins(Refusal):
    """The last day, {until}, is before the first, {begins}."""


class FirstDueTooEarly(Refusal):
    """The first instalment would be due on {due}, which is not after {day}, the day of the
    change.
    """


def _within(field: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise OutsideRange(field=field, value=value, low=low, high=high)


def reschedule_request(
    *,
    from_date: date,
    shift_to: date | None = None,
    principal_grace: int = 0,
    extra_instalments: int = 0,
    rate_ppm: int | None = None,
    alone: bool = False,
) -> Request:
    """Instalments from a day on, moved, given grace, made more, or at a new rate a year; or one
    moved alone.

    Raises NothingAsked, OutsideRange, MovesAlone.
    """
    _within("principal_grace", principal_grace, 0, MOST_GRACE)
    _within("extra_instalments", extra_instalments, 0, MOST_EXTRA)
    if rate_ppm is not None:
        _within("rate_ppm", rate_ppm, 0, 10 * MILLION)
    if alone and (shift_to is None or principal_grace or extra_instalments or rate_ppm is not None):
        raise MovesAlone(field="alone")
    if shift_to is None and not principal_grace and not extra_instalments and rate_ppm is None:
        raise NothingAsked(field="shift_to")
    return Request(from_date, shift_to, principal_grace, extra_instalments, rate_ppm, alone)


def moratorium_of(
    *,
    day: date,
    begins: date,
    until: date,
    scope: Scope = Scope.ALL,
    interest_runs: bool = True,
    ageing_runs: bool = False,
) -> Moratorium:
    """No instalments between two days; `day` is when it is agreed. Raises EndsBeforeItBegins."""
    if until < begins:
        raise EndsBeforeItBegins(field="until", until=until, begins=begins)
    later = begins if begins > day else None
    return Moratorium(until, scope, interest_runs, ageing_runs, later)


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What of the terms is agreed anew; None leaves it as it is. Rates in ppm a year."""

    instalments: int
    rate_ppm: int | None = None
    every: int | None = None
    unit: DueUnit | None = None
    method: Method | None = None
    repayment: Repayment | None = None
    grace_principal: int = 0
    first_due: date | None = None


def restructuring_of(
    state: State,
    day: date,
    new: NewTerms,
    *,
    interest: Treatment = Treatment.CAPITALISE,
    fee: Treatment = Treatment.CARRY,
    penalty: Treatment = Treatment.WAIVE,
    closed: Collection[date] = frozenset(),
) -> Restructuring:
    """New terms for what a loan owes on a day, checked as a whole for the principal it would have;
    `closed` holds the days without business.

    Raises OutsideRange, FirstDueTooEarly, Faults, TermsNotOffered.
    """
    _within("instalments", new.instalments, 1, MOST_INSTALMENTS)
    _within("grace_principal", new.grace_principal, 0, new.instalments - 1)
    if new.rate_ppm is not None:
        _within("rate_ppm", new.rate_ppm, 0, 10 * MILLION)
    owed = owed_on(state.live, day)
    treated = zip(owed, (penalty, fee, interest), strict=False)
    capital = sum(units for units, what in treated if what is Treatment.CAPITALISE)
    terms = _anew(state.terms, new, owed[PRINCIPAL] + capital)
    try:
        check_offered(terms)
    except Faults as faults:
        raise Faults(_beside(faults)) from faults
    plan = _plan(terms, day, new.first_due, closed)
    return Restructuring(terms, plan, interest, fee, penalty)


_ONCE = (FeeWhen.DISBURSEMENT, FeeWhen.DUE_DATE)
"""Fees that are asked once, counted from the day the loan was paid out."""


def _anew(terms: Terms, new: NewTerms, principal: int) -> Terms:
    """The terms in force with what is agreed anew; fees asked once are not asked again."""
    unit = new.unit or terms.unit
    keeps = terms.repayment if terms.repayment in PLANS else Repayment.EQUAL_INSTALMENTS
    rate: dict[str, Any] = (
        {}
        if new.rate_ppm is None
        else {"rate_ppm": new.rate_ppm, "rate_parts": 1, "rate_per": RatePer.YEAR}
    )
    try:
        return replace(
            terms,
            **rate,
            principal_min_units=principal,
            principal_max_units=principal,
            principal_multiple_units=1,
            cycle_limits=(),
            instalments=new.instalments,
            every=new.every or terms.every,
            unit=unit,
            day_count=_day_count(terms, unit),
            method=new.method or terms.method,
            repayment=new.repayment or keeps,
            shares_bps=(),
            principal_ppm=0,
            fixed_units=0,
            grace_principal=new.grace_principal,
            grace_interest_payment=0,
            grace_interest_free=0,
            down_payment_ppm=0,
            tranches_max=1,
            due_dates=(),
            anchor_day=terms.anchor_day if unit is terms.unit else None,
            first_due_min_days=terms.first_due_min_days if unit is terms.unit else 0,
            fees=tuple(fee for fee in terms.fees if fee.when not in _ONCE),
        )
    except BadTerms as bad:
        fault = Fault(bad.code, str(bad), place=bad.field or "terms")
        raise Faults((fault,)) from bad


_BY_UNIT = {
    DayCount.MONTHS_12: DueUnit.MONTH,
    DayCount.WEEKS_52: DueUnit.WEEK,
    DayCount.WEEKS_7_365: DueUnit.WEEK,
    DayCount.WEEKS_7_360: DueUnit.WEEK,
}


def _day_count(terms: Terms, unit: DueUnit) -> DayCount:
    """A convention that counts by months or weeks goes with its unit."""
    by = _BY_UNIT.get(terms.day_count)
    if by in (None, unit):
        return terms.day_count
    return {DueUnit.MONTH: DayCount.MONTHS_12, DueUnit.WEEK: DayCount.WEEKS_52}.get(
        unit, DayCount.DAYS_365
    )


def _plan(
    terms: Terms, day: date, first_due: date | None, closed: Collection[date]
) -> DuePlan | None:
    """The due dates where the first was agreed or days are closed; None leaves it to the terms."""
    if first_due is None:
        return plan_due_dates(terms, day, closed=closed) if closed else None
    if first_due <= day:
        raise FirstDueTooEarly(field="first_due", due=first_due, day=day)
    unit = period_unit(terms)
    dates = [add_periods(first_due, step, terms.every, unit) for step in range(terms.instalments)]
    return custom_due_dates(terms, day, dates, closed=closed)


ENTERED = ("instalments", "rate_ppm", "every", "unit", "method", "repayment", "grace_principal")


def _beside(faults: Faults) -> tuple[Fault, ...]:
    """Faults of the terms beside the answers they come from, others at the top."""
    return tuple(
        replace(fault, place=fault.place if fault.place in ENTERED else "terms")
        for fault in faults.faults
    )
