"""The API door of public tables."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import After, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.results import services
from handup.results.models import PublicTable, Snapshot

router = Router(tags=["results"])
Name = Annotated[Text, Field(max_length=40)]


class TableOut(Schema):
    """A public table: codes of rows and columns, counts (null: hidden), totals."""

    id: UUID
    programme_id: UUID
    snapshot_id: UUID
    day: date
    code: str
    row_dimension: str
    column_dimension: str
    smallest: int
    table: dict[str, Any]


class TableIn(Schema):
    """A table to publish."""

    id: UUID
    code: Annotated[Text, Field(max_length=20)]
    row_dimension: Name
    column_dimension: Name = ""
    reason: Annotated[Text, Field(max_length=300)] = ""


@router.get("/tables", response=PageOut[TableOut])
def list_tables(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Tables that were published of the programmes she reads."""
    require(request.auth_staff, "results.view_figure")
    items, following = page(PublicTable.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/tables/{uuid:table_id}", response=TableOut)
def show_table(request: StaffRequest, table_id: UUID) -> PublicTable:
    """One public table."""
    require(request.auth_staff, "results.view_figure")
    row = PublicTable.objects.visible_to(request.auth_staff).filter(pk=table_id).first()
    if row is None:
        raise OutOfSight
    return row


@router.post("/snapshots/{uuid:snapshot_id}/tables", response={201: TableOut})
def publish_table(request: StaffRequest, snapshot_id: UUID, told: TableIn) -> Status[PublicTable]:
    """Publish a table of a frozen snapshot; the same again answers the same."""
    require(request.auth_staff, "results.publish_table")
    snapshot = Snapshot.objects.visible_to(request.auth_staff).filter(pk=snapshot_id).first()
    if snapshot is None:
        raise OutOfSight
    row = services.publish_table(acting_staff=request.auth_staff, snapshot=snapshot, **told.dict())
    return Status(201, row)
