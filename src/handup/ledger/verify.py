"""The proofs of the books (ledger.md 4.9): every entry, the chain, the triggers, the projection,
the closed months.

Each reads what is stored and computes it anew from the lines, with plain SQL over the whole journal
or one book.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, Sum
from django.utils.translation import gettext_lazy as _

from handup.kernel.chain import GENESIS, Json, digest
from handup.ledger import triggers
from handup.ledger.models import Balance, Book, Period
from handup.ledger.models.journal import NO_BRANCH
from handup.ledger.rules.journal import chain_hash, content_hash
from handup.ledger.rules.words import (
    CASH_BELOW_ZERO_FLAG,
    CLOSING,
    REVALUATION,
    CashKind,
    PeriodStatus,
)
from handup.ledger.sql import as_date, as_hex, as_uuid, uid
from handup.ledger.verify_runs import banks_reconciled, runs_hold
from handup.org.verify import Check, Difference

CHUNK = 5_000

_ENTRY_FIELDS = (
    "id, seq, kind, entry_date, happened_date, source_domain, source_kind, source_id,"
    " source_purpose, reverses_id, branch_id, posted_by_id, approved_by_id, recorded_at, flags,"
    " line_count, content_hash, prev_hash, hash"
)
_LINE_FIELDS = (
    "l.entry_id, l.no, l.account_id, l.units, l.currency, l.base_units, l.rate, l.fund_id,"
    " l.budget_line, l.branch_id, l.subject_kind, l.subject_id"
)


@dataclass(frozen=True, slots=True)
class BookDifference:
    """A difference with the check that found it."""

    check: str
    key: str


def book_differences(book: Book) -> Iterator[BookDifference]:
    """Every difference of one book's own proofs; what closing a period waits for."""
    for check, run in (
        ("LEDGER_ENTRIES", entries_hold),
        ("LEDGER_CHAIN", chain_holds),
        ("LEDGER_BALANCES", balances_match),
        ("LEDGER_ZERO", books_are_zero),
        ("LEDGER_CLOSED", closed_periods_match),
        ("LEDGER_RUNS", runs_hold),
        ("LEDGER_BANKS", banks_reconciled),
    ):
        for difference in run(book):
            yield BookDifference(check, difference.key)


def _of_book(book: Book | None, column: str) -> tuple[str, list[Any]]:
    return ("", []) if book is None else (f" AND {column} = %s", [uid(book.pk)])


