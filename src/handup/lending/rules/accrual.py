"""What interest a loan has earned by a day, and whether its accrual rests (ledger.md 4.5). Pure.

Earned = interest of the rows due by the day + the day's share of the current row's, half up. A loan
more than `suspend_after_days` late earns no more than it was paid, until it owes nothing past due.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from handup.kernel.money import divide
from handup.lending.rules.codes import LoanState
from handup.lending.rules.loan import INTEREST, State

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


def accrued(rows: Sequence[InterestRow], disbursed: date, on: date) -> int:
    """Interest earned by the end of a day; rows in order of their due dates."""
    total, starts = 0, disbursed
    for due_date, of_day in groupby(rows, key=lambda row: row.due_date):
        interest = sum(row.interest_units for row in of_day)
        if due_date <= on:
            total += interest
        elif starts < on:
            days = (due_date - starts).days
            total += divide(interest * (on - starts).days, days)
        starts = due_date
    return total


def earned(
    state: State, on: date, *, rested: bool = False, suspend_after_days: int = SUSPEND_AFTER_DAYS
) -> Earned:
    """What a loan has earned by a day; `rested`: its accrual rested at the last run. Interest that
    became principal was earned, and counts as received.
    """
    assert state.disbursed_date is not None
    rows = [InterestRow(row.due_date, row.due[INTEREST]) for row in state.rows]
    capitalised = state.interest_capitalised
    received = state.paid(INTEREST) + capitalised
    if state.state is LoanState.SETTLED:
        whole = sum(row.interest_units for row in rows) + capitalised
        return Earned(whole, whole, stopped=False)
    if state.state is LoanState.WRITTEN_OFF:
        return Earned(received, received, stopped=False)
    total = accrued(rows, state.disbursed_date, on) + capitalised
    late = state.arrears_days(on)
    stopped = late > suspend_after_days or (rested and late > 0)
    return Earned(received if stopped else total, total, stopped)
