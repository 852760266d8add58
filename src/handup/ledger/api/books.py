"""The books through the API: what is there to read, entries by hand, reversals, months and rates.

Amounts are whole smallest units, debit positive. Automatic entries have no door of their own: they
come with the fact they tell of, through that fact's domain.
"""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from django.db.models import F
from ninja import Schema, Status
from pydantic import Base64Bytes, Field

from handup.ledger import queries, services
from handup.ledger.api.access import BookAsked, Day, DayAsked, router, seen
from handup.ledger.models import Account, Book, Draft, Entry, LateFactSeen, Period
from handup.ledger.rules.words import ADJUSTMENT, INTEREST_PAID, MANUAL, OPENING, BookKind
from handup.ledger.services import DraftLineIn, Paper
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
from handup.org.models import ExchangeRate
from handup.org.models.records import RateKind

Remark = Annotated[Text, Field(min_length=1, max_length=400)]
Code = Annotated[Text, Field(max_length=20)]


class BookOut(Schema):
    """A book."""

    id: UUID
    code: str
    name: str
    kind: str
    status: str
    base_currency: str
    head_seq: int
    head_hash: str
    locked_through: date | None


class BookNew(Schema):
    """A book to open: a programme's, a lender's or a guarantee fund's."""

    code: Annotated[Text, Field(min_length=1, max_length=40)]
    name: Annotated[Text, Field(min_length=1, max_length=160)]
    kind: Literal["PROGRAMME", "LENDER", "GUARANTEE_FUND"]
    base_currency: Currency
    programme_id: UUID | None = None
    organisation_id: UUID | None = None
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1


class AccountOut(Schema):
    """An account of a book's chart."""

    id: UUID
    code: str
    name: str
    type: str
    leaf: bool
    active: bool
    currency: str


class LineOut(Schema):
    """One line of an entry."""

    no: int
    account_id: UUID
    units: int
    currency: str
    base_units: int
    rate: int
    fund_id: UUID
    budget_line: str
    subject_kind: str
    subject_id: UUID | None


class EntryOut(Schema):
    """The header of an entry."""

    id: UUID
    book_id: UUID
    seq: int
    kind: str
    entry_date: date
    happened_date: date
    source_domain: str
    source_kind: str
    source_id: UUID
    source_purpose: str
    reverses_id: UUID | None
    recorded_at: datetime
    flags: str
    prev_hash: str
    hash: str


class EntryWithLines(EntryOut):
    """An entry and its lines."""

    lines: list[LineOut]


class TrialRowOut(Schema):
    """One account of a trial balance, in the book's currency."""

    code: str
    name: str
    currency: str
    opening_base: int
    debit_base: int
    credit_base: int
    closing_base: int


class TrialBalanceOut(Schema):
    """A trial balance; memo accounts stand apart."""

    since: date | None
    on: date
    debit_base: int
    credit_base: int
    closing_base: int
    rows: list[TrialRowOut]
    memo: list[TrialRowOut]


class PeriodOut(Schema):
    """A month of a book."""

    id: UUID
    book_id: UUID
    starts: date
    ends: date
    status: str
    balance_hash: str


class DraftOut(Schema):
    """An entry by hand."""

    id: UUID
    book_id: UUID
    kind: str
    happened_date: date
    remark: str
    status: str
    entry_id: UUID | None


class DraftLineTold(Schema):
    """One line of an entry by hand."""

    account_code: Code
    units: Units
    currency: Currency | None = None
    fund_id: UUID | None = None
    budget_line: Annotated[Text, Field(max_length=80)] = ""


class PaperTold(Schema):
    """The paper an entry rests on: a file's name and its bytes in base 64."""

    name: Annotated[Text, Field(min_length=1, max_length=200)]
    content: Annotated[Base64Bytes, Field(max_length=10 * 2**20)]


class DraftTold(Schema):
    """An entry by hand; its lines must balance."""

    book_id: UUID
    kind: Annotated[str, Field(pattern=f"^({MANUAL}|{ADJUSTMENT}|{OPENING}|{INTEREST_PAID})$")] = (
        MANUAL
    )
    happened_date: Day
    remark: Remark
    lines: Annotated[list[DraftLineTold], Field(min_length=2, max_length=200)]
    paper: PaperTold | None = None


