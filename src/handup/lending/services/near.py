"""Payments of a batch that end within the rows due next: only those rows are read and moved.

A payment serves the oldest row first, so what is due much later is never touched, and the totals of
a loan change by what the payment settled. A loan whose terms serve rows in another order, or whose
payment reaches further, is read whole (`store.live_dues`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from handup.kernel.credit.codes import AdvanceTo
from handup.kernel.credit.in_order import Four, serve
from handup.kernel.credit.terms import FIELD
from handup.lending.models import Loan, LoanDue, LoanEvent
from handup.lending.rules.codes import LoanState
from handup.lending.rules.events import PAYMENT_KINDS
from handup.lending.rules.loan import FEE, INTEREST, PENALTY, PRINCIPAL, Parts, SplitRow
from handup.lending.rules.terms import read_terms
from handup.lending.services.store import PAID_COLUMNS, Writer, split_row
from handup.org.plain import rows_where

AHEAD = timedelta(days=31)
"""How far behind a loan's next due day rows are read for one payment; for several, or one that
reaches further, all that are unpaid.
"""
COLUMNS = (
    *("id", "loan_id", "number", "due_date"),
    *("principal_units", "interest_units", "fee_units", "penalty_units"),
    *PAID_COLUMNS,
)

Dues = dict[int, LoanDue]


def near_dues(
    loans: Iterable[Loan], payments: Mapping[UUID, Collection[LoanEvent]]
) -> dict[UUID, Dues]:
    """The unpaid rows due next of each loan whose payments end before the last of them, or all of
    them where the payments end with them.
    """
    fitting = [loan for loan in loans if _fits(loan, payments[loan.id])]
    money = {loan.id: sum(event.units for event in payments[loan.id]) for loan in fitting}
    once = [loan for loan in fitting if len(payments[loan.id]) == 1]
    found = {
        pk: dues for pk, dues in _read(once, AHEAD).items() if _left(dues.values()) > money[pk]
    }
    rest = [loan for loan in fitting if loan.id not in found]
    found.update(
        (pk, dues) for pk, dues in _read(rest, None).items() if _left(dues.values()) >= money[pk]
    )
    return found


def _fits(loan: Loan, payments: Iterable[LoanEvent]) -> bool:
    """Whether the loan's money serves one row after another, the oldest first."""
    if loan.state != LoanState.ACTIVE or loan.next_due_date is None:
        return False
    if loan.arrears_tolerance_units:
        return False  # the row that is due next may lie behind those read
    terms = read_terms(loan.terms)
    return (
        terms.allocation == FIELD
        and terms.advance_to is AdvanceTo.NEXT_INSTALMENT
        and all(
            event.kind in PAYMENT_KINDS and "advance_to" not in event.payload for event in payments
        )
    )


def _read(loans: Sequence[Loan], ahead: timedelta | None) -> dict[UUID, Dues]:
    in_force = 'AND "replaced_at" IS NULL AND "to_date" IS NULL AND "settled_date" IS NULL'
    until: list[date] = []
    if ahead is not None and loans:
        until = [max(loan.next_due_date for loan in loans if loan.next_due_date) + ahead]
        in_force += ' AND "due_date" <= %s'
    in_force += ' ORDER BY "due_date", "number"'
    found: dict[UUID, Dues] = defaultdict(dict)
    ids = [loan.id for loan in loans]
    for row in rows_where(LoanDue, "loan_id", ids, also=in_force, only=COLUMNS, values=until):
        found[row.loan_id][row.number] = row
    return found


def _open(due: LoanDue) -> Four:
    return (
        due.penalty_units - due.penalty_paid_units,
        due.fee_units - due.fee_paid_units,
        due.interest_units - due.interest_paid_units,
        due.principal_units - due.principal_paid_units,
    )


def _left(dues: Iterable[LoanDue]) -> int:
    return sum(sum(_open(due)) for due in dues)


def settle(writer: Writer, loan: Loan, dues: Dues, event: LoanEvent) -> Parts:
    """Serve one payment to the rows due next and note what it moves; the loan is repaid when none
    of them is left. Returns what was settled in all.
    """
    rows = list(dues.values())
    opened = [_open(due) for due in rows]
    served, over = serve(opened, event.units)
    assert not over, "a payment beyond the rows read"
    sums = [0, 0, 0, 0]
    pk, day = event.id, event.value_date
    for due, before, parts in zip(rows, opened, served, strict=False):
        if not any(parts):
            continue
        for place, units in enumerate(parts):
            sums[place] += units
        due.penalty_paid_units += parts[PENALTY]
        due.fee_paid_units += parts[FEE]
        due.interest_paid_units += parts[INTEREST]
        due.principal_paid_units += parts[PRINCIPAL]
        if parts == before:
            due.settled_date = day
        writer.paid_dues[due.id] = due
        split = SplitRow(pk, day, due.number, parts)
        writer.splits.append(split_row(loan, split, writer.now))
    _move(loan, sums, event)
    loan.next_due_date = next((due.due_date for due in rows if any(_open(due))), None)
    if loan.next_due_date is None:
        loan.state, loan.settled_date = LoanState.SETTLED.value, event.value_date
    return (sums[PENALTY], sums[FEE], sums[INTEREST], sums[PRINCIPAL])


def _move(loan: Loan, sums: Sequence[int], event: LoanEvent) -> None:
    """Move a loan's totals on by what a payment settled; its row is noted by the caller."""
    loan.principal_units -= sums[PRINCIPAL]
    loan.principal_paid_units += sums[PRINCIPAL]
    loan.interest_paid_units += sums[INTEREST]
    loan.fee_paid_units += sums[FEE]
    loan.penalty_paid_units += sums[PENALTY]
    loan.last_value_date = event.value_date
    loan.last_recorded_at = event.recorded_at
