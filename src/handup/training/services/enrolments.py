"""Writes about one person's way through a cohort: apply, decide, invite, enrol, end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F

from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.people.models import Person
from handup.training.models import Cohort, Course, Enrolment, TestResult
from handup.training.rules import waiting
from handup.training.rules.states import (
    SEATED,
    DropoutReason,
    EnrolmentState,
    TestKind,
    may_follow,
)
from handup.training.services.common import chunks, known, not_before, require_each, same
from handup.training.services.refusals import (
    AlreadyEnrolled,
    CohortClosed,
    CohortFull,
    LevelTestMissing,
    NeedsAnotherPerson,
    OutOfOrder,
    PrerequisiteMissing,
    ReasonMissing,
    StepNotPossible,
    WrongCohort,
)

SAME = ("person_id", "cohort_id")
WALKS_IN = (EnrolmentState.NOT_ELIGIBLE, EnrolmentState.WITHDRAWN)
"""Who is not expected and sits there all the same: her card is never refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationIn:
    """One person who wants into a cohort; an open day is where she heard of it."""

    cohort: Cohort
    person: Person
    applied_date: date
    open_day_date: date | None = None
    targeting_score: Decimal | None = None
    referral_source: str = ""
    id: UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentIn:
    """One person to be put on the roll of a cohort; steps not taken before are given now.

    `exempted` is the reason why the course's prerequisite is waived; `agrees_to_name` says that
    she agreed to have her name printed on a certificate.
    """

    cohort: Cohort
    person: Person
    enrolled_date: date
    open_day_date: date | None = None
    applied_date: date | None = None
    targeting_score: Decimal | None = None
    referral_source: str = ""
    exempted: str = ""
    agrees_to_name: bool = False
    walk_in: bool = False
    id: UUID = field(default_factory=new_id)


def record_application(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    person: Person,
    applied_date: date,
    open_day_date: date | None = None,
    targeting_score: Decimal | None = None,
    referral_source: str = "",
    id: UUID | None = None,
) -> Enrolment:
    """Record that a person applied for a cohort. Raises CohortClosed, AlreadyEnrolled."""
    item = ApplicationIn(
        cohort=cohort,
        person=person,
        applied_date=applied_date,
        open_day_date=open_day_date,
        targeting_score=targeting_score,
        referral_source=referral_source,
        id=id or new_id(),
    )
    return record_applications(acting_staff=acting_staff, items=[item])[0]


def record_applications(
    *, acting_staff: StaffUser, items: Sequence[ApplicationIn]
) -> list[Enrolment]:
    """Record many applications at once. Raises CohortClosed, AlreadyEnrolled."""
    require_each(acting_staff, "training.record_application", _cohorts(items))
    _refuse_closed(_cohorts(items))
    before = known(Enrolment, [item.id for item in items])
    rows = [
        Enrolment(
            id=item.id,
            person=item.person,
            cohort=item.cohort,
            state=EnrolmentState.APPLIED,
            open_day_date=item.open_day_date,
            applied_date=item.applied_date,
            targeting_score=item.targeting_score,
            referral_source=item.referral_source,
        )
        for item in items
    ]
    fresh = [row for row in rows if row.pk not in before]
    _refuse_doubles(fresh)
    with transaction.atomic():
        Enrolment.objects.bulk_create(fresh, batch_size=300)
        audit.record_many(
            audit.line(acting_staff, "training.record_application", row) for row in fresh
        )
    return [same(before[row.pk], row, SAME) if row.pk in before else row for row in rows]


def decide_application(
    *,
    acting_staff: StaffUser,
    enrolments: Sequence[Enrolment],
    eligible: bool,
    decided_date: date,
    reason: str = "",
) -> list[Enrolment]:
    """Find applicants eligible or not; "not" needs a reason, the eligible go on the waiting
    list.
    """
    require_each(acting_staff, "training.decide_application", enrolments)
    _refuse_closed(enrolment.cohort for enrolment in enrolments)
    if not eligible and not reason.strip():
        raise ReasonMissing(field="reason")
    then = EnrolmentState.ELIGIBLE if eligible else EnrolmentState.NOT_ELIGIBLE
    for row in enrolments:
        _may_move(row, then)
        not_before(decided_date, row.applied_date, field="decided_date")
    with transaction.atomic():
        for row in enrolments:
            row.state = EnrolmentState.WAITING if eligible else then
            row.eligible_date = decided_date if eligible else None
            row.reason_text = reason.strip()
        update_rows(Enrolment, ("state", "eligible_date", "reason_text"), enrolments)
        _audit(acting_staff, "training.decide_application", enrolments, {"result": then.value})
    return list(enrolments)


