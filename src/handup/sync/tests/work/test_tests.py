"""Tests asked aloud and marked on a trainer's own phone: it carries the tasks in words and who sits
them, no mark of anybody; every sitting is stored once."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.org.models import Device, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people.models import Person
from handup.sync import persons, tests_carried
from handup.sync.models import WorkFact, WorkState
from handup.sync.services import take_work_again
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.sync.tests.work.test_people import told
from handup.sync.tests.work.test_plans import send
from handup.sync.work_queries import work_of
from handup.training.models import Cohort, Enrolment, Test, TestResult
from handup.training.rules.practical import TaskForm
from handup.training.rules.states import TestForm, TestKind
from handup.training.services.spoken import QuestionIn, set_spoken_test
from handup.training.services.spoken_sounds import record_question
from handup.training.services.tests_sat import record_test, set_practical_tasks, set_test
from handup.training.tests.conftest import member_of_staff
from handup.training.tests.test_spoken import OGG

TODAY = timezone.localdate()


@pytest.fixture
def device(officer: StaffUser) -> Device:
    return own_phone(officer).device


@pytest.fixture
def tasks(officer: StaffUser, cohort: Cohort) -> Test:
    """The four tasks, today."""
    return set_practical_tasks(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        task_form=TaskForm.A,
        test_date=TODAY,
    )


@pytest.fixture
def spoken(officer: StaffUser, cohort: Cohort) -> Test:
    """A spoken test of ten points."""
    return set_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.PRE,
        title="Aloud",
        max_score=10,
        test_date=TODAY,
        form=TestForm.ORAL,
    )


@pytest.fixture
def questions(officer: StaffUser, cohort: Cohort) -> Test:
    """A spoken test of two questions, of three points and two."""
    return set_spoken_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        title="Aloud",
        questions=[QuestionIn("What is profit?", 3), QuestionIn("Who buys?", 2)],
        test_date=TODAY,
    )


ANSWERS = [{"number": 1, "points": 2, "answer": "What is left"}, {"number": 2, "points": 0}]


def sat(test: Test, enrolment: Enrolment, **more: Any) -> dict[str, Any]:
    body = {"test": str(test.pk), "enrolment": str(enrolment.pk)}
    return told("record_test", body | more, TODAY.isoformat())


def test_a_phone_carries_the_tasks_in_words_and_nobodys_marks(
    tasks: Test, enrolled: list[Enrolment], officer: StaffUser, outsider: StaffUser
) -> None:
    record_test(acting_staff=officer, test=tasks, enrolment=enrolled[0], score=17, sat_date=TODAY)
    pack, named = work_of(officer)
    (one,) = pack["tests"]
    assert (one["most_points"], one["task_points"], len(one["tasks"])) == (20, 5, 4)
    assert "What does one piece cost you?" in one["tasks"][0]["question"]
    assert one["sat"] == [enrolled[0].pk]
    assert {row["enrolment_id"] for row in one["people"]} == {row.pk for row in enrolled}
    assert all(set(row) == {"enrolment_id", "person_no", "name"} for row in one["people"])
    assert not {"results", "scores", "score"} & set(one)
    assert enrolled[0].person_id in named
    assert work_of(outsider)[0]["tests"] == []
    Test.objects.update(closed_reason="Nobody came")
    assert work_of(officer)[0]["tests"] == []


def test_a_sitting_is_stored_once_by_task_by_points_or_as_missed(
    tasks: Test, spoken: Test, enrolled: list[Enrolment], officer: StaffUser, device: Device
) -> None:
    first = sat(tasks, enrolled[0], task_points=[5, 3, 0, 4])
    facts = [first, sat(spoken, enrolled[0], score=0), sat(spoken, enrolled[1], missed=True)]
    for _time in range(2):
        assert states(send(officer, device, *facts)) == ["DONE"] * 3
    rows = {(row.test.title, row.enrolment): row for row in TestResult.objects.all()}
    assert len(rows) == 3
    row = rows[tasks.title, enrolled[0]]
    assert (row.score, row.task_points, row.sat_date) == (12, [5, 3, 0, 4], TODAY)
    assert [rows["Aloud", who].score for who in enrolled[:2]] == [0, None]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"score": 5, "missed": True},
        {"missed": False},
        {"score": -1},
        {"score": "5"},
        {"task_points": [5, 5, 5]},
        {"task_points": [5, 5, 5, 6]},
        {"score": 1, "enrolment": "me"},
        {"answers": []},
        {"answers": [{"number": 0, "points": 1}]},
        {"answers": "none"},
        {"answers": ["none"]},
        {"answers": [{"number": 1, "points": 101}]},
        {"answers": [{"number": 51, "points": 1}]},
        {"answers": [{"number": 1, "points": 1, "answer": "x" * 2_001}]},
        {"answers": [{"number": 1, "points": 1}, {"number": 1, "points": 2}]},
        {"answers": ANSWERS, "score": 2},
    ],
)
def test_a_sitting_that_cannot_be_read_is_refused(
    tasks: Test,
    enrolled: list[Enrolment],
    officer: StaffUser,
    device: Device,
    wrong: dict[str, Any],
) -> None:
    fact = sat(tasks, enrolled[0])
    fact["body"] |= wrong
    assert states(send(officer, device, fact)) == ["REFUSED"]
    assert not TestResult.objects.exists()


def test_what_does_not_fit_waits_and_goes_with_its_person(
    spoken: Test,
    enrolled: list[Enrolment],
    officer: StaffUser,
    device: Device,
) -> None:
    high, tasked = sat(spoken, enrolled[0], score=11), sat(spoken, enrolled[0], task_points=[1] * 4)
    assert states(send(officer, device, high, tasked)) == ["WAITING"] * 2
    stranger = member_of_staff("stranger", Role.TRAINER, scope=ScopeKind.CASELOAD)
    theirs = sat(spoken, enrolled[0], score=1)
    assert states(send(stranger, own_phone(stranger).device, theirs)) == ["WAITING"]
    hers = enrolled[0].person_id
    assert any(high["id"] in str(rows) for rows in persons.held(hers).values())
    persons.erase(hers)
    assert set(WorkFact.objects.values_list("state", "told")) == {(WorkState.LEFT_OUT, "")}
    Person.objects.filter(pk=hers).update(erased_date=TODAY)
    (gone,) = send(officer, device, sat(spoken, enrolled[0], score=2))
    assert gone.state in {WorkState.LEFT_OUT, WorkState.WAITING}
    assert not TestResult.objects.exists()


def test_a_sitting_of_a_day_to_come_waits_for_it(
    spoken: Test, enrolled: list[Enrolment], officer: StaffUser, device: Device
) -> None:
    """The clock of a phone may stand wrong."""
    early = sat(spoken, enrolled[0], score=5) | {"happened_date": "2999-01-01"}
    assert states(send(officer, device, early)) == ["WAITING"]
    assert not TestResult.objects.exists()


def test_the_questions_of_a_spoken_test_go_out_and_each_answer_comes_back_once(
    questions: Test, enrolled: list[Enrolment], officer: StaffUser, device: Device
) -> None:
    (one,) = work_of(officer)[0]["tests"]
    assert one["questions"] == [
        {"number": 1, "text": "What is profit?", "most_points": 3, "sound": None},
        {"number": 2, "text": "Who buys?", "most_points": 2, "sound": None},
    ]
    fact = sat(questions, enrolled[0], answers=ANSWERS)
    for _time in range(2):
        assert states(send(officer, device, fact)) == ["DONE"]
    row = TestResult.objects.get()
    assert (str(row.pk), row.score) == (fact["id"], 2)
    said = [(one.question.number, one.points, one.answer) for one in row.answers.all()]
    assert said == [(1, 2, "What is left"), (2, 0, "")]
    assert {one.heard_by for one in row.answers.all()} == {officer}


def test_answers_that_fit_other_questions_wait_until_somebody_takes_them(
    questions: Test, enrolled: list[Enrolment], officer: StaffUser, device: Device
) -> None:
    """The office set the test anew while the phone was away."""
    short = sat(questions, enrolled[0], answers=ANSWERS[:1])
    high = sat(questions, enrolled[0], answers=[ANSWERS[0], {"number": 2, "points": 3}])
    assert states(send(officer, device, short, high)) == ["WAITING"] * 2
    assert not TestResult.objects.exists()
    questions.questions.filter(number=2).update(most_points=3)
    boss = member_of_staff("boss", Role.MANAGER)
    row = WorkFact.objects.get(pk=high["id"])
    assert take_work_again(acting_staff=boss, fact=row).state == WorkState.DONE
    kept = TestResult.objects.get()
    assert (kept.score, kept.recorded_by) == (5, officer)
    assert {one.heard_by for one in kept.answers.all()} == {officer}, "who told it heard it"


def test_the_phone_fetches_the_recorded_question_of_a_test_it_asks_and_no_other(
    questions: Test,
    enrolled: list[Enrolment],
    officer: StaffUser,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, second = questions.questions.all()
    spoken = record_question(acting_staff=officer, question=first, content=OGG)
    (one,) = work_of(officer)[0]["tests"]
    assert [asked["sound"] for asked in one["questions"]] == [spoken.sound_id, None]
    door = f"/api/v1/sync/work/sounds/{spoken.sound_id}"

    def ask(staff: StaffUser) -> Any:
        token = own_phone(staff).token
        return client.get(door, headers={"Authorization": f"Bearer {token}"})

    told = ask(officer).json()
    assert told == {"sha256": sha256(OGG).hexdigest(), "content": b64encode(OGG).decode()}
    stranger = member_of_staff("stranger", Role.TRAINER, scope=ScopeKind.CASELOAD)
    assert ask(stranger).status_code == 404
    record_question(acting_staff=officer, question=second, content=OGG + b"\x01")
    monkeypatch.setattr(tests_carried, "SOUNDS_MOST", len(OGG) + 5)
    (one,) = work_of(officer)[0]["tests"]
    assert [asked["sound"] for asked in one["questions"]] == [spoken.sound_id, None], "no room"
