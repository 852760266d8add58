"""Opening balances and a journal kept elsewhere: their rows become entries that another person
approves on the page of the book. What is in the file twice, or came before, is not entered twice.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.utils.crypto import salted_hmac

from handup.desk.importing.taking import CHUNK, Taking
from handup.desk.models import ImportKey
from handup.desk.rules.imports import Verdict
from handup.kernel.errors import Fault, Refusal
from handup.kernel.importing.reading import Line, Source
from handup.ledger.errors import NothingToImport
from handup.ledger.imports import read_rows
from handup.ledger.models import Book, Draft
from handup.ledger.rules.tables import EntryRead, RowIn
from handup.ledger.rules.words import MANUAL, OPENING, BookKind, DraftStatus
from handup.ledger.services import keep_batch

TABLE = "lines"
ONE_ENTRY = "OPENING"


class BookUnknown(Refusal):
    """There is no book {book} in this programme."""


class NameTheBook(Refusal):
    """Name the book: this programme has several or none."""


def take_over(taking: Taking, source: Source) -> None:
    """Each book's rows by themselves; entries that came before are counted, never kept again."""
    kind = OPENING if taking.profile.own["kind"] == OPENING else MANUAL
    lines = source.lines.get(TABLE, [])
    if not lines and not source.faults:
        taking.faults.append(Fault(NothingToImport.code, str(NothingToImport()), TABLE))
        return
    taking.count(TABLE, Verdict.NEW, 0)
    _forget_declined(taking)
    broken = source.broken.get(TABLE, [])
    partial = {line.text("entry") or ONE_ENTRY for line in broken}
    for book, held in _by_book(taking, lines).items():
        _take_book(taking, book, held, kind, partial)


def _forget_declined(taking: Taking) -> None:
    """What was declined may come again."""
    keys = taking.known.get(TABLE, {})
    ids = [key.record for key in keys.values()]
    gone: set[UUID] = set()
    for start in range(0, len(ids), CHUNK):
        rows = Draft.objects.filter(pk__in=ids[start : start + CHUNK])
        gone |= set(rows.filter(status=DraftStatus.DECLINED).values_list("pk", flat=True))
    declined = [key for key in keys.values() if key.record in gone]
    for start in range(0, len(declined), CHUNK):
        some = [key.key for key in declined[start : start + CHUNK]]
        ImportKey.objects.filter(source=taking.source, table=TABLE, key__in=some).delete()
    taking.known[TABLE] = {name: key for name, key in keys.items() if key.record not in gone}


def _by_book(taking: Taking, lines: Sequence[Line]) -> dict[Book, list[Line]]:
    """The rows by the book they name, or by the only book of the programme."""
    books: dict[str, Book] = {
        book.code: book
        for book in Book.objects.visible_to(taking.staff).filter(programme_id=taking.programme.pk)
    }
    own = [book for book in books.values() if book.kind != BookKind.GROUP]
    found: dict[Book, list[Line]] = defaultdict(list)
    for line in lines:
        code = line.text("book")
        book = books.get(code) if code else (own[0] if len(own) == 1 else None)
        if book is not None:
            found[book].append(line)
        elif code:
            taking.fault(line, BookUnknown(field="book", book=code))
        else:
            taking.fault(line, NameTheBook(field="book"))
    return found


def _take_book(
    taking: Taking, book: Book, lines: Sequence[Line], kind: str, partial: set[str]
) -> None:
    """The rows of one book; partial: entries with rows that could not be read, which are not judged
    as a whole.
    """
    by_entry: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_entry[line.text("entry") or ONE_ENTRY].append(line)
    fresh: dict[str, list[Line]] = {}
    for entry, held in by_entry.items():
        old = taking.known[TABLE].get(f"{book.code} {entry}")
        if old is None:
            fresh[entry] = held
        elif old.digest == _digest(held):
            taking.count(TABLE, Verdict.UNCHANGED, len(held))
        else:
            taking.count(TABLE, Verdict.DIFFERENT, len(held))
            taking.different.append(held[0].place(None))
    if not fresh:
        return
    numbered = {line.number: line for held in fresh.values() for line in held}
    rows = [_row(entry, line) for entry, held in fresh.items() for line in held]
    table = read_rows(book, rows, kind, partial)
    for fault in table.faults:
        taking.fault(numbered[fault.number], fault.refusal, fault.column)
    if table.faults or partial:
        return
    batch = keep_batch(
        acting_staff=taking.staff,
        book=book,
        kind=kind,
        name=taking.batch.name,
        entries=table.entries,
        source=("import", taking.batch.pk),
    )
    _remember(taking, book, fresh, table.entries, list(batch.drafts.order_by("pk")))


def _remember(
    taking: Taking,
    book: Book,
    fresh: dict[str, list[Line]],
    entries: Sequence[EntryRead],
    drafts: Sequence[Draft],
) -> None:
    keys = [
        ImportKey(
            batch=taking.batch,
            source=taking.source,
            table=TABLE,
            key=f"{book.code} {entry.key}",
            digest=_digest(fresh[entry.key]),
            record=draft.pk,
        )
        for entry, draft in zip(entries, drafts, strict=True)
    ]
    ImportKey.objects.bulk_create(keys, batch_size=CHUNK)
    taking.count(TABLE, Verdict.NEW, sum(len(held) for held in fresh.values()))


def _row(entry: str, line: Line) -> RowIn:
    values = line.values
    on = values["day"]
    assert isinstance(on, date)

    def amount(name: str) -> Decimal | None:
        value = values.get(name)
        assert value is None or isinstance(value, Decimal)
        return value

    return RowIn(
        number=line.number,
        entry=entry,
        on=on,
        account=line.text("account"),
        debit=amount("debit"),
        credit=amount("credit"),
        currency=line.text("currency"),
        base=amount("base"),
        fund=line.text("fund"),
        budget_line=line.text("budget_line"),
        branch=line.text("branch"),
        text=line.text("text"),
    )


def _digest(lines: Sequence[Line]) -> str:
    """A keyed digest of an entry's rows: tells that something differs, never what it was."""
    told = [dict(line.values) for line in lines]
    text = json.dumps(told, default=str, sort_keys=True, ensure_ascii=False)
    return salted_hmac("handup.desk.import", text, algorithm="sha256").hexdigest()
