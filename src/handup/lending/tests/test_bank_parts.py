"""A partner bank pays a loan out in parts: each row is the part that comes next, for its money."""

from datetime import date, timedelta

import pytest

from handup.lending.models import BankFile, Loan
from handup.lending.rules.codes import LineState, LoanState
from handup.lending.rules.tranches import TrancheIn
from handup.lending.services import sign_agreement
from handup.lending.tests.cast import START, World, approved, clean, make_product
from handup.lending.tests.test_bank import HEAD, bring, faults
from handup.org.tests.standing import standing

SECOND = START + timedelta(days=60)


@standing
def loan(world: World) -> Loan:
    """A signed loan of the bank's own money, 700.00 and then 500.00 when the roof is on."""
    version = make_product(world.cast, world.mirror, "PARTS", terms={"tranches_max": 2})
    return sign_agreement(
        acting_staff=world.cast.officer,
        application=approved(world, product_version=version),
        signed_date=START,
        start_date=START,
        tranches=[TrancheIn(700_00, START), TrancheIn(500_00, SECOND, "The roof is on")],
    )


def paid(loan: Loan, *parts: tuple[date, str]) -> str:
    rows = [f"{loan.code};DISBURSEMENT;{day};{units};D{day}{units};USD" for day, units in parts]
    return HEAD + "\n".join(rows) + "\n"


def stands(loan: Loan, file: BankFile, *units: int) -> None:
    """The loan's payments, and what the file says it posted."""
    made = loan.events.filter(kind="DISBURSED").order_by("seq").values_list("units", flat=True)
    assert list(made) == list(units)
    loan.refresh_from_db()
    assert loan.disbursed_units == sum(units)
    assert file.posted_units == sum(
        line.event.units for line in file.lines.all() if line.event is not None
    )
    clean()


def test_each_row_is_the_part_that_comes_next(world: World, loan: Loan) -> None:
    first = bring(world, paid(loan, (START, "700.00")))
    assert faults(first) == [""]
    stands(loan, first, 700_00)
    assert loan.state == LoanState.ACTIVE
    second = bring(world, paid(loan, (SECOND, "500.00")))
    assert faults(second) == [""]
    stands(loan, second, 700_00, 500_00)
    third = bring(world, paid(loan, (SECOND + timedelta(days=1), "500.00")))
    assert faults(third) == ["NOT_AGREED"]
    stands(loan, third, 700_00, 500_00)


def test_both_parts_may_stand_in_one_file(world: World, loan: Loan) -> None:
    repaid = f"{loan.code};REPAYMENT;{SECOND};50.00;R1;USD\n"
    file = bring(world, paid(loan, (START, "700.00"), (SECOND, "500.00")) + repaid)
    assert [line.state for line in file.lines.all()] == [LineState.POSTED] * 3
    loan.refresh_from_db()
    assert (loan.disbursed_units, file.posted_units) == (1_200_00, 1_250_00)
    clean()


def test_the_whole_sum_is_no_part(world: World, loan: Loan) -> None:
    file = bring(world, paid(loan, (START, "1200.00"), (START, "500.00")))
    assert faults(file) == ["AMOUNT_NOT_AGREED"] * 2
    loan.refresh_from_db()
    assert (loan.state, file.posted_units) == (LoanState.AGREED, 0)


@pytest.mark.parametrize(
    ("day", "code"),
    [
        (START - timedelta(days=1), "BEFORE_DISBURSEMENT"),
        (START + timedelta(days=366), "NOTHING_DUE_AFTER"),
    ],
)
def test_a_part_on_a_day_that_cannot_be_is_a_fault_of_its_row(
    world: World, loan: Loan, day: date, code: str
) -> None:
    bring(world, paid(loan, (START, "700.00")))
    file = bring(world, paid(loan, (day, "500.00")))
    assert faults(file) == [code]
    stands(loan, file, 700_00)
