"""Savings asked for before a loan: the same at application and at pay-out, and not where the
committee waived them.
"""

from datetime import timedelta

import pytest

from handup.lending import services
from handup.lending.errors import StopRule
from handup.lending.models import Loan, LoanEvent, ProductVersion, SavingsMove
from handup.lending.rules.codes import LoanState, Method, Outcome
from handup.lending.rules.eligibility import Stop
from handup.lending.services import savings_kept as kept
from handup.lending.tests.cast import START, World, applied, clean, make_product
from handup.lending.tests.test_savings import BANK, agreed, opened, pay_in
from handup.org.tests.standing import standing


@standing
def lenient(world: World) -> ProductVersion:
    """A tenth is saved before at the bank, unless a committee waives it."""
    return make_product(
        world.cast,
        world.direct,
        "LENIENT",
        terms={**BANK, "savings_ppm": 100_000},
        eligibility={"certificate_required": False, "waivable": ["SAVINGS_MISSING"]},
    )


def agreed_without(world: World, product: ProductVersion, *waived: Stop) -> Loan:
    """A signed loan of 1,200.00 whose committee waived what is named."""
    row = applied(world, product_version=product)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    for member in (world.cast.committee, world.cast.second):
        services.cast_vote(
            acting_staff=member,
            application=row,
            choice=Outcome.APPROVE,
            voted_date=START - timedelta(days=4),
        )
    services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=START - timedelta(days=3),
        waived=waived,
        reason="Her sister saves for her",
    )
    return services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )


def pay(world: World, loan: Loan) -> None:
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()


def test_a_loan_whose_savings_were_waived_is_paid_out_with_what_there_is(
    world: World, lenient: ProductVersion
) -> None:
    account = opened(world)
    pay_in(world, account, 50_00)
    loan = agreed_without(world, lenient, Stop.SAVINGS_MISSING)
    pay(world, loan)
    assert loan.state == LoanState.ACTIVE
    assert kept.by_loan(account) == {loan.pk: 50_00}
    clean()


def test_waived_savings_need_not_be_there_at_all(world: World, lenient: ProductVersion) -> None:
    loan = agreed_without(world, lenient, Stop.SAVINGS_MISSING)
    pay(world, loan)
    assert loan.state == LoanState.ACTIVE
    assert not SavingsMove.objects.exists()
    clean()


def test_that_a_stop_may_be_waived_waives_nothing(world: World, lenient: ProductVersion) -> None:
    account = opened(world)
    pay_in(world, account, 120_00)
    loan = agreed_without(world, lenient)
    services.pay_out_savings(
        acting_staff=world.cast.accountant,
        account=account,
        value_date=START,
        units=1,
        method=Method.BANK,
    )
    with pytest.raises(StopRule):
        pay(world, loan)
    assert not LoanEvent.objects.filter(loan=loan, kind="DISBURSED").exists()
    assert kept.by_loan(account) == {None: 119_99}


def test_pay_out_asks_for_what_the_application_asked(world: World) -> None:
    """A tenth of 1,200.01 is 120.01, rounded up at both steps."""
    with pytest.raises(StopRule, match=r"120\.01"):
        agreed(world, 1_200_01, savings_ppm=100_000)
    account = opened(world)
    pay_in(world, account, 120_01)
    row = applied(
        world, 1_200_01, product_version=ProductVersion.objects.get(product__code="SAVES")
    )
    assert row.state == "SUBMITTED"
    loan = Loan(
        product_version=row.product_version,
        terms=row.product_version.terms,
        approved_units=row.asked_units,
    )
    assert kept.needed_for(loan) == 120_01
