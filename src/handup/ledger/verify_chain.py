"""The proof of the chain (ledger.md 4.9, V1): numbers without gaps, every hash computed anew from
the stored entry and lines, up to the head of the book.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Min

from handup.kernel.chain import GENESIS, Json
from handup.ledger.models import Book, Entry
from handup.ledger.rules.journal import chain_hash, content_hash
from handup.ledger.sql import as_hex, uid
from handup.ledger.verify_part import read
from handup.org.verify import Difference

CHUNK = 5_000

_ENTRY_FIELDS = (
    "id, seq, kind, entry_date, happened_date, source_domain, source_kind, source_id,"
    " source_purpose, reverses_id, branch_id, posted_by_id, approved_by_id, recorded_at, flags,"
    " line_count, content_hash, prev_hash, hash"
)
_LINE_FIELDS = (
    "l.entry_id, l.no, l.account_id, l.units, l.currency, l.base_units, l.rate, l.fund_id,"
    " l.budget_line, l.branch_id, l.subject_kind, l.subject_id"
)


def chain_holds(book: Book | None = None, since: date | None = None) -> Iterator[Difference]:
    """J5, J6: numbers without gaps, and every hash recomputed from the stored entry and lines to
    the head. since: from the first entry that stands on that day or later.
    """
    books = Book.objects.order_by("code") if book is None else [book]
    for item in books:
        yield from _chain_of(item, since)


def _chain_of(book: Book, since: date | None) -> Iterator[Difference]:
    # The head is read again, since the object in hand may be older than the last posting.
    head_seq, head_hash = Book.objects.values_list("head_seq", "head_hash").get(pk=book.pk)
    seq, last = _start(book, since, head_seq)
    own = book.pk.hex
    while True:
        entries = read(
            f"SELECT {_ENTRY_FIELDS} FROM ledger_entry WHERE book_id = %s AND seq > %s"
            " ORDER BY seq LIMIT %s",
            [uid(book.pk), seq, CHUNK],
        )
        if not entries:
            break
        lines = _lines_between(book, seq, entries[-1][1])
        for row in entries:
            key = f"{book.code} {row[1]}"
            if row[1] != seq + 1:
                yield Difference(f"{book.code} {seq + 1}", "missing", "no gap")
            if row[17] != last:
                yield Difference(key, f"follows {row[17][:12]}", f"follows {last[:12]}")
            found = lines.get(row[0], [])
            content = content_hash(_content(row, found))
            if content != row[16]:
                yield Difference(key, f"content {row[16][:12]}", f"content {content[:12]}")
            computed = chain_hash(row[17], _json(own, row, found))
            if computed != row[18]:
                yield Difference(key, f"hash {row[18][:12]}", f"hash {computed[:12]}")
            seq, last = row[1], row[18]
    if (seq, last) != (head_seq, head_hash):
        yield Difference(f"{book.code} head", f"{head_seq} {head_hash[:12]}", f"{seq} {last[:12]}")


def _start(book: Book, since: date | None, head_seq: int) -> tuple[int, str]:
    """The number and hash of the entry before the first one to be proved."""
    if since is None:
        return 0, GENESIS
    entries = Entry.objects.filter(book=book)
    first = entries.filter(entry_date__gte=since).aggregate(seq=Min("seq"))["seq"] or head_seq + 1
    before = entries.filter(seq=first - 1).values_list("hash", flat=True).first()
    return first - 1, before or GENESIS


def _lines_between(book: Book, after: int, through: int) -> dict[Any, list[list[Json]]]:
    lines: dict[Any, list[list[Json]]] = defaultdict(list)
    sql = (
        f"SELECT {_LINE_FIELDS} FROM ledger_entry e CROSS JOIN ledger_line l"
        " WHERE l.entry_id = e.id AND e.book_id = %s AND e.seq > %s AND e.seq <= %s"
        " ORDER BY e.seq, l.no"
    )
    for row in read(sql, [uid(book.pk), after, through]):
        lines[row[0]].append(
            [
                row[1],
                as_hex(row[2]),
                row[3],
                row[4],
                row[5],
                row[6],
                as_hex(row[7]),
                row[8],
                as_hex(row[9]),
                row[10],
                as_hex(row[11]),
            ]
        )
    return lines


def _json(book: str, row: tuple[Any, ...], lines: list[list[Json]]) -> list[Json]:
    return [
        as_hex(row[0]),
        book,
        row[1],
        row[2],
        str(row[3]),
        str(row[4]),
        row[5],
        row[6],
        as_hex(row[7]),
        row[8],
        as_hex(row[9]),
        as_hex(row[10]),
        as_hex(row[11]),
        as_hex(row[12]),
        _instant_text(row[13]),
        row[14],
        row[16],
        lines,
    ]


def _content(row: tuple[Any, ...], lines: list[list[Json]]) -> list[Json]:
    return [
        row[2],
        str(row[4]),
        [
            [
                line[1],
                line[2],
                line[3],
                line[6],
                line[7],
                line[8],
                line[9],
                line[10],
                0 if line[2] else line[4],
            ]
            for line in lines
        ],
    ]


def _instant_text(value: Any) -> str:
    moment: datetime = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
