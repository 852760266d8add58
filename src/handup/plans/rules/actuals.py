"""What happened against what was planned. A month nobody told of is unknown, never zero."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.money import percent

LOW_SALES_PERCENT = 80
TOLD_PROFIT_PERCENT = 10


class MonthTold(NamedTuple):
    """One month as told at a visit, smallest units; None where nobody knows."""

    sales: int | None = None
    materials: int | None = None
    wages: int | None = None
    rent: int | None = None
    transport: int | None = None
    tax: int | None = None
    other: int | None = None
    profit_told: int | None = None
    cash: int | None = None
    stock: int | None = None
    drawings: int | None = None

    @property
    def profit(self) -> int | None:
        """Sales less the costs; None as soon as one of them is unknown."""
        costs = (self.materials, self.wages, self.rent, self.transport, self.tax, self.other)
        known = [cost for cost in costs if cost is not None]
        if self.sales is None or len(known) < len(costs):
            return None
        return self.sales - sum(known)

    @property
    def told_differs(self) -> bool:
        """True when the profit told is more than 10 % off the one worked out."""
        if self.profit is None or self.profit_told is None:
            return False
        gap = abs(self.profit_told - self.profit) * 100
        return gap > TOLD_PROFIT_PERCENT * abs(self.profit)


class Variance(NamedTuple):
    """Actual less plan, and that in percent of the plan (None when the plan is 0)."""

    units: int
    percent: Fraction | None


def variance(actual: int, planned: int) -> Variance:
    """How far the actual is from the plan."""
    return Variance(actual - planned, percent(actual - planned, abs(planned)))


def months_to_worry(
    told: Mapping[int, MonthTold], planned_sales: Sequence[int], buffer_units: int
) -> tuple[int, ...]:
    """Month numbers that call for a visit.

    The second of two known months in a row with sales under 80 % of the plan, or a month with cash
    below the buffer. `planned_sales[0]` is month 1.
    """
    worries: list[int] = []
    low_before = False
    for month in sorted(told):
        told_month = told[month]
        if told_month.cash is not None and told_month.cash < buffer_units:
            worries.append(month)
        if told_month.sales is None or not 1 <= month <= len(planned_sales):
            continue
        low = told_month.sales * 100 < planned_sales[month - 1] * LOW_SALES_PERCENT
        if low and low_before and month not in worries:
            worries.append(month)
        low_before = low
    return tuple(worries)
