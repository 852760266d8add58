"""The API door of what others say of an entrepreneur, and of what is known beside the figures."""

from datetime import date
from uuid import UUID

from ninja import Router, Schema, Status

from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import OutOfSight
from handup.plans import services
from handup.plans.api_visits import Day
from handup.plans.models import Plan, PlanReference
from handup.plans.rules.references import Opinion, Source
from handup.plans.standing import standing_of

router = Router(tags=["plans"])


class ReferenceTold(Schema):
    """What somebody said of her; names nobody."""

    source: Source
    opinion: Opinion
    asked_date: Day


class ReferenceOut(Schema):
    """What somebody said of her."""

    id: UUID
    plan_id: UUID
    source: str
    opinion: str
    asked_date: date


class SaidOut(Schema):
    """How many of a kind said the same."""

    source: str
    opinion: str
    count: int


class StandingOut(Schema):
    """What is known beside the figures on a day: codes of courses whose certificate holds, whole
    months in the trade (null where nobody knows), lines of the household sheet by how they are
    known.
    """

    on: date
    certificates: list[str]
    trade_months: int | None
    references: list[SaidOut]
    evidence: dict[str, int]


def _plan(request: StaffRequest, plan_id: UUID) -> Plan:
    rows = Plan.objects.visible_to(request.auth_staff).select_related("enterprise")
    plan: Plan | None = rows.filter(pk=plan_id).first()
    if plan is None:
        raise OutOfSight
    return plan


@router.post("/plans/{uuid:plan_id}/references", response={201: ReferenceOut})
def record_reference(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: ReferenceTold
) -> Status[PlanReference]:
    """Record what somebody said of her."""
    plan = _plan(request, plan_id)
    row = services.record_reference(
        acting_staff=request.auth_staff, plan=plan, id=key, **told.dict()
    )
    return Status(201, row)


@router.get("/plans/{uuid:plan_id}/standing", response=StandingOut)
def show_standing(request: StaffRequest, plan_id: UUID, on: Day) -> StandingOut:
    """What is known beside the figures of a plan."""
    plan = _plan(request, plan_id)
    reads.note(request, persons=[plan.person_id] if plan.person_id else [], action="VIEW")
    known = standing_of(plan, on)
    return StandingOut(
        on=on,
        certificates=list(known.certificates),
        trade_months=known.trade_months,
        references=[
            SaidOut(source=source, opinion=opinion, count=count)
            for (source, opinion), count in sorted(known.references.items())
        ],
        evidence=dict(known.evidence),
    )
