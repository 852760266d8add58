"""What stands between books: INTERBOOK lines, by the pair that joins the two sides (J10).

A pair is matched on a day when its lines in the books looked at come to nothing and stand in two of
them at least. Everything else is on the way, or its other side is elsewhere: it is listed.
"""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection

from handup.ledger.models import Book
from handup.ledger.sql import as_date, as_uuid, day, places, uid
from handup.ledger.sums import EVERYTHING, By, Only

PAIR = "pair"


@dataclass(frozen=True, slots=True)
class PairLine:
    """One line that stands between books."""

    book: UUID
    account: UUID
    entry: UUID
    seq: int
    on: date
    pair: UUID | None
    currency: str
    units: int
    base_units: int


@dataclass(frozen=True, slots=True)
class Between:
    """The lines between some books on a day: those that cancel, and those that do not."""

    matched: tuple[PairLine, ...]
    unmatched: tuple[PairLine, ...]


def between(
    books: Sequence[Book], on: date, only: Only = EVERYTHING, by: By = By.POSTED
) -> Between:
    """What stands between these books at the end of a day."""
    lines = _lines(books, on, only, by)
    sums: dict[tuple[UUID | None, str], int] = defaultdict(int)
    sides: dict[UUID | None, set[UUID]] = defaultdict(set)
    for line in lines:
        sums[line.pair, line.currency] += line.units
        sides[line.pair].add(line.book)
    open_pairs = {pair for (pair, _currency), units in sums.items() if units}
    open_pairs |= {pair for pair, found in sides.items() if len(found) < 2}
    open_pairs.add(None)
    matched = tuple(line for line in lines if line.pair not in open_pairs)
    unmatched = tuple(line for line in lines if line.pair in open_pairs)
    return Between(matched, _still_open(unmatched))


def _still_open(lines: Iterable[PairLine]) -> tuple[PairLine, ...]:
    """Without what cancels within one book: a side that was taken back there."""
    by_side: dict[tuple[UUID | None, UUID, str], list[PairLine]] = defaultdict(list)
    for line in lines:
        by_side[line.pair, line.book, line.currency].append(line)
    return tuple(
        line
        for (pair, _book, _currency), held in by_side.items()
        for line in held
        if pair is None or sum(item.units for item in held) != 0
    )


def _lines(books: Sequence[Book], on: date, only: Only, by: By) -> list[PairLine]:
    if not books:
        return []
    sql = (
        f"SELECT e.book_id, l.account_id, e.id, e.seq, e.{by.column}, l.subject_kind, l.subject_id,"
        " l.currency, l.units, l.base_units"
        " FROM (SELECT DISTINCT account_id, book_id FROM ledger_accountrole"
        " WHERE role = 'INTERBOOK') r"
        " JOIN ledger_line l ON l.account_id = r.account_id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE r.book_id IN ({places(books)}) AND e.{by.column} <= %s"
    )
    values = [*(uid(book.pk) for book in books), day(on)]
    for column, value in (
        ("fund_id", uid(only.fund)),
        ("branch_id", uid(only.branch)),
        ("currency", only.currency or None),
    ):
        if value is not None:
            sql, values = f"{sql} AND l.{column} = %s", [*values, value]
    sql += " ORDER BY e.entry_date, e.book_id, e.seq, l.no"
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [
            PairLine(
                as_uuid(book),
                as_uuid(account),
                as_uuid(entry),
                int(seq),
                as_date(found),
                as_uuid(subject) if kind == PAIR and subject is not None else None,
                currency,
                int(units),
                int(base),
            )
            for book, account, entry, seq, found, kind, subject, currency, units, base in (
                cursor.fetchall()
            )
        ]
