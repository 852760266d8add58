"""Plans on the page of a person, when she was registered twice, and when she is erased."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from handup.org.models import StaffUser
from handup.people import merging
from handup.people.models import Person
from handup.plans import persons, verify
from handup.plans.models import ActualMonth, HouseholdSheet, Plan, PlanVersion, Visit
from handup.plans.queries import current_version, plan_facts
from handup.plans.rules.states import VisitKind
from handup.plans.services import (
    MonthIn,
    correct_actual_month,
    record_actual_month,
    record_visit,
    submit_plan,
)
from handup.plans.tests.conftest import DAY


@pytest.fixture
def visited(written: Plan, adviser: StaffUser, alice: Person) -> Plan:
    """A plan handed in, a visit made, a month told."""
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    record_visit(
        acting_staff=adviser,
        person=alice,
        programme=written.programme,
        plan=written,
        kind=VisitKind.COACHING,
        visit_date=DAY,
        situation="The oven stands in the shop.",
    )
    actual = record_actual_month(
        acting_staff=adviser, plan=written, month=DAY.replace(month=4), told=MonthIn(sales_units=1)
    )
    for units in (2, 3):
        actual = correct_actual_month(
            acting_staff=adviser, actual=actual, told=MonthIn(sales_units=units), reason="Again."
        )
    return written


def test_the_page_of_a_person_starts_and_lists_her_plans(
    visited: Plan, adviser: StaffUser, alice: Person
) -> None:
    client = Client()
    client.force_login(adviser)
    page = client.get(reverse("people:person_detail", args=[alice.pk])).content.decode()
    assert "Bread and cakes" in page
    assert reverse("plans:plan_new", args=[alice.pk]) in page
    titles = [str(moment.title) for moment in persons.moments(adviser, alice.pk)]
    assert titles == ["Business plan started", "Visit"]


def test_outsiders_see_none_of_it(visited: Plan, outsider: StaffUser, alice: Person) -> None:
    assert persons.tables(outsider, alice.pk) == []
    assert persons.moments(outsider, alice.pk) == []


def test_plans_follow_the_record_that_stays(
    visited: Plan, adviser: StaffUser, alice: Person
) -> None:
    twin = Person.objects.create(
        registration_no="100000017",
        display_name="Alice B.",
        sort_key="b alice",
        registered_date=DAY,
        registered_by=adviser,
    )
    merge = merging.Merge(twin.pk, alice.pk, DAY, adviser.pk)
    persons.move(merge)
    assert merge.moved == {
        "plans.plan.person": [str(visited.pk)],
        "plans.visit.person": [str(Visit.objects.get().pk)],
    }
    visited.refresh_from_db()
    assert visited.person == twin


def test_a_person_is_told_what_is_held_of_her(visited: Plan, alice: Person) -> None:
    held = persons.held(alice.pk)
    assert held["Business plans"][0]["Business"] == "Bread and cakes"
    assert held["Visits"][0]["Situation"] == "The oven stands in the shop."


def test_erasing_blanks_every_text_and_amount_and_keeps_that_there_was_a_plan(
    visited: Plan, alice: Person
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanVersion.objects.update(sha256="0" * 64)
    persons.blank(alice.pk)
    visited.refresh_from_db()
    assert (visited.title, visited.idea, visited.capital_units) == ("", "", 0)
    assert not HouseholdSheet.objects.exists()
    assert not ActualMonth.objects.exists()
    assert not visited.investments.exists()
    version = PlanVersion.objects.get()
    assert (version.inputs, version.results) == ({}, {})
    assert Visit.objects.get().situation == ""
    assert list(verify.changed_versions()) == []
    assert current_version(visited) is None
    assert plan_facts(visited) is None
