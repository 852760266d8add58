"""Posting: from the entries other domains hand in to sealed rows, in a constant number of
statements a batch.

One batch is one transaction of at most 500 entries: read and lock the heads of the books, find what
is already posted, refuse what must be refused, and only then write. So a refusal leaves nothing
behind even inside a caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.ledger.errors import MemoMixed, SameSourceOtherContent
from handup.ledger.models import Book, Entry
from handup.ledger.packs import posting_rules
from handup.ledger.rules.journal import (
    EntryFact,
    LineFact,
    LineIn,
    Source,
    chain_hash,
    check_lines,
    check_reach,
    content_digest,
    entry_json,
    posting_date,
)
from handup.ledger.rules.posting_rules import Part, lines_of
from handup.ledger.rules.words import BY_THE_BOOKS, AccountType
from handup.ledger.services import cash, heads, rows
from handup.ledger.services.lines import Resolver
from handup.ledger.sql import places, uid
from handup.org import statements
from handup.org.models import StaffUser

BATCH = 500


@dataclass(frozen=True, slots=True)
class EntryIn:
    """One entry as a caller hands it in.

    happened_date: when the fact happened; the entry is posted on it, or on the first open day after
    it. already_happened: a device's fact that cannot be undone: it posts even when cash falls below
    zero, and is flagged. remark: what a person typed; kept beside the journal. id: made by a
    device, else made here.
    """

    book: Book
    kind: str
    source: Source
    lines: Sequence[LineIn]
    happened_date: date
    branch: UUID | None = None
    remark: str = ""
    already_happened: bool = False
    id: UUID | None = None
    reverses: UUID | None = None
    approved_by: UUID | None = None
    entry_date: date | None = None


@dataclass(slots=True)
class Prepared:
    """An entry with every look-up done, before it has its number."""

    entry: EntryIn
    head: heads.Head
    lines: list[LineFact]
    entry_date: date
    content_hash: str
    flags: list[str] = field(default_factory=list)


def fact_lines(
    event_kind: str,
    parts: Mapping[str, Part],
    *,
    money_role: str = "BANK",
    currency: str = "",
    fund: UUID | None = None,
    branch: UUID | None = None,
) -> list[LineIn]:
    """Return the lines of a fact by the posting rules of charts/posting_rules.csv. Raises
    RuleMissing.
    """
    return lines_of(
        posting_rules(),
        event_kind,
        parts,
        money_role=money_role,
        currency=currency,
        fund=fund,
        branch=branch,
    )


def post_entry(
    *,
    acting_staff: StaffUser,
    book: Book,
    kind: str,
    source: Source,
    lines: Sequence[LineIn],
    happened_date: date,
    branch: UUID | None = None,
    remark: str = "",
    already_happened: bool = False,
    id: UUID | None = None,
) -> Entry:
    """Post one entry: the batch form with one. See post_entries."""
    entry = EntryIn(
        book=book,
        kind=kind,
        source=source,
        lines=lines,
        happened_date=happened_date,
        branch=branch,
        remark=remark,
        already_happened=already_happened,
        id=id,
    )
    return post_entries([entry], acting_staff=acting_staff)[0]


def post_entries(entries: Sequence[EntryIn], *, acting_staff: StaffUser) -> list[Entry]:
    """Post entries in order and return them in order; at most 500 in one transaction.

    Called by services that have asked the permission of the fact itself and write its audit line;
    the entry records who posted it. A fact already posted with the same content returns its entry;
    with other content it is refused.

    Raises DoesNotBalance, TooFewLines, EmptyLine, RoleMissing, AccountClosed, AccountNotLeaf,
    WrongCurrency, MemoMixed, RateMissing, RateTooOld, FundClosed, FundNotAllowed, FundRequired,
    CashBelowZero, BookClosed, SameSourceOtherContent.
    """
    posted: list[Entry] = []
    for start in range(0, len(entries), BATCH):
        chunk = entries[start : start + BATCH]
        if connection.in_atomic_block:
            posted += _post_batch(chunk, acting_staff)
        else:
            with transaction.atomic():
                posted += _post_batch(chunk, acting_staff)
    return posted


def _post_batch(entries: Sequence[EntryIn], acting_staff: StaffUser) -> list[Entry]:
    heads_by_book = heads.lock(entry.book.pk for entry in entries)
    stored = _already_posted(entries)
    resolver = Resolver([(entry, heads_by_book[entry.book.pk]) for entry in entries])
    fresh: dict[tuple[UUID, Source], Prepared] = {}
    for entry in entries:
        key = (entry.book.pk, entry.source)
        prepared = _prepare(entry, heads_by_book[entry.book.pk], resolver)
        twin = stored.get(key) or fresh.get(key)
        if twin is None:
            fresh[key] = prepared
        elif twin.content_hash != prepared.content_hash:
            raise SameSourceOtherContent()
    new = list(fresh.values())
    for prepared in new:
        prepared.head.check_open()
    cash.check(new)
    made = dict(zip(fresh, _write(new, acting_staff), strict=True))
    return [
        stored.get((entry.book.pk, entry.source)) or made[entry.book.pk, entry.source]
        for entry in entries
    ]


def _already_posted(entries: Sequence[EntryIn]) -> dict[tuple[UUID, Source], Entry]:
    """The entries these facts have already. A plain look first: nearly always there are none."""
    ids = {entry.source.id for entry in entries}
    with statements.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM ledger_entry WHERE source_id IN ({places(ids)}) LIMIT 1",  # noqa: S608 (only placeholders are put in)
            [uid(source) for source in ids],
        )
        if cursor.fetchone() is None:
            return {}
    found = Entry.objects.filter(source_id__in=ids)
    return {
        (
            row.book_id,
            Source(row.source_domain, row.source_kind, row.source_id, row.source_purpose),
        ): row
        for row in found
    }


def _prepare(entry: EntryIn, head: heads.Head, resolver: Resolver) -> Prepared:
    lines, memo = resolver.lines(entry, head)
    check_lines(
        [(line.units, line.base_units, line.currency, line.fund_id) for line in lines],
        entry.kind,
    )
    if memo and any(
        head.chart().by_id[line.account_id].type is not AccountType.MEMO for line in lines
    ):
        raise MemoMixed()
    entry_date = entry.entry_date or posting_date(entry.happened_date, head.locked_through)
    check_reach(entry.happened_date, head.first_month, head.last_month)
    check_reach(entry_date, head.first_month, head.last_month)
    if entry.kind not in BY_THE_BOOKS:
        resolver.check_funds(lines, head, entry_date)
    return Prepared(
        entry=entry,
        head=head,
        lines=lines,
        entry_date=entry_date,
        content_hash=content_digest(entry.kind, entry.happened_date, lines),
    )


def _write(new: Sequence[Prepared], acting_staff: StaffUser) -> list[Entry]:
    if not new:
        return []
    posted_at = timezone.now()
    facts: list[tuple[EntryFact, Prepared, str, str]] = []
    for item in new:
        fact = _number(item, acting_staff.pk, posted_at)
        prev_hash = item.head.head_hash
        item.head.head_hash = chain_hash(prev_hash, entry_json(fact, item.content_hash))
        facts.append((fact, item, prev_hash, item.head.head_hash))
    used = {item.head.id: item.head for item in new}.values()
    heads.open_months(used, new)
    rows.insert_lines([fact for fact, *_rest in facts])
    entries = rows.insert_entries(
        (fact, item.content_hash, prev_hash, own_hash) for fact, item, prev_hash, own_hash in facts
    )
    rows.insert_remarks((fact.id, item.entry.remark) for fact, item, *_rest in facts)
    rows.add_to_balances([fact for fact, *_rest in facts])
    heads.store(used)
    return entries


def _number(item: Prepared, staff_id: UUID, posted_at: datetime) -> EntryFact:
    item.head.head_seq += 1
    entry = item.entry
    return EntryFact(
        id=entry.id or new_id(),
        book_id=item.head.id,
        seq=item.head.head_seq,
        kind=entry.kind,
        entry_date=item.entry_date,
        happened_date=entry.happened_date,
        source=entry.source,
        reverses_id=entry.reverses,
        branch_id=entry.branch or item.head.office_id,
        posted_by_id=staff_id,
        approved_by_id=entry.approved_by,
        posted_at=posted_at,
        flags=" ".join(item.flags),
        lines=tuple(item.lines),
    )
