"""A phase's logframe as it is read: rows in order, each indicator with baseline, target, actual and
how far it is; what a phase lacks before it begins (results.md 4.3)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import decimal_text, divide
from handup.org import safety
from handup.projects.models import Phase
from handup.projects.rules.states import PhaseStatus
from handup.results.budgets import spent_of
from handup.results.definitions import catalogue
from handup.results.models import (
    FrozenFigure,
    LogframeRow,
    RowIndicator,
    Snapshot,
    Target,
    TypedValue,
)
from handup.results.rules.catalogue import Indicator
from handup.results.rules.logframe import (
    Assumption,
    Colour,
    Lack,
    Measure,
    Revised,
    RowFact,
    RowLevel,
    achievement,
    colour_of,
    cost_per_result,
    lacks,
    number_of,
    target_for,
)
from handup.results.rules.states import FigureState, SnapshotState

COLOURS = {
    Colour.REACHED: _("reached"),
    Colour.NEARLY: _("nearly reached"),
    Colour.BELOW: _("below"),
    Colour.UNDEFINED: _("not defined"),
}
LACKS = {
    Lack.ROWS: _("a logframe with an outcome or an output"),
    Lack.INDICATOR: _("an indicator"),
    Lack.TARGET: _("a target"),
    Lack.BASELINE: _("a baseline, or why there is none"),
    Lack.MEANS: _("the means of verification"),
}
ORDER = tuple(RowLevel)


@dataclass(frozen=True, slots=True)
class Measured:
    """One indicator of a row beside its target and what a frozen snapshot says of it."""

    indicator: RowIndicator
    definition: Indicator | None
    target: Revised | None
    figure: FrozenFigure | None
    typed: TypedValue | None
    reached: Fraction | None
    colour: Colour

    @property
    def name(self) -> str:
        """What it is called; one that is shown no more keeps its code."""
        return gettext(self.definition.name) if self.definition else self.indicator.code

    @property
    def actual(self) -> str:
        """What the snapshot says, as a plain number."""
        if self.figure is not None:
            return self.figure.value
        return self.typed.value if self.typed else ""

    @property
    def counted(self) -> Fraction | None:
        """How many came of it; None of a share and of an amount, which are not so many."""
        held = self.figure or self.typed
        if held is None or held.denominator is not None:
            return None
        return None if self.figure and self.figure.currency else number_of(self.actual)

    @property
    def is_typed(self) -> bool:
        """Whether somebody typed it: it is marked wherever it stands."""
        return self.figure is None and self.typed is not None

    @property
    def achieved(self) -> str:
        """How far it is in per cent, one decimal; empty where that is not defined."""
        return "" if self.reached is None else decimal_text(self.reached, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a logframe, how deep it lies, and its indicators."""

    row: LogframeRow
    depth: int
    measured: Sequence[Measured]
    cost_units: int | None = None
    cost_each: int | None = None


def last_snapshot(phase: Phase) -> Snapshot | None:
    """The frozen snapshot a phase is held against: the last of its programme."""
    rows = Snapshot._base_manager.filter(
        programme=phase.programme_id, state=SnapshotState.FROZEN.value
    )
    return rows.order_by("-day", "-number").first()


def lines_of(phase: Phase, snapshot: Snapshot | None) -> list[Line]:
    """The rows of a phase's logframe, each below the one it belongs to."""
    rows = list(
        LogframeRow._base_manager.filter(phase=phase, removed_at=None)
        .select_related("budget_line__budget")
        .order_by("position", "id")
    )
    frozen = snapshot.figures.select_related("snapshot") if snapshot else ()
    figures = {row.code: row for row in frozen}
    indicators = indicators_of(rows)
    typed = _typed(phase, snapshot)
    good, fair = safety.value("results.good_from"), safety.value("results.fair_from")
    found: list[Line] = []
    for row, depth in in_order(rows):
        measured = [
            _measured(one, figures.get(one.code), typed.get(one.code), good, fair)
            for one in indicators.get(row.pk, ())
        ]
        cost = _cost(row, rows, snapshot.day if snapshot else None)
        each = cost_per_result(cost, measured[0].counted if measured else None)
        whole = None if each is None else divide(each.numerator, each.denominator)
        found.append(Line(row, depth, measured, cost, whole))
    return found


def in_order(rows: Sequence[LogframeRow]) -> Iterable[tuple[LogframeRow, int]]:
    """The rows of one phase, each below the one it belongs to, with how deep it lies."""
    below: dict[object, list[LogframeRow]] = {}
    known = {row.pk for row in rows}
    for row in sorted(rows, key=lambda one: (ORDER.index(RowLevel(one.level)), one.position)):
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)

    def walk(parent: object, depth: int) -> Iterable[tuple[LogframeRow, int]]:
        for row in below.get(parent, ()):
            yield row, depth
            yield from walk(row.pk, depth + 1)

    return walk(None, 0)


