"""What is printed before anyone signs a loan: rows, what is kept back, rates and cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from handup.kernel.credit.apr import AprMethod, AprUnit, Flow, NoRate, UnitPeriod, apr
from handup.kernel.credit.codes import (
    DayCount,
    DueUnit,
    Recalculation,
    Repayment,
    Residue,
    Smoothing,
)
from handup.kernel.credit.codes import Method as TermsMethod
from handup.kernel.credit.schedule import Disbursement
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.lending.rules.loan import PlannedRow
from handup.lending.rules.schedules import NO_DAYS, Days, Planned, planned

UNITS = {
    DueUnit.DAY: AprUnit.DAY,
    DueUnit.WEEK: AprUnit.WEEK,
    DueUnit.MONTH: AprUnit.MONTH,
    DueUnit.MEETING: AprUnit.WEEK,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What is printed before anyone signs: the rows, what is kept back or added, rates and cost."""

    terms: Terms
    units: int
    start: date
    plan: Planned
    apr_ppm: int | None
    flat_apr_ppm: int | None

    @property
    def rows(self) -> tuple[PlannedRow, ...]:
        """The schedule."""
        return self.plan.rows

    @property
    def withheld_units(self) -> int:
        """What is kept back when the loan is paid out."""
        return self.plan.taken.withheld_units

    @property
    def total_payable_units(self) -> int:
        """Everything the borrower pays."""
        return sum(row.principal + row.interest + row.fee for row in self.rows)

    @property
    def total_cost_units(self) -> int:
        """What the loan costs: all that is paid less what was handed over."""
        later = sum(part.units for part in self.plan.later)
        return self.total_payable_units - self.plan.handed_units - later

    @property
    def us_apr_ppm(self) -> int | None:
        """The yearly rate as Regulation Z has it; None of a loan in parts."""
        if self.plan.later:
            return None
        return rate_ppm(
            self.terms, self.plan.handed_units, self.start, self.rows, AprMethod.US_ACTUARIAL
        )


class Asked(NamedTuple):
    """The loan an offer is made for: its terms, its amount, the day it would be paid out, the days
    without business, and the parts of the amount handed over later.
    """

    terms: Terms
    units: int
    start: date
    closed: Days = NO_DAYS
    later: tuple[Disbursement, ...] = ()


def offer_of(asked: Asked) -> Offer:
    """Work out schedule, cost and yearly rates, declining and flat side by side (EU 2008/48
    Annex I).
    """
    terms, units, start, closed, later = asked
    plan = planned(terms, units - sum(part.units for part in later), start, closed, later)
    return Offer(
        terms,
        units,
        start,
        plan,
        rate_ppm(terms, plan.handed_units, start, plan.rows, later=later),
        None if later else _other_method(terms, units, start, closed),
    )


def _other_method(terms: Terms, units: int, start: date, closed: Days) -> int | None:
    """The yearly rate were the same nominal rate charged flat; None for a loan that is flat,
    or free, or whose convention has no flat twin.
    """
    if terms.method is TermsMethod.FLAT or not terms.rate_ppm:
        return None
    try:
        plan = planned(_flat(terms), units, start, closed)
    except Refusal:
        return None
    return rate_ppm(terms, plan.handed_units, start, plan.rows)


def _flat(terms: Terms) -> Terms:
    """The same loan with interest on the whole of it."""
    whole = DayCount.WEEKS_52 if terms.unit is DueUnit.WEEK else DayCount.MONTHS_12
    count = whole if terms.unit in (DueUnit.WEEK, DueUnit.MONTH) else terms.day_count
    fixed = terms.repayment is Repayment.FIXED_INSTALMENT
    return replace(
        terms,
        method=TermsMethod.FLAT,
        day_count=count,
        smoothing=Smoothing.NONE,
        recalculation=Recalculation.NONE,
        residue=Residue.LAST if terms.residue is Residue.OPEN_END else terms.residue,
        repayment=Repayment.EQUAL_INSTALMENTS if fixed else terms.repayment,
        fixed_units=0 if fixed else terms.fixed_units,
        tranches_max=1,
    )


def rate_ppm(
    terms: Terms,
    handed_units: int,
    start: date,
    rows: Sequence[PlannedRow],
    method: AprMethod = AprMethod.EU_2008_48,
    later: Sequence[Disbursement] = (),
) -> int | None:
    """The yearly percentage rate in parts per million, four decimals of a percent; None when
    there is none. What is paid on the first day lowers what was handed over.
    """
    handed = handed_units - sum(_due(row) for row in rows if row.due_date == start)
    flows = [Flow(start, -handed), *(Flow(part.date, -part.units) for part in later)]
    flows += [Flow(row.due_date, _due(row)) for row in rows if row.due_date > start and _due(row)]
    try:
        found = apr(method, flows, UnitPeriod(UNITS[terms.unit], terms.every), decimals=4)
    except NoRate:
        return None
    return int(found.percent * Decimal(10_000))


def _due(row: PlannedRow) -> int:
    return row.principal + row.interest + row.fee
