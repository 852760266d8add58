"""The API door of exchange: IATI files."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.results.iati_pack import installed_pack
from handup.results.iati_words import message_of
from handup.results.models import ImportedActivity
from handup.results.rules.iati.checking import Checked, check
from handup.results.rules.iati.reading import MOST_BYTES, FileTooLarge
from handup.results.services.exchange_import import import_iati

router = Router(tags=["results"])


class FindingOut(Schema):
    """What is wrong, how much it matters, where, and the field to mend."""

    id: str
    severity: str
    message: str
    path: str
    line: int
    field: str


class CheckedOut(Schema):
    """What a check found; `skipped` names the rules that need the Registry's list."""

    root: str
    version: str
    activities: int
    is_publishable: bool
    findings: list[FindingOut]
    skipped: list[str]


def uploaded(file: UploadedFile) -> bytes:
    """What a file holds, looked through. Raises FileTooLarge, and what scanning refuses."""
    if (file.size or 0) > MOST_BYTES:
        raise FileTooLarge(most=MOST_BYTES // 1_000_000, field="file")
    content: bytes = file.read()
    require_clean(content)
    return content


def told(checked: Checked) -> dict[str, Any]:
    """A check as it is answered."""
    return {
        "root": checked.root,
        "version": checked.version,
        "activities": checked.activities,
        "is_publishable": checked.is_publishable,
        "findings": [
            {
                "id": one.id,
                "severity": one.severity.value,
                "message": message_of(one),
                "path": one.path,
                "line": one.line,
                "field": one.field,
            }
            for one in checked.findings
        ],
        "skipped": list(checked.skipped),
    }


class CameOut(Schema):
    """What became of an activity of a file."""

    identifier: str
    title: str
    outcome: str
    faults: list[str]


class TakenOut(Schema):
    """What became of a file; was_checked: whether the standard's schema was at hand."""

    version: str
    was_checked: bool
    activities: list[CameOut]


class ImportedOut(Schema):
    """An activity that came; `rest` is what is kept in its raw copy alone."""

    id: UUID
    identifier: str
    title: str
    state: str
    version: str
    updated: str
    programme_id: UUID | None
    rest: dict[str, int]
    faults: list[str]


@router.post("/iati-imports", response={200: TakenOut})
def import_iati_file(
    request: StaffRequest, key: IdempotencyKey, file: File[UploadedFile]
) -> dict[str, Any]:
    """Take over a file; the same again changes nothing."""
    require(request.auth_staff, "results.import_iati")
    taken = import_iati(
        acting_staff=request.auth_staff, content=uploaded(file), file_name=file.name or ""
    )
    return {
        "version": taken.version,
        "was_checked": taken.was_checked,
        "activities": [
            {
                "identifier": one.identifier,
                "title": one.title,
                "outcome": one.outcome.value,
                "faults": list(one.faults),
            }
            for one in taken.activities
        ],
    }


@router.get("/imported-activities", response=PageOut[ImportedOut])
def list_imported(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Activities that came."""
    require(request.auth_staff, "results.view_exchange")
    rows = ImportedActivity.objects.visible_to(request.auth_staff)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/iati-checks", response={200: CheckedOut})
def check_iati_file(
    request: StaffRequest, key: IdempotencyKey, file: File[UploadedFile]
) -> dict[str, Any]:
    """Check an IATI file; nothing of it is kept."""
    require(request.auth_staff, "results.check_iati")
    return told(check(uploaded(file), timezone.localdate(), installed_pack()))
