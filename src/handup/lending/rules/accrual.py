"""What interest a loan has earned by a day, and whether its accrual rests (ledger.md 4.5). Pure.

Earned = interest of the rows due by the day + the day's share of the current row's, half up; where
interest follows the balance, what the balance of each day made of it. A loan more than
`suspend_after_days` late earns no more than it was paid, until it owes nothing past due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from handup.kernel.credit.early import accrued_interest
from handup.kernel.money import divide
from handup.lending.rules.codes import Effect, LoanState
from handup.lending.rules.loan import FEE, INTEREST, State

ENGINE_VERSION = "2"
SUSPEND_AFTER_DAYS = 90


@dataclass(frozen=True, slots=True)
class InterestRow:
    """The interest of one row of a schedule and the day it is due."""

    due_date: date
    interest_units: int


@dataclass(frozen=True, slots=True)
class Earned:
    """What the books should show as earned of one loan, and whether its accrual rests."""

    target_units: int
    accrued_units: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Restart:
    """The last day a loan was put on new terms; interest carried over that day is asked with the
    first new row, and was earned before.
    """

    day: date
    carried_units: int = 0


def accrued(
    rows: Sequence[InterestRow], disbursed: date, on: date, restart: Restart | None = None
) -> int:
    """Interest earned by the end of a day; rows in order of their due dates."""
    total, starts = 0, disbursed
    for due_date, of_day in groupby(rows, key=lambda row: row.due_date):
        interest = sum(row.interest_units for row in of_day)
        if due_date <= on:
            total += interest
            starts = due_date
            continue
        before = 0
        if restart is not None and restart.day >= starts:
            starts, before = restart.day, restart.carried_units
        total += before
        if starts < on:
            days = (due_date - starts).days
            total += divide((interest - before) * (on - starts).days, days)
        break
    return total


_PAID = frozenset({LoanState.SETTLED, LoanState.REFINANCED, LoanState.CANCELLED})
"""Loans that closed with all that was asked: repaid, by a new loan, or given back."""


def fees_due(state: State, on: date) -> int:
    """What the fee table asked of the rows due by a day; of a loan that is repaid all of it, of one
    written off no more than was paid.
    """
    asked = [(row, state.tariff.get(row.number, 0)) for row in state.rows]
    if state.state is LoanState.WRITTEN_OFF:
        return sum(tariff - min(tariff, row.open_row.open[FEE]) for row, tariff in asked)
    whole = state.state in _PAID
    return sum(tariff for row, tariff in asked if whole or row.due_date <= on)


def earned(
    state: State, on: date, *, rested: bool = False, suspend_after_days: int = SUSPEND_AFTER_DAYS
) -> Earned:
    """What a loan has earned by a day; `rested`: its accrual rested at the last run. Interest that
    became principal, or went to another lender, was earned, and counts as received.
    """
    assert state.disbursed_date is not None
    rows = [InterestRow(row.due_date, row.due[INTEREST]) for row in state.rows]
    gone = state.interest_gone
    received = state.paid(INTEREST) + gone
    if state.state in _PAID:
        whole = sum(row.interest_units for row in rows) + gone
        return Earned(whole, whole, stopped=False)
    if state.state is LoanState.WRITTEN_OFF:
        return Earned(received, received, stopped=False)
    if state.live.by_balance is not None or state.live.by_day is not None:
        total = accrued_interest(state, on) + gone
    else:
        total = accrued(rows, state.disbursed_date, on, _restart(state)) + gone
    late = state.arrears_days(on)
    stopped = late > suspend_after_days or (rested and late > 0)
    return Earned(received if stopped else total, total, stopped)


def _restart(state: State) -> Restart | None:
    day = state.restarted_date
    if day is None:
        return None
    by = state.restarted_by  # of two on one day the later: what the first carried is its own again
    carried = sum(row.units for row in state.interest_of(Effect.CARRIED) if row.event_id == by)
    return Restart(day, carried)
