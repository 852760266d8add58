"""A portfolio as it stood at the end of any day, as one SELECT: principal, how late, overdue.

No schedule is added up. What a loan owed is what was lent less what was paid by the day, or what it
owes now and what was paid since, whichever payments are fewer; how late it was is told by the rows
that were ever late, which have an index of their own. A loan to which a change added principal, or
took it away, is read from its dated rows. `verify` proves it all equal to the fold. Statements that
sum over it run in the database: no loan is loaded.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection, models, transaction

from handup.ledger.sql import (
    FENCE,
    day_before,
    day_literal,
    days_between,
    plan_plainly,
    unindexed,
)
from handup.lending.following import NOT_TOLD_BY_ROWS, Stood, stood, told
from handup.lending.models import Loan
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import RECEIVED_KINDS

Loans = models.QuerySet[Loan]
_INSURED = EventKind.INSURANCE_PAID.value

WRITTEN_OFF = """SELECT w.loan_id FROM lending_loanevent w WHERE w.kind = 'WRITTEN_OFF'
 AND w.value_date <= {at} AND NOT EXISTS
 (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = w.id)"""

TAKEN_ON = "(l.opening_date IS NULL OR l.opening_date <= {at})"
"""A loan that was taken over stands here since then: of the days before, only whoever kept it can
tell.
"""
KEPT_HERE = "(l.moved_date IS NULL OR l.moved_date > {at})"
"""A loan that was handed over stands here until then: of the days after, only its successor can
tell. What fell due before it went goes on counting as it stood.
"""
STARTED = f"l.disbursed_date <= {{at}} AND {TAKEN_ON} AND {KEPT_HERE}"
ENDED_HERE = "(l.moved_date IS NULL OR l.settled_date IS NOT NULL OR {last_due} < l.moved_date)"
"""Whether this house knows how a loan ended: it was repaid here, or its last row fell due here."""

IN_FORCE = """d.replaced_at IS NULL AND d.from_date <= {at}
 AND (d.to_date IS NULL OR d.to_date > {at})"""

STILL_OPEN = """(d.settled_date IS NULL OR d.settled_date > {at})
 AND (d.principal_units + d.interest_units > 0 OR d.fee_units + d.penalty_units > 0)"""

_TOLERANT = "SELECT y.id FROM lending_loan y WHERE y.arrears_tolerance_units > 0"

_TOLERATED = f"""d.loan_id IN ({_TOLERANT})
 AND d.principal_units + d.interest_units + d.fee_units + d.penalty_units
 - COALESCE((SELECT CAST(SUM(s.principal_units + s.interest_units + s.fee_units + s.penalty_units)
  AS bigint) FROM lending_paymentsplit s WHERE s.loan_id = d.loan_id AND s.value_date <= {{at}}
  AND s.number = d.number AND s.replaced_at IS NULL), 0)
 <= (SELECT y.arrears_tolerance_units FROM lending_loan y WHERE y.id = d.loan_id)"""
"""The few loans whose terms let a row be late only when more than so much of it is unpaid."""

YOUNG = timedelta(days=183)
"""A loan paid out so shortly before a day has fewer payments before the day than after it."""

_PAID = """COALESCE((SELECT CAST(SUM(s.principal_units) AS bigint) FROM lending_paymentsplit s
  WHERE s.loan_id = l.id AND s.value_date {than} {at} AND s.replaced_at IS NULL), 0)"""

_LENT_BY_ROWS = """(SELECT CAST(SUM(d.principal_units) AS bigint) FROM lending_loandue d
  WHERE d.loan_id = l.id AND {in_force})"""

_LENT_AFTER = """COALESCE((SELECT CAST(SUM(e.units) AS bigint) FROM lending_loanevent e
  WHERE e.loan_id = l.id AND e.kind = 'DISBURSED' AND e.value_date > {at}
  AND NOT EXISTS (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = e.id)), 0)"""

_PRINCIPAL = """CASE
  WHEN l.last_value_date <= {at} THEN l.principal_units
  WHEN l.changed AND (l.capitalised_units > 0 OR l.state = 'TRANSFERRED')
    THEN {lent_by_rows} - {paid_by}
  WHEN l.changed THEN l.disbursed_units - {lent_after} - {paid_by}
  WHEN l.disbursed_date > {young} THEN l.disbursed_units + l.capitalised_units - {paid_by}
  ELSE l.principal_units + l.written_off_units + {paid_after} END"""

_OWED = """d.principal_units - CASE WHEN d.principal_paid_units > 0 THEN COALESCE((
  SELECT CAST(SUM(s.principal_units) AS bigint) FROM lending_paymentsplit s
  WHERE s.loan_id = d.loan_id AND s.value_date <= {at} AND s.number = d.number
  AND s.replaced_at IS NULL), 0) ELSE 0 END"""

_LATE = """SELECT d.loan_id, MIN(d.due_date) AS oldest{owed} FROM lending_loandue d
 WHERE d.due_date < {at} AND {in_force} AND {still_open}
 AND (d.settled_date IS NULL OR d.settled_date > d.due_date) AND NOT ({tolerated})
 GROUP BY {loan}"""

_STANDING = """
SELECT p.*, CASE WHEN t.oldest IS NULL THEN 0 ELSE {late_days} END AS arrears_days,
       COALESCE(t.owed, 0) AS overdue_principal
