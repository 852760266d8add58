"""What a bank may hear of a person: what she agreed to, to that bank, and said last."""

from datetime import date, timedelta

import pytest

from handup.lending import errors, services
from handup.lending.models import Application, Decision, Loan
from handup.lending.rules.codes import Outcome
from handup.lending.tests.cast import START, World, applied, make_product, make_world
from handup.org.tests.standing import standing
from handup.people.models import Consent, ConsentEnding
from handup.projects.models import Organisation

ASKED = START - timedelta(days=10)


@standing
def world(db: None) -> World:
    return make_world()


def shared(world: World) -> Consent:
    found: Consent = Consent.objects.get(person=world.person, purpose="SHARE_BANK")
    return found


def withdraw(world: World, day: date) -> None:
    ConsentEnding.objects.create(
        consent=shared(world), how="WITHDRAWN", end_date=day, recorded_by=world.cast.advisor
    )


def test_consent_to_one_bank_opens_no_other(world: World) -> None:
    at_bank = make_product(world.cast, world.mirror, "BANKED")
    other = Organisation.objects.create(code="B2", name="Second bank")
    Consent.objects.filter(pk=shared(world).pk).update(recipient=other)
    with pytest.raises(errors.StopRule, match="consent"):
        applied(world, product_version=at_bank)
    assert not Application.objects.exists()
    Consent.objects.filter(pk=shared(world).pk).update(recipient=world.bank)
    assert applied(world, product_version=at_bank).state == "SUBMITTED"


def test_a_consent_withdrawn_after_asking_stops_the_appraisal(world: World) -> None:
    application = applied(world, product_version=make_product(world.cast, world.mirror, "BANKED"))
    withdraw(world, START - timedelta(days=6))
    appraisal = services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=application,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.DECLINE,
    )
    assert [stop["stop"] for stop in appraisal.stops] == ["NO_CONSENT"]
    with pytest.raises(errors.StopRule, match="consent"):
        services.decide_application(
            acting_staff=world.cast.committee,
            application=application,
            outcome=Outcome.APPROVE,
            decided_date=START - timedelta(days=3),
        )
    assert not Decision.objects.exists()


def test_who_agrees_again_goes_on(world: World) -> None:
    product = make_product(world.cast, world.mirror, "BANKED")
    withdraw(world, ASKED - timedelta(days=20))
    with pytest.raises(errors.StopRule, match="consent"):
        applied(world, product_version=product)
    former = shared(world)
    Consent.objects.create(
        person=world.person,
        purpose="SHARE_BANK",
        notice=former.notice,
        method="SIGNATURE",
        given_date=ASKED - timedelta(days=1),
        recorded_by=world.cast.advisor,
    )
    assert applied(world, product_version=product).state == "SUBMITTED"


def decided(world: World) -> Application:
    """An application to the bank, appraised while she agreed."""
    application = applied(world, product_version=make_product(world.cast, world.mirror, "BANKED"))
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=application,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    return application


def decide(world: World, application: Application, outcome: Outcome) -> Decision:
    return services.decide_application(
        acting_staff=world.cast.committee,
        application=application,
        outcome=outcome,
        decided_date=START - timedelta(days=3),
        reason="She asks no more",
    )


def test_a_consent_withdrawn_after_the_appraisal_stops_approving_not_declining(
    world: World,
) -> None:
    application = decided(world)
    withdraw(world, START - timedelta(days=4))
    with pytest.raises(errors.StopRule, match="consent"):
        decide(world, application, Outcome.APPROVE)
    assert not Decision.objects.exists()
    assert decide(world, application, Outcome.DECLINE).outcome == "DECLINE"


def test_a_consent_withdrawn_after_the_decision_stops_the_signature(world: World) -> None:
    application = decided(world)
    decide(world, application, Outcome.APPROVE)
    withdraw(world, START - timedelta(days=1))
    with pytest.raises(errors.StopRule, match="consent"):
        services.sign_agreement(
            acting_staff=world.cast.officer, application=application, signed_date=START
        )
    assert not Loan.objects.exists()
