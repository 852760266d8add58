"""A premium asked with every instalment: what borrowers paid of it is owed on to the insurer, and
is our income no more; back-dated money, reversals and withdrawals move it with the fee.
"""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from handup.kernel.credit.changes import Treatment
from handup.kernel.credit.codes import Component
from handup.kernel.credit.early import payoff_on
from handup.lending import services as lending
from handup.lending.models import EventEffect, Loan, LoanEvent, ProductVersion
from handup.lending.rules.given_back import GivenBack, given_back
from handup.lending.rules.premiums import by_fee, owed_on
from handup.lending.rules.terms import read_terms
from handup.lending.services import premiums as services
from handup.lending.services.store import state_as_of
from handup.lending.tests.cast import START, World, clean, repay, running
from handup.lending.tests.test_agreed import agree
from handup.lending.tests.test_fee_table import DESK, held, post_fees, with_fees
from handup.lending.tests.test_premiums import due, insurer, name, pay, prepare
from handup.projects.models import Organisation

__all__ = ["insurer"]

CARE = {"code": "Cover", "kind": "INSURANCE", "units": 2_40, "when": "INSTALMENT"}
FEBRUARY = date(2025, 2, 15)
MARCH = date(2025, 3, 31)


@pytest.fixture
def insured(world: World) -> Loan:
    return with_fees(world, DESK, CARE)


def rows_of(loan: Loan) -> list[int]:
    return list(loan.dues.filter(replaced_at=None).values_list("fee_units", flat=True))


def taken(loan: Loan) -> list[int]:
    rows = EventEffect.objects.filter(loan=loan, what="PREMIUM", replaced_at=None)
    return list(rows.order_by("value_date").values_list("units", flat=True))


def payable(world: World) -> int:
    return -held(world, "INSURANCE_PAYABLE")


def first_row(loan: Loan) -> int:
    row = loan.dues.get(number=1)
    return row.principal_units + row.interest_units + row.fee_units


def test_a_share_of_each_fee_is_the_insurer_s() -> None:
    terms = read_terms({"currency": "USD", "rate_ppm": 1, "fees": [DESK, CARE]})
    assert owed_on(terms, 1_200_00) == Fraction(2, 3)
    assert owed_on(read_terms({"currency": "USD", "rate_ppm": 1, "fees": [DESK]}), 5) == 0
    assert by_fee(terms, 1_200_00, 4_80) == {"Cover": 4_80}
    assert by_fee(terms, 1_200_00, 0) == {}
    both = [CARE, {**CARE, "code": "Crop", "units": 0, "ppm": 1_000, "base": "PRINCIPAL"}]
    twice = read_terms({"currency": "USD", "rate_ppm": 1, "fees": both})
    assert by_fee(twice, 1_200_00, 3_60 + 1) == {"Cover": 2_41, "Crop": 1_20}


