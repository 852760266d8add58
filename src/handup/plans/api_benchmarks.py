"""The API door of what is usual: benchmarks, and the claims of a plan beside them."""

from datetime import date
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import OutOfSight
from handup.plans import services
from handup.plans.models import Benchmark, CrossCheck, Plan
from handup.plans.queries import current_version
from handup.projects.models import Programme

router = Router(tags=["plans"])


class BenchmarkOut(Schema):
    """P10, median and P90 of a trade and area: basis points of MARKUP, else smallest units."""

    id: UUID
    programme_id: UUID
    trade: str
    area_id: UUID | None
    measure: str
    currency: str
    visits: int
    low: int
    middle: int
    high: int
    as_of_date: date


class CrossCheckOut(Schema):
    """A measure of the version handed in last beside the usual."""

    id: UUID
    measure: str
    finding: str
    basis: str
    visits: int
    claimed: int | None
    low: int | None
    middle: int | None
    high: int | None
    adjusted: int | None
    is_adjusted: bool
    override_reason: str


class WorkOutIn(Schema):
    """The day up to which visits count, not one to come."""

    programme_id: UUID
    on: date


class LetStandIn(Schema):
    """Why a claim stands."""

    reason: str = Field(max_length=300)


class WorkedOutOut(Schema):
    """How many benchmarks there are now."""

    benchmarks: int


@router.get("/benchmarks", response=PageOut[BenchmarkOut])
def list_benchmarks(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What is usual, as far as she may see it."""
    items, following = page(Benchmark.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/benchmarks", response=WorkedOutOut)
def work_out_benchmarks(
    request: StaffRequest, key: IdempotencyKey, told: WorkOutIn
) -> dict[str, int]:
    """Work out anew what is usual in a programme."""
    staff = request.auth_staff
    programme = Programme.objects.visible_to(staff).filter(pk=told.programme_id).first()
    if programme is None:
        raise OutOfSight
    rows = services.work_out_benchmarks(acting_staff=staff, programme=programme, on=told.on)
    return {"benchmarks": len(rows)}


@router.get("/plans/{uuid:plan_id}/checks", response=list[CrossCheckOut])
def list_checks(request: StaffRequest, plan_id: UUID) -> list[CrossCheck]:
    """The claims of the version handed in last, beside the usual."""
    plan = Plan.objects.visible_to(request.auth_staff).filter(pk=plan_id).first()
    version = None if plan is None else current_version(plan)
    if plan is None or version is None:
        raise OutOfSight
    reads.note(request, persons=[plan.person_id] if plan.person_id else [], action="VIEW")
    return list(version.checks.all())


@router.post("/checks/{uuid:check_id}/stand", response=CrossCheckOut)
def let_claim_stand(
    request: StaffRequest, check_id: UUID, key: IdempotencyKey, told: LetStandIn
) -> CrossCheck:
    """Let a claim stand that was adjusted."""
    check = CrossCheck.objects.visible_to(request.auth_staff).filter(pk=check_id).first()
    if check is None:
        raise OutOfSight
    return services.let_claim_stand(
        acting_staff=request.auth_staff, check=check, reason=told.reason
    )
