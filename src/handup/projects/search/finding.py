"""Finding: access first, then the words, then the order (projects_and_markets.md 4.4).

At most RANKED candidates are ranked, the newest ones; the rest follow newest first. What a reader
may not see gives no hit, no count and no words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import BigIntegerField, Func, Q, QuerySet, TextField, UUIDField, Value
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
from handup.projects.search.sources import sources

RANKED = 500
PAGE = 20
_SCORED = {
    "sqlite": """SELECT rowid, -bm25(projects_searchwords, 10.0, 1.0) FROM projects_searchwords
    WHERE projects_searchwords MATCH %s AND rowid IN (SELECT value FROM json_each(%s))""",
    "postgresql": """SELECT id, ts_rank(words, to_tsquery('simple', %s))
    FROM projects_searchentry WHERE id = ANY(%s)""",
}
_Head = tuple[Any, str, UUID]


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
    entries = _visible(staff, kind)
    if not question or entries is None:
        return Found((), 0, False, None)
    if connection.vendor == "sqlite":
        key, words = "number", for_sqlite(question)
        rows = entries.filter(number__in=_Fts5(Value(words, TextField())))
    else:
        key, words = "id", for_postgresql(question)
        rows = entries.filter(id__in=_Tsvector(Value(words, TextField())))
    rows = rows.order_by("-dated", f"-{key}")
    heads: list[_Head] = list(rows.values_list(key, "kind", "object_id")[: RANKED + 1])
    more = len(heads) > RANKED
    ordered = _ranked(words, heads[:RANKED])
    if start >= RANKED:
        chosen: Sequence[_Head] = list(
            rows.values_list(key, "kind", "object_id")[start : start + size]
        )
    else:
        chosen = ordered[start : start + size]
    end = start + size
    further = end < len(ordered) or (more and len(chosen) == size)
    hits = tuple(_hits(staff, question, key, list(chosen)))
    return Found(hits, len(ordered), more, end if further else None)


def _visible(staff: StaffUser, kind: str) -> QuerySet[SearchEntry, SearchEntry] | None:
    """The entries of records this reader may see, asked of each kind of record."""
    seen: Q | None = None
    for source in sources.values():
        if kind not in ("", source.kind) or not may(staff, source.permission):
            continue
        own = Q(kind=source.kind, object_id__in=source.visible(staff).order_by().values("pk"))
        seen = own if seen is None else seen | own
    return None if seen is None else SearchEntry.objects.filter(seen)


def _ranked(words: str, heads: Sequence[_Head]) -> list[_Head]:
    """The best first; of several parts of one record the best one only."""
    keys: list[Any] = [head[0] for head in heads]
    given: Any = str(keys) if connection.vendor == "sqlite" else keys
    with connection.cursor() as cursor:
        cursor.execute(_SCORED[connection.vendor], (words, given))
        scores: dict[Any, float] = dict(cursor.fetchall())
    order = {head[0]: place for place, head in enumerate(heads)}
    best: dict[tuple[str, UUID], _Head] = {}
    for head in sorted(heads, key=lambda head: (-scores.get(head[0], 0.0), order[head[0]])):
        best.setdefault((head[1], head[2]), head)
    return list(best.values())


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
