"""Figures of one period out of a frozen snapshot (results.md 4.10): a snapshot counts what happened
from the programme's first day, a file for DHIS2 or ActivityInfo names a month, a quarter or a year.

What is a state, a round or counted up to a day stands as it is. What happened is told of the period
alone: as it was frozen for it, else from the frozen rows; where neither says it, it is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from handup.org import safety
from handup.results.exchange.figures import (
    Counts,
    Leaving,
    Lines,
    Told,
    lines_kept,
    lines_that_are_safe,
    reported,
)
from handup.results.exchange.phases import moved_by_few
from handup.results.freezing import as_fact
from handup.results.gathering import DERIVED
from handup.results.models import (
    ExchangeFile,
    FrozenFigure,
    FrozenRow,
    ReleasedFigure,
    Snapshot,
)
from handup.results.published import is_large_enough
from handup.results.rules.adx import Period, period_told
from handup.results.rules.engine import FactRow, Figure, PeriodKind, ValueKind, total
from handup.results.rules.expressions import Declared, Pick
from handup.results.rules.iati.states import ExchangeState

SPLIT = frozenset({Pick.ALL, Pick.FIRST_EVER})
"""Rows that are the same whether a period is asked for or all time."""

Sides = tuple[list[FactRow], list[FactRow]]


def of_period(snapshot: Snapshot, figures: Leaving, period: Period) -> Leaving:
    """The figures that may be told, each of the period, and those that are left out, with why: also
    an amount that is in another currency in the period than in all time, for a file names none.
    """
    before = _Before(snapshot, period)
    told, left_out = [], list(figures.left_out)
    for one in figures.told:
        found = before.within(one)
        if not isinstance(found, Told):
            left_out.append((one.code, found))
        elif found.currency != one.currency:
            left_out.append((one.code, "OTHER_MEASURE"))
        else:
            told.append(found)
    return Leaving(tuple(told), tuple(left_out))


def told_of_period(snapshot: Snapshot, figures: Leaving, code: str, period: Period) -> Told | None:
    """A figure of a period as a report may tell it beside all that was told before, with the lines
    that may stand in it; None where it may not be told.
    """
    before = _Before(snapshot, period)
    one = next((one for one in figures.told if one.code == code), None)
    if one is None:
        return None
    is_flow = one.item.indicator.period_kind is PeriodKind.FLOW
    found = before.within(one) if is_flow else before.frozen(one)
    return found if isinstance(found, Told) else None


def lines_tell_of_a_few(snapshot: Snapshot, code: str, period: Period, dimension: str) -> bool:
    """Whether a line of a period differs by a few from the same line of all time: those are the
    persons of the other days.
    """
    figure = FrozenFigure._base_manager.filter(snapshot=snapshot, code=code).first()
    held = figure.periods.get(period.adx) if figure is not None else None
    if figure is None or held is None:
        return False
    k = safety.value("protection.smallest_shown")
    now, whole = (_counts_of(lines.get(dimension, {})) for lines in (held["lines"], figure.lines))
    return any(code in whole and moved_by_few(one, whole[code], k) for code, one in now.items())


def _counts_of(breakdown: Mapping[str, Any]) -> dict[str, Counts]:
    lines = breakdown.get("lines", [])
    return {str(one["code"]): (int(one["numerator"]), one["denominator"]) for one in lines}


def span_of(figures: dict[str, Any]) -> Period | None:
    """The period that a file's figures are told for; None where none is named."""
    names = (name for one in figures.values() for name in one.get("spans", {}))
    return next((period_told(name) for name in names), None)


def _may_be_split(item: Declared) -> bool:
    """Whether the rows of a period are those of all time with a day in the period."""
    sides = [item.counted, *([item.base] if item.base else [])]
    return not item.method and all(
        side.pick in SPLIT and side.table not in DERIVED for side in sides
    )


