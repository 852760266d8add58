"""The cash flow of a book, direct: every movement of money by what it was for (ledger.md 4.8).

A movement belongs to the accounts that stand against it in its entry. Where lines stand on both
sides, those against the money share it by their size; money from one till to another drops out.
Summed in the database but for entries whose money several accounts share unequally.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from handup.kernel.money import split
from handup.ledger.models import Account, Book
from handup.ledger.rules.words import CashClass, CashKind
from handup.ledger.sql import as_uuid, day, plan_plainly, uid
from handup.ledger.sums import EVERYTHING, By, Only, sums_of


@dataclass(frozen=True, slots=True)
class CashRow:
    """What moved money in or out against one account, in the book's currency; in is positive."""

    account: Account
    received: int
    paid: int

    @property
    def net(self) -> int:
        """Received less paid."""
        return self.received - self.paid


@dataclass(frozen=True, slots=True)
class CashFlow:
    """Money at the start, what moved it by class and account, money at the end."""

    opening: int
    rows: dict[CashClass, tuple[CashRow, ...]]
    closing: int

    @property
    def net(self) -> int:
        """What all movements come to."""
        return sum(row.net for rows in self.rows.values() for row in rows)


_MOVED = """
WITH moved AS MATERIALIZED (
  SELECT l.entry_id, l.fund_id,
         SUM(CASE WHEN a.cash_kind <> 'NONE' THEN {amount} ELSE 0 END) AS cash,
         SUM(CASE WHEN a.cash_kind = 'NONE' AND {amount} > 0 THEN {amount} ELSE 0 END)
           AS up,
         SUM(CASE WHEN a.cash_kind = 'NONE' AND {amount} < 0 THEN -{amount} ELSE 0 END)
           AS down,
         COUNT(DISTINCT CASE WHEN a.cash_kind = 'NONE' AND {amount} > 0
           THEN l.account_id END) AS up_accounts,
         COUNT(DISTINCT CASE WHEN a.cash_kind = 'NONE' AND {amount} < 0
           THEN l.account_id END) AS down_accounts
  FROM ledger_entry e JOIN ledger_line l ON l.entry_id = e.id
    JOIN ledger_account a ON a.id = l.account_id
  WHERE e.book_id = %s AND e.{column} >= %s AND e.{column} <= %s{only}
  GROUP BY l.entry_id, l.fund_id
  HAVING SUM(CASE WHEN a.cash_kind <> 'NONE' THEN {amount} ELSE 0 END) <> 0
), against AS MATERIALIZED (
  SELECT m.entry_id, m.fund_id, m.cash, l.account_id, ABS({amount}) AS weight,
         CASE WHEN m.cash < 0 THEN m.up ELSE m.down END AS whole,
         CASE WHEN m.cash < 0 THEN m.up_accounts ELSE m.down_accounts END AS accounts
  FROM moved m JOIN ledger_line l ON l.entry_id = m.entry_id AND l.fund_id = m.fund_id
    JOIN ledger_account a ON a.id = l.account_id
  WHERE a.cash_kind = 'NONE' AND ((m.cash < 0 AND {amount} > 0)
    OR (m.cash > 0 AND {amount} < 0)){only}
)
"""
_WHOLE = """
SELECT account_id, SUM(CASE WHEN cash > 0 THEN weight ELSE 0 END),
       SUM(CASE WHEN cash < 0 THEN weight ELSE 0 END)
FROM against WHERE whole = ABS(cash) GROUP BY account_id
UNION ALL
SELECT account_id, SUM(CASE WHEN cash > 0 THEN cash ELSE 0 END),
       SUM(CASE WHEN cash < 0 THEN -cash ELSE 0 END)
FROM (SELECT DISTINCT entry_id, fund_id, account_id, cash FROM against
      WHERE whole <> ABS(cash) AND accounts = 1) o GROUP BY account_id
"""
_SHARED = """
SELECT entry_id, fund_id, cash, account_id, SUM(weight) FROM against
WHERE whole <> ABS(cash) AND accounts > 1 GROUP BY entry_id, fund_id, cash, account_id
ORDER BY entry_id, fund_id, account_id
"""


def cash_flow(
    book: Book, since: date, on: date, only: Only = EVERYTHING, by: By = By.POSTED
) -> CashFlow:
    """The cash flow between two days, both included: opening + all movements = closing, exactly."""
    received, paid = _movements(book, since, on, only, by)
    accounts = Account.objects.filter(book=book)
    rows: dict[CashClass, list[CashRow]] = {kind: [] for kind in CashClass}
    for account in accounts.filter(pk__in={*received, *paid}).order_by("code"):
        row = CashRow(account, received.get(account.pk, 0), paid.get(account.pk, 0))
        rows[CashClass(account.cash_class)].append(row)
    money = set(accounts.exclude(cash_kind=CashKind.NONE).values_list("pk", flat=True))
    return CashFlow(
        opening=_money(book, money, since - timedelta(days=1), only, by),
        rows={kind: tuple(found) for kind, found in rows.items()},
        closing=_money(book, money, on, only, by),
    )


def _money(book: Book, accounts: set[UUID], on: date, only: Only, by: By) -> int:
    sums = sums_of(book, None, on, only, by)
    return sum(
        only.told(part) for (account, _currency), part in sums.items() if account in accounts
    )


def _movements(
    book: Book, since: date, on: date, only: Only, by: By
) -> tuple[dict[UUID, int], dict[UUID, int]]:
    condition = ""
    chosen: list[Any] = []
    for column, value in (
        ("fund_id", uid(only.fund)),
        ("branch_id", uid(only.branch)),
        ("currency", only.currency or None),
    ):
        if value is not None:
            condition += f" AND l.{column} = %s"
            chosen.append(value)
    amount = "l.units" if only.currency else "l.base_units"
    moved = _MOVED.format(column=by.column, only=condition, amount=amount)
    values = [uid(book.pk), day(since), day(on), *chosen, *chosen]
    received: dict[UUID, int] = defaultdict(int)
    paid: dict[UUID, int] = defaultdict(int)
    with transaction.atomic(), connection.cursor() as cursor:
        plan_plainly()
        cursor.execute(moved + _WHOLE, values)
        for account, into, out in cursor.fetchall():
            received[as_uuid(account)] += int(into)
            paid[as_uuid(account)] += int(out)
        cursor.execute(moved + _SHARED, values)
        shared = cursor.fetchall()
    for (_entry, _fund, cash), lines in _together(shared).items():
        parts = split(abs(cash), [weight for _account, weight in lines]).parts
        side = received if cash > 0 else paid
        for (account, _weight), units in zip(lines, parts, strict=True):
            side[account] += units
    return received, paid


def _together(
    rows: list[tuple[Any, ...]],
) -> dict[tuple[Any, Any, int], list[tuple[UUID, int]]]:
    found: dict[tuple[Any, Any, int], list[tuple[UUID, int]]] = defaultdict(list)
    for entry, fund, cash, account, weight in rows:
        found[entry, fund, int(cash)].append((as_uuid(account), int(weight)))
    return found
