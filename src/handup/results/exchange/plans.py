"""Baselines and targets of a programme's logframes, as its indicators tell them."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from handup.kernel.money import decimal_text
from handup.projects.models import Phase, Programme
from handup.results.frozen_targets import is_of_a_few
from handup.results.models import RowIndicator, Target
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


def plans_of(programme: Programme, phase: Phase | None = None) -> dict[str, Planned]:
    """The plans of a programme's phases, or of one, by the code of the indicator; the last revision
    counts.

    Where two rows of logframes set one day's target of an indicator differently, none is told: the
    figure is of all of them.
    """
    rows = RowIndicator._base_manager.filter(
        row__phase__programme=programme, removed_at=None, row__removed_at=None
    ).select_related("row")
    if phase is not None:
        rows = rows.filter(row__phase=phase)
    found: dict[str, Planned] = {}
    codes = {}
    for one in rows.order_by("row__phase__code", "row__position", "position", "id"):
        plan = found.setdefault(one.code, Planned())
        plan.type = plan.type or LEVELS.get(one.row.level, "")
        baseline = _plain(one.baseline)
        plan.is_of_a_few = plan.is_of_a_few or is_of_a_few(one)
        if baseline and not one.baseline_year:
            plan.lacks_year = True
        elif baseline and not plan.baselines:
            plan.baselines.append(Amount(baseline, year=f"{one.baseline_year:04d}"))
        codes[one.pk] = one.code
    for plan in found.values():
        if plan.is_of_a_few:
            plan.baselines.clear()
    targets = Target._base_manager.filter(indicator__in=codes)
    last: dict[tuple[str, date, str], dict[UUID, str]] = {}
    for told in targets.order_by("period_end", "line", "revision"):
        key = (codes[told.indicator_id], told.period_end, told.line)
        last.setdefault(key, {})[told.indicator_id] = told.value
    for (code, day, line), values in last.items():
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


def _plain(text: str) -> str:
    """A number as a file tells it; empty for what is none."""
    number = number_of(text)
    if number is None:
        return ""
    told = decimal_text(number, 6)
    return told.rstrip("0").rstrip(".")
