"""An application that is open for longer than its product says has expired: every step refuses it
by name, lists show it so, its plan is free, and it is submitted again.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.lending import services
from handup.lending.errors import ApplicationExpired, NotWaitingForThis, PlanTaken
from handup.lending.models import Application, Appraisal, Decision, DecisionCondition, Loan, Vote
from handup.lending.rules.codes import (
    ApplicationState,
    ConditionStep,
    LoanState,
    Outcome,
    Source,
)
from handup.lending.rules.expiry import state_on
from handup.lending.services.conditions import ConditionIn, ConditionOpen, meet_condition
from handup.lending.services.returned import submit_again
from handup.lending.tests.cast import START, World, applied, approved, make_product, still_open
from handup.lending.tests.plans import ready_plan
from handup.lending.tests.test_api import get
from handup.lending.tests.test_back_dating import strict
from handup.lending.tests.test_pages import at, do
from handup.lending.tests.test_plans_behind_loans import planned
from handup.lending.tests.test_steps import appraise, decide

ASKED = START - timedelta(days=10)
LAST = ASKED + timedelta(days=90)
AFTER = LAST + timedelta(days=1)
TODAY = timezone.localdate()


def shown(client: Client, world: World, **query: str) -> str:
    text: str = at(client, world.cast.officer, "application_list", **query).content.decode()
    return text


@pytest.mark.parametrize("state", ["SUBMITTED", "APPRAISED", "APPROVED"])
def test_what_waits_for_a_step_expires_after_its_last_day(state: str) -> None:
    assert state_on(state, LAST, LAST) == state
    assert state_on(state, LAST, AFTER) is ApplicationState.EXPIRED


@pytest.mark.parametrize("state", ["RETURNED", "DECLINED", "SIGNED", "EXPIRED"])
def test_what_waits_for_nothing_stays_as_it_is(state: str) -> None:
    assert state_on(state, LAST, AFTER) == state


def test_every_step_after_the_last_day_is_refused_and_nothing_is_stored(world: World) -> None:
    asked = applied(world)
    with pytest.raises(ApplicationExpired, match=f"{asked.code} expired after 2025-04-05"):
        appraise(world, asked, AFTER)
    appraise(world, asked, LAST)
    with pytest.raises(ApplicationExpired):
        appraise(world, asked, AFTER)
    with pytest.raises(ApplicationExpired):
        services.cast_vote(
            acting_staff=world.cast.committee,
            application=asked,
            choice=Outcome.APPROVE,
            voted_date=AFTER,
        )
    with pytest.raises(ApplicationExpired):
        decide(world, asked, Outcome.APPROVE, AFTER)
    decide(world, asked, Outcome.APPROVE, LAST)
    with pytest.raises(ApplicationExpired):
        services.sign_agreement(
            acting_staff=world.cast.officer, application=asked, signed_date=AFTER
        )
    assert (Appraisal.objects.count(), Vote.objects.count(), Decision.objects.count()) == (1, 0, 1)
    assert not Loan.objects.exists()
    asked.refresh_from_db()
    assert (asked.state, asked.state_on(AFTER)) == ("APPROVED", ApplicationState.EXPIRED)
    services.sign_agreement(acting_staff=world.cast.officer, application=asked, signed_date=LAST)


def test_for_how_long_is_the_products_own(world: World) -> None:
    rules = {"certificate_required": False, "expires_after_days": 30}
    quick = make_product(world.cast, world.direct, "QUICK", eligibility=rules)
    asked = applied(world, product_version=quick)
    assert asked.expires_date == ASKED + timedelta(days=30)
    with pytest.raises(ApplicationExpired):
        appraise(world, asked, asked.expires_date + timedelta(days=1))


def test_it_is_submitted_again_and_judged_anew(world: World) -> None:
    asked = approved(world)
    with pytest.raises(NotWaitingForThis):
        submit_again(acting_staff=world.cast.officer, application=asked, submitted_date=LAST)
    submit_again(acting_staff=world.cast.officer, application=asked, submitted_date=AFTER)
    asked.refresh_from_db()
    assert (asked.state, asked.submitted_date) == (ApplicationState.SUBMITTED, AFTER)
    assert asked.expires_date == AFTER + timedelta(days=90)
    with pytest.raises(NotWaitingForThis):
        services.sign_agreement(
            acting_staff=world.cast.officer, application=asked, signed_date=AFTER
        )
    appraise(world, asked, AFTER)
    decide(world, asked, Outcome.APPROVE, AFTER)
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=asked, signed_date=AFTER
    )
    assert loan.agreed_date == AFTER


def test_conditions_of_a_decision_that_lapsed_hold_up_nothing(client: Client, world: World) -> None:
    asked = still_open(applied(world))
    appraise(world, asked, ASKED)
    told = (ConditionIn("The pledge is registered", ConditionStep.SIGNING), ConditionIn("Insured"))
    services.decide_application(
        acting_staff=world.cast.committee,
        application=asked,
        outcome=Outcome.APPROVE,
        decided_date=LAST,
        to_meet=told,
    )
    Application.objects.filter(pk=asked.pk).update(expires_date=LAST)
    submit_again(acting_staff=world.cast.officer, application=asked, submitted_date=AFTER)
    still_open(asked)
    appraise(world, asked, AFTER)
    services.decide_application(
        acting_staff=world.cast.committee,
        application=asked,
        outcome=Outcome.APPROVE,
        decided_date=AFTER,
        to_meet=(ConditionIn("The lease is signed", ConditionStep.SIGNING),),
    )
    with pytest.raises(ConditionOpen) as refused:
        services.sign_agreement(
            acting_staff=world.cast.officer, application=asked, signed_date=AFTER
        )
    assert str(refused.value) == "This is still to be met: The lease is signed."
    page = at(client, world.cast.officer, "application_detail", asked.pk).content.decode()
    assert page.count("Expired") == len(told)
    assert page.count("Check off") == 1
    meet_condition(
        acting_staff=world.cast.officer,
        condition=DecisionCondition.objects.get(text="The lease is signed"),
        met_date=AFTER,
        document="No. 12",
    )
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=asked, signed_date=AFTER
    )
    page = at(client, world.cast.officer, "loan_detail", loan.pk).content.decode()
    assert "Still to be met" not in page
    services.disburse_loan(acting_staff=world.cast.manager, loan=loan, value_date=AFTER)
    loan.refresh_from_db()
    assert loan.state == LoanState.ACTIVE


def test_its_plan_is_free_for_another_application(world: World) -> None:
    plan = ready_plan(world)
    version = planned(world, expires_after_days=5)
    first = applied(world, product_version=version)
    assert first.plan_version is not None
    assert first.plan_version.plan_id == plan.pk
    last = first.expires_date
    with pytest.raises(PlanTaken):
        applied(
            world, product_version=version, plan_version=first.plan_version, submitted_date=last
        )
    other = applied(
        world,
        product_version=version,
        plan_version=first.plan_version,
        submitted_date=last + timedelta(days=1),
    )
    assert other.plan_version == first.plan_version
    with pytest.raises(PlanTaken, match=other.code):
        submit_again(
            acting_staff=world.cast.officer,
            application=first,
            submitted_date=last + timedelta(days=2),
        )
    first.refresh_from_db()
    assert first.state == ApplicationState.SUBMITTED


def test_no_step_goes_back_to_a_day_too_long_ago_for_one_person(world: World) -> None:
    cast = world.cast
    asked, weighed, agreed = applied(world), applied(world), approved(world)
    appraise(world, weighed, START)
    kept = (Appraisal.objects.count(), Decision.objects.count())
    strict()
    steps: list[Callable[[], Any]] = [
        partial(appraise, world, asked, START),
        partial(
            services.cast_vote,
            acting_staff=cast.committee,
            application=weighed,
            choice=Outcome.APPROVE,
            voted_date=START,
        ),
        partial(decide, world, weighed, Outcome.APPROVE, START),
        partial(
            services.sign_agreement,
            acting_staff=cast.officer,
            application=agreed,
            signed_date=START,
        ),
    ]
    for step in steps:
        with pytest.raises(ApplicationExpired):
            step()
    assert (Appraisal.objects.count(), Decision.objects.count()) == kept
    assert not Vote.objects.exists()
    assert not Loan.objects.exists()
    (loan,) = services.sign_agreements(
        [services.AgreementIn(agreed, START)],
        acting_staff=cast.officer,
        source=Source.DEMONSTRATION,
    )
    assert loan.agreed_date == START


def test_a_step_of_last_week_is_recorded_when_the_paper_comes_back(world: World) -> None:
    strict()
    asked = applied(world, submitted_date=TODAY - timedelta(days=95))
    assert asked.expires_date == TODAY - timedelta(days=5)
    appraise(world, asked, asked.expires_date)
    early = applied(world, submitted_date=TODAY - timedelta(days=98))
    with pytest.raises(ApplicationExpired):
        appraise(world, early, early.expires_date)


def test_it_is_not_signed_on_an_earlier_day_when_another_has_its_plan(world: World) -> None:
    plan = ready_plan(world)
    version = planned(world, expires_after_days=20)
    first = approved(world, product_version=version)
    alone = approved(world)
    assert first.plan_version is not None
    last = first.expires_date
    other = applied(
        world,
        product_version=version,
        plan_version=first.plan_version,
        submitted_date=last + timedelta(days=1),
    )
    with pytest.raises(PlanTaken, match=f"{plan.number}.*{other.code}") as refused:
        services.sign_agreement(
            acting_staff=world.cast.officer, application=first, signed_date=last
        )
    assert refused.value.field == "signed_date"
    first.refresh_from_db()
    assert (first.state, Loan.objects.count()) == (ApplicationState.APPROVED, 0)
    services.sign_agreement(acting_staff=world.cast.officer, application=alone, signed_date=START)


def test_it_is_signed_on_the_day_it_was_while_nobody_took_its_plan(world: World) -> None:
    ready_plan(world)
    version = planned(world, expires_after_days=20)
    row = approved(world, product_version=version)
    assert row.plan_version is not None
    loan = services.sign_agreement(
        acting_staff=world.cast.officer, application=row, signed_date=row.expires_date
    )
    assert loan.agreed_date == row.expires_date


# --- doors ----------------------------------------------------------------------------------------


def open_one(world: World, days_ago: int) -> Application:
    return applied(world, submitted_date=TODAY - timedelta(days=days_ago))


def test_lists_show_and_find_it(client: Client, world: World) -> None:
    old, fresh = open_one(world, 91), open_one(world, 90)
    both = shown(client, world)
    assert "Expired" in both
    only = shown(client, world, state="EXPIRED")
    assert (old.code in only, fresh.code in only) == (True, False)
    waiting = shown(client, world, state="SUBMITTED")
    assert (old.code in waiting, fresh.code in waiting) == (False, True)


def test_its_page_says_so_and_offers_to_submit_it_again(client: Client, world: World) -> None:
    old, fresh = open_one(world, 91), open_one(world, 90)
    page = at(client, world.cast.officer, "application_detail", old.pk).content.decode()
    assert "it has expired" in page
    assert "Submit it again" in page
    page = at(client, world.cast.officer, "application_detail", fresh.pk).content.decode()
    assert "it has expired" not in page
    assert "Submit it again" not in page
    day = TODAY.isoformat()
    done = do(client, world.cast.officer, "submit_again", old.pk, submitted_date=day)
    assert done.status_code == 302
    old.refresh_from_db()
    assert (old.state_now, old.submitted_date) == (ApplicationState.SUBMITTED, TODAY)


def test_the_api_says_so(client: Client, world: World) -> None:
    old, fresh = open_one(world, 91), open_one(world, 90)
    items: list[Any] = get(client, world.cast.officer, "/applications").json()["items"]
    states = {item["code"]: item["state"] for item in items}
    assert states == {old.code: "EXPIRED", fresh.code: "SUBMITTED"}
    one = get(client, world.cast.officer, f"/applications/{old.pk}").json()
    assert one["state"] == "EXPIRED"


def test_the_next_version_of_a_product_keeps_its_days(client: Client, world: World) -> None:
    rules = {"certificate_required": False, "expires_after_days": 45}
    quick = make_product(world.cast, world.direct, "QUICK", eligibility=rules)
    page = at(client, world.cast.manager, "product_detail", quick.pk).content.decode()
    assert "Days an application stays open" in page
    form = at(client, world.cast.manager, "product_next", quick.pk).content.decode()
    assert 'value="45"' in form


def test_a_day_beyond_the_last_is_not_yet_expired_by_that_day(world: World) -> None:
    row = applied(world)
    assert row.state_on(date(2025, 4, 5)) is ApplicationState.SUBMITTED
    assert row.state_now is ApplicationState.EXPIRED
