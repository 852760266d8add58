"""Finding: access first, then the words, then the order (projects_and_markets.md 4.4).

At most RANKED candidates are ranked, the newest ones; the rest follow newest first. What a reader
may not see gives no hit, no count and no words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
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
AT_ONCE = 600
MOST_MATCHED = 100_000
_MATCHED = {
    "sqlite": """SELECT e.number, e.kind, e.object_id FROM projects_searchwords w
    CROSS JOIN projects_searchentry e ON e.number = w.rowid
    WHERE w.projects_searchwords MATCH %s
    ORDER BY e.dated DESC NULLS LAST, e.number DESC LIMIT %s""",
    "postgresql": """SELECT id, kind, object_id FROM projects_searchentry
    WHERE words @@ to_tsquery('simple', %s)
    ORDER BY dated DESC NULLS LAST, id DESC LIMIT %s""",
}
_SCORED = {
    "sqlite": """SELECT rowid, -bm25(projects_searchwords, 10.0, 1.0) FROM projects_searchwords
    WHERE projects_searchwords MATCH %s AND +rowid IN (SELECT value FROM json_each(%s))""",
    "postgresql": """SELECT id, ts_rank(words, to_tsquery('simple', %s))
    FROM projects_searchentry WHERE id = ANY(%s)""",
}
_Head = tuple[Any, str, UUID]


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
    heads = _visible(staff, seen, words, max(RANKED, end) + 1)
    more = len(heads) > RANKED
    ordered = _ranked(words, heads[:RANKED])
    following = heads[start : end + 1] if start >= RANKED else ordered[start : end + 1]
    further = len(following) > size or (more and start < RANKED)
    hits = tuple(_hits(staff, question, "number" if on_sqlite else "id", following[:size]))
    return Found(hits, len(ordered), more, _next(start, size, len(ordered)) if further else None)


def _next(start: int, size: int, ordered: int) -> int:
    """Where the next page begins: behind the ranked ones come the newest of the rest."""
    return start + size if start >= RANKED or start + size < ordered else RANKED


def _visible(staff: StaffUser, seen: Mapping[str, Source], words: str, wanted: int) -> list[_Head]:
    """The newest entries that hold the words, of records this reader may see. The words come first
    here because they leave few; whether a record is seen is asked of its own kind, some hundreds
    at a time. What is not seen is neither ranked nor counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(_MATCHED[connection.vendor], (words, MOST_MATCHED))
        matched = [row for row in cursor.fetchall() if row[1] in seen]
    found: list[_Head] = []
    start = 0
    while start < len(matched) and len(found) < wanted:
        rows = matched[start : start + AT_ONCE]
        part = [(place, kind, _uuid(pk)) for place, kind, pk in rows]
        own = {
            (kind, pk)
            for kind, ids in _by_kind(part).items()
            for pk in _seen_of(staff, seen[kind], ids)
        }
        found += [head for head in part if head[1:] in own]
        start += AT_ONCE
    return found[:wanted]


def _seen_of(staff: StaffUser, source: Source, ids: Sequence[UUID]) -> Iterable[UUID]:
    rows = source.visible(staff).filter(pk__in=ids)
    return rows.order_by().values_list("pk", flat=True)


def _uuid(value: Any) -> UUID:
    """The id as the database gives it: SQLite keeps its digits."""
    return value if isinstance(value, UUID) else UUID(value)


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
