"""The API door to approaches and providers compared."""

from uuid import UUID

from django.utils import timezone
from ninja import Schema

from handup.org.interface import StaffRequest
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.training.api.base import Day, router, seen
from handup.training.comparing import compare


class WayOut(Schema):
    """What came of one approach with one provider; the cost in smallest units of `currency`."""

    approach: str
    provider_id: UUID | None
    currency: str
    cohorts: int
    enrolled: int
    completed: int
    dropped_out: int
    due: int
    placed: int
    cost_units: int
    per_placed: int | None


@router.get("/programmes/{uuid:programme_id}/compared", response=list[WayOut])
def show_compared(
    request: StaffRequest, programme_id: UUID, on: Day | None = None
) -> list[dict[str, object]]:
    """Closed cohorts by approach and provider on a day (today), each count beside its share's."""
    require(request.auth_staff, "training.view_cost")
    programme = seen(Programme, request.auth_staff, programme_id)
    told = compare(staff=request.auth_staff, programme=programme, on=on or timezone.localdate())
    return [
        {
            "approach": way.approach.value,
            "provider_id": way.provider_id,
            "currency": told.currency,
            "cohorts": one.cohorts,
            "enrolled": one.enrolled,
            "completed": one.completed,
            "dropped_out": one.dropped_out,
            "due": one.due,
            "placed": one.placed,
            "cost_units": one.cost_units,
            "per_placed": one.per_placed,
        }
        for way, one in told.ways.items()
    ]
