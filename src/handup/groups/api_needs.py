"""The API door of what communities need."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_one
from handup.groups.models import NeedsMeeting
from handup.groups.services import needs
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area
from handup.projects.models import BudgetLine, Programme

router = Router(tags=["groups"])
People = Annotated[int, Field(ge=0, le=100_000)]


class NeedVotes(Schema):
    """A need with the votes of women and men."""

    what: Text
    women: People = 0
    men: People = 0


class NeedsIn(Schema):
    """What a community said it needs."""

    programme_id: UUID
    area_id: UUID
    held_date: date
    place: Text = ""
    women: People
    men: People
    needs: list[NeedVotes] = Field(min_length=1, max_length=12)


class NeedOut(Schema):
    """A need that was named."""

    id: UUID
    number: int
    what: str
    women: int
    men: int


class NeedsOut(Schema):
    """A meeting on needs: what was named, chosen, decided and told."""

    id: UUID
    programme_id: UUID
    area_id: UUID
    held_date: date
    women: int
    men: int
    needs: list[NeedOut]
    chosen_id: UUID | None
    decision: str
    decided_date: date | None
    told_date: date | None

    @staticmethod
    def resolve_needs(row: NeedsMeeting) -> list[object]:
        """By number."""
        return list(row.needs.all())


class DecisionIn(Schema):
    """Which need is met, how, and from which budget line."""

    need_id: UUID
    decision: Text
    on: date
    budget_line_id: UUID | None = None


class NoticeIn(Schema):
    """What the community was told."""

    words: Text
    on: date


@router.get("/needs", response=PageOut[NeedsOut])
def list_needs(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Meetings on needs she may see."""
    rows = NeedsMeeting.objects.visible_to(request.auth_staff).prefetch_related("needs")
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/needs", response={201: NeedsOut})
def record_needs(request: StaffRequest, key: IdempotencyKey, told: NeedsIn) -> Status[NeedsMeeting]:
    """Keep what a community said it needs."""
    staff = request.auth_staff
    row = needs.record_needs(
        acting_staff=staff,
        programme=found_one(Programme.objects.visible_to(staff), told.programme_id),
        area=found_one(Area.objects.all(), told.area_id),
        needs=[needs.NeedIn(one.what, one.women, one.men) for one in told.needs],
        id=key,
        **told.dict(exclude={"programme_id", "area_id", "needs"}),
    )
    return Status(201, row)


@router.post("/needs/{uuid:meeting_id}/decision", response={201: NeedsOut})
def decide_need(request: StaffRequest, meeting_id: UUID, told: DecisionIn) -> Status[NeedsMeeting]:
    """Keep the decision, once."""
    staff = request.auth_staff
    rows = NeedsMeeting.objects.visible_to(staff).select_related("programme")
    meeting = found_one(rows, meeting_id)
    lines = BudgetLine.objects.visible_to(staff).select_related("budget").distinct()
    row = needs.decide_need(
        acting_staff=staff,
        meeting=meeting,
        need=found_one(meeting.needs.all(), told.need_id),
        decision=told.decision,
        on=told.on,
        budget_line=found_one(lines, told.budget_line_id) if told.budget_line_id else None,
    )
    return Status(201, row)


@router.post("/needs/{uuid:meeting_id}/notice", response={201: NeedsOut})
def tell_community(request: StaffRequest, meeting_id: UUID, told: NoticeIn) -> Status[NeedsMeeting]:
    """Keep what the community was told, once."""
    rows = NeedsMeeting.objects.visible_to(request.auth_staff).select_related("programme")
    row = needs.tell_community(
        acting_staff=request.auth_staff, meeting=found_one(rows, meeting_id), **told.dict()
    )
    return Status(201, row)
