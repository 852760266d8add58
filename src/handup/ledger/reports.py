"""Statements as rows and columns, ready for a page, a file or paper: one period beside another, or
one fund beside another. Every row that names an account opens to its lines.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from handup.ledger.cash_flow import CashFlow, cash_flow
from handup.ledger.fund_report import funds_of
from handup.ledger.models import Account, Book, Entry
from handup.ledger.models.books import ACCOUNT_TYPE_LABELS, CASH_CLASS_LABELS
from handup.ledger.pairs import PairLine
from handup.ledger.rules.conversion import RateUsed
from handup.ledger.rules.words import AccountType, CashClass
from handup.ledger.statements import (
    StatementRow,
    TrialRow,
    balance_sheet,
    income_statement,
    trial_balance,
)
from handup.ledger.sums import By, Only
from handup.org.web.money import format_day, format_month

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MOST_COLUMNS = 13


class Kind(StrEnum):
    """Which statement."""

    TRIAL = "TRIAL"
    INCOME = "INCOME"
    BALANCE = "BALANCE"
    CASH = "CASH"


class Beside(StrEnum):
    """What stands beside the period asked for."""

    NOTHING = "NOTHING"
    BEFORE = "BEFORE"
    YEAR = "YEAR"
    MONTHS = "MONTHS"
    FUNDS = "FUNDS"
    BOOKS = "BOOKS"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asked for."""

    since: date
    on: date
    beside: Beside = Beside.NOTHING
    only: Only = field(default_factory=Only)
    by: By = By.POSTED


