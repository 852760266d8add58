"""Invitations that nobody answers, and cards of people who were not expected."""

from datetime import date, timedelta

import pytest

from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.training import services
from handup.training.models import Cohort, Enrolment, Session
from handup.training.nightly import let_invitations_lapse
from handup.training.queries import waiting_list
from handup.training.rules.states import EnrolmentState
from handup.training.rules.waiting import INVITATION_DAYS
from handup.training.tests.conftest import MakePerson, noon
from handup.training.tests.test_enrolments import waiting

E = EnrolmentState


def states(rows: list[Enrolment]) -> list[str]:
    return [Enrolment.objects.get(pk=row.pk).state for row in rows]


@pytest.fixture
def listed(officer: StaffUser, cohort: Cohort, person: MakePerson) -> list[Enrolment]:
    """Six on the list, the first five invited three weeks before the course begins."""
    rows = waiting(officer, cohort, person, "90", "80", "70", "60", "50", "40")
    services.invite_to_cohort(
        acting_staff=officer,
        cohort=cohort,
        enrolments=rows[:5],
        invited_date=cohort.starts_date - timedelta(days=21),
    )
    return rows


def lapse_on(officer: StaffUser, cohort: Cohort, on: date) -> list[Enrolment]:
    return services.lapse_invitations(acting_staff=officer, cohorts=[cohort], on=on)


def test_an_unanswered_invitation_lapses_and_its_place_invites_the_next(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    services.enrol_in_cohort(
        acting_staff=officer,
        cohort=cohort,
        person=listed[0].person,
        enrolled_date=cohort.starts_date - timedelta(days=20),
    )
    last_day = cohort.starts_date - timedelta(days=21 - INVITATION_DAYS)
    assert lapse_on(officer, cohort, last_day) == []
    ended = lapse_on(officer, cohort, last_day + timedelta(days=1))
    assert sorted(row.pk for row in ended) == sorted(row.pk for row in listed[1:5])
    assert states(listed) == [E.ENROLLED, *[E.WAITING] * 4, E.INVITED]
    queue = waiting_list(cohort=cohort)
    assert [row.pk for _place, row in queue] == [row.pk for row in listed[1:5]]
    assert all(place.waiting.did_not_answer for place, _row in queue)
    assert lapse_on(officer, cohort, last_day + timedelta(days=1)) == []


def test_who_let_it_lapse_waits_behind_all_others_and_may_be_invited_again(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    lapse_on(officer, cohort, cohort.starts_date - timedelta(days=10))
    (late,) = waiting(officer, cohort, person, "10")
    queue = waiting_list(cohort=cohort)
    assert [row.pk for _place, row in queue] == [late.pk, *(row.pk for row in listed[:5])]
    day = cohort.starts_date - timedelta(days=5)
    again = [row for _place, row in queue[:2]]
    services.invite_to_cohort(
        acting_staff=officer, cohort=cohort, enrolments=again, invited_date=day
    )
    assert states([late, listed[0]]) == [E.INVITED, E.INVITED]
    assert lapse_on(officer, cohort, day + timedelta(days=2)) == []


def test_every_night_invitations_lapse_but_none_goes_out_once_the_course_began(
    listed: list[Enrolment], cohort: Cohort
) -> None:
    let_invitations_lapse.func()
    assert states(listed) == [E.WAITING] * 6


def test_an_outsider_lets_no_invitation_lapse(
    listed: list[Enrolment], outsider: StaffUser, cohort: Cohort
) -> None:
    with pytest.raises((NotAllowed, OutOfSight)):
        lapse_on(outsider, cohort, cohort.starts_date)
    assert states(listed) == [*[E.INVITED] * 5, E.WAITING]


@pytest.mark.parametrize("before", [E.APPLIED, E.WAITING, E.NOT_ELIGIBLE, E.WITHDRAWN])
def test_the_card_of_somebody_not_expected_brings_her_onto_the_roll(
    before: E,
    officer: StaffUser,
    cohort: Cohort,
    sessions: list[Session],
    person: MakePerson,
) -> None:
    (row,) = waiting(officer, cohort, person, "50")
    Enrolment.objects.filter(pk=row.pk).update(state=before)
    session = sessions[0]
    told = services.record_attendance(
        acting_staff=officer,
        session=session,
        person=row.person,
        minutes=session.minutes_planned,
        recorded_at=noon(session.session_date),
    )
    after = Enrolment.objects.get(pk=row.pk)
    assert (told.enrolment_id, after.state, after.walk_in) == (row.pk, E.ENROLLED, True)
    assert after.started_date == session.session_date
