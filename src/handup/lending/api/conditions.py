"""Conditions of a decision through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.lending.api.access import note, router, seen
from handup.lending.api.schemas import Day, Reason
from handup.lending.api.terms import Strict
from handup.lending.models import Application, DecisionCondition
from handup.lending.services import conditions as services
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require


class ConditionOut(Schema):
    """One condition, and how it was settled."""

    id: UUID
    number: int
    text: str
    before: str
    met_date: date | None
    document: str
    lifted_date: date | None
    lift_reason: str


class MetNew(Strict):
    """When and by which paper a condition is met."""

    met_date: Day
    document: Annotated[str, Field(max_length=120, pattern="^[^\\x00]*$")]


class LiftNew(Strict):
    """When and why a condition is lifted."""

    lifted_date: Day
    reason: Reason


@router.get("/applications/{uuid:application_id}/conditions", response=list[ConditionOut])
def list_conditions(request: StaffRequest, application_id: UUID) -> list[DecisionCondition]:
    """The conditions of an application's decisions."""
    require(request.auth_staff, "lending.view_condition")
    row = seen(Application, request, application_id)
    note(request, [row], "VIEW")
    rows = DecisionCondition.objects.visible_to(request.auth_staff)
    return list(rows.filter(decision__application=row))


@router.post("/conditions/{uuid:condition_id}/met", response={201: ConditionOut})
def meet_condition(
    request: StaffRequest, condition_id: UUID, key: IdempotencyKey, told: MetNew
) -> Status[DecisionCondition]:
    """Check a condition off."""
    row = seen(DecisionCondition, request, condition_id)
    made = services.meet_condition(acting_staff=request.auth_staff, condition=row, **told.dict())
    return Status(201, made)


@router.post("/conditions/{uuid:condition_id}/lifted", response={201: ConditionOut})
def lift_condition(
    request: StaffRequest, condition_id: UUID, key: IdempotencyKey, told: LiftNew
) -> Status[DecisionCondition]:
    """Lift a condition, as who decides."""
    row = seen(DecisionCondition, request, condition_id)
    made = services.lift_condition(acting_staff=request.auth_staff, condition=row, **told.dict())
    return Status(201, made)
