"""Baselines and targets of a programme's logframes, as its indicators tell them: as they stood when
the snapshot was frozen, so that its file is the same whenever it is built (results.md 4.9)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import Q

from handup.kernel.money import decimal_text
from handup.projects.models import Phase
from handup.results.frozen_targets import is_of_a_few
from handup.results.models import FrozenTarget, RowIndicator, Snapshot, Target
from handup.results.rules.iati.activity import Amount
from handup.results.rules.logframe import RowLevel, number_of

LEVELS = {RowLevel.OUTPUT.value: "1", RowLevel.OUTCOME.value: "2", RowLevel.GOAL.value: "3"}


@dataclass(slots=True)
class Planned:
    """What a logframe says of one indicator: its result type, baselines, targets by their day."""

    type: str = ""
    baselines: list[Amount] = field(default_factory=list)
    targets: dict[date, list[Amount]] = field(default_factory=dict)
    lacks_year: bool = False
    """Whether a baseline has no year: the standard wants one, so that it is not told."""
    is_of_a_few: bool = False
    """Whether a baseline counts a few persons: then none is told, as no report tells it."""


def plans_of(snapshot: Snapshot, phase: Phase | None = None) -> dict[str, Planned]:
    """What the logframes of a programme, or of one phase, promised when a snapshot was frozen, by
    the code of the indicator; the last revision of then counts.

    Where two rows of logframes set one day's target of an indicator differently, none is told: the
    figure is of all of them.
    """
    held = _held(snapshot, phase)
    found: dict[str, Planned] = {}
    for one, level in held:
        plan = found.setdefault(one.code, Planned())
        plan.type = plan.type or LEVELS.get(level, "")
        baseline = _plain(one.baseline)
        plan.is_of_a_few = plan.is_of_a_few or is_of_a_few(one)
        if baseline and not one.baseline_year:
            plan.lacks_year = True
        elif baseline and not plan.baselines:
            plan.baselines.append(Amount(baseline, year=f"{one.baseline_year:04d}"))
    for plan in found.values():
        if plan.is_of_a_few:
            plan.baselines.clear()
    codes = {
        one.indicator_id if isinstance(one, FrozenTarget) else one.pk: one.code for one, _l in held
    }
    for (code, day, line), values in _targets(snapshot, codes).items():
        value, *others = set(values.values())
        if others:
            continue
        name, _equals, category = line.partition("=")
        number = _plain(value)
        if number and (not line or category):
            dimensions = ((name.strip(), category.strip()),) if line else ()
            amount = Amount(number, dimensions=dimensions)
            found[code].targets.setdefault(day, []).append(amount)
    return found


def _held(snapshot: Snapshot, phase: Phase | None) -> list[tuple[FrozenTarget | RowIndicator, str]]:
    """The indicators of the logframes with their baselines, and the level of each: as the snapshot
    keeps them; of one from before snapshots kept them, those that stood in a logframe then.
    """
    frozen = FrozenTarget._base_manager.filter(snapshot=snapshot).order_by("position")
    if phase is not None:
        frozen = frozen.filter(indicator__row__phase=phase)
    if kept := list(frozen):
        return [(one, one.level) for one in kept]
    if FrozenTarget._base_manager.filter(snapshot=snapshot).exists():
        return []
    day = snapshot.frozen_at
    assert day is not None
    rows = RowIndicator._base_manager.filter(
        Q(removed_at=None) | Q(removed_at__gt=day),
        Q(row__removed_at=None) | Q(row__removed_at__gt=day),
        row__phase__programme=snapshot.programme_id,
        recorded_at__lte=day,
        row__recorded_at__lte=day,
    ).select_related("row")
    if phase is not None:
        rows = rows.filter(row__phase=phase)
    asked = rows.order_by("row__phase__code", "row__position", "position", "id")
    return [(one, one.row.level) for one in asked]


def _targets(
    snapshot: Snapshot, codes: Mapping[UUID, str]
) -> dict[tuple[str, date, str], dict[UUID, str]]:
    """The last target by indicator of each code, day and line, as they were when it was frozen."""
    assert snapshot.frozen_at is not None
    targets = Target._base_manager.filter(
        indicator__in=list(codes), recorded_at__lte=snapshot.frozen_at
    )
    last: dict[tuple[str, date, str], dict[UUID, str]] = {}
    for told in targets.order_by("period_end", "line", "revision"):
        key = (codes[told.indicator_id], told.period_end, told.line)
        last.setdefault(key, {})[told.indicator_id] = told.value
    return last


def _plain(text: str) -> str:
    """A number as a file tells it; empty for what is none."""
    number = number_of(text)
    if number is None:
        return ""
    told = decimal_text(number, 6)
    return told.rstrip("0").rstrip(".")
