"""The API door of `results`: a programme's figures as of a day, counts beside every share."""

from datetime import date
from typing import Any
from uuid import UUID

from ninja import Router, Schema

from handup.org.interface import After, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import OutOfSight, require
from handup.projects.models import Programme
from handup.results.report import report_for

router = Router(tags=["results"])


class ProgrammeOut(Schema):
    """A programme whose figures can be read."""

    id: UUID
    code: str
    title: str


@router.get("/programmes", response=PageOut[ProgrammeOut])
def list_programmes(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Programmes whose figures she may read."""
    require(request.auth_staff, "results.view_figure")
    items, following = page(Programme.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/programmes/{uuid:programme_id}/report", response=dict[str, Any])
def show_report(request: StaffRequest, programme_id: UUID, as_of: date) -> dict[str, Any]:
    """The programme's figures up to the end of a day: both counts, intervals, breakdowns."""
    require(request.auth_staff, "results.view_figure")
    programme = Programme.objects.visible_to(request.auth_staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    return report_for(request.auth_staff, programme, as_of).as_json()
