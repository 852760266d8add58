"""Bank files through the API."""

from uuid import UUID

from ninja import File, Status
from ninja.files import UploadedFile

from handup.lending import services
from handup.lending.api import bankschemas
from handup.lending.api.access import lender_of_file, router, seen
from handup.lending.bank_shown import persons_of, without_hidden
from handup.lending.models import (
    BankFile,
    BankLine,
)
from handup.lending.uploads import partner_file
from handup.org import reads
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require


@router.get("/bank-files", response=PageOut[bankschemas.BankFileOut])
def list_bank_files(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Files that came from lenders."""
    require(request.auth_staff, "lending.view_bank_file")
    items, following = page(BankFile.objects.visible_to(request.auth_staff), after, limit)
    without_hidden(request.auth_staff, items)
    return {"items": items, "next": following}


@router.get("/bank-files/{uuid:file_id}/lines", response=list[bankschemas.BankLineOut])
def list_bank_lines(request: StaffRequest, file_id: UUID) -> list[BankLine]:
    """Every row of a file with its state."""
    file = seen(BankFile, request, file_id)
    rows = BankLine.objects.visible_to(request.auth_staff).filter(file=file)
    lines = list(rows.select_related("loan").order_by("row"))
    reads.note(request, persons_of(lines), action="LIST")
    return lines


@router.post("/lenders/{uuid:lender_id}/bank-file-checks", response={200: bankschemas.CheckOut})
def check_bank_file(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, file: File[UploadedFile]
) -> dict[str, object]:
    """Say what would happen to a file, writing nothing."""
    checked = services.check_bank_file(
        acting_staff=request.auth_staff,
        lender=lender_of_file(request, lender_id),
        file_name=file.name or "",
        content=partner_file(file),
    )
    return {
        "ready": sum(1 for item in checked.lines if item.state == "READY"),
        "ready_units": checked.ready_units,
        "faults": sum(1 for item in checked.lines if item.state == "FAULT"),
        "already_posted": sum(1 for item in checked.lines if item.state == "ALREADY_POSTED"),
    }


@router.post("/lenders/{uuid:lender_id}/bank-files", response={201: bankschemas.BankFileOut})
def import_bank_file(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, file: File[UploadedFile]
) -> Status[BankFile]:
    """Post the good rows of a file and list the wrong ones; the same file again changes nothing."""
    made = services.import_bank_file(
        acting_staff=request.auth_staff,
        lender=lender_of_file(request, lender_id),
        file_name=file.name or "",
        content=partner_file(file),
        id=key,
    )
    return Status(201, made)
