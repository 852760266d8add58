"""A partner bank's clerks approve, pay out and bring files for their own bank, and see no other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from handup.lending import services
from handup.lending.models import Application, Loan
from handup.lending.rules.codes import LoanState, Outcome
from handup.lending.tests.cast import START, World, applied, make_product, signed, staff
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.standing import standing


@standing
def second(world: World) -> StaffUser:
    """Another clerk of the same bank."""
    return staff("second-clerk", Role.BANK_CLERK, organisation_id=world.bank.pk)


def appraised(world: World, bank: bool) -> Application:
    product = make_product(world.cast, world.mirror, "REF") if bank else world.product
    application = applied(world, product_version=product)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=application,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    return application


def decide(who: StaffUser, application: Application) -> None:
    services.decide_application(
        acting_staff=who,
        application=application,
        outcome=Outcome.APPROVE,
        decided_date=START - timedelta(days=3),
    )


def test_one_clerk_approves_and_another_pays_out(world: World, second: StaffUser) -> None:
    application = appraised(world, bank=True)
    decide(world.cast.clerk, application)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=application, signed_date=START
    )
    today = timezone.localdate()
    with pytest.raises(SamePerson):
        services.disburse_loan(acting_staff=world.cast.clerk, loan=loan, value_date=today)
    services.disburse_loan(acting_staff=second, loan=loan, value_date=today)
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE


def test_a_clerk_decides_and_pays_nothing_of_another_lender(world: World) -> None:
    application = appraised(world, bank=False)
    with pytest.raises(OutOfSight):
        decide(world.cast.clerk, application)
    application.refresh_from_db()
    assert not application.decisions.exists()
    decide(world.cast.committee, application)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=application, signed_date=START
    )
    with pytest.raises(OutOfSight):
        services.disburse_loan(acting_staff=world.cast.clerk, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED


def test_a_clerk_sees_only_what_is_her_banks(world: World, loan: Loan) -> None:
    own = signed(world, product_version=make_product(world.cast, world.mirror, "REF"))
    clerk = world.cast.clerk
    assert list(Loan.objects.visible_to(clerk)) == [own]
    assert Application.objects.visible_to(clerk).count() == 1
