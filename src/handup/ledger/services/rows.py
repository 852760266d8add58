"""Sealed rows, written with one statement a table: the journal's own inserts.

Values are adapted here because one executemany of plain values costs a third of the ORM's
bulk_create; the tests hold that what is written reads back equal through the models.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from handup.kernel.ids import new_ids
from handup.ledger.models import Entry, Remark
from handup.ledger.models.journal import NO_BRANCH
from handup.ledger.rules.journal import EntryFact
from handup.ledger.sql import adapt
from handup.org import statements
from handup.org.plain import loaded

LINE_COLUMNS = (
    "id",
    "recorded_at",
    "entry_id",
    "no",
    "account_id",
    "units",
    "currency",
    "base_units",
    "rate",
    "fund_id",
    "budget_line",
    "branch_id",
    "subject_kind",
    "subject_id",
)
ENTRY_COLUMNS = (
    "id",
    "recorded_at",
    "book_id",
    "seq",
    "kind",
    "entry_date",
    "happened_date",
    "source_domain",
    "source_kind",
    "source_id",
    "source_purpose",
    "reverses_id",
    "branch_id",
    "posted_by_id",
    "approved_by_id",
    "line_count",
    "flags",
    "content_hash",
    "prev_hash",
    "hash",
)
BALANCE_COLUMNS = (
    "id",
    "recorded_at",
    "book_id",
    "account_id",
    "month",
    "fund_id",
    "currency",
    "branch_key",
    "debit_units",
    "credit_units",
    "debit_base",
    "credit_base",
)
BALANCE_KEY = "account_id, month, fund_id, currency, branch_key"
_SUMS = ", ".join(
    f"{name} = ledger_balance.{name} + excluded.{name}" for name in BALANCE_COLUMNS[-4:]
)
ADDED = f" ON CONFLICT ({BALANCE_KEY}) DO UPDATE SET {_SUMS}"


@lru_cache(maxsize=16)
def _insert(table: str, columns: tuple[str, ...], verb: str = "INSERT") -> str:
    places = ", ".join(["%s"] * len(columns))
    return f"{verb} INTO {table} ({', '.join(columns)}) VALUES ({places})"


@lru_cache(maxsize=4)
def _seal(table: str, columns: tuple[str, ...]) -> str:
    """An insert that SQLite keeps no copies of pages for (see ledger.triggers)."""
    verb = "INSERT OR FAIL" if connection.vendor == "sqlite" else "INSERT"
    return _insert(table, columns, verb)


Hashes = tuple[str, str, str]
"""Of an entry: its content's, that of the entry before it, and its own."""


def insert_lines(facts: Sequence[EntryFact]) -> None:
    """Store the lines of entries whose headers follow."""
    to = adapt()
    own, uid = to.own, to.uid
    ids = iter(new_ids(sum(len(fact.lines) for fact in facts)))
    values: list[tuple[Any, ...]] = []
    for fact in facts:
        posted_at, entry_id = to.instant(fact.posted_at), own(fact.id)
        for line in fact.lines:
            no, account, units, currency, base_units, rate, fund, budget, branch, kind, pk = line
            values.append(
                (
                    *(own(next(ids)), posted_at, entry_id, no, own(account), units, currency),
                    *(base_units, rate, own(fund), budget, uid(branch), kind, uid(pk)),
                )
            )
    statements.put(_seal("ledger_line", LINE_COLUMNS), "ledger_line", LINE_COLUMNS, values)


def insert_entries(facts: Sequence[EntryFact], hashes: Sequence[Hashes]) -> list[Entry]:
    """Store headers, sealing their lines; return them as loaded."""
    to = adapt()
    own, uid, day = to.own, to.uid, to.day
    values: list[tuple[Any, ...]] = []
    entries: list[Entry] = []
    for fact, hashed in zip(facts, hashes, strict=True):
        domain, kind, source, purpose = fact.source
        tail = (len(fact.lines), fact.flags, *hashed)
        entries.append(
            loaded(
                Entry,
                ENTRY_COLUMNS,
                (
                    *(fact.id, fact.posted_at, fact.book_id, fact.seq, fact.kind),
                    *(fact.entry_date, fact.happened_date, domain, kind, source, purpose),
                    *(fact.reverses_id, fact.branch_id, fact.posted_by_id, fact.approved_by_id),
                    *tail,
                ),
            )
        )
        values.append(
            (
                *(own(fact.id), to.instant(fact.posted_at), own(fact.book_id), fact.seq),
                *(fact.kind, day(fact.entry_date), day(fact.happened_date), domain, kind),
                *(own(source), purpose, uid(fact.reverses_id), uid(fact.branch_id)),
                *(own(fact.posted_by_id), uid(fact.approved_by_id), *tail),
            )
        )
    statements.put(_seal("ledger_entry", ENTRY_COLUMNS), "ledger_entry", ENTRY_COLUMNS, values)
    return entries


def insert_remarks(remarks: Iterable[tuple[UUID, str]]) -> None:
    """Store what persons typed, beside the journal."""
    new = [Remark(entry_id=entry_id, text=text) for entry_id, text in remarks if text]
    if new:
        Remark.objects.bulk_create(new)


def add_to_balances(facts: Sequence[EntryFact]) -> None:
    """Add the entries' lines to the balances of their months."""
    # Keyed by numbers: hashing a UUID costs more than adding up.
    sums: dict[tuple[int, int, date, int, str, int], list[int]] = {}
    for fact in facts:
        book, month = fact.book_id.int, fact.entry_date.replace(day=1)
        for line in fact.lines:
            branch = (line.branch_id or NO_BRANCH).int
            key = (book, line.account_id.int, month, line.fund_id.int, line.currency, branch)
            added = sums.get(key)
            if added is None:
                added = sums[key] = [0, 0, 0, 0]
            units, base_units = line.units, line.base_units
            added[0 if units > 0 else 1] += abs(units)
            added[2 if base_units > 0 else 3] += abs(base_units)
    to = adapt()
    number, now = to.number, to.instant(timezone.now())
    ids = new_ids(len(sums))
    values = [
        (
            *(to.own(pk), now, number(book), number(account), to.day(month), number(fund)),
            *(currency, number(branch), *amounts),
        )
        for pk, ((book, account, month, fund, currency, branch), amounts) in zip(
            ids, sorted(sums.items()), strict=True
        )
    ]
    statements.write(_insert("ledger_balance", BALANCE_COLUMNS) + ADDED, values)
