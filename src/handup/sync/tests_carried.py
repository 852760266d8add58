"""What a trainer's own phone carries so that tests are asked aloud and marked where there is no
network: the tests of her cohorts, their four tasks or their questions, and who sits them. No mark
leaves the office: only who has sat."""

from collections import defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.training.models import Enrolment, Test, TestResult
from handup.training.practical_texts import texts
from handup.training.rules.practical import TASK_POINTS, TaskForm
from handup.training.rules.states import CohortState

RECORDS = "training.record_test"
DAYS_BACK, DAYS_AHEAD, MOST = 31, 31, 40
SOUNDS_MOST = 4_000_000
"""How many bytes of recorded questions a phone carries: about forty of half a minute."""
OVER = (CohortState.CLOSED, CohortState.CORRECTED)


def tests_of(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    """The tests a reader marks around these days, the next first, and the persons they name."""
    if not grants_for(reader, RECORDS):
        return [], []
    today = timezone.localdate()
    rows = (
        Test.objects.reached_with(reader, RECORDS)
        .filter(test_date__gte=today - timedelta(days=DAYS_BACK))
        .filter(test_date__lte=today + timedelta(days=DAYS_AHEAD), closed_reason="")
        .exclude(cohort__state__in=OVER)
        .select_related("cohort")
        .prefetch_related("questions__sound")
        .order_by("test_date", "id")
    )
    found = list(rows[:MOST])
    people = enrolled_in(reader, {test.cohort_id for test in found})
    sat: dict[UUID, set[UUID]] = defaultdict(set)
    sittings = TestResult.objects.filter(test__in=found).values_list("test_id", "enrolment_id")
    for test_id, enrolment_id in sittings:
        sat[test_id].add(enrolment_id)
    fits = _sounds_that_fit(found)
    told = [_told(test, people[test.cohort_id], sat[test.pk], fits) for test in found]
    return told, [row.person_id for rows in people.values() for row in rows]


def enrolled_in(reader: StaffUser, cohorts: set[UUID]) -> dict[UUID, list[Enrolment]]:
    """Who is enrolled in some cohorts, by cohort, each in the order of their names."""
    people: dict[UUID, list[Enrolment]] = defaultdict(list)
    rows = Enrolment.objects.visible_to(reader).filter(cohort__in=cohorts, ended_date=None)
    for row in rows.exclude(enrolled_date=None).select_related("person"):
        people[row.cohort_id].append(row)
    for rows_of_one in people.values():
        rows_of_one.sort(key=lambda row: str(row.person))
    return people


def _sounds_that_fit(tests: list[Test]) -> set[UUID]:
    """The recorded questions a phone has room for, those of the next test first."""
    found: set[UUID] = set()
    left = SOUNDS_MOST
    for one in [question for test in tests for question in test.questions.all()]:
        if one.sound is not None and one.sound.size <= left:
            found.add(one.sound.pk)
            left -= one.sound.size
    return found


def _told(test: Test, people: list[Enrolment], sat: set[UUID], fits: set[UUID]) -> dict[str, Any]:
    tasks = texts(TaskForm(test.task_form)) if test.task_form else []
    return {
        "test_id": test.pk,
        "cohort": str(test.cohort),
        "title": test.title,
        "form": test.form,
        "test_date": test.test_date,
        "most_points": test.max_score,
        "task_points": TASK_POINTS if tasks else 0,
        "tasks": [
            {"title": one.title, "question": one.question, "answer": one.answer, "marks": one.marks}
            for one in tasks
        ],
        "questions": [
            {
                "number": one.number,
                "text": one.text,
                "most_points": one.most_points,
                "sound": one.sound_id if one.sound_id in fits else None,
            }
            for one in test.questions.all()
        ],
        "people": [
            {
                "enrolment_id": row.pk,
                "person_no": row.person.registration_no,
                "name": str(row.person),
            }
            for row in people
        ],
        "sat": [row.pk for row in people if row.pk in sat],
    }
