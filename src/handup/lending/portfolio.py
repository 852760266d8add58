"""A portfolio as it stood at the end of any day, as one SELECT: principal, how late, overdue.

A row is open on a day unless its last part was paid by then (`settled_date`), so payments are
looked at only for rows that are open and partly paid. `verify` proves it equal to the fold.
Statements that sum over it run in the database: no loan is loaded.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models

from handup.ledger.sql import day_before, day_literal, days_between
from handup.lending.models import Loan

Loans = models.QuerySet[Loan]

WRITTEN_OFF = """SELECT w.loan_id FROM lending_loanevent w WHERE w.kind = 'WRITTEN_OFF'
 AND w.value_date <= {at} AND NOT EXISTS
 (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = w.id)"""

IN_FORCE = """d.replaced_at IS NULL AND d.from_date <= {at}
 AND (d.to_date IS NULL OR d.to_date > {at})"""

STILL_OPEN = """(d.settled_date IS NULL OR d.settled_date > {at})
 AND (d.principal_units + d.interest_units > 0 OR d.fee_units + d.penalty_units > 0)"""

_PAID = """CASE WHEN d.principal_paid_units > 0 THEN COALESCE((
  SELECT CAST(SUM(s.principal_units) AS bigint) FROM lending_paymentsplit s
  WHERE s.loan_id = d.loan_id AND s.number = d.number AND s.replaced_at IS NULL
  AND s.value_date <= {at}), 0) ELSE 0 END"""

_STANDING = """
SELECT o.loan_id, o.principal,
       CASE WHEN o.oldest IS NULL THEN 0 ELSE {late} END AS arrears_days, o.overdue_principal
FROM (
  SELECT q.loan_id, CAST(SUM(q.owed) AS bigint) AS principal,
         MIN(CASE WHEN q.due_date < {at} THEN q.due_date END) AS oldest,
         CAST(SUM(CASE WHEN q.due_date < {at} THEN q.owed ELSE 0 END) AS bigint)
           AS overdue_principal
  FROM (
    SELECT d.loan_id, d.due_date, d.principal_units - {paid} AS owed
    FROM lending_loandue d
    WHERE {in_force} AND {still_open}{limited}
  ) q
  GROUP BY q.loan_id
) o
WHERE o.loan_id NOT IN ({written_off})
"""


def limited(loans: Loans | None, column: str) -> tuple[str, list[Any]]:
    """The condition that a row belongs to one of the loans, and its values."""
    if loans is None or not (loans.query.has_filters() or loans.query.is_sliced):
        return "", []
    try:
        sql, values = loans.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return " AND 1 = 0", []
    return f" AND {column} IN ({sql})", list(values)


def days_late(oldest: str, at: str, loan: str) -> str:
    """The days from a due date to a day, those of a moratorium left out, as `rules/state.py` counts
    them; `oldest` not null.
    """
    least, greatest = ("LEAST", "GREATEST") if connection.vendor == "postgresql" else ("MIN", "MAX")
    begins = f"{greatest}({day_before('z.first_date')}, {oldest})"
    ends = f"{least}(z.last_date, {at})"
    return (
        f"({days_between(oldest, at)} - COALESCE((SELECT SUM({days_between(begins, ends)})"
        f" FROM lending_loanpause z WHERE z.loan_id = {loan} AND z.replaced_at IS NULL"
        f" AND z.first_date <= {at} AND z.last_date > {oldest}), 0))"
    )


def restructured_by(on: date) -> str:
    """The condition that a loan (alias l) was restructured or refinanced by the end of a day."""
    return f"COALESCE(l.restructured_date <= {day_literal(on)}, FALSE)"


def standing(on: date, loans: Loans | None = None) -> tuple[str, list[Any]]:
    """A SELECT of (loan_id, principal, arrears_days, overdue_principal): every loan that owes
    something at the end of a day and is not written off.
    """
    at = day_literal(on)
    condition, values = limited(loans, "d.loan_id")
    sql = _STANDING.format(
        at=at,
        late=days_late("o.oldest", at, "o.loan_id"),
        paid=_PAID.format(at=at),
        in_force=IN_FORCE.format(at=at),
        still_open=STILL_OPEN.format(at=at),
        limited=condition,
        written_off=WRITTEN_OFF.format(at=at),
    )
    return sql, values
