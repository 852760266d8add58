"""Nobody decides about what passed through her own hands, whichever way the steps are ordered, and
what two do at once counts once.
"""

from datetime import timedelta

import pytest

from handup.lending import services
from handup.lending.errors import NotWaitingForThis
from handup.lending.models import Application, Appraisal, Decision, LoanEvent, Vote
from handup.lending.rules.codes import EventKind, Outcome
from handup.lending.tests.cast import START, World, applied, approved, make_product, staff
from handup.org.duties import SamePerson
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.tests.standing import standing

BY_TWO = [{"members": 2, "quorum": 2}]


@standing
def both(world: World) -> StaffUser:
    """One who may appraise, vote and pay out."""
    return staff("both", Role.APPRAISER, Role.COMMITTEE, Role.FINANCE_MANAGER)


def appraise(by: StaffUser, application: Application) -> Appraisal:
    return services.appraise_application(
        acting_staff=by,
        application=application,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )


def vote(by: StaffUser, application: Application) -> Vote:
    return services.cast_vote(
        acting_staff=by,
        application=application,
        choice=Outcome.APPROVE,
        voted_date=START - timedelta(days=4),
    )


def decide(by: StaffUser, application: Application, outcome: Outcome) -> Decision:
    return services.decide_application(
        acting_staff=by,
        application=application,
        outcome=outcome,
        decided_date=START - timedelta(days=3),
        reason="Seen",
    )


def test_who_voted_does_not_pay_out(world: World, both: StaffUser) -> None:
    world.product = make_product(world.cast, world.direct, "TWO", bands=BY_TWO)
    application = applied(world)
    appraise(world.cast.appraiser, application)
    vote(both, application)
    vote(world.cast.second, application)
    decide(world.cast.committee, application, Outcome.APPROVE)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=application, signed_date=START
    )
    with pytest.raises(SamePerson):
        services.disburse_loan(acting_staff=both, loan=loan, value_date=START)
    assert not LoanEvent.objects.filter(kind=EventKind.DISBURSED).exists()


def test_no_appraiser_votes_or_decides_even_when_another_appraised_after_her(
    world: World, both: StaffUser
) -> None:
    application = applied(world)
    appraise(both, application)
    appraise(world.cast.appraiser, application)
    with pytest.raises(SamePerson):
        vote(both, application)
    with pytest.raises(SamePerson):
        decide(both, application, Outcome.APPROVE)
    assert not Vote.objects.exists()
    assert not Decision.objects.exists()


def test_who_voted_does_not_appraise_afterwards(world: World, both: StaffUser) -> None:
    application = applied(world)
    appraise(world.cast.appraiser, application)
    vote(both, application)
    with pytest.raises(SamePerson):
        appraise(both, application)
    assert Appraisal.objects.count() == 1


@pytest.mark.parametrize("advised", [True, False])
def test_the_officer_who_keeps_it_does_not_appraise(
    world: World, both: StaffUser, advised: bool
) -> None:
    advisor = world.cast.advisor if advised else None
    application = applied(world, officer=both, advisor=advisor)
    with pytest.raises(SamePerson):
        appraise(both, application)
    appraise(world.cast.appraiser, application)


def test_an_application_seen_before_another_decided_is_not_decided_again(world: World) -> None:
    application = applied(world)
    appraise(world.cast.appraiser, application)
    seen_before = Application.objects.get(pk=application.pk)
    decide(world.cast.committee, application, Outcome.APPROVE)
    with pytest.raises(NotWaitingForThis):
        decide(world.cast.second, seen_before, Outcome.DECLINE)
    with pytest.raises(NotWaitingForThis):
        vote(world.cast.second, Application.objects.get(pk=application.pk))
    application.refresh_from_db()
    assert (application.state, Decision.objects.count()) == ("APPROVED", 1)


def test_an_application_seen_before_it_was_signed_is_not_signed_again(world: World) -> None:
    application = approved(world)
    seen_before = Application.objects.get(pk=application.pk)
    services.sign_agreement(
        acting_staff=world.cast.officer, application=application, signed_date=START
    )
    with pytest.raises(NotWaitingForThis):
        services.sign_agreement(
            acting_staff=world.cast.officer, application=seen_before, signed_date=START
        )
