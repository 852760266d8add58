"""What fell due and what of it was paid, summed in the database, and the ratios of it.

A row fell due as it stood on its day; what was moved afterwards fell due all the same. What a loan
was opened with that goes on with one another lender began is told by that one. A loan taken over as
it stood has no history here: what of it was due before counts as due on its day, paid or not.
What falls due from the day a loan was handed over is told by its successor alone.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from dataclasses import dataclass
from datetime import date
from typing import Any

from handup.ledger.sql import day_literal
from handup.lending.portfolio import IN_FORCE, Loans, came_from_another, fetch, limited
from handup.lending.rules.ratios import Ratio, RatioId

WHOLE = "d.principal_units + d.interest_units + d.fee_units + d.penalty_units"
PARTS = "s.principal_units + s.interest_units + s.fee_units + s.penalty_units"
PAID_ALL = (
    "d.principal_paid_units + d.interest_paid_units + d.fee_paid_units + d.penalty_paid_units"
)
AS_DUE = "d.from_date <= d.due_date AND (d.to_date IS NULL OR d.to_date > d.due_date)"
"""The condition that a row stood on its own day as it is."""


@dataclass(frozen=True, slots=True)
class Due:
    """What fell due in a period and ever by its end, and what of it was paid."""

    loans: int
    due: int
    paid_on_time: int
    on_time_loans: int
    all_loans: int
    principal: int
    principal_paid: int
    ever_due: int


_DUE = """
SELECT COUNT(DISTINCT CASE WHEN q.within = 1 THEN q.loan_id END),
       SUM(CASE WHEN q.within = 1 THEN q.due ELSE 0 END), SUM(q.on_time),
       COUNT(DISTINCT CASE WHEN q.on_time > 0 THEN q.loan_id END), COUNT(DISTINCT q.loan_id),
       SUM(CASE WHEN q.held = 1 THEN q.principal ELSE 0 END), SUM(q.paid), SUM(q.ever)
