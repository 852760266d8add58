"""The interest earned and the fees due of every loan of a book, each as one SELECT over the dated
rows, for the ledger's runs. `verify` proves it equal to the fold (`rules/accrual.py`), which itself
works out what loans have earned whose interest follows the balance.
"""

# ruff: noqa: S608 (the statements are put together from names of this house only)

from datetime import date
from typing import Any

from django.db import connection

from handup.ledger.models import Book
from handup.ledger.rules.words import RunKind
from handup.ledger.runs import Provider, Statement, stored_before
from handup.ledger.sql import FENCE, day_literal, days_between, places, uid, unindexed
from handup.lending.following import states, told
from handup.lending.models import Loan, LoanDue
from handup.lending.portfolio import IN_FORCE, WRITTEN_OFF, days_late, late_rows
from handup.lending.rules.accrual import ENGINE_VERSION, SUSPEND_AFTER_DAYS, earned
from handup.lending.rules.codes import OWN_MODES
from handup.org.models import Setting

SUSPEND_KEY = "lending.suspend_after_days"
NEVER = 10**9
"""Days late after which no loan's interest rests."""

_ACCRUAL = """
SELECT c.id AS subject_id, c.office_id AS branch_id, v.product_id, c.fund_id, c.currency,
       c.accrued AS basis_units, 0 AS rate_bps, c.stopped, COALESCE(k.units, 0) +
       CASE WHEN c.stopped OR c.written_off THEN COALESCE((
         SELECT CAST(SUM(s.interest_units) AS bigint) FROM lending_paymentsplit s
         WHERE s.loan_id = c.id AND s.value_date <= {at} AND s.replaced_at IS NULL), 0)
         ELSE c.accrued END AS target_units
FROM (
  SELECT g.*, CASE WHEN g.next_date IS NULL THEN g.due
           WHEN g.elapsed <= 0 THEN g.due + g.carried
           ELSE g.due + g.carried + (g.current - g.carried) / g.days * g.elapsed
             + (2 * ((g.current - g.carried) %% g.days) * g.elapsed + g.days) / (2 * g.days) END
           AS accrued
  FROM (
    SELECT e.*, {days} AS days, {elapsed} AS elapsed,
           CASE WHEN e.written_off OR e.late <= 0 THEN FALSE
             WHEN e.late > {limit} THEN TRUE ELSE COALESCE({rested}, FALSE) END AS stopped
    FROM (
      SELECT b.*, CASE WHEN t.oldest IS NULL THEN 0 ELSE {late} END AS late,
             CASE WHEN {restarted} THEN a.restart ELSE b.began END AS starts,
             CASE WHEN {restarted} THEN COALESCE((
               SELECT x.units FROM lending_eventeffect x
               WHERE x.loan_id = b.id AND x.what = 'CARRIED' AND x.component = 'INTEREST'
                 AND x.replaced_at IS NULL AND x.event_id = ({last})), 0) ELSE 0 END AS carried,
             b.id IN ({written_off}) AS written_off
      FROM ({loans} {fence}) b LEFT JOIN ({late_rows}) t ON t.loan_id = b.id
        LEFT JOIN ({anew}) a ON a.loan_id = b.id
      {fence}
    ) e
    {fence}
  ) g
  {fence}
) c LEFT JOIN lending_productversion v ON v.id = c.product_version_id
  LEFT JOIN (
    SELECT x.loan_id, CAST(SUM(x.units) AS bigint) AS units FROM lending_eventeffect x
    WHERE x.what IN ('CAPITALISED', 'HANDED_OVER') AND x.component = 'INTEREST'
      AND x.replaced_at IS NULL AND x.value_date <= {at} GROUP BY x.loan_id
  ) k ON k.loan_id = c.id
"""
_RESTARTED = "b.next_date IS NOT NULL AND a.restart >= b.began"
_ANEW = """SELECT w.loan_id, MAX(w.value_date) AS restart FROM lending_loanevent w
 WHERE w.kind = 'RESTRUCTURED' AND w.value_date <= {at} AND NOT EXISTS
   (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = w.id) GROUP BY {loan}"""
_LAST = """SELECT w.id FROM lending_loanevent w WHERE w.loan_id = b.id AND w.kind = 'RESTRUCTURED'
 AND w.value_date = a.restart AND NOT EXISTS
   (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = w.id)
 ORDER BY w.recorded_at DESC, w.id DESC LIMIT 1"""

