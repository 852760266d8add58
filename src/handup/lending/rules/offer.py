"""What is printed before anyone signs a loan: rows, what is kept back, rates and cost."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from handup.kernel.credit.apr import AprMethod, AprUnit, Flow, NoRate, UnitPeriod, apr
from handup.kernel.credit.codes import (
    DayCount,
    DueUnit,
    Recalculation,
    Repayment,
    Residue,
    RowKind,
    Smoothing,
)
from handup.kernel.credit.codes import Method as TermsMethod
from handup.kernel.credit.savings import before_loan, with_instalment
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

    @property
    def apr_with_savings_ppm(self) -> int | None:
        """The yearly rate when what must be saved counts as well; None where nothing must be, and
        where the savings leave her nothing to use.
        """
        plan = self.plan
        told = (self.terms, plan.handed_units, self.start, plan.rows)
        return rate_with_savings(*told, principal=self.units, later=plan.later)


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
    beside: Mapping[date, int] = MappingProxyType({}),
) -> int | None:
    """The yearly percentage rate in parts per million, four decimals of a percent; None when
    there is none. What is paid on the first day lowers what was handed over. `beside`: what else is
    paid (below zero: comes back), by day.
    """
    paid = Counter(beside)
    for row in rows:
        paid[max(row.due_date, start)] += _due(row)
    for part in later:
        paid[part.date] -= part.units
    paid[start] -= handed_units
    flows = [Flow(day, units) for day, units in sorted(paid.items()) if units]
    try:
        found = apr(method, flows, UnitPeriod(UNITS[terms.unit], terms.every), decimals=4)
    except NoRate:
        return None
    return int(found.percent * Decimal(10_000))


def rate_with_savings(
    terms: Terms,
    handed_units: int,
    start: date,
    rows: Sequence[PlannedRow],
    *,
    principal: int,
    later: Sequence[Disbursement] = (),
) -> int | None:
    """The yearly rate of a loan of that principal when what must be saved counts as well; None
    where nothing must be, and where the savings leave her nothing to use.
    """
    saved = saved_flows(terms, principal, rows, start)
    if not saved or saved[start] >= handed_units:
        return None
    return rate_ppm(terms, handed_units, start, rows, later=later, beside=saved)


def asks_savings(terms: Terms) -> bool:
    """Whether anything must be saved beside the loan."""
    return bool(terms.savings_ppm or terms.savings_instalment_ppm or terms.savings_instalment_units)


def saved_flows(
    terms: Terms, principal: int, rows: Sequence[PlannedRow], start: date
) -> dict[date, int]:
    """Compulsory savings as the saver pays them, by day: before the loan, with each instalment, and
    all of it back when the last is paid. Nothing where none are asked.
    """
    each = with_instalment(terms, principal)
    found = Counter({start: before_loan(terms, principal)})
    for row in rows:
        if row.kind is RowKind.INSTALMENT and row.due_date > start:
            found[row.due_date] += each
    total = sum(found.values())
    if total and rows:
        found[max(row.due_date for row in rows)] -= total
    return dict(found) if total else {}


def _due(row: PlannedRow) -> int:
    return row.principal + row.interest + row.fee
