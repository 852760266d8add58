"""Writes about the roll of a cohort: enrol, agree to a name in print, end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.kernel.money import WHOLE_BPS
from handup.org import audit
from handup.org.models import StaffUser
from handup.people.models import Person
from handup.people.services.store import refuse_erased
from handup.training.models import Cohort, Course, Enrolment, TestResult
from handup.training.rules.states import (
    SEATED,
    CourseType,
    DropoutReason,
    EnrolmentState,
    TestKind,
)
from handup.training.services.common import chunks, not_before, not_to_come, require_each
from handup.training.services.invitations import invite_following
from handup.training.services.places import (
    as_stored,
    audit_each,
    existing,
    hold,
    may_move,
    refuse_overflow,
)
from handup.training.services.refusals import (
    LevelTestMissing,
    PrerequisiteMissing,
    ReasonMissing,
    StepNotPossible,
    WrongCohort,
)

WALKS_IN = (EnrolmentState.NOT_ELIGIBLE, EnrolmentState.WITHDRAWN)
"""Who is not expected and sits there all the same: her card is never refused."""


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
    """Put many persons on the rolls of their cohorts, all or none. Raises PersonErased for one who
    is on none yet.
    """
    require_each(acting_staff, "training.enrol_in_cohort", _cohorts(items))
    _refuse_unprepared([item for item in items if not item.exempted.strip()])
    fresh: list[Enrolment] = []
    moved: list[Enrolment] = []
    with transaction.atomic():
        hold(_cohorts(items))
        there = existing([(item.cohort.pk, item.person.pk) for item in items])
        seats = [item.cohort for item in items if _needs_seat(item, there)]
        rows = [_onto_roll(item, there, fresh, moved) for item in items]
        _refuse_full(acting_staff, seats)
        Enrolment.objects.bulk_create(fresh, batch_size=300)
        Enrolment.objects.bulk_update(moved, ROLL_FIELDS, batch_size=50)
        audit_each(acting_staff, "training.enrol_in_cohort", fresh + moved, {})
    return rows


There = dict[tuple[UUID, UUID], Enrolment]


def _needs_seat(item: EnrolmentIn, there: There) -> bool:
    """Walk-ins are taken in and flagged; the invited and the enrolled have their places."""
    row = there.get((item.cohort.pk, item.person.pk))
    return not item.walk_in and (row is None or row.state not in SEATED)


def _onto_roll(
    item: EnrolmentIn, there: There, fresh: list[Enrolment], moved: list[Enrolment]
) -> Enrolment:
    """Put one person on the roll; the row is noted as new or as moved, or left as it is."""
    row = there.get((item.cohort.pk, item.person.pk))
    if row is None:
        row = Enrolment(id=item.id, person=item.person, cohort=item.cohort)
        fresh.append(row)
        there[item.cohort.pk, item.person.pk] = row
    elif row.state == EnrolmentState.ENROLLED:
        return row
    else:
        row.person, row.cohort = item.person, item.cohort  # what the caller has is not read
        if not (item.walk_in and row.state in WALKS_IN):
            _may_move_to_roll(row)
        moved.append(row)
    _put_on_roll(row, item)
    return row


ROLL_FIELDS = (
    "state",
    "open_day_date",
    "applied_date",
    "eligible_date",
    "invited_date",
    "enrolled_date",
    "ended_date",
    "state_reason",
    "targeting_score",
    "referral_source",
    "exempted",
    "name_consent_date",
    "walk_in",
)


def _put_on_roll(row: Enrolment, item: EnrolmentIn) -> None:
    """Give the missing steps, so that a later step never counts without the ones before it.

    A card scanned before the day she is said to have applied or been invited is taken in all the
    same: she is on the roll from the last of those days on. Who had left has not ended any more.
    """
    refuse_erased(item.person)
    applied = row.applied_date or item.applied_date or item.enrolled_date
    day = item.enrolled_date
    if item.walk_in:
        steps = (applied, row.eligible_date, row.invited_date)
        day = max([day, *(step for step in steps if step is not None)])
    not_before(day, applied, field="enrolled_date")
    waived = item.exempted.strip()
    if item.walk_in:  # an invited one was expected, and what was waived for her before stands
        row.walk_in = row.walk_in or row.state != EnrolmentState.INVITED
        waived = row.exempted or (waived if row.walk_in else "")
    row.state = EnrolmentState.ENROLLED
    row.open_day_date = row.open_day_date or item.open_day_date
    row.applied_date = applied
    row.eligible_date = row.eligible_date or day
    row.invited_date = row.invited_date or day
    row.enrolled_date = day
    row.ended_date, row.state_reason = None, ""
    row.targeting_score = (
        row.targeting_score if row.targeting_score is not None else item.targeting_score
    )
    row.referral_source = row.referral_source or item.referral_source
    row.exempted = waived or row.exempted
    if item.agrees_to_name:
        row.name_consent_date = row.name_consent_date or item.enrolled_date


def agree_to_name(*, acting_staff: StaffUser, enrolment: Enrolment, on: date) -> Enrolment:
    """Record that the participant agreed to have her name printed on a certificate."""
    require_each(acting_staff, "training.enrol_in_cohort", [enrolment])
    not_to_come(on, field="on")
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


LEFT_FIELDS = ("state", "ended_date", "state_reason", "reason_text", "transferred_to")


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
    ends = {EnrolmentState.DROPPED_OUT, EnrolmentState.WITHDRAWN, EnrolmentState.TRANSFERRED}
    if state not in ends:
        raise StepNotPossible(now=enrolment.get_state_display(), then=state.value)
    not_to_come(ended_date, field="ended_date")
    if state is EnrolmentState.DROPPED_OUT and reason is None:
        raise ReasonMissing(field="reason")
    if reason is DropoutReason.OTHER and not reason_text.strip():
        raise ReasonMissing(field="reason_text")
    if state is EnrolmentState.TRANSFERRED and to_cohort is None:
        raise WrongCohort(field="to_cohort")
    with transaction.atomic():
        hold([enrolment.cohort] if to_cohort is None else [enrolment.cohort, to_cohort])
        as_stored([enrolment])
        may_move(enrolment, state)
        had_place = enrolment.state in SEATED
        enrolment.state = state
        enrolment.ended_date = ended_date
        enrolment.state_reason = reason.value if reason else ""
        enrolment.reason_text = reason_text.strip() or enrolment.reason_text
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
        enrolment.save(update_fields=LEFT_FIELDS)
        audit_each(acting_staff, "training.end_enrolment", [enrolment], {"state": state.value})
        if had_place:
            invite_following(acting_staff, enrolment.cohort, 1, timezone.localdate())
    return enrolment


def _cohorts(items: Iterable[EnrolmentIn]) -> list[Cohort]:
    return list({item.cohort.pk: item.cohort for item in items}.values())


def _may_move_to_roll(row: Enrolment) -> None:
    """An applicant not yet decided may be enrolled at once; a refused or ended one may not."""
    if row.state not in {EnrolmentState.APPLIED, EnrolmentState.ELIGIBLE}:
        may_move(row, EnrolmentState.ENROLLED)


def _refuse_full(staff: StaffUser, seats: Sequence[Cohort]) -> None:
    """Count the places a batch needs; walk-ins are taken in and flagged, the invited have
    theirs.
    """
    for cohort in {cohort.pk: cohort for cohort in seats}.values():
        refuse_overflow(staff, cohort, sum(seat.pk == cohort.pk for seat in seats))


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
    """Who passed a level test of the course itself or of what comes before it: of literacy, or of
    the course that is its prerequisite.
    """
    before = course.prerequisite
    asks = Q(test__cohort__course=course)
    if before is not None:
        asks |= Q(test__cohort__course=before)
    if before is None or before.type == CourseType.LITERACY:
        asks |= Q(test__cohort__course__type=CourseType.LITERACY)
    found: set[UUID] = set()
    for part in chunks(persons):
        sat = TestResult.objects.filter(
            asks, test__kind=TestKind.LEVEL, enrolment__person_id__in=part
        )
        found |= set(
            sat.annotate(
                reached=F("score") * WHOLE_BPS, needed=F("test__max_score") * course.pass_mark_bps
            )
            .filter(reached__gte=F("needed"))
            .values_list("enrolment__person_id", flat=True)
        )
    return found
