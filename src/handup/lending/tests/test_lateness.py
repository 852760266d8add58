"""What lateness costs on a stored loan: paid and posted when it is paid, worked out to any day."""

from datetime import date, timedelta

from handup.ledger.queries import balance
from handup.lending.models import Loan, LoanDue
from handup.lending.rules.codes import LoanState
from handup.lending.rules.loan import PENALTY
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import World, clean, make_product, repay, running
from handup.org.tests.standing import standing

FEBRUARY = date(2025, 2, 15)
PER_DAY = {"kind": "PER_DAY", "ppm": 1_000, "free_days": 3}


@standing
def late_loan(world: World) -> Loan:
    """A loan of twelve months that costs a thousandth of the overdue principal a day."""
    product = make_product(world.cast, world.direct, "LATE", terms={"penalty": PER_DAY})
    return running(world, product_version=product)


def first_due(loan: Loan) -> LoanDue:
    return loan.dues.get(number=1, replaced_at=None)


def penalty_on(loan: Loan, day: date) -> int:
    return state_as_of(loan, day).overdue(day)[PENALTY]


def test_a_penalty_is_seen_on_any_day_and_stored_on_none(late_loan: Loan) -> None:
    due = first_due(late_loan)
    day = FEBRUARY + timedelta(days=13)
    assert penalty_on(late_loan, FEBRUARY + timedelta(days=3)) == 0
    assert penalty_on(late_loan, day) == round(due.principal_units * 10 / 1_000)
    assert due.penalty_units == 0
    clean()


def test_late_money_pays_the_penalty_first_and_posts_it(world: World, late_loan: Loan) -> None:
    day = FEBRUARY + timedelta(days=13)
    penalty = penalty_on(late_loan, day)
    event = repay(world, late_loan, day, penalty + 500)
    split = event.splits.get(replaced_at=None)
    assert (split.penalty_units, split.interest_units) == (penalty, 500)
    due = first_due(late_loan)
    assert (due.penalty_units, due.penalty_paid_units) == (penalty, penalty)
    assert balance(world.book, "PENALTY_INCOME") == -penalty
    late_loan.refresh_from_db()
    assert late_loan.penalty_paid_units == penalty
    clean()


def test_a_payment_that_comes_to_light_later_takes_the_penalty_back(
    world: World, late_loan: Loan
) -> None:
    due = first_due(late_loan)
    late = repay(world, late_loan, FEBRUARY + timedelta(days=13), 100_00)
    assert late.splits.filter(replaced_at=None, penalty_units__gt=0).exists()
    repay(world, late_loan, FEBRUARY, due.due_units)
    assert not late.splits.filter(replaced_at=None, penalty_units__gt=0).exists()
    assert balance(world.book, "PENALTY_INCOME") == 0
    clean()


def test_a_loan_with_a_penalty_is_settled_when_that_is_paid_too(
    world: World, late_loan: Loan
) -> None:
    day = date(2026, 3, 1)
    state = state_as_of(late_loan, day)
    owed = sum(row.unpaid for row in state.rows)
    plain = sum(row.due_units for row in late_loan.dues.filter(replaced_at=None))
    assert owed > plain
    repay(world, late_loan, day, owed - 1)
    late_loan.refresh_from_db()
    assert late_loan.state == LoanState.ACTIVE
    repay(world, late_loan, day, 1)
    late_loan.refresh_from_db()
    assert late_loan.state == LoanState.SETTLED
    clean()
