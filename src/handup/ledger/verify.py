"""The proofs of the books (ledger.md 4.9): every entry, the chain, the triggers, the projection,
statements, closed months, runs and banks.

Each reads what is stored and computes it anew from the lines, with plain SQL over the whole
journal, one book, or what stands on a day and later.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from handup.kernel.chain import digest
from handup.ledger import triggers
from handup.ledger.cash_flow import cash_flow
from handup.ledger.interfund import funds_cancel
from handup.ledger.models import Balance, Book, CashCount, Draft, Entry, Period, Run
from handup.ledger.models.journal import NO_BRANCH
from handup.ledger.rules.words import CountStatus, DraftStatus, PeriodStatus
from handup.ledger.sql import as_date, as_hex, as_uuid, uid
from handup.ledger.statements import balance_sheet
from handup.ledger.verify_chain import chain_holds
from handup.ledger.verify_entries import entries_hold
from handup.ledger.verify_part import Part, read
from handup.ledger.verify_runs import banks_reconciled, runs_hold, tills_as_counted
from handup.org.verify import Check, Difference, Scope, run_checks

__all__ = [
    "CHECKS",
    "BookDifference",
    "balance_hash",
    "balances_match",
    "book_differences",
    "books_are_zero",
    "chain_holds",
    "closed_periods_match",
    "computed_balances",
    "entries_hold",
    "of_book",
    "own_facts_posted",
    "statements_tie",
    "triggers_stand",
]

# --- V2: triggers ------------------------------------------------------------------------------


def triggers_stand() -> Iterator[Difference]:
    """The triggers are there with the text of this version; the connection holds foreign keys."""
    for name, stored, expected in triggers.faults(connection):
        yield Difference(name, stored or "missing", expected.split("\n")[0])


# --- V3: balances ------------------------------------------------------------------------------

BalanceKey = tuple[UUID, str, UUID, str, UUID]


def computed_balances(
    book: Book | None = None, since: date | None = None
) -> dict[BalanceKey, tuple[int, ...]]:
    """What the balances must be, from the lines: (account, month, fund, currency, branch) to the
    four sums. since: of that month and later.
    """
    since = None if since is None else since.replace(day=1)
    where, values = Part(book, since).where()
    month = (
        "to_char(e.entry_date, 'YYYY-MM')"
        if connection.vendor == "postgresql"
        else "substr(e.entry_date, 1, 7)"
    )
    sql = (
        f"SELECT l.account_id, {month} AS month, l.fund_id, l.currency, l.branch_id,"
        " SUM(CASE WHEN l.units > 0 THEN l.units ELSE 0 END),"
        " SUM(CASE WHEN l.units > 0 THEN 0 ELSE -l.units END),"
        " SUM(CASE WHEN l.base_units > 0 THEN l.base_units ELSE 0 END),"
        " SUM(CASE WHEN l.base_units > 0 THEN 0 ELSE -l.base_units END)"
        " FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE 1 = 1{where} GROUP BY l.account_id, month, l.fund_id, l.currency, l.branch_id"
    )
    return {
        (
            as_uuid(account),
            month,
            as_uuid(fund),
            currency,
            NO_BRANCH if branch is None else as_uuid(branch),
        ): tuple(int(amount) for amount in amounts)
        for account, month, fund, currency, branch, *amounts in read(sql, values)
    }


def balances_match(book: Book | None = None, since: date | None = None) -> Iterator[Difference]:
    """The stored balances are what the lines add up to."""
    rows = Balance.objects.all() if book is None else Balance.objects.filter(book=book)
    if since is not None:
        rows = rows.filter(month__gte=since.replace(day=1))
    stored = {
        (row[0], row[1].strftime("%Y-%m"), row[2], row[3], row[4]): row[5:]
        for row in rows.order_by().values_list(
            "account",
            "month",
            "fund",
            "currency",
            "branch_key",
            "debit_units",
            "credit_units",
            "debit_base",
            "credit_base",
        )
    }
    computed = computed_balances(book, since)
    nothing = (0, 0, 0, 0)
    for key in sorted(stored.keys() | computed.keys(), key=str):
        have, want = stored.get(key, nothing), computed.get(key, nothing)
        if have != want:
            yield Difference(f"account {key[0]} {key[1]} {key[3]}", str(have), str(want))


# --- V4: trial balance -------------------------------------------------------------------------


def books_are_zero(book: Book | None = None) -> Iterator[Difference]:
    """Each book's balances sum to zero per currency and fund, memo accounts by themselves, in base
    as well.
    """
    rows = Balance.objects.all() if book is None else Balance.objects.filter(book=book)
    sums: dict[tuple[str, bool, str], list[int]] = defaultdict(lambda: [0, 0])
    for code, kind, fund, currency, units, base in (
        rows.order_by()
        .values_list("book__code", "account__type", "fund__code", "currency")
        .annotate(
            units=Sum(F("debit_units") - F("credit_units")),
            base=Sum(F("debit_base") - F("credit_base")),
        )
    ):
        sums[code, kind == "MEMO", f"{fund} {currency}"][0] += units
        sums[code, kind == "MEMO", fund][1] += base
    for (code, memo, group), totals in sorted(sums.items()):
        if any(totals):
            beside = " memo" if memo else ""
            yield Difference(f"{code}{beside} {group}", str(tuple(totals)), "(0, 0)")


# --- V5: closed periods ------------------------------------------------------------------------


def balance_hash(book: Book, through: date) -> str:
    """The digest of a book's trial balance at the end of a day, from its lines."""
    return _hashes(book, [through])[through]


