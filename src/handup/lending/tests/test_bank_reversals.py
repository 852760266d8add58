"""What the bank takes back: the payment it names is reversed, nothing else."""

from collections.abc import Callable
from datetime import date

from handup.ledger.queries import balance
from handup.lending.models import (
    BankStatement,
    Loan,
    StatementLine,
)
from handup.lending.models.banklabels import REASONS
from handup.lending.rules.banking.codes import LineFate, Reason
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.tests.bankmade import Move
from handup.lending.tests.cast import World, clean
from handup.lending.tests.test_savings import FIRST, account_of, decide, lent, propose
from handup.lending.tests.test_statements import fates, paid, why

DUE = 113_47
Bring = Callable[..., BankStatement]


def test_a_reversal_takes_the_payment_back_that_it_names(
    world: World, loan: Loan, bring: Bring
) -> None:
    bank = balance(world.book, "BANK")
    bring(Move(DUE, loan.code, "B1"), Move(5_00, "no reference", "B2", end_to_end="E2"))
    back = bring(
        Move(-DUE, "returned", "B1", reversal=True),
        Move(-5_00, "", "B9", end_to_end="E2", reversal=True),
        Move(-7_00, "", "B8", reversal=True),
        opening=DUE + 5_00,
        number="2",
    )
    assert fates(back) == [LineFate.MATCHED, LineFate.MATCHED, LineFate.OPEN]
    assert why(back) == [Reason.TAKES_BACK, Reason.TAKES_BACK, Reason.NOT_FOUND]
    assert paid(loan) == 0
    assert loan.events.filter(kind=EventKind.REVERSED).count() == 1
    taken = StatementLine.objects.filter(fate=LineFate.TAKEN_BACK)
    assert {line.bank_reference for line in taken} == {"B1", "B2"}
    assert balance(world.book, "BANK") == bank - 7_00
    assert balance(world.book, "SUSPENSE") == 7_00
    clean()


def test_a_payment_whose_savings_are_gone_is_not_taken_back_and_why_is_said(
    world: World, bring: Bring
) -> None:
    loan = lent(world)
    units = loan.dues.get(number=1).due_units + 10_00
    bring(Move(units, loan.code, "B1", day=FIRST))
    kept = account_of(loan)
    decide(world, propose(world, loan, 10_00))
    back = bring(
        Move(-units, "returned", "B1", day=date(2025, 3, 2), reversal=True),
        opening=units,
        number="2",
    )
    assert (fates(back), why(back)) == ([LineFate.OPEN], [Reason.SAVINGS_GONE])
    assert str(REASONS[Reason.SAVINGS_GONE]) == "what was saved with it is not there any more"
    assert not loan.events.filter(kind=EventKind.REVERSED).exists()
    assert sum(move.units for move in kept.moves.all()) == 0
    assert balance(world.book, "SUSPENSE") == units
    clean()


def test_a_reversal_within_one_file_takes_its_payment_back(
    world: World, loan: Loan, bring: Bring
) -> None:
    statement = bring(Move(DUE, loan.code, "B1"), Move(-DUE, "returned", "B1", reversal=True))
    assert fates(statement) == [LineFate.TAKEN_BACK, LineFate.MATCHED]
    assert paid(loan) == 0
    clean()


def test_a_reversal_of_a_written_off_loan_waits_for_a_person(
    world: World, loan: Loan, bring: Bring
) -> None:
    bring(Move(DUE, loan.code, "B1"))
    Loan.objects.filter(pk=loan.pk).update(state=LoanState.WRITTEN_OFF)
    back = bring(Move(-DUE, "returned", "B1", reversal=True), opening=DUE, number="2")
    assert (fates(back), why(back)) == ([LineFate.OPEN], [Reason.LATER_EVENTS])
    assert balance(world.book, "SUSPENSE") == DUE
