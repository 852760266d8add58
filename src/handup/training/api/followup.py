"""The API door to asking after participants: tasks, contacts, drop-out cases."""

from datetime import date
from uuid import UUID

from ninja import Schema, Status

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.training import services
from handup.training.api.base import Day, Reason, router, seen
from handup.training.models import Cohort, ContactAttempt, DropoutCase, FollowUp
from handup.training.rules.followup import ContactWay, FollowUpEnd
from handup.training.rules.states import DropoutReason


class FollowUpOut(Schema):
    """A task to ask after a person."""

    id: UUID
    enrolment_id: UUID
    kind: str
    session_id: UUID | None
    assigned_to_id: UUID
    opened_date: date
    due_date: date
    missed: int
    end: str


class OnTold(Schema):
    """The day it is looked at."""

    on: Day


class ContactTold(Schema):
    """One attempt to reach a person."""

    contact_date: Day
    way: ContactWay
    reached: bool
    told: Reason = ""


class ContactOut(Schema):
    """An attempt as recorded; what was said is not given out."""

    id: UUID
    follow_up_id: UUID
    contact_date: date
    way: str
    reached: bool


class EndedTold(Schema):
    """How a task ended."""

    ended_date: Day
    end: FollowUpEnd


class DropoutTold(Schema):
    """Why somebody is about to leave."""

    opened_date: Day
    reason: DropoutReason
    reason_text: Reason = ""


class DropoutOut(Schema):
    """A drop-out case; its words are not given out."""

    id: UUID
    follow_up_id: UUID
    reason: str
    state: str
    opened_date: date
    closed_date: date | None


class ClosedTold(Schema):
    """How a case ended."""

    closed_date: Day
    left: bool


@router.get("/follow-ups", response=PageOut[FollowUpOut])
def list_follow_ups(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Tasks the caller may see, those done too."""
    require(request.auth_staff, "training.view_follow_up")
    rows = FollowUp.objects.visible_to(request.auth_staff).select_related("enrolment")
    items, following = page(rows, after, limit)
    persons = [row.enrolment.person_id for row in items]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/cohorts/{uuid:cohort_id}/follow-ups", response={201: list[FollowUpOut]})
def open_follow_ups(request: StaffRequest, cohort_id: UUID, told: OnTold) -> Status[list[FollowUp]]:
    """Hand out the tasks of a cohort; asked twice nothing new is opened."""
    row = seen(Cohort, request.auth_staff, cohort_id)
    staff = request.auth_staff
    fresh = services.open_follow_ups(acting_staff=staff, cohorts=[row], on=told.on)
    found = FollowUp.objects.visible_to(staff).filter(pk__in=[one.pk for one in fresh])
    rows = list(found.select_related("enrolment"))
    persons = [one.enrolment.person_id for one in rows]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return Status(201, rows)


@router.post("/follow-ups/{uuid:follow_up_id}/contacts", response={201: ContactOut})
def record_contact(
    request: StaffRequest, follow_up_id: UUID, key: IdempotencyKey, told: ContactTold
) -> Status[ContactAttempt]:
    """Record one attempt to reach a person."""
    row = services.record_contact(
        acting_staff=request.auth_staff,
        follow_up=seen(FollowUp, request.auth_staff, follow_up_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.post("/follow-ups/{uuid:follow_up_id}/end", response=FollowUpOut)
def end_follow_up(request: StaffRequest, follow_up_id: UUID, told: EndedTold) -> FollowUp:
    """Say that a person stays."""
    row = seen(FollowUp, request.auth_staff, follow_up_id)
    return services.end_follow_up(acting_staff=request.auth_staff, follow_up=row, **told.dict())


@router.post("/follow-ups/{uuid:follow_up_id}/case", response={201: DropoutOut})
def open_dropout_case(
    request: StaffRequest, follow_up_id: UUID, key: IdempotencyKey, told: DropoutTold
) -> Status[DropoutCase]:
    """Open a drop-out case."""
    row = services.open_dropout_case(
        acting_staff=request.auth_staff,
        follow_up=seen(FollowUp, request.auth_staff, follow_up_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.get("/dropout-cases", response=PageOut[DropoutOut])
def list_dropout_cases(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Drop-out cases the caller may know of."""
    require(request.auth_staff, "training.view_dropout_case")
    rows = DropoutCase.objects.visible_to(request.auth_staff)
    items, following = page(rows.select_related("follow_up__enrolment"), after, limit)
    persons = [row.follow_up.enrolment.person_id for row in items]
    reads.note(request, persons=persons, action="LIST", highest="S")
    return {"items": items, "next": following}


@router.post("/dropout-cases/{uuid:case_id}/close", response=DropoutOut)
def close_dropout_case(request: StaffRequest, case_id: UUID, told: ClosedTold) -> DropoutCase:
    """Close a case: she left, or she came back."""
    row = seen(DropoutCase, request.auth_staff, case_id)
    return services.close_dropout_case(acting_staff=request.auth_staff, case=row, **told.dict())
