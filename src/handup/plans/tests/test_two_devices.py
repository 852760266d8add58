"""A draft saved on two devices: both are kept side by side, and somebody chooses."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.plans.models import FinanceAsk, HouseholdSheet, Plan, PlanVersion
from handup.plans.refusals import NotInThisState
from handup.plans.rules.inputs import OwnWhatIf
from handup.plans.rules.parts import Part, Topic
from handup.plans.rules.states import Depth, PlanState
from handup.plans.services import (
    ActionIn,
    AnswerIn,
    answer_part,
    ask_finance,
    change_plan,
    choose_draft,
    save_action_points,
    save_costing,
    save_household_sheet,
    save_scenarios,
    screen_plan,
    submit_plan,
)
from handup.plans.services.beside import drafts_beside
from handup.plans.tests.conftest import COSTING, DAY, FINANCE, LINES, NO_HARM
from handup.plans.tests.test_doors import signed_in, url
from handup.projects.models import Programme


def test_who_saves_an_older_edition_has_her_draft_kept_beside(
    written: Plan, adviser: StaffUser
) -> None:
    """The phone and the laptop both begin from the same edition."""
    had = Plan.objects.get(pk=written.pk).edition
    assert had == 4
    more, less = replace(FINANCE, loan_units=70_000_00), replace(FINANCE, loan_units=50_000_00)
    first = ask_finance(acting_staff=adviser, plan=written, finance=more, based_on=had)
    assert first.plan == written
    second = ask_finance(acting_staff=adviser, plan=written, finance=less, based_on=had)
    beside = second.plan
    assert beside != written
    assert (beside.beside, beside.person, beside.state) == (written, written.person, "DRAFT")
    asked = FinanceAsk.objects.order_by("loan_units").values_list("loan_units", flat=True)
    assert list(asked) == [50_000_00, 70_000_00]
    mine, other = (HouseholdSheet.objects.get(plan=plan) for plan in (written, beside))
    assert [line.units for line in other.lines.all()] == [line.units for line in mine.lines.all()]
    assert beside.investments.count() == written.investments.count() == 2
    assert drafts_beside(written) == [beside]
    assert drafts_beside(beside) == [written]


def test_the_same_saving_sent_again_keeps_nothing_twice(written: Plan, adviser: StaffUser) -> None:
    had, keys = Plan.objects.get(pk=written.pk).edition, (uuid4(), uuid4())
    for _again in range(2):
        save_costing(acting_staff=adviser, plan=written, costing=COSTING, based_on=had, key=keys[0])
    assert Plan.objects.count() == 1
    found = {
        save_costing(
            acting_staff=adviser, plan=written, costing=COSTING, based_on=had, key=keys[1]
        ).pk
        for _again in range(2)
    }
    assert len(found) == 1
    assert Plan.objects.count() == 2
    assert Plan.objects.get(pk=written.pk).edition == had + 1
    beside, late = Plan.objects.exclude(pk=written.pk).get(), uuid4()
    for _again in range(2):
        save_costing(acting_staff=adviser, plan=beside, costing=COSTING, based_on=0, key=late)
    assert Plan.objects.count() == 3


def test_one_handed_in_elsewhere_is_not_handed_in_again(written: Plan, adviser: StaffUser) -> None:
    had = Plan.objects.get(pk=written.pk)
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    assert had.state == PlanState.DRAFT
    with pytest.raises(NotInThisState):
        submit_plan(acting_staff=adviser, plan=had, submitted_date=DAY)
    assert PlanVersion.objects.count() == 1
    with pytest.raises(NotInThisState):
        screen_plan(acting_staff=adviser, plan=had, answers=NO_HARM, screened_date=DAY)


def test_one_is_chosen_and_the_other_set_aside_to_be_read(
    written: Plan, adviser: StaffUser, outsider: StaffUser
) -> None:
    beside = save_costing(acting_staff=adviser, plan=written, costing=COSTING, based_on=0)
    with pytest.raises((NotAllowed, OutOfSight)):
        choose_draft(acting_staff=outsider, plan=beside)
    for unchosen, other in ((written, beside), (beside, written)):
        with pytest.raises(NotInThisState, match=other.number):
            submit_plan(acting_staff=adviser, plan=unchosen, submitted_date=DAY)
    assert not PlanVersion.objects.exists()
    chosen = choose_draft(acting_staff=adviser, plan=beside)
    assert chosen.state == PlanState.DRAFT
    aside = Plan.objects.get(pk=written.pk)
    assert aside.state == PlanState.SET_ASIDE
    assert drafts_beside(chosen) == []
    with pytest.raises(NotInThisState):
        save_household_sheet(acting_staff=adviser, plan=aside, lines=LINES, told_date=DAY)
    with pytest.raises(NotInThisState):
        choose_draft(acting_staff=adviser, plan=aside)
    submit_plan(acting_staff=adviser, plan=chosen, submitted_date=DAY)
    assert Plan.objects.get(pk=chosen.pk).state == PlanState.SUBMITTED


def test_the_page_says_so_and_lets_choose(written: Plan, adviser: StaffUser) -> None:
    desk: Client = signed_in(adviser)
    page = url("ask_finance", written.pk)
    assert f'name="based_on" value="{4}"' in desk.get(page).content.decode()
    given = {
        "loan_units": "50000",
        "rate_percent": "2",
        "instalments": "6",
        "grace_instalments": "0",
        "method": "DECLINING",
        "repayment": "EQUAL_INSTALMENTS",
        "most_grace": "0",
    }
    assert desk.post(page, given | {"based_on": "4"}).status_code == 302
    answer = desk.post(page, given | {"based_on": "4", "loan_units": "40000"}, follow=True)
    beside = Plan.objects.exclude(pk=written.pk).get()
    told = answer.content.decode()
    assert "Somebody saved this plan meanwhile" in told
    assert written.number in told
    assert url("choose_draft", beside.pk) in told
    assert 'name="based_on"' in desk.get(url("save_household_sheet", beside.pk)).content.decode()
    assert desk.post(url("choose_draft", beside.pk)).status_code == 302
    assert Plan.objects.get(pk=written.pk).state == PlanState.SET_ASIDE
    assert "et aside for another draft" in desk.get(url("plan_detail", written.pk)).content.decode()


def test_words_scenarios_and_screening_are_kept_beside_too(
    written: Plan, adviser: StaffUser
) -> None:
    """Each is saved over the edition that a phone had before the laptop saved the costing."""
    had = Plan.objects.get(pk=written.pk).edition
    steps = [ActionIn("Sign the lease", "Ani", DAY)]
    save_action_points(acting_staff=adviser, plan=written, points=steps)
    save_costing(acting_staff=adviser, plan=written, costing=COSTING, based_on=had + 1)
    over: dict[str, Any] = {"acting_staff": adviser, "plan": written, "based_on": had}
    told = [AnswerIn(Topic.LICENCE, "A licence of the town")]
    beside = answer_part(part=Part.LAW, answers=told, **over)
    screened = screen_plan(answers=NO_HARM, screened_date=DAY, **over).plan
    risky = save_scenarios(scenarios=[OwnWhatIf("Frost")], **over)
    frame = change_plan(
        title="Bread", idea="", horizon_months=written.horizon_months, depth=Depth.FULL, **over
    )
    assert {beside.pk, screened.pk, risky.pk, frame.pk} == {beside.pk}, "one device, one draft"
    assert beside.pk != written.pk
    assert not written.answers.filter(topic=Topic.LICENCE).exists()
    assert (written.scenarios.count(), beside.scenarios.get().name) == (0, "Frost")
    assert beside.action_points.get().what == "Sign the lease"
    beside.refresh_from_db()
    assert (beside.title, beside.kept_by, beside.kept_from) == ("Bread", adviser, had)
    assert Plan.objects.get(pk=written.pk).title == written.title != "Bread"
    emptied = save_action_points(points=[], **over)
    assert (emptied, beside.action_points.count()) == (beside, 0), "told where none is left"
    third = answer_part(part=Part.LAW, answers=(), **over)
    assert third.pk not in (written.pk, beside.pk), "the same part from a third device"
    assert beside.answers.get(topic=Topic.LICENCE).answer == "A licence of the town"


def test_what_another_kept_beside_is_not_written_over(
    written: Plan, adviser: StaffUser, programme: Programme
) -> None:
    other_adviser = staff_with(
        "other", Role.ADVISOR, scope=ScopeKind.PROJECT, programme_id=programme.pk
    )
    hers = save_costing(acting_staff=adviser, plan=written, costing=COSTING, based_on=0)
    other = screen_plan(
        acting_staff=other_adviser, plan=written, answers=NO_HARM, screened_date=DAY, based_on=0
    ).plan
    assert other.pk not in (hers.pk, written.pk)
    again = screen_plan(
        acting_staff=other_adviser,
        plan=written,
        answers=NO_HARM,
        screened_date=DAY,
        key=(key := uuid4()),
    )
    saved = Plan.objects.get(pk=written.pk).edition
    for _time in range(2):
        screen_plan(
            acting_staff=other_adviser, plan=written, answers=NO_HARM, screened_date=DAY, key=key
        )
    assert again.plan == written
    assert Plan.objects.get(pk=written.pk).edition == saved


def test_pages_and_api_of_words_tell_the_edition(written: Plan, adviser: StaffUser) -> None:
    desk = signed_in(adviser)
    page = url("screen_plan", written.pk)
    assert 'name="based_on" value="4"' in desk.get(page).content.decode()
    save_costing(acting_staff=adviser, plan=written, costing=COSTING)
    given = {"title": "Bread", "idea": "", "horizon_months": "12", "depth": "LIGHT"}
    told = desk.post(url("change_plan", written.pk), given | {"based_on": "4"}, follow=True)
    assert "Somebody saved this plan meanwhile" in told.content.decode()
    assert Plan.objects.get(beside=written).title == "Bread"


def test_a_page_sent_twice_is_one_saving_and_what_is_written_anew_is_not_lost(
    written: Plan, adviser: StaffUser
) -> None:
    desk, page = signed_in(adviser), url("change_plan", written.pk)
    given = {
        "title": "Bread",
        "idea": "",
        "horizon_months": "12",
        "depth": "LIGHT",
        "based_on": "4",
        "_new_id": str(uuid4()),
    }
    for _time in range(2):
        assert desk.post(page, given).status_code == 302
    assert Plan.objects.get().title == "Bread"
    assert desk.post(page, given | {"title": "Cakes"}).status_code == 302
    assert {plan.title for plan in Plan.objects.all()} == {"Bread", "Cakes"}
