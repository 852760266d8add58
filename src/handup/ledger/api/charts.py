"""A new version of a chart of accounts through the API."""

from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

from handup.ledger import services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.api.books import BookOut
from handup.ledger.chart_changes import changes
from handup.ledger.models import Book
from handup.org.interface import StaffRequest

PackName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,40}$")]


class ChangeOut(Schema):
    """What a chart changes in one account; `held`, where it stands in the way: units, currency."""

    code: str
    change: str
    before: str
    after: str
    held: list[tuple[int, str]]


class ChartTold(Schema):
    """Which chart, from the first day of which month on."""

    pack: PackName
    effective_from: Day | None = None


@router.get("/books/{uuid:book_id}/chart-changes/{pack}", response=list[ChangeOut])
def show_chart_changes(request: StaffRequest, book_id: UUID, pack: PackName) -> list[ChangeOut]:
    """What a chart would change in a book, account by account; nothing is loaded."""
    book = seen(Book, request.auth_staff, book_id)
    return [
        ChangeOut(**{name: value for name, value in asdict(item).items() if name != "account"})
        for item in changes(book, pack)
    ]


@router.post("/books/{uuid:book_id}/chart", response=BookOut)
def load_chart(request: StaffRequest, book_id: UUID, told: ChartTold) -> Book:
    """Load a version of a chart from the first day of a month on."""
    book = seen(Book, request.auth_staff, book_id)
    return services.load_chart(
        acting_staff=request.auth_staff,
        book=book,
        pack=told.pack,
        effective_from=told.effective_from,
    )
