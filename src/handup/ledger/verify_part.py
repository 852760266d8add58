"""Which part of the journal a proof reads: all of it, one book, from a day of the books on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from handup.ledger.models import Book
from handup.ledger.sql import day, uid


@dataclass(frozen=True, slots=True)
class Part:
    """One book or all; entries of a day and later, or all."""

    book: Book | None = None
    since: date | None = None

    def where(self, entry: str = "e") -> tuple[str, list[Any]]:
        """The condition on an entry, ready to follow another one."""
        sql, values = "", []
        if self.book is not None:
            sql, values = f" AND {entry}.book_id = %s", [uid(self.book.pk)]
        if self.since is not None:
            sql, values = f"{sql} AND {entry}.entry_date >= %s", [*values, day(self.since)]
        return sql, values


WHOLE = Part()


def read(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
