"""Writes about a cohort and its sessions: open, name trainers, schedule, hold, cancel."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import BudgetLine, Organisation, Phase, Programme
from handup.training import qualified
from handup.training.models import Cohort, CohortTrainer, Course, Session, SessionPlan
from handup.training.rules.ladder import Field
from handup.training.rules.states import CohortState, CurriculumState, SessionState
from handup.training.services.common import not_before, same
from handup.training.services.refusals import (
    CohortClosed,
    CurriculumNotApproved,
    NotInThisState,
    ReasonMissing,
    SessionInFuture,
    TooManyMinutes,
    TrainerLapsed,
    WrongCohort,
)


def open_cohort(
    *,
    acting_staff: StaffUser,
    course: Course,
    programme: Programme,
    code: str,
    capacity: int,
    starts_date: date,
    ends_date: date,
    title: str = "",
    phase: Phase | None = None,
    provider: Organisation | None = None,
    budget_line: BudgetLine | None = None,
    office: Office | None = None,
    area: Area | None = None,
    venue: str = "",
    step_free: bool = False,
    childcare_room: bool = False,
    id: UUID | None = None,
) -> Cohort:
    """Open a cohort of a course for enrolment.

    Raises CurriculumNotApproved, DateBefore when it would end before it starts.
    """
    row = Cohort(
        id=id or new_id(),
        code=code,
        title=title,
        course=course,
        programme=programme,
        phase=phase,
        provider=provider,
        budget_line=budget_line,
        office=office,
        area=area,
        venue=venue,
        step_free=step_free,
        childcare_room=childcare_room,
        capacity=capacity,
        starts_date=starts_date,
        ends_date=ends_date,
        state=CohortState.OPEN,
    )
    require(acting_staff, "training.open_cohort")
    existing: Cohort | None = Cohort.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, ("code", "course_id", "programme_id", "capacity"))
    if course.curriculum.state != CurriculumState.APPROVED:
        raise CurriculumNotApproved(field="course", title=course.curriculum.title)
    not_before(ends_date, starts_date, field="ends_date")
    with transaction.atomic():
        row.save(force_insert=True)
        require(acting_staff, "training.open_cohort", row)
        audit.record(acting_staff, "training.open_cohort", row)
    return row


def name_trainer(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    staff: StaffUser | None = None,
    name: str = "",
    leads: bool = False,
) -> CohortTrainer:
    """Name who teaches a cohort: a staff user, or a provider's trainer by name only. Raises
    TrainerLapsed.
    """
    require(acting_staff, "training.name_trainer", cohort)
    if cohort.is_closed:
        raise CohortClosed
    shown = name or (staff.display_name if staff else "")
    if not shown:
        raise ReasonMissing(field="name")
    if leads and staff is not None:
        _refuse_lapsed(cohort, staff)
    with transaction.atomic():
        row: CohortTrainer
        row, _new = CohortTrainer.objects.update_or_create(
            cohort=cohort, name=shown, defaults={"staff": staff, "leads": leads}
        )
        audit.record(acting_staff, "training.name_trainer", row)
    return row


def _refuse_lapsed(cohort: Cohort, staff: StaffUser) -> None:
    """A trainer whose qualification lapsed before the course ends leads it only beside one whose
    has not. Raises TrainerLapsed.
    """
    held = qualified.lapsed_holder(Field.TRAINER, staff.pk, cohort.ends_date)
    if held is None or held.valid_to is None:
        return
    beside = cohort.trainers.filter(leads=True).exclude(staff=None).exclude(staff=staff)
    others: list[Any] = list(beside.values_list("staff_id", flat=True))
    if not any(qualified.in_force(Field.TRAINER, other, cohort.ends_date) for other in others):
        raise TrainerLapsed(field="staff", name=held.name, day=held.valid_to)


def schedule_session(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    session_date: date,
    minutes_planned: int,
    title: str = "",
    plan: SessionPlan | None = None,
    room: str = "",
    trainer: CohortTrainer | None = None,
    make_up_for: Session | None = None,
    id: UUID | None = None,
) -> Session:
    """Plan the next session of a cohort; a make-up names the session it makes good."""
    require(acting_staff, "training.schedule_session", cohort)
    if cohort.is_closed:
        raise CohortClosed
    if make_up_for is not None and make_up_for.cohort_id != cohort.pk:
        raise WrongCohort(field="make_up_for")
    if trainer is not None and trainer.cohort_id != cohort.pk:
        raise WrongCohort(field="trainer")
    not_before(session_date, cohort.starts_date, field="session_date")
    row = Session(
        id=id or new_id(),
        cohort=cohort,
        plan=plan,
        title=title or (plan.title if plan else ""),
        session_date=session_date,
        minutes_planned=minutes_planned,
        room=room,
        trainer=trainer,
        make_up_for=make_up_for,
    )
    existing: Session | None = Session.objects.filter(pk=row.pk).first()
    if existing:
        return same(existing, row, ("cohort_id", "session_date", "minutes_planned"))
    with transaction.atomic():
        row.number = cohort.sessions.count() + 1
        row.save(force_insert=True)
        audit.record(acting_staff, "training.schedule_session", row)
    return row


def hold_session(
    *, acting_staff: StaffUser, session: Session, minutes_held: int, on: date
) -> Session:
    """Say that a session took place and how long it lasted. Raises SessionInFuture.

    Once attendance is recorded its length cannot fall below what someone attended.
    """
    require(acting_staff, "training.hold_session", session)
    if session.cohort.is_closed:
        raise CohortClosed
    if session.state == SessionState.CANCELLED:
        raise NotInThisState(state=session.get_state_display())
    if min(on, timezone.localdate()) < session.session_date:
        raise SessionInFuture(session=session.number, date=session.session_date)
    longest = session.attendances.order_by("-minutes").values_list("minutes", flat=True).first()
    if longest is not None and longest > minutes_held:
        raise TooManyMinutes(
            field="minutes_held", session=session.number, limit=minutes_held, minutes=longest
        )
    with transaction.atomic():
        session.state = SessionState.HELD
        session.minutes_held = minutes_held
        session.save(update_fields=("state", "minutes_held"))
        Cohort.objects.filter(pk=session.cohort_id, state=CohortState.OPEN).update(
            state=CohortState.RUNNING
        )
        audit.record(acting_staff, "training.hold_session", session, {"minutes": minutes_held})
    return session


def cancel_session(*, acting_staff: StaffUser, session: Session, reason: str) -> Session:
    """Cancel a planned session, with a reason; it counts neither as held nor as missed."""
    require(acting_staff, "training.cancel_session", session)
    if session.cohort.is_closed:
        raise CohortClosed
    if session.state != SessionState.PLANNED:
        raise NotInThisState(state=session.get_state_display())
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        session.state = SessionState.CANCELLED
        session.cancel_reason = reason.strip()
        session.save(update_fields=("state", "cancel_reason"))
        audit.record(acting_staff, "training.cancel_session", session)
    return session
