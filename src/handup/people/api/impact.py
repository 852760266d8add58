"""Data protection impact assessments: written, advised on, decided, looked at again."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.org.interface import (
    After,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, require
from handup.people.api.schemas import Day, found, named
from handup.people.models import ImpactAssessment, ImpactRisk
from handup.people.rules import impact as i
from handup.people.services import impact
from handup.projects.models import Programme

router = Router()
Title = Annotated[Text, Field(min_length=1, max_length=200)]
Words = Annotated[LongText, Field(max_length=8_000)]
Grade = Annotated[int, Field(ge=1, le=3)]
Measure = Annotated[Text, Field(max_length=500)]
WantedState = Annotated[i.ImpactState | None, Query(None)]


class ImpactTold(Schema):
    """What is assessed, in words."""

    title: Title
    what: Words
    necessity: Words
    asked: Words = ""
    consulted: Words = ""


class ImpactStarted(ImpactTold):
    """With the programme it is about; without one, the whole house."""

    programme_id: UUID | None = None


class RiskTold(Schema):
    """What may happen to persons and what is done about it; grades 1 to 3."""

    risk: Annotated[Text, Field(min_length=1)]
    likelihood: Grade
    severity: Grade
    measure: Measure = ""
    owner_id: UUID | None = None
    due_date: Day | None = None
    left_likelihood: Grade
    left_severity: Grade


class RiskOut(Schema):
    """A risk with what it weighs."""

    id: UUID
    number: int
    risk: str
    likelihood: int
    severity: int
    measure: str
    owner_id: UUID | None
    due_date: date | None
    done_date: date | None
    left_likelihood: int
    left_severity: int
    level: str
    left: str

    @staticmethod
    def resolve_level(row: ImpactRisk) -> str:
        """What it weighs without its measure."""
        return row.told.level.value

    @staticmethod
    def resolve_left(row: ImpactRisk) -> str:
        """What is left of it."""
        return row.told.left.value


class ImpactOut(Schema):
    """An assessment."""

    id: UUID
    code: str
    version: int
    title: str
    programme_id: UUID | None
    state: str
    what: str
    necessity: str
    asked: str
    advice: str
    advised_date: date | None
    consulted: str
    decision: str
    reason: str
    decided_date: date | None
    review_date: date | None
    previous_id: UUID | None
    risks: list[RiskOut]

    @staticmethod
    def resolve_risks(row: ImpactAssessment) -> list[ImpactRisk]:
        """Its risks in order."""
        return list(row.risks.all())


class AdviceTold(Schema):
    """What the data protection officer advises."""

    advice: Annotated[Words, Field(min_length=1)]


class ImpactDecided(Schema):
    """Whether it may be done, why, and when it is looked at again."""

    decision: i.ImpactDecision
    because: Annotated[Words, Field(min_length=1)]
    on: Day
    review_date: Day | None = None
    reason: Text = ""


class DoneTold(Schema):
    """Since when a measure is in place."""

    on: Day


@router.get("/impact-assessments", response=PageOut[ImpactOut])
def list_impact_assessments(
    request: StaffRequest, after: After = None, limit: PageSize = 50, state: WantedState = None
) -> dict[str, object]:
    """Assessments the caller may see, of one state if asked."""
    require(request.auth_staff, impact.VIEW)
    rows = ImpactAssessment.objects.visible_to(request.auth_staff).prefetch_related("risks")
    items, following = page(rows.filter(state=state.value) if state else rows, after, limit)
    return {"items": items, "next": following}


@router.get("/impact-assessments/{uuid:impact_id}", response=ImpactOut)
def read_impact_assessment(request: StaffRequest, impact_id: UUID) -> ImpactAssessment:
    """One assessment with its risks."""
    require(request.auth_staff, impact.VIEW)
    return found(ImpactAssessment, request.auth_staff, impact_id)


@router.post("/impact-assessments", response={201: ImpactOut})
def start_impact_assessment(
    request: StaffRequest, key: IdempotencyKey, told: ImpactStarted
) -> Status[ImpactAssessment]:
    """Start an assessment."""
    staff = request.auth_staff
    require(staff, impact.DRAFT)
    words = told.dict(exclude={"programme_id"})
    row = impact.start_impact_assessment(
        acting_staff=staff,
        told=impact.ImpactIn(**words),
        programme=named(Programme, staff, told.programme_id),
        id=key,
    )
    return Status(201, row)


@router.post("/impact-assessments/{uuid:impact_id}/words", response={201: ImpactOut})
def change_impact_assessment(
    request: StaffRequest, impact_id: UUID, told: ImpactTold
) -> Status[ImpactAssessment]:
    """Write the words of a draft anew."""
    staff = request.auth_staff
    row = impact.change_impact_assessment(
        acting_staff=staff,
        assessment=found(ImpactAssessment, staff, impact_id),
        told=impact.ImpactIn(**told.dict()),
    )
    return Status(201, row)


def _risk(told: RiskTold) -> impact.RiskIn:
    values = told.dict(exclude={"owner_id"})
    owner = None
    if told.owner_id is not None:
        owner = StaffUser.objects.filter(pk=told.owner_id, is_active=True).first()
        if owner is None:
            raise OutOfSight
    return impact.RiskIn(owner=owner, **values)


@router.post("/impact-assessments/{uuid:impact_id}/risks", response={201: RiskOut})
def add_impact_risk(
    request: StaffRequest, key: IdempotencyKey, impact_id: UUID, told: RiskTold
) -> Status[ImpactRisk]:
    """Add what may happen to persons."""
    staff = request.auth_staff
    assessment = found(ImpactAssessment, staff, impact_id)
    require(staff, impact.DRAFT, assessment)
    row = impact.add_impact_risk(
        acting_staff=staff, assessment=assessment, told=_risk(told), id=key
    )
    return Status(201, row)


@router.post("/impact-risks/{uuid:risk_id}", response={201: RiskOut})
def change_impact_risk(request: StaffRequest, risk_id: UUID, told: RiskTold) -> Status[ImpactRisk]:
    """Write a risk of a draft anew."""
    staff = request.auth_staff
    risk = found(ImpactRisk, staff, risk_id)
    require(staff, impact.DRAFT, risk)
    row = impact.change_impact_risk(acting_staff=staff, risk=risk, told=_risk(told))
    return Status(201, row)


@router.post("/impact-risks/{uuid:risk_id}/done", response={201: RiskOut})
def record_measure_done(request: StaffRequest, risk_id: UUID, told: DoneTold) -> Status[ImpactRisk]:
    """Record that a measure is in place."""
    staff = request.auth_staff
    row = impact.record_measure_done(
        acting_staff=staff, risk=found(ImpactRisk, staff, risk_id), on=told.on
    )
    return Status(201, row)


@router.post("/impact-assessments/{uuid:impact_id}/advice", response={201: ImpactOut})
def advise_on_impact(
    request: StaffRequest, impact_id: UUID, told: AdviceTold
) -> Status[ImpactAssessment]:
    """Advise on a draft."""
    staff = request.auth_staff
    row = impact.advise_on_impact(
        acting_staff=staff,
        assessment=found(ImpactAssessment, staff, impact_id),
        advice=told.advice,
    )
    return Status(201, row)


@router.post("/impact-assessments/{uuid:impact_id}/decision", response={201: ImpactOut})
def decide_on_impact(
    request: StaffRequest, impact_id: UUID, told: ImpactDecided
) -> Status[ImpactAssessment]:
    """Decide whether it may be done."""
    staff = request.auth_staff
    row = impact.decide_on_impact(
        acting_staff=staff,
        assessment=found(ImpactAssessment, staff, impact_id),
        **told.dict(),
    )
    return Status(201, row)


@router.post("/impact-assessments/{uuid:impact_id}/next", response={201: ImpactOut})
def renew_impact_assessment(
    request: StaffRequest, key: IdempotencyKey, impact_id: UUID
) -> Status[ImpactAssessment]:
    """Look at a decided one again."""
    staff = request.auth_staff
    row = impact.renew_impact_assessment(
        acting_staff=staff, assessment=found(ImpactAssessment, staff, impact_id), id=key
    )
    return Status(201, row)
