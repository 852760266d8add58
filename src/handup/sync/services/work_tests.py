"""A test that somebody sat away from the office, asked aloud and marked on a phone."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.scope import without_opened
from handup.plans.refusals import InTheFuture
from handup.sync.errors import NotThatPerson, NotThatTest
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.services.work_told import WorkTold, is_word
from handup.training.models import Enrolment, Test
from handup.training.rules.practical import TASK_POINTS, TASKS
from handup.training.services.spoken import MOST_ANSWER, MOST_QUESTIONS, AnswerIn, record_spoken
from handup.training.services.spoken import MOST_POINTS as MOST_OF_QUESTION
from handup.training.services.tests_sat import record_test

NAME = "record_test"
MOST_POINTS = 32_767
MARKS = ("score", "task_points", "answers", "missed")


def is_sitting(body: Mapping[str, Any]) -> bool:
    """Whether a body tells of a sitting: `test`, `enrolment`, and one of `score`, `task_points` of
    the four tasks, `answers` to the questions of a spoken test, or that she `missed` it."""
    told = [name for name in MARKS if name in body]
    if not is_device_id(body.get("test")) or not is_device_id(body.get("enrolment")):
        return False
    if told == ["missed"]:
        return body["missed"] is True
    if told == ["task_points"]:
        points = body["task_points"]
        fits = isinstance(points, list) and len(points) == len(TASKS)
        return fits and all(is_number(one, most=TASK_POINTS) for one in points)
    if told == ["answers"]:
        return _are_answers(body["answers"])
    return told == ["score"] and is_number(body["score"], most=MOST_POINTS)


def _are_answers(answers: object) -> bool:
    """Whether each answer is told as it must be: the `number` of its question once, its `points`,
    and what she answered where it was written down."""
    if not isinstance(answers, list) or not 0 < len(answers) <= MOST_QUESTIONS:
        return False
    if not all(isinstance(one, Mapping) and _is_answer(one) for one in answers):
        return False
    return len({one["number"] for one in answers}) == len(answers)


def _is_answer(one: Mapping[str, Any]) -> bool:
    return (
        is_number(one.get("number"), least=1, most=MOST_QUESTIONS)
        and is_number(one.get("points"), most=MOST_OF_QUESTION)
        and is_word(one.get("answer", ""), most=MOST_ANSWER, least=0)
    )


def sit(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Record the sitting; nothing of whoever was erased since. Raises InTheFuture, NotThatTest,
    NotThatPerson and what `record_test` and `record_spoken` refuse."""
    body = told.body
    if told.happened_date > timezone.localdate():  # its day comes: it waits
        raise InTheFuture(field="happened_date", date=told.happened_date)
    tests = Test.objects.reached_with(staff, "training.record_test").select_related("cohort")
    test = tests.filter(pk=body["test"]).first()
    if test is None:
        raise NotThatTest
    rows = Enrolment.objects.visible_to(without_opened(staff)).select_related("person")
    enrolment = rows.filter(pk=body["enrolment"], cohort=test.cohort).first()
    if enrolment is None:
        raise NotThatPerson
    if enrolment.person.erased_date is not None:
        return WorkState.LEFT_OUT
    row.office_id = test.cohort.office_id
    if "answers" in body:
        record_spoken(
            acting_staff=staff,
            test=test,
            enrolment=enrolment,
            sat_date=told.happened_date,
            answers=[
                AnswerIn(one["number"], one["points"], one.get("answer", ""))
                for one in body["answers"]
            ],
            id=told.id,
        )
        return WorkState.DONE
    points = body.get("task_points")
    record_test(
        acting_staff=staff,
        test=test,
        enrolment=enrolment,
        score=body.get("score"),
        task_points=tuple(points) if points is not None else None,
        sat_date=told.happened_date,
        id=told.id,
    )
    return WorkState.DONE
