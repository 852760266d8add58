"""Runs over a whole book through the API: interest earned, allowance for losses."""

from datetime import date, datetime
from uuid import UUID

from ninja import Schema

from handup.ledger import services
from handup.ledger.api.access import BookAsked, Day, router, seen
from handup.ledger.models import Book, Run
from handup.org.interface import After, PageOut, PageSize, StaffRequest, page


class RunOut(Schema):
    """A run: what it was about, up to which day, over how many subjects that changed."""

    id: UUID
    book_id: UUID
    kind: str
    through: date
    no: int
    subjects: int
    engine_version: str
    inputs_hash: str
    recorded_at: datetime


class RunTotalOut(Schema):
    """One group of a run: its target so far, what was posted, and the entry."""

    branch_id: UUID | None
    product_id: UUID | None
    fund_id: UUID
    currency: str
    target_units: int
    posted_units: int
    entry_id: UUID | None


class RunWithTotals(RunOut):
    """A run and its groups."""

    totals: list[RunTotalOut]


class DayTold(Schema):
    """The last day a run is about."""

    through: Day


@router.get("/runs", response=PageOut[RunOut])
def list_runs(
    request: StaffRequest, book_id: BookAsked = None, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Runs of all books or of one."""
    rows = Run.objects.visible_to(request.auth_staff)
    if book_id is not None:
        rows = rows.filter(book=book_id)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/runs/{uuid:run_id}", response=RunWithTotals)
def show_run(request: StaffRequest, run_id: UUID) -> Run:
    """One run with its groups."""
    return seen(Run, request.auth_staff, run_id)


@router.post("/books/{uuid:book_id}/accrual", response=RunWithTotals)
def post_accrual(request: StaffRequest, book_id: UUID, told: DayTold) -> Run:
    """Post the interest earned up to a day; the same again posts nothing."""
    book = seen(Book, request.auth_staff, book_id)
    return services.post_accrual(acting_staff=request.auth_staff, book=book, through=told.through)


@router.post("/books/{uuid:book_id}/fees", response=RunWithTotals)
def post_fees(request: StaffRequest, book_id: UUID, told: DayTold) -> Run:
    """Post the fees of loans that fell due up to a day; the same again posts nothing."""
    book = seen(Book, request.auth_staff, book_id)
    return services.post_fees(acting_staff=request.auth_staff, book=book, through=told.through)


@router.post("/books/{uuid:book_id}/provision", response=RunWithTotals)
def post_provision(request: StaffRequest, book_id: UUID, told: DayTold) -> Run:
    """Post what the allowance for losses lacks at the end of a day."""
    book = seen(Book, request.auth_staff, book_id)
    return services.post_provision(acting_staff=request.auth_staff, book=book, through=told.through)
