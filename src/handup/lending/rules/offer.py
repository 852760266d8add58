"""What is printed before anyone signs a loan: rows, what is kept back, rates and cost."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from handup.kernel.credit.apr import AprMethod, AprUnit, Flow, NoRate, UnitPeriod, apr
from handup.kernel.credit.codes import DayCount, DueUnit
from handup.kernel.credit.codes import Method as TermsMethod
from handup.kernel.credit.terms import Terms
from handup.lending.rules.loan import PlannedRow
from handup.lending.rules.schedules import planned_rows
from handup.lending.rules.terms import withheld

UNITS = {
    DueUnit.DAY: AprUnit.DAY,
    DueUnit.WEEK: AprUnit.WEEK,
    DueUnit.MONTH: AprUnit.MONTH,
    DueUnit.MEETING: AprUnit.WEEK,
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What is printed before anyone signs: the rows, what is kept back, rates and cost."""

    terms: Terms
    units: int
    rows: tuple[PlannedRow, ...]
    withheld_units: int
    apr_ppm: int | None
    flat_apr_ppm: int | None

    @property
    def total_payable_units(self) -> int:
        """Everything the borrower pays."""
        return sum(row.principal + row.interest + row.fee for row in self.rows)

    @property
    def total_cost_units(self) -> int:
        """What the loan costs: all that is paid less what was handed over."""
        return self.total_payable_units - (self.units - self.withheld_units)


class Asked(NamedTuple):
    """The loan an offer is made for: its terms, its amount, and the day it would be paid out."""

    terms: Terms
    units: int
    start: date


def offer_of(asked: Asked) -> Offer:
    """Work out schedule, cost and yearly rates, declining and flat side by side (EU 2008/48
    Annex I).
    """
    terms, units, start = asked
    rows = planned_rows(terms, units, start)
    kept = sum(amount for _fee, amount in withheld(terms, units))
    return Offer(
        terms,
        units,
        rows,
        kept,
        rate_ppm(terms, units - kept, start, rows),
        _other_method(terms, units, kept, start),
    )


def _other_method(terms: Terms, units: int, kept: int, start: date) -> int | None:
    """The yearly rate were the same nominal rate charged flat; None for a loan that is flat,
    or free.
    """
    if terms.method is TermsMethod.FLAT or not terms.rate_ppm:
        return None
    whole = DayCount.WEEKS_52 if terms.unit is DueUnit.WEEK else DayCount.MONTHS_12
    count = whole if terms.unit in (DueUnit.WEEK, DueUnit.MONTH) else terms.day_count
    flat = replace(terms, method=TermsMethod.FLAT, day_count=count)
    return rate_ppm(terms, units - kept, start, planned_rows(flat, units, start))


def rate_ppm(
    terms: Terms, handed_units: int, start: date, rows: Sequence[PlannedRow]
) -> int | None:
    """The yearly percentage rate in parts per million, four decimals of a percent; None when
    there is none.
    """
    flows = [Flow(start, -handed_units)]
    flows += [Flow(row.due_date, row.principal + row.interest + row.fee) for row in rows]
    try:
        found = apr(
            AprMethod.EU_2008_48, flows, UnitPeriod(UNITS[terms.unit], terms.every), decimals=4
        )
    except NoRate:
        return None
    return int(found.percent * Decimal(10_000))
