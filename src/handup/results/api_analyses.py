"""The API door of analyses."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.projects.models import Programme
from handup.results import services
from handup.results.models import Analysis
from handup.results.rules.states import Clusters, DesignKind, OutcomeKind
from handup.surveys.models import Round

router = Router(tags=["results"])
Key = Annotated[Text, Field(max_length=80)]
Values = Annotated[list[Key], Field(max_length=50)]
Price = Annotated[Text, Field(max_length=20)]


class AnalysisOut(Schema):
    """An outcome: its plan, when it was fixed, what it showed and how much may be said."""

    id: UUID
    programme_id: UUID
    code: str
    title: str
    outcome_key: str
    kind: str
    is_primary: bool
    design: str
    clusters: str
    hypothesis: str
    first_round_id: UUID | None
    last_round_id: UUID
    unit: str
    months: int | None
    state: str
    fixed_at: datetime | None
    done_at: datetime | None
    level: str
    told: dict[str, Any]


class AnalysisIn(Schema):
    """An outcome to plan."""

    id: UUID
    code: Annotated[Text, Field(max_length=20)]
    title: Annotated[Text, Field(max_length=200)]
    outcome_key: Key
    hypothesis: Annotated[Text, Field(max_length=500)]
    last_round_id: UUID
    first_round_id: UUID | None = None
    kind: OutcomeKind = OutcomeKind.AMOUNT
    design: DesignKind = DesignKind.NONE
    clusters: Clusters = Clusters.UNIT
    is_primary: bool = False
    yes_values: Values = []
    arm_key: Key = ""
    arm_values: Values = []
    unit: Annotated[Text, Field(max_length=40)] = ""
    price_first: Price = ""
    price_last: Price = ""
    price_source: Annotated[Text, Field(max_length=200)] = ""
    months: Annotated[int, Field(ge=1, le=120)] | None = None


def _analysis(request: StaffRequest, pk: UUID) -> Analysis:
    rows = Analysis.objects.visible_to(request.auth_staff)
    row = rows.select_related("programme", "first_round", "last_round").filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


@router.get("/analyses", response=PageOut[AnalysisOut])
def list_analyses(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Outcomes of the programmes she reads."""
    require(request.auth_staff, "results.view_snapshot")
    items, following = page(Analysis.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/analyses/{uuid:analysis_id}", response=AnalysisOut)
def show_analysis(request: StaffRequest, analysis_id: UUID) -> Analysis:
    """One outcome with every estimate."""
    require(request.auth_staff, "results.view_snapshot")
    return _analysis(request, analysis_id)


@router.post("/programmes/{uuid:programme_id}/analyses", response={201: AnalysisOut})
def plan_analysis(request: StaffRequest, programme_id: UUID, told: AnalysisIn) -> Status[Analysis]:
    """Plan an outcome; the same again answers the same."""
    require(request.auth_staff, "results.plan_analysis")
    programme = Programme.objects.visible_to(request.auth_staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    values = told.dict()
    first, last = values.pop("first_round_id"), values.pop("last_round_id")
    row = services.plan_analysis(
        acting_staff=request.auth_staff,
        programme=programme,
        first_round=None if first is None else _round(request, first),
        last_round=_round(request, last),
        **values,
    )
    return Status(201, row)


def _round(request: StaffRequest, pk: UUID) -> Round:
    row = Round.objects.visible_to(request.auth_staff).filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


@router.post("/analyses/{uuid:analysis_id}/fix", response=AnalysisOut)
def fix_analysis(request: StaffRequest, analysis_id: UUID) -> Analysis:
    """Fix a plan before fieldwork."""
    require(request.auth_staff, "results.plan_analysis")
    row = _analysis(request, analysis_id)
    return services.fix_analysis(acting_staff=request.auth_staff, analysis=row)


@router.post("/analyses/{uuid:analysis_id}/finish", response=AnalysisOut)
def finish_analysis(request: StaffRequest, analysis_id: UUID) -> Analysis:
    """Work an outcome out."""
    require(request.auth_staff, "results.finish_analysis")
    row = _analysis(request, analysis_id)
    return services.finish_analysis(acting_staff=request.auth_staff, analysis=row)
