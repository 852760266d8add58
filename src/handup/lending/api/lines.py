"""A borrower's line through the API."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from ninja import Schema, Status

from handup.lending.api.access import router, seen
from handup.lending.api.schemas import Day
from handup.lending.api.terms import Strict
from handup.lending.models import BorrowerLine
from handup.lending.services import lines as services
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.people.models import Person
from handup.people.rules.codes import ConsentMethod


class LineNew(Strict):
    """What she agreed to."""

    language: Literal["en", "hy", "mn", "rw", "fr", "ru"]
    agreed_date: Day
    agreed_how: ConsentMethod


class LineOut(Schema):
    """A line and whether it stands."""

    id: UUID
    person_id: UUID
    language: str
    agreed_date: date
    agreed_how: str
    ended_at: datetime | None
    by_herself: bool


@router.post("/persons/{uuid:person_id}/line", response={201: LineOut})
def start_line(
    request: StaffRequest, person_id: UUID, key: IdempotencyKey, told: LineNew
) -> Status[BorrowerLine]:
    """Send a person messages about her loans, because she wants them."""
    person = seen(Person, request, person_id)
    made = services.start_line(
        acting_staff=request.auth_staff, person=person, id=key, **told.dict()
    )
    reads.note(request, persons=[person_id])
    return Status(201, made)


@router.post("/lines/{uuid:line_id}/end", response={201: LineOut})
def end_line(request: StaffRequest, line_id: UUID, key: IdempotencyKey) -> Status[BorrowerLine]:
    """Send her none any more."""
    row = seen(BorrowerLine, request, line_id)
    reads.note(request, persons=[row.person_id])
    return Status(201, services.end_line(acting_staff=request.auth_staff, line=row))