def _hashes(book: Book, days: Iterable[date]) -> dict[date, str]:
    sql = (
        "SELECT e.entry_date, l.account_id, l.fund_id, l.currency, SUM(l.units), SUM(l.base_units)"
        " FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id WHERE e.book_id = %s"
        " GROUP BY e.entry_date, l.account_id, l.fund_id, l.currency ORDER BY e.entry_date"
    )
    movements = [(as_date(row[0]), row[1:]) for row in read(sql, [uid(book.pk)])]
    sums: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0])
    hashes: dict[date, str] = {}
    place = 0
    for through in sorted(days):
        while place < len(movements) and movements[place][0] <= through:
            account, fund, currency, units, base = movements[place][1]
            total = sums[as_hex(account), as_hex(fund), currency]
            total[0] += int(units)
            total[1] += int(base)
            place += 1
        hashes[through] = digest(
            [
                [*key, str(total[0]), str(total[1])]
                for key, total in sorted(sums.items())
                if any(total)
            ]
        )
    return hashes


def closed_periods_match(
    book: Book | None = None, since: date | None = None
) -> Iterator[Difference]:
    """Every closed period's trial balance still gives the hash it was closed with."""
    closed = Period.objects.filter(status=PeriodStatus.CLOSED).select_related("book")
    if since is not None:
        closed = closed.filter(ends__gte=since)
    by_book: dict[Book, list[Period]] = defaultdict(list)
    for period in closed if book is None else closed.filter(book=book):
        by_book[period.book].append(period)
    for item, periods in by_book.items():
        hashes = _hashes(item, [period.ends for period in periods])
        for period in periods:
            if period.balance_hash != hashes[period.ends]:
                yield Difference(
                    f"{item.code} {period}", period.balance_hash[:12], hashes[period.ends][:12]
                )


# --- V4: statements ----------------------------------------------------------------------------


def statements_tie(book: Book | None = None, since: date | None = None) -> Iterator[Difference]:
    """The balance sheet of each book ties, and its cash flow leads to its cash, from the first day
    (or the day asked for) to the last.
    """
    books = Book.objects.exclude(last_month=None).order_by("code")
    for item in books if book is None else books.filter(pk=book.pk):
        assert item.first_month is not None
        assert item.last_month is not None
        following = (item.last_month + timedelta(days=32)).replace(day=1)
        last = following - timedelta(days=1)
        sheet = balance_sheet(item, last)
        if sheet.total_assets != sheet.total_claims:
            key = f"{item.code} balance sheet"
            yield Difference(key, str(sheet.total_assets), str(sheet.total_claims))
        flow = cash_flow(item, min(since or item.first_month, last), last)
        if flow.opening + flow.net != flow.closing:
            key = f"{item.code} cash flow"
            yield Difference(key, str(flow.closing), str(flow.opening + flow.net))


# --- V6: facts of the books themselves ---------------------------------------------------------


