"""A snapshot's way: computed by one person, checked by another, approved, frozen (results.md 5)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from importlib.metadata import version
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results.facts import Facts
from handup.results.freezing import (
    Phases,
    estimates_of,
    figure_of,
    periods_of,
    phases_of,
    rows_of,
    snapshot_sum,
    variants_of,
)
from handup.results.frozen_targets import targets_of
from handup.results.frozen_typed import typed_of
from handup.results.logframes import not_reviewed
from handup.results.models import (
    FrozenEstimate,
    FrozenFigure,
    FrozenRow,
    FrozenTarget,
    FrozenTyped,
    Snapshot,
)
from handup.results.report import Report, report_of
from handup.results.rules.states import FigureState, SnapshotState, needs_note


class DayAhead(Refusal):
    """This day is still to come; nothing can be counted up to it yet."""


class DayNotOver(Refusal):
    """The day counted up to, {day}, is not over yet. Compute it anew when it is."""


class ComputedTooEarly(Refusal):
    """It was computed before the day counted up to, {day}, was over. Compute it anew."""


class AlreadyFrozen(Refusal):
    """This snapshot is frozen and stays as it is. Compute a new one that takes its place."""


class ReasonMissing(Refusal):
    """Write why."""


class SnapshotStillOpen(Refusal):
    """Snapshot {number} is not frozen yet. Go on with it."""


class NotTheLast(Refusal):
    """Snapshot {number} was already replaced by a later one."""


class NoteMissing(Refusal):
    """{code} moved by more than a half against {before}. Write why, then pass it on."""


class NotInState(Refusal):
    """{code} is not in the state for this step."""


class NotAllApproved(Refusal):
    """These figures are not approved yet: {codes}."""


class AssumptionsNotReviewed(Refusal):
    """Look at the assumptions of the logframe again first: {assumptions}."""


class FigureNotInSnapshot(Refusal):
    """{code} is not a figure of this snapshot."""


def compute_snapshot(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    day: date,
    reason: str = "",
    supersedes: Snapshot | None = None,
    id: UUID | None = None,
) -> Snapshot:
    """Compute a programme's figures up to the end of a day, with every row behind them.

    One that takes the place of a frozen one says why. Nobody who is hidden is counted: whoever
    reads it may read all of it. Raises DayAhead, SnapshotStillOpen, NotTheLast, ReasonMissing.
    """
    require(acting_staff, "results.compute_snapshot", programme)
    reason = reason.strip()
    known = already_stored(
        Snapshot,
        id,
        acting_staff,
        programme=programme,
        day=day,
        reason=reason,
        supersedes=supersedes,
    )
    if known is not None:
        return known
    if day > timezone.localdate():
        raise DayAhead(field="day")
    computed = _computed(programme, day)
    with transaction.atomic():
        Programme._base_manager.select_for_update().get(pk=programme.pk)
        if id is not None and (first := Snapshot._base_manager.filter(pk=id).first()):
            return first
        _refuse_place(programme, supersedes, reason)
        last = Snapshot._base_manager.filter(programme=programme).order_by("-number").first()
        snapshot = Snapshot(
            id=id or new_id(),
            programme=programme,
            number=(last.number if last else 0) + 1,
            day=day,
            computed_at=timezone.now(),
            computed_by=acting_staff,
            program_version=version("handup"),
            supersedes=supersedes,
            reason=reason,
        )
        snapshot.save(force_insert=True)
        _keep(snapshot, computed)
        audit.record(acting_staff, "results.compute_snapshot", snapshot, {"day": day.isoformat()})
    return snapshot


@dataclass(frozen=True, slots=True)
class Computed:
    """The figures of a day, what each that is of a period counts in those that end on it, what each
    is with other parameters, and each by phase."""

    report: Report
    periods: Mapping[str, Mapping[str, Any]]
    variants: Mapping[str, Mapping[str, Any]]
    phases: Mapping[str, Phases]


def _computed(programme: Programme, day: date) -> Computed:
    """The figures of a day without whoever is hidden, their lines in the words of the house: the
    same for whoever computes them.
    """
    facts = Facts(programme, day, hidden_from_all())
    with override(settings.LANGUAGE_CODE):
        report = report_of(facts)
        return Computed(
            report,
            {line.code: periods_of(line, facts) for line in report.lines},
            {line.code: variants_of(line, facts) for line in report.lines},
            {line.code: phases_of(line, facts) for line in report.lines},
        )


def _keep(snapshot: Snapshot, computed: Computed) -> None:
    report = computed.report
    phases = computed.phases
    pairs = [
        (
            figure_of(
                snapshot,
                line,
                computed.periods[line.code],
                computed.variants[line.code],
                phases[line.code],
            ),
            line,
        )
        for line in report.lines
    ]
    FrozenFigure.objects.bulk_create(figure for figure, _line in pairs)
    FrozenEstimate.objects.bulk_create(estimates_of(snapshot))
    FrozenTyped.objects.bulk_create(typed_of(snapshot))
    for figure, line in pairs:
        FrozenRow.objects.bulk_create(rows_of(figure, line, phases[line.code]), batch_size=500)


def compute_again(
    *, acting_staff: StaffUser, snapshot: Snapshot, day: date | None = None
) -> Snapshot:
    """Compute a snapshot that is still open anew, for another day where one is told: what was sent
    back is counted as it stands now. Everything is a draft again; notes stay. Raises DayAhead,
    AlreadyFrozen.
    """
    require(acting_staff, "results.compute_snapshot", snapshot)
    day = day or snapshot.day
    if day > timezone.localdate():
        raise DayAhead(field="day")
    computed = _computed(snapshot.programme, day)
    with transaction.atomic():
        row = _open(snapshot)
        old = FrozenFigure._base_manager.filter(snapshot=row)
        notes = dict(old.values_list("code", "note"))
        FrozenRow._base_manager.filter(figure__snapshot=row).delete()
        FrozenEstimate._base_manager.filter(snapshot=row).delete()
        FrozenTyped._base_manager.filter(snapshot=row).delete()
        old.delete()
        row.day, row.computed_at, row.computed_by = day, timezone.now(), acting_staff
        row.program_version = version("handup")
        row.save(update_fields=("day", "computed_at", "computed_by", "program_version"))
        _keep(row, computed)
        for figure in FrozenFigure._base_manager.filter(snapshot=row):
            if notes.get(figure.code):
                FrozenFigure.objects.filter(pk=figure.pk).update(note=notes[figure.code])
        audit.record(acting_staff, "results.compute_again", row, {"day": day.isoformat()})
    return row


def _refuse_place(programme: Programme, supersedes: Snapshot | None, reason: str) -> None:
    still = Snapshot._base_manager.filter(programme=programme, state=SnapshotState.OPEN.value)
    if (waiting := still.first()) is not None:
        raise SnapshotStillOpen(number=waiting.number, field="day")
    if supersedes is None:
        return
    if supersedes.programme_id != programme.pk or supersedes.state != SnapshotState.FROZEN:
        raise NotTheLast(number=supersedes.number)
    if Snapshot._base_manager.filter(supersedes=supersedes).exists():
        raise NotTheLast(number=supersedes.number)
    if not reason:
        raise ReasonMissing(field="reason")


def _open(snapshot: Snapshot) -> Snapshot:
    """The snapshot, locked. Raises AlreadyFrozen."""
    locked = Snapshot._base_manager.select_for_update().get(pk=snapshot.pk)
    if locked.state == SnapshotState.FROZEN:
        raise AlreadyFrozen
    return locked


def _figures(snapshot: Snapshot, codes: Collection[str], state: FigureState) -> list[FrozenFigure]:
    """The figures named, each in one state. Raises FigureNotInSnapshot, NotInState."""
    rows = FrozenFigure._base_manager.filter(snapshot=snapshot)
    held = {row.code: row for row in rows}
    found = []
    for code in dict.fromkeys(codes):
        if code not in held:
            raise FigureNotInSnapshot(code=code, field="codes")
        if held[code].state != state.value:
            raise NotInState(code=code, field="codes")
        found.append(held[code])
    return found


def note_figure(*, acting_staff: StaffUser, figure: FrozenFigure, note: str) -> FrozenFigure:
    """Say something about a figure that is still a draft, why it moved for example."""
    require(acting_staff, "results.compute_snapshot", figure)
    with transaction.atomic():
        snapshot = _open(figure.snapshot)
        [row] = _figures(snapshot, [figure.code], FigureState.DRAFT)
        row.note = note.strip()
        row.save(update_fields=("note",))
        audit.record(acting_staff, "results.note_figure", row)
    return row


def check_figures(
    *, acting_staff: StaffUser, snapshot: Snapshot, codes: Collection[str], reason: str = ""
) -> list[FrozenFigure]:
    """Check drafts somebody else computed; all that are named, or none.

    Raises SamePerson, NoteMissing for a figure that moved by more than a half, NotInState.
    """
    require(acting_staff, "results.check_figures", snapshot)
    with transaction.atomic():
        snapshot = _open(snapshot)
        rows = _figures(snapshot, codes, FigureState.DRAFT)
        require_other_person(
            acting_staff,
            snapshot.computed_by,
            step="results.check_figures",
            reason=reason,
            obj=snapshot,
        )
        before = _before(snapshot)
        for row in rows:
            earlier = before.get(row.code)
            if earlier and not row.note and needs_note(value_of(earlier), value_of(row)):
                raise NoteMissing(code=row.code, before=earlier.value, field="codes")
            row.state, row.checked_by = FigureState.CHECKED.value, acting_staff
            row.sent_back_reason = ""
        _store(acting_staff, rows, "results.check_figures")
    return rows


def value_of(figure: FrozenFigure) -> Fraction | None:
    """A figure as one number: its count, or its count of what it is of."""
    if figure.denominator is None:
        return Fraction(figure.numerator)
    return Fraction(figure.numerator, figure.denominator) if figure.denominator else None


def _before(snapshot: Snapshot) -> dict[str, FrozenFigure]:
    """The figures of the last frozen snapshot of an earlier day."""
    last = (
        Snapshot._base_manager.filter(
            programme=snapshot.programme_id,
            state=SnapshotState.FROZEN.value,
            day__lt=snapshot.day,
        )
        .order_by("-day", "-number")
        .first()
    )
    rows = FrozenFigure._base_manager.filter(snapshot=last) if last else ()
    return {row.code: row for row in rows}


def approve_figures(
    *, acting_staff: StaffUser, snapshot: Snapshot, codes: Collection[str], reason: str = ""
) -> list[FrozenFigure]:
    """Approve figures that two others computed and checked; all that are named, or none."""
    require(acting_staff, "results.approve_figures", snapshot)
    with transaction.atomic():
        snapshot = _open(snapshot)
        rows = _figures(snapshot, codes, FigureState.CHECKED)
        hands = [snapshot.computed_by, *(row.checked_by for row in rows)]
        require_other_person(
            acting_staff, *hands, step="results.approve_figures", reason=reason, obj=snapshot
        )
        for row in rows:
            row.state, row.approved_by = FigureState.APPROVED.value, acting_staff
        _store(acting_staff, rows, "results.approve_figures")
    return rows


def send_back_figure(*, acting_staff: StaffUser, figure: FrozenFigure, reason: str) -> FrozenFigure:
    """Send a checked or approved figure back to whoever computed it, with the reason."""
    require(acting_staff, "results.check_figures", figure)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        snapshot = _open(figure.snapshot)
        row = FrozenFigure._base_manager.get(pk=figure.pk, snapshot=snapshot)
        if row.state == FigureState.DRAFT:
            raise NotInState(code=row.code)
        row.state = FigureState.DRAFT.value
        row.checked_by = row.approved_by = None
        row.sent_back_reason = reason.strip()
        _store(acting_staff, [row], "results.send_back_figure")
    return row


def _store(staff: StaffUser, rows: list[FrozenFigure], action: str) -> None:
    fields = ("state", "checked_by", "approved_by", "sent_back_reason")
    FrozenFigure.objects.bulk_update(rows, fields)
    audit.record_many(audit.line(staff, action, row, {"code": row.code}) for row in rows)


def freeze_snapshot(*, acting_staff: StaffUser, snapshot: Snapshot) -> Snapshot:
    """Freeze a snapshot whose figures are all approved, with what the logframes promise of them on
    this day, and a checksum over every row.

    Raises NotAllApproved, DayNotOver, AlreadyFrozen, AssumptionsNotReviewed.
    """
    require(acting_staff, "results.approve_figures", snapshot)
    with transaction.atomic():
        snapshot = _open(snapshot)
        if snapshot.day >= timezone.localdate():
            raise DayNotOver(day=snapshot.day)
        if timezone.localdate(snapshot.computed_at) <= snapshot.day:
            raise ComputedTooEarly(day=snapshot.day)
        rows = list(FrozenFigure._base_manager.filter(snapshot=snapshot).order_by("code"))
        waiting = [row.code for row in rows if row.state != FigureState.APPROVED]
        if waiting:
            raise NotAllApproved(codes=", ".join(waiting))
        if unseen := not_reviewed(snapshot):
            raise AssumptionsNotReviewed(assumptions="; ".join(unseen[:5]))
        for row in rows:
            row.state = FigureState.FROZEN.value
        FrozenFigure.objects.bulk_update(rows, ("state",))
        FrozenTarget.objects.bulk_create(targets_of(snapshot))
        snapshot.state, snapshot.frozen_by = SnapshotState.FROZEN.value, acting_staff
        snapshot.frozen_at = timezone.now()
        snapshot.sha256 = snapshot_sum(snapshot)
        snapshot.save(update_fields=("state", "frozen_by", "frozen_at", "sha256"))
        audit.record(acting_staff, "results.freeze_snapshot", snapshot, {"sum": snapshot.sha256})
    return snapshot
