"""The API door of edited lists: take a list out, load it edited, see the changes, take them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.encoding import force_str
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from handup.kernel.sheet_faults import FileTooLarge
from handup.org import editing, limits, reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.models import CellState, EditedCell, EditedList
from handup.org.permissions import OutOfSight, may, require
from handup.org.services import edited as services
from handup.org.services.edited import LOAD

router = Router()
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class EditableOut(Schema):
    """A list that can be edited, its key and its columns."""

    code: str
    title: str
    key: str
    columns: list[str]
    locked: list[str]


class CellFault(Schema):
    """A cell that could not be read."""

    place: str
    code: str
    message: str


class ChangeOut(Schema):
    """A changed cell: plain texts (codes, days as ISO 8601); `here_now` where it was changed here
    meanwhile, null otherwise.
    """

    id: UUID
    record: UUID
    place: str
    column: str
    was: str
    wanted: str
    here_now: str | None
    state: CellState
    reason: str


class EditedOut(Schema):
    """An edited list that was loaded."""

    id: UUID
    code: str
    name: str
    recorded_at: datetime
    ended_at: datetime | None
    fault_count: int
    taken_count: int
    refused_count: int


class ReviewOut(EditedOut):
    """The same with its faults and the changes not yet taken."""

    faults: list[CellFault]
    changes: list[ChangeOut]


class TakeIn(Schema):
    """The changes to take."""

    changes: Annotated[list[UUID], Field(max_length=editing.CELLS_MOST)]


def _edited(request: StaffRequest, edited_id: UUID) -> EditedList:
    require(request.auth_staff, LOAD)
    found = EditedList.objects.visible_to(request.auth_staff).filter(pk=edited_id).first()
    if found is None:
        raise OutOfSight
    return found


def _review(request: StaffRequest, edited: EditedList) -> dict[str, object]:
    """The review as far as the caller may see its records."""
    of = editing.list_for(request.auth_staff, edited.code)
    cells = list(edited.cells.exclude(state=CellState.TAKEN))
    records: dict[UUID, Any] = {}
    ids = list({cell.record for cell in cells})
    for start in range(0, len(ids), editing.CHUNK):
        records |= of.rows(request.auth_staff).in_bulk(ids[start : start + editing.CHUNK])
    if of.persons and records:
        reads.note(request, persons=records, action="LIST", highest="P")
    changes = [_change(of, cell, records[cell.record]) for cell in cells if cell.record in records]
    faults = [
        {"place": fault.place, "code": fault.code, "message": fault.message}
        for fault in services.faults_of(edited)
    ]
    told = {name: getattr(edited, name) for name in EditedOut.model_fields}
    return told | {"faults": faults, "changes": changes}


def _change(of: editing.EditableList, cell: EditedCell, record: Any) -> dict[str, object]:
    names = ("id", "record", "place", "column", "was", "wanted", "state", "reason")
    told = {name: getattr(cell, name) for name in names}
    return told | {"here_now": services.here_now(of, record, cell)}


@router.get("/editable-lists", response=list[EditableOut])
def list_editable(request: StaffRequest) -> list[dict[str, object]]:
    """Lists whose records the caller may change."""
    require(request.auth_staff, LOAD)
    return [
        {
            "code": of.code,
            "title": force_str(of.title),
            "key": of.key,
            "columns": [column.name for column in of.columns if not column.locked],
            "locked": [column.name for column in of.columns if column.locked],
        }
        for of in editing.lists.values()
        if may(request.auth_staff, of.permission)
    ]


@router.post("/editable-lists/{str:code}/workbook", response={200: None})
def take_list_out(request: StaffRequest, code: Annotated[Text, Field()]) -> HttpResponse:
    """The list as a workbook to be edited; counts as an export."""
    staff = request.auth_staff
    require(staff, LOAD)
    of = editing.list_for(staff, code)
    rows = list(of.rows(staff).order_by(of.key)[: editing.ROWS_MOST + 1])
    if of.persons:
        limits.require_export_left(staff)
        reads.note(request, persons=[row.pk for row in rows], action="EXPORT", highest="P")
    return HttpResponse(editing.workbook(of, rows), content_type=XLSX)


@router.get("/edited-lists", response=PageOut[EditedOut])
def list_edited(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Edited lists that were loaded."""
    require(request.auth_staff, LOAD)
    items, following = page(EditedList.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/edited-lists", response={201: ReviewOut})
def load_edited(
    request: StaffRequest,
    key: IdempotencyKey,
    file: Annotated[UploadedFile, File()],
    code: Annotated[Text, Form()],
) -> Status[dict[str, object]]:
    """Load an edited list: every change comes back, nothing is written."""
    if (file.size or 0) > editing.LIMITS.bytes_most:
        raise FileTooLarge(field="file", most=editing.LIMITS.bytes_most // 1_000_000)
    edited = services.receive_edited_list(
        acting_staff=request.auth_staff,
        code=code,
        name=file.name or "file",
        content=file.read(),
        id=key,
    )
    return Status(201, _review(request, edited))


@router.get("/edited-lists/{uuid:edited_id}", response=ReviewOut)
def show_edited(request: StaffRequest, edited_id: UUID) -> dict[str, object]:
    """One review: its faults and the changes not yet taken."""
    return _review(request, _edited(request, edited_id))


@router.post("/edited-lists/{uuid:edited_id}/take", response=ReviewOut)
def take_changes(request: StaffRequest, edited_id: UUID, told: TakeIn) -> dict[str, object]:
    """Take changes; what is refused stays, with its reason."""
    edited = _edited(request, edited_id)
    services.take_edited_cells(acting_staff=request.auth_staff, edited=edited, cells=told.changes)
    edited.refresh_from_db()
    return _review(request, edited)


@router.post("/edited-lists/{uuid:edited_id}/end", response=EditedOut)
def end_review(request: StaffRequest, edited_id: UUID) -> EditedList:
    """End a review: what was not taken is forgotten."""
    edited = _edited(request, edited_id)
    return services.end_edited_list(acting_staff=request.auth_staff, edited=edited)
