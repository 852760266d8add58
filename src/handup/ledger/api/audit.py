"""What an auditor takes away, through the API: files, and the entries to look at first."""

import tempfile
from dataclasses import asdict
from typing import IO, Annotated, cast
from uuid import UUID

from django.http import FileResponse
from ninja import Schema
from pydantic import Field

from handup.ledger import services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.audit_span import span_of
from handup.ledger.models import Book
from handup.ledger.saft import MIDDLE, SHORT, WIDE, Company
from handup.ledger.sampling import MOST, ODD, Sampling, Why, sample
from handup.ledger.services import Extent
from handup.org.interface import StaffRequest, Text, Units
from handup.org.permissions import require

Size = Annotated[int, Field(ge=1, le=MOST)]
Seed = Annotated[int, Field(ge=0, le=10**9)]
Large = Annotated[Units, Field(ge=0)]


class ExportTold(Schema):
    """Which part of a book, whether with names, and how the sample is drawn."""

    since: Day
    on: Day
    fund_id: UUID | None = None
    names: bool = False
    size: Size = 60
    from_units: Large = 0
    seed: Seed = 1
    odd: Annotated[list[Why], Field(max_length=len(Why))] = list(ODD)


class CompanyTold(Schema):
    """Who keeps the book, and whom to ask."""

    name: Annotated[Text, Field(min_length=1, max_length=WIDE)]
    registration_number: Annotated[Text, Field(min_length=1, max_length=MIDDLE)]
    city: Annotated[Text, Field(min_length=1, max_length=MIDDLE)]
    postal_code: Annotated[Text, Field(min_length=1, max_length=SHORT)]
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
    first_name: Annotated[Text, Field(min_length=1, max_length=MIDDLE)]
    last_name: Annotated[Text, Field(min_length=1, max_length=WIDE)]
    telephone: Annotated[Text, Field(min_length=1, max_length=SHORT)]


class SaftTold(Schema):
    """Which days of a book, and who keeps it."""

    since: Day
    on: Day
    names: bool = False
    company: CompanyTold


class DrawnOut(Schema):
    """An entry of the sample, and why it is there."""

    why: Why
    seq: int
    id: UUID


def _file() -> IO[bytes]:
    return cast("IO[bytes]", tempfile.TemporaryFile())


@router.post("/books/{uuid:book_id}/audit-export", response={200: None})
def export_for_audit(request: StaffRequest, book_id: UUID, told: ExportTold) -> FileResponse:
    """The auditor's export as a ZIP."""
    into = _file()
    services.export_for_audit(
        acting_staff=request.auth_staff,
        book=seen(Book, request.auth_staff, book_id),
        extent=Extent(
            told.since,
            told.on,
            fund=told.fund_id,
            names=told.names,
            sampling=Sampling(
                told.size,
                told.from_units,
                told.seed,
                tuple(why for why in ODD if why in told.odd),
            ),
        ),
        into=into,
    )
    into.seek(0)
    return FileResponse(into, content_type="application/zip")


@router.post("/books/{uuid:book_id}/saf-t", response={200: None})
def export_saft(request: StaffRequest, book_id: UUID, told: SaftTold) -> FileResponse:
    """The book as a Standard Audit File (OECD SAF-T 2.0)."""
    into = _file()
    services.export_saft(
        acting_staff=request.auth_staff,
        book=seen(Book, request.auth_staff, book_id),
        extent=Extent(told.since, told.on, names=told.names),
        company=Company(**told.company.dict()),
        into=into,
    )
    into.seek(0)
    return FileResponse(into, content_type="application/xml")


@router.get("/books/{uuid:book_id}/sample", response=list[DrawnOut])
def show_sample(
    request: StaffRequest,
    book_id: UUID,
    since: Day,
    on: Day,
    size: Size = 60,
    from_units: Large = 0,
    seed: Seed = 1,
) -> list[dict[str, object]]:
    """The entries an auditor looks at first, each with its reason."""
    book = seen(Book, request.auth_staff, book_id)
    require(request.auth_staff, "ledger.export_audit", book)
    drawn = sample(span_of(book, since, on), Sampling(size, from_units, seed))
    return [asdict(item) for item in drawn]
