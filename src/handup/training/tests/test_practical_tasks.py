"""The four practical tasks of a business course: figures, points by task, the sheet, the paper."""

from datetime import date
from fractions import Fraction
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.org.models import StaffUser
from handup.training import services
from handup.training.facts import of_cohort
from handup.training.models import Cohort, Enrolment, Test, TestResult
from handup.training.practical_texts import texts
from handup.training.rules.gain import gain
from handup.training.rules.practical import FIGURES, PAIR, TASKS, TaskForm, able
from handup.training.rules.states import TestKind
from handup.training.services.refusals import NoTasks, TaskPointsWrong
from handup.training.tests.conftest import START
from handup.training.tests.test_api import Caller

LAST = date(2026, 3, 20)


@pytest.fixture
def tasks(cohort: Cohort, officer: StaffUser) -> Test:
    """The tasks after the course, form A."""
    return services.set_practical_tasks(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        task_form=TaskForm.A,
        test_date=LAST,
    )


def told(staff: StaffUser, test: Test, row: Enrolment, points: tuple[int, ...]) -> TestResult:
    return services.record_test(
        acting_staff=staff,
        test=test,
        enrolment=row,
        score=None,
        task_points=points,
        sat_date=LAST,
    )


def test_the_figures_of_both_forms_come_out_whole() -> None:
    """7 500 for 50 pieces are 150 each, 180 with a fifth added; 90 000 - 75 000 leave 15 000."""
    one, other = FIGURES[TaskForm.A], FIGURES[TaskForm.B]
    assert (one.unit_cost, one.price, one.profit) == (Fraction(150), Fraction(180), 15_000)
    assert (other.unit_cost, other.price, other.profit) == (Fraction(200), Fraction(250), 13_000)
    answers = [task.answer.rpartition("= ")[2] for task in texts(TaskForm.A)[:3]]
    assert answers == ["150", "180", "15,000"]


def test_who_could_do_a_task_is_counted_from_three_points() -> None:
    counts, marked = able([(5, 3, 2, 0), (3, 0, 5, 5)])
    assert (list(counts.values()), marked) == ([2, 1, 1, 1], 2)


def test_points_by_task_say_their_sum_and_nothing_else_fits(
    tasks: Test, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    row = told(officer, tasks, enrolled[0], (5, 4, 3, 5))
    assert (row.score, row.task_points, row.missed) == (17, [5, 4, 3, 5], False)
    for wrong in ((5, 4, 3), (6, 0, 0, 0), (5, 5, 5, 5, 0)):
        with pytest.raises(TaskPointsWrong):
            told(officer, tasks, enrolled[1], wrong)
    other = services.set_test(
        acting_staff=officer,
        cohort=tasks.cohort,
        kind=TestKind.POST,
        title="Written",
        max_score=20,
        test_date=LAST,
    )
    with pytest.raises(NoTasks):
        told(officer, other, enrolled[1], (5, 4, 3, 5))
    assert TestResult.objects.count() == 1


def test_both_forms_are_linked_and_tell_a_gain(
    tasks: Test, enrolled: list[Enrolment], officer: StaffUser
) -> None:
    first = services.set_practical_tasks(
        acting_staff=officer,
        cohort=tasks.cohort,
        kind=TestKind.PRE,
        task_form=TaskForm.B,
        test_date=START,
    )
    assert {first.pair, tasks.pair} == {PAIR}
    assert (first.max_score, tasks.max_score) == (5 * len(TASKS), 20)
    told(officer, first, enrolled[0], (2, 1, 1, 0))
    told(officer, tasks, enrolled[0], (5, 4, 3, 4))
    found = gain(list(of_cohort(tasks.cohort).sittings.values()))
    assert (found.pairs, found.text) == (1, "60.0")


def test_the_tasks_are_set_marked_and_printed_on_the_web(
    client: Client,
    cohort: Cohort,
    enrolled: list[Enrolment],
    officer: StaffUser,
    settings: Settings,
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(officer)
    assert reverse("training:tasks_new", args=[cohort.pk]) in (
        client.get(reverse("training:cohort_detail", args=[cohort.pk])).content.decode()
    )
    client.post(
        reverse("training:tasks_new", args=[cohort.pk]),
        {"kind": "POST", "task_form": "B", "test_date": LAST.isoformat()},
    )
    test = cohort.tests.get()
    page = reverse("training:test_sheet", args=[test.pk])
    cells = {f"cell-{enrolled[0].pk}": "5 4 3 2", f"cell-{enrolled[1].pk}": "9"}
    assert client.post(page, cells).status_code == 302
    kept = {row.score: row.task_points for row in TestResult.objects.all()}
    assert kept == {14: [5, 4, 3, 2], 9: []}
    shown = client.get(page).content.decode()
    assert "1 of 1 persons" in shown
    assert "0 of 1 persons" in shown
    assert 'value="5 4 3 2"' in shown
    wrong = client.post(page, {f"cell-{enrolled[0].pk}": "5 4 3 6"})
    assert wrong.status_code == 422
    assert "from 0 to 5" in wrong.content.decode()
    assert TestResult.objects.count() == 2
    paper = client.get(reverse("training:tasks_paper", args=[test.pk]))
    assert paper.content.startswith(b"%PDF")
    Test.objects.filter(pk=test.pk).update(task_form="")
    assert client.get(reverse("training:tasks_paper", args=[test.pk])).status_code == 404


def test_the_tasks_are_set_and_marked_over_the_api(
    cohort: Cohort, enrolled: list[Enrolment], officer: StaffUser, outsider: StaffUser
) -> None:
    api, key = Caller(officer), uuid4()
    asked = {"task_form": "A", "test_date": LAST}
    status, test = api.post(f"/cohorts/{cohort.pk}/practical-tasks", key, **asked)
    assert (status, test["task_form"], test["max_score"], test["kind"]) == (201, "A", 20, "POST")
    again = api.post(f"/cohorts/{cohort.pk}/practical-tasks", key, **asked)
    assert (again[0], Test.objects.count()) == (201, 1)
    other = {"task_form": "B", "test_date": LAST}
    assert api.post(f"/cohorts/{cohort.pk}/practical-tasks", key, **other)[0] == 409
    results = f"/tests/{test['id']}/results"
    marked = {"enrolment_id": enrolled[0].pk, "score": None, "sat_date": LAST}
    status, row = api.post(results, uuid4(), task_points=[5, 4, 3, 5], **marked)
    assert (status, row["score"], row["task_points"]) == (201, 17, [5, 4, 3, 5])
    assert api.post(results, uuid4(), task_points=[5, 4, 3], **marked)[0] == 422
    assert api.post(results, uuid4(), task_points=[5, 4, 3, 9], **marked)[0] == 422
    assert TestResult.objects.count() == 1
    assert Caller(outsider).post(f"/cohorts/{cohort.pk}/practical-tasks", **asked)[0] in (403, 404)