FROM (
  SELECT r.*, CASE WHEN r.within = 1 THEN {on_time} ELSE 0 END AS on_time,
         CASE WHEN r.held = 1 THEN {paid} ELSE 0 END AS paid,
         CASE WHEN r.fell = 1 THEN r.principal ELSE 0 END AS ever
  FROM (
    SELECT d.number, d.loan_id, d.due_date, d.settled_date, b.opened_by,
           d.principal_units - COALESCE(b.principal, 0) AS principal,
           {whole} - COALESCE(b.units, 0) AS due,
           {all_paid} - COALESCE(b.units, 0) AS all_paid,
           d.principal_paid_units - COALESCE(b.principal, 0) AS principal_paid,
           CASE WHEN {in_force} THEN 1 ELSE 0 END AS held,
           CASE WHEN d.due_date >= {first} AND {as_due} THEN 1 ELSE 0 END AS within,
           CASE WHEN {as_due} OR {came_due} THEN 1 ELSE 0 END AS fell
    FROM lending_loandue d LEFT JOIN ({before}) b
      ON b.loan_id = d.loan_id AND b.number = d.number
    WHERE {rows}{limited}
  ) r
) q
"""
_PAID_OF = """CASE WHEN r.settled_date <= {by} THEN {whole}
 WHEN {any_paid} > 0 THEN COALESCE((SELECT SUM({parts}) FROM lending_paymentsplit s
  WHERE s.loan_id = r.loan_id AND s.number = r.number AND s.replaced_at IS NULL
  AND s.value_date <= {by} AND (r.opened_by IS NULL OR s.event_id <> r.opened_by)), 0) ELSE 0 END"""
_CAME_DUE = """(d.due_date < d.from_date AND d.from_date = (
  SELECT l.opening_date FROM lending_loan l WHERE l.id = d.loan_id)
 AND d.loan_id NOT IN ({other}))"""
_PAID_BEFORE = """SELECT s.loan_id, s.number, s.event_id AS opened_by,
  SUM({parts}) AS units, SUM(s.principal_units) AS principal
 FROM lending_paymentsplit s JOIN lending_loanevent e ON e.id = s.event_id
 WHERE s.loan_id IN ({other}) AND e.kind = 'OPENING_POSITION' AND s.replaced_at IS NULL
 GROUP BY s.loan_id, s.number, s.event_id"""
_ROWS = """d.due_date <= {at} AND d.from_date <= {at} AND d.replaced_at IS NULL
 AND NOT EXISTS (SELECT 1 FROM lending_loan m
  WHERE m.id = d.loan_id AND m.moved_date <= d.due_date)
 AND (b.loan_id IS NULL OR {whole} > b.units)"""


def paid_before() -> str:
    """A SELECT of (loan_id, number, opened_by, units, principal): what the loans that go on with
    another lender's were opened with as paid, row by row.
    """
    return _PAID_BEFORE.format(parts=PARTS, other=came_from_another())


def rows_due(last: date) -> str:
    """The condition that a row (alias d, b: `paid_before` of it) was due by a day and known then,
    and is not one that was paid before its loan went on.
    """
    return _ROWS.format(at=day_literal(last), whole=WHOLE)


def due_between(first: date, last: date, loans: Loans | None = None) -> Due:
    """What fell due in a period, and ever by its end, in one statement."""
    at = day_literal(last)
    condition, values = limited(loans, "d.loan_id")
    sql = _DUE.format(
        first=day_literal(first),
        whole=WHOLE,
        all_paid=PAID_ALL,
        in_force=IN_FORCE.format(at=at),
        as_due=AS_DUE,
        came_due=_CAME_DUE.format(other=came_from_another()),
        before=paid_before(),
        rows=rows_due(last),
        limited=condition,
        on_time=_PAID_OF.format(by="r.due_date", whole="r.due", any_paid="r.all_paid", parts=PARTS),
        paid=_PAID_OF.format(
            by=at, whole="r.principal", any_paid="r.principal_paid", parts="s.principal_units"
        ),
    )
    (row,) = fetch(sql, values)
    return Due(*(int(value or 0) for value in row))


_PAID_BY_DAY = f"""CASE WHEN d.settled_date <= d.due_date THEN {WHOLE}
 WHEN {PAID_ALL} > 0 THEN COALESCE((SELECT SUM({PARTS}) FROM lending_paymentsplit s
  WHERE s.loan_id = d.loan_id AND s.number = d.number AND s.replaced_at IS NULL
  AND s.value_date <= d.due_date), 0) ELSE 0 END - COALESCE(b.units, 0)"""


def due_of(first: date, last: date, *, in_time: bool) -> tuple[str, list[Any]]:
    """A SELECT of the loans with something due in a period, or something of it paid in time."""
    sql = _loans_of(last) + f" AND d.due_date >= {day_literal(first)} AND {AS_DUE}"
    return (f"{sql} AND {_PAID_BY_DAY} > 0" if in_time else sql), []


def ever_due_of(last: date) -> tuple[str, list[Any]]:
    """A SELECT of the loans with anything that was due by a day."""
    return _loans_of(last), []


def _loans_of(last: date) -> str:
    return (
        f"SELECT d.loan_id FROM lending_loandue d LEFT JOIN ({paid_before()}) b"
        f" ON b.loan_id = d.loan_id AND b.number = d.number WHERE {rows_due(last)}"
    )


def on_time(due: Due) -> Ratio:
    """ON_TIME: what was first due in the period and paid by its day / what was first due in it."""
    return Ratio(
        RatioId.ON_TIME,
        due.paid_on_time,
        due.due,
        numerator_loans=due.on_time_loans,
        loans=due.loans,
    )


def repaid_principal(due: Due) -> Ratio:
    """REPAID_PRINCIPAL: principal paid of that due by the cut-off / that due."""
    return Ratio(RatioId.REPAID_PRINCIPAL, due.principal_paid, due.principal, loans=due.all_loans)


def repaid_cumulative(due: Due) -> Ratio:
    """REPAID_CUMULATIVE: principal paid less prepaid / principal that ever fell due.

    A row that fell due and was rescheduled afterwards counts as it was due; REPAID_PRINCIPAL counts
    it as it is due now.
    """
    return Ratio(RatioId.REPAID_CUMULATIVE, due.principal_paid, due.ever_due, loans=due.all_loans)


def recovery_current(received: int, payers: int, due: Due) -> Ratio:
    """RECOVERY_CURRENT: all received in the period / all due in it; may exceed 100 %."""
    return Ratio(
        RatioId.RECOVERY_CURRENT, received, due.due, numerator_loans=payers, loans=due.loans
    )
