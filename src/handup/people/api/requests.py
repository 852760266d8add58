"""Requests about data held of a person: the register; their words are read on the page."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    page,
)
from handup.people.api.schemas import Day, Language, Line, found, named
from handup.people.models import Person, SubjectRequest
from handup.people.rules import requests as r
from handup.people.rules.requests import RequestState
from handup.people.services import requests as asked

router = Router()
WantedState = Annotated[RequestState | None, Query(None)]


class SubjectRequestTold(Schema):
    """What is asked about data held of a person."""

    kind: r.RequestKind
    received_date: Day
    person_id: UUID | None = None
    asker: Line = ""
    details: Annotated[LongText, Field(max_length=4000)] = ""
    language: Language = ""


class SubjectRequestOut(Schema):
    """A request without its words."""

    id: UUID
    code: str
    kind: str
    state: str
    person_id: UUID | None
    received_date: date
    due_date: Annotated[date | None, Field(validation_alias="answer_by")]
    held_until: date | None
    closed_date: date | None
    by_rule: bool


class IdentityTold(Schema):
    """How it was made sure that she is who she says."""

    identity: r.IdentityCheck
    on: Day


@router.get("/subject-requests", response=PageOut[SubjectRequestOut])
def list_subject_requests(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Requests the caller may see, of one state if asked."""
    rows = SubjectRequest.objects.visible_to(request.auth_staff)
    rows = rows.filter(state=state.value) if state else rows
    items, following = page(rows, after, limit)
    reads.note(request, persons=[row.person_id for row in items if row.person_id], action="LIST")
    return {"items": items, "next": following}


@router.post("/subject-requests", response={201: SubjectRequestOut})
def record_subject_request(
    request: StaffRequest, key: IdempotencyKey, told: SubjectRequestTold
) -> Status[SubjectRequest]:
    """Record what is asked; what an authority asks is stored as refused."""
    staff = request.auth_staff
    row = asked.record_subject_request(
        acting_staff=staff,
        request=asked.SubjectRequestIn(
            id=key,
            kind=told.kind,
            received_date=told.received_date,
            person=named(Person, staff, told.person_id),
            asker=told.asker,
            details=told.details,
            language=told.language,
        ),
    )
    return Status(201, row)


@router.post("/subject-requests/{uuid:request_id}/identity", response={201: SubjectRequestOut})
def identify_asker(
    request: StaffRequest, request_id: UUID, told: IdentityTold
) -> Status[SubjectRequest]:
    """Record that it was made sure who asks."""
    staff = request.auth_staff
    row = asked.identify_asker(
        acting_staff=staff,
        request=found(SubjectRequest, staff, request_id),
        identity=told.identity,
        on=told.on,
    )
    return Status(201, row)
