"""Finding: access first, then the words, then the order (projects_and_markets.md 4.4).

At most RANKED candidates are ranked, the newest ones; the rest follow newest first. What a reader
may not see gives no hit, no count, no words, and no more questions to the database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    UUIDField,
    Value,
)
from django.urls import reverse

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.projects.models import SearchEntry
from handup.projects.rules.words import (
    Asked,
    Snippet,
    asked,
    for_postgresql,
    for_sqlite,
    snippet,
)
from handup.projects.search.sources import Source, sources

RANKED = 500
PAGE = 20
MORE = 4
_SCORED = {
    "sqlite": """SELECT rowid, -bm25(projects_searchwords, 10.0, 1.0) FROM projects_searchwords
    WHERE projects_searchwords MATCH %s AND +rowid IN (SELECT value FROM json_each(%s))""",
    "postgresql": """SELECT id, ts_rank(words, to_tsquery('simple', %s))
    FROM projects_searchentry WHERE id = ANY(%s)""",
}
_Head = tuple[Any, str, UUID]
_Record = tuple[str, UUID]


class _Fts5(Func):
    """The numbers of the entries that hold the words, on SQLite."""

    template = """(SELECT rowid FROM projects_searchwords
    WHERE projects_searchwords MATCH %(expressions)s)"""
    output_field = BigIntegerField()


class _Tsvector(Func):
    """The ids of the entries that hold the words, on PostgreSQL."""

    template = """(SELECT id FROM projects_searchentry
    WHERE words @@ to_tsquery('simple', %(expressions)s))"""
    output_field = UUIDField()


@dataclass(frozen=True, slots=True)
class Hit:
    """One record found: where it is, what it is, and the words around the place."""

    kind: str
    object_id: UUID
    title: str
    label: str
    dated: date | None
    language: str
    href: str
    snippet: Snippet


@dataclass(frozen=True, slots=True)
class Found:
    """A page of hits; `count` is exact up to RANKED, `more` tells that there are others."""

    hits: tuple[Hit, ...]
    count: int
    more: bool
    following: int | None


def find(staff: StaffUser, text: str, *, kind: str = "", start: int = 0, size: int = PAGE) -> Found:
    """Find records whose texts hold every word of `text` (beginnings) and every quoted phrase."""
    question = asked(text)
    seen = {s.kind: s for s in sources.values() if may(staff, s.permission)}
    if kind:
        seen = {kind: seen[kind]} if kind in seen else {}
    if not question or not seen:
        return Found((), 0, False, None)
    on_sqlite = connection.vendor == "sqlite"
    words = for_sqlite(question) if on_sqlite else for_postgresql(question)
    end = start + size
    records = _newest(staff, seen, words, max(RANKED, end) + 1)
    ordered = _ranked(words, records[:RANKED])
    rest = [(places[-1], *record) for record, places in records[RANKED:]]
    following = (ordered + rest)[start : end + 1]
    hits = tuple(_hits(staff, question, "number" if on_sqlite else "id", following[:size]))
    further = end if len(following) > size else None
    return Found(hits, len(ordered), bool(rest), further)


def _newest(
    staff: StaffUser, seen: Mapping[str, Source], words: str, wanted: int
) -> list[tuple[_Record, list[Any]]]:
    """The newest records this reader may see that hold the words, each with its parts that do."""
    rows, limit = _visible(staff, seen, words), wanted + wanted // 5
    while True:
        heads = list(rows[:limit])
        records: dict[_Record, list[Any]] = {}
        for place, kind, pk in heads:
            records.setdefault((kind, pk), []).append(place)
        if len(heads) < limit or len(records) >= wanted:
            return list(records.items())[:wanted]
        limit *= MORE


def _visible(
    staff: StaffUser, seen: Mapping[str, Source], words: str
) -> "QuerySet[SearchEntry, _Head]":
    """The entries that hold the words, newest first, access asked in the same statement: what a
    reader may not see takes no room among the newest. Whether one is seen is asked by its id: there
    are fewer with the words than there are records.
    """
    own = [
        Q(kind=kind) & Q(Exists(source.visible(staff).order_by().filter(pk=OuterRef("object_id"))))
        for kind, source in seen.items()
    ]
    text = Value(words, TextField())
    if connection.vendor == "sqlite":
        key, held = "number", Q(number__in=_Fts5(text))
    else:
        key, held = "id", Q(id__in=_Tsvector(text))
    rows = SearchEntry.objects.filter(reduce(or_, own), held)
    newest = rows.order_by(F("dated").desc(nulls_last=True), f"-{key}")
    return newest.values_list(key, "kind", "object_id")


def _ranked(words: str, records: Sequence[tuple[_Record, list[Any]]]) -> list[_Head]:
    """The best first, each by its best part; as good ones newest first."""
    keys: list[Any] = [place for _record, places in records for place in places]
    given: Any = str(keys) if connection.vendor == "sqlite" else keys
    with connection.cursor() as cursor:
        cursor.execute(_SCORED[connection.vendor], (words, given))
        scores: dict[Any, float] = dict(cursor.fetchall())
    best = [
        (max(places, key=lambda place: scores.get(place, 0.0)), *record)
        for record, places in records
    ]
    return sorted(best, key=lambda head: -scores.get(head[0], 0.0))


def _hits(staff: StaffUser, question: Asked, key: str, heads: Sequence[_Head]) -> list[Hit]:
    entries = {
        getattr(row, key): row
        for row in SearchEntry.objects.filter(**{f"{key}__in": [head[0] for head in heads]})
    }
    records = {
        kind: {row.pk: row for row in sources[kind].visible(staff).filter(pk__in=ids)}
        for kind, ids in _by_kind(heads).items()
    }
    found = []
    for place, kind, object_id in heads:
        entry, record = entries[place], records[kind].get(object_id)
        if record is None:
            continue
        source = sources[kind]
        found.append(
            Hit(
                kind=kind,
                object_id=object_id,
                title=entry.title,
                label=source.label(record),
                dated=entry.dated,
                language=entry.language,
                href=reverse(source.url_name, args=[object_id]),
                snippet=snippet(question, entry.body, entry.words_body, entry.first_page),
            )
        )
    return found


def _by_kind(heads: Sequence[_Head]) -> dict[str, list[UUID]]:
    found: dict[str, list[UUID]] = {}
    for _place, kind, object_id in heads:
        found.setdefault(kind, []).append(object_id)
    return found
