"""In which class an enterprise lies by its working capital (half-open intervals)."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from handup.kernel.errors import Refusal


class SegmentsBroken(Refusal):
    """The table has a hole or an overlap at {units}."""


class SegmentLine(NamedTuple):
    """From these units up to, not including, the next; without end where `to_units` is None."""

    code: str
    from_units: int
    to_units: int | None


def check_table(table: Sequence[SegmentLine]) -> None:
    """Refuse a table with holes or overlaps, or not from 0 on. Raises SegmentsBroken."""
    expected: int | None = 0
    for line in sorted(table, key=lambda line: line.from_units):
        if line.from_units != expected or (
            line.to_units is not None and line.to_units <= line.from_units
        ):
            raise SegmentsBroken(field="from_units", units=line.from_units)
        expected = line.to_units
    if expected is not None:
        raise SegmentsBroken(field="to_units", units=expected)


def segment_of(working_capital_units: int, table: Sequence[SegmentLine]) -> str:
    """The code of the line that holds this working capital; "" without a table or below 0."""
    for line in table:
        above = line.from_units <= working_capital_units
        if above and (line.to_units is None or working_capital_units < line.to_units):
            return line.code
    return ""


class Move(StrEnum):
    """Where an enterprise went since its plan."""

    UP = "UP"
    SAME = "SAME"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"


def moved(before_units: int, now_units: int | None, table: Sequence[SegmentLine]) -> Move:
    """Compare the class at the plan with the class now; UNKNOWN where either is not known."""
    order = [line.code for line in sorted(table, key=lambda line: line.from_units)]
    if now_units is None:
        return Move.UNKNOWN
    codes = (segment_of(before_units, table), segment_of(now_units, table))
    if not all(codes):
        return Move.UNKNOWN
    first, last = (order.index(code) for code in codes)
    if first == last:
        return Move.SAME
    return Move.UP if last > first else Move.DOWN
