"""The API door of typed values; a file comes with the page that types them."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.results import services
from handup.results.models import TypedValue

router = Router(tags=["results"])


class TypedOut(Schema):
    """A value somebody typed: of a share both counts."""

    id: UUID
    programme_id: UUID
    code: str
    period_end: date
    numerator: int | None
    denominator: int | None
    value: str
    state: str
    note: str
    supersedes_id: UUID | None


class PassTypedIn(Schema):
    """Which values are passed on, and why one person does both steps where she is the only one."""

    ids: Annotated[list[UUID], Field(min_length=1, max_length=200)]
    reason: Annotated[Text, Field(max_length=300)] = ""


class TypedBackIn(Schema):
    """Why it goes back."""

    reason: Annotated[Text, Field(max_length=500)]


def _rows(request: StaffRequest, ids: list[UUID]) -> list[TypedValue]:
    rows = TypedValue.objects.visible_to(request.auth_staff).filter(pk__in=ids)
    found = {row.pk: row for row in rows}
    if set(ids) - set(found):
        raise OutOfSight
    return [found[pk] for pk in ids]


@router.get("/typed", response=PageOut[TypedOut])
def list_typed(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Typed values of the programmes she reads."""
    require(request.auth_staff, "results.view_snapshot")
    items, following = page(TypedValue.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/typed/check", response=list[TypedOut])
def check_typed(request: StaffRequest, told: PassTypedIn) -> list[TypedValue]:
    """Check values somebody else typed, all or none."""
    require(request.auth_staff, "results.check_figures")
    rows = _rows(request, told.ids)
    return services.check_values(acting_staff=request.auth_staff, values=rows, reason=told.reason)


@router.post("/typed/approve", response=list[TypedOut])
def approve_typed(request: StaffRequest, told: PassTypedIn) -> list[TypedValue]:
    """Approve checked values, all or none."""
    require(request.auth_staff, "results.approve_figures")
    rows = _rows(request, told.ids)
    return services.approve_values(acting_staff=request.auth_staff, values=rows, reason=told.reason)


@router.post("/typed/{uuid:value_id}/back", response=TypedOut)
def send_back_typed(request: StaffRequest, value_id: UUID, told: TypedBackIn) -> TypedValue:
    """Send a checked value back."""
    require(request.auth_staff, "results.check_figures")
    [row] = _rows(request, [value_id])
    return services.send_back_value(acting_staff=request.auth_staff, value=row, reason=told.reason)
