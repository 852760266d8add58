"""The loans behind a figure of the portfolio: a SELECT of ids each, to narrow a list by."""

# ruff: noqa: S608 (the statements are put together from constants of this file only)

from datetime import date
from typing import Any

from handup.ledger.sql import day_literal
from handup.lending.portfolio import (
    ENDED_HERE,
    TAKEN_ON,
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


def ended_of(on: date, *, repaid: bool) -> tuple[str, list[Any]]:
    """A SELECT of the loans past their last agreed due date on a day, or of those of them that were
    fully repaid.
    """
    at = day_literal(on)
    sql = (
        f"SELECT l.id FROM lending_loan l WHERE {last_agreed(on)} < {at}"
        f" AND {TAKEN_ON.format(at=at)} AND {ENDED_HERE.format(last_due=last_agreed(on))}"
    )
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
