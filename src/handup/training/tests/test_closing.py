"""The figures that stand when a cohort closes."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from django.utils import timezone

from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.training import services
from handup.training.facts import of_cohort
from handup.training.models import (
    Attendance,
    Certificate,
    Cohort,
    CohortFigures,
    Course,
    Enrolment,
    Session,
    Test,
)
from handup.training.queries import holds_certificate
from handup.training.rules.attendance import Mark
from handup.training.rules.states import (
    CertificateKind,
    CohortState,
    DropoutReason,
    EnrolmentState,
    SessionState,
    TestForm,
    TestKind,
)
from handup.training.services import refusals
from handup.training.tests.conftest import START, MakePerson, attend

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


def test_a_cohort_closes_only_when_everything_is_in(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    extra = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=START, minutes_planned=60
    )
    close = {"acting_staff": officer, "cohort": cohort}
    with pytest.raises(refusals.SessionsOpen, match="1 sessions"):
        services.close_cohort(closed_date=CLOSE, **close)  # type: ignore[arg-type]
    services.cancel_session(acting_staff=officer, session=extra, reason="no trainer")
    with pytest.raises(refusals.DateBefore):
        services.close_cohort(closed_date=START, **close)  # type: ignore[arg-type]
    tomorrow = timezone.localdate() + timedelta(days=1)
    with pytest.raises(refusals.AfterToday):
        services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=tomorrow)
    with pytest.raises(refusals.SessionWithoutRecords, match="Session 1"):
        services.close_cohort(closed_date=CLOSE, **close)  # type: ignore[arg-type]
    for session in sessions:
        for row in enrolled:
            attend(officer, row, session, session.minutes_planned)
    with pytest.raises(refusals.TestsOpen, match="3 test results"):
        services.close_cohort(closed_date=CLOSE, **close)  # type: ignore[arg-type]
    test = post_test(officer, cohort)
    services.record_test(
        acting_staff=officer, test=test, enrolment=enrolled[0], score=12, sat_date=START
    )
    with pytest.raises(refusals.TestsOpen, match="2 test results"):
        services.close_cohort(closed_date=CLOSE, **close)  # type: ignore[arg-type]
    assert not CohortFigures.objects.exists()
    for row in enrolled[1:]:
        services.record_test(
            acting_staff=officer, test=test, enrolment=row, score=None, sat_date=START
        )
    figures = services.close_cohort(closed_date=CLOSE, **close)  # type: ignore[arg-type]
    assert (figures.enrolled, figures.completed) == (3, 1)
    with pytest.raises(refusals.CohortClosed):
        services.close_cohort(closed_date=CLOSE, **close)  # type: ignore[arg-type]


def test_completion_is_computed_and_dated_by_the_close(completed: list[Enrolment]) -> None:
    assert [row.state for row in completed] == [
        EnrolmentState.COMPLETED,
        EnrolmentState.COMPLETED,
        EnrolmentState.NOT_COMPLETED,
    ]
    assert [row.completed_date for row in completed] == [CLOSE, CLOSE, None]
    assert {(row.attended_minutes, row.held_minutes) for row in completed} == {(360, 360)}


def test_one_minute_short_is_not_completed(
    officer: StaffUser,
    cohort: Cohort,
    course: Course,
    sessions: list[Session],
    enrolled: list[Enrolment],
) -> None:
    Course.objects.filter(pk=course.pk).update(pass_rule="ATTENDANCE_ONLY")
    cohort = Cohort.objects.get(pk=cohort.pk)
    for row, first in zip(enrolled, (180, 108, 107), strict=True):
        attend(officer, row, sessions[0], first)
        attend(officer, row, sessions[1], 120)
        attend(officer, row, sessions[2], 60)
    facts = of_cohort(cohort)
    assert [facts.outcome(row.pk).minutes_short for row in enrolled] == [0, 0, 1]
    services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=CLOSE)
    states = [Enrolment.objects.get(pk=row.pk).state for row in enrolled]
    assert states == ["COMPLETED", "COMPLETED", "NOT_COMPLETED"]


def test_a_drop_out_stays_one_and_is_counted(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    services.end_enrolment(
        acting_staff=officer,
        enrolment=enrolled[2],
        state=EnrolmentState.DROPPED_OUT,
        ended_date=START,
        reason=DropoutReason.FAMILY_DUTY,
    )
    test = post_test(officer, cohort)
    for row in enrolled[:2]:
        for session in sessions:
            attend(officer, row, session, session.minutes_planned)
        services.record_test(
            acting_staff=officer, test=test, enrolment=row, score=20, sat_date=START
        )
    figures = services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=CLOSE)
    assert (figures.enrolled, figures.started, figures.completed, figures.dropped_out) == (
        3,
        2,
        2,
        1,
    )
    assert Enrolment.objects.get(pk=enrolled[2].pk).state == EnrolmentState.DROPPED_OUT


def test_the_gain_is_frozen_with_its_pairs(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    pre = services.set_test(
        acting_staff=officer,
        cohort=cohort,
        kind=TestKind.PRE,
        title="Before",
        max_score=10,
        test_date=START,
    )
    test = post_test(officer, cohort)
    for row, before, after in zip(enrolled, (4, 5, None), (14, 16, 18), strict=True):
        for session in sessions:
            attend(officer, row, session, session.minutes_planned)
        if before is not None:
            services.record_test(
                acting_staff=officer, test=pre, enrolment=row, score=before, sat_date=START
            )
        services.record_test(
            acting_staff=officer,
            test=test,
            enrolment=row,
            score=after,
            sat_date=START + timedelta(days=3),
        )
    figures = services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=CLOSE)
    assert (figures.pairs, figures.unpaired_pre, figures.unpaired_post) == (2, 0, 1)
    assert figures.gain_numerator is not None
    assert figures.gain_denominator is not None
    assert Fraction(figures.gain_numerator, figures.gain_denominator) == 30


def test_a_closed_cohort_takes_nothing_more(
    officer: StaffUser,
    completed: list[Enrolment],
    cohort: Cohort,
    sessions: list[Session],
    person: MakePerson,
) -> None:
    cohort.refresh_from_db()
    assert cohort.state == CohortState.CLOSED
    session = Session.objects.get(pk=sessions[0].pk)
    with pytest.raises(refusals.CohortClosed):
        attend(officer, completed[0], session, 10)
    with pytest.raises(refusals.CohortClosed):
        services.enrol_in_cohort(
            acting_staff=officer, cohort=cohort, person=person(), enrolled_date=START
        )
    with pytest.raises(refusals.CohortClosed):
        services.schedule_session(
            acting_staff=officer, cohort=cohort, session_date=START, minutes_planned=9
        )
    with pytest.raises(refusals.CohortClosed):
        services.hold_session(acting_staff=officer, session=session, minutes_held=9, on=CLOSE)
    assert Attendance.objects.count() == 9


def test_what_was_looked_up_before_the_close_comes_too_late_and_what_is_stored_is_told_again(
    officer: StaffUser, completed: list[Enrolment], cohort: Cohort, sessions: list[Session]
) -> None:
    """Whoever looked the cohort up while it ran meets it closed; the figures miss nothing."""
    test = cohort.tests.get()
    sat = test.results.earliest("id")
    early = Cohort.objects.get(pk=cohort.pk)
    early.state = CohortState.RUNNING
    session, test.cohort = Session.objects.get(pk=sessions[0].pk), early
    session.cohort = early
    told: dict[str, Any] = {"acting_staff": officer, "test": test, "sat_date": START}
    with pytest.raises(refusals.CohortClosed):
        services.record_test(enrolment=completed[2], score=13, **told)
    with pytest.raises(refusals.CohortClosed):
        attend(officer, completed[0], session, 10)
    with pytest.raises(refusals.CohortClosed):
        services.close_cohort(acting_staff=officer, cohort=early, closed_date=CLOSE)
    again = services.record_test(
        acting_staff=officer,
        test=Test.objects.get(pk=test.pk),
        enrolment=sat.enrolment,
        score=sat.score,
        sat_date=sat.sat_date,
        id=sat.pk,
    )
    assert (again, CohortFigures.objects.count()) == (sat, 1)


def test_only_a_manager_corrects_and_the_old_figures_are_kept(
    officer: StaffUser,
    manager: StaffUser,
    completed: list[Enrolment],
    cohort: Cohort,
) -> None:
    cohort.refresh_from_db()
    with pytest.raises(NotAllowed):
        services.correct_cohort(acting_staff=officer, cohort=cohort, reason="typing error")
    with pytest.raises(refusals.ReasonMissing):
        services.correct_cohort(acting_staff=manager, cohort=cohort, reason="")
    services.correct_cohort(acting_staff=manager, cohort=cohort, reason="typing error")
    test = cohort.tests.get()
    services.record_test(
        acting_staff=officer, test=test, enrolment=completed[2], score=13, sat_date=START
    )
    with pytest.raises(refusals.ReasonMissing):
        services.close_cohort(acting_staff=officer, cohort=cohort, closed_date=date(2026, 5, 1))
    services.close_cohort(
        acting_staff=officer,
        cohort=cohort,
        closed_date=date(2026, 5, 1),
        reason="a test paper was found",
    )
    cohort.refresh_from_db()
    assert cohort.state == CohortState.CORRECTED
    assert list(cohort.figures.values_list("revision", "completed", "reason")) == [
        (1, 2, ""),
        (2, 3, "a test paper was found"),
    ]
    dates = [Enrolment.objects.get(pk=row.pk).completed_date for row in completed]
    assert dates == [CLOSE, CLOSE, date(2026, 5, 1)]


def test_a_make_up_session_completes_who_missed_one(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    make_up = services.schedule_session(
        acting_staff=officer,
        cohort=cohort,
        session_date=START + timedelta(days=5),
        minutes_planned=180,
        make_up_for=sessions[0],
    )
    services.hold_session(acting_staff=officer, session=make_up, minutes_held=180, on=CLOSE)
    attend(officer, enrolled[0], make_up, 180)
    attend(officer, enrolled[0], sessions[1], 120)
    facts = of_cohort(cohort)
    sums = facts.attended(enrolled[0].pk)
    assert (sums.held, sums.attended) == (360, 300)
    assert Session.objects.get(pk=make_up.pk).state == SessionState.HELD


def test_a_correction_revokes_the_certificates_that_were_not_earned(
    officer: StaffUser, manager: StaffUser, completed: list[Enrolment], cohort: Cohort
) -> None:
    """A sheet of attendance was false: Anahit came to 180 of 360 minutes, Bat to all."""
    rows = services.issue_certificates(
        acting_staff=officer,
        items=[
            services.CertificateIn(enrolment=row, issued_date=date(2026, 4, 10))
            for row in completed[:2]
        ]
        + [
            services.CertificateIn(
                enrolment=completed[0],
                issued_date=date(2026, 4, 10),
                kind=CertificateKind.ATTENDANCE,
            )
        ],
    )
    cohort.refresh_from_db()
    services.correct_cohort(acting_staff=manager, cohort=cohort, reason="a false sheet")
    for record in Attendance.objects.filter(enrolment=completed[0], session__minutes_held__lt=180):
        services.correct_attendance(
            acting_staff=officer, attendance=record, minutes=0, mark=Mark.ABSENT, reason="false"
        )
    assert {row.state for row in Certificate.objects.all()} == {"VALID"}
    services.close_cohort(
        acting_staff=officer, cohort=cohort, closed_date=date(2026, 5, 1), reason="a false sheet"
    )
    told = {row.pk: row for row in Certificate.objects.all()}
    assert [told[row.pk].state for row in rows] == ["REVOKED", "VALID", "REVOKED"]
    first = told[rows[0].pk]
    assert (first.revoked_date, first.revoke_reason) == (date(2026, 5, 1), "a false sheet")
    assert holds_certificate(person_id=completed[0].person_id, on=date(2026, 4, 30))
    assert not holds_certificate(person_id=completed[0].person_id, on=date(2026, 5, 1))
    assert AuditLine.objects.filter(action="training.revoke_certificate").count() == 2
