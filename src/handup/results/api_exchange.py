"""The API door of exchange: IATI files."""

from typing import Any

from django.utils import timezone
from ninja import File, Router, Schema
from ninja.files import UploadedFile

from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require
from handup.org.scanning import require_clean
from handup.results.iati_pack import installed_pack
from handup.results.iati_words import message_of
from handup.results.rules.iati.checking import Checked, check
from handup.results.rules.iati.reading import MOST_BYTES, FileTooLarge

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


@router.post("/iati-checks", response={200: CheckedOut})
def check_iati_file(
    request: StaffRequest, key: IdempotencyKey, file: File[UploadedFile]
) -> dict[str, Any]:
    """Check an IATI file; nothing of it is kept."""
    require(request.auth_staff, "results.check_iati")
    return told(check(uploaded(file), timezone.localdate(), installed_pack()))
