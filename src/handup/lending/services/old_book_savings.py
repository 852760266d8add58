"""Savings that an old portfolio brings: behind the loan they stood behind there, owed to the saver
by the one opening journal; and taken back with it.
"""

from collections.abc import Sequence
from datetime import date

from handup.lending.models import Loan, OldBook, OldLoan, SavingsMove
from handup.lending.rules.codes import SavingsMoveKind
from handup.lending.services import savings_kept as kept
from handup.org import audit
from handup.org.models import StaffUser


def take_over_savings(book: OldBook, rows: Sequence[OldLoan], staff: StaffUser) -> None:
    """Put what each loan brings behind it, on the saver's account; the opening journal owes it."""
    with_savings = {row.loan_id: row for row in rows if row.told.get("saved")}
    loans = Loan.objects.select_related("lender").in_bulk([pk for pk in with_savings if pk])
    moves = [
        SavingsMove(
            account=kept.locked_account(loan, staff, book.cutover_date),
            kind=SavingsMoveKind.TAKEN_OVER.value,
            loan=loan,
            units=with_savings[pk].told["saved"],
            value_date=book.cutover_date,
            recorded_by=staff,
        )
        for pk, loan in loans.items()
    ]
    SavingsMove.objects.bulk_create(moves)
    audit.record_many(
        audit.line(staff, "lending.take_over_savings", move, {"units": move.units})
        for move in moves
    )


def take_back_savings(loans: Sequence[Loan], staff: StaffUser, on: date, reason: str) -> None:
    """Take them back with the loans. Raises SavingsGone where they were used since."""
    found = SavingsMove.objects.filter(
        loan__in=[loan.pk for loan in loans], kind=SavingsMoveKind.TAKEN_OVER.value
    ).select_related("account")
    moves = list(found)
    accounts = {move.account_id: kept.lock(move.account) for move in moves}
    kept.reverse_moves(moves, on, reason, staff)
    kept.refuse_below_zero(accounts.values())
