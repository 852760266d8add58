"""A draft saved on two devices: both are kept side by side, and somebody chooses."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client

from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.plans.models import FinanceAsk, HouseholdSheet, Plan, PlanVersion
from handup.plans.refusals import NotInThisState
from handup.plans.rules.states import PlanState
from handup.plans.services import (
    ask_finance,
    choose_draft,
    save_costing,
    save_household_sheet,
    screen_plan,
    submit_plan,
)
from handup.plans.services.beside import drafts_beside
from handup.plans.tests.conftest import COSTING, DAY, FINANCE, LINES, NO_HARM
from handup.plans.tests.test_doors import signed_in, url


def test_who_saves_an_older_edition_has_her_draft_kept_beside(
    written: Plan, adviser: StaffUser
) -> None:
    """The phone and the laptop both begin from the same edition."""
    had = Plan.objects.get(pk=written.pk).edition
    assert had == 3
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
    assert f'name="based_on" value="{3}"' in desk.get(page).content.decode()
    given = {
        "loan_units": "50000",
        "rate_percent": "2",
        "instalments": "6",
        "grace_instalments": "0",
        "method": "DECLINING",
        "repayment": "EQUAL_INSTALMENTS",
        "most_grace": "0",
    }
    assert desk.post(page, given | {"based_on": "3"}).status_code == 302
    answer = desk.post(page, given | {"based_on": "3", "loan_units": "40000"}, follow=True)
    beside = Plan.objects.exclude(pk=written.pk).get()
    told = answer.content.decode()
    assert "Somebody saved this plan meanwhile" in told
    assert written.number in told
    assert url("choose_draft", beside.pk) in told
    assert 'name="based_on"' in desk.get(url("save_household_sheet", beside.pk)).content.decode()
    assert desk.post(url("choose_draft", beside.pk)).status_code == 302
    assert Plan.objects.get(pk=written.pk).state == PlanState.SET_ASIDE
    assert "et aside for another draft" in desk.get(url("plan_detail", written.pk)).content.decode()