def invite_to_cohort(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    enrolments: Sequence[Enrolment],
    invited_date: date,
    reason: str = "",
    asked_by: StaffUser | None = None,
) -> list[Enrolment]:
    """Invite from the waiting list in its order, as far as there are places.

    Out of order needs a reason and a second person: `asked_by` asked for it, another invites.
    Raises CohortFull, OutOfOrder, NeedsAnotherPerson.
    """
    require_each(acting_staff, "training.invite_to_cohort", [cohort])
    _refuse_closed([cohort])
    chosen = {row.pk for row in enrolments}
    queue: list[Enrolment] = list(cohort.enrolments.filter(state=EnrolmentState.WAITING))
    for row in enrolments:
        if row.cohort_id != cohort.pk:
            raise WrongCohort(field="enrolments")
        _may_move(row, EnrolmentState.INVITED)
    passed = waiting.out_of_order([waiting_of(row) for row in queue], chosen)
    if passed and not reason.strip():
        raise OutOfOrder(field="reason", passed_over=len(passed))
    if passed and (asked_by is None or asked_by.pk == acting_staff.pk):
        raise NeedsAnotherPerson(field="asked_by")
    with transaction.atomic():
        _refuse_overflow(cohort, len(enrolments))
        for row in enrolments:
            row.state = EnrolmentState.INVITED
            row.invited_date = invited_date
            row.reason_text = reason.strip()
        update_rows(Enrolment, ("state", "invited_date", "reason_text"), enrolments)
        asked = str(asked_by.pk) if passed and asked_by else None
        _audit(acting_staff, "training.invite_to_cohort", enrolments, {"asked_by": asked})
    return list(enrolments)


def enrol_in_cohort(
    *,
    acting_staff: StaffUser,
    cohort: Cohort,
    person: Person,
    enrolled_date: date,
    open_day_date: date | None = None,
    applied_date: date | None = None,
    targeting_score: Decimal | None = None,
    referral_source: str = "",
    exempted: str = "",
    agrees_to_name: bool = False,
    walk_in: bool = False,
    id: UUID | None = None,
) -> Enrolment:
    """Put a person on the roll of a cohort.

    Raises CohortClosed, CohortFull, PrerequisiteMissing, LevelTestMissing, StepNotPossible.
    """
    item = EnrolmentIn(
        cohort=cohort,
        person=person,
        enrolled_date=enrolled_date,
        open_day_date=open_day_date,
        applied_date=applied_date,
        targeting_score=targeting_score,
        referral_source=referral_source,
        exempted=exempted,
        agrees_to_name=agrees_to_name,
        walk_in=walk_in,
        id=id or new_id(),
    )
    return enrol_persons(acting_staff=acting_staff, items=[item])[0]


def enrol_persons(*, acting_staff: StaffUser, items: Sequence[EnrolmentIn]) -> list[Enrolment]:
    """Put many persons on the rolls of their cohorts, all or none."""
    require_each(acting_staff, "training.enrol_in_cohort", _cohorts(items))
    _refuse_closed(_cohorts(items))
    _refuse_unprepared([item for item in items if not item.exempted.strip()])
    there = _existing([(item.cohort.pk, item.person.pk) for item in items])
    fresh: list[Enrolment] = []
    moved: list[Enrolment] = []
    rows: list[Enrolment] = []
    seats: list[Cohort] = []
    for item in items:
        row = there.get((item.cohort.pk, item.person.pk))
        if row is None:
            row = Enrolment(id=item.id, person=item.person, cohort=item.cohort)
            fresh.append(row)
        elif row.state == EnrolmentState.ENROLLED:
            rows.append(row)
            continue
        else:
            row.person, row.cohort = item.person, item.cohort  # what the caller has is not read
            if not (item.walk_in and row.state in WALKS_IN):
                _may_move_to_roll(row)
            moved.append(row)
        if not item.walk_in and row.state not in SEATED:
            seats.append(item.cohort)
        _put_on_roll(row, item)
        rows.append(row)
    with transaction.atomic():
        _refuse_full(seats)
        Enrolment.objects.bulk_create(fresh, batch_size=300)
        Enrolment.objects.bulk_update(moved, ROLL_FIELDS, batch_size=50)
        _audit(acting_staff, "training.enrol_in_cohort", fresh + moved, {})
    return rows


