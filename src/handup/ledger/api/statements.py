"""Statements, fund reports and sustainability through the API, and what closes a month or year."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Query, Schema, Status
from pydantic import Field

from handup.ledger import close_checks, services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.api.runs import DayTold, RunWithTotals
from handup.ledger.consolidated import Whole, report_of
from handup.ledger.donor_report import donor_report
from handup.ledger.fund_report import fund_report, funds_of
from handup.ledger.models import Account, Book, Fund, Period, Reconciliation, Run, StatedInput
from handup.ledger.paper import rate_text
from handup.ledger.reports import Asked, Beside, Kind, Report, late_facts, report
from handup.ledger.rules.conversion import ConvertBy, RateUsed
from handup.ledger.rules.sustainability import percent_text
from handup.ledger.rules.words import InputKind
from handup.ledger.sums import By, Only
from handup.ledger.sustainability import sustainability
from handup.org.interface import Currency, IdempotencyKey, StaffRequest, Text, Units

IdAsked = Annotated[UUID | None, Query(None)]
CurrencyAsked = Annotated[Currency | None, Query(None)]


class ReportRowOut(Schema):
    """A row of a statement: an account (code, id) or a sum; amounts in the book's currency."""

    section: str
    code: str
    label: str
    account_id: UUID | None
    amounts: list[int | None]


class RateUsedOut(Schema):
    """A rate a statement was converted by: what one main unit was worth, of which day, by whom."""

    source: str
    target: str
    rate: str
    rate_date: date
    of: int
    told_by: str


class UnmatchedOut(Schema):
    """A line between books that does not cancel."""

    book_id: UUID
    entry_id: UUID
    on: date
    pair_id: UUID | None
    currency: str
    units: int


class ReportOut(Schema):
    """A statement; brought_in and left_out count facts posted later than they happened."""

    kind: str
    since: date
    on: date
    by: str
    currency: str
    columns: list[str]
    rows: list[ReportRowOut]
    holds: bool
    brought_in: int
    left_out: int
    rates: list[RateUsedOut]
    unmatched: list[UnmatchedOut]


class FundReportOut(Schema):
    """One fund of a book in the book's currency."""

    fund_id: UUID
    fund: str
    opening: int
    received: int
    income: int
    spent: int
    lent: int
    repaid: int
    transfers: int
    other: int
    closing: int
    loans: int
    not_yet_earned: int
    released: int
    written_off: int
    free: int


class SustainabilityOut(Schema):
    """OSS and FSS in percent with one decimal; FSS is null while an input is missing."""

    since: date
    on: date
    revenue: int
    financial: int
    impairment: int
    operating: int
    oss: str
    fss: str | None
    missing: list[str]


class DonorRowOut(Schema):
    """What was spent on one budget line, in the book's currency and in the donor's."""

    budget_line: str
    base_units: int
    donor_units: int
    uncovered_base: int


class TrancheOut(Schema):
    """Money a fund received."""

    on: date
    base_units: int
    donor_units: int


class DonorReportOut(Schema):
    """A fund told to its donor, with every rate that was used."""

    since: date
    on: date
    base_currency: str
    donor_currency: str
    rule: str
    received: list[TrancheOut]
    rows: list[DonorRowOut]
    rates: list[RateUsedOut]


class OpenOut(Schema):
    """One thing still open before a month is closed."""

    check: str
    blocks: bool
    text: str
    amount: str


class InputTold(Schema):
    """A figure from outside the books: ppm for the whole period, or units; with its source."""

    kind: InputKind
    starts: Day
    ends: Day
    value: Units
    source: Annotated[Text, Field(min_length=1, max_length=200)]


class InputOut(Schema):
    """A stated figure."""

    id: UUID
    kind: str
    starts: date
    ends: date
    value: int
    source: str


class ReconciliationTold(Schema):
    """A bank's balance on a day and the lines of the books it does not show yet."""

    through: Day
    statement_units: Units
    currency: Currency | None = None
    open_lines: Annotated[list[UUID], Field(max_length=500)] = []


