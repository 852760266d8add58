"""The proof of each entry (ledger.md 4.9, V1): it balances, mirrors what it reverses, stands on
leaves of its book in a month that was open, its funds allow it, cash was there, pairs match.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections.abc import Iterator
from datetime import date
from typing import Any

from handup.ledger.models import Book, Fund
from handup.ledger.rules.words import (
    ADJUSTMENT,
    BY_THE_BOOKS,
    CASH_BELOW_ZERO_FLAG,
    CLOSING,
    OUTSIDE_FUND_FLAG,
    REVALUATION,
    CashKind,
)
from handup.ledger.sql import as_uuid, places, uid
from handup.ledger.verify_part import Part, read
from handup.org.verify import Difference


def entries_hold(book: Book | None = None, since: date | None = None) -> Iterator[Difference]:
    """J1-J4, J7-J10 on every entry, by statements over all lines; cash and pairs from the first."""
    part = Part(book, since)
    yield from _unbalanced(part)
    yield from _misplaced(part)
    yield from _bad_reversals(part)
    yield from _after_closing(part)
    yield from _funds_misused(part)
    yield from _cash_below_zero(Part(book))
    yield from _unmatched_pairs(Part(book))


def _unbalanced(part: Part) -> Iterator[Difference]:
    where, values = part.where()
    for amount, groups in (("units", "l.currency, l.fund_id"), ("base_units", "l.fund_id")):
        sql = (
            f"SELECT l.entry_id, SUM(l.{amount}) FROM ledger_line l"
            " JOIN ledger_entry e ON e.id = l.entry_id"
            f" WHERE 1 = 1{where} GROUP BY l.entry_id, {groups} HAVING SUM(l.{amount}) <> 0"
        )
        for entry, total in read(sql, values):
            yield Difference(f"entry {as_uuid(entry)} {amount}", str(total), "0")
    sql = (
        "SELECT e.id, e.line_count,"
        " (SELECT COUNT(*) FROM ledger_line l WHERE l.entry_id = e.id) AS found"
        f" FROM ledger_entry e WHERE 1 = 1{where}"
    )
    for entry, said, found in read(sql, values):
        if said != found or found < 2:
            yield Difference(f"entry {as_uuid(entry)} lines", str(said), str(found))
    sql = (
        "SELECT l.entry_id, l.no FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE l.units = 0 AND (e.kind NOT IN (%s, %s) OR l.base_units = 0){where}"
    )
    for entry, no in read(sql, [REVALUATION, CLOSING, *values]):
        yield Difference(f"entry {as_uuid(entry)} line {no}", "0", "an amount")


def _misplaced(part: Part) -> Iterator[Difference]:
    where, values = part.where()
    sql = (
        "SELECT l.entry_id, a.code FROM ledger_line l JOIN ledger_entry e ON e.id = l.entry_id"
        " JOIN ledger_account a ON a.id = l.account_id"
        f" WHERE (a.book_id <> e.book_id OR a.leaf = %s){where}"
    )
    for entry, code in read(sql, [False, *values]):
        yield Difference(f"entry {as_uuid(entry)}", f"account {code}", "a leaf of its own book")
    sql = (
        "SELECT l.entry_id, a.code FROM ledger_account a JOIN ledger_line l ON l.account_id = a.id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        " WHERE a.closed_from IS NOT NULL AND e.entry_date >= a.closed_from"
        f" AND e.reverses_id IS NULL{where}"
    )
    for entry, code in read(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", f"account {code}", "an account in use")
    sql = (
        "SELECT e.id, e.entry_date FROM ledger_entry e WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_period p"
        f" WHERE p.book_id = e.book_id AND e.entry_date BETWEEN p.starts AND p.ends){where}"
    )
    for entry, on in read(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", str(on), "a day in a period")
    sql = (
        "SELECT e.id FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id"
        f" JOIN ledger_account a ON a.id = l.account_id WHERE 1 = 1{where}"
        " GROUP BY e.id HAVING COUNT(DISTINCT CASE WHEN a.type = 'MEMO' THEN 1 ELSE 0 END) > 1"
    )
    for (entry,) in read(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", "memo and other accounts", "one of them")


def _bad_reversals(part: Part) -> Iterator[Difference]:
    where, values = part.where("r")
    sql = (
        "SELECT r.id FROM ledger_entry r JOIN ledger_line l ON l.entry_id IN (r.id, r.reverses_id)"
        f" WHERE r.reverses_id IS NOT NULL{where} GROUP BY r.id, l.no"
        " HAVING SUM(l.units) <> 0 OR SUM(l.base_units) <> 0 OR COUNT(*) <> 2"
        " OR COUNT(DISTINCT l.account_id) <> 1 OR COUNT(DISTINCT l.currency) <> 1"
        " OR COUNT(DISTINCT l.fund_id) <> 1 OR COUNT(DISTINCT l.budget_line) <> 1"
        " OR COUNT(DISTINCT l.subject_id) > 1 OR COUNT(DISTINCT l.subject_kind) <> 1"
    )
    for (entry,) in read(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", "a reversal", "the mirror of its original")
    sql = (
        "SELECT r.id FROM ledger_entry r JOIN ledger_entry o ON o.id = r.reverses_id"
        f" WHERE (o.reverses_id IS NOT NULL OR o.book_id <> r.book_id){where}"
    )
    for (entry,) in read(sql, values):
        yield Difference(f"entry {as_uuid(entry)}", "reverses a reversal", "an entry of its book")


def _cash_below_zero(part: Part) -> Iterator[Difference]:
    where, values = part.where()
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
    for account, currency, on, total, overdraft, code, flagged in read(sql, values):
        if at != (account, currency):
            at, running, excused = (account, currency), 0, False
        running += int(total)
        excused = excused or bool(flagged)
        if running < -overdraft and not excused:
            yield Difference(f"account {code} on {on}", str(running), f"at least {-overdraft}")


def _after_closing(part: Part) -> Iterator[Difference]:
    """J4: nothing entered a closed month, only approved adjustments one closed for facts."""
    where, values = part.where()
    sql = (
        "SELECT e.id, e.kind, e.entry_date FROM ledger_period p JOIN ledger_entry e"
        " ON e.book_id = p.book_id AND e.entry_date >= p.starts AND e.entry_date <= p.ends"
        " WHERE p.soft_closed_at IS NOT NULL AND e.recorded_at > p.soft_closed_at"
        " AND ((p.closed_at IS NOT NULL AND e.recorded_at > p.closed_at)"
        f" OR NOT (e.kind = %s OR (e.kind = %s AND e.approved_by_id IS NOT NULL))){where}"
    )
    for entry, kind, on in read(sql, [CLOSING, ADJUSTMENT, *values]):
        yield Difference(f"entry {as_uuid(entry)}", f"{kind} on {on}", "a month that was open")


def _funds_misused(part: Part) -> Iterator[Difference]:
    """J9: each line's fund was open that day and may be used for its account and budget line, but
    for what had happened already.
    """
    where, values = part.where()
    kinds = sorted(BY_THE_BOOKS)
    of = (
        " FROM ledger_fund f JOIN ledger_line l ON l.fund_id = f.id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
        f" WHERE e.kind NOT IN ({places(kinds)}){where} AND f.kind <> 'UNRESTRICTED'"
        f" AND e.flags NOT LIKE '%%{OUTSIDE_FUND_FLAG}%%'"
    )
    sql = (
        f"SELECT l.entry_id, f.code{of} AND (e.entry_date < f.starts OR e.entry_date > f.ends"
        " OR (f.currency <> '' AND l.currency <> f.currency))"
    )
    for entry, code in read(sql, [*kinds, *values]):
        yield Difference(f"entry {as_uuid(entry)}", f"fund {code}", "a fund open for it that day")
    for fund in Fund.objects.exclude(account_codes=[], budget_lines=[]):
        sql = (
            "SELECT DISTINCT l.entry_id, a.code, l.budget_line"
            f"{of.replace(' WHERE', ' JOIN ledger_account a ON a.id = l.account_id WHERE')}"
            " AND f.id = %s"
        )
        for entry, account, line in read(sql, [*kinds, *values, uid(fund.pk)]):
            wrong = fund.account_codes and account not in fund.account_codes
            wrong = wrong or (line and fund.budget_lines and line not in fund.budget_lines)
            if wrong:
                found = f"{account} {line}".strip()
                key = f"entry {as_uuid(entry)}"
                yield Difference(key, f"fund {fund.code} for {found}", "what it allows")


def _unmatched_pairs(part: Part) -> Iterator[Difference]:
    """J10: what stands between books names its pair, comes to nothing, and stands in two books."""
    where, values = part.where()
    between = (
        " JOIN (SELECT DISTINCT account_id FROM ledger_accountrole WHERE role = 'INTERBOOK') r"
        " ON r.account_id = l.account_id"
        " JOIN ledger_entry e ON e.id = l.entry_id"
    )
    sql = (
        f"SELECT l.entry_id, l.no FROM ledger_line l{between}"
        f" WHERE (l.subject_kind <> 'pair' OR l.subject_id IS NULL){where}"
    )
    for entry, no in read(sql, values):
        yield Difference(f"entry {as_uuid(entry)} line {no}", "no pair", "the pair of its books")
    sql = (
        f"SELECT l.subject_id, l.currency, SUM(l.units) FROM ledger_line l{between}"
        " WHERE l.subject_kind = 'pair' AND l.subject_id IN"
        f" (SELECT l.subject_id FROM ledger_line l{between} WHERE l.subject_kind = 'pair'{where})"
        " GROUP BY l.subject_id, l.currency"
        " HAVING SUM(l.units) <> 0 OR COUNT(DISTINCT e.book_id) < 2"
    )
    for pair, currency, total in read(sql, values):
        yield Difference(f"pair {as_uuid(pair)} {currency}", str(total), "0, in two books")
