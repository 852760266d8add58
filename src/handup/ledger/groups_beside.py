"""What groups' own books come to, shown beside a programme's statement: members' own money is never
part of it (ledger.md 4.8).
"""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from handup.ledger.conversion import Rates
from handup.ledger.models import Book
from handup.ledger.rules.words import BookKind
from handup.ledger.sql import day, places, uid

NAMES = ("money", "loans", "other_assets", "debts", "own_funds")


@dataclass(frozen=True, slots=True)
class GroupsBeside:
    """The books of groups together at the end of a day, in one currency."""

    books: int
    money: int
    loans: int
    other_assets: int
    debts: int
    own_funds: int

    @property
    def assets(self) -> int:
        """Everything the groups have."""
        return self.money + self.loans + self.other_assets


def groups_beside(programmes: Sequence[UUID], on: date, rates: Rates) -> GroupsBeside | None:
    """The groups of these programmes; None where there are none. Raises RateMissing, RateTooOld."""
    books = Book.objects.filter(kind=BookKind.GROUP, practice=False, programme_id__in=programmes)
    known: dict[str, Book] = {}
    count = 0
    for book in books:
        known.setdefault(book.base_currency, book)
        count += 1
    if not count:
        return None
    sums: dict[str, int] = defaultdict(int)
    for currency, name, units in _held(programmes, on):
        book = known[currency]
        converter = rates.of(currency, book.rate_kind, book.max_rate_age_days)
        sums[name] += converter.units(units, on, on)
    return GroupsBeside(count, *(sums[name] for name in NAMES))


def _held(programmes: Sequence[UUID], on: date) -> list[tuple[str, str, int]]:
    """What groups hold by currency and kind: whole months from balances, the rest from lines."""
    whole = (on + timedelta(days=1)).replace(day=1)
    of = (
        " JOIN ledger_account a ON a.id = x.account_id JOIN ledger_book b ON b.id = a.book_id"
        " LEFT JOIN (SELECT DISTINCT account_id FROM ledger_accountrole WHERE role = 'LOANS') r"
        " ON r.account_id = a.id"
    )
    chosen = (
        f" b.kind = %s AND b.practice = %s AND b.programme_id IN ({places(programmes)})"
        " AND a.type <> 'MEMO'"
    )
    name = (
        "CASE WHEN a.type = 'ASSET' AND a.cash_kind <> 'NONE' THEN 'money'"
        " WHEN a.type = 'ASSET' AND r.account_id IS NOT NULL THEN 'loans'"
        " WHEN a.type = 'ASSET' THEN 'other_assets' WHEN a.type = 'LIABILITY' THEN 'debts'"
        " ELSE 'own_funds' END"
    )
    values: list[Any] = [BookKind.GROUP.value, False, *(uid(pk) for pk in programmes)]
    sql = (
        f"SELECT b.base_currency, {name}, SUM(x.debit_base - x.credit_base)"
        f" FROM ledger_balance x{of} WHERE{chosen} AND x.month < %s GROUP BY 1, 2"
        f" UNION ALL SELECT b.base_currency, {name}, SUM(x.base_units)"
        f" FROM ledger_line x JOIN ledger_entry e ON e.id = x.entry_id{of}"
        f" WHERE{chosen} AND e.entry_date >= %s AND e.entry_date <= %s GROUP BY 1, 2"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, day(whole), *values, day(whole), day(on)])
        rows = cursor.fetchall()
    sign = {"debts": -1, "own_funds": -1}
    return [(currency, kind, sign.get(kind, 1) * int(units)) for currency, kind, units in rows]
