"""Books read as one, and money between two books, through the API."""

from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.ledger import services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.api.books import Code, DraftOut, Remark
from handup.ledger.api.statements import IdAsked, ReportOut, by_rate, report_out
from handup.ledger.consolidated import Whole, report_of
from handup.ledger.interfund import between_funds
from handup.ledger.models import Book, Consolidation, Draft, Fund
from handup.ledger.reports import Asked, Beside, Kind
from handup.ledger.rules.conversion import ConvertBy
from handup.ledger.sums import By, Only
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    Units,
    page,
)
from handup.org.permissions import OutOfSight, require


class ConsolidationOut(Schema):
    """Books read as one, in a currency."""

    id: UUID
    code: str
    name: str
    currency: str
    with_groups: bool
    book_ids: list[UUID]

    @staticmethod
    def resolve_book_ids(row: Consolidation) -> list[UUID]:
        """Its books in their order."""
        return list(row.members.values_list("book", flat=True))


class ConsolidationTold(Schema):
    """Which books to read as one; groups' own books never."""

    code: Annotated[Text, Field(min_length=1, max_length=40)]
    name: Annotated[Text, Field(min_length=1, max_length=160)]
    currency: Currency
    book_ids: Annotated[list[UUID], Field(min_length=2, max_length=100)]
    with_groups: bool = True


class TransferTold(Schema):
    """Money from an account of one book to an account of another."""

    giver_id: UUID
    taker_id: UUID
    from_account: Code
    to_account: Code
    units: Units
    currency: Currency | None = None
    happened_date: Day
    remark: Remark
    fund_id: UUID | None = None


class SettleTold(Schema):
    """What one fund pays another out of its money in an account of the book."""

    debtor_id: UUID
    creditor_id: UUID
    account_code: Code
    units: Units
    currency: Currency | None = None
    happened_date: Day
    remark: Remark


class FundOwesOut(Schema):
    """A fund that owes others (below zero) or is owed, in smallest units."""

    fund_id: UUID
    currency: str
    units: int
    waiting_units: int


@router.get("/consolidations", response=PageOut[ConsolidationOut])
def list_consolidations(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Which books are read as one."""
    items, following = page(Consolidation.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/consolidations", response={201: ConsolidationOut})
def open_consolidation(
    request: StaffRequest, key: IdempotencyKey, told: ConsolidationTold
) -> Status[Consolidation]:
    """Say which books are read as one."""
    staff = request.auth_staff
    made = services.open_consolidation(
        acting_staff=staff,
        code=told.code,
        name=told.name,
        currency=told.currency,
        books=[seen(Book, staff, pk) for pk in told.book_ids],
        with_groups=told.with_groups,
        id=key,
    )
    return Status(201, made)


@router.get("/consolidations/{uuid:consolidation_id}/statements/{kind}", response=ReportOut)
def show_whole_statement(
    request: StaffRequest,
    consolidation_id: UUID,
    kind: Kind,
    since: Day,
    on: Day,
    beside: Beside = Beside.BOOKS,
    by: By = By.POSTED,
    fund_id: IdAsked = None,
    branch_id: IdAsked = None,
    rule: ConvertBy = ConvertBy.CLOSING,
) -> ReportOut:
    """A statement of several books as one; what stands between them and does not cancel is told."""
    staff = request.auth_staff
    row = seen(Consolidation, staff, consolidation_id)
    ids = list(row.members.values_list("book", flat=True))
    books = {book.pk: book for book in Book.objects.visible_to(staff).filter(pk__in=ids)}
    if len(books) != len(ids):
        raise OutOfSight
    if kind is Kind.TRIAL or beside is Beside.FUNDS:
        beside = Beside.NOTHING
    whole = Whole(row.name, row.currency, tuple(books[pk] for pk in ids), by_rate(rule))
    asked = Asked(min(since, on), on, beside, Only(fund_id, branch_id), by)
    return report_out(report_of(kind, whole, asked))


@router.post("/transfers", response={201: DraftOut})
def draft_transfer(request: StaffRequest, key: IdempotencyKey, told: TransferTold) -> Status[Draft]:
    """Send money from one book to another, for another person to approve; the giver's side."""
    staff = request.auth_staff
    made = services.draft_transfer(
        acting_staff=staff,
        giver=seen(Book, staff, told.giver_id),
        taker=seen(Book, staff, told.taker_id),
        from_account=told.from_account,
        to_account=told.to_account,
        units=told.units,
        currency=told.currency or "",
        happened_date=told.happened_date,
        remark=told.remark,
        fund=told.fund_id,
        id=key,
    )
    return Status(201, made)


@router.get("/books/{uuid:book_id}/between-funds", response=list[FundOwesOut])
def list_between_funds(request: StaffRequest, book_id: UUID) -> list[dict[str, object]]:
    """What the funds of a book owe each other."""
    require(request.auth_staff, "ledger.view_account")
    return [
        {
            "fund_id": item.fund.pk,
            "currency": item.currency,
            "units": item.units,
            "waiting_units": item.waiting_units,
        }
        for item in between_funds(seen(Book, request.auth_staff, book_id))
    ]


@router.post("/books/{uuid:book_id}/between-funds", response={201: DraftOut})
def settle_between_funds(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: SettleTold
) -> Status[Draft]:
    """Settle what one fund owes another, for another person to approve."""
    staff = request.auth_staff
    made = services.settle_between_funds(
        acting_staff=staff,
        book=seen(Book, staff, book_id),
        debtor=seen(Fund, staff, told.debtor_id),
        creditor=seen(Fund, staff, told.creditor_id),
        account_code=told.account_code,
        units=told.units,
        currency=told.currency or "",
        happened_date=told.happened_date,
        remark=told.remark,
        id=key,
    )
    return Status(201, made)