class ReversalTold(Schema):
    """The day of a reversal and why."""

    happened_date: Day
    remark: Remark


class ReasonTold(Schema):
    """Why one person does several steps, where the institution is that small."""

    reason: Annotated[Text, Field(max_length=300)] = ""


class RateTold(Schema):
    """What one main unit of a currency is worth in another: a whole number divided by 10^10."""

    from_currency: Currency
    to_currency: Currency
    rate_date: Day
    numerator: Annotated[int, Field(gt=0, lt=2**53)]
    kind: RateKind = RateKind.SPOT
    source: Annotated[Text, Field(min_length=1, max_length=200)]
    confirmed: bool = False


class RateOut(Schema):
    """A dated rate."""

    id: UUID
    from_currency: str
    to_currency: str
    rate_date: date
    numerator: int
    kind: str
    source: str


@router.get("/books", response=PageOut[BookOut])
def list_books(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Books she may see."""
    items, following = page(Book.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/books", response={201: BookOut})
def open_book(request: StaffRequest, key: IdempotencyKey, told: BookNew) -> Status[Book]:
    """Open a book with the chart of accounts of its kind."""
    values = told.dict() | {"kind": BookKind(told.kind)}
    return Status(201, services.open_book(acting_staff=request.auth_staff, id=key, **values))


@router.get("/books/{uuid:book_id}", response=BookOut)
def show_book(request: StaffRequest, book_id: UUID) -> Book:
    """One book."""
    return seen(Book, request.auth_staff, book_id)


@router.get("/books/{uuid:book_id}/accounts", response=PageOut[AccountOut])
def list_accounts(
    request: StaffRequest, book_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The chart of a book."""
    book = seen(Book, request.auth_staff, book_id)
    rows = Account.objects.visible_to(request.auth_staff).filter(book=book)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/books/{uuid:book_id}/trial-balance", response=TrialBalanceOut)
def show_trial_balance(
    request: StaffRequest, book_id: UUID, on: Day, since: DayAsked = None
) -> dict[str, object]:
    """The trial balance of a book at the end of a day."""
    book = seen(Book, request.auth_staff, book_id)
    trial = queries.trial_balance(book, on, since if since is None else min(since, on))
    return {
        "since": trial.since,
        "on": trial.on,
        "debit_base": trial.debit_base,
        "credit_base": trial.credit_base,
        "closing_base": trial.closing_base,
        "rows": [_trial_row(row) for row in trial.rows],
        "memo": [_trial_row(row) for row in trial.memo],
    }


def _trial_row(row: queries.TrialRow) -> TrialRowOut:
    return TrialRowOut(
        code=row.account.code,
        name=row.account.name,
        currency=row.currency,
        opening_base=row.opening_base,
        debit_base=row.debit_base,
        credit_base=row.credit_base,
        closing_base=row.closing_base,
    )


@router.get("/entries", response=PageOut[EntryOut])
def list_entries(
    request: StaffRequest, book_id: BookAsked = None, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Entries she may see, of all books or of one, in the order of recording."""
    rows = Entry.objects.visible_to(request.auth_staff)
    if book_id is not None:
        rows = rows.filter(book=book_id)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/entries/{uuid:entry_id}", response=EntryWithLines)
def show_entry(request: StaffRequest, entry_id: UUID) -> Entry:
    """One entry with its lines."""
    return seen(Entry, request.auth_staff, entry_id)


@router.post("/entries/{uuid:entry_id}/reversal", response={201: EntryOut})
def reverse_entry(
    request: StaffRequest, entry_id: UUID, key: IdempotencyKey, told: ReversalTold
) -> Status[Entry]:
    """Reverse an entry written by hand."""
    entry = seen(Entry, request.auth_staff, entry_id)
    made = services.reverse_entry(
        acting_staff=request.auth_staff, entry=entry, id=key, **told.dict()
    )
    return Status(201, made)


class LateTold(Schema):
    """Why a fact came late."""

    note: Remark
    seen_date: Day


class LateSeenOut(Schema):
    """A late fact that was looked at."""

    id: UUID
    entry_id: UUID
    note: str
    seen_date: date


@router.get("/late-facts", response=PageOut[EntryOut])
def list_late_facts(
    request: StaffRequest,
    book_id: BookAsked = None,
    open: bool = False,
    after: After = None,
    limit: PageSize = 50,
) -> dict[str, object]:
    """Entries that stand in a later month than their fact; open: those nobody looked at."""
    rows = Entry.objects.visible_to(request.auth_staff).filter(entry_date__gt=F("happened_date"))
    if book_id is not None:
        rows = rows.filter(book=book_id)
    if open:
        rows = rows.filter(late_seen=None)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/entries/{uuid:entry_id}/late", response={201: LateSeenOut})
def acknowledge_late_fact(
    request: StaffRequest, entry_id: UUID, key: IdempotencyKey, told: LateTold
) -> Status[LateFactSeen]:
    """Say that a late fact was looked at, and why it came late."""
    entry = seen(Entry, request.auth_staff, entry_id)
    made = services.acknowledge_late_fact(
        acting_staff=request.auth_staff, entry=entry, id=key, **told.dict()
    )
    return Status(201, made)


@router.get("/periods", response=PageOut[PeriodOut])
def list_periods(
    request: StaffRequest, book_id: BookAsked = None, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Months of all books or of one."""
    rows = Period.objects.visible_to(request.auth_staff)
    if book_id is not None:
        rows = rows.filter(book=book_id)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/periods/{uuid:period_id}/soft-close", response=PeriodOut)
def soft_close_period(request: StaffRequest, period_id: UUID) -> Period:
    """Close a month for facts."""
    period = seen(Period, request.auth_staff, period_id)
    return services.soft_close_period(acting_staff=request.auth_staff, period=period)


@router.post("/periods/{uuid:period_id}/close", response=PeriodOut)
def close_period(request: StaffRequest, period_id: UUID, told: ReasonTold) -> Period:
    """Close a month for good."""
    period = seen(Period, request.auth_staff, period_id)
    return services.close_period(acting_staff=request.auth_staff, period=period, reason=told.reason)


@router.get("/drafts", response=PageOut[DraftOut])
def list_drafts(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Entries by hand she may see."""
    items, following = page(Draft.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/drafts", response={201: DraftOut})
def draft_entry(request: StaffRequest, key: IdempotencyKey, told: DraftTold) -> Status[Draft]:
    """Write an entry by hand, for another person to approve."""
    book = seen(Book, request.auth_staff, told.book_id)
    draft = services.draft_entry(
        acting_staff=request.auth_staff,
        book=book,
        kind=told.kind,
        happened_date=told.happened_date,
        remark=told.remark,
        lines=[
            DraftLineIn(
                line.account_code, line.units, line.currency or "", line.fund_id, line.budget_line
            )
            for line in told.lines
        ],
        paper=Paper(told.paper.name, told.paper.content) if told.paper else None,
        id=key,
    )
    return Status(201, draft)


@router.post("/drafts/{uuid:draft_id}/approve", response=DraftOut)
def approve_draft(request: StaffRequest, draft_id: UUID, told: ReasonTold) -> Draft:
    """Approve another person's entry, which posts it."""
    draft = seen(Draft, request.auth_staff, draft_id)
    return services.approve_draft(acting_staff=request.auth_staff, draft=draft, reason=told.reason)


@router.post("/drafts/{uuid:draft_id}/decline", response=DraftOut)
def decline_draft(request: StaffRequest, draft_id: UUID, told: ReasonTold) -> Draft:
    """Decline another person's entry."""
    draft = seen(Draft, request.auth_staff, draft_id)
    return services.decline_draft(acting_staff=request.auth_staff, draft=draft, reason=told.reason)


@router.post("/rates", response={201: RateOut})
def add_rate(request: StaffRequest, key: IdempotencyKey, told: RateTold) -> Status[ExchangeRate]:
    """Record an exchange rate of a day."""
    rate = services.add_rate(acting_staff=request.auth_staff, id=key, **told.dict())
    return Status(201, rate)
