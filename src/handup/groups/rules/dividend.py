"""What shares or savings earn in a period: from a pool or at a rate (groups_cooperatives.md K4)."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from itertools import accumulate

from handup.kernel.dates import add_months, month_end, month_start
from handup.kernel.errors import Refusal
from handup.kernel.money import round_to, split

DAY = timedelta(days=1)


class NoHolders(Refusal):
    """Nobody holds anything that earns in this period."""


class NoRateByHeads(Refusal):
    """Equal parts are divided from a pool; they have no yearly rate."""


class Method(StrEnum):
    """How the weight of a member is found."""

    EQUAL = "EQUAL"
    BY_BALANCE = "BY_BALANCE"
    BY_MONTH_ENDS = "BY_MONTH_ENDS"
    BY_MONTH_STARTS = "BY_MONTH_STARTS"
    BY_DAYS = "BY_DAYS"


PARTS_OF_YEAR = {Method.BY_MONTH_ENDS: 12, Method.BY_MONTH_STARTS: 12, Method.BY_DAYS: 365}


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of a period, both in it."""

    first: date
    last: date

    @property
    def months(self) -> list[date]:
        """The first day of each month the period touches."""
        found, month = [], month_start(self.first)
        while month <= self.last:
            found.append(month)
            month = add_months(month, 1)
        return found


@dataclass(frozen=True, slots=True)
class Move:
    """A change of a balance on a day, below zero for a withdrawal."""

    day: date
    change: int


@dataclass(frozen=True, slots=True)
class Holding:
    """A balance through time; it never counts as less than nothing."""

    days: tuple[date, ...]
    balances: tuple[int, ...]

    @classmethod
    def of(cls, moves: Iterable[Move], period: Period, min_months: int | None) -> "Holding":
        """The moves that count: none after the period, and with a minimum holding no increase whose
        months are not full when the period ends."""
        full_by = period.last + DAY
        counted = sorted(
            (move.day, move.change)
            for move in moves
            if move.day <= period.last
            and (
                min_months is None
                or move.change <= 0
                or add_months(move.day, min_months) <= full_by
            )
        )
        days = tuple(day for day, _change in counted)
        return cls(days, tuple(accumulate(change for _day, change in counted)))

    def on(self, day: date) -> int:
        """The balance at the end of a day."""
        place = bisect_right(self.days, day)
        return max(0, self.balances[place - 1]) if place else 0

    def over_days(self, period: Period) -> int:
        """Sum of the balances at the end of each day, first and last day included."""
        inside = sorted({day for day in self.days if period.first < day <= period.last})
        starts = [period.first, *inside]
        ends = [*inside, period.last + DAY]
        return sum(
            self.on(start) * (end - start).days for start, end in zip(starts, ends, strict=True)
        )


def weight_of(holding: Holding, method: Method, period: Period) -> int:
    """The weight of one member's holding in the period."""
    if method is Method.EQUAL:
        return int(holding.on(period.last) > 0)
    if method is Method.BY_BALANCE:
        return holding.on(period.last)
    if method is Method.BY_DAYS:
        return holding.over_days(period)
    if method is Method.BY_MONTH_ENDS:
        days = [min(month_end(month), period.last) for month in period.months]
    else:
        days = [max(month, period.first) - DAY for month in period.months]
    return sum(holding.on(day) for day in days)


@dataclass(frozen=True, slots=True)
class Earning:
    """What one member earns, in smallest units."""

    weight: int
    amount: int
    tax: int

    @property
    def net(self) -> int:
        """After tax."""
        return self.amount - self.tax


@dataclass(frozen=True, slots=True)
class Dividend:
    """The whole dividend; `not_distributed` only when it came from a pool."""

    pool: int
    not_distributed: int | None
    earnings: tuple[Earning, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """How a period is paid: method, price of one unit of balance, minimum holding in months and tax
    (of 1)."""

    method: Method
    period: Period
    share_price: int = 1
    min_months: int | None = None
    tax: Fraction = Fraction(0)


def from_pool(
    available: int, moves: Sequence[Sequence[Move]], terms: Terms, *, cap: Fraction | None = None
) -> Dividend:
    """Divide what is available, at most `cap` (of 1) of the capital at the end of the period.

    Raises NoHolders.
    """
    holdings, weights = _weigh(moves, terms)
    pool = available
    if cap is not None:
        capital = sum(holding.on(terms.period.last) for holding in holdings) * terms.share_price
        most = capital * cap
        pool = min(available, most.numerator // most.denominator)
    amounts = split(pool, weights).parts
    return Dividend(pool, available - pool, _earnings(weights, amounts, terms))


def at_rate(rate: Fraction, moves: Sequence[Sequence[Move]], terms: Terms) -> Dividend:
    """Pay a yearly rate (of 1), rounded half up for each member; the pool is their sum.

    Raises NoHolders, NoRateByHeads.
    """
    if terms.method is Method.EQUAL:
        raise NoRateByHeads
    _holdings, weights = _weigh(moves, terms)
    each = terms.share_price * rate / PARTS_OF_YEAR.get(terms.method, 1)
    amounts = [round_to(weight * each) for weight in weights]
    return Dividend(sum(amounts), None, _earnings(weights, amounts, terms))


def _weigh(moves: Sequence[Sequence[Move]], terms: Terms) -> tuple[list[Holding], list[int]]:
    holdings = [Holding.of(own, terms.period, terms.min_months) for own in moves]
    weights = [weight_of(holding, terms.method, terms.period) for holding in holdings]
    if not any(weights):
        raise NoHolders
    return holdings, weights


def _earnings(weights: Sequence[int], amounts: Sequence[int], terms: Terms) -> tuple[Earning, ...]:
    return tuple(
        Earning(weight, amount, round_to(amount * terms.tax))
        for weight, amount in zip(weights, amounts, strict=True)
    )
