"""Reads of the books: balances, trial balance, statements, an account's lines with running balance.

Dates are days as posted (entry_date), both ends included. Sums of whole months come from the
balances, of a month begun from its lines; `verify` proves that both say the same.
"""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Case, F, Q, Sum, Value, When

from handup.ledger.models import Account, AccountRole, Balance, Book, Entry, Line
from handup.ledger.rules.words import CLOSING, AccountType
from handup.ledger.sql import as_uuid, day, uid, unindexed

Subject = tuple[str, UUID]


def _role_lines(book: Book, role: str, on: date | None) -> models.QuerySet[Line]:
    lines: models.QuerySet[Line] = Line.objects.filter(
        account__roles__role=role, account__book=book
    )
    return lines if on is None else lines.filter(entry__entry_date__lte=on)


def balance(
    book: Book,
    role: str,
    subject: Subject | None = None,
    on: date | None = None,
    currency: str = "",
    fund: UUID | None = None,
) -> int:
    """The balance of a role in units, debit positive: of the whole account, or of one subject.

    on: as posted at the end of that day; None: of everything. currency empty: the book's own.
    fund: of that fund only.
    """
    currency = currency or book.base_currency
    if subject is None:
        return _whole_balance(book, role, on, currency, fund)
    lines = _role_lines(book, role, on).filter(currency=currency)
    if fund is not None:
        lines = lines.filter(fund_id=fund)
    lines = lines.filter(subject_kind=subject[0], subject_id=subject[1])
    total: int | None = lines.aggregate(total=Sum("units"))["total"]
    return int(total or 0)


def _whole_balance(book: Book, role: str, on: date | None, currency: str, fund: UUID | None) -> int:
    """The balance of a role's accounts: whole months from the balances, the month begun from its
    lines, found from the entries of those days, so that it does not grow with the journal.
    """
    roles = AccountRole.objects.filter(book=book, role=role).values("account")
    months = Balance.objects.filter(account__in=roles, currency=currency)
    if fund is not None:
        months = months.filter(fund_id=fund)
    since = on and _first_whole_month(on + timedelta(days=1), round_down=True)
    if since is not None:
        months = months.filter(month__lt=since)
    total = months.aggregate(total=Sum(F("debit_units") - F("credit_units")))["total"] or 0
    if on is None or since is None or since > on:
        return int(total)
    sql = (
        "SELECT SUM(l.units) FROM ledger_entry e CROSS JOIN ledger_line l WHERE l.entry_id = e.id"
        " AND e.book_id = %s AND e.entry_date >= %s AND e.entry_date <= %s AND l.currency = %s"
        f" AND {unindexed('l.account_id')} IN"
        " (SELECT account_id FROM ledger_accountrole WHERE book_id = %s AND role = %s)"
    )
    values = [uid(book.pk), day(since), day(on), currency, uid(book.pk), role]
    if fund is not None:
        sql, values = f"{sql} AND l.fund_id = %s", [*values, uid(fund)]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        (moved,) = cursor.fetchone()
    return int(total) + int(moved or 0)


def balances_by_subject(
    book: Book,
    role: str,
    subject_kind: str,
    subjects: Sequence[UUID] | None = None,
    on: date | None = None,
    currency: str = "",
) -> dict[UUID, int]:
    """The balance of a role per subject of one kind in one statement; zeros are left out."""
    lines = _role_lines(book, role, on).filter(
        currency=currency or book.base_currency, subject_kind=subject_kind
    )
    if subjects is not None:
        lines = lines.filter(subject_id__in=subjects)
    rows = lines.order_by().values_list("subject_id").annotate(total=Sum("units"))
    return {subject: int(total) for subject, total in rows if total}


# --- sums per account ---------------------------------------------------------------------------


