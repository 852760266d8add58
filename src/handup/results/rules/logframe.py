"""A logframe's rows, how far a target is reached, and what a phase still lacks before it begins
(results.md 4.3). Pure.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

MOST_SIGNS = 24
MOST_DIGITS = 18


class RowLevel(StrEnum):
    """The levels of a logframe, the highest first."""

    GOAL = "GOAL"
    OUTCOME = "OUTCOME"
    OUTPUT = "OUTPUT"
    ACTIVITY = "ACTIVITY"


MEASURED = frozenset({RowLevel.OUTCOME, RowLevel.OUTPUT})
"""Rows that need an indicator before a phase begins."""


class Assumption(StrEnum):
    """Whether what a row relies on still holds."""

    HOLDS = "HOLDS"
    AT_RISK = "AT_RISK"
    FAILED = "FAILED"


class Colour(StrEnum):
    """How far a target is reached, in three steps; not defined is none of them."""

    REACHED = "REACHED"
    NEARLY = "NEARLY"
    BELOW = "BELOW"
    UNDEFINED = "UNDEFINED"


class Lack(StrEnum):
    """What a row of a logframe still lacks."""

    ROWS = "ROWS"
    INDICATOR = "INDICATOR"
    TARGET = "TARGET"
    BASELINE = "BASELINE"
    MEANS = "MEANS"


_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+")
_SPACES = str.maketrans("", "", "\u00a0\u202f ")


def plain_of(text: str) -> str:
    """A number as it is kept: without spaces, with a point. "1,250" is a thousand to some and one
    to others: it keeps its comma, and is no number.
    """
    told = text.strip().translate(_SPACES)
    return told if _GROUPED.fullmatch(told) else told.replace(",", ".")


def number_of(text: str) -> Fraction | None:
    """A number as it was typed, with a comma or a point; None where it is none, or could be two."""
    plain = plain_of(text)
    if len(plain) > MOST_SIGNS:
        return None
    try:
        found = Decimal(plain)
    except InvalidOperation:
        return None
    if not found.is_finite():
        return None
    if found.is_zero():
        return Fraction(0)
    return Fraction(found) if -MOST_DIGITS <= found.adjusted() < MOST_DIGITS else None


def achievement(
    value: Fraction | None,
    target: Fraction | None,
    baseline: Fraction | None,
    *,
    is_up_better: bool,
) -> Fraction | None:
    """How much of the way was gone, in per cent: (value - baseline) / (target - baseline); without
    baseline value / target where more is better. None where that is not defined.
    """
    if value is None or target is None:
        return None
    if baseline is not None:
        return None if target == baseline else 100 * (value - baseline) / (target - baseline)
    return 100 * value / target if is_up_better and target != 0 else None


def colour_of(reached: Fraction | None, *, good: int, fair: int) -> Colour:
    """The step an achievement stands on, by the per cent from which each begins."""
    if reached is None:
        return Colour.UNDEFINED
    if reached >= good:
        return Colour.REACHED
    return Colour.NEARLY if reached >= fair else Colour.BELOW


def cost_per_result(cost_units: int | None, value: Fraction | None) -> Fraction | None:
    """What one result cost, in smallest units; None where nothing came of it or nobody can tell."""
    if cost_units is None or value is None or value <= 0:
        return None
    return cost_units / value


@dataclass(frozen=True, slots=True)
class Measure:
    """An indicator of a row: whether it has a target, a baseline or the reason why not."""

    has_target: bool
    has_baseline: bool


@dataclass(frozen=True, slots=True)
class RowFact:
    """What the gate asks of a row."""

    name: str
    level: RowLevel
    means: str
    measures: Sequence[Measure]


def lacks(rows: Iterable[RowFact]) -> list[tuple[str, Lack]]:
    """What is missing before a phase may begin: each row's name with what it lacks."""
    measured = [row for row in rows if row.level in MEASURED]
    if not measured:
        return [("", Lack.ROWS)]
    found: list[tuple[str, Lack]] = []
    for row in measured:
        if not row.measures:
            found.append((row.name, Lack.INDICATOR))
        if any(not one.has_target for one in row.measures):
            found.append((row.name, Lack.TARGET))
        if any(not one.has_baseline for one in row.measures):
            found.append((row.name, Lack.BASELINE))
        if not row.means.strip():
            found.append((row.name, Lack.MEANS))
    return found


@dataclass(frozen=True, slots=True)
class Revised:
    """A target as it was set once: for the end of a period and a line, in which revision."""

    period_end: date
    line: str
    revision: int
    value: str


def in_force(targets: Iterable[Revised]) -> dict[tuple[date, str], Revised]:
    """The last revision of each target, by period and line."""
    found: dict[tuple[date, str], Revised] = {}
    for one in sorted(targets, key=lambda row: row.revision):
        found[one.period_end, one.line] = one
    return found


def target_for(targets: Iterable[Revised], day: date, line: str = "") -> Revised | None:
    """The target a day is held against: of the period it lies in, else of the last one."""
    rows = sorted(
        (row for (_end, of), row in in_force(targets).items() if of == line),
        key=lambda row: row.period_end,
    )
    ahead = [row for row in rows if row.period_end >= day]
    return ahead[0] if ahead else (rows[-1] if rows else None)
