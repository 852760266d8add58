"""A phase's logframe: rows, indicators with baseline, targets with revisions, assumptions looked at
again (results.md 4.3, 5)."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import BudgetLine, Phase
from handup.results.definitions import catalogue
from handup.results.models import LogframeRow, RowIndicator, Target
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.rules.logframe import Assumption, RowLevel, number_of, plain_of
from handup.results.services.freezing import ReasonMissing

PARENTS: dict[RowLevel, frozenset[RowLevel]] = {
    RowLevel.GOAL: frozenset(),
    RowLevel.OUTCOME: frozenset({RowLevel.GOAL}),
    RowLevel.OUTPUT: frozenset({RowLevel.OUTCOME}),
    RowLevel.ACTIVITY: frozenset({RowLevel.OUTPUT}),
}


class StatementMissing(Refusal):
    """Write what is to be reached."""


class ParentOfOtherLevel(Refusal):
    """An outcome belongs to a goal, an output to an outcome, an activity to an output."""


class RowOfOtherPhase(Refusal):
    """This row belongs to another phase."""


class BudgetLineElsewhere(Refusal):
    """Only an activity spends on a budget line, and on one of its own phase."""


class RowHasRowsBelow(Refusal):
    """Other rows belong to this one. Take them out first."""


class RowRemoved(Refusal):
    """This row was taken out of the logframe."""


class IndicatorThereAlready(Refusal):
    """{code} is an indicator of this row already."""


class BaselineUnreadable(Refusal):
    """Write the baseline in digits, for example 12.5."""


class BaselineMissing(Refusal):
    """Write where it stood before, or why nobody knows."""


class BaselineYearMissing(Refusal):
    """Write the year of the baseline."""


class TargetUnreadable(Refusal):
    """Write the target in digits, for example 1250."""


class TargetUnchanged(Refusal):
    """This is the target already."""


class AssumptionMissing(Refusal):
    """This row relies on nothing that could be looked at."""


def add_logframe_row(
    *,
    acting_staff: StaffUser,
    phase: Phase,
    level: RowLevel,
    statement: str,
    parent: LogframeRow | None = None,
    means: str = "",
    assumption: str = "",
    budget_line: BudgetLine | None = None,
    id: UUID | None = None,
) -> LogframeRow:
    """Add a row below its parent. Raises StatementMissing, ParentOfOtherLevel, RowOfOtherPhase,
    BudgetLineElsewhere.
    """
    require(acting_staff, "results.edit_logframe", phase)
    row = LogframeRow(
        id=id or new_id(),
        phase=phase,
        level=RowLevel(level).value,
        parent=parent,
        statement=statement.strip(),
        means=means.strip(),
        assumption=assumption.strip(),
        budget_line=budget_line,
    )
    known = already_stored(
        LogframeRow, id, acting_staff, phase=phase, level=row.level, statement=row.statement
    )
    if known is not None:
        return known
    _refuse_row(row)
    with transaction.atomic():
        Phase._base_manager.select_for_update().get(pk=phase.pk)
        if first := LogframeRow._base_manager.filter(pk=row.pk).first():
            return first
        last = LogframeRow._base_manager.filter(phase=phase).order_by("-position").first()
        row.position = (last.position if last else 0) + 1
        row.save(force_insert=True)
        audit.record(acting_staff, "results.add_logframe_row", row, {"level": row.level})
    return row


def _refuse_row(row: LogframeRow) -> None:
    if not row.statement:
        raise StatementMissing(field="statement")
    parent, line = row.parent, row.budget_line
    if parent is not None:
        if parent.phase_id != row.phase_id or parent.removed_at is not None:
            raise RowOfOtherPhase(field="parent")
        if RowLevel(parent.level) not in PARENTS[RowLevel(row.level)]:
            raise ParentOfOtherLevel(field="parent")
    if line is not None and (
        row.level != RowLevel.ACTIVITY or line.budget.phase_id != row.phase_id
    ):
        raise BudgetLineElsewhere(field="budget_line")


def change_logframe_row(
    *,
    acting_staff: StaffUser,
    row: LogframeRow,
    statement: str,
    means: str = "",
    assumption: str = "",
    budget_line: BudgetLine | None = None,
) -> LogframeRow:
    """Word a row anew; an assumption that is another one has to be looked at again."""
    require(acting_staff, "results.edit_logframe", row)
    with transaction.atomic():
        held = _row(row)
        if held.assumption != assumption.strip():
            held.reviewed_date, held.reviewed_by = None, None
            held.assumption_state = Assumption.HOLDS.value
        held.statement, held.means = statement.strip(), means.strip()
        held.assumption, held.budget_line = assumption.strip(), budget_line
        _refuse_row(held)
        held.save()
        audit.record(acting_staff, "results.change_logframe_row", held)
    return held


def remove_logframe_row(*, acting_staff: StaffUser, row: LogframeRow, reason: str) -> LogframeRow:
    """Take a row out of the logframe; it stays readable in the trail. Raises RowHasRowsBelow."""
    require(acting_staff, "results.edit_logframe", row)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        held = _row(row)
        if held.children.filter(removed_at=None).exists():
            raise RowHasRowsBelow(field="reason")
        held.removed_at = timezone.now()
        held.save(update_fields=("removed_at",))
        audit.record(acting_staff, "results.remove_logframe_row", held, {"why": reason.strip()})
    return held


def review_assumption(
    *, acting_staff: StaffUser, row: LogframeRow, state: Assumption
) -> LogframeRow:
    """Say whether what a row relies on still holds today. Raises AssumptionMissing."""
    require(acting_staff, "results.edit_logframe", row)
    with transaction.atomic():
        held = _row(row)
        if not held.assumption:
            raise AssumptionMissing(field="state")
        held.assumption_state = Assumption(state).value
        held.reviewed_date, held.reviewed_by = timezone.localdate(), acting_staff
        held.save(update_fields=("assumption_state", "reviewed_date", "reviewed_by"))
        facts = {"state": held.assumption_state}
        audit.record(acting_staff, "results.review_assumption", held, facts)
    return held


def add_row_indicator(
    *,
    acting_staff: StaffUser,
    row: LogframeRow,
    code: str,
    baseline: str = "",
    baseline_year: int | None = None,
    baseline_reason: str = "",
    id: UUID | None = None,
) -> RowIndicator:
    """Say what shows whether a row is reached, and where it stood before.

    Raises UnknownIndicator, IndicatorThereAlready, BaselineUnreadable, BaselineMissing,
    BaselineYearMissing.
    """
    require(acting_staff, "results.edit_logframe", row)
    found = RowIndicator(
        id=id or new_id(),
        row=row,
        code=code.strip(),
        baseline=plain_of(baseline),
        baseline_year=baseline_year,
        baseline_reason=baseline_reason.strip(),
    )
    known = already_stored(RowIndicator, id, acting_staff, row=row, code=found.code)
    if known is not None:
        return known
    if found.code not in catalogue():
        raise UnknownIndicator(indicator=found.code, field="code")
    _refuse_baseline(found)
    with transaction.atomic():
        held = _row(row)
        if first := RowIndicator._base_manager.filter(pk=found.pk).first():
            return first
        others = held.indicators.filter(removed_at=None)
        if others.filter(code=found.code).exists():
            raise IndicatorThereAlready(code=found.code, field="code")
        found.position = others.count() + 1
        found.save(force_insert=True)
        audit.record(acting_staff, "results.add_row_indicator", found, {"code": found.code})
    return found


def _refuse_baseline(row: RowIndicator) -> None:
    if row.baseline and number_of(row.baseline) is None:
        raise BaselineUnreadable(field="baseline")
    if not row.baseline and not row.baseline_reason:
        raise BaselineMissing(field="baseline_reason")
    if row.baseline and row.baseline_year is None:
        raise BaselineYearMissing(field="baseline_year")


def remove_row_indicator(
    *, acting_staff: StaffUser, indicator: RowIndicator, reason: str
) -> RowIndicator:
    """Take an indicator out of a row, with its targets."""
    require(acting_staff, "results.edit_logframe", indicator)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        held = RowIndicator._base_manager.select_for_update(of=("self",)).get(pk=indicator.pk)
        if held.removed_at is None:
            held.removed_at = timezone.now()
            held.save(update_fields=("removed_at",))
            facts = {"why": reason.strip()}
            audit.record(acting_staff, "results.remove_row_indicator", held, facts)
    return held


def set_target(
    *,
    acting_staff: StaffUser,
    indicator: RowIndicator,
    period_end: date,
    value: str,
    line: str = "",
    reason: str = "",
    id: UUID | None = None,
) -> Target:
    """Set what is to be reached by the end of a period; another value for the same period is a
    revision, and says why. A target equal to the baseline is stored.

    Raises TargetUnreadable, TargetUnchanged, ReasonMissing.
    """
    require(acting_staff, "results.edit_logframe", indicator)
    plain = plain_of(value)
    line = line.strip()
    stored = {"indicator": indicator, "period_end": period_end, "value": plain, "line": line}
    if (known := already_stored(Target, id, acting_staff, **stored)) is not None:
        return known
    if number_of(plain) is None:
        raise TargetUnreadable(field="value")
    with transaction.atomic():
        locked = RowIndicator._base_manager.select_for_update(of=("self",))
        held = locked.select_related("row").get(pk=indicator.pk)
        if held.removed_at is not None or held.row.removed_at is not None:
            raise RowRemoved(field="value")
        rows = Target._base_manager.filter(indicator=held, period_end=period_end, line=line)
        last = rows.order_by("-revision").first()
        if last is not None and number_of(last.value) == number_of(plain):
            raise TargetUnchanged(field="value")
        if last is not None and not reason.strip():
            raise ReasonMissing(field="reason")
        row = Target(
            id=id or new_id(),
            indicator=held,
            period_end=period_end,
            line=line,
            value=plain,
            revision=(last.revision if last else 0) + 1,
            reason=reason.strip(),
            set_by=acting_staff,
        )
        row.save(force_insert=True)
        audit.record(acting_staff, "results.set_target", row, {"revision": row.revision})
    return row


def _row(row: LogframeRow) -> LogframeRow:
    rows = LogframeRow._base_manager.select_for_update(of=("self",))
    held = rows.select_related("phase", "budget_line__budget").get(pk=row.pk)
    if held.removed_at is not None:
        raise RowRemoved
    return held