# Of each loan: the interest of its rows due by the day (of one repaid, of all its rows), when the
# current row began, when it is due and its interest. The schedule's index holds all of it.
_LOANS = """SELECT l.id, l.office_id, l.product_version_id, l.fund_id, l.currency, {columns}
 FROM lending_lender n JOIN lending_loan l ON l.lender_id = n.id {joined}
 WHERE n.book_id = %s AND n.mode IN ({modes}) AND l.disbursed_date <= {at}
 AND NOT l.follows_balance"""
_OF_LOAN = "FROM lending_loandue d WHERE d.loan_id = l.id AND {in_force}"
_REPAID = """(l.settled_date <= {at} OR (l.changed AND l.state IN ('ACTIVE', 'SETTLED')
 AND NOT EXISTS (SELECT 1 {of_loan} AND (d.settled_date IS NULL OR d.settled_date > {at})
   AND d.principal_units + d.interest_units + d.fee_units + d.penalty_units > 0)))"""
# The second: repaid by then, and opened again since.
_UNTIL = f"CASE WHEN {_REPAID} THEN {{ever}} ELSE {{at}} END"
_NEXT = "{of_loan} AND d.due_date > {until} GROUP BY d.due_date ORDER BY d.due_date LIMIT 1"
_SQLITE_COLUMNS = """
  COALESCE((SELECT SUM(d.interest_units) {of_loan} AND d.due_date <= {until}), 0) AS due,
  COALESCE((SELECT MAX(d.due_date) {of_loan} AND d.due_date <= {until}), l.disbursed_date) AS began,
  (SELECT MIN(d.due_date) {of_loan} AND d.due_date > {until}) AS next_date,
  (SELECT SUM(d.interest_units) {next}) AS current"""
_POSTGRESQL_COLUMNS = """
  COALESCE(h.due, 0) AS due, COALESCE(h.last, l.disbursed_date) AS began, f.next_date, f.current"""
_POSTGRESQL_JOINED = """
  LEFT JOIN LATERAL (
    SELECT CAST(SUM(d.interest_units) AS bigint) AS due, MAX(d.due_date) AS last
    {of_loan} AND d.due_date <= {until}) h ON TRUE
  LEFT JOIN LATERAL (
    SELECT d.due_date AS next_date, CAST(SUM(d.interest_units) AS bigint) AS current
    {next}) f ON TRUE"""


def _loans(at: str) -> str:
    native = connection.vendor == "postgresql"
    of_loan = _OF_LOAN.format(in_force=IN_FORCE.format(at=at))
    until = _UNTIL.format(at=at, of_loan=of_loan, ever=day_literal(date.max))
    told = {"of_loan": of_loan, "until": until, "next": _NEXT.format(of_loan=of_loan, until=until)}
    columns = _POSTGRESQL_COLUMNS if native else _SQLITE_COLUMNS
    return _LOANS.format(
        at=at,
        columns=columns.format(**told),
        joined=_POSTGRESQL_JOINED.format(**told) if native else "",
        modes=places(OWN_MODES),
    )


def suspend_after_days() -> int:
    """After how many days late interest rests; set by the institution."""
    value: Any = Setting.objects.filter(key=SUSPEND_KEY).values_list("value", flat=True).first()
    return value if isinstance(value, int) and value >= 0 else SUSPEND_AFTER_DAYS


def accrual_targets(book: Book, through: date) -> Statement | None:
    """What every own loan of a book has earned by the end of a day; None where it has no loans."""
    if not Loan.objects.filter(lender__book=book, lender__mode__in=OWN_MODES).exists():
        return None
    at = day_literal(through)
    limit = suspend_after_days()
    sql = _ACCRUAL.format(
        at=at,
        late=days_late("t.oldest", at, "b.id"),
        limit=limit,
        days=days_between("e.starts", "e.next_date"),
        elapsed=days_between("e.starts", at),
        rested=stored_before("stopped", "e.id", book, RunKind.ACCRUAL, through),
        written_off=WRITTEN_OFF.format(at=at),
        restarted=_RESTARTED,
        last=_LAST,
        loans=_loans(at),
        late_rows=late_rows(through),
        anew=_ANEW.format(at=at, loan=unindexed("w.loan_id")),
        fence=FENCE,
    )
    values: list[Any] = [uid(book.pk), *OWN_MODES]
    following = _by_balance(book, through, limit)
    if following is not None:
        sql, values = f"SELECT * FROM ({sql}) m UNION ALL {following[0]}", [*values, following[1]]
    return Statement(sql, values, f"suspend after {limit}")