ROLL_FIELDS = (
    "state",
    "open_day_date",
    "applied_date",
    "eligible_date",
    "invited_date",
    "enrolled_date",
    "targeting_score",
    "referral_source",
    "exempted",
    "name_consent_date",
    "walk_in",
)


def _put_on_roll(row: Enrolment, item: EnrolmentIn) -> None:
    """Give the missing steps, so that a later step never counts without the ones before it."""
    applied = row.applied_date or item.applied_date or item.enrolled_date
    not_before(item.enrolled_date, applied, field="enrolled_date")
    row.state = EnrolmentState.ENROLLED
    row.open_day_date = row.open_day_date or item.open_day_date
    row.applied_date = applied
    row.eligible_date = row.eligible_date or item.enrolled_date
    row.invited_date = row.invited_date or item.enrolled_date
    row.enrolled_date = item.enrolled_date
    row.targeting_score = (
        row.targeting_score if row.targeting_score is not None else item.targeting_score
    )
    row.referral_source = row.referral_source or item.referral_source
    row.exempted = item.exempted.strip() or row.exempted
    row.walk_in = row.walk_in or item.walk_in
    if item.agrees_to_name:
        row.name_consent_date = row.name_consent_date or item.enrolled_date


def agree_to_name(*, acting_staff: StaffUser, enrolment: Enrolment, on: date) -> Enrolment:
    """Record that the participant agreed to have her name printed on a certificate."""
    require_each(acting_staff, "training.enrol_in_cohort", [enrolment])
    with transaction.atomic():
        enrolment.name_consent_date = on
        enrolment.save(update_fields=("name_consent_date",))
        audit.record(acting_staff, "training.agree_to_name", enrolment)
    return enrolment


def end_enrolment(
    *,
    acting_staff: StaffUser,
    enrolment: Enrolment,
    state: EnrolmentState,
    ended_date: date,
    reason: DropoutReason | None = None,
    reason_text: str = "",
    to_cohort: Cohort | None = None,
) -> Enrolment:
    """End an enrolment: dropped out (with a coded reason), withdrawn, or moved to another cohort.

    A transfer leaves the first row TRANSFERRED and counts once, in the cohort it went to.
    """
    require_each(acting_staff, "training.end_enrolment", [enrolment])
    return leave(acting_staff, enrolment, state, ended_date, reason, reason_text, to_cohort)


def leave(
    acting_staff: StaffUser,
    enrolment: Enrolment,
    state: EnrolmentState,
    ended_date: date,
    reason: DropoutReason | None = None,
    reason_text: str = "",
    to_cohort: Cohort | None = None,
) -> Enrolment:
    """Do what `end_enrolment` does, for services that have asked their own act's permission."""
    _refuse_closed([enrolment.cohort])
    _may_move(enrolment, state)
    ends = {EnrolmentState.DROPPED_OUT, EnrolmentState.WITHDRAWN, EnrolmentState.TRANSFERRED}
    if state not in ends:
        raise StepNotPossible(now=enrolment.get_state_display(), then=state.value)
    if state is EnrolmentState.DROPPED_OUT and reason is None:
        raise ReasonMissing(field="reason")
    if reason is DropoutReason.OTHER and not reason_text.strip():
        raise ReasonMissing(field="reason_text")
    if state is EnrolmentState.TRANSFERRED and to_cohort is None:
        raise WrongCohort(field="to_cohort")
    with transaction.atomic():
        enrolment.state = state
        enrolment.ended_date = ended_date
        enrolment.state_reason = reason.value if reason else ""
        enrolment.reason_text = reason_text.strip()
        if to_cohort is not None and state is EnrolmentState.TRANSFERRED:
            enrolment.transferred_to = enrol_in_cohort(
                acting_staff=acting_staff,
                cohort=to_cohort,
                person=enrolment.person,
                enrolled_date=ended_date,
                open_day_date=enrolment.open_day_date,
                applied_date=enrolment.applied_date,
                targeting_score=enrolment.targeting_score,
                exempted="transfer",
            )
        enrolment.save()
        _audit(acting_staff, "training.end_enrolment", [enrolment], {"state": state.value})
    return enrolment


