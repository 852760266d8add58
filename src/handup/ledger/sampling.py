"""Which entries an auditor looks at first: large ones, some by chance, every odd one."""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db import connection

from handup.ledger.audit_span import Span
from handup.ledger.sql import as_uuid

MOST = 10_000


class Why(StrEnum):
    """Why an entry is in the sample."""

    AMOUNT = "AMOUNT"
    RANDOM = "RANDOM"
    REVERSAL = "REVERSAL"
    BACK_DATED = "BACK_DATED"
    MANUAL = "MANUAL"


ODD = {
    Why.REVERSAL: "e.reverses_id IS NOT NULL",
    Why.BACK_DATED: "e.happened_date <> e.entry_date",
    Why.MANUAL: "e.source_domain = 'ledger' AND e.source_kind = 'draft'",
}


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the sample is drawn: every entry with a line from so many units of the book's currency
    on, or the `size` largest where none are told; `size` more by chance, the same again by the
    same seed; and which odd ones, all of them.
    """

    size: int = 60
    from_units: int = 0
    seed: int = 1
    odd: tuple[Why, ...] = tuple(ODD)


@dataclass(frozen=True, slots=True)
class Drawn:
    """An entry of the sample, and why it is there."""

    why: Why
    seq: int
    id: UUID


def sample(span: Span, how: Sampling) -> Iterator[Drawn]:
    """The sample, reason by reason."""
    yield from _by_amount(span, how)
    yield from _by_chance(span, how)
    for why in how.odd:
        yield from _drawn(why, span, f" AND {ODD[why]}")


def _by_amount(span: Span, how: Sampling) -> Iterator[Drawn]:
    if how.from_units:
        large = (
            " AND EXISTS (SELECT 1 FROM ledger_line l WHERE l.entry_id = e.id"
            f" AND ABS(l.base_units) >= {how.from_units:d})"
        )
        yield from _drawn(Why.AMOUNT, span, large)
        return
    where, values = span.where()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.seq, e.id FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id"
            f" WHERE {where} GROUP BY e.seq, e.id ORDER BY MAX(ABS(l.base_units)) DESC, e.seq"
            f" LIMIT {how.size:d}",
            values,
        )
        yield from (Drawn(Why.AMOUNT, seq, as_uuid(pk)) for seq, pk in cursor.fetchall())


def _by_chance(span: Span, how: Sampling) -> Iterator[Drawn]:
    chance = random.Random(how.seed)  # noqa: S311 (a sample that can be drawn again)
    kept: list[tuple[int, UUID]] = []
    for place, (seq, pk) in enumerate(span.rows("e.seq, e.id", chunk=100_000)):
        if place < how.size:
            kept.append((seq, pk))
        elif (other := chance.randint(0, place)) < how.size:
            kept[other] = (seq, pk)
    yield from (Drawn(Why.RANDOM, seq, as_uuid(pk)) for seq, pk in sorted(kept))


def _drawn(why: Why, span: Span, condition: str) -> Iterator[Drawn]:
    where, values = span.where()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT e.seq, e.id FROM ledger_entry e WHERE {where}{condition} ORDER BY e.seq",
            values,
        )
        yield from (Drawn(why, seq, as_uuid(pk)) for seq, pk in cursor.fetchall())