def own_facts_posted(book: Book | None = None) -> Iterator[Difference]:
    """What was approved by hand has its entry, and each entry of the books its draft or run."""
    drafts = Draft.objects.all() if book is None else Draft.objects.filter(book=book)
    posted = drafts.filter(status=DraftStatus.POSTED)
    for pk in posted.filter(
        Q(entry=None) | ~Q(entry__source_id=F("pk")) | ~Q(entry__book_id=F("book_id"))
    ).values_list("pk", flat=True):
        yield Difference(f"draft {pk}", "approved", "its entry")
    entries = Entry.objects.filter(source_domain="ledger")
    entries = entries if book is None else entries.filter(book=book)
    hand = entries.filter(source_kind="draft")
    for pk in hand.exclude(source_id__in=posted.values("pk")).values_list("pk", flat=True):
        yield Difference(f"entry {pk}", "written by hand", "an approved draft")
    runs = entries.filter(source_kind="run")
    for pk in runs.exclude(source_id__in=Run.objects.values("pk")).values_list("pk", flat=True):
        yield Difference(f"entry {pk}", "posted by a run", "the run")
    counts = entries.filter(source_kind="count")
    known = CashCount.objects.filter(status=CountStatus.CONFIRMED).values("pk")
    for pk in counts.exclude(source_id__in=known).values_list("pk", flat=True):
        yield Difference(f"entry {pk}", "posted by a count", "the confirmed count")


# --- all of them -------------------------------------------------------------------------------


def _book_of(scope: Scope) -> Book | None:
    """The book a run is cut down to. Raises LookupError."""
    if not scope.book:
        return None
    found: Book | None = Book.objects.filter(code=scope.book).first()
    if found is None:
        raise LookupError(f"no book has the code {scope.book}")
    return found


Proof = Callable[[Book | None], Iterable[Difference]]
Dated = Callable[[Book | None, date | None], Iterable[Difference]]


def of_book(code: str, title: Any, proof: Proof, proves: str) -> Check:
    """A proof that can be asked of one book; the whole of it, whatever the day."""
    return Check(
        code,
        title,
        lambda: proof(None),
        within=lambda scope: proof(_book_of(scope)),
        proves=proves,
    )


def _dated(code: str, title: Any, proof: Dated, proves: str) -> Check:
    """A proof that can be asked of one book and from a day on."""
    return Check(
        code,
        title,
        lambda: proof(None, None),
        within=lambda scope: proof(_book_of(scope), scope.since),
        proves=proves,
    )


CHECKS = (
    _dated("LEDGER_ENTRIES", _("Every entry balances and stands where it may"), entries_hold, "V1"),
    _dated("LEDGER_CHAIN", _("Every book's chain of entries is whole"), chain_holds, "V1"),
    Check(
        "LEDGER_TRIGGERS",
        _("The database itself guards the journal"),
        triggers_stand,
        within=lambda _scope: triggers_stand(),
        proves="V2",
    ),
    _dated("LEDGER_BALANCES", _("Every balance is the sum of its lines"), balances_match, "V3"),
    of_book("LEDGER_ZERO", _("Every book's debits equal its credits"), books_are_zero, "V4"),
    _dated("LEDGER_STATEMENTS", _("Statements tie, cash flow to cash"), statements_tie, "V4"),
    _dated("LEDGER_CLOSED", _("Closed months are as they were closed"), closed_periods_match, "V5"),
    of_book("LEDGER_FUNDS", _("What funds owe each other cancels"), funds_cancel, "V4"),
    of_book("LEDGER_FACTS", _("What was approved by hand is posted"), own_facts_posted, "V6"),
    of_book("LEDGER_RUNS", _("Runs posted what their details come to"), runs_hold, "V12"),
    of_book("LEDGER_BANKS", _("Banks stand as they were reconciled"), banks_reconciled, "V10"),
    of_book("LEDGER_TILLS", _("Tills hold what was counted"), tills_as_counted, "V10"),
)


@dataclass(frozen=True, slots=True)
class BookDifference:
    """A difference with the check that found it."""

    check: str
    key: str


def book_differences(book: Book) -> Iterator[BookDifference]:
    """Every difference of one book by every proof that can be asked of one, of whichever domain;
    what closing a period waits for.
    """
    for outcome in run_checks(scope=Scope(book=book.code)):
        for difference in outcome.shown:
            yield BookDifference(outcome.check.code, difference.key)
