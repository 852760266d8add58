"""Approaches and providers side by side: closed cohorts, each share with its two counts."""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.models import Office, StaffUser
from handup.people.models import Alias
from handup.projects.models import Organisation, Programme
from handup.training import services
from handup.training.comparing import Result, compare
from handup.training.models import Cohort, CostLine, Course, Enrolment, Placement, TracerRound
from handup.training.queries import training_cost
from handup.training.rules.costs import CostBasis
from handup.training.rules.states import CohortState, CourseType, EnrolmentState
from handup.training.services.refusals import CostOfOneThing
from handup.training.tests.conftest import START, MakePerson
from handup.training.tests.test_api import Caller
from handup.training.tests.test_hidden_in_training import hide

DONE = date(2026, 4, 1)
ON = date(2026, 10, 15)


def cost(officer: StaffUser, cohort: Cohort, units: int) -> None:
    services.record_cost(
        acting_staff=officer,
        programme=cohort.programme,
        cohort=cohort,
        title="Trainers",
        cost_date=DONE,
        amount_units=units,
        currency="AMD",
    )


@pytest.fixture
def elsewhere(course: Course, programme: Programme, office: Office, person: MakePerson) -> Cohort:
    """A closed apprenticeship cohort of an institute: one of four completed, two dropped out."""
    trade = Course.objects.create(
        code="TRADE", title="A trade", curriculum=course.curriculum, type=CourseType.APPRENTICESHIP
    )
    row = Cohort.objects.create(
        code="T-1",
        course=trade,
        programme=programme,
        office=office,
        provider=Organisation.objects.create(code="INST", name="Institute"),
        capacity=5,
        starts_date=START,
        ends_date=START,
        state=CohortState.CLOSED,
        closed_date=DONE,
    )
    states = (EnrolmentState.COMPLETED, *[EnrolmentState.DROPPED_OUT] * 2)
    for state in (*states, EnrolmentState.NOT_COMPLETED):
        Enrolment.objects.create(
            person=person(),
            cohort=row,
            state=state,
            applied_date=START,
            enrolled_date=START,
            completed_date=DONE if state == EnrolmentState.COMPLETED else None,
        )
    return row


def place(officer: StaffUser, row: Enrolment, state: str = "VERIFIED") -> None:
    Placement.objects.create(
        enrolment=row,
        kind="WAGE",
        month=6,
        started_date=DONE,
        currency="AMD",
        claimed_date=ON,
        claimed_by=officer,
        state=state,
        verified_by=officer,
        verified_date=ON,
    )


def test_each_way_shows_its_counts_and_the_cost_of_a_placed_graduate(
    completed: list[Enrolment],
    cohort: Cohort,
    elsewhere: Cohort,
    programme: Programme,
    officer: StaffUser,
) -> None:
    cost(officer, cohort, 30_000)
    cost(officer, elsewhere, 10_001)
    for row in completed[:2]:
        place(officer, row)
    place(officer, elsewhere.enrolments.get(state="COMPLETED"), state="CLAIMED")
    told = compare(staff=officer, programme=programme, on=ON)
    results = {(way.approach, way.provider): one for way, one in told.ways.items()}
    assert results == {
        (CourseType(cohort.course.type), ""): Result(1, 3, 2, 0, 2, 2, 30_000),
        (CourseType.APPRENTICESHIP, "Institute"): Result(1, 4, 1, 2, 1, 0, 10_001),
    }
    house, institute = results.values()
    assert (house.per_placed, institute.per_placed) == (15_000, None)
    early = compare(staff=officer, programme=programme, on=date(2026, 9, 30))
    assert {one.due for one in early.ways.values()} == {0}, "six months have not passed"
    assert compare(staff=officer, programme=programme, on=date(2026, 3, 31)).ways == {}


def test_sums_over_cohorts_are_divided_never_the_mean_of_shares(
    completed: list[Enrolment],
    cohort: Cohort,
    elsewhere: Cohort,
    programme: Programme,
    officer: StaffUser,
) -> None:
    Cohort.objects.filter(pk=elsewhere.pk).update(course=cohort.course)
    cost(officer, cohort, 100)
    cost(officer, elsewhere, 101)
    place(officer, completed[0])
    place(officer, elsewhere.enrolments.get(state="COMPLETED"))
    told = compare(staff=officer, programme=programme, on=ON)
    assert len(told.ways) == 2
    (whole,) = told.by(lambda way: way.approach).values()
    assert whole == Result(2, 7, 3, 2, 3, 2, 201)
    assert whole.per_placed == 101, "100.5, half up"


