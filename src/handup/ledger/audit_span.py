"""Which part of a book an auditor asked for, read in the order of the books, piece by piece."""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection

from handup.ledger.models import Book
from handup.ledger.sql import day, uid

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Span:
    """Days as posted, one fund or all, one part of the program or all, and the last entry that was
    there when reading began: what is posted while files are written is not part of them.
    """

    book: Book
    since: date
    on: date
    head_seq: int
    head_hash: str
    fund: UUID | None = None
    domain: str = ""

    def where(self) -> tuple[str, list[Any]]:
        """The condition on an entry `e`, with its values."""
        sql = "e.book_id = %s AND e.entry_date >= %s AND e.entry_date <= %s AND e.seq <= %s"
        values = [uid(self.book.pk), day(self.since), day(self.on), self.head_seq]
        if self.fund is not None:
            sql += (
                " AND EXISTS (SELECT 1 FROM ledger_line f"
                " WHERE f.entry_id = e.id AND f.fund_id = %s)"
            )
            values.append(uid(self.fund))
        if self.domain:
            sql += " AND e.source_domain = %s"
            values.append(self.domain)
        return sql, values

    def rows(
        self, select: str, joins: str = "", order: str = "e.seq", *, chunk: int = 0
    ) -> Iterator[tuple[Any, ...]]:
        """Rows in the order of the books, so many entries at a time."""
        where, values = self.where()
        after = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"SELECT MAX(q.seq) FROM (SELECT e.seq FROM ledger_entry e WHERE {where}"
                    " AND e.seq > %s ORDER BY e.seq LIMIT %s) q",
                    [*values, after, chunk or CHUNK],
                )
                (last,) = cursor.fetchone()
                if last is None:
                    return
                cursor.execute(
                    f"SELECT {select} FROM ledger_entry e {joins} WHERE {where}"
                    f" AND e.seq > %s AND e.seq <= %s ORDER BY {order}",
                    [*values, after, last],
                )
                yield from cursor.fetchall()
            after = last


def span_of(book: Book, since: date, on: date, fund: UUID | None = None) -> Span:
    """The span, up to the book's last entry of now."""
    seq, digest = Book.objects.values_list("head_seq", "head_hash").get(pk=book.pk)
    return Span(book, since, on, seq, digest, fund)