def waiting_of(row: Enrolment) -> waiting.Waiting:
    """How somebody stands on the waiting list."""
    return waiting.Waiting(
        row.pk,
        row.person_id,
        row.targeting_score,
        row.applied_date or date.max,
        did_not_answer=row.invited_date is not None,
    )


def _cohorts(items: Iterable[ApplicationIn | EnrolmentIn]) -> list[Cohort]:
    return list({item.cohort.pk: item.cohort for item in items}.values())


def _audit(
    staff: StaffUser, action: str, rows: Sequence[Enrolment], facts: dict[str, str | None]
) -> None:
    audit.record_many(audit.line(staff, action, row, facts) for row in rows)


def _refuse_closed(cohorts: Iterable[Cohort]) -> None:
    if any(cohort.is_closed for cohort in cohorts):
        raise CohortClosed


def _existing(pairs: Sequence[tuple[UUID, UUID]]) -> dict[tuple[UUID, UUID], Enrolment]:
    found: dict[tuple[UUID, UUID], Enrolment] = {}
    by_cohort: dict[UUID, list[UUID]] = {}
    for cohort_id, person_id in pairs:
        by_cohort.setdefault(cohort_id, []).append(person_id)
    for cohort_id, persons in by_cohort.items():
        for part in chunks(persons):
            for row in Enrolment.objects.filter(cohort_id=cohort_id, person_id__in=part):
                found[row.cohort_id, row.person_id] = row
    return found


def _refuse_doubles(rows: Sequence[Enrolment]) -> None:
    there = _existing([(row.cohort_id, row.person_id) for row in rows])
    for row in rows:
        if (row.cohort_id, row.person_id) in there:
            raise AlreadyEnrolled(field="person", person=row.person)


def _may_move(row: Enrolment, then: EnrolmentState) -> None:
    if not may_follow(EnrolmentState(row.state), then):
        raise StepNotPossible(now=row.get_state_display(), then=then.value)


def _may_move_to_roll(row: Enrolment) -> None:
    """An applicant not yet decided may be enrolled at once; a refused or ended one may not."""
    if row.state not in {EnrolmentState.APPLIED, EnrolmentState.ELIGIBLE}:
        _may_move(row, EnrolmentState.ENROLLED)


def _refuse_overflow(cohort: Cohort, more: int) -> None:
    taken = cohort.enrolments.filter(state__in=SEATED).count()
    if taken + more > cohort.capacity:
        raise CohortFull(field="cohort", capacity=cohort.capacity)


def _refuse_full(seats: Sequence[Cohort]) -> None:
    """Count the places a batch needs; walk-ins are taken in and flagged, the invited have
    theirs.
    """
    for cohort in {cohort.pk: cohort for cohort in seats}.values():
        _refuse_overflow(cohort, sum(seat.pk == cohort.pk for seat in seats))


def _refuse_unprepared(items: Sequence[EnrolmentIn]) -> None:
    """Refuse who lacks the course's prerequisite or level test."""
    by_course: dict[Course, list[Person]] = {}
    for item in items:
        course = item.cohort.course
        if course.prerequisite_id or course.level_test_required:
            by_course.setdefault(course, []).append(item.person)
    for course, persons in by_course.items():
        ids = [person.pk for person in persons]
        done = _completed(course.prerequisite_id, ids) if course.prerequisite_id else set()
        tested = _passed_level_test(course, ids) if course.level_test_required else set()
        for person in persons:
            if course.level_test_required and person.pk not in tested | done:
                raise LevelTestMissing(field="person", person=person)
            if not course.level_test_required and person.pk not in done:
                raise PrerequisiteMissing(field="person", person=person, course=course.prerequisite)


def _completed(course_id: UUID, persons: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for part in chunks(persons):
        found |= set(
            Enrolment.objects.filter(
                cohort__course_id=course_id, person_id__in=part, completed_date__isnull=False
            ).values_list("person_id", flat=True)
        )
    return found


def _passed_level_test(course: Course, persons: Sequence[UUID]) -> set[UUID]:
    found: set[UUID] = set()
    for part in chunks(persons):
        sat = TestResult.objects.filter(test__kind=TestKind.LEVEL, enrolment__person_id__in=part)
        found |= set(
            sat.annotate(
                reached=F("score") * WHOLE_BPS, needed=F("test__max_score") * course.pass_mark_bps
            )
            .filter(reached__gte=F("needed"))
            .values_list("enrolment__person_id", flat=True)
        )
    return found
