"""Break-even, present value, internal rate, payback, and cross-checks of what was claimed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from handup.kernel.credit.apr import NoRate, rate_per_period
from handup.kernel.errors import Refusal
from handup.kernel.money import RoundingMode, percent, round_to


class NoSales(Refusal):
    """Nothing is sold, so there is no break-even."""


class NoContribution(Refusal):
    """What is sold does not even cover its own costs: it never breaks even."""


class NoPurchases(Refusal):
    """Nothing was bought, so the sales cannot be checked against purchases."""


class LossOf100Percent(Refusal):
    """{actor} loses all the goods."""

    code = "LOSS_100_PERCENT"


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Break-even in money (rounded up) and pieces; percentages exact."""

    contribution_percent: Fraction
    sales: int
    units: int | None
    margin_of_safety_percent: Fraction
    reached: bool


def break_even(
    sales: int,
    variable_costs: int,
    fixed_costs: int,
    price: int | None = None,
    variable_per_unit: int | None = None,
) -> BreakEven:
    """Where sales cover all costs of a period. Raises NoSales, NoContribution.

    Add drawings and debt service to the fixed costs for the cash break-even.
    """
    if sales == 0:
        raise NoSales()
    per_unit = None if price is None else price - (variable_per_unit or 0)
    if variable_costs >= sales or (per_unit is not None and per_unit <= 0):
        raise NoContribution()
    contribution = Fraction(sales - variable_costs, sales)
    exact = fixed_costs / contribution
    up = RoundingMode.CEILING
    return BreakEven(
        contribution_percent=contribution * 100,
        sales=round_to(exact, 1, up),
        units=None if per_unit is None else round_to(Fraction(fixed_costs, per_unit), 1, up),
        margin_of_safety_percent=(sales - exact) / sales * 100,
        reached=sales >= exact,
    )


@dataclass(frozen=True, slots=True)
class Worth:
    """What an investment is worth; None where it is not defined."""

    npv: int
    irr_percent: Decimal | None
    payback_periods: Fraction | None


def worth(flows: Sequence[int], rate_percent: Fraction) -> Worth:
    """Net present value, internal rate a period and payback of flows, the first one today.

    The rate is defined only when the flows that are not zero change sign exactly once.
    """
    growth = 1 + rate_percent / 100
    npv = round_to(sum((flow / growth**time for time, flow in enumerate(flows)), Fraction(0)))
    irr = _rate_percent(flows) if sign_changes(flows) == 1 else None
    return Worth(npv, irr, payback(flows))


def _rate_percent(flows: Sequence[int]) -> Decimal:
    """The one rate of flows that change sign once, in percent to four decimals, a half away from
    zero. Decided by whole numbers alone: the sign of the present value between two neighbouring
    figures; the credit engine says where to look.
    """
    gains_first = next(flow for flow in flows if flow) > 0
    whole = 2 * RATE_STEPS

    def is_above_root(step: int) -> bool:
        growth, value, scale = whole + 2 * step + 1, 0, 1
        for flow in flows:
            value = value * growth + flow * scale
            scale *= whole
        if value == 0:  # the rate ends in just this half
            return step < 0
        return value > 0 if gains_first else value < 0

    try:
        near = int((rate_per_period(flows) * RATE_STEPS).to_integral_value(ROUND_HALF_UP))
    except NoRate:  # nearly all is lost, or won: further off than rates of loans are looked for
        return _searched(is_above_root)
    if is_above_root(near) and not is_above_root(near - 1):
        return Decimal(near * 100) / RATE_STEPS
    return _searched(is_above_root)


def _searched(is_above_root: Callable[[int], bool]) -> Decimal:
    """The same by halves, from one figure to its double."""
    low, high = -RATE_STEPS - 1, RATE_STEPS
    while not is_above_root(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if is_above_root(middle) else (middle, high)
    return Decimal(high * 100) / RATE_STEPS


RATE_STEPS = 1_000_000
"""Steps of a rate that is told in percent with four decimals."""


def sign_changes(flows: Sequence[int]) -> int:
    """How often the flows that are not zero change sign."""
    signs = [flow > 0 for flow in flows if flow]
    return sum(before != after for before, after in pairwise(signs))


def payback(flows: Sequence[int]) -> Fraction | None:
    """Periods until the running sum reaches zero, interpolated; None if it never does."""
    total = 0
    for time, flow in enumerate(flows):
        if total + flow >= 0:
            return Fraction(time) if time == 0 else time - 1 + Fraction(-total, flow)
        total += flow
    return None


class RangeFlag(StrEnum):
    """Where a claimed figure lies beside what is usual in the area."""

    IN_RANGE = "IN_RANGE"
    ABOVE_RANGE = "ABOVE_RANGE"
    BELOW_RANGE = "BELOW_RANGE"


@dataclass(frozen=True, slots=True)
class PriceCheck:
    """Mark-up and margin in percent (margin None without sales), and the sales to reckon with."""

    markup_percent: Fraction
    margin_percent: Fraction | None
    flag: RangeFlag
    sales_accepted: int


def price_check(
    sales: int,
    purchases: int,
    area_percent_from: Fraction,
    area_percent_to: Fraction,
    used_percent: Fraction,
) -> PriceCheck:
    """Claimed sales against purchases; above the usual range they are cut. Raises NoPurchases."""
    if purchases == 0:
        raise NoPurchases()
    markup = Fraction(sales - purchases, purchases) * 100
    margin = percent(sales - purchases, sales)
    if markup > area_percent_to:
        accepted = round_to(purchases * (1 + used_percent / 100))
        return PriceCheck(markup, margin, RangeFlag.ABOVE_RANGE, accepted)
    flag = RangeFlag.BELOW_RANGE if markup < area_percent_from else RangeFlag.IN_RANGE
    return PriceCheck(markup, margin, flag, sales)


class Actor(NamedTuple):
    """One link of a value chain: money a unit, loss in percent of the goods."""

    name: str
    price: Fraction
    own_cost: Fraction
    loss_percent: Fraction


class ActorMargin(NamedTuple):
    """What a link of the chain earns; percentages exact, None where the price is zero."""

    name: str
    buying_cost: Fraction
    net_margin: Fraction
    net_margin_percent: Fraction | None
    marketing_margin: Fraction
    share_of_final_percent: Fraction | None


def chain_margins(actors: Sequence[Actor]) -> tuple[ActorMargin, ...]:
    """Margins along a value chain in the order of the goods. Raises LossOf100Percent."""
    margins: list[ActorMargin] = []
    before = Fraction(0)
    for actor in actors:
        if actor.loss_percent >= 100:
            raise LossOf100Percent(actor=actor.name)
        buying = before / (1 - actor.loss_percent / 100)
        net = actor.price - buying - actor.own_cost
        marketing = actor.price - before
        margins.append(
            ActorMargin(
                actor.name,
                buying,
                net,
                percent(net, actor.price),
                marketing,
                percent(marketing, actors[-1].price),
            )
        )
        before = actor.price
    return tuple(margins)
