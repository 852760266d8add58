"""Conditions of a decision hold up the step they stand before, until met with a paper or lifted."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.models import Application, DecisionCondition, Loan
from handup.lending.rules.codes import ApplicationState, ConditionStep, LoanState, Outcome
from handup.lending.services import conditions
from handup.lending.services.conditions import ConditionIn
from handup.lending.tests.cast import START, World, applied, running
from handup.lending.tests.test_api import get, post
from handup.lending.tests.test_pages import at, do
from handup.org.duties import ReasonNeeded
from handup.org.permissions import NotAllowed, OutOfSight

DECIDED = START - timedelta(days=3)
LEASE = ConditionIn("The lease is signed", ConditionStep.SIGNING)
INSURED = ConditionIn("The machine is insured")


def decided(
    world: World, *told: ConditionIn, outcome: Outcome = Outcome.APPROVE, **changes: Any
) -> Application:
    """An application decided with conditions."""
    row = applied(world, **changes)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=outcome,
        decided_date=DECIDED,
        to_meet=told,
    )
    return row


def meet(world: World, text: str, on: date = START, paper: str = "No. 12") -> DecisionCondition:
    """The officer checks one off."""
    row = DecisionCondition.objects.get(text=text)
    return conditions.meet_condition(
        acting_staff=world.cast.officer, condition=row, met_date=on, document=paper
    )


def sign(world: World, row: Application) -> Loan:
    """The officer signs."""
    return services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=START
    )


def test_nothing_is_signed_or_paid_out_while_its_condition_is_open(world: World) -> None:
    row = decided(world, LEASE, INSURED)
    with pytest.raises(conditions.ConditionOpen) as refused:
        sign(world, row)
    assert str(refused.value) == "This is still to be met: The lease is signed."
    row.refresh_from_db()
    assert row.state == ApplicationState.APPROVED
    meet(world, "The lease is signed")
    loan = sign(world, row)
    with pytest.raises(conditions.ConditionOpen) as refused:
        services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    assert "The machine is insured" in str(refused.value)
    loan.refresh_from_db()
    assert loan.state == LoanState.AGREED
    meet(world, "The machine is insured")
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=START)
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE


def test_a_condition_is_checked_off_once_with_its_paper(world: World) -> None:
    decided(world, INSURED)
    with pytest.raises(conditions.DocumentMissing):
        meet(world, "The machine is insured", paper=" ")
    with pytest.raises(conditions.ConditionBeforeDecision):
        meet(world, "The machine is insured", DECIDED - timedelta(days=1))
    assert DecisionCondition.objects.get().is_open
    row = meet(world, "The machine is insured")
    assert (row.met_date, row.met_by, row.document) == (START, world.cast.officer, "No. 12")
    with pytest.raises(conditions.ConditionSettled):
        meet(world, "The machine is insured")


def test_only_who_decides_lifts_a_condition_and_says_why(world: World) -> None:
    row = decided(world, LEASE)
    item = DecisionCondition.objects.get()
    for staff, reason, refusal in (
        (world.cast.officer, "She owns it", NotAllowed),
        (world.cast.committee, " ", ReasonNeeded),
    ):
        with pytest.raises(refusal):
            conditions.lift_condition(
                acting_staff=staff, condition=item, lifted_date=START, reason=reason
            )
    with pytest.raises(conditions.ConditionOpen):
        sign(world, row)
    conditions.lift_condition(
        acting_staff=world.cast.committee,
        condition=item,
        lifted_date=START,
        reason="She owns it",
    )
    assert sign(world, row).state == LoanState.AGREED


def test_out_of_sight_nothing_is_checked_off(world: World) -> None:
    decided(world, INSURED)
    with pytest.raises(OutOfSight):
        conditions.meet_condition(
            acting_staff=world.cast.outsider,
            condition=DecisionCondition.objects.get(),
            met_date=START,
            document="No. 12",
        )
    assert DecisionCondition.objects.get().is_open


def test_a_declined_application_has_no_conditions_and_an_empty_one_is_refused(
    world: World,
) -> None:
    decided(world, INSURED, outcome=Outcome.DECLINE)
    assert not DecisionCondition.objects.exists()
    with pytest.raises(conditions.ConditionEmpty):
        decided(world, ConditionIn("  "))
    assert not DecisionCondition.objects.exists()


def test_a_loan_without_conditions_is_paid_out_as_before(world: World) -> None:
    assert running(world).state == LoanState.ACTIVE


def test_conditions_are_written_shown_and_checked_off_on_the_pages(
    client: Client, world: World
) -> None:
    row = applied(world, submitted_date=timezone.localdate())
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=timezone.localdate(),
        recommendation=Outcome.APPROVE,
    )
    today = timezone.localdate().isoformat()
    done = do(
        client,
        world.cast.committee,
        "decide",
        row.pk,
        outcome="APPROVE",
        decided_date=today,
        before_signing="The lease is signed\n\n",
        before_pay_out="The machine is insured\nThe licence is there",
    )
    assert done.status_code == 302, done.content.decode()[-2000:]
    texts = list(DecisionCondition.objects.values_list("text", "before"))
    assert texts == [
        ("The lease is signed", "SIGNING"),
        ("The machine is insured", "PAY_OUT"),
        ("The licence is there", "PAY_OUT"),
    ]
    page = at(client, world.cast.officer, "application_detail", row.pk).content.decode()
    assert "Still to be met: The lease is signed; The machine is insured" in page
    refused = do(client, world.cast.officer, "sign", row.pk, signed_date=today, start_date=today)
    assert refused.status_code == 422
    assert "The lease is signed" in refused.content.decode()
    first, second, third = DecisionCondition.objects.all()
    form = at(client, world.cast.officer, "condition_meet", first.pk).content.decode()
    assert "The lease is signed" in form
    do(client, world.cast.officer, "condition_meet", first.pk, met_date=today, document="No. 12")
    do(client, world.cast.committee, "condition_lift", second.pk, lifted_date=today, reason="Old")
    done = do(client, world.cast.officer, "sign", row.pk, signed_date=today, start_date=today)
    assert done.status_code == 302
    loan = Loan.objects.get()
    page = at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    assert "Still to be met: The licence is there" in page
    do(client, world.cast.officer, "condition_meet", third.pk, met_date=today, document="No. 13")
    page = at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    assert "Still to be met" not in page
    assert at(client, world.cast.outsider, "condition_meet", third.pk).status_code == 404


def test_the_api_decides_with_conditions_and_settles_them(client: Client, world: World) -> None:
    row = applied(world)
    services.appraise_application(
        acting_staff=world.cast.appraiser,
        application=row,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )
    made = post(
        client,
        world.cast.committee,
        f"/applications/{row.pk}/decision",
        outcome="APPROVE",
        decided_date=DECIDED.isoformat(),
        to_meet=[{"text": "The lease is signed", "before": "SIGNING"}, {"text": "Insured"}],
    )
    assert made.status_code == 201, made.content
    where = f"/applications/{row.pk}/conditions"
    first, second = get(client, world.cast.officer, where).json()
    assert (first["before"], second["before"]) == ("SIGNING", "PAY_OUT")
    met = post(
        client,
        world.cast.officer,
        f"/conditions/{first['id']}/met",
        met_date="2025-01-15",
        document="No. 12",
    )
    assert met.json()["document"] == "No. 12"
    lifted = post(
        client,
        world.cast.committee,
        f"/conditions/{second['id']}/lifted",
        lifted_date="2025-01-15",
        reason="Old",
    )
    assert lifted.json()["lift_reason"] == "Old"
