"""Payments of a batch that end within the rows due next: only those rows are read and moved.

A payment serves the oldest row first, so what is due much later is never touched, and the totals of
a loan change by what the payment settled. A loan whose terms serve rows in another order, or whose
payment reaches further, is read whole (`store.live_dues`).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from handup.kernel.credit.terms import FIELD
from handup.lending.models import Loan, LoanDue
from handup.lending.rules.codes import LoanState
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL, SplitRow, State
from handup.lending.rules.terms import read_terms
from handup.lending.services.store import DUE_COLUMNS
from handup.org.plain import rows_where

AHEAD = timedelta(days=62)
"""How far behind a loan's next due day rows are read: two months of it."""

Dues = dict[int, LoanDue]


def near_dues(loans: Iterable[Loan], money: Mapping[UUID, int]) -> dict[UUID, Dues]:
    """The unpaid rows due next of each loan whose `money` ends before the last of them."""
    fitting = [
        loan
        for loan in loans
        if loan.state == LoanState.ACTIVE
        and loan.next_due_date is not None
        and read_terms(loan.terms).allocation == FIELD
    ]
    if not fitting:
        return {}
    until = max(loan.next_due_date for loan in fitting if loan.next_due_date) + AHEAD
    in_force = (
        'AND "replaced_at" IS NULL AND "to_date" IS NULL AND "settled_date" IS NULL'
        f' AND "due_date" <= \'{until.isoformat()}\' ORDER BY "due_date", "number"'
    )
    found: dict[UUID, Dues] = defaultdict(dict)
    ids = [loan.pk for loan in fitting]
    for row in rows_where(LoanDue, "loan_id", ids, also=in_force, only=DUE_COLUMNS):
        found[row.loan_id][row.number] = row
    return {pk: dues for pk, dues in found.items() if _left(dues.values()) > money[pk]}


def _left(dues: Iterable[LoanDue]) -> int:
    return sum(due.due_units - due.paid_units for due in dues)


def project_near(loan: Loan, state: State, made: Sequence[SplitRow]) -> None:
    """Move a loan's totals on by what its payments settled; it goes on, for rows are left."""
    next_row = state.next_row
    assert next_row is not None
    assert state.state is LoanState.ACTIVE
    for split in made:
        loan.principal_units -= split.parts[PRINCIPAL]
        loan.principal_paid_units += split.parts[PRINCIPAL]
        loan.interest_paid_units += split.parts[INTEREST]
        loan.fee_paid_units += split.parts[FEE]
        loan.penalty_paid_units += split.parts[PENALTY]
    loan.next_due_date = next_row.due_date
    loan.last_value_date = state.last_value_date
    loan.last_recorded_at = state.last_recorded_at
