"""Annual percentage rates: the one place with irrational numbers.

The root is found in Decimal with 50 digits, by Newton's method from where floats have found it; a
rate is rounded once, half up. Times are exact fractions of a year, so growth a step solves a
polynomial.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation, localcontext
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import lcm
from typing import NamedTuple, TypeVar

from handup.kernel.dates import add_months, whole_months_between
from handup.kernel.errors import Refusal

_DIGITS = Context(prec=50)
_SURE = Context(prec=28)
"""The digits of a root that are certain: a rate that ends in a half is seen to, whichever side the
last of the fifty digits fell on, and is rounded away from zero as the rule says.
"""
_YEAR = 365
_HIGHEST = Decimal(10) ** 9
_NEAR = Decimal("1e-35")
_MOST_STEPS = 500
_NEAR_FLOAT = 1e-13
_BESIDE = Decimal("1e-6")
_NEAR_ENOUGH = Decimal("1e-18")
_MOST_POLISHING = 6
_Terms = Sequence[tuple[int, int, bool]]
_Number = TypeVar("_Number", float, Decimal)


class NoRate(Refusal):
    """There is no rate: money must go both ways."""


class AprMethod(StrEnum):
    """Whose rule: Regulation Z appendix J, the two European directives, a spreadsheet's XIRR."""

    US_ACTUARIAL = "US_ACTUARIAL"
    EU_2008_48 = "EU_2008_48"
    EU_1998_7 = "EU_1998_7"
    XIRR_365 = "XIRR_365"


class AprUnit(StrEnum):
    """The unit of the time between flows."""

    DAY = "DAY"
    WEEK = "WEEK"
    HALF_MONTH = "HALF_MONTH"
    MONTH = "MONTH"
    YEAR = "YEAR"


class UnitPeriod(NamedTuple):
    """The usual time between flows."""

    unit: AprUnit = AprUnit.MONTH
    every: int = 1


class Flow(NamedTuple):
    """Money on a day: negative = paid out to the borrower, positive = paid by the borrower."""

    date: date
    units: int


@dataclass(frozen=True, slots=True)
class Apr:
    """A rate in percent rounded to `decimals`, and the times of the flows (EU_2008_48 only)."""

    percent: Decimal
    years: tuple[Fraction, ...] | None = None

    @property
    def text(self) -> str:
        """The percentage as a decimal text."""
        return f"{self.percent:f}"


MONTHLY = UnitPeriod()


