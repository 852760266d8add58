"""The API door of what missions found and what is done about it."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.projects import services
from handup.projects.api.schemas import Day, found, named
from handup.projects.models import Document, MissionAction, Programme
from handup.projects.rules.missions import MissionActionState

router = Router(tags=["projects"])
Mission = Annotated[Text, Field(min_length=1, max_length=120)]
Words = Annotated[Text, Field(min_length=1, max_length=500)]
SignIn = Annotated[Text, Field(min_length=1, max_length=60)]


class MissionActionTold(Schema):
    """What a mission found and what is to be done; `owner` by the sign-in name."""

    mission: Mission
    mission_date: Day
    finding: Words
    action: Words
    owner: SignIn
    due_date: Day
    document_id: UUID | None = None


class MissionActionOut(Schema):
    """A finding with its action and where it stands."""

    id: UUID
    programme_id: UUID
    mission: str
    mission_date: date
    finding: str
    action: str
    owner_id: UUID
    due_date: date
    state: str
    ended_date: date | None
    result: str


class HandOverTold(Schema):
    """Who does it from now on, by when."""

    owner: SignIn
    due_date: Day


class EndTold(Schema):
    """What came of it, or why it was dropped."""

    state: Literal["DONE", "DROPPED"]
    ended_date: Day
    result: Words


def _owner(username: str) -> StaffUser:
    """Who works here under a sign-in name. Raises OutOfSight."""
    row: StaffUser | None = StaffUser.objects.filter(username=username, is_active=True).first()
    if row is None:
        raise OutOfSight
    return row


@router.get("/mission-actions", response=PageOut[MissionActionOut])
def list_mission_actions(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What missions found, of programmes the caller may see."""
    require(request.auth_staff, "projects.view_mission_action")
    items, following = page(MissionAction.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/mission-actions", response={201: MissionActionOut})
def record_mission_action(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: MissionActionTold
) -> Status[MissionAction]:
    """Record what a mission found."""
    staff = request.auth_staff
    programme = found(Programme, staff, programme_id)
    require(staff, "projects.record_mission_action", programme)
    row = services.record_mission_action(
        acting_staff=staff,
        programme=programme,
        told=services.MissionActionIn(
            owner=_owner(told.owner),
            document=named(Document, staff, told.document_id),
            id=key,
            **told.dict(exclude={"owner", "document_id"}),
        ),
        today=timezone.localdate(),
    )
    return Status(201, row)


@router.post("/mission-actions/{uuid:action_id}/hand-over", response=MissionActionOut)
def hand_over_mission_action(
    request: StaffRequest, action_id: UUID, told: HandOverTold
) -> MissionAction:
    """Give an open action to somebody else, or another day."""
    staff = request.auth_staff
    row = found(MissionAction, staff, action_id)
    require(staff, "projects.record_mission_action", row)
    return services.hand_over_mission_action(
        acting_staff=staff, mission_action=row, owner=_owner(told.owner), due_date=told.due_date
    )


@router.post("/mission-actions/{uuid:action_id}/end", response=MissionActionOut)
def end_mission_action(request: StaffRequest, action_id: UUID, told: EndTold) -> MissionAction:
    """Say what came of it; told again the same, nothing changes."""
    return services.end_mission_action(
        acting_staff=request.auth_staff,
        mission_action=found(MissionAction, request.auth_staff, action_id),
        state=MissionActionState(told.state),
        ended_date=told.ended_date,
        result=told.result,
        today=timezone.localdate(),
    )