class ReconciliationOut(Schema):
    """A bank account set against the bank's statement."""

    id: UUID
    account_id: UUID
    currency: str
    through: date
    statement_units: int
    book_units: int


def report_out(made: Report) -> ReportOut:
    """A statement as the API tells it."""
    late = late_facts(made.books, made.asked.since, made.asked.on)
    rows = []
    for section in made.sections:
        found = [*section.rows, *([section.total] if section.total else [])]
        rows += [(str(section.label), row) for row in found]
    rows += [("", row) for row in made.closing]
    return ReportOut(
        kind=made.kind,
        since=made.asked.since,
        on=made.asked.on,
        by=made.asked.by,
        currency=made.currency,
        columns=[column.label for column in made.columns],
        rows=[
            ReportRowOut(
                section=section,
                code=row.code,
                label=row.label,
                account_id=row.account,
                amounts=list(row.amounts),
            )
            for section, row in rows
        ],
        holds=made.holds,
        brought_in=late.brought_in,
        left_out=late.left_out,
        rates=_rates(made.rates),
        unmatched=[
            UnmatchedOut(
                book_id=line.book,
                entry_id=line.entry,
                on=line.on,
                pair_id=line.pair,
                currency=line.currency,
                units=line.units,
            )
            for line in made.unmatched
        ],
    )


def _rates(used: Iterable[RateUsed]) -> list[RateUsedOut]:
    return [
        RateUsedOut(
            source=rate.source,
            target=rate.target,
            rate=rate_text(rate.known),
            rate_date=rate.rate_date,
            of=rate.of,
            told_by=rate.told_by,
        )
        for rate in used
    ]


@router.get("/books/{uuid:book_id}/donor-report/{uuid:fund_id}", response=DonorReportOut)
def show_donor_report(
    request: StaffRequest, book_id: UUID, fund_id: UUID, since: Day, on: Day, by: By = By.POSTED
) -> DonorReportOut:
    """What a fund received and spent, in its donor's currency by the agreement's rule."""
    book = seen(Book, request.auth_staff, book_id)
    fund = seen(Fund, request.auth_staff, fund_id)
    found = donor_report(book, fund, min(since, on), on, by)
    return DonorReportOut(
        since=found.since,
        on=found.on,
        base_currency=book.base_currency,
        donor_currency=fund.report_currency,
        rule=fund.convert_by,
        received=[TrancheOut(**asdict(item)) for item in found.received],
        rows=[DonorRowOut(**asdict(row)) for row in found.rows],
        rates=_rates(found.rates),
    )


@router.get("/books/{uuid:book_id}/statements/{kind}", response=ReportOut)
def show_statement(
    request: StaffRequest,
    book_id: UUID,
    kind: Kind,
    since: Day,
    on: Day,
    beside: Beside = Beside.NOTHING,
    by: By = By.POSTED,
    fund_id: IdAsked = None,
    branch_id: IdAsked = None,
    only: CurrencyAsked = None,
    into: CurrencyAsked = None,
    rule: ConvertBy = ConvertBy.CLOSING,
) -> ReportOut:
    """A statement of a book between two days, as posted or as it happened.

    only: of one currency, in its own amounts. into: converted into another, by a rule; each rate
    used is told.
    """
    book = seen(Book, request.auth_staff, book_id)
    beside = Beside.NOTHING if beside is Beside.BOOKS else beside
    asked = Asked(min(since, on), on, beside, Only(fund_id, branch_id, only or ""), by)
    if into is not None and into != (only or book.base_currency):
        whole = Whole(str(book), into, (book,), by_rate(rule))
        return report_out(report_of(kind, whole, asked))
    return report_out(report(kind, book, asked))


def by_rate(rule: ConvertBy) -> ConvertBy:
    """Tranches tell what a fund spent, not a statement: that is by the last day's rate."""
    return ConvertBy.CLOSING if rule is ConvertBy.FIFO else rule