_BY_BALANCE = """
SELECT l.id, l.office_id, v.product_id, l.fund_id, l.currency, x.accrued, 0, x.stopped,
       CASE WHEN x.stopped THEN x.received ELSE x.accrued END
FROM (
  SELECT f.*, CASE WHEN f.late <= 0 THEN FALSE WHEN f.late > {limit} THEN TRUE
    ELSE COALESCE({rested}, FALSE) END AS stopped FROM ({rows}) f {fence}
) x JOIN lending_loan l ON l.id = x.loan_id
  LEFT JOIN lending_productversion v ON v.id = l.product_version_id
"""
_TOLD = (("loan_id", "id"), ("accrued", "units"), ("received", "units"), ("late", "days"))


def _by_balance(book: Book, through: date, limit: int) -> tuple[str, str] | None:
    """The SELECT of the loans of a book whose interest follows the balance, and its value; None
    where there are none.
    """
    loans = Loan.objects.filter(
        follows_balance=True,
        lender__book=book,
        lender__mode__in=OWN_MODES,
        disbursed_date__lte=through,
    )
    rows = []
    for loan, state in states(loans, through):
        running = earned(state, through, suspend_after_days=NEVER)
        resting = earned(state, through, rested=True)
        late = state.arrears_days(through)
        rows.append((loan.pk, running.target_units, resting.target_units, late))
    if not rows:
        return None
    made, text = told(_TOLD, rows)
    rested = stored_before("stopped", "f.loan_id", book, RunKind.ACCRUAL, through)
    return _BY_BALANCE.format(limit=limit, rested=rested, rows=made, fence=FENCE), text


_FEES = """
WITH per_loan AS MATERIALIZED (
  SELECT d.loan_id, CAST(SUM(CASE WHEN d.due_date <= {at} THEN d.tariff_units ELSE 0 END)
           AS bigint) AS due, CAST(SUM(d.tariff_units) AS bigint) AS whole,
         CAST(SUM(CASE WHEN d.fee_units - d.fee_paid_units < d.tariff_units
           THEN d.tariff_units - d.fee_units + d.fee_paid_units ELSE 0 END) AS bigint) AS kept
  FROM lending_loandue d
  WHERE {in_force} AND d.loan_id IN (
    SELECT t.loan_id FROM lending_loandue t WHERE t.tariff_units > 0)
  GROUP BY d.loan_id
), asked AS MATERIALIZED (
  SELECT l.id, l.office_id, l.product_version_id, l.fund_id, l.currency, {repaid} AS repaid,
         p.due, p.whole, p.kept, l.id IN ({written_off}) AS written_off
  FROM lending_lender n JOIN lending_loan l ON l.lender_id = n.id
    JOIN per_loan p ON p.loan_id = l.id
  WHERE n.book_id = %s AND n.mode IN ({modes})
)
SELECT a.id AS subject_id, a.office_id AS branch_id, v.product_id, a.fund_id, a.currency,
       a.due AS basis_units, 0 AS rate_bps, FALSE AS stopped,
       CASE WHEN a.written_off THEN a.kept WHEN a.repaid THEN a.whole ELSE a.due END
         AS target_units
FROM asked a LEFT JOIN lending_productversion v ON v.id = a.product_version_id
"""


def fee_targets(book: Book, through: date) -> Statement | None:
    """What the fee tables of every own loan of a book asked by the end of a day; None where no loan
    has such a fee.
    """
    rows = LoanDue.objects.filter(
        tariff_units__gt=0, loan__lender__book=book, loan__lender__mode__in=OWN_MODES
    )
    if not rows.exists():
        return None
    at = day_literal(through)
    in_force = IN_FORCE.format(at=at)
    sql = _FEES.format(
        at=at,
        repaid=_REPAID.format(at=at, of_loan=_OF_LOAN.format(in_force=in_force)),
        written_off=WRITTEN_OFF.format(at=at),
        modes=places(OWN_MODES),
        in_force=in_force,
    )
    return Statement(sql, [uid(book.pk), *OWN_MODES])


PROVIDER = Provider(RunKind.ACCRUAL, "loan", "loan_product", ENGINE_VERSION, accrual_targets)
FEES = Provider(RunKind.FEES, "loan", "loan_product", ENGINE_VERSION, fee_targets)
