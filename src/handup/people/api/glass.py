"""Emergency access: opened by a person at a screen, listed and reviewed by those who protect."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org import limits
from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    page,
    require_fresh_factor,
)
from handup.org.models import Door
from handup.org.permissions import require
from handup.people.api.schemas import found
from handup.people.models import BreakGlass
from handup.people.rules.glass import GlassReason, GlassState
from handup.people.services import glass

router = Router()
WantedState = Annotated[GlassState | None, Query(None)]


class GlassTold(Schema):
    """Whom, why."""

    registration_no: Annotated[str, Field(pattern="^[0-9 ]{1,16}$")]
    reason: GlassReason
    words: Annotated[LongText, Field(max_length=1000)]


class GlassOut(Schema):
    """An emergency access without its words."""

    id: UUID
    code: str
    staff_id: UUID
    reason: str
    state: GlassState
    opened_at: datetime
    ends_at: datetime
    review_by: date

    @staticmethod
    def resolve_state(row: BreakGlass) -> GlassState:
        """Where it stands now."""
        return row.standing()


class OpenedOut(Schema):
    """Whom it opened, and until when."""

    id: UUID
    person_id: UUID
    ends_at: datetime


class ReviewTold(Schema):
    """What the review found."""

    abuse: bool
    finding: Annotated[LongText, Field(min_length=1, max_length=2000)]


@router.get("/emergency", response=PageOut[GlassOut])
def list_break_glass(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Emergency accesses, of one state if asked; one is over by the clock."""
    require(request.auth_staff, "people.view_break_glass")
    rows = BreakGlass.objects.visible_to(request.auth_staff)
    items, following = page(glass.of_state(rows, state) if state else rows, after, limit)
    return {"items": items, "next": following}


@router.post("/emergency", response={201: OpenedOut})
def break_glass(request: StaffRequest, key: IdempotencyKey, told: GlassTold) -> Status[BreakGlass]:
    """Open one person to the caller: a signed-in browser with a fresh second factor."""
    require(request.auth_staff, glass.BREAK)
    limits.require_within(request, "reveal")
    require_fresh_factor(request)
    row = glass.break_glass(
        acting_staff=request.auth_staff,
        registration_no=told.registration_no,
        reason=told.reason,
        words=told.words,
        door=Door.API,
        id=key,
    )
    return Status(201, row)


@router.post("/emergency/{uuid:access_id}/review", response={201: GlassOut})
def review_break_glass(
    request: StaffRequest, access_id: UUID, told: ReviewTold
) -> Status[BreakGlass]:
    """Say whether it was in order."""
    row = glass.review_break_glass(
        acting_staff=request.auth_staff,
        access=found(BreakGlass, request.auth_staff, access_id),
        abuse=told.abuse,
        finding=told.finding,
    )
    return Status(201, row)
