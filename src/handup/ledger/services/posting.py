"""Posting: from the entries other domains hand in to sealed rows, in a constant number of
statements a batch.

One batch is one transaction of at most 500 entries: read and lock the heads of the books, find what
is already posted, refuse what must be refused, and only then write. So a refusal leaves nothing
behind even inside a caller's transaction.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_ids
from handup.ledger.errors import FundClosed, FundNotAllowed, MemoMixed, SameSourceOtherContent
from handup.ledger.models import Book, Entry
from handup.ledger.packs import posting_rules
from handup.ledger.rules.journal import (
    EntryFact,
    LineFact,
    LineIn,
    Source,
    check_lines,
    check_reach,
    content_digest,
    entry_hash,
    is_in_reach,
    line_texts,
    posting_date,
)
from handup.ledger.rules.posting_rules import Part, lines_of
from handup.ledger.rules.words import BY_THE_BOOKS, OUTSIDE_FUND_FLAG, AccountType
from handup.ledger.services import between, cash, heads, rows
from handup.ledger.services.lines import Resolver
from handup.ledger.sql import uid
from handup.org import statements
from handup.org.models import StaffUser

BATCH = 500
DAY = timedelta(days=1)
"""A device east of this server has its next day already."""


class EntryIn(NamedTuple):
    """One entry as a caller hands it in.

    happened_date: when the fact happened; the entry is posted on it, or on the first open day after
    it. already_happened: a device's fact that cannot be undone: it posts even when cash falls below
    zero or its fund is not open for it, and is flagged. owed_before: it pays what its fund came to
    owe while it was open, so it posts after the fund's last day too, flagged. told_by_device: the
    day is that of its clock, which may err by years; what is still to come or lies out of reach is
    posted today. remark: what a person typed; kept beside the journal. id: made by a device, else
    made here.
    """

    book: Book
    kind: str
    source: Source
    lines: Sequence[LineIn]
    happened_date: date
    branch: UUID | None = None
    remark: str = ""
    already_happened: bool = False
    owed_before: bool = False
    id: UUID | None = None
    reverses: UUID | None = None
    approved_by: UUID | None = None
    entry_date: date | None = None
    told_by_device: bool = False


@dataclass(slots=True)
class Prepared:
    """An entry with every look-up done, before it has its number.

    chained: its lines as they stand in the chain. takes_money: it takes from an account that has a
    limit.
    """

    entry: EntryIn
    head: heads.Head
    lines: list[LineFact]
    entry_date: date
    content_hash: str
    chained: str
    takes_money: bool
    flags: list[str] = field(default_factory=list)


Key = tuple[int, str, str, int, str]
"""A book and the fact an entry of it tells of, by numbers: hashing a UUID costs more than all."""


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
    owed_before: bool = False,
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
        owed_before=owed_before,
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
    CashBelowZero, PairUnmatched, BookClosed, SameSourceOtherContent.
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
    locked = heads.ask_to_lock({entry.book.id for entry in entries})
    posted = _ask_for_posted(entries)
    heads_by_book = locked()
    batch = [(entry, heads_by_book[entry.book.id]) for entry in entries]
    stored = posted()
    resolver = Resolver(batch)
    keys: list[Key] = []
    fresh: dict[Key, Prepared] = {}
    for entry, head in batch:
        key = _key(head.id, entry.source)
        keys.append(key)
        prepared = _prepare(entry, head, resolver)
        twin = stored.get(key) or fresh.get(key)
        if twin is None:
            fresh[key] = prepared
        elif twin.content_hash != prepared.content_hash:
            raise SameSourceOtherContent()
    new = list(fresh.values())
    for head in {prepared.head.id.int: prepared.head for prepared in new}.values():
        head.check_open()
    cash.check(new)
    between.check(new)
    made = dict(zip(fresh, _write(new, acting_staff), strict=True))
    return [stored.get(key) or made[key] for key in keys]


def refusals_of(entries: Sequence[EntryIn]) -> list[tuple[int, Refusal]]:
    """What posting these entries would refuse, each with its place; nothing is written."""
    if not entries:
        return []
    heads_by_book = heads.lock({entry.book.pk for entry in entries})
    resolver = Resolver([(entry, heads_by_book[entry.book.pk]) for entry in entries])
    found: list[tuple[int, Refusal]] = []
    ready: list[tuple[int, Prepared]] = []
    for place, entry in enumerate(entries):
        try:
            prepared = _prepare(entry, heads_by_book[entry.book.pk], resolver)
            prepared.head.check_open()
            between.check([prepared])
        except Refusal as refusal:
            found.append((place, refusal))
        else:
            ready.append((place, prepared))
    places = {id(prepared): place for place, prepared in ready}
    below = cash.refusals([prepared for _place, prepared in ready])
    return found + [(places[id(prepared)], refusal) for prepared, refusal in below]


def _key(book_id: UUID, source: Source) -> Key:
    return (book_id.int, source.domain, source.kind, source.id.int, source.purpose)


def _ask_for_posted(entries: Sequence[EntryIn]) -> Callable[[], dict[Key, Entry]]:
    """Ask for the entries these facts have already; what is returned reads them. A plain look
    first: nearly always there are none.
    """
    ids = {entry.source.id.int: entry.source.id for entry in entries}.values()
    told = [uid(source) for source in ids]
    if connection.vendor == "postgresql":
        # Without a limit, for which the planner would rather begin to read the whole table.
        look = "SELECT id FROM ledger_entry WHERE source_id = ANY(%s)"
        answer = statements.Answer(look, [told])
    else:
        look = statements.select_where_in("ledger_entry", ("id",), "source_id", len(told))
        answer = statements.Answer(f"{look} LIMIT 1", told)

    def read() -> dict[Key, Entry]:
        found: Iterable[Entry] = Entry.objects.filter(source_id__in=ids) if answer.rows() else ()
        return {
            _key(
                row.book_id,
                Source(row.source_domain, row.source_kind, row.source_id, row.source_purpose),
            ): row
            for row in found
        }

    return read


def _prepare(entry: EntryIn, head: heads.Head, resolver: Resolver) -> Prepared:
    lines, memo, takes_money, of_funds = resolver.lines(entry, head)
    check_lines(
        [(line.units, line.base_units, line.currency, line.fund_id) for line in lines],
        entry.kind,
    )
    if memo and any(
        head.chart().by_id[line.account_id].type is not AccountType.MEMO for line in lines
    ):
        raise MemoMixed()
    happened = entry.happened_date
    entry_date = _posted_on(entry, head)
    flags: list[str] = []
    if of_funds and entry.kind not in BY_THE_BOOKS:
        try:
            resolver.check_funds(lines, head, entry_date)
        except (FundClosed, FundNotAllowed) as refused:
            paid_late = entry.owed_before and isinstance(refused, FundClosed)
            if not entry.already_happened and not paid_late:
                raise
            flags.append(OUTSIDE_FUND_FLAG)
    same, chained = line_texts(lines)
    content_hash = content_digest(entry.kind, happened, same)
    return Prepared(entry, head, lines, entry_date, content_hash, chained, takes_money, flags)


def _posted_on(entry: EntryIn, head: heads.Head) -> date:
    """The day on which an entry stands in its book. Raises DayOutOfReach."""
    happened, months = entry.happened_date, (head.first_month, head.last_month)
    if entry.told_by_device:
        today = timezone.localdate()
        if happened > today + DAY or not is_in_reach(happened, today, *months):
            return posting_date(today, head.locked_through)
    check_reach(happened, *months)
    on = entry.entry_date or posting_date(happened, head.locked_through)
    if on != happened:
        check_reach(on, *months)
    return on


def _write(new: Sequence[Prepared], acting_staff: StaffUser) -> list[Entry]:
    if not new:
        return []
    posted_at = timezone.now()
    staff_id: UUID = acting_staff.pk
    facts: list[EntryFact] = []
    hashes: list[rows.Hashes] = []
    for item, new_one in zip(new, new_ids(len(new)), strict=True):
        fact = _number(item, new_one, staff_id, posted_at)
        head, content = item.head, item.content_hash
        prev_hash = head.head_hash
        head.head_hash = entry_hash(prev_hash, fact, content, item.chained)
        facts.append(fact)
        hashes.append((content, prev_hash, head.head_hash))
    used = list({item.head.id.int: item.head for item in new}.values())
    heads.open_months(used, new)
    rows.insert_lines(facts)
    entries = rows.insert_entries(facts, hashes)
    rows.insert_remarks((fact.id, item.entry.remark) for fact, item in zip(facts, new, strict=True))
    rows.add_to_balances(facts)
    heads.store(used)
    return entries


def _number(item: Prepared, new_one: UUID, staff_id: UUID, posted_at: datetime) -> EntryFact:
    entry, head = item.entry, item.head
    head.head_seq += 1
    return EntryFact(
        id=entry.id or new_one,
        book_id=head.id,
        seq=head.head_seq,
        kind=entry.kind,
        entry_date=item.entry_date,
        happened_date=entry.happened_date,
        source=entry.source,
        reverses_id=entry.reverses,
        branch_id=entry.branch or head.office_id,
        posted_by_id=staff_id,
        approved_by_id=entry.approved_by,
        posted_at=posted_at,
        flags=" ".join(item.flags),
        lines=tuple(item.lines),
    )
