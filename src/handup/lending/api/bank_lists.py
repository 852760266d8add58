"""Partner banks' lists of their loans, compared with ours, through the API."""

from datetime import date
from uuid import UUID

from ninja import File, Schema, Status
from ninja.files import UploadedFile

from handup.lending.api import schemas
from handup.lending.api.access import router, seen
from handup.lending.bank_shown import list_lines_seen, persons_of, without_hidden
from handup.lending.models import BankList, BankListLine, Lender
from handup.lending.services.bank_lists import compare_bank_list as compare
from handup.lending.uploads import bank_list
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import OutOfSight, require


class BankListOut(Schema):
    """One list, and how many loans are the same, differ, or stand on one side only."""

    id: UUID
    lender_id: UUID
    as_of_date: date
    file_name: str
    rows_equal: int
    rows_different: int
    rows_unknown: int
    rows_missing: int
    rows_faulty: int


class BankListLineOut(Schema):
    """One loan: figures there and here in smallest units, and which of them differ."""

    id: UUID
    row: int | None
    key: str
    loan_id: UUID | None
    state: str
    theirs: dict[str, int]
    ours: dict[str, int]
    differing: list[str]
    fault: str


@router.get("/bank-lists", response=PageOut[BankListOut])
def list_bank_lists(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Lists that were compared."""
    require(request.auth_staff, "lending.view_bank_list")
    items, following = page(BankList.objects.visible_to(request.auth_staff), after, limit)
    without_hidden(request.auth_staff, items)
    return {"items": items, "next": following}


@router.get("/bank-lists/{uuid:list_id}/lines", response=list[BankListLineOut])
def list_bank_list_lines(request: StaffRequest, list_id: UUID) -> list[BankListLine]:
    """Every loan of one list, with what differs."""
    lines = list(list_lines_seen(request.auth_staff, seen(BankList, request, list_id)))
    reads.note(request, persons_of(lines), action="LIST")
    return lines


@router.post("/lenders/{uuid:lender_id}/bank-lists", response={201: BankListOut})
def compare_bank_list(
    request: StaffRequest,
    lender_id: UUID,
    key: IdempotencyKey,
    as_of: schemas.Day,
    file: File[UploadedFile],
) -> Status[BankList]:
    """Compare a bank's list of its loans with ours of the same day; nothing is changed by it."""
    require(request.auth_staff, "lending.compare_bank_list")
    lender = Lender.objects.filter(pk=lender_id).first()
    if lender is None:
        raise OutOfSight
    made = compare(
        acting_staff=request.auth_staff,
        lender=lender,
        as_of=as_of,
        file_name=file.name or "",
        content=bank_list(file),
        id=key,
    )
    without_hidden(request.auth_staff, [made])
    return Status(201, made)
