"""Writes about the way to a place: apply, decide, invite in the order of the waiting list."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import update_rows
from handup.org.models import StaffUser
from handup.org.scope import hidden_from
from handup.people.models import Person
from handup.people.services.store import refuse_erased
from handup.training.models import Cohort, Enrolment
from handup.training.rules import waiting
from handup.training.rules.states import EnrolmentState
from handup.training.services.common import known, not_before, not_to_come, require_each, same
from handup.training.services.places import (
    as_stored,
    audit_each,
    existing,
    hold,
    may_move,
    refuse_overflow,
    waits_for,
)
from handup.training.services.refusals import (
    AlreadyEnrolled,
    NeedsAnotherPerson,
    OutOfOrder,
    PersonErased,
    ReasonMissing,
    WrongCohort,
)

SAME = ("person_id", "cohort_id")


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
    """Record many applications at once. Raises CohortClosed, AlreadyEnrolled, PersonErased."""
    require_each(acting_staff, "training.record_application", _cohorts(items))
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
    refuse_erased(*(row.person for row in fresh))
    with transaction.atomic():
        hold(_cohorts(items))
        _refuse_doubles(fresh)
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
    list. Raises ReasonMissing, StepNotPossible, DateBefore, AfterToday.
    """
    require_each(acting_staff, "training.decide_application", enrolments)
    if not eligible and not reason.strip():
        raise ReasonMissing(field="reason")
    not_to_come(decided_date, field="decided_date")
    then = EnrolmentState.ELIGIBLE if eligible else EnrolmentState.NOT_ELIGIBLE
    with transaction.atomic():
        hold(row.cohort for row in enrolments)
        as_stored(enrolments)
        for row in enrolments:
            may_move(row, then)
            not_before(decided_date, row.applied_date, field="decided_date")
        for row in enrolments:
            row.state = EnrolmentState.WAITING if eligible else then
            row.eligible_date = decided_date if eligible else None
            row.reason_text = reason.strip() or row.reason_text
        update_rows(Enrolment, ("state", "eligible_date", "reason_text"), enrolments)
        audit_each(acting_staff, "training.decide_application", enrolments, {"result": then.value})
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

    Out of order needs a reason and a second person: `asked_by` asked for it, another invites. Who
    invites tells those invited, so that the week to answer begins. Raises CohortFull, OutOfOrder,
    NeedsAnotherPerson, PersonErased, AfterToday.
    """
    require_each(acting_staff, "training.invite_to_cohort", [cohort])
    not_to_come(invited_date, field="invited_date")
    with transaction.atomic():
        hold([cohort])
        as_stored(enrolments)
        passed = _passed_over(acting_staff, cohort, enrolments)
        if passed and not reason.strip():
            raise OutOfOrder(field="reason", passed_over=passed)
        if passed and (asked_by is None or asked_by.pk == acting_staff.pk):
            raise NeedsAnotherPerson(field="asked_by")
        refuse_overflow(acting_staff, cohort, len(enrolments))
        for row in enrolments:
            row.state = EnrolmentState.INVITED
            row.invited_date = row.told_date = invited_date
            row.reason_text = reason.strip() or row.reason_text
        names = ("state", "invited_date", "told_date", "reason_text")
        update_rows(Enrolment, names, enrolments)
        asked = str(asked_by.pk) if passed and asked_by else None
        audit_each(acting_staff, "training.invite_to_cohort", enrolments, {"asked_by": asked})
    return list(enrolments)


def queue_of(cohort: Cohort) -> list[Enrolment]:
    """Who waits for a place of a cohort; who was erased or left its programme waits no more."""
    return list(waits_for(cohort))


def _passed_over(staff: StaffUser, cohort: Cohort, chosen: Sequence[Enrolment]) -> int:
    """How many of the waiting list come before those chosen and are not among them, of whom this
    member of staff may know.
    """
    hidden = hidden_from(staff)
    for row in chosen:
        if row.cohort_id != cohort.pk:
            raise WrongCohort(field="enrolments")
        if row.person.erased_date is not None:
            raise PersonErased(field="enrolments")
        may_move(row, EnrolmentState.INVITED)
    queue = [waiting_of(row) for row in queue_of(cohort) if row.person_id not in hidden]
    return len(waiting.out_of_order(queue, {row.pk for row in chosen}))


def waiting_of(row: Enrolment) -> waiting.Waiting:
    """How somebody stands on the waiting list."""
    return waiting.Waiting(
        row.pk,
        row.person_id,
        row.targeting_score,
        row.applied_date or date.max,
        did_not_answer=row.told_date is not None,
    )


def _cohorts(items: Iterable[ApplicationIn]) -> list[Cohort]:
    return list({item.cohort.pk: item.cohort for item in items}.values())


def _refuse_doubles(rows: Sequence[Enrolment]) -> None:
    there = existing([(row.cohort_id, row.person_id) for row in rows])
    for row in rows:
        if (row.cohort_id, row.person_id) in there:
            raise AlreadyEnrolled(field="person", person=row.person)