def test_what_is_paid_of_a_premium_is_owed_on_and_is_no_income(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    assert rows_of(insured) == [3_60] * 12
    post_fees(world, FEBRUARY)
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME"), payable(world)) == (3_60, -3_60, 0)
    assert due(world.direct) == []
    repay(world, insured, FEBRUARY, first_row(insured))
    assert (held(world, "FEES_DUE"), held(world, "FEE_INCOME")) == (0, -1_20)
    assert (taken(insured), payable(world)) == ([2_40], 2_40)
    name(world, insurer)
    assert due(world.direct) == [("Cover", 2_40)]
    day_before = services_due(world, FEBRUARY - timedelta(days=1))
    assert day_before == []
    payment = prepare(world, insurer, 2_40, through_date=FEBRUARY)
    pay(world, payment, FEBRUARY)
    assert (payable(world), due(world.direct)) == (0, [])
    clean()


def services_due(world: World, through: date) -> list[int]:
    return [item.units for item in services.premiums_due(world.direct, through)]


def test_what_was_handed_on_of_later_days_is_not_owed_back(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    """Handed on through March, paid again in April: through February nothing is due of it."""
    for day in (FEBRUARY, MARCH):
        repay(world, insured, day, first_row(insured))
    name(world, insurer)
    pay(world, prepare(world, insurer, 4_80, through_date=MARCH), MARCH)
    repay(world, insured, MARCH + timedelta(days=15), first_row(insured))
    assert services_due(world, FEBRUARY) == []
    product = ProductVersion.objects.get(product__code="DESK-COVER")
    another = running(world, product_version=product)
    repay(world, another, FEBRUARY, first_row(another))
    assert services_due(world, FEBRUARY) == [2_40]
    assert due(world.direct) == [("Cover", 2_40), ("Cover", 2_40)]
    clean()


def test_a_part_of_a_fee_is_shared_and_the_whole_comes_right(world: World, insured: Loan) -> None:
    """1.00 of a fee of 3.60: 67 of it the insurer's; the rest brings it to 2.40."""
    repay(world, insured, FEBRUARY, 1_00)
    assert (taken(insured), payable(world)) == ([67], 67)
    repay(world, insured, FEBRUARY + timedelta(days=1), 2_60)
    assert (taken(insured), payable(world)) == ([67, 1_73], 2_40)
    post_fees(world, MARCH)
    clean()


def test_money_taken_back_takes_the_premium_back(world: World, insured: Loan) -> None:
    later = repay(world, insured, FEBRUARY + timedelta(days=5), first_row(insured))
    assert payable(world) == 2_40
    earlier = repay(world, insured, FEBRUARY, 1_00)  # dated before: what the later one paid moves
    assert (taken(insured), payable(world)) == ([67, 2_40 + 67 - 67], 2_40 + 67)
    take_back(world, later)
    assert (taken(insured), payable(world)) == ([67], 67)
    take_back(world, earlier)
    assert (taken(insured), payable(world)) == ([], 0)
    clean()


def take_back(world: World, event: LoanEvent) -> None:
    lending.reverse_repayment(
        acting_staff=world.cast.accountant, event=event, reason="Counted twice", value_date=MARCH
    )


def test_a_loan_repaid_before_its_time_owes_no_premium_for_the_rest(
    world: World, insured: Loan
) -> None:
    repay(world, insured, FEBRUARY, first_row(insured))
    day = FEBRUARY + timedelta(days=9)
    units = payoff_on(state_as_of(insured, day), day).total
    lending.pay_off_loan(
        acting_staff=world.cast.accountant, loan=insured, value_date=day, units=units
    )
    state = state_as_of(insured, MARCH)
    paid = sum(row.paid[1] for row in state.rows)
    assert paid >= 3_60
    assert sum(taken(insured)) * 3 == paid * 2
    post_fees(world, MARCH)
    assert payable(world) == sum(taken(insured))
    clean()


APRIL = date(2025, 4, 1)


def on_new_terms(world: World, loan: Loan, fee: Treatment, day: date = APRIL) -> LoanEvent:
    return agree(
        world, loan, lending.propose_restructure, instalments=6, fee=fee, proposed_date=day
    )


def test_a_premium_that_becomes_principal_is_owed_to_the_insurer(
    world: World, insured: Loan, insurer: Organisation
) -> None:
    """Two fees of 3.60 are unpaid, one of them in part: 4.80 less the 67 paid were premiums."""
    post_fees(world, APRIL)
    repay(world, insured, FEBRUARY, 1_00)
    made = on_new_terms(world, insured, Treatment.CAPITALISE)
    assert (taken(insured), payable(world)) == ([67, 4_13], 4_80)
    assert held(world, "FEES_DUE") == 0
    name(world, insurer)
    assert due(world.direct) == [("Cover", 4_80)]
    repay(world, insured, FEBRUARY + timedelta(days=1), 2_60)  # it comes later: less is added
    assert (taken(insured), payable(world)) == ([67, 1_73, 2_40], 4_80)
    clean()
    lending.reverse_loan_event(
        acting_staff=world.cast.manager, event=made, reason="Not agreed", value_date=APRIL
    )
    assert (taken(insured), payable(world)) == ([67, 1_73], 2_40)
    clean()


def test_a_premium_carried_over_is_owed_when_it_is_paid(world: World, insured: Loan) -> None:
    on_new_terms(world, insured, Treatment.CARRY)
    assert (taken(insured), payable(world)) == ([], 0)
    first = insured.dues.filter(replaced_at=None, to_date=None, due_date__gt=APRIL).earliest(
        "due_date"
    )
    assert first.fee_units == 3_60 + 2 * 3_60
    repay(world, insured, APRIL + timedelta(days=5), 3_60 + 1_80)
    assert (taken(insured), payable(world)) == ([2_40 + 1_20], 3_60)
    later = APRIL + timedelta(days=30)
    on_new_terms(world, insured, Treatment.CARRY, later)  # what is still unpaid goes on again
    repay(world, insured, later + timedelta(days=40), 200_00)
    assert payable(world) == 3_60 + 3_60 + 2_40
    clean()


def test_a_row_whose_carried_fees_are_paid_moves_again_and_again(
    world: World, insured: Loan
) -> None:
    on_new_terms(world, insured, Treatment.CARRY)
    for turn in (1, 5):
        repay(world, insured, APRIL + timedelta(days=turn), 20_00)
        rows = insured.dues.filter(replaced_at=None, to_date=None, due_date__gt=APRIL)
        first = rows.exclude(principal_units=0).earliest("due_date").due_date
        agree(
            world,
            insured,
            lending.propose_reschedule,
            proposed_date=APRIL + timedelta(days=turn + 1),
            from_date=first,
            shift_to=first + timedelta(days=7),
        )
        assert payable(world) == 2 * 2_40 + 2_40
    clean()


def charge(world: World, loan: Loan, day: date, due_date: date) -> None:
    lending.charge_loan(
        acting_staff=world.cast.accountant,
        loan=loan,
        value_date=day,
        due_date=due_date,
        component=Component.FEE,
        units=3_00,
        reason="A second visit",
    )


def moved(world: World, loan: Loan, day: date) -> date:
    """Move the first row to come by a week; its new day."""
    rows = loan.dues.filter(replaced_at=None, to_date=None, due_date__gt=day)
    first = rows.exclude(principal_units=0).earliest("due_date").due_date
    later = first + timedelta(days=7)
    agree(
        world,
        loan,
        lending.propose_reschedule,
        proposed_date=day,
        from_date=first,
        shift_to=later,
    )
    return later


def test_a_moved_row_asks_the_rest_of_its_own_fee_and_no_premium_twice(
    world: World, insured: Loan
) -> None:
    """Carried over: two fees of 3.60 with 4.80 of premiums in 10.20. Of the first row 5.40 is paid,
    its own 3.60 first; it moves, and the rest is paid: 7.20 are premiums, not a unit more.
    """
    charge(world, insured, START, MARCH - timedelta(days=20))
    on_new_terms(world, insured, Treatment.CARRY)
    repay(world, insured, APRIL + timedelta(days=1), 5_40)
    assert payable(world) == 2_40 + 85  # 1.80 of 10.20 carried over: 180 x 480 / 1020 = 84.7
    moved(world, insured, APRIL + timedelta(days=2))
    assert payable(world) == 2_40 + 85
    repay(world, insured, APRIL + timedelta(days=3), 3_60 + 10_20 - 5_40)
    assert payable(world) == 2_40 + 4_80
    clean()


def test_a_moved_row_with_a_charged_fee_asks_its_own_fee_once(world: World, insured: Loan) -> None:
    charge(world, insured, START, FEBRUARY - timedelta(days=1))
    repay(world, insured, START + timedelta(days=1), 4_00)
    assert payable(world) == 2_40
    later = moved(world, insured, START + timedelta(days=2))
    repay(world, insured, START + timedelta(days=3), 2_60)
    assert payable(world) == 2_40
    post_fees(world, later)
    clean()


def test_a_premium_waived_at_new_terms_is_owed_to_nobody(world: World, insured: Loan) -> None:
    on_new_terms(world, insured, Treatment.WAIVE)
    assert (taken(insured), payable(world)) == ([], 0)
    clean()


def test_a_premium_of_the_instalments_is_given_back_as_one() -> None:
    fees = [{**DESK, "refundable": True}, {**CARE, "refundable": True}]
    terms = read_terms({"currency": "USD", "rate_ppm": 1, "fees": fees})

    class Paid:
        """A row whose fee was paid."""

        due_date = FEBRUARY
        paid = (0, 3_60, 0, 0)

    rows: Any = [Paid()]
    assert given_back(terms, {}, 1_200_00, START, rows) == GivenBack(1_20, 2_40)
