"""The heads of the books: locked, read, moved on and stored by one posting batch."""

# ruff: noqa: S608 (the statement is put together from constants of this file only)

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from handup.ledger.chart import AccountFact, Chart, chart_of
from handup.ledger.errors import BookClosed, BookMoved
from handup.ledger.models import Period
from handup.ledger.rules.words import BookStatus
from handup.ledger.sql import as_date, as_uuid, day, places, uid
from handup.org import statements


@dataclass(slots=True)
class Head:
    """What posting must know of a book, and the end of its chain.

    usable: the accounts this batch has looked at, by role and currency.
    """

    id: UUID
    code: str
    status: str
    base_currency: str
    chart_stamp: UUID
    rate_kind: str
    max_rate_age_days: int
    office_id: UUID | None
    head_seq: int
    head_hash: str
    first_month: date | None
    last_month: date | None
    locked_through: date | None
    usable: dict[tuple[str, str], AccountFact] = field(default_factory=dict)

    def chart(self) -> Chart:
        """The book's chart, from memory when this process has read it."""
        return chart_of(self.id, self.code, self.chart_stamp)

    def check_open(self) -> None:
        """Refuse a closed book, and one that a successor keeps."""
        if self.status == BookStatus.MOVED:
            raise BookMoved(book=self.code)
        if self.status != BookStatus.OPEN:
            raise BookClosed(book=self.code)


class Dated(Protocol):
    """What has a day and a head: an entry about to be posted."""

    head: Head
    entry_date: date


FIELDS = (
    "id",
    "code",
    "status",
    "base_currency",
    "chart_stamp",
    "rate_kind",
    "max_rate_age_days",
    "office_id",
    "head_seq",
    "head_hash",
    "first_month",
    "last_month",
    "locked_through",
)


def lock(book_ids: Iterable[UUID]) -> dict[UUID, Head]:
    """Lock the rows of the books, in one order so that two batches never wait for each other in a
    ring. No books ask the database nothing.
    """
    return ask_to_lock(book_ids)()


def ask_to_lock(book_ids: Iterable[UUID]) -> Callable[[], dict[UUID, Head]]:
    """Ask for what `lock` does; what is returned reads the heads."""
    ids = set(book_ids)
    if not ids:
        return dict
    lock_rows = " FOR UPDATE" if connection.features.has_select_for_update else ""
    answer = statements.Answer(
        f"SELECT {', '.join(FIELDS)} FROM ledger_book WHERE id IN ({places(ids)})"
        f" ORDER BY id{lock_rows}",
        [uid(book_id) for book_id in ids],
    )
    return lambda: {head.id: head for head in map(_head, answer.rows())}


def _head(row: tuple[Any, ...]) -> Head:
    pk, code, status, currency, stamp, rate_kind, rate_age, office, *rest = row
    seq, head_hash, first, last, locked = rest
    return Head(
        id=as_uuid(pk),
        code=code,
        status=status,
        base_currency=currency,
        chart_stamp=as_uuid(stamp),
        rate_kind=rate_kind,
        max_rate_age_days=rate_age,
        office_id=None if office is None else as_uuid(office),
        head_seq=seq,
        head_hash=head_hash,
        first_month=None if first is None else as_date(first),
        last_month=None if last is None else as_date(last),
        locked_through=None if locked is None else as_date(locked),
    )


def month_of(value: date) -> date:
    """The first day of a day's month."""
    return value.replace(day=1)


def next_month(value: date) -> date:
    """The first day of the month after."""
    return (value.replace(day=28) + timedelta(days=4)).replace(day=1)


def open_months(used: Iterable[Head], new: Sequence[Dated]) -> None:
    """Open the months of the new entries that their books do not have yet, without gaps between
    them.
    """
    periods: list[Period] = []
    for head in used:
        days = {item.entry_date for item in new if item.head is head}
        first, last = month_of(min(days)), month_of(max(days))
        first = first if head.first_month is None else min(first, head.first_month)
        last = last if head.last_month is None else max(last, head.last_month)
        if (first, last) == (head.first_month, head.last_month):
            continue
        month = first
        while month <= last:
            following = next_month(month)
            if (
                head.first_month is None
                or head.last_month is None
                or not head.first_month <= month <= head.last_month
            ):
                periods.append(
                    Period(book_id=head.id, starts=month, ends=following - timedelta(days=1))
                )
            month = following
        head.first_month, head.last_month = first, last
    if periods:
        Period.objects.bulk_create(periods)


def store(used: Iterable[Head]) -> None:
    """Store the new ends of the chains."""
    statements.write(
        "UPDATE ledger_book SET head_seq = %s, head_hash = %s, first_month = %s,"
        " last_month = %s WHERE id = %s",
        [
            (
                head.head_seq,
                head.head_hash,
                day(head.first_month),
                day(head.last_month),
                uid(head.id),
            )
            for head in used
        ],
    )
