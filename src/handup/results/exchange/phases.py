"""Shares and amounts of several phases as a file tells them, phase by phase: only where each phase
stands for enough, and nothing tells of a few by its difference to what was told before.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from handup.results.definitions import BY_PHASE
from handup.results.models import FrozenFigure, FrozenRow
from handup.results.rules.safe_tables import kept

Counts = tuple[int, int | None]
Phased = Mapping[str, Counts]
"""Both counts of a figure by the code of the phase."""


def told_phases(figure: FrozenFigure) -> Phased:
    """A share or an amount by phase, where each may leave; of a count nothing: it is a line."""
    held = figure.lines.get(BY_PHASE)
    if held is None or not held.get("may_leave"):
        return {}
    return {str(one["code"]): (int(one["numerator"]), one["denominator"]) for one in held["lines"]}


def phases_stay(
    now: FrozenFigure, then: FrozenFigure | None, told: Mapping[str, Any], k: int
) -> bool:
    """Whether a figure may be told by phase after another snapshot told it so: where neither its
    counts nor the parts of its holders moved by a few in any phase. told: both counts by phase.
    """
    if not told or then is None:
        return not told
    if now.currency != then.currency:
        return False
    mine = told_phases(now)
    if not now.currency and any(
        moved_by_few(mine.get(code, (0, 0)), tuple(counts), k) for code, counts in told.items()
    ):
        return False
    one, other = (_parts(figure) for figure in (now, then))
    return not any(
        0 < sum(1 for who in {*one[code], *other[code]} if one[code][who] != other[code][who]) < k
        for code in {*one, *other}
    )


def _parts(figure: FrozenFigure) -> dict[str, dict[str, Counter[tuple[bool, str]]]]:
    """The part each holder has, by phase."""
    found: dict[str, dict[str, Counter[tuple[bool, str]]]] = defaultdict(
        lambda: defaultdict(Counter)
    )
    for row in FrozenRow._base_manager.filter(figure=figure):
        who = row.holder or row.unit or row.digest
        found[row.phase][who][row.is_base, row.unit] += row.amount or 1
    return found


def cells(counts: Counts) -> tuple[int, ...]:
    """What can be read of both counts: each, and what lies between."""
    numerator, denominator = counts
    if denominator is None:
        return (numerator,)
    return (numerator, denominator, denominator - numerator)


def moved_by_few(now: Counts, then: Counts, k: int) -> bool:
    """Whether one of the counts, or what lies between them, moved by one to k - 1."""
    pairs = zip(cells(now), cells(then), strict=False)
    return any(kept(new, old, k=k) != new for new, old in pairs)
