"""Reads of the books: balances, statements (`statements.py`), an account's lines with its balance.

Dates are days as posted (entry_date), both ends included. Sums of whole months come from the
balances, of a month begun from its lines; `verify` proves that both say the same.
"""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import F, Sum

from handup.ledger.models import Account, AccountRole, Balance, Book, Entry, Line
from handup.ledger.sql import as_date, as_uuid, day, uid, unindexed
from handup.ledger.statements import (
    BalanceSheet,
    IncomeStatement,
    StatementRow,
    TrialBalance,
    TrialRow,
    balance_sheet,
    income_statement,
    trial_balance,
    year_start,
)
from handup.ledger.sums import EVERYTHING, By, Only, Sums, first_whole_month, sums_of

__all__ = [
    "EVERYTHING",
    "AccountLine",
    "BalanceSheet",
    "By",
    "IncomeStatement",
    "Only",
    "StatementRow",
    "Subject",
    "Sums",
    "TrialBalance",
    "TrialRow",
    "account_lines",
    "balance",
    "balance_sheet",
    "balances_by_subject",
    "debited",
    "entry_of_fact",
    "income_statement",
    "moved_after",
    "sums_of",
    "trial_balance",
    "year_start",
]

Subject = tuple[str, UUID]


def _role_lines(book: Book, role: str, on: date | None) -> models.QuerySet[Line]:
    # Not by a join: a role of two currencies on one account would tell each line twice.
    roles = AccountRole.objects.filter(book=book, role=role).values("account")
    lines: models.QuerySet[Line] = Line.objects.filter(account__in=roles)
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
    since = on and first_whole_month(on + timedelta(days=1), round_down=True)
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


def debited(book: Book, role: str) -> int:
    """All that ever went onto an account as a debit, but for what was reversed, whatever came off
    again; smallest units.
    """
    lines = _role_lines(book, role, None).filter(
        units__gt=0, entry__reverses=None, entry__reversal=None
    )
    found: int = lines.aggregate(n=Sum("units"))["n"] or 0
    return found


def moved_after(book: Book, role: str, on: date, currency: str, fund: UUID) -> dict[date, int]:
    """What moved on a role's accounts for one fund on each day after `on`, as posted: with the
    balance of that day, where it stood at the end of every day since.
    """
    sql = (
        "SELECT e.entry_date, SUM(l.units) FROM ledger_entry e CROSS JOIN ledger_line l"
        " WHERE l.entry_id = e.id AND e.book_id = %s AND e.entry_date > %s AND l.currency = %s"
        f" AND l.fund_id = %s AND {unindexed('l.account_id')} IN"
        " (SELECT account_id FROM ledger_accountrole WHERE book_id = %s AND role = %s)"
        " GROUP BY e.entry_date"
    )
    values = [uid(book.pk), day(on), currency, uid(fund), uid(book.pk), role]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {as_date(moved): int(units) for moved, units in cursor.fetchall()}


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
    running = balance_before(account, since) if since is not None else defaultdict(int)
    ids = _line_ids(account, since or date.min, on or date.max, limit)
    found = Line.objects.select_related("entry", "fund").in_bulk(ids)
    result: list[AccountLine] = []
    for pk in ids:
        line = found[pk]
        running[line.currency] += line.units
        result.append(AccountLine(line, running[line.currency]))
    return result


def balance_before(account: Account, since: date) -> dict[str, int]:
    """An account's balance per currency before a day: from whole months, then lines."""
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
