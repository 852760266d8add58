"""The words an indicator is declared in: which rows of one fact table count, in whole numbers and
days (results.md 4.1).

Pure. `evaluation` reads them over rows in memory, `handup.results.columns` over snapshots in
columns; both give the same figure to the last unit, because a declaration holds nothing that two
engines could read in two ways: no fraction, no text pattern, no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, timedelta
from enum import StrEnum

from handup.kernel.dates import add_months
from handup.results.rules.engine import PeriodKind, ValueKind


class Op(StrEnum):
    """How a column is compared. Nothing compares with what is not known, but for MISSING and
    NOT_BY."""

    IS = "IS"
    IS_NOT = "IS_NOT"
    IN = "IN"
    LEAST = "LEAST"
    MOST = "MOST"
    OVER = "OVER"
    UNDER = "UNDER"
    KNOWN = "KNOWN"
    MISSING = "MISSING"
    NOT_BY = "NOT_BY"
    """Not known, or after the day: still so at its end."""
    HOLDS = "HOLDS"
    """A set holds the code."""
    LACKS = "LACKS"


@dataclass(frozen=True, slots=True)
class At:
    """A day counted from the cut-off back."""

    days: int = 0
    months: "int | Param" = 0


@dataclass(frozen=True, slots=True)
class Param:
    """A number or a code that is told when the figure is asked for."""

    name: str


KNOWN_BY = Param("known_at")
"""The instant up to which is known what is asked, in seconds since 1970; nothing where all is."""


@dataclass(frozen=True, slots=True)
class Col:
    """Another column of the same row."""

    name: str


Plain = int | str | bool | date | frozenset[str]
Value = Plain | At | Param | Col | None
Cell = int | str | bool | date | frozenset[str] | None
Row = Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Test:
    """One condition on a row."""

    column: str
    op: Op
    value: Value = None

    __test__ = False


class Pick(StrEnum):
    """Which rows of a unit count. The order is day, then the place of the row in its table."""

    ALL = "ALL"
    FIRST = "FIRST"
    """The first within the period: a unit counts once, where it first did."""
    FIRST_EVER = "FIRST_EVER"
    """The first of all, if it lies in the period: dated on a first event."""
    LAST = "LAST"
    """The last within the period: as it stands now."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one table that count: those that pass every test and lie in the period.

    `after` is tested on the picked row, so that a unit whose last state fails is not counted by an
    earlier one. `opens` is the kind of record a row opens to, and the column that names it.
    """

    table: str
    tests: tuple[Test, ...] = ()
    unit: str = "record"
    pick: Pick = Pick.ALL
    after: tuple[Test, ...] = ()
    amount: str = ""
    day: str = "day"
    opens: tuple[str, str] = ("record", "record")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a figure is asked for: the period, as known when, with which parameters.

    start: its first day (None: from the beginning); known_at: only what was received by then, in
    seconds since 1970 (None: all that is known).
    """

    cut_off: date
    start: date | None = None
    known_at: int | None = None
    params: Mapping[str, int | str] = field(default_factory=dict)

    def plain(self, value: Value) -> "Plain | Col | None":
        """A value with days and parameters put in. Raises KeyError for a parameter not told."""
        if value == KNOWN_BY:
            return self.known_at
        if isinstance(value, Param):
            return self.params[value.name]
        if isinstance(value, At):
            months = self.plain(value.months)
            assert isinstance(months, int)
            return add_months(self.cut_off, -months) - timedelta(days=value.days)
        return value

    def first_day(self, kind: PeriodKind) -> date | None:
        """From which day on rows count: only flows and what adds up since a phase began have
        one."""
        return self.start if kind in (PeriodKind.FLOW, PeriodKind.CUMULATIVE) else None


@dataclass(frozen=True, slots=True)
class Declared:
    """One indicator: what is counted, over what, and how.

    counted_as: how each side is counted; dimensions: how it may be split; method: the rule of
    another domain that it is, by its name there.
    """

    code: str
    counted: Rows
    base: Rows | None = None
    counted_as: ValueKind = ValueKind.COUNT_DISTINCT
    params: Mapping[str, int | str] = field(default_factory=dict)
    dimensions: tuple[str, ...] = ()
    method: str = ""
    decimals: int = 1
    money: str = ""
    """The column that holds the currency, where both sides are amounts."""
    base_is_money: bool = True
    """Whether what it is counted of is money too, where what is counted is: days are not."""
    over_one: bool = False
    """The count may be more than what it is of: a ratio of amounts, no share."""

    @property
    def sides(self) -> tuple[tuple[bool, Rows], ...]:
        """Both sides: whether it is the base, and its rows."""
        return ((False, self.counted), *(((True, self.base),) if self.base else ()))

    @property
    def in_one_line(self) -> bool:
        """Whether both sides count one row of each unit of one table: then a unit stands in the
        line of what it is counted of, on both sides, so that no line has more than its whole.
        """
        base, counted = self.base, self.counted
        if base is None or self.counted_as is not ValueKind.COUNT_DISTINCT:
            return False
        return (
            Pick.ALL not in (base.pick, counted.pick)
            and base.table == counted.table
            and base.unit == counted.unit
        )

    def told(self) -> str:
        """What it means as a text that is the same in every process, for a checksum."""
        return _told((self.counted, self.base, self.counted_as, dict(self.params), self.method))


def _told(value: object) -> str:
    if isinstance(value, frozenset):
        return "{" + ",".join(sorted(map(_told, value))) + "}"
    if isinstance(value, tuple):
        return "(" + ",".join(map(_told, value)) + ")"
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}={_told(value[key])}" for key in sorted(value)) + "}"
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__ + _told(
            tuple(getattr(value, one.name) for one in fields(value))
        )
    return str(value)
