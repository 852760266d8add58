"""The API door of advice visits to groups."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_group
from handup.groups.models import AdviceVisit
from handup.groups.services.advice import AdviceIn, record_advice_visit
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)

router = Router(tags=["groups"])
People = Annotated[int, Field(ge=0, le=10_000)]
Words = Annotated[Text, Field(max_length=1000)]
Step = Annotated[Text, Field(max_length=500)]


class AdviceTold(Schema):
    """A visit: who was there, what was found, what to do; of the group, without names."""

    visit_date: date
    women: People
    men: People
    situation: Words
    action: Words
    explanation: Words = ""
    next_step: Step = ""
    next_date: date | None = None


class AdviceOut(Schema):
    """A visit as recorded."""

    id: UUID
    group_id: UUID
    visit_date: date
    women: int
    men: int
    situation: str
    explanation: str
    action: str
    next_step: str
    next_date: date | None


@router.get("/advice-visits", response=PageOut[AdviceOut])
def list_advice_visits(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Visits that advised groups."""
    items, following = page(AdviceVisit.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/groups/{uuid:group_id}/advice-visits", response={201: AdviceOut})
def advise_group(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: AdviceTold
) -> Status[AdviceVisit]:
    """Record a visit that advised a group."""
    staff = request.auth_staff
    names = ("situation", "explanation", "action", "next_step", "next_date")
    row = record_advice_visit(
        acting_staff=staff,
        group=found_group(staff, group_id),
        visit_date=told.visit_date,
        women=told.women,
        men=told.men,
        advice=AdviceIn(**{name: getattr(told, name) for name in names}),
        id=key,
    )
    return Status(201, row)
