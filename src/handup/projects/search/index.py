"""Keeping the index: what a record says now, in place of what it said before."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from handup.kernel.ids import new_id
from handup.projects.models import SearchEntry
from handup.projects.rules.words import fold, kept, parts_of
from handup.projects.search.sources import Source, sources

AT_ONCE = 500
LONGEST_TITLE = 300


def keep(kind: str, row: Any) -> None:
    """Keep what a record says for the search; call it in the transaction that writes the record."""
    with transaction.atomic():
        SearchEntry.objects.filter(kind=kind, object_id=row.pk).delete()
        _store(list(_entries(sources[kind], row)))


def rebuild(kind: str = "") -> int:
    """Read every record of a kind, or of all, anew. Returns how many can be found."""
    found = 0
    for source in [sources[kind]] if kind else sources.values():
        with transaction.atomic():
            SearchEntry.objects.filter(kind=source.kind).delete()
            rows = source.rows().iterator(chunk_size=AT_ONCE)
            while part := list(islice(rows, AT_ONCE)):
                made = [list(_entries(source, row)) for row in part]
                found += sum(map(bool, made))
                _store(entry for entries in made for entry in entries)
    return found


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


def _store(entries: Iterable[SearchEntry]) -> None:
    rows = list(entries)
    if (
        connection.vendor == "sqlite"
    ):  # the index of words is by whole numbers; one writer at a time
        last: int = SearchEntry.objects.aggregate(last=Max("number"))["last"] or 0
        for number, row in enumerate(rows, start=last + 1):
            row.number = number
    SearchEntry.objects.bulk_create(rows, batch_size=AT_ONCE)