FROM (
  SELECT l.id AS loan_id, {principal} AS principal{also} FROM lending_loan l
  WHERE {started} AND (l.settled_date IS NULL OR l.settled_date > {at})
    AND l.id NOT IN ({written_off}) AND NOT {not_told}{limited}
  {fence}
) p LEFT JOIN ({late}) t ON t.loan_id = p.loan_id
WHERE p.principal > 0 OR t.oldest IS NOT NULL
{fence}
"""


def fetch(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement over a whole portfolio."""
    with transaction.atomic(), connection.cursor() as cursor:
        plan_plainly()
        cursor.execute(sql, list(values))
        return list(cursor.fetchall())


def not_reversed(alias: str) -> str:
    """The condition that an event was not taken back."""
    return f"NOT EXISTS (SELECT 1 FROM lending_loanevent x WHERE x.reverses_id = {alias}.id)"


def money_in(alias: str, first: date, last: date) -> str:
    """The condition that an event is money of a borrower that came in a period, and was not taken
    back: what an insurer paid came after the day it counts from (`received_on`).
    """
    day, came = f"{alias}.value_date", f"{alias}.payload ->> 'received_date'"
    kinds = ", ".join(f"'{kind}'" for kind in RECEIVED_KINDS if kind != _INSURED)
    return (
        f"({alias}.kind IN ({kinds}) AND {day} >= {day_literal(first)}"
        f" AND {day} <= {day_literal(last)} OR {alias}.kind = '{_INSURED}'"
        f" AND {day} <= {day_literal(last)} AND {came} >= '{first.isoformat()}'"
        f" AND {came} <= '{last.isoformat()}') AND {not_reversed(alias)}"
    )


def tells(column: str, key: str) -> str:
    """The condition that what is told of an event names something."""
    if connection.vendor == "postgresql":
        return f"({column} -> '{key}') IS NOT NULL"
    return f"json_type({column}, '$.{key}') IS NOT NULL"


def came_from_another() -> str:
    """A SELECT of the loans that go on with one another lender began: what they were opened with is
    that one's, told there as well.
    """
    return (
        "SELECT o.loan_id FROM lending_loanevent o WHERE o.kind = 'OPENING_POSITION'"
        f" AND {tells('o.payload', 'from')} AND {not_reversed('o')}"
    )


def went_on(on: date) -> str:
    """A SELECT of the loans that had gone on under another lender by the end of a day: where loans
    are counted, each is counted once.
    """
    return (
        "SELECT o.loan_id FROM lending_loanevent o WHERE o.kind = 'TRANSFERRED'"
        f" AND o.value_date <= {day_literal(on)} AND {tells('o.payload', 'into')}"
        f" AND {not_reversed('o')}"
    )


def limited(loans: Loans | None, column: str) -> tuple[str, list[Any]]:
    """The condition that a row belongs to one of the loans, and its values."""
    if loans is None or not (loans.query.has_filters() or loans.query.is_sliced):
        return "", []
    try:
        sql, values = loans.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return " AND 1 = 0", []
    return f" AND {column} IN ({sql})", list(values)


def among(loans: Loans | None) -> tuple[str, list[Any]]:
    """The condition that a loan (alias l) is one of the loans, and its values: their own conditions
    where these ask for columns of the loan alone, which spares a list of all of them.
    """
    if loans is None:
        return "", []
    query = loans.query.chain()
    used = [alias for alias, count in query.alias_refcount.items() if count]
    if query.is_sliced or query.distinct or query.group_by or len(used) > 1:
        return limited(loans, "l.id")
    if not query.has_filters():
        return "", []
    query.change_aliases({Loan._meta.db_table: "l"})
    try:
        sql, values = query.get_compiler(connection=connection).compile(query.where)
    except EmptyResultSet:
        return " AND 1 = 0", []
    except FullResultSet:
        return "", []
    return f" AND {sql}", list(values)


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


