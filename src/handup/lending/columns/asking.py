"""The portfolio of a past day from the copy in columns: what `portfolio.standing` and
`figures.cube` ask the database, written for an engine that reads whole columns and joins them once
instead of looking each loan up. Equal to the unit; a test states it for changed loans too.
"""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from handup.lending.columns.copying import HELD
from handup.lending.columns.place import TABLES, Copy, current, engine
from handup.lending.portfolio import IN_FORCE, STARTED, STILL_OPEN, YOUNG, Loans, among
from handup.lending.rules.ratios import AGEING

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of a cube, and when the copy was made that they come from."""

    rows: list[Row]
    made_at: datetime


# What is told of a loan is added up once: `oldest` and `owed` of its late rows, what was paid
# `after` the day, and `until` the day what was lent less what was paid. Which of them makes its
# principal from its `base` is its `way`, as in `portfolio.standing`.
_CUBE = """
WITH l AS (
  SELECT l.id, l.kind, l.quarter, COALESCE(l.restructured_date <= {at}, FALSE) AND l.id NOT IN (
      SELECT c.loan_id FROM cure c
      WHERE c.first_date <= {at} AND (c.last_date IS NULL OR c.last_date >= {at})) AS marked,
    CASE WHEN l.last_value_date <= {at} THEN 'NOW'
      WHEN l.changed AND (l.capitalised_units > 0 OR l.state = 'TRANSFERRED') THEN 'ROWS'
      WHEN l.changed THEN 'LENT'
      WHEN l.disbursed_date > {young} THEN 'YOUNG' ELSE 'AFTER' END AS way,
    CASE way WHEN 'NOW' THEN l.principal_units WHEN 'ROWS' THEN 0 WHEN 'LENT' THEN l.disbursed_units
      WHEN 'YOUNG' THEN l.disbursed_units + l.capitalised_units
      ELSE l.principal_units + l.written_off_units END AS base
  FROM loan l WHERE {started} AND (l.settled_date IS NULL OR l.settled_date > {at})
    AND l.id NOT IN (
      SELECT w.loan_id FROM event w WHERE w.kind = 'WRITTEN_OFF' AND w.value_date <= {at}){limited}
), unpaid AS (
  SELECT d.loan_id, d.number, d.due_date, d.principal_units, d.principal_paid_units,
    d.principal_units + d.interest_units + d.fee_units + d.penalty_units AS units FROM due d
  WHERE d.due_date < {at} AND {in_force} AND {still_open}
    AND (d.settled_date IS NULL OR d.settled_date > d.due_date)
), tolerated AS (
  SELECT u.loan_id, u.number FROM unpaid u
    JOIN loan y ON y.id = u.loan_id AND y.arrears_tolerance_units > 0
    LEFT JOIN paid s ON s.loan_id = u.loan_id AND s.number = u.number AND s.value_date <= {at}
  GROUP BY u.loan_id, u.number, u.units, y.arrears_tolerance_units
  HAVING u.units - COALESCE(SUM(s.principal_units + s.interest_units + s.fee_units
    + s.penalty_units), 0) <= y.arrears_tolerance_units
), past AS (
  SELECT u.* FROM unpaid u ANTI JOIN tolerated y ON y.loan_id = u.loan_id AND y.number = u.number
), told AS (
  SELECT loan_id, MIN(oldest) AS oldest, SUM(owed) AS owed, SUM(after) AS after, SUM(until) AS until
  FROM (
    SELECT loan_id, due_date AS oldest, principal_units AS owed, 0 AS after, 0 AS until FROM past
    UNION ALL
    SELECT p.loan_id, NULL, -s.principal_units, 0, 0 FROM split s
      JOIN past p ON p.loan_id = s.loan_id AND p.number = s.number
    WHERE p.principal_paid_units > 0 AND s.value_date <= {at}
    UNION ALL
    SELECT s.loan_id, NULL, 0, s.principal_units, 0 FROM split s WHERE s.value_date > {at}
    UNION ALL
    SELECT s.loan_id, NULL, 0, 0, -s.principal_units FROM split s
    WHERE s.value_date <= {at}
      AND s.loan_id IN (SELECT id FROM l WHERE way IN ('ROWS', 'LENT', 'YOUNG'))
    UNION ALL
    SELECT d.loan_id, NULL, 0, 0, d.principal_units FROM due d
    WHERE {in_force} AND d.loan_id IN (SELECT id FROM l WHERE way = 'ROWS')
    UNION ALL
    SELECT e.loan_id, NULL, 0, 0, -e.units FROM event e
    WHERE e.kind = 'DISBURSED' AND e.value_date > {at}
      AND e.loan_id IN (SELECT id FROM l WHERE way = 'LENT')
  ) GROUP BY loan_id
), paused AS (
  SELECT t.loan_id, SUM(LEAST(z.last_date, {at}) - GREATEST(z.first_date - 1, t.oldest)) AS days
  FROM pause z JOIN told t ON t.loan_id = z.loan_id
  WHERE z.first_date <= {at} AND z.last_date > t.oldest GROUP BY t.loan_id
), standing AS (
  SELECT l.kind, l.marked, l.quarter, COALESCE(t.owed, 0) AS overdue,
    l.base + CASE l.way WHEN 'NOW' THEN 0 WHEN 'AFTER' THEN COALESCE(t.after, 0)
      ELSE COALESCE(t.until, 0) END AS principal,
    CASE WHEN t.oldest IS NULL THEN 0
      ELSE ({at} - t.oldest) - COALESCE(z.days, 0) END AS arrears_days
  FROM l LEFT JOIN told t ON t.loan_id = l.id LEFT JOIN paused z ON z.loan_id = l.id
), grouped AS (
  SELECT CASE {place} ELSE {last} END AS place, marked, quarter, kind, COUNT(*) AS loans,
    SUM(principal) AS principal, SUM(overdue) AS overdue,
    SUM(CASE WHEN overdue > 0 THEN 1 ELSE 0 END) AS late
  FROM standing WHERE principal > 0 GROUP BY place, marked, quarter, kind
)
SELECT g.place, g.marked, g.quarter, g.loans, g.principal, g.overdue, g.late, k.lender_id,
  k.office_id, k.officer_id, k.product_id
