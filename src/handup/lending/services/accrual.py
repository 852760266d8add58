"""The interest earned and the fees due of every loan of a book, each as one SELECT over the dated
rows, for the ledger's runs. `verify` proves it equal to the fold (`rules/accrual.py`).
"""

from datetime import date
from typing import Any

from handup.ledger.models import Book
from handup.ledger.rules.words import UNRESTRICTED_ID, RunKind
from handup.ledger.runs import Provider, Statement, stored_before
from handup.ledger.sql import day_literal, days_between, places, uid, uid_literal
from handup.lending.models import Loan, LoanDue
from handup.lending.portfolio import IN_FORCE, STILL_OPEN, WRITTEN_OFF, days_late
from handup.lending.rules.accrual import ENGINE_VERSION, SUSPEND_AFTER_DAYS
from handup.lending.rules.codes import OWN_MODES
from handup.org.models import Setting

SUSPEND_KEY = "lending.suspend_after_days"

_ACCRUAL = """
WITH per_loan AS MATERIALIZED (
  SELECT d.loan_id, CAST(SUM(CASE WHEN d.due_date <= {at} THEN d.interest_units ELSE 0 END)
           AS bigint) AS due,
         CAST(SUM(d.interest_units) AS bigint) AS whole,
         MAX(CASE WHEN d.due_date <= {at} THEN d.due_date END) AS last_date,
         MIN(CASE WHEN d.due_date > {at} THEN d.due_date END) AS next_date,
         MIN(CASE WHEN d.due_date < {at} AND {still_open} THEN d.due_date END) AS oldest
  FROM lending_loandue d
  WHERE {in_force} GROUP BY d.loan_id
), anew AS MATERIALIZED (
  SELECT w.loan_id, MAX(w.value_date) AS restart FROM lending_loanevent w
  WHERE w.kind = 'RESTRUCTURED' AND w.value_date <= {at} AND NOT EXISTS
    (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = w.id)
  GROUP BY w.loan_id
), earning AS MATERIALIZED (
  SELECT l.id, l.office_id, l.product_version_id, l.currency, l.settled_date, p.due, p.whole,
         p.oldest, p.next_date,
         CASE WHEN {restarted} THEN a.restart ELSE COALESCE(p.last_date, l.disbursed_date) END
           AS starts,
         CASE WHEN {restarted} AND p.next_date IS NOT NULL THEN COALESCE((
           SELECT x.units FROM lending_eventeffect x
           WHERE x.loan_id = l.id AND x.what = 'CARRIED' AND x.component = 'INTEREST'
             AND x.replaced_at IS NULL AND x.value_date = a.restart
           ORDER BY x.id DESC LIMIT 1), 0) ELSE 0 END AS carried,
         CASE WHEN p.next_date IS NOT NULL THEN (
           SELECT CAST(SUM(d.interest_units) AS bigint) FROM lending_loandue d
           WHERE d.loan_id = l.id AND d.due_date = p.next_date AND {in_force}) END AS current,
         l.id IN ({written_off}) AS written_off
  FROM lending_lender n JOIN lending_loan l ON l.lender_id = n.id
    JOIN per_loan p ON p.loan_id = l.id LEFT JOIN anew a ON a.loan_id = l.id
  WHERE n.book_id = %s AND n.mode IN ({modes})
), standing AS MATERIALIZED (
  SELECT e.*, {days} AS days, {elapsed} AS elapsed,
         CASE WHEN e.written_off OR e.oldest IS NULL OR {late} <= 0 THEN FALSE
           WHEN {late} > {limit} THEN TRUE ELSE COALESCE({rested}, FALSE) END AS stopped
  FROM earning e
), counted AS MATERIALIZED (
  SELECT g.*, g.due + g.carried
         + CASE WHEN g.next_date IS NULL OR g.elapsed <= 0 THEN 0 ELSE
           (g.current - g.carried) / g.days * g.elapsed
           + (2 * ((g.current - g.carried) %% g.days) * g.elapsed + g.days) / (2 * g.days) END
           AS accrued
  FROM standing g
)
SELECT c.id AS subject_id, c.office_id AS branch_id, v.product_id, {fund} AS fund_id, c.currency,
       c.accrued AS basis_units, 0 AS rate_bps, c.stopped, COALESCE(k.units, 0) +
       CASE WHEN c.stopped OR c.written_off THEN COALESCE((
         SELECT CAST(SUM(s.interest_units) AS bigint) FROM lending_paymentsplit s
         WHERE s.loan_id = c.id AND s.value_date <= {at} AND s.replaced_at IS NULL), 0)
         WHEN c.settled_date <= {at} THEN c.whole ELSE c.accrued END AS target_units
FROM counted c LEFT JOIN lending_productversion v ON v.id = c.product_version_id
  LEFT JOIN (
    SELECT x.loan_id, CAST(SUM(x.units) AS bigint) AS units FROM lending_eventeffect x
    WHERE x.what IN ('CAPITALISED', 'HANDED_OVER') AND x.component = 'INTEREST'
      AND x.replaced_at IS NULL AND x.value_date <= {at} GROUP BY x.loan_id
  ) k ON k.loan_id = c.id
"""


_RESTARTED = "a.restart >= COALESCE(p.last_date, l.disbursed_date)"


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
        fund=uid_literal(UNRESTRICTED_ID),
        at=at,
        late=days_late("e.oldest", at, "e.id"),
        limit=limit,
        days=days_between("e.starts", "e.next_date"),
        elapsed=days_between("e.starts", at),
        rested=stored_before("stopped", "e.id", book, RunKind.ACCRUAL, through),
        written_off=WRITTEN_OFF.format(at=at),
        modes=places(OWN_MODES),
        in_force=IN_FORCE.format(at=at),
        restarted=_RESTARTED,
        still_open=STILL_OPEN.format(at=at),
    )
    return Statement(sql, [uid(book.pk), *OWN_MODES], f"suspend after {limit}")


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
  SELECT l.id, l.office_id, l.product_version_id, l.currency, l.settled_date, p.due, p.whole,
         p.kept, l.id IN ({written_off}) AS written_off
  FROM lending_lender n JOIN lending_loan l ON l.lender_id = n.id
    JOIN per_loan p ON p.loan_id = l.id
  WHERE n.book_id = %s AND n.mode IN ({modes})
)
SELECT a.id AS subject_id, a.office_id AS branch_id, v.product_id, {fund} AS fund_id, a.currency,
       a.due AS basis_units, 0 AS rate_bps, FALSE AS stopped,
       CASE WHEN a.written_off THEN a.kept WHEN a.settled_date <= {at} THEN a.whole ELSE a.due
         END AS target_units
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
    sql = _FEES.format(
        fund=uid_literal(UNRESTRICTED_ID),
        at=at,
        written_off=WRITTEN_OFF.format(at=at),
        modes=places(OWN_MODES),
        in_force=IN_FORCE.format(at=at),
    )
    return Statement(sql, [uid(book.pk), *OWN_MODES])


PROVIDER = Provider(RunKind.ACCRUAL, "loan", "loan_product", ENGINE_VERSION, accrual_targets)
FEES = Provider(RunKind.FEES, "loan", "loan_product", ENGINE_VERSION, fee_targets)
