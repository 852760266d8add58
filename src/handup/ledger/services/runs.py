"""Runs over a whole book: interest earned, allowance for losses. One set-based posting a group, the
difference to what is already posted; the number of statements does not grow with the subjects
(ledger.md 4.5, 4.6).
"""

# ruff: noqa: S608 (the statements are put together from constants of this file and of providers)

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from handup.kernel.chain import Json, digest
from handup.kernel.ids import new_id
from handup.ledger.errors import LaterRunPosted, NothingToRun, PeriodClosed
from handup.ledger.models import Book, Entry, Period, Run, RunTotal
from handup.ledger.rules.journal import LineIn, Source, posting_date
from handup.ledger.rules.posting_rules import Part
from handup.ledger.rules.words import PeriodStatus, RunKind
from handup.ledger.runs import (
    Group,
    Provider,
    Statement,
    allowance_held,
    group_of,
    last_run,
    provider_of,
    stored_before,
    totals_of,
)
from handup.ledger.services import heads
from handup.ledger.services.posting import EntryIn, fact_lines, post_entries
from handup.ledger.sql import FENCE, by_index_only, day, instant, plan_plainly, uid
from handup.ledger.typed import check_been
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require

SOURCE_KIND = "run"
PACKED = "target_units * 2 + CAST(k.stopped AS integer)"
"""A target (never below zero) and whether it rested in one number: one look-up gives both."""


@dataclass(slots=True)
class Posting:
    """One group of a run: its target so far, and what is posted now."""

    group: Group
    target_units: int
    posted_units: int
    entry: Entry | None = None


@dataclass(slots=True)
class Draft:
    """A run being made, before it is sealed."""

    book: Book
    kind: RunKind
    through: date
    staff: StaffUser
    no: int
    rules: str = ""
    version: str = "1"
    id: UUID = field(default_factory=new_id)
    subjects: int = 0
    postings: list[Posting] = field(default_factory=list)


def post_accrual(*, acting_staff: StaffUser, book: Book, through: date) -> Run:
    """Post the interest earned up to the end of a day: target less what was posted before.

    A run again with unchanged facts posts nothing and returns the run there is.
    Raises PeriodClosed, AheadOfToday, LaterRunPosted, NothingToRun.
    """
    require(acting_staff, "ledger.post_accrual", book)
    return _run(RunKind.ACCRUAL, acting_staff, book, through, _accrual_postings)


def post_fees(*, acting_staff: StaffUser, book: Book, through: date) -> Run:
    """Post the fees of loans that fell due up to the end of a day, as post_accrual does interest.

    Raises PeriodClosed, AheadOfToday, LaterRunPosted, NothingToRun.
    """
    require(acting_staff, "ledger.post_accrual", book)
    return _run(RunKind.FEES, acting_staff, book, through, _accrual_postings)


def post_provision(*, acting_staff: StaffUser, book: Book, through: date) -> Run:
    """Post what the allowance for losses lacks, or has too much, at the end of a day.

    Raises PeriodClosed, AheadOfToday, LaterRunPosted, NothingToRun.
    """
    require(acting_staff, "ledger.post_provision", book)
    return _run(RunKind.PROVISION, acting_staff, book, through, _provision_postings)


Postings = Callable[[Draft, dict[Group, int], dict[Group, int]], list[Posting]]


def _run(kind: RunKind, staff: StaffUser, book: Book, through: date, postings: Postings) -> Run:
    provider = provider_of(kind)
    statement = provider.targets(book, through) if provider else None
    if provider is None or statement is None:
        raise NothingToRun(book=book.name)
    with transaction.atomic():
        plan_plainly()
        draft = begin(book, kind, through, staff)
        draft.rules, draft.version = statement.rules, provider.engine_version
        earlier = last_run(book, kind, through)
        held = transaction.savepoint()
        draft.subjects = _store_details(draft, provider, statement)
        before = totals_of(earlier)
        draft.postings = postings(draft, before, _changes(draft))
        changed = draft.subjects or any(item.posted_units for item in draft.postings)
        if earlier is not None and earlier.through == through and not changed:
            transaction.savepoint_rollback(held)
            return earlier
        later = Run.objects.filter(book=book, kind=kind, through__gt=through).order_by("through")
        if changed and (found := later.first()) is not None:
            raise LaterRunPosted(date=found.through)
        lines_of = _provision_lines if kind is RunKind.PROVISION else _accrual_lines
        return seal(draft, lambda item: lines_of(item, provider))