@dataclass(slots=True)
class Sums:
    """What an account added up to: units and base units, debit and credit apart."""

    debit: int = 0
    credit: int = 0
    debit_base: int = 0
    credit_base: int = 0

    @property
    def net(self) -> int:
        """Debit less credit, in units."""
        return self.debit - self.credit

    @property
    def net_base(self) -> int:
        """Debit less credit, in the book's currency."""
        return self.debit_base - self.credit_base

    def add(self, debit: int, credit: int, debit_base: int, credit_base: int) -> None:
        """Add another part."""
        self.debit += debit
        self.credit += credit
        self.debit_base += debit_base
        self.credit_base += credit_base


SumsBy = dict[tuple[UUID, str], Sums]


@dataclass(frozen=True, slots=True)
class Only:
    """What a statement is cut down to: one fund, one branch, or (both None) everything."""

    fund: UUID | None = None
    branch: UUID | None = None


EVERYTHING = Only()


def sums_of(book: Book, since: date | None, through: date, only: Only = EVERYTHING) -> SumsBy:
    """What each account added up to by currency between two days; since None: from the start."""
    first_whole = _first_whole_month(since)
    end_whole = _first_whole_month(through + timedelta(days=1), round_down=True)
    result: SumsBy = defaultdict(Sums)
    if first_whole >= end_whole:
        _add(result, _line_sums(book, since, through, only))
        return result
    _add(result, _month_sums(book, first_whole, end_whole, only))
    if since is not None and since < first_whole:
        _add(result, _line_sums(book, since, first_whole - timedelta(days=1), only))
    if end_whole <= through:
        _add(result, _line_sums(book, end_whole, through, only))
    return result


def _first_whole_month(since: date | None, *, round_down: bool = False) -> date:
    if since is None:
        return date.min
    first = since.replace(day=1)
    if since == first or round_down:
        return first
    return (first + timedelta(days=31)).replace(day=1)


Rows = Iterable[tuple[UUID, str, int, int, int, int]]


def _add(result: SumsBy, rows: Rows) -> None:
    for account, currency, *amounts in rows:
        result[account, currency].add(*(int(amount) for amount in amounts))


def _month_sums(book: Book, first: date, before: date, only: Only) -> Rows:
    rows = Balance.objects.filter(book=book, month__gte=first, month__lt=before)
    if only.fund is not None:
        rows = rows.filter(fund=only.fund)
    if only.branch is not None:
        rows = rows.filter(branch_key=only.branch)
    found: Rows = (
        rows.order_by()
        .values_list("account", "currency")
        .annotate(
            debit=Sum("debit_units"),
            credit=Sum("credit_units"),
            debit_in_base=Sum("debit_base"),
            credit_in_base=Sum("credit_base"),
        )
    )
    return found


def _signed(field: str, *, debit: bool) -> Sum:
    side = Q(**{f"{field}__gt": 0}) if debit else Q(**{f"{field}__lt": 0})
    return Sum(Case(When(side, then=F(field) if debit else -F(field)), default=Value(0)))


def _line_sums(book: Book, since: date | None, through: date, only: Only, kind: str = "") -> Rows:
    lines = Line.objects.filter(entry__book=book, entry__entry_date__lte=through)
    if since is not None:
        lines = lines.filter(entry__entry_date__gte=since)
    if kind:
        lines = lines.filter(entry__kind=kind)
    if only.fund is not None:
        lines = lines.filter(fund=only.fund)
    if only.branch is not None:
        lines = lines.filter(branch=only.branch)
    found: Rows = (
        lines.order_by()
        .values_list("account", "currency")
        .annotate(
            debit=_signed("units", debit=True),
            credit=_signed("units", debit=False),
            debit_in_base=_signed("base_units", debit=True),
            credit_in_base=_signed("base_units", debit=False),
        )
    )
    return found


