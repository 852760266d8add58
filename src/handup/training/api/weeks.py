"""The API door to a week's work."""

from datetime import date
from uuid import UUID

from django.utils import timezone
from ninja import Schema

from handup.org import reads
from handup.org.interface import PageSize, StaffRequest
from handup.org.permissions import require
from handup.training.api.apprentices import Skip
from handup.training.api.base import router
from handup.training.weeks import week_of


class DueOut(Schema):
    """One thing to do; `path` is the page where it is done."""

    due_date: date
    closes: date | None
    kind: str
    person_id: UUID
    about: str
    path: str


class WeekOut(Schema):
    """Some of what is due, and how much there is in all."""

    items: list[DueOut]
    of: int


@router.get("/week", response=WeekOut)
def show_week(request: StaffRequest, skip: Skip = 0, limit: PageSize = 50) -> dict[str, object]:
    """What is due by the end of the week, the most overdue first."""
    require(request.auth_staff, "training.view_enrolment")
    found = week_of(request.auth_staff, timezone.localdate())
    part = found[skip : skip + limit]
    persons = sorted({one.person_id for one in part})
    reads.note(request, persons=persons, action="LIST", highest="P")
    items = [
        {
            "due_date": one.due_date,
            "closes": one.closes,
            "kind": str(one.kind),
            "person_id": one.person_id,
            "about": one.about,
            "path": one.url,
        }
        for one in part
    ]
    return {"items": items, "of": len(found)}
