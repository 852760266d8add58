"""Days somebody was served: a correction takes one away, two sessions of one day are one, and
nothing is told of who is left out.
"""

from datetime import date, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from handup.people.models import Participation
from handup.results.gathering import Source
from handup.results.rules.fact_tables import TABLES
from handup.results.tests.test_frozen import House, house
from handup.training.models import Attendance, Cohort, Course, Curriculum, Enrolment, Session

pytestmark = pytest.mark.django_db
__all__ = ["house"]
BEGAN, DAY = date(2025, 1, 5), date(2026, 1, 31)


@pytest.fixture
def course(house: House) -> Enrolment:
    """She takes part since January, in a course of three sessions, two of them on one day."""
    by = house.world.cast.advisor
    Participation.objects.create(
        person=house.world.person, programme=house.programme, office=house.world.office,
        state="ACTIVE", applied_date=BEGAN, started_date=BEGAN,
    )  # fmt: skip
    text = Curriculum.objects.create(code="C", language="en", title="C", prepared_by=by)
    cohort = Cohort.objects.create(
        code="C1", course=Course.objects.create(code="C", title="C", curriculum=text),
        programme=house.programme, capacity=20, starts_date=BEGAN, ends_date=DAY,
    )  # fmt: skip
    for number, day in enumerate((BEGAN, BEGAN, BEGAN + timedelta(days=7)), 1):
        Session.objects.create(
            cohort=cohort, number=number, session_date=day, minutes_planned=60,
            minutes_held=60, state="HELD",
        )  # fmt: skip
    return Enrolment.objects.create(person=house.world.person, cohort=cohort, state="ENROLLED")


def came(row: Enrolment, number: int, later: int = 0, **changes: object) -> Attendance:
    session = Session.objects.get(cohort=row.cohort, number=number)
    moment = timezone.now() + timedelta(minutes=later)
    told = {"minutes": 60, "received_at": moment, "recorded_by": row.cohort.course.curriculum
            .prepared_by, **changes}  # fmt: skip
    return Attendance.objects.create(session=session, enrolment=row, **told)


def told(house: House, *without: UUID) -> list[tuple[object, object, object]]:
    """Day, kind and record of each service but the loans."""
    rows = Source(house.programme, DAY, without).table("service")
    return [(row["day"], row["kind"], row["record"]) for row in rows if row["kind"] != "LOAN"]


def test_a_session_that_was_corrected_away_serves_nobody(house: House, course: Enrolment) -> None:
    part = Participation.objects.get(person=house.world.person)
    late = came(course, 2, later=5)
    first = came(course, 1)
    wrong = came(course, 3)
    began = (BEGAN, "BEGAN", str(part.pk))
    both = (BEGAN, "TRAINING", str(first.pk))
    assert told(house) == [began, both, (BEGAN + timedelta(days=7), "TRAINING", str(wrong.pk))]
    came(course, 3, minutes=0, mark="ABSENT", corrects=wrong)
    assert told(house) == [began, both]
    came(course, 1, later=9, corrects=first)
    assert told(house) == [began, (BEGAN, "TRAINING", str(late.pk))], "the first that still holds"


def test_a_row_has_every_column_and_of_who_is_left_out_there_is_none(
    house: House, course: Enrolment
) -> None:
    source = Source(house.programme, DAY)
    [row] = [one for one in source.table("service") if one["kind"] == "BEGAN"]
    assert {*row, "seq"} == set(TABLES["service"].columns)
    assert {**row, "household": ""}["person"] == str(house.world.person.pk)
    assert (row["branch"], row["household"]) == ("MAIN", str(house.world.person.pk))
    assert row["age_band"] == "35-59", "born in 1985"
    with pytest.raises(KeyError):
        row["name"]
    assert source.days_asked_of(house.world.person.pk) >= {BEGAN}
    assert told(house, house.world.person.pk) == []