FROM grouped g JOIN kind k ON k.kind = g.kind
"""


@cache
def installed() -> bool:
    """Whether the engine is there."""
    return find_spec("duckdb") is not None


def copy_for(on: date) -> Copy | None:
    """The copy that knows a day; None where the database is to be asked."""
    if not settings.COLUMNS or not installed():
        return None
    found = current()
    return found if found is not None and found.answers(on) else None


def narrowed(loans: Loans | None) -> tuple[str, list[Any]] | None:
    """The condition of some loans by columns the copy holds; None where it asks for others."""
    condition, values = among(loans)
    named = set(re.findall(r'l\."?(\w+)"?', condition))
    if "SELECT" in condition or not named <= HELD:
        return None
    return condition.replace("%s", "?").replace("%%", "%"), values


def cube_rows(on: date, loans: Loans | None = None) -> Answer | None:
    """The rows of `figures.cube` from the copy; None where the database is to be asked."""
    found = copy_for(on)
    asked = narrowed(loans) if found is not None else None
    if found is None or asked is None:
        return None
    condition, values = asked
    at = f"DATE '{on.isoformat()}'"
    sql = _CUBE.format(
        at=at,
        started=STARTED.format(at=at),
        young=f"DATE '{(on - YOUNG).isoformat()}'",
        in_force=IN_FORCE.replace("d.replaced_at IS NULL AND ", "").format(at=at),
        still_open=STILL_OPEN.format(at=at),
        limited=condition,
        place=" ".join(
            f"WHEN arrears_days <= {high} THEN {number}"
            for number, (_low, high) in enumerate(AGEING)
            if high is not None
        ),
        last=len(AGEING) - 1,
    )
    with engine(found.folder) as opened:
        for name in TABLES:
            path = str(found.folder / f"{name}.parquet").replace("'", "''")
            opened.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet('{path}')")
        return Answer(opened.execute(sql, values).fetchall(), found.made_at)
