"""The loans behind a figure of the portfolio: a SELECT of ids each, to narrow a list by."""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from datetime import date
from typing import Any

from handup.ledger.sql import day_literal
from handup.lending.figures import PAID_ALL, PARTS, WHOLE
from handup.lending.portfolio import (
    IN_FORCE,
    Loans,
    counts_as_risk,
    last_agreed,
    money_in,
    not_reversed,
    standing,
)


def _standing_set(condition: str, on: date, loans: Loans | None) -> tuple[str, list[Any]]:
    select, values = standing(on, loans)
    sql = (
        f"SELECT p.loan_id FROM ({select}) p JOIN lending_loan l ON l.id = p.loan_id"
        f" WHERE p.principal > 0 AND ({condition})"
    )
    return sql, values


def late_between(
    on: date, low: int, high: int | None, loans: Loans | None = None
) -> tuple[str, list[Any]]:
    """A SELECT of the loans between two numbers of days late."""
    upper = "" if high is None else f" AND p.arrears_days <= {int(high)}"
    return _standing_set(f"p.arrears_days >= {int(low)}{upper}", on, loans)


def at_risk_of(on: date, days: int, loans: Loans | None = None) -> tuple[str, list[Any]]:
    """A SELECT of the loans in the numerator of PAR(days)."""
    return _standing_set(f"p.arrears_days > {int(days)} OR {counts_as_risk(on)}", on, loans)


_PAID_BY_DAY = f"""CASE WHEN d.settled_date <= d.due_date THEN {WHOLE}
 WHEN d.{PAID_ALL} > 0 THEN COALESCE((SELECT SUM({PARTS}) FROM lending_paymentsplit s
  WHERE s.loan_id = d.loan_id AND s.number = d.number AND s.replaced_at IS NULL
  AND s.value_date <= d.due_date), 0) ELSE 0 END"""


def due_of(first: date, last: date, *, in_time: bool) -> tuple[str, list[Any]]:
    """A SELECT of the loans with something due in a period, or something of it paid in time."""
    at = day_literal(last)
    sql = (
        f"SELECT d.loan_id FROM lending_loandue d WHERE d.due_date >= {day_literal(first)}"
        f" AND d.due_date <= {at} AND {IN_FORCE.format(at=at)}"
    )
    return (f"{sql} AND {_PAID_BY_DAY} > 0" if in_time else sql), []


def ended_of(on: date, *, repaid: bool) -> tuple[str, list[Any]]:
    """A SELECT of the loans past their last agreed due date on a day, or of those of them that were
    fully repaid.
    """
    at = day_literal(on)
    sql = f"SELECT l.id FROM lending_loan l WHERE {last_agreed(on)} < {at}"
    return (f"{sql} AND l.settled_date <= {at}" if repaid else sql), []


def received_of(first: date, last: date) -> tuple[str, list[Any]]:
    """A SELECT of the loans that paid something in a period."""
    return f"SELECT e.loan_id FROM lending_loanevent e WHERE {money_in('e', first, last)}", []


def written_off_of(first: date, last: date) -> tuple[str, list[Any]]:
    """A SELECT of the loans written off in a period."""
    sql = (
        "SELECT e.loan_id FROM lending_loanevent e WHERE e.kind = 'WRITTEN_OFF'"
        f" AND e.value_date >= {day_literal(first)} AND e.value_date <= {day_literal(last)}"
        f" AND {not_reversed('e')}"
    )
    return sql, []