def indicators_of(rows: Sequence[LogframeRow]) -> dict[object, list[RowIndicator]]:
    """The indicators of rows by the row, with their targets at hand."""
    found: dict[object, list[RowIndicator]] = {}
    asked = RowIndicator._base_manager.filter(row__in=rows, removed_at=None)
    for one in asked.prefetch_related("targets").order_by("position", "id"):
        found.setdefault(one.row_id, []).append(one)
    return found


def revised(targets: Iterable[Target]) -> list[Revised]:
    """Targets as the rules read them."""
    return [Revised(row.period_end, row.line, row.revision, row.value) for row in targets]


def _measured(
    one: RowIndicator,
    figure: FrozenFigure | None,
    typed: TypedValue | None,
    good: int,
    fair: int,
) -> Measured:
    definition = catalogue().get(one.code)
    targets = revised(one.targets.all())
    day = min((row.period_end for row in targets), default=None)
    actual = None
    if figure is not None:
        day, actual = figure.snapshot.day, number_of(figure.value)
    elif typed is not None:
        day, actual = typed.period_end, number_of(typed.value)
    target = target_for(targets, day) if day else None
    reached = achievement(
        actual,
        number_of(target.value) if target else None,
        number_of(one.baseline),
        is_up_better=definition.is_up_better if definition else True,
    )
    colour = colour_of(reached, good=good, fair=fair)
    return Measured(one, definition, target, figure, typed, reached, colour)


def _typed(phase: Phase, snapshot: Snapshot | None) -> dict[str, TypedValue]:
    """The last approved typed value of each indicator, up to the day of a snapshot. One that is
    being corrected stands until the correction is approved.
    """
    rows = TypedValue._base_manager.filter(
        programme=phase.programme_id, state=FigureState.APPROVED.value
    ).exclude(superseded_by__state=FigureState.APPROVED.value)
    if snapshot is not None:
        rows = rows.filter(period_end__lte=snapshot.day)
    return {row.code: row for row in rows.order_by("period_end", "id")}


def _cost(row: LogframeRow, rows: Sequence[LogframeRow], until: date | None = None) -> int | None:
    """What the activities of an output spent by the day its results are counted up to; None where
    none points to a budget line."""
    if row.level != RowLevel.OUTPUT:
        return None
    spending = {
        one.budget_line_id: one.budget_line
        for one in rows
        if one.parent_id == row.pk and one.budget_line is not None
    }
    if not spending:
        return None
    total = 0
    for pk, line in spending.items():
        assert line is not None
        spent = spent_of(line.budget, until).get(pk) if pk else None
        if spent is None:
            return None
        total += spent
    return total


def currency_of(line: Line, rows: Sequence[Line]) -> str:
    """The currency its activities spend in; empty where they spend in several."""
    found = {
        one.row.budget_line.currency
        for one in rows
        if one.row.parent_id == line.row.pk and one.row.budget_line is not None
    }
    return found.pop() if len(found) == 1 else ""


def missing_to_begin(phase: Phase) -> list[str]:
    """What a phase lacks before it may begin, in words: asked when it turns from prepared to
    active.
    """
    if phase.status != PhaseStatus.PIPELINE:
        return []
    rows = list(LogframeRow._base_manager.filter(phase=phase, removed_at=None))
    indicators = indicators_of(rows)
    facts = [
        RowFact(
            row.statement,
            RowLevel(row.level),
            row.means,
            [
                Measure(
                    any(not target.line for target in one.targets.all()),
                    bool(one.baseline or one.baseline_reason),
                )
                for one in indicators.get(row.pk, ())
            ],
        )
        for row in sorted(rows, key=lambda one: one.position)
    ]
    return [f"{name}: {LACKS[lack]}" if name else str(LACKS[lack]) for name, lack in lacks(facts)]


def not_reviewed(snapshot: Snapshot) -> list[str]:
    """The assumptions of running phases that nobody looked at since the day of a snapshot."""
    rows = LogframeRow._base_manager.filter(
        phase__programme=snapshot.programme_id,
        phase__status=PhaseStatus.ACTIVE.value,
        removed_at=None,
    ).exclude(assumption="")
    return [
        row.assumption
        for row in rows.order_by("phase", "position")
        if row.reviewed_date is None or row.reviewed_date < snapshot.day
    ]


def at_risk(rows: Iterable[Line]) -> int:
    """How many rows rely on what does not hold, or may not."""
    return sum(line.row.assumption_state != Assumption.HOLDS.value for line in rows)
