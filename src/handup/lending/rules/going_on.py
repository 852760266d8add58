"""A loan that goes on under another lender with the rows it has there: what it takes along."""

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL
from handup.lending.rules.events import PlannedRow
from handup.lending.rules.state import DueRow, State


def penalty_kept(state: State) -> bool:
    """Whether any row has a penalty that would not be worked out again where the loan goes on: one
    charged by hand, or paid in part.
    """
    return any(_penalty_kept(state, row) for row in state.rows)


def _penalty_kept(state: State, row: DueRow) -> bool:
    owed = row.open_row.open[PENALTY]
    return bool(row.unpaid and row.paid[PENALTY]) or owed > state.lateness.running(row.open_row)[0]


def opening_rows(state: State) -> list[PlannedRow]:
    """The rows with what was paid of them; penalties and fees of lateness are worked out anew."""
    return [
        PlannedRow(
            row.number,
            row.due_date,
            row.due[PRINCIPAL],
            row.due[INTEREST],
            row.due[FEE] - state.lateness.running(row.open_row)[1],
            (0, row.paid[FEE], row.paid[INTEREST], row.paid[PRINCIPAL]),
            row.kind,
            row.open_row.ends,
        )
        for row in state.rows
    ]
