"""Asking after participants: tasks opened by the absence watch, contacts, drop-out cases."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.training.facts import CohortFacts, of_cohorts
from handup.training.models import (
    Cohort,
    CohortTrainer,
    ContactAttempt,
    DropoutCase,
    Enrolment,
    FollowUp,
)
from handup.training.rules.attendance import unexcused
from handup.training.rules.followup import (
    SAID,
    CaseState,
    ContactWay,
    FollowUpEnd,
    FollowUpKind,
    asks_again,
    due_date,
)
from handup.training.rules.states import CohortState, DropoutReason, EnrolmentState
from handup.training.services.common import known, not_before, not_to_come, require_each, same
from handup.training.services.enrolments import leave
from handup.training.services.refusals import (
    CaseClosed,
    ContactMissing,
    FollowUpEnded,
    ReasonMissing,
    SettledOnTheRoster,
    StepNotPossible,
)

RUNNING = (CohortState.OPEN, CohortState.RUNNING)


def open_follow_ups(
    *, acting_staff: StaffUser, cohorts: Sequence[Cohort], on: date
) -> list[FollowUp]:
    """Open a task for whoever the absence watch names and for each attendance told in two ways;
    end those that are settled or whose person is no longer enrolled.

    Each task goes to the person's case officer, else to who leads the cohort, else to who asks; it
    is due three days later. Asked twice on the same records nothing new is opened. Returns the new
    tasks.
    """
    require_each(acting_staff, "training.open_follow_ups", cohorts)
    return watch(acting_staff, cohorts, on)


def watch(staff: StaffUser | None, cohorts: Sequence[Cohort], on: date) -> list[FollowUp]:
    """Do what `open_follow_ups` does, for callers that have asked the permission, and every night
    for nobody: then a person with neither case officer nor trainer waits for who asks by hand.
    """
    running = [cohort for cohort in cohorts if cohort.state in RUNNING]
    with transaction.atomic():
        # Two who ask at once wait for each other here, so that a task is opened once.
        ids = [cohort.pk for cohort in running]
        list(Cohort.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
        leaders = _leaders(ids)
        facts = of_cohorts(running)
        rows = FollowUp.objects.filter(enrolment__cohort__in=ids).select_related("enrolment")
        tasks: dict[UUID, list[FollowUp]] = {}
        for task in rows:
            tasks.setdefault(task.enrolment_id, []).append(task)
        fresh: list[FollowUp] = []
        for cohort in running:
            leader = leaders.get(cohort.pk, staff.pk if staff else None)
            fresh += _of_cohort(facts[cohort.pk], tasks, leader, on)
            mine = {
                pk: rows for pk, rows in tasks.items() if rows[0].enrolment.cohort_id == cohort.pk
            }
            _settle(staff, facts[cohort.pk], mine, on)
        FollowUp.objects.bulk_create(fresh, batch_size=200)
        if staff is not None:
            audit.record_many(
                audit.line(staff, "training.open_follow_up", row, {"kind": row.kind})
                for row in fresh
            )
    return fresh


def _leaders(cohorts: Iterable[UUID]) -> dict[UUID, UUID]:
    rows = CohortTrainer.objects.filter(cohort__in=cohorts, staff__isnull=False)
    found: dict[UUID, UUID] = {}
    for row in rows.order_by("-leads", "name"):
        assert row.staff_id is not None
        found.setdefault(row.cohort_id, row.staff_id)
    return found


def _of_cohort(
    facts: CohortFacts, tasks: dict[UUID, list[FollowUp]], leader: UUID | None, on: date
) -> list[FollowUp]:
    found: list[FollowUp] = []
    for row in facts.enrolments:
        if row.state != EnrolmentState.ENROLLED or not facts.alert(row.pk):
            continue
        past = [one for one in tasks.get(row.pk, ()) if one.kind == FollowUpKind.ABSENCE]
        if any(not one.end for one in past) or _has_open_case(past):
            continue
        missed = _missed(facts, row)
        if asks_again(missed, max((one.missed for one in past), default=None)):
            found += _task(row, FollowUpKind.ABSENCE, leader, on, missed=missed)
    by_id = {row.pk: row for row in facts.enrolments}
    for enrolment_id, session_id in facts.conflicts():
        standing = any(
            one.session_id == session_id and not one.end for one in tasks.get(enrolment_id, ())
        )
        if not standing and enrolment_id in by_id:
            row = by_id[enrolment_id]
            found += _task(row, FollowUpKind.CONFLICT, leader, on, session=session_id)
    return found


def _has_open_case(past: Sequence[FollowUp]) -> bool:
    return DropoutCase.objects.filter(
        follow_up__in=[one.pk for one in past], state=CaseState.OPEN
    ).exists()


def _missed(facts: CohortFacts, row: Enrolment) -> int:
    marks = facts.marks(row.pk)
    return sum(unexcused(marks.get(one.id)) for one in facts.sessions if not one.make_up_for)


def _task(
    row: Enrolment,
    kind: FollowUpKind,
    leader: UUID | None,
    on: date,
    *,
    missed: int = 0,
    session: UUID | None = None,
) -> list[FollowUp]:
    """The task as a list of one; none where nobody can be named for it."""
    whose = row.person.case_officer_id or leader
    if whose is None:
        return []
    task = FollowUp(
        enrolment=row,
        kind=kind,
        session_id=session,
        assigned_to_id=whose,
        opened_date=on,
        due_date=due_date(on),
        missed=missed,
    )
    return [task]


def _settle(
    staff: StaffUser | None, facts: CohortFacts, tasks: dict[UUID, list[FollowUp]], on: date
) -> None:
    """End tasks nobody has to do any more."""
    conflicts = set(facts.conflicts())
    states = {row.pk: row.state for row in facts.enrolments}
    for enrolment_id, rows in tasks.items():
        for task in rows:
            if task.end:
                continue
            if task.kind == FollowUpKind.CONFLICT and task.session_id is not None:
                if (enrolment_id, task.session_id) not in conflicts:
                    _end(staff, task, FollowUpEnd.CORRECTED, on)
            elif states.get(enrolment_id) != EnrolmentState.ENROLLED:
                _end(staff, task, FollowUpEnd.OVER, on)


def _end(staff: StaffUser | None, task: FollowUp, end: FollowUpEnd, on: date) -> None:
    task.end, task.ended_date, task.ended_by = end.value, max(on, task.opened_date), staff
    task.save(update_fields=["end", "ended_date", "ended_by"])
    if staff is not None:
        audit.record(staff, "training.end_follow_up", task, {"end": end.value})


def end_tasks_of(staff: StaffUser, cohort: Cohort, on: date) -> None:
    """End every open task of a cohort that closes; called in its transaction."""
    for task in FollowUp.objects.filter(enrolment__cohort=cohort, end=""):
        _end(staff, task, FollowUpEnd.OVER, on)


def record_contact(
    *,
    acting_staff: StaffUser,
    follow_up: FollowUp,
    contact_date: date,
    way: ContactWay,
    reached: bool,
    told: str = "",
    id: UUID | None = None,
) -> ContactAttempt:
    """Record one attempt to reach a person. Raises FollowUpEnded, DateBefore, AfterToday."""
    require(acting_staff, "training.follow_up", follow_up)
    row = ContactAttempt(
        id=id or new_id(),
        follow_up=follow_up,
        contact_date=contact_date,
        way=way,
        reached=reached,
        told=told.strip(),
        recorded_by=acting_staff,
    )
    if (stored := known(ContactAttempt, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("follow_up_id", "contact_date", "way", "reached", "told"))
    with transaction.atomic():
        task = _held(follow_up)
        if task.end and not _case_open(task):
            raise FollowUpEnded
        not_before(contact_date, task.opened_date, field="contact_date")
        not_to_come(contact_date, field="contact_date")
        row.save(force_insert=True)
        audit.record(acting_staff, "training.record_contact", row, {"reached": reached})
    return row


def hand_over_follow_up(
    *, acting_staff: StaffUser, follow_up: FollowUp, assigned_to: StaffUser
) -> FollowUp:
    """Give a task to another member of staff; its day stays. Raises FollowUpEnded."""
    require(acting_staff, "training.follow_up", follow_up)
    with transaction.atomic():
        task = _open(follow_up)
        task.assigned_to = assigned_to
        task.save(update_fields=["assigned_to"])
        told = {"to": str(assigned_to.pk)}
        audit.record(acting_staff, "training.hand_over_follow_up", task, told)
    return task


def end_follow_up(
    *, acting_staff: StaffUser, follow_up: FollowUp, ended_date: date, end: FollowUpEnd
) -> FollowUp:
    """Say that a person comes again, or why she was away and stays enrolled.

    Raises FollowUpEnded, ContactMissing, SettledOnTheRoster, DateBefore, AfterToday.
    """
    require(acting_staff, "training.follow_up", follow_up)
    with transaction.atomic():
        task = _open(follow_up)
        if task.kind == FollowUpKind.CONFLICT:
            raise SettledOnTheRoster
        if end not in SAID:
            raise StepNotPossible(now=task.get_kind_display(), then=end.value)
        not_before(ended_date, task.opened_date, field="ended_date")
        not_to_come(ended_date, field="ended_date")
        _asked(task)
        _end(acting_staff, task, end, ended_date)
    return task


def open_dropout_case(
    *,
    acting_staff: StaffUser,
    follow_up: FollowUp,
    opened_date: date,
    reason: DropoutReason,
    reason_text: str = "",
    id: UUID | None = None,
) -> DropoutCase:
    """Open a drop-out case with its coded reason, once somebody tried to reach the person.

    OTHER needs words. Raises FollowUpEnded, ContactMissing, SettledOnTheRoster, ReasonMissing,
    DateBefore.
    """
    require(acting_staff, "training.follow_up", follow_up)
    row = DropoutCase(
        id=id or new_id(),
        follow_up=follow_up,
        opened_date=opened_date,
        opened_by=acting_staff,
        reason=reason,
        reason_text=reason_text.strip(),
    )
    if (stored := known(DropoutCase, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("follow_up_id", "opened_date", "reason", "reason_text"))
    if reason is DropoutReason.OTHER and not row.reason_text:
        raise ReasonMissing(field="reason_text")
    with transaction.atomic():
        task = _open(follow_up)
        if task.kind == FollowUpKind.CONFLICT:
            raise SettledOnTheRoster
        not_before(opened_date, task.opened_date, field="opened_date")
        not_to_come(opened_date, field="opened_date")
        _asked(task)
        row.save(force_insert=True)
        _end(acting_staff, task, FollowUpEnd.LEAVING, opened_date)
        audit.record(acting_staff, "training.open_dropout_case", row)
    return row


def close_dropout_case(
    *, acting_staff: StaffUser, case: DropoutCase, closed_date: date, left: bool
) -> DropoutCase:
    """Close a case: she left, and her enrolment ends with the case's reason; or she came back.

    Raises CaseClosed, CohortClosed, StepNotPossible, DateBefore, AfterToday.
    """
    require(acting_staff, "training.follow_up", case.follow_up)
    with transaction.atomic():
        row = DropoutCase.objects.select_for_update(of=("self",)).get(pk=case.pk)
        if row.state != CaseState.OPEN:
            raise CaseClosed
        not_before(closed_date, row.opened_date, field="closed_date")
        not_to_come(closed_date, field="closed_date")
        row.state = CaseState.LEFT if left else CaseState.RETURNED
        row.closed_date, row.closed_by = closed_date, acting_staff
        row.save(update_fields=["state", "closed_date", "closed_by"])
        enrolment = row.follow_up.enrolment
        if left and enrolment.state == EnrolmentState.ENROLLED:
            leave(
                acting_staff,
                enrolment,
                EnrolmentState.DROPPED_OUT,
                closed_date,
                DropoutReason(row.reason),
                row.reason_text,
            )
        audit.record(
            acting_staff, "training.close_dropout_case", row, {"state": CaseState(row.state).value}
        )
    return row


def _held(follow_up: FollowUp) -> FollowUp:
    row: FollowUp = (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("enrolment__person", "enrolment__cohort")
        .get(pk=follow_up.pk)
    )
    return row


def _open(follow_up: FollowUp) -> FollowUp:
    task = _held(follow_up)
    if task.end:
        raise FollowUpEnded
    return task


def _case_open(task: FollowUp) -> bool:
    return DropoutCase.objects.filter(follow_up=task, state=CaseState.OPEN).exists()


def _asked(task: FollowUp) -> None:
    if not task.contacts.exists():
        raise ContactMissing(person=task.enrolment.person)
