"""The API door of `desk`: the import centre."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from handup.desk import services
from handup.desk.importing.reading import LIMITS
from handup.desk.models import ImportBatch
from handup.kernel.sheet_faults import FileTooLarge
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require

router = Router(tags=["desk"])


class FaultOut(Schema):
    """One fault with its cell."""

    place: str
    code: str
    message: str


class BatchOut(Schema):
    """A file that was handed over, and what its import would do or did."""

    id: UUID
    profile: str
    programme_id: UUID | None
    name: str
    sha256: str
    state: str
    counts: dict[str, dict[str, int]]
    fault_count: int
    imported_at: datetime | None


class BatchWithFaults(BatchOut):
    """The same with its faults."""

    faults: list[FaultOut]

    @staticmethod
    def resolve_faults(batch: ImportBatch) -> list[dict[str, str]]:
        """The faults as far as they are kept."""
        return [
            {"place": fault.place, "code": fault.code, "message": fault.message}
            for fault in services.faults_of(batch)
        ]


def _batch(request: StaffRequest, batch_id: UUID) -> ImportBatch:
    require(request.auth_staff, "desk.view_import")
    found = ImportBatch.objects.visible_to(request.auth_staff).filter(pk=batch_id).first()
    if found is None:
        raise OutOfSight
    return found


@router.get("/imports", response=PageOut[BatchOut])
def list_imports(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Files that were handed over."""
    require(request.auth_staff, "desk.view_import")
    rows = ImportBatch.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/imports/{uuid:batch_id}", response=BatchWithFaults)
def show_import(request: StaffRequest, batch_id: UUID) -> ImportBatch:
    """One file with its faults."""
    return _batch(request, batch_id)


@router.post("/imports", response={201: BatchWithFaults})
def receive_import(
    request: StaffRequest,
    key: IdempotencyKey,
    file: Annotated[UploadedFile, File()],
    profile: Annotated[Text, Form()],
    programme: Annotated[Text, Form()] = "",
) -> Status[ImportBatch]:
    """Hand a file over: it is checked, nothing is written yet."""
    if (file.size or 0) > LIMITS.bytes_most:
        raise FileTooLarge(field="file", most=LIMITS.bytes_most // 1_000_000)
    batch = services.receive_import(
        acting_staff=request.auth_staff,
        name=file.name or "file",
        content=file.read(),
        profile_code=profile,
        programme=services.programme_of(programme, request.auth_staff),
        id=key,
    )
    return Status(201, batch)


@router.post("/imports/{uuid:batch_id}/commit", response=BatchWithFaults)
def commit_import(request: StaffRequest, batch_id: UUID) -> ImportBatch:
    """Import a checked file, all of it or nothing; a second time changes nothing."""
    batch = _batch(request, batch_id)
    return services.commit_import(acting_staff=request.auth_staff, batch=batch)