def _rows(sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


# --- V1: entries -------------------------------------------------------------------------------


def entries_hold(book: Book | None = None) -> Iterator[Difference]:
    """J1-J4, J7, J8, J10 on every entry, by statements over all lines."""
    yield from _unbalanced(book)
    yield from _misplaced(book)
    yield from _bad_reversals(book)
    yield from _cash_below_zero(book)
    yield from _unmatched_pairs(book)


def _unbalanced(book: Book | None) -> Iterator[Difference]:
    where, values = _of_book(book, "e.book_id")
    for amount, groups in (("units", "l.currency, l.fund_id"), ("base_units", "l.fund_id")):
        sql = (
            f"SELECT l.entry_id, SUM(l.{amount}) FROM ledger_line l"
            " JOIN ledger_entry e ON e.id = l.entry_id"
            f" WHERE 1 = 1{where} GROUP BY l.entry_id, {groups} HAVING SUM(l.{amount}) <> 0"
        )
        for entry, total in _rows(sql, values):
            yield Difference(f"entry {as_uuid(entry)} {amount}", str(total), "0")
    sql = (
        "SELECT e.id, e.line_count,"
        " (SELECT COUNT(*) FROM ledger_line l WHERE l.entry_id = e.id) AS found"
        f" FROM ledger_entry e WHERE 1 = 1{where}"
    )
    for entry, said, found in _rows(sql, values):
        if said != found or found < 2:
            yield Difference(f"entry {as_uuid(entry)} lines", str(said), str(found))
    sql = (
        "SELECT l.entry_id, l.no FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE l.units = 0 AND (e.kind NOT IN (%s, %s) OR l.base_units = 0){where}"
    )
    for entry, no in _rows(sql, [REVALUATION, CLOSING, *values]):
        yield Difference(f"entry {as_uuid(entry)} line {no}", "0", "an amount")


def _misplaced(book: Book | None) -> Iterator[Difference]:
    where, values = _of_book(book, "e.book_id")
    sql = (
        "SELECT l.entry_id, a.code FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
        " JOIN ledger_account a ON a.id = l.account_id"
        f" WHERE (a.book_id <> e.book_id OR a.leaf = %s){where}"
    )
    for entry, code in _rows(sql, [False, *values]):
        yield Difference(f"entry {as_uuid(entry)}", f"account {code}", "a leaf of its own book")
    sql = (
        "SELECT e.id, e.entry_date FROM ledger_entry e WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_period p"
        f" WHERE p.book_id = e.book_id AND e.entry_date BETWEEN p.starts AND p.ends){where}"
    )
    for entry, on in _rows(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", str(on), "a day in a period")
    sql = (
        "SELECT e.id FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id"
        f" JOIN ledger_account a ON a.id = l.account_id WHERE 1 = 1{where}"
        " GROUP BY e.id HAVING COUNT(DISTINCT CASE WHEN a.type = 'MEMO' THEN 1 ELSE 0 END) > 1"
    )
    for (entry,) in _rows(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", "memo and other accounts", "one of them")


def _bad_reversals(book: Book | None) -> Iterator[Difference]:
    where, values = _of_book(book, "r.book_id")
    sql = (
        "SELECT r.id FROM ledger_entry r JOIN ledger_line l ON l.entry_id IN (r.id, r.reverses_id)"
        f" WHERE r.reverses_id IS NOT NULL{where} GROUP BY r.id, l.no"
        " HAVING SUM(l.units) <> 0 OR SUM(l.base_units) <> 0 OR COUNT(*) <> 2"
        " OR COUNT(DISTINCT l.account_id) <> 1 OR COUNT(DISTINCT l.currency) <> 1"
        " OR COUNT(DISTINCT l.fund_id) <> 1"
    )
    for (entry,) in _rows(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", "a reversal", "the mirror of its original")
    sql = (
        "SELECT r.id FROM ledger_entry r JOIN ledger_entry o ON o.id = r.reverses_id"
        f" WHERE (o.reverses_id IS NOT NULL OR o.book_id <> r.book_id){where}"
    )
    for (entry,) in _rows(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", "reverses a reversal", "an entry of its book")


def _cash_below_zero(book: Book | None) -> Iterator[Difference]:
    where, values = _of_book(book, "e.book_id")
    sql = (
        "SELECT a.id, l.currency, e.entry_date, SUM(l.units), a.overdraft_units, a.code,"
        " MAX(CASE WHEN e.flags LIKE %s THEN 1 ELSE 0 END)"
        " FROM ledger_line l JOIN ledger_account a ON a.id = l.account_id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE a.cash_kind <> %s AND a.overdraft_units IS NOT NULL{where}"
        " GROUP BY a.id, l.currency, e.entry_date, a.overdraft_units, a.code"
        " ORDER BY a.id, l.currency, e.entry_date"
    )
    values = [f"%{CASH_BELOW_ZERO_FLAG}%", CashKind.NONE.value, *values]
    at: tuple[Any, Any] | None = None
    running, excused = 0, False
    for account, currency, on, total, overdraft, code, flagged in _rows(sql, values):
        if at != (account, currency):
            at, running, excused = (account, currency), 0, False
        running += int(total)
        excused = excused or bool(flagged)
        if running < -overdraft and not excused:
            yield Difference(f"account {code} on {on}", str(running), f"at least {-overdraft}")


def _unmatched_pairs(book: Book | None) -> Iterator[Difference]:
    where, values = _of_book(book, "e.book_id")
    sql = (
        "SELECT l.subject_id, l.currency, SUM(l.units) FROM ledger_line l"
        " JOIN ledger_accountrole r ON r.account_id = l.account_id AND r.role = 'INTERBOOK'"
        " WHERE l.subject_kind = 'pair' AND l.subject_id IN"
        " (SELECT l2.subject_id FROM ledger_line l2 JOIN ledger_entry e ON e.id = l2.entry_id"
        " WHERE l2.subject_kind = 'pair'"
        f"{where}) GROUP BY l.subject_id, l.currency HAVING SUM(l.units) <> 0"
    )
    for pair, currency, total in _rows(sql, values):
        yield Difference(f"pair {as_uuid(pair)} {currency}", str(total), "0")


# --- V1: chain ---------------------------------------------------------------------------------


def chain_holds(book: Book | None = None) -> Iterator[Difference]:
    """J5, J6: numbers without gaps, and every hash recomputed from the stored entry and lines to
    the head.
    """
    books = Book.objects.order_by("code") if book is None else [book]
    for item in books:
        yield from _chain_of(item)


def _chain_of(book: Book) -> Iterator[Difference]:
    # The head is read again, since the object in hand may be older than the last posting.
    head_seq, head_hash = Book.objects.values_list("head_seq", "head_hash").get(pk=book.pk)
    seq, last = 0, GENESIS
    own = book.pk.hex
    while True:
        entries = _rows(
            f"SELECT {_ENTRY_FIELDS} FROM ledger_entry WHERE book_id = %s AND seq > %s"
            " ORDER BY seq LIMIT %s",
            [uid(book.pk), seq, CHUNK],
        )
        if not entries:
            break
        lines = _lines_between(book, seq, entries[-1][1])
        for row in entries:
            key = f"{book.code} {row[1]}"
            if row[1] != seq + 1:
                yield Difference(f"{book.code} {seq + 1}", "missing", "no gap")
            if row[17] != last:
                yield Difference(key, f"follows {row[17][:12]}", f"follows {last[:12]}")
            found = lines.get(row[0], [])
            content = content_hash(_content(row, found))
            if content != row[16]:
                yield Difference(key, f"content {row[16][:12]}", f"content {content[:12]}")
            computed = chain_hash(row[17], _json(own, row, found))
            if computed != row[18]:
                yield Difference(key, f"hash {row[18][:12]}", f"hash {computed[:12]}")
            seq, last = row[1], row[18]
    if (seq, last) != (head_seq, head_hash):
        yield Difference(f"{book.code} head", f"{head_seq} {head_hash[:12]}", f"{seq} {last[:12]}")


def _lines_between(book: Book, after: int, through: int) -> dict[Any, list[list[Json]]]:
    lines: dict[Any, list[list[Json]]] = defaultdict(list)
    sql = (
        f"SELECT {_LINE_FIELDS} FROM ledger_entry e CROSS JOIN ledger_line l"
        " WHERE l.entry_id = e.id AND e.book_id = %s AND e.seq > %s AND e.seq <= %s"
        " ORDER BY e.seq, l.no"
    )
    for row in _rows(sql, [uid(book.pk), after, through]):
        lines[row[0]].append(
            [
                row[1],
                as_hex(row[2]),
                row[3],
                row[4],
                row[5],
                row[6],
                as_hex(row[7]),
                row[8],
                as_hex(row[9]),
                row[10],
                as_hex(row[11]),
            ]
        )
    return lines


def _json(book: str, row: tuple[Any, ...], lines: list[list[Json]]) -> list[Json]:
    return [
        as_hex(row[0]),
        book,
        row[1],
        row[2],
        str(row[3]),
        str(row[4]),
        row[5],
        row[6],
        as_hex(row[7]),
        row[8],
        as_hex(row[9]),
        as_hex(row[10]),
        as_hex(row[11]),
        as_hex(row[12]),
        _instant_text(row[13]),
        row[14],
        row[16],
        lines,
    ]


def _content(row: tuple[Any, ...], lines: list[list[Json]]) -> list[Json]:
    return [
        row[2],
        str(row[4]),
        [
            [
                line[1],
                line[2],
                line[3],
                line[6],
                line[7],
                line[8],
                line[9],
                line[10],
                0 if line[2] else line[4],
            ]
            for line in lines
        ],
    ]


def _instant_text(value: Any) -> str:
    moment: datetime = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


# --- V2: triggers ------------------------------------------------------------------------------


def triggers_stand() -> Iterator[Difference]:
    """The triggers are there with the text of this version; the connection holds foreign keys."""
    for name, stored, expected in triggers.faults(connection):
        yield Difference(name, stored or "missing", expected.split("\n")[0])


# --- V3: balances ------------------------------------------------------------------------------

BalanceKey = tuple[UUID, str, UUID, str, UUID]


def computed_balances(book: Book | None = None) -> dict[BalanceKey, tuple[int, ...]]:
    """What the balances must be, from the lines: (account, month, fund, currency, branch) to the
    four sums.
    """
    where, values = _of_book(book, "e.book_id")
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
        for account, month, fund, currency, branch, *amounts in _rows(sql, values)
    }


def balances_match(book: Book | None = None) -> Iterator[Difference]:
    """The stored balances are what the lines add up to."""
    rows = Balance.objects.all() if book is None else Balance.objects.filter(book=book)
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
    computed = computed_balances(book)
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
    movements = [(as_date(row[0]), row[1:]) for row in _rows(sql, [uid(book.pk)])]
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


def closed_periods_match(book: Book | None = None) -> Iterator[Difference]:
    """Every closed period's trial balance still gives the hash it was closed with."""
    closed = Period.objects.filter(status=PeriodStatus.CLOSED).select_related("book")
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


CHECKS = (
    Check("LEDGER_ENTRIES", _("Every entry balances and stands where it may"), entries_hold),
    Check("LEDGER_CHAIN", _("Every book's chain of entries is whole"), chain_holds),
    Check("LEDGER_TRIGGERS", _("The database itself guards the journal"), triggers_stand),
    Check("LEDGER_BALANCES", _("Every balance is the sum of its lines"), balances_match),
    Check("LEDGER_ZERO", _("Every book's debits equal its credits"), books_are_zero),
    Check("LEDGER_CLOSED", _("Closed months are as they were closed"), closed_periods_match),
)
