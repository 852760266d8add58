"""My week: visits, refreshers, tracers and tasks on one page, overdue first."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.kernel.dates import add_months
from handup.org.models import ReadEntry, StaffUser
from handup.projects.models import Programme
from handup.training.models import ApprenticeshipAgreement, Enrolment, FollowUp, TracerResponse
from handup.training.models import TracerRound as Round
from handup.training.tests.conftest import START
from handup.training.tests.test_hidden_in_training import hide
from handup.training.weeks import Due, week_of

DONE = date(2026, 4, 1)
ON = add_months(DONE, 6)  # the sixth month is due for the refresher and for the tracer


@pytest.fixture
def asked(completed: list[Enrolment], programme: Programme, officer: StaffUser) -> Round:
    """A tracer round of everybody who completed."""
    round = Round.objects.create(
        programme=programme,
        month=6,
        opened_date=ON,
        seed=1,
        due=len(completed),
        threshold_units=0,
        currency="AMD",
        opened_by=officer,
    )
    for row in completed:
        TracerResponse.objects.create(round=round, enrolment=row)
    return round


def kinds(due: list[Due]) -> list[str]:
    return [str(one.kind) for one in due]


def test_the_week_holds_visits_refreshers_tracers_and_tasks_overdue_first(
    asked: Round,
    completed: list[Enrolment],
    agreements: list[ApprenticeshipAgreement],
    officer: StaffUser,
) -> None:
    graduates = [row for row in completed if row.completed_date is not None]
    FollowUp.objects.create(
        enrolment=graduates[0],
        kind="ABSENCE",
        assigned_to=officer,
        opened_date=ON,
        due_date=ON + timedelta(days=3),
    )
    due = week_of(officer, ON)
    days = [one.due_date for one in due]
    assert days == sorted(days)
    assert kinds(due)[: len(agreements)] == ["Visit to an apprentice"] * len(agreements)
    assert due[0].late_days(ON) == (ON - START - timedelta(days=14)).days
    assert kinds(due)[-1] == "Somebody to ask after"
    middle = kinds(due)[len(agreements) : -1]
    assert middle.count("Refresher") == middle.count("Graduate to ask") == len(graduates)
    assert {one.late_days(ON) for one in due[len(agreements) :]} == {0}
    soon = week_of(officer, ON - timedelta(days=7))
    assert "Graduate to ask" not in kinds(soon), "a week before it is not yet this week's"
    past = week_of(officer, ON + timedelta(days=46))
    assert "Graduate to ask" not in kinds(past), "after the window nobody can be asked"


def test_nobody_hidden_stands_in_a_week(
    asked: Round, completed: list[Enrolment], officer: StaffUser
) -> None:
    graduates = [row for row in completed if row.completed_date is not None]
    before = week_of(officer, ON)
    hide(graduates[0].person)
    seen = StaffUser.objects.get(pk=officer.pk)
    after = week_of(seen, ON)
    assert len(after) == len(before) - 2
    assert graduates[0].person_id not in {one.person_id for one in after}


def test_the_page_and_the_api_show_the_same_week(
    officer: StaffUser, enrolled: list[Enrolment], outsider: StaffUser, client: Client
) -> None:
    today = timezone.localdate()
    FollowUp.objects.create(
        enrolment=enrolled[0],
        kind="ABSENCE",
        assigned_to=officer,
        opened_date=today - timedelta(days=9),
        due_date=today - timedelta(days=4),
    )
    client.force_login(officer)
    page = client.get(reverse("training:my_week"))
    shown = page.content.decode()
    assert "Somebody to ask after" in shown
    assert str(enrolled[0].person) in shown
    assert ReadEntry.objects.filter(action="LIST").count() == 1
    told = client.get("/api/v1/training/week").json()
    assert told["of"] == 1
    assert told["items"][0]["person_id"] == str(enrolled[0].person_id)
    assert client.get("/api/v1/training/week?skip=1").json()["items"] == []
    client.force_login(outsider)
    assert client.get(reverse("training:my_week")).status_code == 403
