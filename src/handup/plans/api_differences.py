"""The API door of plans for which a phone came to other figures than the office."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from handup.org import reads
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.permissions import OutOfSight
from handup.plans import services
from handup.plans.models import PlanDifference

router = Router(tags=["plans"])


class DifferenceOut(Schema):
    """A version whose figures differ: `found` has rows of name, phone and office, as texts;
    `figures` says how many there are."""

    id: UUID
    plan_id: UUID
    version_id: UUID
    engine_version: str
    figures: int
    found: list[list[str]]
    settled_date: date | None
    note: str

    @staticmethod
    def resolve_plan_id(row: PlanDifference) -> UUID:
        """Whose version it is."""
        return row.version.plan_id


class SettleIn(Schema):
    """What was found out."""

    note: Annotated[Text, Field(min_length=1, max_length=300)]


@router.get("/differences", response=PageOut[DifferenceOut])
def list_differences(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Where phone and office differ, as far as she may see the plans."""
    rows = PlanDifference.objects.visible_to(request.auth_staff).select_related("version__plan")
    items, following = page(rows, after, limit)
    persons = [row.version.plan.person_id for row in items if row.version.plan.person_id]
    reads.note(request, persons=persons, action="LIST")
    return {"items": items, "next": following}


@router.post("/differences/{uuid:difference_id}/settle", response=DifferenceOut)
def settle_difference(
    request: StaffRequest, difference_id: UUID, key: IdempotencyKey, told: SettleIn
) -> PlanDifference:
    """Say what was found out about one."""
    rows = PlanDifference.objects.visible_to(request.auth_staff).select_related("version__plan")
    row = rows.filter(pk=difference_id).first()
    if row is None:
        raise OutOfSight
    services.settle_difference(acting_staff=request.auth_staff, difference=row, note=told.note)
    return rows.get(pk=row.pk)
