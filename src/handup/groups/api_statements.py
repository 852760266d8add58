"""The API door of money that lies outside the box of a group, in an open meeting."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_one
from handup.groups.models import GroupFact, Meeting
from handup.groups.models.dues import Place
from handup.groups.services import statements
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.models import StaffUser

router = Router(tags=["groups"])
Fund = Literal["LOAN", "SOCIAL"]


class MoveIn(Schema):
    """What was taken from where to where, in smallest units."""

    fund: Fund
    source: Place
    to: Place
    units: Annotated[int, Field(gt=0, lt=2**53)]


class StatementIn(Schema):
    """What a statement says of one fund, in smallest units; `reason` where the book differs."""

    fund: Fund
    place: Literal["BANK", "MOBILE"]
    units: Annotated[int, Field(ge=0, lt=2**53)]
    reason: Text = ""


class RecordedOut(Schema):
    """A fact of the meeting, by its id and name."""

    id: UUID
    name: str
    happened_date: date


def _meeting(staff: StaffUser, pk: UUID) -> Meeting:
    return found_one(Meeting.objects.visible_to(staff).select_related("group__book"), pk)


@router.post("/meetings/{uuid:meeting_id}/moves", response={201: RecordedOut})
def move_money(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: MoveIn
) -> Status[GroupFact]:
    """Record that money was taken to the bank, or fetched from there."""
    meeting = _meeting(request.auth_staff, meeting_id)
    fact = statements.move_money(
        acting_staff=request.auth_staff, meeting=meeting, id=key, **told.dict()
    )
    return Status(201, fact)


@router.post("/meetings/{uuid:meeting_id}/statements", response={201: RecordedOut})
def read_statement(
    request: StaffRequest, meeting_id: UUID, key: IdempotencyKey, told: StatementIn
) -> Status[GroupFact]:
    """Keep what a statement of the bank or the phone account says."""
    meeting = _meeting(request.auth_staff, meeting_id)
    fact = statements.record_statement(
        acting_staff=request.auth_staff,
        meeting=meeting,
        id=key,
        **told.dict() | {"place": Place(told.place)},
    )
    return Status(201, fact)
