"""The API door of kept filters: what somebody often asks of a list, her own alone."""

from typing import Annotated
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.models import SavedFilter
from handup.org.permissions import OutOfSight, require
from handup.org.services import filters as services
from handup.org.services.filters import KEEP
from handup.org.web.kept import kept_of, mine

router = Router()
Name = Annotated[Text, Field(min_length=1, max_length=services.LONGEST)]


class FilterOut(Schema):
    """A kept filter: the list's address, and what it is asked."""

    id: UUID
    path: str
    name: str
    params: dict[str, str]
    address: str


class FilterNew(Schema):
    """A filter to keep; of params what the list knows is kept, but no words searched for."""

    path: Annotated[Text, Field(min_length=1, max_length=200)]
    name: Name
    params: Annotated[dict[str, Annotated[Text, Field(max_length=200)]], Field(max_length=40)]


class FilterName(Schema):
    """Another name for it."""

    name: Name


def _own(request: StaffRequest, filter_id: UUID) -> SavedFilter:
    require(request.auth_staff, KEEP)
    found = mine(request.auth_staff, filter_id)
    if found is None:
        raise OutOfSight
    return found


@router.get("/filters", response=PageOut[FilterOut])
def list_filters(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """One's own kept filters."""
    require(request.auth_staff, KEEP)
    items, following = page(SavedFilter.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/filters", response={201: FilterOut})
def save_filter(request: StaffRequest, key: IdempotencyKey, told: FilterNew) -> Status[SavedFilter]:
    """Keep filters of a list under a name."""
    row = services.save_filter(
        acting_staff=request.auth_staff,
        path=told.path,
        name=told.name,
        params=kept_of(told.path, told.params),
        id=key,
    )
    return Status(201, row)


@router.get("/filters/{uuid:filter_id}", response=FilterOut)
def show_filter(request: StaffRequest, filter_id: UUID) -> SavedFilter:
    """One of them."""
    return _own(request, filter_id)


@router.post("/filters/{uuid:filter_id}/rename", response=FilterOut)
def rename_filter(request: StaffRequest, filter_id: UUID, told: FilterName) -> SavedFilter:
    """Give it another name."""
    row = _own(request, filter_id)
    return services.rename_filter(acting_staff=request.auth_staff, saved=row, name=told.name)


@router.post("/filters/{uuid:filter_id}/delete", response={204: None})
def delete_filter(request: StaffRequest, filter_id: UUID) -> Status[None]:
    """Let it go."""
    row = _own(request, filter_id)
    services.delete_filter(acting_staff=request.auth_staff, saved=row)
    return Status(204, None)