def begin(book: Book, kind: RunKind, through: date, staff: StaffUser) -> Draft:
    """Lock the book and refuse a day that no longer takes entries, or is still to come.

    Raises PeriodClosed, AheadOfToday.
    """
    check_been(through)
    head = heads.lock([book.pk])[book.pk]
    head.check_open()
    first_day = posting_date(through, head.locked_through)
    if first_day != through:
        raise PeriodClosed(field="through", date=through, post_date=first_day)
    last = Run.objects.filter(book=book).order_by("-no").values_list("no", flat=True).first()
    return Draft(book, kind, through, staff, (last or 0) + 1)


def seal(draft: Draft, lines_of: Callable[[Posting], tuple[str, Sequence[LineIn]]]) -> Run:
    """Post one entry a group, then store the run and its totals with the end of the journal."""
    posted = [item for item in draft.postings if item.posted_units]
    entries = []
    for place, item in enumerate(posted, 1):
        kind, lines = lines_of(item)
        entries.append(
            EntryIn(
                book=draft.book,
                kind=kind,
                source=Source("ledger", SOURCE_KIND, draft.id, str(place)),
                lines=lines,
                happened_date=draft.through,
                branch=item.group.branch,
                already_happened=True,
                entry_date=draft.through,
            )
        )
    for item, entry in zip(posted, post_entries(entries, acting_staff=draft.staff), strict=True):
        item.entry = entry
    return store(draft)


def store(draft: Draft) -> Run:
    """Store a run whose entries are posted."""
    run: Run = Run.objects.create(
        id=draft.id,
        book=draft.book,
        kind=draft.kind,
        through=draft.through,
        no=draft.no,
        engine_version=draft.version,
        inputs_hash=_digest(draft),
        last_seq=Book.objects.values_list("head_seq", flat=True).get(pk=draft.book.pk),
        subjects=draft.subjects,
        run_by=draft.staff,
    )
    RunTotal.objects.bulk_create(
        RunTotal(
            run=run,
            branch_id=item.group.branch,
            product_id=item.group.product,
            fund_id=item.group.fund,
            currency=item.group.currency,
            target_units=item.target_units,
            posted_units=item.posted_units,
            entry=item.entry,
        )
        for item in draft.postings
        if item.target_units or item.posted_units
    )
    audit.record(
        draft.staff,
        f"ledger.run_{draft.kind.value.lower()}",
        run,
        {"book": draft.book.code, "through": draft.through.isoformat()},
    )
    return run


def _digest(draft: Draft) -> str:
    groups: list[Json] = [
        [
            *(str(value or "") for value in item.group),
            str(item.target_units),
            str(item.posted_units),
        ]
        for item in sorted(draft.postings, key=lambda item: tuple(map(str, item.group)))
    ]
    return digest([draft.kind.value, draft.through.isoformat(), draft.version, draft.rules, groups])


# --- details ------------------------------------------------------------------------------------


