"""From rows to a figure: distinct counts, sums and ratios with their lines (results.md 4.1, 4.2).

A query of a domain yields rows; nothing here fetches. A figure always keeps what it was made of,
so that it can be opened down to its records.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from fractions import Fraction

from handup.kernel.errors import Refusal
from handup.kernel.money import decimal_text, percent
from handup.results.rules.statistics import Interval, wilson

NOT_RECORDED = "NOT_RECORDED"


class ValueKind(StrEnum):
    """How rows become a value."""

    COUNT_DISTINCT = "COUNT_DISTINCT"
    COUNT = "COUNT"
    SUM = "SUM"
    RATIO = "RATIO"
    SURVIVAL = "SURVIVAL"
    MEDIAN_CHANGE = "MEDIAN_CHANGE"
    MILESTONE = "MILESTONE"


class PeriodKind(StrEnum):
    """Which days a figure speaks of."""

    FLOW = "FLOW"
    CUMULATIVE = "CUMULATIVE"
    STOCK = "STOCK"
    COHORT = "COHORT"
    ROUND = "ROUND"


class LinesDiffer(Refusal):
    """The lines of {dimension} add up to {lines}, the total is {total}."""


class SeveralCurrencies(Refusal):
    """Amounts in {currencies} cannot be added without a rate."""


@dataclass(frozen=True, slots=True)
class FactRow:
    """One row behind a figure.

    `unit` is what is counted once (a person, household, loan, group); `kind` and `record` name
    the record it opens
    to; `amount` is in smallest units or 1; `dims` holds one value for an exclusive dimension, a
    frozenset for an overlapping one; `holder` is whom it is about where that is not the unit.
    `weight` is for how many an answer of a sample stands, drawn in `stratum` and `cluster`.
    """

    unit: str
    on: date
    kind: str
    record: str
    amount: int = 1
    currency: str = ""
    received: datetime | None = None
    dims: Mapping[str, "str | frozenset[str]"] = field(default_factory=dict)
    holder: str = ""
    weight: Fraction = Fraction(1)
    stratum: str = ""
    cluster: str = ""

    @property
    def whose(self) -> str:
        """Whom it is about: several loans of one person are hers alone."""
        return self.holder or self.unit


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a breakdown: its code, numerator, and denominator of a ratio."""

    code: str
    numerator: int
    denominator: int | None = None

    @property
    def share(self) -> Fraction | None:
        """The line's own ratio in percent, None without a denominator."""
        return None if self.denominator is None else percent(self.numerator, self.denominator)


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A figure by one dimension; lines of an overlapping one must never be added."""

    dimension: str
    overlapping: bool
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SumIn:
    """What was counted in one currency, in its smallest units."""

    currency: str
    numerator: int
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate that was used: units of a currency for one of the report, its day, where it was
    read."""

    currency: str
    day: date
    rate: Fraction
    source: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """Amounts in the currency of the report beside those they were made of.

    numerator: the sum of what is counted, None where a rate is missing; gaps: for which currency on
    which day.
    """

    currency: str
    sums: tuple[SumIn, ...]
    rates: tuple[Rate, ...]
    gaps: tuple[tuple[str, date], ...]
    numerator: int | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A computed figure with everything needed to show, check and open it."""

    value_kind: ValueKind
    numerator: int
    denominator: int | None
    currency: str
    breakdowns: tuple[Breakdown, ...]
    rows: tuple[FactRow, ...]
    base_rows: tuple[FactRow, ...]
    interval: Interval | None = None
    estimate: Fraction | None = None
    """A share that is not one count over the other: of those watched, how many would still be."""
    conversion: Conversion | None = None
    """What amounts are in the currency of the report, where they are in others."""

    @property
    def has_gap(self) -> bool:
        """Whether it has no value, because amounts of several currencies lack a rate."""
        told = self.conversion
        return told is not None and len(told.sums) > 1 and bool(told.gaps)

    @property
    def percent(self) -> Fraction | None:
        """The exact ratio in percent; None when it is not a ratio or not defined."""
        if self.value_kind is ValueKind.SURVIVAL:
            return None if self.estimate is None else 100 * self.estimate
        return None if self.denominator is None else percent(self.numerator, self.denominator)

    def percent_text(self, decimals: int = 1) -> str | None:
        """The ratio as shown, half up; None when not defined."""
        exact = self.percent
        return None if exact is None else decimal_text(exact, decimals)


def within(
    rows: Iterable[FactRow], period_kind: PeriodKind, start: date | None, cut_off: date
) -> list[FactRow]:
    """Keep the rows of the period: FLOW from its first day on, every kind up to the cut-off."""
    first = start if period_kind is PeriodKind.FLOW else None
    return [row for row in rows if row.on <= cut_off and (first is None or row.on >= first)]


def total(rows: Sequence[FactRow], kind: ValueKind) -> int:
    """Count distinct units, rows, or add amounts of one currency."""
    if kind is ValueKind.COUNT_DISTINCT:
        return len({row.unit for row in rows})
    if kind is ValueKind.COUNT:
        return len(rows)
    currencies = {row.currency for row in rows}
    if len(currencies) > 1:
        raise SeveralCurrencies(currencies=", ".join(sorted(currencies)))
    return sum(row.amount for row in rows)


def _codes(row: FactRow, dimension: str) -> frozenset[str]:
    value = row.dims.get(dimension)
    if value is None or value == "" or value == frozenset():
        return frozenset({NOT_RECORDED})
    return value if isinstance(value, frozenset) else frozenset({value})


def _by_code(rows: Sequence[FactRow], dimension: str) -> dict[str, list[FactRow]]:
    groups: dict[str, list[FactRow]] = defaultdict(list)
    for row in rows:
        for code in _codes(row, dimension):
            groups[code].append(row)
    return groups


def break_down(
    rows: Sequence[FactRow], base: Sequence[FactRow] | None, kind: ValueKind, dimension: str
) -> Breakdown:
    """Split a figure by one dimension; the lines of an exclusive one must add up to the total.

    Raises LinesDiffer when a unit sits in two lines of an exclusive dimension.
    """
    both = [*rows, *(base or ())]
    overlapping = any(isinstance(row.dims.get(dimension), frozenset) for row in both)
    tops, bottoms = _by_code(rows, dimension), _by_code(base or (), dimension)
    codes = sorted({*tops, *bottoms}, key=lambda code: (code == NOT_RECORDED, code))
    lines = tuple(
        Line(
            code,
            total(tops.get(code, []), kind),
            None if base is None else total(bottoms.get(code, []), kind),
        )
        for code in codes
    )
    if not overlapping:
        _check_sum(dimension, sum(line.numerator for line in lines), total(rows, kind))
        if base is not None:
            _check_sum(dimension, sum(line.denominator or 0 for line in lines), total(base, kind))
    return Breakdown(dimension, overlapping, lines)


def _check_sum(dimension: str, lines: int, whole: int) -> None:
    if lines != whole:
        raise LinesDiffer(dimension=dimension, lines=lines, total=whole)


def measure(
    kind: ValueKind,
    rows: Sequence[FactRow],
    base: Sequence[FactRow] | None,
    dimensions: Sequence[str],
    *,
    counted_as: ValueKind = ValueKind.COUNT_DISTINCT,
    sample: bool = False,
) -> Figure:
    """Make a figure of rows (and of base rows, for a ratio).

    `counted_as` says how a ratio's two sides are counted; `sample` adds the Wilson interval.
    """
    inner = counted_as if kind is ValueKind.RATIO else kind
    numerator = total(rows, inner)
    denominator = total(base, inner) if base is not None else None
    currencies = {row.currency for row in rows if row.currency}
    interval = wilson(numerator, denominator) if sample and denominator else None
    return Figure(
        value_kind=kind,
        numerator=numerator,
        denominator=denominator,
        currency=next(iter(currencies), ""),
        breakdowns=tuple(break_down(rows, base, inner, dimension) for dimension in dimensions),
        rows=tuple(rows),
        base_rows=tuple(base or ()),
        interval=interval,
    )