def apr(
    method: AprMethod,
    flows: Sequence[Flow],
    period: UnitPeriod | None = None,
    decimals: int = 2,
) -> Apr:
    """The annual percentage rate of dated flows. Raises NoRate.

    `period` is needed by US_ACTUARIAL and EU_2008_48 (a month when None).
    """
    if method is AprMethod.US_ACTUARIAL:
        return Apr(_rounded(_us_actuarial(flows, period or MONTHLY), decimals))
    start = min(flow.date for flow in flows) if flows else date.min
    times = [_years(method, start, flow.date, period or MONTHLY) for flow in flows]
    step = lcm(*(time.denominator for time in times))
    growth = growth_root(
        [
            (time.numerator * (step // time.denominator), flow.units)
            for time, flow in zip(times, flows, strict=True)
        ]
    )
    with localcontext(_DIGITS):
        rate = growth**step - 1
    years = tuple(times) if method is AprMethod.EU_2008_48 else None
    return Apr(_rounded(rate, decimals), years)


def rate_per_period(flows: Sequence[int]) -> Decimal:
    """The internal rate of equally spaced flows, as a fraction of 1 a period. Raises NoRate."""
    with localcontext(_DIGITS):
        rate = growth_root(list(enumerate(flows))) - 1
    return _SURE.plus(rate)


def _rounded(rate: Decimal, decimals: int) -> Decimal:
    with localcontext(_DIGITS):
        try:
            found = _SURE.plus(rate * 100).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
            return found + 0  # no minus before a rate of nothing
        except InvalidOperation as beyond:  # more digits than can be counted with
            raise NoRate() from beyond


@lru_cache(maxsize=8192)  # an offer asks twice, a committee's day for every loan of one calendar
def _years(method: AprMethod, start: date, day: date, period: UnitPeriod) -> Fraction:
    if method is AprMethod.XIRR_365:
        return Fraction((day - start).days, _YEAR)
    if method is AprMethod.EU_1998_7:
        whole = whole_months_between(start, day) // 12
        return whole + Fraction((day - add_months(start, 12 * whole)).days, _YEAR)
    whole_part, anchor = _counted_back(start, day, period.unit)
    days = (anchor - start).days
    if not days:
        return whole_part
    return whole_part + Fraction(days, (anchor - add_months(anchor, -12)).days)


def _counted_back(start: date, day: date, unit: AprUnit) -> tuple[Fraction, date]:
    """Whole units back from `day` that do not pass `start`, in years, and where they end."""
    if unit is AprUnit.WEEK:
        weeks = (day - start).days // 7
        return Fraction(weeks, 52), date.fromordinal(day.toordinal() - 7 * weeks)
    if unit is AprUnit.DAY:
        return Fraction(0), day
    months = _months_back(start, day)
    if unit is AprUnit.YEAR:
        months -= months % 12
    return Fraction(months, 12), add_months(day, -months)


def _months_back(start: date, day: date) -> int:
    """Whole months counted back from `day` as long as they do not pass `start`."""
    months = (day.year - start.year) * 12 + day.month - start.month
    return months if add_months(day, -months) >= start else months - 1


def _us_actuarial(flows: Sequence[Flow], period: UnitPeriod) -> Decimal:
    advances = [flow for flow in flows if flow.units < 0]
    payments = sorted(flow for flow in flows if flow.units > 0)
    if len(advances) != 1 or not payments:
        raise NoRate()
    first = payments[0].date
    whole, fraction = _unit_periods(advances[0].date, first, period)
    terms = [(0, advances[0].units, False)] + [
        (whole + _whole_periods(first, payment.date, period), payment.units, True)
        for payment in payments
    ]
    per_period = _root_with_fraction(terms, fraction)
    yearly = {
        AprUnit.MONTH: Fraction(12, period.every),
        AprUnit.HALF_MONTH: Fraction(24),
        AprUnit.WEEK: Fraction(52, period.every),
        AprUnit.DAY: Fraction(_YEAR),
        AprUnit.YEAR: Fraction(1, period.every),
    }[period.unit]
    with localcontext(_DIGITS):
        return per_period * yearly.numerator / yearly.denominator


def _unit_periods(start: date, first: date, period: UnitPeriod) -> tuple[int, Fraction]:
    """Whole unit-periods and the odd fraction from the advance to the first payment."""
    unit, every = period
    if unit is AprUnit.DAY:  # of which a year has 365, however many lie between two payments
        return (first - start).days, Fraction(0)
    if unit is AprUnit.WEEK:
        whole, days = divmod((first - start).days, 7 * every)
        return whole, Fraction(days, 7 * every)
    months = _months_back(start, first)
    days = (add_months(first, -months) - start).days
    if unit is AprUnit.HALF_MONTH:
        return 2 * months + days // 15, Fraction(days % 15, 15)
    if unit is AprUnit.YEAR or every == 12:
        length = 12 * every if unit is AprUnit.YEAR else 12
        whole, months = divmod(months, length)
        return whole, (Fraction(months, 12) + Fraction(days, _YEAR)) * 12 / length
    whole, months = divmod(months, every)
    return whole, Fraction(30 * months + days, 30 * every)


def _whole_periods(first: date, day: date, period: UnitPeriod) -> int:
    """Unit-periods from the first payment to another: the nearest whole number, as a day off moves
    a payment by some days.
    """
    unit, every = period
    days = (day - first).days
    if unit is AprUnit.DAY:
        return days
    if unit is AprUnit.WEEK:
        return (2 * days + 7 * every) // (14 * every)
    months = whole_months_between(first, day)
    if unit is AprUnit.HALF_MONTH:
        spare = (day - add_months(first, months)).days
        return 2 * months + (spare + 7) // 15
    length = 12 * every if unit is AprUnit.YEAR else every
    whole = months // length
    begin, end = (add_months(first, length * count) for count in (whole, whole + 1))
    return whole + (2 * (day - begin).days > (end - begin).days)


def growth_root(terms: Sequence[tuple[int, int]]) -> Decimal:
    """Growth v a step so that Σ units · v^(−steps) = 0, for (steps, units). Raises NoRate."""
    plain = [(steps, units, False) for steps, units in terms]
    with localcontext(_DIGITS):
        return _root_with_fraction(plain, Fraction(0)) + 1


def _root_with_fraction(terms: Sequence[tuple[int, int, bool]], fraction: Fraction) -> Decimal:
    """i so that Σ units / ((1 + f·i if odd else 1) · (1 + i)^steps) = 0.

    Looked for in floats first; from there two or three steps in Decimal bring the last digits.
    """
    signs = {units > 0 for _, units, _ in terms if units}
    if len(signs) != 2:
        raise NoRate()
    terms = sorted(terms)
    with localcontext(_DIGITS):
        odd = Decimal(fraction.numerator) / fraction.denominator
        near = _found_in_floats(terms, float(odd)) if _turns_once(terms) else None
        exact = None if near is None else _polished(terms, odd, Decimal(near))
        if exact is not None:
            return exact
        return _search(terms, odd, _bracket(terms, odd, Decimal(1)), _NEAR)


def _turns_once(terms: _Terms) -> bool:
    """Whether money goes one way first and then the other: there is one root, whoever finds it."""
    ways = [units > 0 for _, units, _ in terms if units]
    return sum(a is not b for a, b in pairwise(ways)) == 1


def _found_in_floats(terms: _Terms, odd: float) -> float | None:
    try:
        return _search(terms, odd, _bracket(terms, odd, 1.0), _NEAR_FLOAT)
    except (OverflowError, ZeroDivisionError, NoRate):
        return None


def _polished(terms: _Terms, odd: Decimal, rate: Decimal) -> Decimal | None:
    """The root beside a rate that is right to some digits; None when it is not beside one."""
    for _ in range(_MOST_POLISHING):
        value, slope = _value_and_slope(terms, odd, rate)
        if not slope:
            return None
        step = value / slope
        if abs(step) > _BESIDE * (1 + abs(rate)):
            return None
        rate -= step
        if abs(step) < _NEAR_ENOUGH:  # the next would be its square
            return rate
    return None


def _search(
    terms: _Terms, odd: _Number, bracket: tuple[_Number, _Number, bool], near: _Number
) -> _Number:
    """The root inside a bracket, by Newton's method where it stays inside, by halves elsewhere."""
    low, high, at_low = bracket
    rate = odd * 0
    for _ in range(_MOST_STEPS):
        value, slope = _value_and_slope(terms, odd, rate)
        low, high = (rate, high) if (value > 0) is at_low else (low, rate)
        better = rate - value / slope if slope else low
        if not low < better < high:
            better = (low + high) / 2
        if abs(better - rate) < near:
            return better
        rate = better
    return rate


def _bracket(terms: _Terms, odd: _Number, one: _Number) -> tuple[_Number, _Number, bool]:
    """Two rates between which the value changes sign, and whether it is above zero at the first."""
    low, high = (10 * one) ** (-18 * one / max(terms[-1][0], 1)) - 1, one
    at_low = _value_and_slope(terms, odd, low)[0] > 0
    below = None
    if not _turns_once(terms) and at_low is (_value_and_slope(terms, odd, one * 0)[0] < 0):
        below = low, one * 0, at_low
        low, at_low = one * 0, not at_low  # of two rates the one above zero
    while (_value_and_slope(terms, odd, high)[0] > 0) is at_low:
        high *= 4
        if high > _HIGHEST:
            if below is None:
                raise NoRate()
            return below  # there is none above zero
    return low, high, at_low


def _value_and_slope(terms: _Terms, odd: _Number, rate: _Number) -> tuple[_Number, _Number]:
    """The sum at a rate and how it changes with it; terms in order of steps."""
    value = slope = rate * 0
    back = 1 / (1 + rate)
    odd_back = 1 / (1 + odd * rate)
    discount, at = value + 1, 0
    powers: dict[int, _Number] = {}
    for steps, units, is_odd in terms:
        if steps != at:
            if steps - at not in powers:
                powers[steps - at] = back ** (steps - at)
            discount *= powers[steps - at]
            at = steps
        part = units * discount
        bend = steps * back
        if is_odd and odd:
            part *= odd_back
            bend += odd * odd_back
        value += part
        slope -= part * bend
    return value, slope
