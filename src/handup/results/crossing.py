"""A figure of those who stand in several lines at once, or in any of them, counted distinct: women
among refugees, whoever is in any priority group (results.md 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass

from handup.kernel.errors import Refusal
from handup.org import safety
from handup.results.computing import compute
from handup.results.definitions import BY_SETTLEMENT, catalogue, definition
from handup.results.facts import Facts
from handup.results.gathering import Source
from handup.results.published import is_large_enough
from handup.results.report import ReportLine, line_of
from handup.results.rules.engine import NOT_RECORDED, FactRow, Figure, ValueKind, measure
from handup.results.rules.expressions import Asked

MOST_LINES = 3
WHOLE_ONLY = frozenset({"COST_PER_UNIT", "MEDIAN", "SURVIVAL"})
"""Methods that say something of all together, and of no part by its rows alone."""

Place = tuple[str, str]
"""A line: its dimension and its code."""


class LinesNotChosen(Refusal):
    """Choose one to three lines."""


class NoSuchLine(Refusal):
    """{line} is no line of this figure."""


class CannotBeCrossed(Refusal):
    """This figure is told of everybody together; it has no parts that can be counted."""


class NoValueToCross(Refusal):
    """The figure has no value: a rate of its currencies is missing."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """The figure of a part; None of a part of too few to be told."""

    line: ReportLine | None
    smallest: int


def place_of(text: str) -> Place:
    """A line as it is written in an address: `sex=F`."""
    dimension, _equals, code = text.partition("=")
    return dimension.strip(), code.strip()


def crossed(code: str, facts: Facts, places: Sequence[Place], *, any_of: bool = False) -> Crossed:
    """Count a figure for who stands in all of some lines, or in any of them; whoever stands in
    several counts once. Raises UnknownIndicator and what `part_of` raises.
    """
    found = part_of(code, facts, Asked(facts.cut_off), places, any_of=any_of)
    smallest = safety.value("protection.smallest_shown")
    if not is_large_enough(found, smallest):
        return Crossed(None, smallest)
    return Crossed(line_of(definition(code), found), smallest)


def part_of(
    code: str, source: Source, asked: Asked, places: Sequence[Place], *, any_of: bool = False
) -> Figure:
    """The figure of a part, as it was asked. Raises LinesNotChosen, NoSuchLine, CannotBeCrossed,
    NoValueToCross.
    """
    item = definition(code)
    if item.method in WHOLE_ONLY:
        raise CannotBeCrossed
    chosen = list(dict.fromkeys(places))
    if not 1 <= len(chosen) <= MOST_LINES:
        raise LinesNotChosen(field="first")
    by_kind = {BY_SETTLEMENT} & set(item.declared.dimensions)
    for name, told in chosen:
        if name not in {*item.dimensions, *by_kind} or not told:
            raise NoSuchLine(line=f"{name}={told}", field="first")
    dimensions = tuple(dict.fromkeys(name for name, _told in chosen))
    figure = compute(item.declared, catalogue(), source, asked, dimensions)
    if figure.has_gap:
        raise NoValueToCross
    wanted = any if any_of else all

    def part(rows: Sequence[FactRow]) -> list[FactRow]:
        return [row for row in rows if wanted(_stands(row, place) for place in chosen)]

    is_ratio, kind = item.declared.base is not None, item.declared.counted_as
    return measure(
        ValueKind.RATIO if is_ratio else kind,
        part(figure.rows),
        part(figure.base_rows) if is_ratio else None,
        (),
        counted_as=kind,
        sample=item.indicator.is_sample and kind is not ValueKind.SUM,
    )


def _stands(row: FactRow, place: Place) -> bool:
    name, code = place
    held = row.dims.get(name)
    if code == NOT_RECORDED:
        return not held
    return code in held if isinstance(held, frozenset) else held == code
