"""Entries that came with a file, through the API; the file itself goes to the import centre."""

from datetime import date
from uuid import UUID

from ninja import Schema

from handup.ledger import services
from handup.ledger.api.access import router, seen
from handup.ledger.api.books import ReasonTold
from handup.ledger.models import DraftBatch
from handup.org.interface import After, PageOut, PageSize, StaffRequest, page


class DraftBatchOut(Schema):
    """A file with entries: how many, over which days, and whether another person has approved."""

    id: UUID
    book_id: UUID
    kind: str
    name: str
    first_date: date
    last_date: date
    entries: int
    lines: int
    debit_base: int
    status: str


@router.get("/draft-batches", response=PageOut[DraftBatchOut])
def list_draft_batches(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Files with entries she may see."""
    items, following = page(DraftBatch.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.get("/draft-batches/{uuid:batch_id}", response=DraftBatchOut)
def show_draft_batch(request: StaffRequest, batch_id: UUID) -> DraftBatch:
    """One file with entries."""
    return seen(DraftBatch, request.auth_staff, batch_id)


@router.post("/draft-batches/{uuid:batch_id}/approve", response=DraftBatchOut)
def approve_batch(request: StaffRequest, batch_id: UUID, told: ReasonTold) -> DraftBatch:
    """Approve all entries of a file, which posts all or none."""
    batch = seen(DraftBatch, request.auth_staff, batch_id)
    return services.approve_batch(acting_staff=request.auth_staff, batch=batch, reason=told.reason)


@router.post("/draft-batches/{uuid:batch_id}/decline", response=DraftBatchOut)
def decline_batch(request: StaffRequest, batch_id: UUID, told: ReasonTold) -> DraftBatch:
    """Decline all entries of a file."""
    batch = seen(DraftBatch, request.auth_staff, batch_id)
    return services.decline_batch(acting_staff=request.auth_staff, batch=batch, reason=told.reason)
