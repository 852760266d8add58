"""Documents of an application through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from handup.lending.api.access import note, router, seen
from handup.lending.api.schemas import Day, Reason, Short
from handup.lending.models import Application, ApplicationDocument
from handup.lending.services import documents as services
from handup.lending.uploads import kept_file
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require

DocumentKind = Annotated[str, Field(min_length=1, max_length=80, pattern="^[^\\x00]*$")]


class DocumentOut(Schema):
    """One document, and whether it still counts."""

    id: UUID
    kind: str
    number: str
    seen_date: date
    file_id: UUID | None
    set_aside_date: date | None
    set_aside_reason: str


class DocumentsOut(Schema):
    """What was seen for an application, and what its product still asks for."""

    missing: list[str]
    items: list[DocumentOut]


class DocumentNew(Schema):
    """A document somebody saw."""

    kind: DocumentKind
    seen_date: Day
    number: Short = ""


class AsideNew(Schema):
    """When and why a document counts no more."""

    set_aside_date: Day
    reason: Reason


@router.get("/applications/{uuid:application_id}/documents", response=DocumentsOut)
def list_documents(request: StaffRequest, application_id: UUID) -> dict[str, object]:
    """The documents of an application, and what is missing."""
    require(request.auth_staff, ApplicationDocument.VIEW)
    row = seen(Application, request, application_id)
    note(request, [row], "VIEW")
    rows = ApplicationDocument.objects.visible_to(request.auth_staff).filter(application=row)
    missing = services.missing_documents([row]).get(row.pk, ())
    return {"missing": list(missing), "items": list(rows)}


@router.post("/applications/{uuid:application_id}/documents", response={201: DocumentOut})
def keep_document(
    request: StaffRequest,
    application_id: UUID,
    key: IdempotencyKey,
    told: Form[DocumentNew],
    file: Annotated[UploadedFile | None, File()] = None,
) -> Status[ApplicationDocument]:
    """Take down a document somebody saw, with its file where there is one."""
    row = seen(Application, request, application_id)
    made = services.keep_document(
        acting_staff=request.auth_staff,
        application=row,
        id=key,
        content=None if file is None else kept_file(file),
        file_name="" if file is None else file.name or "",
        **told.dict(),
    )
    return Status(201, made)


@router.post("/documents/{uuid:document_id}/set-aside", response={201: DocumentOut})
def set_document_aside(
    request: StaffRequest, document_id: UUID, key: IdempotencyKey, told: AsideNew
) -> Status[ApplicationDocument]:
    """Let a document count no more."""
    row = seen(ApplicationDocument, request, document_id)
    made = services.set_document_aside(acting_staff=request.auth_staff, document=row, **told.dict())
    return Status(201, made)