# --- statements ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account in one currency: opening, debit, credit and closing, units and base."""

    account: Account
    currency: str
    opening: int
    debit: int
    credit: int
    closing: int
    opening_base: int
    debit_base: int
    credit_base: int
    closing_base: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The trial balance of a book; memo accounts stand apart and balance by themselves."""

    book: Book
    since: date | None
    on: date
    rows: tuple[TrialRow, ...]
    memo: tuple[TrialRow, ...]

    @property
    def debit_base(self) -> int:
        """All debits of the period in the book's currency."""
        return sum(row.debit_base for row in self.rows)

    @property
    def credit_base(self) -> int:
        """All credits of the period in the book's currency."""
        return sum(row.credit_base for row in self.rows)

    @property
    def closing_base(self) -> int:
        """Zero, when the book balances."""
        return sum(row.closing_base for row in self.rows)


def trial_balance(
    book: Book, on: date, since: date | None = None, only: Only = EVERYTHING
) -> TrialBalance:
    """Opening, debit, credit and closing of every account that moved or holds something.

    since None: from the first day, with an opening of zero.
    """
    before = sums_of(book, None, since - timedelta(days=1), only) if since else {}
    moved = sums_of(book, since, on, only)
    accounts = {account.pk: account for account in Account.objects.filter(book=book)}
    rows: list[TrialRow] = []
    nothing = Sums()
    for account_id, currency in {**before, **moved}:
        opening = before.get((account_id, currency), nothing)
        period = moved.get((account_id, currency), nothing)
        if not (opening.net or opening.net_base or period.debit or period.credit) and not (
            period.debit_base or period.credit_base
        ):
            continue
        rows.append(
            TrialRow(
                account=accounts[account_id],
                currency=currency,
                opening=opening.net,
                debit=period.debit,
                credit=period.credit,
                closing=opening.net + period.net,
                opening_base=opening.net_base,
                debit_base=period.debit_base,
                credit_base=period.credit_base,
                closing_base=opening.net_base + period.net_base,
            )
        )
    rows.sort(key=lambda row: (row.account.code, row.currency))
    return TrialBalance(
        book=book,
        since=since,
        on=on,
        rows=tuple(row for row in rows if row.account.type != AccountType.MEMO),
        memo=tuple(row for row in rows if row.account.type == AccountType.MEMO),
    )


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One account of a statement, in the book's currency, as a reader expects its sign."""

    account: Account
    base_units: int


@dataclass(frozen=True, slots=True)
class IncomeStatement:
    """Income less expenses of a period, year-end closings left out."""

    income: tuple[StatementRow, ...]
    expenses: tuple[StatementRow, ...]

    @property
    def result(self) -> int:
        """What is left, in base units; negative is a loss."""
        return _total(self.income) - _total(self.expenses)


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What a book has and owes at the end of a day; the result not yet closed stands apart."""

    assets: tuple[StatementRow, ...]
    debts: tuple[StatementRow, ...]
    own_funds: tuple[StatementRow, ...]
    result: int

    @property
    def total_assets(self) -> int:
        """Everything the book has, losses expected on loans taken off."""
        return _total(self.assets)

    @property
    def total_claims(self) -> int:
        """Debts, own funds and the result: equal to the assets."""
        return _total(self.debts) + _total(self.own_funds) + self.result


def _total(rows: Iterable[StatementRow]) -> int:
    return sum(row.base_units for row in rows)


def _by_account(sums: SumsBy) -> dict[UUID, int]:
    totals: dict[UUID, int] = defaultdict(int)
    for (account, _currency), part in sums.items():
        totals[account] += part.net_base
    return totals


def _statement_rows(
    accounts: Sequence[Account], totals: dict[UUID, int], kind: AccountType, sign: int
) -> tuple[StatementRow, ...]:
    return tuple(
        StatementRow(account, sign * totals[account.pk])
        for account in accounts
        if account.type == kind and totals.get(account.pk)
    )


def income_statement(book: Book, since: date, on: date, only: Only = EVERYTHING) -> IncomeStatement:
    """Income and expenses between two days."""
    sums = sums_of(book, since, on, only)
    for account, currency, *amounts in _line_sums(book, since, on, only, kind=CLOSING):
        debit, credit, debit_base, credit_base = (int(amount) for amount in amounts)
        sums[account, currency].add(-debit, -credit, -debit_base, -credit_base)
    totals = _by_account(sums)
    accounts = list(Account.objects.filter(book=book))
    return IncomeStatement(
        income=_statement_rows(accounts, totals, AccountType.INCOME, -1),
        expenses=_statement_rows(accounts, totals, AccountType.EXPENSE, 1),
    )


def balance_sheet(book: Book, on: date, only: Only = EVERYTHING) -> BalanceSheet:
    """Assets, debts, own funds and the result at the end of a day."""
    totals = _by_account(sums_of(book, None, on, only))
    accounts = list(Account.objects.filter(book=book))
    result = sum(
        -totals.get(account.pk, 0)
        for account in accounts
        if account.type in {AccountType.INCOME, AccountType.EXPENSE}
    )
    return BalanceSheet(
        assets=_statement_rows(accounts, totals, AccountType.ASSET, 1),
        debts=_statement_rows(accounts, totals, AccountType.LIABILITY, -1),
        own_funds=_statement_rows(accounts, totals, AccountType.EQUITY, -1),
        result=result,
    )


def year_start(book: Book, on: date) -> date:
    """The first day of the book's fiscal year a day lies in."""
    first = date(on.year, book.fiscal_year_start, 1)
    return first if first <= on else date(on.year - 1, book.fiscal_year_start, 1)


