"""The API door of `results`: a programme's figures as of a day, counts beside every share."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.db import transaction
from ninja import Router, Schema
from pydantic import Field

from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.projects.models import Programme
from handup.results.releases import report_for
from handup.results.services import choose_indicators, set_reporting_day

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


class FiguresChosen(Schema):
    """The figures a programme shows, in order, and the day they are shown for (null: today)."""

    codes: Annotated[list[Annotated[Text, Field(max_length=40)]], Field(max_length=200)]
    day: Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))] | None = None


@router.post("/programmes/{uuid:programme_id}/figures", response=FiguresChosen)
def choose_figures(request: StaffRequest, programme_id: UUID, told: FiguresChosen) -> FiguresChosen:
    """Choose which figures a programme shows; the same again changes nothing."""
    require(request.auth_staff, "results.choose_indicators")
    programme = Programme.objects.visible_to(request.auth_staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    with transaction.atomic():
        choose_indicators(acting_staff=request.auth_staff, programme=programme, codes=told.codes)
        set_reporting_day(acting_staff=request.auth_staff, programme=programme, day=told.day)
    return told
