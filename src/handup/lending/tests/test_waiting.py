"""What an application waits for, and who may take the step: on today's list and on its page."""

from datetime import date, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from handup.lending import services
from handup.lending.models import Application
from handup.lending.rules.codes import ApplicationState, Outcome
from handup.lending.tests.cast import START, World, applied, make_product, signed, staff, still_open
from handup.lending.tests.test_api import get
from handup.lending.tests.test_pages import at
from handup.lending.waiting import Step, open_steps, to_pay_out, votes_needed, waiting_for
from handup.org import installation
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.rules.duties import Profile
from handup.org.tests.standing import standing


@standing
def asked(world: World) -> Application:
    """An application that two of three members vote on."""
    product = make_product(world.cast, world.direct, "VOTED", bands=[{"members": 3, "quorum": 2}])
    return still_open(applied(world, product_version=product))


def appraise(row: Application, by: StaffUser) -> None:
    services.appraise_application(
        acting_staff=by,
        application=row,
        appraised_date=START - timedelta(days=5),
        recommendation=Outcome.APPROVE,
    )


def vote(row: Application, by: StaffUser) -> None:
    services.cast_vote(
        acting_staff=by,
        application=row,
        choice=Outcome.APPROVE,
        voted_date=START - timedelta(days=4),
    )


def waits(step: Step, who: StaffUser, on: date = START) -> list[Application]:
    return list(waiting_for(step, Application.objects.visible_to(who), who, on))


def steps(row: Application, who: StaffUser) -> list[Step]:
    row.refresh_from_db()
    return open_steps(Application.objects.get(pk=row.pk), who, START)


def test_an_application_waits_for_appraisal_by_anyone_but_its_advisor(
    world: World, asked: Application
) -> None:
    assert waits(Step.APPRAISE, world.cast.appraiser) == [asked]
    assert waits(Step.APPRAISE, world.cast.advisor) == []
    assert steps(asked, world.cast.advisor) == []
    for later in (Step.VOTE, Step.DECIDE, Step.SIGN):
        assert waits(later, world.cast.committee) == []


def test_it_waits_for_the_votes_of_those_who_have_no_hand_in_it(
    world: World, asked: Application
) -> None:
    appraise(asked, world.cast.appraiser)
    cast = world.cast
    assert votes_needed(asked) == (0, 2)
    assert waits(Step.VOTE, cast.committee) == waits(Step.VOTE, cast.second) == [asked]
    assert waits(Step.VOTE, cast.appraiser) == waits(Step.VOTE, cast.advisor) == []
    assert waits(Step.DECIDE, cast.manager) == []
    vote(asked, cast.committee)
    assert waits(Step.VOTE, cast.committee) == []
    assert waits(Step.VOTE, cast.second) == [asked]
    assert steps(asked, cast.committee) == []
    assert steps(asked, cast.second) == [Step.VOTE, Step.APPRAISE]


def test_once_the_votes_are_cast_it_waits_for_the_decision(
    world: World, asked: Application
) -> None:
    cast = world.cast
    appraise(asked, cast.appraiser)
    vote(asked, cast.committee)
    vote(asked, cast.second)
    for member in (cast.committee, cast.second, cast.manager):
        assert waits(Step.VOTE, member) == []
        assert waits(Step.DECIDE, member) == [asked]
    assert waits(Step.DECIDE, cast.appraiser) == waits(Step.DECIDE, cast.advisor) == []
    assert steps(asked, cast.manager) == [Step.DECIDE, Step.VOTE, Step.APPRAISE]
    assert steps(asked, cast.second) == [Step.DECIDE]


def test_where_one_member_decides_nobody_is_asked_to_vote(world: World) -> None:
    row = applied(world)
    appraise(row, world.cast.appraiser)
    assert waits(Step.VOTE, world.cast.committee) == []
    assert waits(Step.DECIDE, world.cast.committee) == [row]
    services.decide_application(
        acting_staff=world.cast.committee,
        application=row,
        outcome=Outcome.APPROVE,
        decided_date=START,
    )
    assert waits(Step.DECIDE, world.cast.committee) == []
    assert waits(Step.SIGN, world.cast.officer) == [row]
    assert steps(row, world.cast.officer) == [Step.SIGN]


def test_an_expired_application_waits_for_nothing(world: World, asked: Application) -> None:
    day_after = asked.expires_date + timedelta(days=1)
    assert waits(Step.APPRAISE, world.cast.appraiser, asked.expires_date) == [asked]
    assert waits(Step.APPRAISE, world.cast.appraiser, day_after) == []


def test_a_small_office_may_let_one_person_do_several_steps(
    world: World, asked: Application
) -> None:
    both = staff("both", Role.APPRAISER, Role.COMMITTEE)
    appraise(asked, both)
    assert waits(Step.VOTE, both) == []
    installation.put(installation.PROFILE, Profile.SMALL.value)
    assert waits(Step.VOTE, both) == [asked]


def test_many_that_wait_cost_a_fixed_number_of_statements(
    world: World, asked: Application, django_assert_max_num_queries: Any
) -> None:
    appraise(asked, world.cast.appraiser)
    for _ in range(5):
        appraise(applied(world, product_version=asked.product_version), world.cast.appraiser)
    with django_assert_max_num_queries(6):
        assert len(waits(Step.VOTE, world.cast.committee)) == 6


def test_a_signed_loan_is_paid_out_by_another_hand(client: Client, world: World) -> None:
    advising = staff("advising", Role.ADVISOR, Role.CASHIER)
    loan = signed(world, advisor=advising)
    assert to_pay_out([loan], advising) == []
    assert to_pay_out([loan], world.cast.cashier) == [loan]
    address = reverse("lending:disburse_loan", args=[loan.pk])
    assert address not in at(client, advising, "loan_detail", loan.pk).content.decode()
    assert address in at(client, world.cast.cashier, "loan_detail", loan.pk).content.decode()


def page(client: Client, who: StaffUser, row: Application) -> str:
    text: str = at(client, who, "application_detail", row.pk).content.decode()
    return text


def test_the_page_offers_only_the_step_that_is_hers_and_counts_the_votes(
    client: Client, world: World, asked: Application
) -> None:
    cast = world.cast
    still_open(asked)
    voting, deciding = (reverse(f"lending:{name}", args=[asked.pk]) for name in ("vote", "decide"))
    appraise(asked, cast.appraiser)
    assert voting in page(client, cast.committee, asked)
    vote(asked, cast.committee)
    once = page(client, cast.committee, asked)
    assert (voting in once, deciding in once) == (False, False)
    assert "1 of 2 votes are cast." in once
    vote(asked, cast.second)
    decided = page(client, cast.second, asked)
    assert (voting in decided, deciding in decided) == (False, True)
    assert "2 of 2 votes are cast; it waits for the decision." in decided
    asked.refresh_from_db()
    assert asked.state == ApplicationState.APPRAISED


def test_the_interface_says_what_it_waits_for(
    client: Client, world: World, asked: Application
) -> None:
    cast, path = world.cast, f"/applications/{asked.pk}"
    still_open(asked)
    assert get(client, cast.appraiser, path).json()["open_steps"] == [Step.APPRAISE]
    appraise(asked, cast.appraiser)
    vote(asked, cast.committee)
    told = get(client, cast.committee, path).json()
    assert (told["votes_cast"], told["votes_needed"], told["open_steps"]) == (1, 2, [])
    vote(asked, cast.second)
    assert get(client, cast.second, path).json()["open_steps"] == [Step.DECIDE]
