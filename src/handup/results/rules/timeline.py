"""When what a figure counts happened: its rows by month, quarter or year."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from handup.results.rules.engine import FactRow


class Step(StrEnum):
    """How long one step of a time line is."""

    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"


MONTHS_IN = {Step.MONTH: 1, Step.QUARTER: 3, Step.YEAR: 12}
MOST_STEPS = 24


@dataclass(frozen=True, slots=True)
class Period:
    """One step: the first day it holds and how it is written (2003, 2003-Q2, 2003-04)."""

    start: date
    code: str


def step_for(first: date, last: date) -> Step:
    """The finest step with which the days from first to last make at most 24 steps."""
    months = _months(last) - _months(first) + 1
    for step in (Step.MONTH, Step.QUARTER):
        if -(-months // MONTHS_IN[step]) <= MOST_STEPS:
            return step
    return Step.YEAR


def periods(first: date, last: date, step: Step) -> list[Period]:
    """Every step from the one that holds first to the one that holds last, without a gap."""
    length = MONTHS_IN[step]
    begin, end = _months(first) // length, _months(last) // length
    return [_period(number * length, step) for number in range(begin, end + 1)]


def counted(rows: Iterable[FactRow], steps: Sequence[Period]) -> list[int]:
    """How many units were counted for the first time in each step.

    With every row within the steps, the sum of all steps is the number of distinct units.
    """
    firsts: dict[str, date] = {}
    for row in rows:
        held = firsts.get(row.unit)
        if held is None or row.on < held:
            firsts[row.unit] = row.on
    found = [0] * len(steps)
    for day in firsts.values():
        place = _place(day, steps)
        if place is not None:
            found[place] += 1
    return found


def added(rows: Iterable[FactRow], steps: Sequence[Period]) -> list[int]:
    """What the amounts of each step come to, in smallest units; together the sum of all rows."""
    found = [0] * len(steps)
    for row in rows:
        place = _place(row.on, steps)
        if place is not None:
            found[place] += row.amount
    return found


def _place(day: date, steps: Sequence[Period]) -> int | None:
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high) // 2
        if steps[middle].start <= day:
            low = middle + 1
        else:
            high = middle
    return low - 1 if low else None


def _months(day: date) -> int:
    return day.year * 12 + day.month - 1


def _period(months: int, step: Step) -> Period:
    year, month = divmod(months, 12)
    code = {
        Step.YEAR: f"{year}",
        Step.QUARTER: f"{year}-Q{month // 3 + 1}",
        Step.MONTH: f"{year}-{month + 1:02d}",
    }[step]
    return Period(date(year, month + 1, 1), code)