class _Before:
    """One period of a snapshot, and what was told of its programme before."""

    def __init__(self, snapshot: Snapshot, period: Period) -> None:
        self.snapshot, self.period = snapshot, period
        self.k = safety.value("protection.smallest_shown")
        states = (ExchangeState.PUBLISHED.value, ExchangeState.REPLACED.value)
        files = ExchangeFile._base_manager.filter(
            programme=snapshot.programme_id, state__in=states
        ).exclude(figures={})
        self.files = list(files.values_list("figures", "snapshot__day"))

    def within(self, one: Told) -> Told | str:
        """The figure as it is told of the period, or why it is left out."""
        item = one.item
        if one.is_typed:
            return "TYPED"
        if one.is_estimate:
            return "COUNTS"
        if item.indicator.period_kind is not PeriodKind.FLOW:
            return self._named(one)
        rows = FrozenRow._base_manager.filter(figure__snapshot=self.snapshot, figure__code=one.code)
        first = self.period.first
        if one.renewed and not rows.exclude(on__gte=first).exists():
            return self._named(one)
        if not one.renewed:
            return "PERIOD"
        if not _may_be_split(item.declared):
            return self.frozen(one)
        if rows.filter(on=None).exists():
            return "PERIOD"
        sides: Sides = ([], [])
        for row in rows:
            sides[row.is_base].append(as_fact(row))
        if not self._are_large_enough(one.code, sides):
            return "FEW"
        if self._held(one.code) is not None:
            return self.frozen(one)
        inside, inside_base = ([row for row in side if row.on >= first] for side in sides)
        counted = total(inside, item.declared.counted_as)
        base = total(inside_base, item.declared.counted_as)
        return self._named(
            replace(one, lines={}, low="", high=""),
            (counted, None if one.denominator is None else base),
        )

    def _held(self, code: str) -> Mapping[str, Any] | None:
        """What was frozen of a figure for the period."""
        figure = FrozenFigure._base_manager.filter(snapshot=self.snapshot, code=code).first()
        return None if figure is None else figure.periods.get(self.period.adx)

    def frozen(self, one: Told) -> Told | str:
        """The figure as it was frozen for the period, with its lines. Whoever came in several
        periods counts in each, so that only what was told of days they share can tell of a few.
        """
        held = self._held(one.code)
        if held is None:
            return "PERIOD"
        if not held["may_leave"]:
            return "FEW"
        now = (int(held["numerator"]), held["denominator"])
        if not one.currency and self._tells_of_a_few(one, now):
            return "FEW"
        lines: Lines = {}
        if held["denominator"] is None and not one.currency:
            lines = lines_that_are_safe(held["lines"], now[0], self.k)
            lines = self._without_few(one, lines)
        currency = str(held["currency"]) or one.currency
        now_told = replace(one, lines=lines, low="", high="", shown="", currency=currency)
        return self._named(now_told, now)

    def _tells_of_a_few(self, one: Told, now: Counts) -> bool:
        """Whether what was told of a longer or shorter time with days of the period differs by a
        few: those are the persons of the other days.
        """
        others: list[Counts] = [(one.numerator, one.denominator)]
        for figures, day in self.files:
            then = figures.get(one.code)
            if then is None:
                continue
            if day >= self.period.first:
                others.append((int(then["numerator"]), then["denominator"]))
            for name, counts in then.get("spans", {}).items():
                told = period_told(name)
                if told != self.period and _share_days(told, self.period):
                    others.append(tuple(counts))
        released = ReleasedFigure._base_manager.filter(
            programme=self.snapshot.programme_id, code=one.code, of_day__gte=self.period.first
        ).exclude(numerator=None)
        others += [(row.numerator or 0, row.denominator) for row in released]
        others += [counts for code, counts in reported(self.snapshot) if code == one.code]
        return any(moved_by_few(now, other, self.k) for other in others)

    def _without_few(self, one: Told, lines: Lines) -> Lines:
        """The dimensions of which no line differs by a few from what was told of it for a longer or
        shorter time with days of the period.
        """
        others: list[Mapping[str, Mapping[str, int]]] = [
            {name: dict(told) for name, told in one.lines.items()}
        ]
        others += [
            figures[one.code]["lines"]
            for figures, day in self.files
            if day >= self.period.first and one.code in figures
        ]
        for other in others:
            lines = lines_kept(lines, other, self.k)
        return lines

    def _named(self, one: Told, now: Counts | None = None) -> Told | str:
        """The figure with the period it is told of; left out where it was told of the same period
        and only a few moved since.
        """
        name = self.period.adx
        now = now or (one.numerator, one.denominator)
        for figures, _day in self.files:
            then = figures.get(one.code, {}).get("spans", {}).get(name)
            if then is not None and not one.currency and moved_by_few(now, tuple(then), self.k):
                return "TOLD"
        return replace(one, spans={name: now}, phases={})

    def _are_large_enough(self, code: str, sides: Sides) -> bool:
        """Whether between any two days that figures were told for stand enough persons: the one
        count less the other tells of those between.
        """
        cuts = {date.min, self.snapshot.day, self.period.first - timedelta(days=1)}
        for figures, day in self.files:
            if code in figures:
                cuts.add(day)
                for name in figures[code].get("spans", {}):
                    told = period_told(name)
                    cuts |= {told.first - timedelta(days=1), told.last}
        released = ReleasedFigure._base_manager.filter(
            programme=self.snapshot.programme_id, code=code
        ).exclude(numerator=None)
        cuts |= set(released.values_list("of_day", flat=True))
        days = sorted(day for day in cuts if day <= self.snapshot.day)
        return all(
            is_large_enough(_figure(_between(sides, after, last)), self.k)
            for after, last in pairwise(days)
        )


def _share_days(one: Period, other: Period) -> bool:
    return one.first <= other.last and other.first <= one.last


def _between(sides: Iterable[Sequence[FactRow]], after: date, last: date) -> list[list[FactRow]]:
    return [[row for row in side if after < row.on <= last] for side in sides]


def _figure(sides: Sequence[Sequence[FactRow]]) -> Figure:
    rows, base = sides
    return Figure(ValueKind.COUNT, len(rows), None, "", (), tuple(rows), tuple(base))
