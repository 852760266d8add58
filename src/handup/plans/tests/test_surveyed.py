"""Rounds of surveys count from the day of the first completed course."""

from datetime import date

import pytest

from handup.plans.surveyed import completed_on
from handup.surveys import registers
from handup.surveys.rules.codes import SubjectKind
from handup.training.models import Enrolment
from handup.training.rules.states import EnrolmentState
from handup.training.tests import conftest as trained

cohort, course, curriculum = trained.cohort, trained.course, trained.curriculum
enrolled, office, officer = trained.enrolled, trained.office, trained.officer
person, programme, second, sessions = (
    trained.person, trained.programme, trained.second, trained.sessions,
)  # fmt: skip


@pytest.fixture
def done(enrolled: list[Enrolment]) -> Enrolment:
    """One who completed, beside others who did not."""
    row = enrolled[0]
    Enrolment.objects.filter(pk=row.pk).update(
        state=EnrolmentState.COMPLETED, completed_date=date(2026, 5, 4)
    )
    return row


def test_who_completed_a_course_has_a_day_to_count_from(
    done: Enrolment, enrolled: list[Enrolment]
) -> None:
    anchor = registers.anchors["COMPLETED"]
    assert anchor.kinds == {SubjectKind.PERSON}
    asked = [row.person_id for row in enrolled]
    assert anchor.dates(asked) == {done.person_id: date(2026, 5, 4)}
    assert completed_on(asked[1:]) == {}