def restructured_by(on: date, loan: str = "l") -> str:
    """The condition that a loan was restructured or refinanced by the end of a day."""
    return f"COALESCE({loan}.restructured_date <= {day_literal(on)}, FALSE)"


def counts_as_risk(on: date, loan: str = "l", key: str = "id") -> str:
    """The condition that a loan counts as at risk on a day because it was restructured or
    refinanced, late or not: as long as its terms say (E1 `restructured_in_par`).
    """
    at = day_literal(on)
    return (
        f"({restructured_by(on, loan)} AND NOT EXISTS (SELECT 1 FROM lending_loancure c"
        f" WHERE c.loan_id = {loan}.{key} AND c.replaced_at IS NULL AND c.first_date <= {at}"
        f" AND (c.last_date IS NULL OR c.last_date >= {at})))"
    )


def last_agreed(on: date) -> str:
    """The last due date agreed by the end of a day, of a loan (alias l): the loan's own, but for
    one of which a later change moved it.
    """
    return (
        "COALESCE((SELECT n.due_date FROM lending_loanend n WHERE n.loan_id = l.id"
        f" AND n.replaced_at IS NULL AND n.to_date > {day_literal(on)}"
        " ORDER BY n.to_date LIMIT 1), l.last_due_date)"
    )


def late_rows(on: date, *, owed: bool = False) -> str:
    """A SELECT of (loan_id, oldest) of the loans with anything past due at the end of a day, and
    with the principal past due (owed).
    """
    at = day_literal(on)
    unpaid = f", CAST(SUM({_OWED.format(at=at)}) AS bigint) AS owed" if owed else ""
    return _LATE.format(
        at=at,
        owed=unpaid,
        loan=unindexed("d.loan_id"),
        in_force=IN_FORCE.format(at=at),
        still_open=STILL_OPEN.format(at=at),
        tolerated=_TOLERATED.format(at=at),
    )


def standing(
    on: date, loans: Loans | None = None, also: Sequence[str] = ()
) -> tuple[str, list[Any]]:
    """A SELECT of (loan_id, principal, further columns of the loan, arrears_days,
    overdue_principal): every loan that owes something at the end of a day and is not written off.
    """
    at = day_literal(on)
    condition, values = among(loans)
    principal = _PRINCIPAL.format(
        at=at,
        young=day_literal(on - YOUNG),
        paid_by=_PAID.format(than="<=", at=at),
        paid_after=_PAID.format(than=">", at=at),
        lent_by_rows=_LENT_BY_ROWS.format(in_force=IN_FORCE.format(at=at)),
        lent_after=_LENT_AFTER.format(at=at),
    )
    sql = _STANDING.format(
        at=at,
        started=STARTED.format(at=at),
        principal=principal,
        also="".join(f", l.{name}" for name in also),
        late=late_rows(on, owed=True),
        late_days=days_late("t.oldest", at, "t.loan_id"),
        limited=condition,
        written_off=WRITTEN_OFF.format(at=at),
        not_told=NOT_TOLD_BY_ROWS,
        fence=FENCE,
    )
    folded = stood(on, loans)
    return (sql, values) if not folded else _with_folded(sql, values, folded, also)


def _with_folded(
    sql: str, values: list[Any], folded: Sequence[Stood], also: Sequence[str]
) -> tuple[str, list[Any]]:
    """The same SELECT with the loans that only the fold can tell of."""
    columns = (
        *(("loan_id", "id"), ("principal", "units")),
        *(("arrears_days", "days"), ("overdue_principal", "units")),
    )
    rows = [
        (item.loan_id, item.principal, item.arrears_days, item.overdue_principal) for item in folded
    ]
    told_rows, text = told(columns, rows)
    of_loan = "".join(f", l.{name}" for name in also)
    return (
        f"SELECT * FROM ({sql}) m UNION ALL SELECT f.loan_id, f.principal{of_loan},"
        f" f.arrears_days, f.overdue_principal FROM ({told_rows}) f"
        " JOIN lending_loan l ON l.id = f.loan_id",
        [*values, text],
    )