def test_the_page_names_the_provider_and_counts_nobody_hidden(
    completed: list[Enrolment],
    elsewhere: Cohort,
    programme: Programme,
    officer: StaffUser,
    outsider: StaffUser,
    client: Client,
) -> None:
    page = reverse("training:compared")
    client.force_login(officer)
    shown = client.get(page).content.decode()
    assert "Institute" in shown
    assert "2 / 3 (66.7" in shown
    assert "2 / 4 (50.0" in shown
    assert "not defined" in shown
    hide(completed[0].person)
    assert "1 / 2 (50.0" in client.get(page).content.decode()
    status, rows = Caller(officer).get(f"/programmes/{programme.pk}/compared?on=2026-10-15")
    assert status == 200
    assert sorted(row["enrolled"] for row in rows) == [2, 4]
    client.force_login(outsider)
    assert client.get(page).status_code == 403


def test_refreshers_and_tracer_rounds_stand_apart_and_in_no_figure_per_head(
    completed: list[Enrolment],
    cohort: Cohort,
    elsewhere: Cohort,
    programme: Programme,
    officer: StaffUser,
    client: Client,
) -> None:
    """300.00 over three who started; a refresher of 40.00 carries half of a pool of 10.00."""
    Course.objects.filter(pk=elsewhere.course_id).update(type=CourseType.REFRESHER)
    elsewhere.enrolments.update(started_date=START)
    round = TracerRound.objects.create(
        programme=programme,
        month=6,
        opened_date=ON,
        seed=1,
        due=2,
        threshold_units=0,
        currency="AMD",
        opened_by=officer,
    )
    cost(officer, cohort, 30_000)
    cost(officer, elsewhere, 4_000)

    def spend(units: int, **of: Any) -> None:
        services.record_cost(
            acting_staff=officer,
            programme=programme,
            title="Days",
            cost_date=DONE,
            amount_units=units,
            currency="AMD",
            **of,
        )

    spend(700, tracer_round=round)
    spend(1_000, pool="Coordination")
    told = training_cost(programme_id=programme.pk, on=ON, currency="AMD", basis=CostBasis.EQUAL)
    assert (told.direct_units, told.shared_units) == (30_000, 500)
    assert (told.refresher_units, told.tracer_units) == (4_500, 700)
    assert told.units.per_participant == 10_167, "30,500 over three, nobody of the refresher"
    assert told.units.per_graduate == 15_250
    client.force_login(officer)
    shown = client.get(reverse("training:costs")).content.decode()
    assert "Refreshers, with their share of the pools" in shown
    assert "Tracer rounds" in shown
    for of in ({"tracer_round": round, "cohort": cohort}, {}):
        with pytest.raises(CostOfOneThing):
            spend(1, **of)
    assert CostLine.objects.count() == 4


def test_two_records_of_one_person_in_a_cohort_count_once(
    completed: list[Enrolment],
    cohort: Cohort,
    programme: Programme,
    officer: StaffUser,
) -> None:
    cost(officer, cohort, 30_000)
    for row in completed[:2]:
        place(officer, row)
    Alias.objects.create(old=completed[1].person, person=completed[0].person)
    (told,) = compare(staff=officer, programme=programme, on=ON).ways.values()
    assert told == Result(1, 2, 1, 0, 1, 1, 30_000)
    assert told.per_placed == 30_000


def test_a_cost_without_a_rate_is_said_to_stand_in_no_sum(
    completed: list[Enrolment],
    cohort: Cohort,
    programme: Programme,
    officer: StaffUser,
    client: Client,
) -> None:
    cost(officer, cohort, 30_000)
    client.force_login(officer)
    page = reverse("training:compared")
    words = "no rate: in none of the sums"
    assert words not in client.get(page).content.decode()
    CostLine.objects.create(
        programme=programme,
        cohort=cohort,
        title="Institute",
        cost_date=DONE,
        amount_units=70_000,
        currency="USD",
    )
    shown = client.get(page).content.decode()
    assert words in shown
    assert "USD" in shown
