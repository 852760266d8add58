"""What is taught and when: approval by another person, cohorts, sessions."""

from datetime import date, timedelta

import pytest

from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.projects.models import Programme
from handup.training import services
from handup.training.models import Cohort, Course, Curriculum, Enrolment, Module, Session
from handup.training.rules.states import CohortState, CurriculumState, SessionState
from handup.training.services import refusals
from handup.training.tests.conftest import START


def draft(officer: StaffUser) -> Curriculum:
    return services.draft_curriculum(
        acting_staff=officer, code="LIT", title="Reading and writing", language="rw"
    )


def test_a_curriculum_is_approved_by_another_person(officer: StaffUser, second: StaffUser) -> None:
    row = draft(officer)
    services.add_module(
        acting_staff=officer, curriculum=row, title="Letters", plans=[services.PlanIn("A", 60)]
    )
    services.submit_curriculum(acting_staff=officer, curriculum=row)
    with pytest.raises(refusals.WroteItHerself):
        services.approve_curriculum(
            acting_staff=officer, curriculum=row, approved_date=date(2026, 1, 1)
        )
    row.refresh_from_db()
    assert row.state == CurriculumState.REVIEW
    services.approve_curriculum(acting_staff=second, curriculum=row, approved_date=date(2026, 1, 2))
    row.refresh_from_db()
    assert (row.state, row.approved_by) == (CurriculumState.APPROVED, second)
    assert AuditLine.objects.filter(action="training.approve_curriculum", staff=second).exists()


def test_an_approved_curriculum_never_changes(officer: StaffUser, curriculum: Curriculum) -> None:
    with pytest.raises(refusals.CurriculumFixed):
        services.add_module(acting_staff=officer, curriculum=curriculum, title="More")
    assert Module.objects.filter(curriculum=curriculum).count() == 1


def test_an_empty_curriculum_is_not_submitted(officer: StaffUser) -> None:
    row = draft(officer)
    with pytest.raises(refusals.CurriculumEmpty):
        services.submit_curriculum(acting_staff=officer, curriculum=row)
    row.refresh_from_db()
    assert row.state == CurriculumState.DRAFT


def test_a_retired_curriculum_starts_no_new_cohort(
    officer: StaffUser, course: Course, programme: Programme
) -> None:
    services.retire_curriculum(acting_staff=officer, curriculum=course.curriculum)
    with pytest.raises(refusals.CurriculumNotApproved):
        services.open_cohort(
            acting_staff=officer,
            course=course,
            programme=programme,
            code="X",
            capacity=3,
            starts_date=START,
            ends_date=START,
        )
    assert not Cohort.objects.exists()
    with pytest.raises(refusals.NotInThisState):
        services.retire_curriculum(acting_staff=officer, curriculum=course.curriculum)


def test_a_draft_offers_no_course(officer: StaffUser) -> None:
    row = draft(officer)
    with pytest.raises(refusals.CurriculumNotApproved):
        services.offer_course(acting_staff=officer, curriculum=row, code="L", title="Literacy")
    assert not Course.objects.exists()


def test_the_same_curriculum_sent_twice_is_one(officer: StaffUser) -> None:
    row = draft(officer)
    again = services.draft_curriculum(
        acting_staff=officer, code="LIT", title="Reading and writing", language="rw", id=row.pk
    )
    assert again == row
    with pytest.raises(SameIdOtherContent):
        services.draft_curriculum(
            acting_staff=officer, code="LIT", title="Other", language="rw", id=row.pk
        )


def test_a_cohort_ends_after_it_starts(
    officer: StaffUser, course: Course, programme: Programme
) -> None:
    with pytest.raises(refusals.DateBefore) as refused:
        services.open_cohort(
            acting_staff=officer,
            course=course,
            programme=programme,
            code="X",
            capacity=3,
            starts_date=START,
            ends_date=START - timedelta(days=1),
        )
    assert refused.value.field == "ends_date"
    assert not Cohort.objects.exists()


def test_an_outsider_opens_no_cohort(
    outsider: StaffUser, course: Course, programme: Programme
) -> None:
    with pytest.raises(NotAllowed):
        services.open_cohort(
            acting_staff=outsider,
            course=course,
            programme=programme,
            code="X",
            capacity=3,
            starts_date=START,
            ends_date=START,
        )
    assert not Cohort.objects.exists()


def test_a_trainer_sees_and_serves_only_her_own_cohorts(
    officer: StaffUser, trainer: StaffUser, cohort: Cohort
) -> None:
    assert not Cohort.objects.visible_to(trainer).exists()
    with pytest.raises(OutOfSight):
        services.schedule_session(
            acting_staff=trainer, cohort=cohort, session_date=START, minutes_planned=60
        )
    assert not cohort.sessions.exists()
    services.name_trainer(acting_staff=officer, cohort=cohort, staff=trainer, leads=True)
    assert list(Cohort.objects.visible_to(trainer)) == [cohort]
    row = services.schedule_session(
        acting_staff=trainer, cohort=cohort, session_date=START, minutes_planned=60
    )
    assert row.number == 1


def test_holding_a_session_makes_the_cohort_run(
    officer: StaffUser, cohort: Cohort, sessions: list[Session]
) -> None:
    assert cohort.state == CohortState.RUNNING
    assert [row.minutes_held for row in sessions] == [180, 120, 60]


def test_a_session_of_tomorrow_is_not_held_today(officer: StaffUser, cohort: Cohort) -> None:
    row = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=START, minutes_planned=60
    )
    with pytest.raises(refusals.SessionInFuture):
        services.hold_session(
            acting_staff=officer, session=row, minutes_held=60, on=START - timedelta(days=1)
        )
    row.refresh_from_db()
    assert row.state == SessionState.PLANNED


def test_a_session_is_cancelled_with_a_reason_only(officer: StaffUser, cohort: Cohort) -> None:
    row = services.schedule_session(
        acting_staff=officer, cohort=cohort, session_date=START, minutes_planned=60
    )
    with pytest.raises(refusals.ReasonMissing):
        services.cancel_session(acting_staff=officer, session=row, reason="  ")
    row.refresh_from_db()
    assert row.state == SessionState.PLANNED
    services.cancel_session(acting_staff=officer, session=row, reason="snow")
    with pytest.raises(refusals.NotInThisState):
        services.hold_session(acting_staff=officer, session=row, minutes_held=60, on=START)


def test_a_held_session_cannot_become_shorter_than_somebody_attended(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    services.record_attendance(
        acting_staff=officer, session=sessions[0], enrolment=enrolled[0], minutes=150
    )
    with pytest.raises(refusals.TooManyMinutes):
        services.hold_session(
            acting_staff=officer, session=sessions[0], minutes_held=100, on=date(2026, 5, 1)
        )
    sessions[0].refresh_from_db()
    assert sessions[0].minutes_held == 180


def test_a_make_up_belongs_to_the_same_cohort(
    officer: StaffUser,
    cohort: Cohort,
    sessions: list[Session],
    course: Course,
    programme: Programme,
) -> None:
    other = services.open_cohort(
        acting_staff=officer,
        course=course,
        programme=programme,
        code="B",
        capacity=3,
        starts_date=START,
        ends_date=START,
    )
    with pytest.raises(refusals.WrongCohort):
        services.schedule_session(
            acting_staff=officer,
            cohort=other,
            session_date=START,
            minutes_planned=60,
            make_up_for=sessions[0],
        )
    assert not other.sessions.exists()
