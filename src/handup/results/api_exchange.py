"""The API door of exchange: IATI files."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import File, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page
from handup.org.permissions import OutOfSight, require
from handup.org.scanning import require_clean
from handup.projects.models import Programme
from handup.results.iati_pack import installed_pack
from handup.results.iati_words import message_of
from handup.results.models import ExchangeFile, ExchangeProfile, ImportedActivity, Snapshot
from handup.results.rules.adx import SpanOfTime
from handup.results.rules.iati.checking import Checked, check
from handup.results.rules.iati.reading import MOST_BYTES, FileTooLarge
from handup.results.rules.iati.states import ExchangeKind
from handup.results.services.exchange import (
    build_exchange,
    check_exchange,
    publish_exchange,
)
from handup.results.services.exchange_import import import_iati
from handup.results.services.exchange_profile import set_exchange_profile

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


class ShareIn(Schema):
    """A code with its share in percent."""

    code: Annotated[Text, Field(max_length=60)]
    share: Annotated[Text, Field(max_length=12, pattern=r"^[0-9]{1,3}([.][0-9]{1,6})?$")]


class ProfileIn(Schema):
    """How a programme is told to other systems; shares in percent as text, together 100."""

    organisation_ref: Annotated[Text, Field(max_length=100)]
    organisation_name: Annotated[Text, Field(max_length=200)]
    organisation_type: Annotated[Text, Field(max_length=3)]
    activity_code: Annotated[Text, Field(max_length=80)]
    language: Annotated[Text, Field(max_length=5)] = "en"
    phases_only: bool = False
    target_groups: Annotated[Text, Field(max_length=4000)] = ""
    countries: Annotated[list[ShareIn], Field(max_length=50)] = []
    sectors: Annotated[list[ShareIn], Field(max_length=50)] = []
    indicator_uri: Annotated[Text, Field(max_length=200)] = ""
    dataset: Annotated[Text, Field(max_length=60)] = ""
    org_unit: Annotated[Text, Field(max_length=60)] = ""


class ProfileOut(Schema):
    """The settings for exchange of a programme."""

    programme_id: UUID
    identifier: str
    organisation_ref: str
    organisation_name: str
    countries: list[dict[str, str]]
    sectors: list[dict[str, str]]
    dataset: str
    org_unit: str


class BuildIn(Schema):
    """Which file is built; span: how long the period of ADX and tables is."""

    id: UUID
    kind: ExchangeKind = ExchangeKind.IATI
    span: SpanOfTime = SpanOfTime.YEAR


class FileOut(Schema):
    """A file for another system, what its check found, and what was left out."""

    id: UUID
    programme_id: UUID
    snapshot_id: UUID
    kind: str
    number: int
    state: str
    sha256: str
    checked_on: date | None
    place: str
    findings: list[dict[str, Any]]
    notes: list[list[str]]


class SignedIn(Schema):
    """Whether warnings are signed for."""

    signed_warnings: bool = False


class PlaceIn(Schema):
    """Where a published file stands."""

    place: Annotated[Text, Field(max_length=500)] = ""


@router.post("/programmes/{uuid:programme_id}/exchange-profile", response=ProfileOut)
def set_profile(request: StaffRequest, programme_id: UUID, told: ProfileIn) -> ExchangeProfile:
    """Write how a programme is told to other systems; the same again changes nothing."""
    require(request.auth_staff, "results.set_exchange")
    programme = Programme.objects.visible_to(request.auth_staff).filter(pk=programme_id).first()
    if programme is None:
        raise OutOfSight
    return set_exchange_profile(
        acting_staff=request.auth_staff, programme=programme, told=told.dict()
    )


def _file(request: StaffRequest, pk: UUID) -> ExchangeFile:
    row = ExchangeFile.objects.visible_to(request.auth_staff).filter(pk=pk).first()
    if row is None:
        raise OutOfSight
    return row


@router.post("/snapshots/{uuid:snapshot_id}/exchange-files", response={201: FileOut})
def build_file(request: StaffRequest, snapshot_id: UUID, told: BuildIn) -> Status[ExchangeFile]:
    """Build a file of a frozen snapshot."""
    require(request.auth_staff, "results.build_exchange")
    snapshot = Snapshot.objects.visible_to(request.auth_staff).filter(pk=snapshot_id).first()
    if snapshot is None:
        raise OutOfSight
    row = build_exchange(acting_staff=request.auth_staff, snapshot=snapshot, **told.dict())
    return Status(201, row)


@router.get("/exchange-files", response=PageOut[FileOut])
def list_files(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Files for other systems."""
    require(request.auth_staff, "results.view_exchange")
    rows = ExchangeFile.objects.visible_to(request.auth_staff).defer("content", "figures")
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/exchange-files/{uuid:file_id}", response=FileOut)
def show_file(request: StaffRequest, file_id: UUID) -> ExchangeFile:
    """One file."""
    require(request.auth_staff, "results.view_exchange")
    return _file(request, file_id)


@router.post("/exchange-files/{uuid:file_id}/check", response=FileOut)
def check_file(request: StaffRequest, file_id: UUID, told: SignedIn) -> ExchangeFile:
    """Check a file; it is CHECKED when nothing blocks it."""
    require(request.auth_staff, "results.check_exchange")
    return check_exchange(
        acting_staff=request.auth_staff,
        file=_file(request, file_id),
        signed_warnings=told.signed_warnings,
    )


@router.post("/exchange-files/{uuid:file_id}/publish", response=FileOut)
def publish_file(request: StaffRequest, file_id: UUID, told: PlaceIn) -> ExchangeFile:
    """Publish a checked file somebody else built."""
    require(request.auth_staff, "results.publish_exchange")
    return publish_exchange(
        acting_staff=request.auth_staff, file=_file(request, file_id), place=told.place
    )


@router.post("/iati-checks", response={200: CheckedOut})
def check_iati_file(
    request: StaffRequest, key: IdempotencyKey, file: File[UploadedFile]
) -> dict[str, Any]:
    """Check an IATI file; nothing of it is kept."""
    require(request.auth_staff, "results.check_iati")
    return told(check(uploaded(file), timezone.localdate(), installed_pack()))
