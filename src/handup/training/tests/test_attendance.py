"""Attendance from any device in any order, and the points of tests."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.training import services
from handup.training.facts import of_cohort
from handup.training.models import (
    Attendance,
    Cohort,
    Enrolment,
    Session,
    Test,
    TestResult,
)
from handup.training.queries import alerts, cohort_board
from handup.training.rules.attendance import Mark, Method
from handup.training.rules.states import (
    SessionState,
    TestForm,
    TestKind,
)
from handup.training.services import refusals
from handup.training.tests.conftest import START, MakePerson, attend, noon

CLOSE = date(2026, 4, 1)


def post_test(officer: StaffUser, cohort: Cohort) -> Test:
    return services.set_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.POST,
        form=TestForm.PRACTICAL,
        title="Four tasks",
        max_score=20,
        test_date=START + timedelta(days=3),
    )


def test_the_order_of_upload_does_not_matter_and_a_disagreement_opens_one_task(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    def send(row: Enrolment, *order: tuple[int, int]) -> None:
        for minutes, hour in order:
            services.record_attendance(
                acting_staff=officer,
                session=sessions[0],
                enrolment=row,
                minutes=minutes,
                method=Method.SCAN,
                recorded_at=noon(START) + timedelta(hours=hour),
            )

    send(enrolled[0], (180, 0), (90, 1))
    send(enrolled[1], (90, 1), (180, 0))
    facts = of_cohort(sessions[0].cohort)
    assert facts.attended(enrolled[0].pk) == facts.attended(enrolled[1].pk)
    assert facts.attended(enrolled[0].pk).attended == 180
    assert sorted(facts.conflicts()) == sorted(
        [(enrolled[0].pk, sessions[0].pk), (enrolled[1].pk, sessions[0].pk)]
    )
    (line,) = cohort_board(staff=officer)
    assert line.conflicts == 2


def test_a_correction_settles_it_and_both_records_stay(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    attend(officer, enrolled[0], sessions[0], 180)
    attend(officer, enrolled[0], sessions[0], 90)
    first = Attendance.objects.order_by("id").first()
    assert first is not None
    with pytest.raises(refusals.ReasonMissing):
        services.correct_attendance(acting_staff=officer, attendance=first, minutes=120, reason="")
    assert Attendance.objects.count() == 2
    services.correct_attendance(
        acting_staff=officer, attendance=first, minutes=120, reason="left early, trainer says"
    )
    facts = of_cohort(sessions[0].cohort)
    assert facts.attended(enrolled[0].pk).attended == 120
    assert facts.conflicts() == []
    assert Attendance.objects.count() == 3


def test_the_database_refuses_to_change_or_delete_attendance(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    attend(officer, enrolled[0], sessions[0], 100)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.update(minutes=180)
    with pytest.raises(IntegrityError), transaction.atomic():
        Attendance.objects.all().delete()
    assert Attendance.objects.get().minutes == 100


@pytest.mark.parametrize(
    ("minutes", "mark", "refusal"),
    [
        (181, Mark.PRESENT, refusals.TooManyMinutes),
        (-1, Mark.PRESENT, refusals.NegativeMinutes),
        (10, Mark.ABSENT, refusals.AbsentWithMinutes),
        (10, Mark.EXCUSED, refusals.AbsentWithMinutes),
    ],
)
def test_impossible_minutes_are_refused(
    officer: StaffUser,
    sessions: list[Session],
    enrolled: list[Enrolment],
    minutes: int,
    mark: Mark,
    refusal: type[Exception],
) -> None:
    with pytest.raises(refusal) as refused:
        services.record_attendance(
            acting_staff=officer,
            session=sessions[0],
            enrolment=enrolled[0],
            minutes=minutes,
            mark=mark,
        )
    assert refused.value.field == "minutes"  # type: ignore[attr-defined]
    assert not Attendance.objects.exists()


def test_the_refusal_names_session_and_limit(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    with pytest.raises(refusals.TooManyMinutes, match="Session 2 lasted 120 minutes; 121"):
        attend(officer, enrolled[0], sessions[1], 121)


def test_a_future_or_cancelled_session_has_no_attendance(
    officer: StaffUser, cohort: Cohort, enrolled: list[Enrolment]
) -> None:
    row = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=START, minutes_planned=60
    )
    with pytest.raises(refusals.SessionInFuture):
        services.record_attendance(
            acting_staff=officer,
            session=row,
            enrolment=enrolled[0],
            minutes=60,
            recorded_at=noon(START - timedelta(days=1)),
        )
    services.cancel_session(acting_staff=officer, session=row, reason="flood")
    with pytest.raises(refusals.SessionCancelled):
        attend(officer, enrolled[0], row, 60)
    assert not Attendance.objects.exists()


def test_the_same_record_twice_is_one_and_other_content_is_refused_loudly(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    first = services.record_attendance(
        acting_staff=officer, session=sessions[0], enrolment=enrolled[0], minutes=60
    )
    again = services.record_attendance(
        acting_staff=officer,
        session=sessions[0],
        enrolment=enrolled[0],
        minutes=60,
        id=first.pk,
    )
    assert again.pk == first.pk
    with pytest.raises(SameIdOtherContent):
        services.record_attendance(
            acting_staff=officer,
            session=sessions[0],
            enrolment=enrolled[0],
            minutes=61,
            id=first.pk,
        )
    assert Attendance.objects.get().minutes == 60


def test_a_card_not_on_the_list_walks_in_even_when_full(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], person: MakePerson
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(capacity=1)
    strangers = [person(), person()]
    services.record_attendances(
        acting_staff=officer,
        items=[
            services.AttendanceIn(session=sessions[0], person=one, minutes=180, method=Method.SCAN)
            for one in strangers
        ],
    )
    rows = Enrolment.objects.filter(cohort=cohort)
    assert {row.person for row in rows} == set(strangers)
    for row in rows:
        assert row.walk_in
        assert row.started_date == row.applied_date == row.invited_date == START


def test_attendance_of_another_cohort_is_refused(
    officer: StaffUser, sessions: list[Session], apprentices: list[Enrolment]
) -> None:
    with pytest.raises(refusals.WrongCohort):
        attend(officer, apprentices[0], sessions[0], 60)
    with pytest.raises(refusals.NotEnrolled):
        services.record_attendance(acting_staff=officer, session=sessions[0], minutes=60)
    assert not Attendance.objects.exists()


def test_the_first_attended_session_is_the_start(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    attend(officer, enrolled[0], sessions[2], 60)
    attend(officer, enrolled[0], sessions[1], 60)
    services.record_attendance(
        acting_staff=officer,
        session=sessions[0],
        enrolment=enrolled[0],
        minutes=0,
        mark=Mark.ABSENT,
    )
    assert Enrolment.objects.get(pk=enrolled[0].pk).started_date == sessions[1].session_date


def test_an_outsider_records_nothing(
    outsider: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    with pytest.raises(NotAllowed):
        attend(outsider, enrolled[0], sessions[0], 60)
    assert not Attendance.objects.exists()


def test_a_batch_of_thousands_takes_few_statements(
    officer: StaffUser,
    cohort: Cohort,
    sessions: list[Session],
    person: MakePerson,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    Cohort.objects.filter(pk=cohort.pk).update(capacity=200)
    cohort.refresh_from_db()
    people = [person() for _ in range(60)]
    with django_assert_max_num_queries(14):
        rows = services.enrol_persons(
            acting_staff=officer,
            items=[
                services.EnrolmentIn(cohort=cohort, person=one, enrolled_date=START)
                for one in people
            ],
        )
    with django_assert_max_num_queries(24):
        services.record_attendances(
            acting_staff=officer,
            items=[
                services.AttendanceIn(session=session, enrolment=row, minutes=50)
                for session in sessions
                for row in rows
            ],
        )
    assert Attendance.objects.count() == 180
    assert AuditLine.objects.filter(action="training.record_attendance").count() == 180


def test_one_by_one_and_in_a_batch_give_equal_rows(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    attend(officer, enrolled[0], sessions[0], 100)
    services.record_attendances(
        acting_staff=officer,
        items=[
            services.AttendanceIn(
                session=sessions[0],
                enrolment=enrolled[1],
                minutes=100,
                recorded_at=noon(START),
            )
        ],
    )
    one, other = Attendance.objects.order_by("id")
    for name in ("session_id", "minutes", "mark", "method", "recorded_at", "recorded_by_id"):
        assert getattr(one, name) == getattr(other, name)


def test_two_absences_in_a_row_put_a_person_on_the_watch(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    for session in sessions:
        attend(officer, enrolled[0], session, session.minutes_planned)
        attend(officer, enrolled[2], session, session.minutes_planned)
    attend(officer, enrolled[1], sessions[0], 180)
    facts = of_cohort(sessions[0].cohort)
    assert [row.pk for row in alerts(facts)] == [enrolled[1].pk]
    (line,) = cohort_board(staff=officer)
    assert (line.alerts, line.seats_taken, line.sessions_held) == (1, 3, 3)


def test_scores_beyond_the_test_are_refused(
    officer: StaffUser, cohort: Cohort, enrolled: list[Enrolment], apprentices: list[Enrolment]
) -> None:
    test = post_test(officer, cohort)
    for score in (21, -1):
        with pytest.raises(refusals.ScoreOutOfRange):
            services.record_test(
                acting_staff=officer,
                test=test,
                enrolment=enrolled[0],
                score=score,
                sat_date=START,
            )
    with pytest.raises(refusals.WrongCohort):
        services.record_test(
            acting_staff=officer, test=test, enrolment=apprentices[0], score=5, sat_date=START
        )
    with pytest.raises(refusals.ScoreOutOfRange):
        services.set_test(
            acting_staff=officer,
            cohort=cohort,
            kind=TestKind.PRE,
            title="Empty",
            max_score=0,
            test_date=START,
        )
    assert not TestResult.objects.exists()


def test_all_sittings_are_kept_and_sent_twice_is_one(
    officer: StaffUser, cohort: Cohort, enrolled: list[Enrolment]
) -> None:
    test = post_test(officer, cohort)
    sit = {"test": test, "enrolment": enrolled[0], "sat_date": START}
    first = services.record_test(acting_staff=officer, score=8, **sit)  # type: ignore[arg-type]
    services.record_test(acting_staff=officer, score=15, **sit)  # type: ignore[arg-type]
    services.record_test(acting_staff=officer, score=8, id=first.pk, **sit)  # type: ignore[arg-type]
    assert list(TestResult.objects.order_by("id").values_list("score", flat=True)) == [8, 15]


def test_no_clock_that_is_ahead_makes_a_session_take_place(
    officer: StaffUser, cohort: Cohort, enrolled: list[Enrolment]
) -> None:
    """The phone and the sheet say next year; the session is tomorrow."""
    today = timezone.localdate()
    row = services.schedule_session(
        acting_staff=officer,
        cohort=cohort,
        session_date=today + timedelta(days=2),
        minutes_planned=60,
    )
    next_year = today + timedelta(days=365)
    with pytest.raises(refusals.SessionInFuture):
        services.record_attendance(
            acting_staff=officer,
            session=row,
            enrolment=enrolled[0],
            minutes=60,
            recorded_at=noon(next_year),
        )
    with pytest.raises(refusals.SessionInFuture):
        services.hold_session(acting_staff=officer, session=row, minutes_held=60, on=next_year)
    row.refresh_from_db()
    assert row.state == SessionState.PLANNED
    assert not Attendance.objects.exists()
