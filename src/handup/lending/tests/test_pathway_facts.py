"""What a pathway reads of the house: savings, plans, answers."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.lending.models import Pathway, PathwayEnrolment
from handup.lending.rules.pathways import Judgement, Reading, Why
from handup.lending.services import pathways
from handup.lending.services.pathway_facts import standing_of
from handup.lending.tests.cast import World, staff
from handup.lending.tests.plans import ready_plan
from handup.lending.tests.test_savings import opened, pay_in
from handup.org.rules.access import Role
from handup.surveys import services as surveys
from handup.surveys.rules.codes import RoundKind

DAY = date(2025, 1, 20)


def enrolled(world: World, **criterion: Any) -> PathwayEnrolment:
    """The borrower on a pathway of one criterion."""
    made: Pathway = pathways.open_pathway(
        acting_staff=world.cast.manager,
        programme=world.programme,
        name="First steps",
        criteria=[{"code": "one", "label": "One", "threshold": "1", **criterion}],
        needed=1,
        from_date=date(2024, 1, 1),
    )
    return pathways.enrol_in_pathway(
        acting_staff=world.cast.advisor, pathway=made, person=world.person, enrolled_date=DAY
    )


def read(row: PathwayEnrolment, on: date) -> tuple[Judgement, Reading]:
    """What the one criterion comes to."""
    found = standing_of(row, on).judged[0]
    return found.judgement, found.reading


def test_savings_must_have_been_there_all_through_the_window(world: World) -> None:
    row = enrolled(world, fact="SAVINGS", threshold="2000", window_months=2)
    account = opened(world)
    pay_in(world, account, 20_00, date(2025, 3, 10))
    judgement, reading = read(row, date(2025, 3, 20))
    assert judgement is Judgement.NOT_MET  # empty at the end of February
    assert reading.value == 0
    judgement, reading = read(row, date(2025, 5, 20))
    assert judgement is Judgement.MET
    assert reading.value == 20_00


def test_savings_in_another_currency_are_not_known(world: World) -> None:
    row = enrolled(world, fact="SAVINGS", threshold="1")
    account = opened(world)
    type(account).objects.filter(pk=account.pk).update(currency="EUR")
    judgement, reading = read(row, DAY)
    assert (judgement, reading.why) == (Judgement.UNKNOWN, Why.OTHER_CURRENCY)


def test_a_plan_counts_once_it_was_approved(world: World) -> None:
    row = enrolled(world, fact="PLAN", window_months=12)
    plan = ready_plan(world, person=world.person)
    assert plan.ready_date is not None
    before = plan.ready_date - timedelta(days=1)
    assert read(row, before)[0] is Judgement.NOT_MET
    assert read(row, plan.ready_date)[0] is Judgement.MET


def answered(world: World, income: str, on: date) -> None:
    """She says in a survey what she earns a month; another person accepts it."""
    monitor, second = staff("monitor", Role.ME_OFFICER), staff("reader", Role.ME_OFFICER)
    version = surveys.install_questionnaire(acting_staff=monitor, code="impact")
    round_ = surveys.plan_round(
        acting_staff=monitor,
        questionnaire=version.questionnaire,
        programme=world.programme,
        name="Follow-up",
        kind=RoundKind.FOLLOW_UP,
        opens_date=on,
        closes_date=on + timedelta(days=30),
        seed="one",
    )
    case = surveys.draw_sample(
        acting_staff=monitor,
        round=round_,
        eligible=[surveys.EligibleIn(subject=world.person, interviewer=monitor)],
    )[0]
    surveys.open_round(acting_staff=monitor, round=round_)
    given = {"income_change": "BETTER", "life_change": "SAME", "income_month": income}
    sent = surveys.record_submission(
        acting_staff=monitor,
        submission=surveys.SubmissionIn(
            case=case,
            version=version,
            answers=[
                surveys.AnswerIn(
                    name=name, value=value, currency="USD" if name == "income_month" else ""
                )
                for name, value in given.items()
            ],
            answered_date=on,
        ),
    )
    surveys.accept_submission(acting_staff=second, submission=sent)


@pytest.mark.parametrize(
    ("income", "judgement"), [("6000", Judgement.MET), ("4999", Judgement.NOT_MET)]
)
def test_her_last_answer_is_read_by_its_key_until_it_is_too_old(
    world: World, income: str, judgement: Judgement
) -> None:
    row = enrolled(
        world,
        fact="ANSWER",
        key="income_month",
        is_money=True,
        threshold="5000",
        window_months=6,
    )
    asked = date(2025, 6, 10)
    assert read(row, asked)[1].why is Why.NO_ANSWER
    answered(world, income, asked)
    assert read(row, asked)[0] is judgement
    late, reading = read(row, date(2026, 1, 10))
    assert (late, reading.why) == (Judgement.UNKNOWN, Why.TOO_OLD)


def test_a_house_answer_goes_before_what_was_seen_by_hand(world: World) -> None:
    row = enrolled(
        world, fact="ANSWER", key="income_month", is_money=True, threshold="5000", window_months=6
    )
    asked = date(2025, 6, 10)
    pathways.record_pathway_check(
        acting_staff=world.cast.advisor,
        enrolment=row,
        check_date=asked,
        findings={"one": "9000"},
    )
    assert read(row, asked)[0] is Judgement.MET
    answered(world, "4000", asked)
    assert read(row, asked)[0] is Judgement.NOT_MET


def test_her_journey_shows_the_way(client: Client, world: World) -> None:
    enrolled(world, fact="BY_HAND")
    client.force_login(world.cast.manager)
    page = client.get(reverse("people:person_detail", args=[world.person.pk])).content.decode()
    assert "Pathway out of extreme poverty" in page
    journey = client.get(reverse("desk:journey", args=[world.person.pk])).content.decode()
    assert "Came onto a pathway" in journey
