"""The API door of logframes and targets."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import StaffRequest, Text
from handup.org.permissions import OutOfSight, require
from handup.projects.models import BudgetLine, Phase
from handup.results import services
from handup.results.logframe_forms import budget_lines
from handup.results.logframes import last_snapshot, lines_of
from handup.results.models import LogframeRow, RowIndicator, Target
from handup.results.rules.logframe import MOST_SIGNS, Assumption, RowLevel

router = Router(tags=["results"])
Words = Annotated[Text, Field(max_length=500)]
Number = Annotated[Text, Field(max_length=MOST_SIGNS)]
Day = Annotated[date, Field(ge=date(1980, 1, 1), le=date(2150, 12, 31))]


class MeasuredOut(Schema):
    """An indicator beside its target; numbers as text, achieved in per cent (empty: undefined)."""

    id: UUID
    code: str
    baseline: str
    baseline_year: int | None
    baseline_reason: str
    target: str
    target_by: date | None
    actual: str
    achieved: str
    colour: str


class RowOut(Schema):
    """One row of a logframe."""

    id: UUID
    phase_id: UUID
    level: str
    parent_id: UUID | None
    statement: str
    means: str
    assumption: str
    assumption_state: str
    reviewed_date: date | None


class LineOut(RowOut):
    """One row with its indicators."""

    indicators: list[MeasuredOut]


class RowIn(Schema):
    """A row to add."""

    id: UUID
    level: RowLevel
    statement: Words
    parent_id: UUID | None = None
    means: Words = ""
    assumption: Words = ""
    budget_line_id: UUID | None = None


class IndicatorIn(Schema):
    """An indicator of a row, with where it stood before."""

    id: UUID
    code: Annotated[Text, Field(max_length=20)]
    baseline: Number = ""
    baseline_year: Annotated[int, Field(ge=1980, le=2150)] | None = None
    baseline_reason: Annotated[Text, Field(max_length=300)] = ""


class IndicatorOut(Schema):
    """An indicator of a row."""

    id: UUID
    row_id: UUID
    code: str
    baseline: str


class TargetIn(Schema):
    """A target by the end of a period."""

    id: UUID
    period_end: Day
    value: Number
    line: Annotated[Text, Field(max_length=80)] = ""
    reason: Annotated[Text, Field(max_length=300)] = ""


class TargetOut(Schema):
    """A target as it was set once."""

    id: UUID
    indicator_id: UUID
    period_end: date
    line: str
    value: str
    revision: int
    reason: str


class ReviewIn(Schema):
    """Whether an assumption holds."""

    state: Assumption


def _phase(request: StaffRequest, pk: UUID) -> Phase:
    row = Phase.objects.visible_to(request.auth_staff).filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    require(request.auth_staff, "results.view_snapshot", row)
    return row


def _row(request: StaffRequest, pk: UUID) -> LogframeRow:
    rows = LogframeRow.objects.visible_to(request.auth_staff).select_related("phase")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


@router.get("/phases/{uuid:phase_id}/logframe", response=list[LineOut])
def show_logframe(request: StaffRequest, phase_id: UUID) -> list[LineOut]:
    """A phase's logframe, each row below the one it belongs to."""
    require(request.auth_staff, "results.view_snapshot")
    phase = _phase(request, phase_id)
    return [
        LineOut(
            **RowOut.from_orm(line.row).dict(),
            indicators=[
                MeasuredOut(
                    id=one.indicator.pk,
                    code=one.indicator.code,
                    baseline=one.indicator.baseline,
                    baseline_year=one.indicator.baseline_year,
                    baseline_reason=one.indicator.baseline_reason,
                    target=one.target.value if one.target else "",
                    target_by=one.target.period_end if one.target else None,
                    actual=one.actual,
                    achieved=one.achieved,
                    colour=one.colour.value,
                )
                for one in line.measured
            ],
        )
        for line in lines_of(phase, last_snapshot(phase))
    ]


@router.post("/phases/{uuid:phase_id}/logframe", response={201: RowOut})
def add_row(request: StaffRequest, phase_id: UUID, told: RowIn) -> Status[LogframeRow]:
    """Add a row; the same again answers the same."""
    require(request.auth_staff, "results.edit_logframe")
    phase = _phase(request, phase_id)
    values = told.dict()
    parent, line = values.pop("parent_id"), values.pop("budget_line_id")
    row = services.add_logframe_row(
        acting_staff=request.auth_staff,
        phase=phase,
        parent=None if parent is None else _row(request, parent),
        budget_line=None if line is None else _line(phase, line),
        **values,
    )
    return Status(201, row)


def _line(phase: Phase, pk: UUID) -> BudgetLine:
    found: BudgetLine | None = budget_lines(phase).filter(pk=pk).first()
    if found is None:
        raise OutOfSight
    return found


@router.post("/logframe-rows/{uuid:row_id}/review", response=RowOut)
def review(request: StaffRequest, row_id: UUID, told: ReviewIn) -> LogframeRow:
    """Say whether what a row relies on still holds."""
    require(request.auth_staff, "results.edit_logframe")
    return services.review_assumption(
        acting_staff=request.auth_staff, row=_row(request, row_id), state=told.state
    )


@router.post("/logframe-rows/{uuid:row_id}/indicators", response={201: IndicatorOut})
def add_indicator(request: StaffRequest, row_id: UUID, told: IndicatorIn) -> Status[RowIndicator]:
    """Add an indicator to a row."""
    require(request.auth_staff, "results.edit_logframe")
    row = _row(request, row_id)
    found = services.add_row_indicator(acting_staff=request.auth_staff, row=row, **told.dict())
    return Status(201, found)


@router.post("/row-indicators/{uuid:indicator_id}/targets", response={201: TargetOut})
def set_target(request: StaffRequest, indicator_id: UUID, told: TargetIn) -> Status[Target]:
    """Set a target; another value for the same day is a revision and says why."""
    require(request.auth_staff, "results.edit_logframe")
    rows = RowIndicator.objects.visible_to(request.auth_staff)
    indicator = rows.select_related("row__phase").filter(pk=indicator_id).first()
    if indicator is None:
        raise OutOfSight
    row = services.set_target(acting_staff=request.auth_staff, indicator=indicator, **told.dict())
    return Status(201, row)