def _store_details(draft: Draft, provider: Provider, statement: Statement) -> int:
    """Store the targets that changed, in one statement; returns how many there are."""
    at = (draft.book, draft.kind, draft.through)
    last = stored_before(PACKED, "t.subject_id", *at)
    cast = _casts()
    sql = (
        "INSERT INTO ledger_rundetail (id, recorded_at, run_id, book_id, kind, through, run_no,"
        " subject_kind, subject_id, branch_id, product_id, fund_id, currency, basis_units,"
        " rate_bps, stopped, target_units, before_units)"
        f" SELECT {_made_id(draft.id)}, {cast['instant']}, {cast['id']}, {cast['id']}, %s,"
        f" {cast['day']}, %s, %s, n.subject_id, n.branch_id, n.product_id, n.fund_id, n.currency,"
        " n.basis_units, n.rate_bps, n.stopped, n.target_units, n.last / 2 FROM ("
        f"SELECT t.*, COALESCE({last}, 0) AS last FROM ({statement.sql} {FENCE}) t {FENCE}) n"
        " WHERE n.last <> 2 * n.target_units + CAST(n.stopped AS integer)"
    )
    values = [
        instant(timezone.now()),
        uid(draft.id),
        uid(draft.book.pk),
        draft.kind.value,
        day(draft.through),
        draft.no,
        provider.subject_kind,
        *statement.values,
    ]
    with by_index_only(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _made_id(run: UUID) -> str:
    """A new id a row: it begins as the run's own, so that rows of a run lie together. PostgreSQL
    counts them, which costs less than drawing them.
    """
    if connection.vendor == "postgresql":
        made = f"'{run.hex[:24]}' || lpad(to_hex(row_number() OVER ()), 8, '0')"
        return f"CAST({made} AS uuid)"
    return f"'{run.hex[:13]}' || substr(lower(hex(randomblob(10))), 1, 19)"


def _casts() -> dict[str, str]:
    if connection.vendor == "postgresql":
        return {
            "instant": "CAST(%s AS timestamptz)",
            "id": "CAST(%s AS uuid)",
            "day": "CAST(%s AS date)",
        }
    return {"instant": "%s", "id": "%s", "day": "%s"}


def _changes(draft: Draft) -> dict[Group, int]:
    """What the run adds to the targets, by group."""
    sql = (
        "SELECT branch_id, product_id, fund_id, currency, SUM(target_units - before_units)"
        " FROM ledger_rundetail WHERE run_id = %s"
        " GROUP BY branch_id, product_id, fund_id, currency"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [uid(draft.id)])
        return {
            group_of(branch, product, fund, currency): int(units)
            for branch, product, fund, currency, units in cursor.fetchall()
        }


# --- accrual ------------------------------------------------------------------------------------


def _accrual_postings(
    draft: Draft, before: dict[Group, int], changes: dict[Group, int]
) -> list[Posting]:
    """Each group's difference between targets now and before."""
    return [
        Posting(group, before.get(group, 0) + changes.get(group, 0), changes.get(group, 0))
        for group in _in_order({*before, *changes})
    ]


def _in_order(groups: set[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: tuple(map(str, group)))


_POSTED_AS = {
    RunKind.ACCRUAL: ("INTEREST_ACCRUED", "INTEREST_STOPPED"),
    RunKind.FEES: ("FEE_CHARGED", "FEE_WAIVED"),
}
"""Kinds of entries of a run: when the target rose, when it fell."""


def _accrual_lines(item: Posting, provider: Provider) -> tuple[str, Sequence[LineIn]]:
    up, down = _POSTED_AS[provider.kind]
    kind = up if item.posted_units > 0 else down
    subject = (provider.product_kind, item.group.product) if item.group.product else None
    part = Part(abs(item.posted_units), subject, subject)
    return kind, _lines(kind, item, part)


def _lines(kind: str, item: Posting, part: Part) -> Sequence[LineIn]:
    return fact_lines(
        kind,
        {"AMOUNT": part},
        currency=item.group.currency,
        fund=item.group.fund,
        branch=item.group.branch,
    )


# --- provision ----------------------------------------------------------------------------------


def _provision_postings(
    draft: Draft, before: dict[Group, int], changes: dict[Group, int]
) -> list[Posting]:
    """Each group's target less what ALLOWANCE holds for it: write-offs have used some of it up."""
    held = allowance_held(draft.book, draft.through)
    targets = {group: before.get(group, 0) + changes.get(group, 0) for group in {*before, *changes}}
    return [
        Posting(group, targets.get(group, 0), targets.get(group, 0) - held.get(group, 0))
        for group in _in_order({*targets, *held})
    ]


def _provision_lines(item: Posting, provider: Provider) -> tuple[str, Sequence[LineIn]]:
    kind = "PROVISION_UP" if item.posted_units > 0 else "PROVISION_DOWN"
    return kind, _lines(kind, item, Part(abs(item.posted_units)))


# --- what is not yet posted -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Unposted:
    """What the entries of a run of a kind would come to now, per currency."""

    kind: RunKind
    currency: str
    units: int


def unposted(book: Book, kind: RunKind, through: date) -> list[Unposted]:
    """What a run would post for a day, in two statements, nothing written; nothing where a later
    day was run, since what has changed since goes into the next run. What rises in one branch and
    falls as much in another is not nothing.
    """
    if Run.objects.filter(book=book, kind=kind, through__gt=through).exists():
        return []
    provider = provider_of(kind)
    statement = provider.targets(book, through) if provider else None
    if provider is None or statement is None:
        return []
    before = stored_before("target_units", "t.subject_id", book, kind, through)
    sql = (
        "SELECT t.branch_id, t.product_id, t.fund_id, t.currency,"
        f" SUM(t.target_units - COALESCE({before}, 0)) FROM ({statement.sql}) t"
        " GROUP BY t.branch_id, t.product_id, t.fund_id, t.currency"
    )
    with transaction.atomic(), by_index_only(), connection.cursor() as cursor:
        plan_plainly()
        cursor.execute(sql, statement.values)
        sums: Counter[Group] = Counter()
        for branch, product, fund, currency, units in cursor.fetchall():
            sums[group_of(branch, product, fund, currency)] += int(units)
    if kind is RunKind.PROVISION:
        sums.update(totals_of(last_run(book, kind, through)))
        sums.subtract(allowance_held(book, through))
    by_currency: Counter[str] = Counter()
    for group, units in sums.items():
        by_currency[group.currency] += abs(units)
    return [Unposted(kind, name, units) for name, units in sorted(by_currency.items()) if units]


def is_open(book: Book, on: date) -> bool:
    """Whether a day of the book still takes entries of runs."""
    return (
        not Period.objects.filter(book=book, starts__lte=on, ends__gte=on)
        .exclude(status=PeriodStatus.OPEN)
        .exists()
    )
