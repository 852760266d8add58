"""Attendance: records that only grow, from cards, papers and hands, in any order of upload."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.people.models import Person
from handup.training.models import Attendance, Enrolment, Session
from handup.training.rules.attendance import Mark, Method
from handup.training.rules.states import ON_THE_ROLL, EnrolmentState, SessionState
from handup.training.services.common import chunks, day_of, known, require_each, same
from handup.training.services.enrolments import EnrolmentIn, enrol_persons
from handup.training.services.places import hold
from handup.training.services.refusals import (
    AbsentWithMinutes,
    CohortClosed,
    NegativeMinutes,
    NotEnrolled,
    ReasonMissing,
    SessionCancelled,
    SessionInFuture,
    TooManyMinutes,
    WrongCohort,
)

SAME = ("session_id", "enrolment_id", "minutes", "mark", "corrects_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttendanceIn:
    """What one device or paper says of one person in one session.

    Give `enrolment`, or `person` alone for a scanned card: who is not on the list walks in.
    """

    session: Session
    enrolment: Enrolment | None = None
    person: Person | None = None
    minutes: int = 0
    mark: Mark = Mark.PRESENT
    method: Method = Method.MANUAL
    recorded_at: datetime = field(default_factory=timezone.now)
    id: UUID = field(default_factory=new_id)


def record_attendance(
    *,
    acting_staff: StaffUser,
    session: Session,
    minutes: int,
    enrolment: Enrolment | None = None,
    person: Person | None = None,
    mark: Mark = Mark.PRESENT,
    method: Method = Method.MANUAL,
    recorded_at: datetime | None = None,
    id: UUID | None = None,
) -> Attendance:
    """Record what one person attended of one session.

    Raises TooManyMinutes, NegativeMinutes, SessionInFuture, SessionCancelled, CohortClosed,
    WrongCohort, SameIdOtherContent.
    """
    item = AttendanceIn(
        session=session,
        enrolment=enrolment,
        person=person,
        minutes=minutes,
        mark=mark,
        method=method,
        recorded_at=recorded_at or timezone.now(),
        id=id or new_id(),
    )
    return record_attendances(acting_staff=acting_staff, items=[item])[0]


def record_attendances(
    *, acting_staff: StaffUser, items: Sequence[AttendanceIn]
) -> list[Attendance]:
    """Record many attendances at once, all or none."""
    sessions = {item.session.pk: item.session for item in items}
    cohorts = {s.cohort_id: s.cohort for s in sessions.values()}
    require_each(acting_staff, "training.record_attendance", list(cohorts.values()))
    for item in items:
        check_minutes(item.session, item.minutes, item.mark, _day_told(item.recorded_at))
    with transaction.atomic():
        hold(cohorts.values())  # a cohort that is closed meanwhile would freeze figures without it
        before = known(Attendance, [item.id for item in items])
        roll = _roll(acting_staff, items)
        rows = [_row(acting_staff, item, roll) for item in items]
        fresh = [row for row in rows if row.pk not in before]
        Attendance.objects.bulk_create(fresh, batch_size=300)
        _mark_started(fresh, sessions)
        audit.record_many(
            audit.line(acting_staff, "training.record_attendance", row, {"minutes": row.minutes})
            for row in fresh
        )
    return [same(before[row.pk], row, SAME) if row.pk in before else row for row in rows]


def correct_attendance(
    *,
    acting_staff: StaffUser,
    attendance: Attendance,
    minutes: int,
    reason: str,
    mark: Mark = Mark.PRESENT,
    recorded_at: datetime | None = None,
    id: UUID | None = None,
) -> Attendance:
    """Correct a record by a further one with a reason; the first stays as it was told."""
    require_each(acting_staff, "training.correct_attendance", [attendance])
    if not reason.strip():
        raise ReasonMissing(field="reason")
    at = recorded_at or timezone.now()
    check_minutes(attendance.session, minutes, mark, _day_told(at))
    row = Attendance(
        id=id or new_id(),
        recorded_at=at,
        session=attendance.session,
        enrolment=attendance.enrolment,
        minutes=minutes,
        mark=mark,
        method=Method.MANUAL,
        corrects=attendance,
        reason=reason.strip(),
        recorded_by=acting_staff,
    )
    with transaction.atomic():
        hold([attendance.session.cohort])
        existing: Attendance | None = Attendance.objects.filter(pk=row.pk).first()
        if existing:
            return same(existing, row, SAME)
        row.save(force_insert=True)
        _mark_started([row], {row.session_id: row.session})
        audit.record(
            acting_staff,
            "training.correct_attendance",
            row,
            {"corrects": str(attendance.pk), "minutes": minutes},
        )
    return row


def _day_told(at: datetime) -> date:
    """The day something was told, in its own zone: not later than today, however far ahead the
    clock of a device stands.
    """
    told = timezone.make_aware(at) if timezone.is_naive(at) else at
    return day_of(min(told, timezone.now().astimezone(told.tzinfo)))


def check_minutes(session: Session, minutes: int, mark: Mark, on: date) -> None:
    """Refuse minutes that cannot have been attended, naming session and limit."""
    if session.cohort.is_closed:
        raise CohortClosed
    if session.state == SessionState.CANCELLED:
        raise SessionCancelled(field="session", session=session.number)
    if session.session_date > on:
        raise SessionInFuture(field="session", session=session.number, date=session.session_date)
    limit = session.minutes_held or session.minutes_planned
    if minutes < 0:
        raise NegativeMinutes(field="minutes", session=session.number, limit=limit)
    if minutes > limit:
        raise TooManyMinutes(field="minutes", session=session.number, limit=limit, minutes=minutes)
    if mark is not Mark.PRESENT and minutes:
        raise AbsentWithMinutes(field="minutes")


Roll = dict[tuple[UUID, UUID], Enrolment]
EXPECTED = ON_THE_ROLL | {EnrolmentState.TRANSFERRED}


def _roll(staff: StaffUser, items: Sequence[AttendanceIn]) -> Roll:
    """Find the enrolment of each scanned card; a card of somebody not on the roll walks in, also
    when she applied, waits or was invited. Who moved to another cohort keeps her first row. Who is
    expected nowhere and did not come is not put on a roll for it. Raises NotEnrolled.
    """
    wanted = {
        (item.session.cohort_id, item.person.pk): item
        for item in items
        if item.enrolment is None and item.person is not None
    }
    found: Roll = {}
    persons = [person_id for _cohort, person_id in wanted]
    for part in chunks(persons):
        for row in Enrolment.objects.filter(
            person_id__in=part, cohort_id__in={cohort for cohort, _person in wanted}
        ).select_related("person"):
            if row.state in EXPECTED:
                found[row.cohort_id, row.person_id] = row
    missing = [item for key, item in wanted.items() if key not in found]
    for item in missing:
        if item.mark is not Mark.PRESENT:
            raise NotEnrolled(field="person", person=item.person)
    walk_ins = (
        enrol_persons(
            acting_staff=staff,
            items=[
                EnrolmentIn(
                    cohort=item.session.cohort,
                    person=item.person,
                    enrolled_date=item.session.session_date,
                    exempted="walked in",
                    walk_in=True,
                )
                for item in missing
                if item.person is not None
            ],
        )
        if missing
        else []
    )
    return found | {(row.cohort_id, row.person_id): row for row in walk_ins}


def _row(staff: StaffUser, item: AttendanceIn, roll: Roll) -> Attendance:
    enrolment = item.enrolment
    if enrolment is None and item.person is not None:
        enrolment = roll[item.session.cohort_id, item.person.pk]
    if enrolment is None:
        raise NotEnrolled(field="person", person="?")
    if enrolment.cohort_id != item.session.cohort_id:
        raise WrongCohort(field="enrolment")
    return Attendance(
        id=item.id,
        recorded_at=item.recorded_at,
        session=item.session,
        enrolment=enrolment,
        minutes=item.minutes,
        mark=item.mark,
        method=item.method,
        recorded_by=staff,
    )


def _mark_started(rows: Sequence[Attendance], sessions: dict[UUID, Session]) -> None:
    """Keep the day of the first attended session, which begins the step STARTED."""
    came: dict[date, list[UUID]] = {}
    for row in rows:
        if row.mark == Mark.PRESENT and row.minutes > 0:
            came.setdefault(sessions[row.session_id].session_date, []).append(row.enrolment_id)
    for day in sorted(came):
        for part in chunks(came[day]):
            Enrolment.objects.filter(
                Q(started_date=None) | Q(started_date__gt=day), pk__in=part
            ).update(started_date=day)
