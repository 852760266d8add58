"""Keeping the index: what a record says now, in place of what it said before."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from handup.kernel.ids import new_id
from handup.org.verify import Difference
from handup.projects.models import SearchEntry
from handup.projects.rules.words import fold, kept, parts_of
from handup.projects.search.sources import Source, sources

AT_ONCE, FEW = 50, 4
LONGEST_TITLE = 300
COMPARED = ("dated", "language", "first_page", "title", "body")


def keep(kind: str, row: Any) -> None:
    """Keep what a record says for the search; call it in the transaction that writes the record."""
    with transaction.atomic():
        SearchEntry.objects.filter(kind=kind, object_id=row.pk).delete()
        _store(list(_entries(sources[kind], row)))


def rebuild(kind: str = "") -> int:
    """Read every record of a kind, or of all, anew, some tens in one transaction, so that others
    can write in between. Returns how many can be found.
    """
    found = 0
    for source in [sources[kind]] if kind else sources.values():
        found += sum(_read(source, ids) for ids in _portions(source.rows()))
        gone = list(_gone(source))
        for start in range(0, len(gone), AT_ONCE):
            part = gone[start : start + AT_ONCE]
            SearchEntry.objects.filter(kind=source.kind, object_id__in=part).delete()
    return found


def read_missing(kind: str) -> int:
    """Read the records of a kind of which nothing can be found yet. Returns how many could not be
    found and can be now.
    """
    source = sources[kind]
    held = SearchEntry.objects.filter(kind=kind).values("object_id")
    missing = source.rows().exclude(pk__in=held)
    return sum(_read(source, ids) for ids in _portions(missing))


def differences() -> Iterator[Difference]:
    """Compare what the search reads with what the records say."""
    for source in sources.values():
        for ids in _portions(source.rows()):
            held: dict[UUID, list[tuple[Any, ...]]] = {}
            for entry in SearchEntry.objects.filter(kind=source.kind, object_id__in=ids):
                held.setdefault(entry.object_id, []).append(_compared(entry))
            for row in source.rows().filter(pk__in=ids):
                said = [_compared(entry) for entry in _entries(source, row)]
                stored, computed = _digest(held.get(row.pk, [])), _digest(said)
                if stored != computed:
                    yield Difference(f"{source.kind} {row.pk}", stored, computed)
        for pk in _gone(source):
            yield Difference(f"{source.kind} {pk}", "found", "no record")


def _portions(rows: QuerySet[Any, Any]) -> Iterator[list[UUID]]:
    """The ids of records, some tens at a time: a long report is many letters."""
    ids = rows.order_by("pk").values_list("pk", flat=True)
    last: UUID | None = None
    while part := list((ids if last is None else ids.filter(pk__gt=last))[:AT_ONCE]):
        yield part
        last = part[-1]


def _read(source: Source, ids: Sequence[UUID]) -> int:
    """Store what some records say, held so that nobody changes one meanwhile; how many of them can
    be found.
    """
    found = 0
    with transaction.atomic():
        rows = source.rows().filter(pk__in=ids).select_for_update(of=("self",))
        SearchEntry.objects.filter(kind=source.kind, object_id__in=ids).delete()
        waiting: list[SearchEntry] = []
        for row in rows.iterator(chunk_size=FEW):
            made = list(_entries(source, row))
            found += bool(made)
            waiting += made
            if len(waiting) >= AT_ONCE:
                _store(waiting)
                waiting = []
        _store(waiting)
    return found


def _compared(entry: SearchEntry) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in COMPARED)


def _digest(parts: Sequence[tuple[Any, ...]]) -> str:
    """What two readings of a record are told apart by; it holds no word of it."""
    if not parts:
        return "nothing"
    letters = sum(len(part[-1]) for part in parts)
    told = repr(sorted(map(repr, parts))).encode()
    return f"{letters} letters, {sha256(told).hexdigest()[:12]}"


def _gone(source: Source) -> Iterator[Any]:
    """Records the search reads and that are no more."""
    held = SearchEntry.objects.filter(kind=source.kind).order_by("object_id")
    ids = held.values_list("object_id", flat=True).distinct()
    yield from ids.exclude(object_id__in=source.rows().order_by().values("pk"))


def _entries(source: Source, row: Any) -> Iterator[SearchEntry]:
    text = source.text(row)
    if text is None:
        return
    title = kept(text.title)[:LONGEST_TITLE]
    for part in parts_of(text.body):
        yield SearchEntry(
            id=new_id(),
            kind=source.kind,
            object_id=row.pk,
            dated=text.dated,
            language=text.language,
            first_page=part.first_page,
            title=title,
            words_title=fold(title),
            body=part.body,
            words_body=fold(part.body),
        )


def _store(rows: Sequence[SearchEntry]) -> None:
    if (
        connection.vendor == "sqlite"
    ):  # the index of words is by whole numbers; one writer at a time
        last: int = SearchEntry.objects.aggregate(last=Max("number"))["last"] or 0
        for number, row in enumerate(rows, start=last + 1):
            row.number = number
    SearchEntry.objects.bulk_create(rows, batch_size=AT_ONCE)