# --- an account's lines ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A line with the balance of its account and currency after it."""

    line: Line
    running: int


def account_lines(
    account: Account,
    since: date | None = None,
    on: date | None = None,
    limit: int | None = None,
) -> list[AccountLine]:
    """An account's lines in the order of the books, each with the balance after it."""
    running = _opening(account, since) if since is not None else defaultdict(int)
    ids = _line_ids(account, since or date.min, on or date.max, limit)
    found = Line.objects.select_related("entry", "fund").in_bulk(ids)
    result: list[AccountLine] = []
    for pk in ids:
        line = found[pk]
        running[line.currency] += line.units
        result.append(AccountLine(line, running[line.currency]))
    return result


def _opening(account: Account, since: date) -> dict[str, int]:
    """The balance per currency before a day: whole months from the balances, then lines."""
    running: dict[str, int] = defaultdict(int)
    month = since.replace(day=1)
    months = Balance.objects.filter(account=account, month__lt=month).order_by()
    lines = Line.objects.filter(
        account=account,
        entry__book=account.book_id,
        entry__entry_date__gte=month,
        entry__entry_date__lt=since,
    ).order_by()
    parts: list[models.QuerySet[Any, Any]] = [
        months.values_list("currency").annotate(n=Sum(F("debit_units") - F("credit_units")))
    ]
    if month < since:
        parts.append(lines.values_list("currency").annotate(n=Sum("units")))
    for part in parts:
        for currency, units in part:
            running[currency] += int(units)
    return running


def _line_ids(account: Account, since: date, on: date, limit: int | None) -> list[UUID]:
    """The account's lines in the order of the books, found from the entries of those days."""
    sql = (
        "SELECT l.id FROM ledger_entry e CROSS JOIN ledger_line l WHERE l.entry_id = e.id"
        " AND e.book_id = %s AND e.entry_date >= %s AND e.entry_date <= %s"
        f" AND {unindexed('l.account_id')} = %s"
        " ORDER BY e.entry_date, e.seq, l.no"
    )
    values = [uid(account.book_id), day(since), day(on), uid(account.pk)]
    if limit is not None:
        sql, values = f"{sql} LIMIT %s", [*values, limit]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [as_uuid(row[0]) for row in cursor.fetchall()]


def entry_of_fact(domain: str, kind: str, fact_id: UUID, purpose: str = "") -> Entry | None:
    """The entry a fact posted, or None."""
    found: Entry | None = Entry.objects.filter(
        source_id=fact_id, source_domain=domain, source_kind=kind, source_purpose=purpose
    ).first()
    return found
