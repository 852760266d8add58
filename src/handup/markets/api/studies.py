"""Market studies and opportunities over the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.markets.api.shapes import Day, Line, Name, Units, found, named
from handup.markets.models import Commodity, Finding, Opportunity, OpportunityStart, Study
from handup.markets.models.labels import OpportunityState
from handup.markets.services import studies as services
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area, Office
from handup.plans.models import Plan
from handup.projects.models import Document, Organisation, Programme

router = Router()
Sentence = Annotated[Text, Field(max_length=300)]


class StudyTold(Schema):
    """A study to start."""

    programme_id: UUID
    title: Annotated[Text, Field(max_length=200, min_length=1)]
    question: Annotated[LongText, Field(min_length=1)]
    started_date: Day
    method: LongText = ""
    sample: Sentence = ""
    office_id: UUID | None = None
    area_id: UUID | None = None


class StudyOut(Schema):
    """A study."""

    id: UUID
    programme_id: UUID
    title: str
    question: str
    started_date: date
    finished_date: date | None
    state: str


class FindingTold(Schema):
    """One thing that was found."""

    statement: Annotated[LongText, Field(min_length=1)]
    evidence: Sentence = ""


class FindingOut(Schema):
    """One thing that was found."""

    id: UUID
    study_id: UUID
    position: int
    statement: str


class FinishTold(Schema):
    """When a study was done, and its document."""

    finished_date: Day
    document_id: UUID | None = None


class OpportunityTold(Schema):
    """A product somebody would buy."""

    product: Name
    buyers: Annotated[Text, Field(max_length=300, min_length=1)]
    next_action: Annotated[Text, Field(max_length=300, min_length=1)]
    commodity_id: UUID | None = None
    volume: Annotated[Text, Field(max_length=120)] = ""
    price_units: Units | None = None
    currency: Currency | None = None
    price_per: Annotated[Text, Field(max_length=40)] = ""
    season: Annotated[Text, Field(max_length=120)] = ""
    requirements: LongText = ""
    due_date: Day | None = None


class OpportunityOut(Schema):
    """An opportunity."""

    id: UUID
    study_id: UUID
    product: str
    buyers: str
    next_action: str
    due_date: date | None
    state: str


class FollowTold(Schema):
    """What becomes of an opportunity."""

    state: OpportunityState
    next_action: Sentence = ""
    due_date: Day | None = None
    reason: Sentence = ""


class StartTold(Schema):
    """Who started because of an opportunity."""

    started_date: Day
    plan_id: UUID | None = None
    organisation_id: UUID | None = None
    remark: Line = ""


class StartOut(Schema):
    """A start traced to an opportunity."""

    id: UUID
    opportunity_id: UUID
    plan_id: UUID | None
    organisation_id: UUID | None
    started_date: date


@router.get("/studies", response=PageOut[StudyOut])
def list_studies(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The market studies the caller may see."""
    items, following = page(Study.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/studies", response={201: StudyOut})
def start_study(request: StaffRequest, key: IdempotencyKey, told: StudyTold) -> Status[Study]:
    """Start a market study."""
    staff = request.auth_staff
    row = services.start_study(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        office=named(Office, staff, told.office_id),
        area=named(Area, staff, told.area_id),
        id=key,
        **told.dict(exclude={"programme_id", "office_id", "area_id"}),
    )
    return Status(201, row)


@router.post("/studies/{uuid:study_id}/findings", response={201: FindingOut})
def record_finding(
    request: StaffRequest, study_id: UUID, key: IdempotencyKey, told: FindingTold
) -> Status[Finding]:
    """Write down what was found."""
    staff = request.auth_staff
    study = found(Study, staff, study_id)
    row = services.record_finding(acting_staff=staff, study=study, id=key, **told.dict())
    return Status(201, row)


@router.post("/studies/{uuid:study_id}/end", response=StudyOut)
def finish_study(request: StaffRequest, study_id: UUID, told: FinishTold) -> Study:
    """Say that a study is done."""
    staff = request.auth_staff
    return services.finish_study(
        acting_staff=staff,
        study=found(Study, staff, study_id),
        finished_date=told.finished_date,
        document=named(Document, staff, told.document_id),
    )


@router.get("/opportunities", response=PageOut[OpportunityOut])
def list_opportunities(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The opportunities the caller may see."""
    items, following = page(Opportunity.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/studies/{uuid:study_id}/opportunities", response={201: OpportunityOut})
def record_opportunity(
    request: StaffRequest, study_id: UUID, key: IdempotencyKey, told: OpportunityTold
) -> Status[Opportunity]:
    """Record a product somebody would buy."""
    staff = request.auth_staff
    row = services.record_opportunity(
        acting_staff=staff,
        study=found(Study, staff, study_id),
        commodity=named(Commodity, staff, told.commodity_id),
        currency=told.currency or "",
        id=key,
        **told.dict(exclude={"commodity_id", "currency"}),
    )
    return Status(201, row)


@router.post("/opportunities/{uuid:opportunity_id}/state", response=OpportunityOut)
def follow_opportunity(
    request: StaffRequest, opportunity_id: UUID, told: FollowTold
) -> Opportunity:
    """Say what becomes of an opportunity."""
    staff = request.auth_staff
    row = found(Opportunity, staff, opportunity_id)
    return services.follow_opportunity(acting_staff=staff, opportunity=row, **told.dict())


@router.post("/opportunities/{uuid:opportunity_id}/starts", response={201: StartOut})
def trace_start(
    request: StaffRequest, opportunity_id: UUID, key: IdempotencyKey, told: StartTold
) -> Status[OpportunityStart]:
    """Trace a business that was started to an opportunity."""
    staff = request.auth_staff
    row = services.trace_start(
        acting_staff=staff,
        opportunity=found(Opportunity, staff, opportunity_id),
        plan=named(Plan, staff, told.plan_id),
        organisation=named(Organisation, staff, told.organisation_id),
        started_date=told.started_date,
        today=timezone.localdate(),
        remark=told.remark,
        id=key,
    )
    return Status(201, row)