@router.get("/books/{uuid:book_id}/fund-report", response=list[FundReportOut])
def show_fund_report(
    request: StaffRequest, book_id: UUID, since: Day, on: Day, by: By = By.POSTED
) -> list[FundReportOut]:
    """What each fund of a book received, spent, lent and has."""
    book = seen(Book, request.auth_staff, book_id)
    names = [name for name in FundReportOut.model_fields if name not in {"fund", "fund_id"}]
    found = [fund_report(book, fund, min(since, on), on, by) for fund in funds_of(book, on)]
    return [
        FundReportOut(
            fund_id=item.fund.pk,
            fund=item.fund.code,
            **{name: getattr(item, name) for name in names},
        )
        for item in found
    ]


@router.get("/books/{uuid:book_id}/sustainability", response=SustainabilityOut)
def show_sustainability(
    request: StaffRequest, book_id: UUID, since: Day, on: Day
) -> SustainabilityOut:
    """OSS and FSS of a book between two days."""
    book = seen(Book, request.auth_staff, book_id)
    found = sustainability(book, min(since, on), on)
    return SustainabilityOut(
        since=found.since,
        on=found.on,
        revenue=found.figures.revenue,
        financial=found.figures.financial,
        impairment=found.figures.impairment,
        operating=found.figures.operating,
        oss=percent_text(found.oss),
        fss=None if found.adjustments is None else percent_text(found.fss),
        missing=list(found.inputs.missing),
    )


@router.post("/books/{uuid:book_id}/inputs", response={201: InputOut})
def state_input(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: InputTold
) -> Status[StatedInput]:
    """State a figure from outside the books."""
    book = seen(Book, request.auth_staff, book_id)
    made = services.state_input(acting_staff=request.auth_staff, book=book, id=key, **told.dict())
    return Status(201, made)


@router.post("/books/{uuid:book_id}/revaluation", response=RunWithTotals)
def revalue(request: StaffRequest, book_id: UUID, told: DayTold) -> Run:
    """Bring foreign money to the rate of a day."""
    book = seen(Book, request.auth_staff, book_id)
    return services.revalue(acting_staff=request.auth_staff, book=book, through=told.through)


@router.post("/books/{uuid:book_id}/grants-earned", response=RunWithTotals)
def release_grants(request: StaffRequest, book_id: UUID, told: DayTold) -> Run:
    """Turn restricted grants into income as far as they were spent."""
    book = seen(Book, request.auth_staff, book_id)
    return services.release_grants(acting_staff=request.auth_staff, book=book, through=told.through)


@router.post("/books/{uuid:book_id}/year-end", response=RunWithTotals)
def close_year(request: StaffRequest, book_id: UUID, told: DayTold) -> Run:
    """Move a year's income and expenses to what is kept."""
    book = seen(Book, request.auth_staff, book_id)
    return services.close_year(acting_staff=request.auth_staff, book=book, through=told.through)


@router.get("/periods/{uuid:period_id}/open", response=list[OpenOut])
def show_open(request: StaffRequest, period_id: UUID) -> list[OpenOut]:
    """What is still open before a month is closed."""
    period = seen(Period, request.auth_staff, period_id)
    return [
        OpenOut(
            check=answer.check.code,
            blocks=answer.check.blocks,
            text=item.text,
            amount=item.amount,
        )
        for answer in close_checks.answers(period)
        for item in answer.found
    ]


@router.post("/accounts/{uuid:account_id}/reconciliations", response={201: ReconciliationOut})
def reconcile_bank(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, told: ReconciliationTold
) -> Status[Reconciliation]:
    """Set a bank account against the bank's statement."""
    account = seen(Account, request.auth_staff, account_id)
    made = services.reconcile_bank(
        acting_staff=request.auth_staff,
        account=account,
        through=told.through,
        statement_units=told.statement_units,
        open_lines=told.open_lines,
        currency=told.currency or "",
        id=key,
    )
    return Status(201, made)