@dataclass(frozen=True, slots=True)
class ReportColumn:
    """One column: its heading, the days and what it is cut down to."""

    label: str
    since: date
    on: date
    only: Only


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One row: an account with its amounts, or a sum (code empty).

    opens: the account behind each amount, where the columns are of different accounts.
    """

    label: str
    amounts: tuple[int | None, ...]
    code: str = ""
    account: UUID | None = None
    within: bool = False
    """A sum of rows above it, not counted again."""
    opens: tuple[UUID | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading, with their sum."""

    label: "_StrOrPromise"
    rows: tuple[ReportRow, ...]
    total: ReportRow | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A statement: sections, closing rows, and what must be equal in it.

    Of several books (`consolidated.py`): `books` are those inside, `unmatched` what stands between
    them and does not cancel; `rates` are those it was converted by.
    """

    kind: Kind
    book: Book
    asked: Asked
    columns: tuple[ReportColumn, ...]
    sections: tuple[Section, ...]
    closing: tuple[ReportRow, ...]
    holds: bool
    currency: str
    whose: str
    books: tuple[Book, ...] = ()
    rates: tuple[RateUsed, ...] = ()
    unmatched: tuple[PairLine, ...] = ()


def day_before(on: date) -> date:
    """The day before."""
    return on - timedelta(days=1)


def columns_of(book: Book, asked: Asked) -> tuple[ReportColumn, ...]:
    """The columns a reader asked for; the period itself comes first."""
    since, on, only = asked.since, asked.on, asked.only
    own = ReportColumn(_label(since, on), since, on, only)
    if asked.beside is Beside.BEFORE:
        last = day_before(since)
        first = _shifted(since, on)
        return (own, ReportColumn(_label(first, last), first, last, only))
    if asked.beside is Beside.YEAR:
        first, last = _year_before(since), _year_before(on)
        return (own, ReportColumn(_label(first, last), first, last, only))
    if asked.beside is Beside.MONTHS:
        months = [
            ReportColumn(format_month(first), first, last, only)
            for first, last in _months(since, on)
        ]
        return (*months, own) if len(months) > 1 else (own,)
    if asked.beside is Beside.FUNDS:
        funds = funds_of(book, on)[: MOST_COLUMNS - 1]
        parts = [ReportColumn(fund.name, since, on, replace(only, fund=fund.pk)) for fund in funds]
        return (*parts, ReportColumn(_("All funds"), since, on, replace(only, fund=None)))
    return (own,)


def _label(since: date, on: date) -> str:
    return f"{format_day(since)} \u2013 {format_day(on)}"


def _shifted(since: date, on: date) -> date:
    """The first day of the period of the same length before: whole months stay whole months."""
    after = on + timedelta(days=1)
    if since.day == 1 and after.day == 1:
        months = (after.year - since.year) * 12 + after.month - since.month
        place = since.year * 12 + since.month - 1 - months
        return date(place // 12, place % 12 + 1, 1)
    return since - (after - since)


def _year_before(on: date) -> date:
    last_day = (on + timedelta(days=1)).day == 1
    try:
        found = on.replace(year=on.year - 1)
    except ValueError:
        found = date(on.year - 1, 2, 28)
    if last_day:
        found = (found.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return found


def _months(since: date, on: date) -> list[tuple[date, date]]:
    found: list[tuple[date, date]] = []
    first = since
    while first <= on and len(found) < MOST_COLUMNS - 1:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        found.append((first, min(on, day_before(following))))
        first = following
    return found


# --- statements -----------------------------------------------------------------------------------


def report(kind: Kind, book: Book, asked: Asked) -> Report:
    """A statement of a book."""
    makers: dict[Kind, Callable[[Book, Asked], Report]] = {
        Kind.TRIAL: _trial,
        Kind.INCOME: _income,
        Kind.BALANCE: _balance,
        Kind.CASH: _cash,
    }
    return makers[kind](book, asked)


def _made(
    kind: Kind,
    book: Book,
    asked: Asked,
    columns: tuple[ReportColumn, ...],
    sections: tuple[Section, ...],
    closing: tuple[ReportRow, ...],
    *,
    holds: bool,
) -> Report:
    """The statement of one book: in its currency, or in the one it is cut down to."""
    currency = asked.only.currency or book.base_currency
    return Report(
        kind, book, asked, columns, sections, closing, holds, currency, str(book), (book,)
    )


def _merged(columns: Sequence[Sequence[StatementRow]]) -> tuple[ReportRow, ...]:
    """Rows of several columns side by side, in the order of the chart."""
    accounts: dict[UUID, Account] = {}
    amounts: dict[UUID, list[int]] = {}
    for place, rows in enumerate(columns):
        for row in rows:
            accounts[row.account.pk] = row.account
            held = amounts.setdefault(row.account.pk, [0] * len(columns))
            held[place] = row.base_units
    return tuple(
        ReportRow(account.name, tuple(amounts[pk]), account.code, pk)
        for pk, account in sorted(accounts.items(), key=lambda item: item[1].code)
    )


def row_sum(rows: Iterable[ReportRow], label: str, width: int) -> ReportRow:
    """What rows come to; sums among them are not counted again."""
    sums = [0] * width
    for row in rows:
        for place, units in enumerate(() if row.within else row.amounts):
            sums[place] += units or 0
    return ReportRow(label, tuple(sums))


def _with_groups(rows: tuple[ReportRow, ...], book: Book, width: int) -> tuple[ReportRow, ...]:
    """A sum after the accounts of one group: loans gross, the allowance, then loans net."""
    parents: dict[UUID | None, UUID | None] = dict(
        Account.objects.filter(book=book).exclude(parent=None).values_list("pk", "parent")
    )
    groups = Account.objects.in_bulk(set(parents.values()) - {None})
    found: list[ReportRow] = []
    held: list[ReportRow] = []
    for place, row in enumerate(rows):
        found.append(row)
        held.append(row)
        own = parents.get(row.account)
        following = rows[place + 1] if place + 1 < len(rows) else None
        if following is None or parents.get(following.account) != own:
            group = groups.get(own) if own is not None else None
            if len(held) > 1 and group is not None and group.parent_id is not None:
                taken_off = any((units or 0) < 0 for part in held for units in part.amounts)
                words = _("%(group)s, net") if taken_off else _("%(group)s, together")
                label = words % {"group": group.name}
                found.append(replace(row_sum(held, label, width), within=True))
            held = []
    return tuple(found)


def _section(
    label: "_StrOrPromise", rows: tuple[ReportRow, ...], total: str, width: int
) -> Section:
    return Section(label, rows, row_sum(rows, total, width))


def _income(book: Book, asked: Asked) -> Report:
    columns = columns_of(book, asked)
    found = [income_statement(book, c.since, c.on, c.only, asked.by) for c in columns]
    width = len(columns)
    income = _section(
        ACCOUNT_TYPE_LABELS[AccountType.INCOME],
        _merged([item.income for item in found]),
        _("All income"),
        width,
    )
    costs = _section(
        ACCOUNT_TYPE_LABELS[AccountType.EXPENSE],
        _merged([item.expenses for item in found]),
        _("All expenses"),
        width,
    )
    result = ReportRow(_("Result"), tuple(item.result for item in found))
    return _made(Kind.INCOME, book, asked, columns, (income, costs), (result,), holds=True)


def _balance(book: Book, asked: Asked) -> Report:
    columns = tuple(
        ReportColumn(
            c.label if asked.beside is Beside.FUNDS else format_day(c.on), c.since, c.on, c.only
        )
        for c in columns_of(book, asked)
    )
    if asked.beside is Beside.MONTHS:
        columns = columns[:-1] if len(columns) > 1 else columns
    found = [balance_sheet(book, c.on, c.only, asked.by) for c in columns]
    width = len(columns)
    result = ReportRow(_("Result not yet closed"), tuple(item.result for item in found))
    own = _merged([item.own_funds for item in found])
    if any(result.amounts):
        own = (*own, result)
    sections = (
        _section(
            ACCOUNT_TYPE_LABELS[AccountType.ASSET],
            _with_groups(_merged([item.assets for item in found]), book, width),
            _("All assets"),
            width,
        ),
        _section(
            ACCOUNT_TYPE_LABELS[AccountType.LIABILITY],
            _with_groups(_merged([item.debts for item in found]), book, width),
            _("All debts"),
            width,
        ),
        _section(ACCOUNT_TYPE_LABELS[AccountType.EQUITY], own, _("All own funds"), width),
    )
    claims = ReportRow(_("Debts and own funds"), tuple(item.total_claims for item in found))
    holds = all(item.total_assets == item.total_claims for item in found)
    return _made(Kind.BALANCE, book, asked, columns, sections, (claims,), holds=holds)


def _cash(book: Book, asked: Asked) -> Report:
    columns = columns_of(book, asked)
    found = [cash_flow(book, c.since, c.on, c.only, asked.by) for c in columns]
    sections = []
    for kind in CashClass:
        rows = _merged([_cash_rows(item, kind) for item in found])
        if rows:
            sections.append(_section(CASH_CLASS_LABELS[kind], rows, _("Together"), len(columns)))
    closing = (
        ReportRow(_("All movements"), tuple(item.net for item in found)),
        ReportRow(_("Money at the start"), tuple(item.opening for item in found)),
        ReportRow(_("Money at the end"), tuple(item.closing for item in found)),
    )
    holds = all(item.opening + item.net == item.closing for item in found)
    return _made(Kind.CASH, book, asked, columns, tuple(sections), closing, holds=holds)


def _cash_rows(flow: CashFlow, kind: CashClass) -> list[StatementRow]:
    return [StatementRow(row.account, row.net) for row in flow.rows[kind] if row.net]


def _trial(book: Book, asked: Asked) -> Report:
    trial = trial_balance(book, asked.on, asked.since, asked.only, asked.by)
    days = (asked.since, asked.on, asked.only)
    columns = tuple(
        ReportColumn(label, *days)
        for label in (_("Opening"), _("Debit"), _("Credit"), _("Closing"))
    )
    sections = []
    for kind in AccountType:
        rows = tuple(
            ReportRow(
                f"{row.account.name} ({row.currency})"
                if row.currency not in {book.base_currency, asked.only.currency}
                else row.account.name,
                trial_amounts(row, asked.only),
                row.account.code,
                row.account.pk,
            )
            for row in (*trial.rows, *trial.memo)
            if row.account.type == kind
        )
        if rows:
            sections.append(_section(ACCOUNT_TYPE_LABELS[kind], rows, _("Together"), 4))
    plain = [ReportRow("", trial_amounts(row, asked.only), row.account.code) for row in trial.rows]
    closing = row_sum(plain, _("All accounts"), 4)
    _opening, debit, credit, left = closing.amounts
    holds = debit == credit and not left
    return _made(Kind.TRIAL, book, asked, columns, tuple(sections), (closing,), holds=holds)


def trial_amounts(row: TrialRow, only: Only) -> tuple[int, int, int, int]:
    """Opening, debit, credit, closing: in the currency asked for, else in the book's."""
    if only.currency:
        return row.opening, row.debit, row.credit, row.closing
    return row.opening_base, row.debit_base, row.credit_base, row.closing_base


# --- late facts -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Late:
    """Facts of closed months that stand in the days of a statement, or that it leaves to later."""

    brought_in: int
    left_out: int


def late_facts(books: Sequence[Book], since: date, on: date) -> Late:
    """How many entries stand in these days but happened before them, and the other way round."""
    entries = Entry.objects.filter(book__in=[book.pk for book in books]).exclude(
        entry_date=F("happened_date")
    )
    found = entries.aggregate(
        brought_in=Count(
            "pk", filter=Q(entry_date__gte=since, entry_date__lte=on, happened_date__lt=since)
        ),
        left_out=Count(
            "pk", filter=Q(happened_date__gte=since, happened_date__lte=on, entry_date__gt=on)
        ),
    )
    return Late(**found)
