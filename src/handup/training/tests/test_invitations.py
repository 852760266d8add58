"""Invitations that nobody answers, and cards of people who were not expected."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import Participation, Person
from handup.training import services
from handup.training.models import Cohort, Enrolment, Session
from handup.training.nightly import let_invitations_lapse
from handup.training.queries import waiting_list
from handup.training.rules.attendance import Mark
from handup.training.rules.states import CohortState, DropoutReason, EnrolmentState
from handup.training.rules.waiting import INVITATION_DAYS
from handup.training.services.invitations import invite_following
from handup.training.services.refusals import (
    CohortClosed,
    DateBefore,
    NotEnrolled,
    NotInvited,
    PersonErased,
    StepNotPossible,
)
from handup.training.tests.conftest import MakePerson, noon
from handup.training.tests.test_enrolments import waiting

E = EnrolmentState


def states(rows: list[Enrolment]) -> list[str]:
    return [Enrolment.objects.get(pk=row.pk).state for row in rows]


def fresh(row: Enrolment) -> Enrolment:
    return Enrolment.objects.get(pk=row.pk)


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


def tell(officer: StaffUser, row: Enrolment, on: date) -> None:
    services.tell_invited(acting_staff=officer, enrolments=[row], told_date=on)


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


def test_who_the_night_invites_has_a_week_from_the_day_she_is_told(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    lapse_on(officer, cohort, cohort.starts_date - timedelta(days=13))
    last = Enrolment.objects.get(pk=listed[5].pk)
    assert (last.state, last.told_date) == (E.INVITED, None)
    assert lapse_on(officer, cohort, cohort.starts_date) == [], "nobody told her"
    told = cohort.starts_date - timedelta(days=9)
    unaware = Enrolment.objects.get(pk=last.pk)  # as another device read it
    with pytest.raises(DateBefore):
        tell(officer, last, cohort.starts_date - timedelta(days=14))
    tell(officer, last, told)
    tell(officer, last, told + timedelta(days=5))
    tell(officer, unaware, told + timedelta(days=6))
    last.refresh_from_db()
    assert last.told_date == told, "the first day stands"
    assert lapse_on(officer, cohort, told + timedelta(days=7)) == []
    assert lapse_on(officer, cohort, told + timedelta(days=8)) == [last]


def test_an_invitation_nobody_passed_on_ends_when_the_course_began(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    lapse_on(officer, cohort, cohort.starts_date - timedelta(days=13))
    lapse_on(officer, cohort, cohort.starts_date + timedelta(days=1))
    assert states(listed[5:]) == [E.WAITING]
    with pytest.raises(NotInvited):
        tell(officer, listed[5], cohort.starts_date)


def test_why_somebody_was_invited_out_of_order_outlives_the_invitation(
    officer: StaffUser, second: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    _high, low = waiting(officer, cohort, person, "90", "40")
    day = cohort.starts_date - timedelta(days=21)
    services.invite_to_cohort(
        acting_staff=officer,
        cohort=cohort,
        enrolments=[low],
        invited_date=day,
        reason="Her only free month",
        asked_by=second,
    )
    lapse_on(officer, cohort, day + timedelta(days=8))
    assert Enrolment.objects.get(pk=low.pk).reason_text == "Her only free month"


def test_an_erased_person_is_not_invited_and_holds_nobody_up(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    gone = listed[5]
    Person.objects.filter(pk=gone.person_id).update(erased_date=cohort.starts_date)
    (late,) = waiting(officer, cohort, person, "10")
    lapse_on(officer, cohort, cohort.starts_date - timedelta(days=13))
    assert states([gone, late]) == [E.WAITING, E.INVITED]
    assert gone.pk not in [row.pk for _place, row in waiting_list(cohort=cohort)]
    gone.person.refresh_from_db()
    with pytest.raises(PersonErased):
        services.invite_to_cohort(
            acting_staff=officer,
            cohort=cohort,
            enrolments=[gone],
            invited_date=cohort.starts_date,
        )


def test_who_was_enrolled_meanwhile_is_not_set_back(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    """The rows in hand are older than what another desk has just written."""
    day = cohort.starts_date - timedelta(days=20)
    services.enrol_in_cohort(
        acting_staff=officer, cohort=cohort, person=listed[0].person, enrolled_date=day
    )
    assert listed[0].state == E.INVITED, "as it was read"
    with pytest.raises(StepNotPossible):
        services.end_enrolment(
            acting_staff=officer, enrolment=listed[0], state=E.WITHDRAWN, ended_date=day
        )
    Cohort.objects.filter(pk=cohort.pk).update(state=CohortState.CLOSED)
    with pytest.raises(CohortClosed):
        services.end_enrolment(
            acting_staff=officer, enrolment=listed[1], state=E.WITHDRAWN, ended_date=day
        )
    assert states(listed[:2]) == [E.ENROLLED, E.INVITED]


def test_a_place_given_back_invites_the_next_at_once(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    today = timezone.localdate()
    day = cohort.starts_date - timedelta(days=20)
    soon = today + timedelta(days=3)
    Cohort.objects.filter(pk=cohort.pk).update(starts_date=soon, ends_date=soon)
    services.end_enrolment(
        acting_staff=officer,
        enrolment=fresh(listed[0]),
        state=E.WITHDRAWN,
        ended_date=today - timedelta(days=9),
    )
    assert states([listed[0], listed[5]]) == [E.WITHDRAWN, E.INVITED]
    assert fresh(listed[5]).invited_date == today, "the day she is invited, not the day told"
    services.end_enrolment(
        acting_staff=officer, enrolment=fresh(listed[1]), state=E.WITHDRAWN, ended_date=day
    )
    assert states(listed).count(E.INVITED) == 4, "nobody is left to invite"


def test_a_place_told_late_invites_nobody_to_a_course_that_began(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort
) -> None:
    services.end_enrolment(
        acting_staff=officer,
        enrolment=listed[0],
        state=E.WITHDRAWN,
        ended_date=cohort.starts_date - timedelta(days=20),
    )
    assert states([listed[0], listed[5]]) == [E.WITHDRAWN, E.WAITING]


def test_the_page_and_the_desk_name_who_is_to_be_told(
    listed: list[Enrolment], officer: StaffUser, cohort: Cohort, client: Client
) -> None:
    lapse_on(officer, cohort, cohort.starts_date - timedelta(days=13))
    client.force_login(officer)
    page = client.get(f"/training/cohorts/{cohort.pk}/").content.decode()
    assert "1 persons are invited and nobody has told them yet." in page
    form = client.get(f"/training/cohorts/{cohort.pk}/tell").content.decode()
    assert str(listed[5].pk) in form
    assert str(listed[0].pk) not in form
    sent = client.post(
        f"/training/cohorts/{cohort.pk}/tell",
        {"enrolments": [str(listed[5].pk)], "told_date": "2026-02-20"},
        headers={"accept-language": "en"},
    )
    assert sent.status_code == 302
    assert Enrolment.objects.get(pk=listed[5].pk).told_date == date(2026, 2, 20)
    page = client.get(f"/training/cohorts/{cohort.pk}/").content.decode()
    assert "nobody has told them yet" not in page


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


def scan(officer: StaffUser, row: Enrolment, session: Session) -> Enrolment:
    services.record_attendance(
        acting_staff=officer,
        session=session,
        person=row.person,
        minutes=session.minutes_planned,
        recorded_at=noon(session.session_date),
    )
    return Enrolment.objects.get(pk=row.pk)


def test_a_card_scanned_before_the_day_she_is_said_to_have_applied_is_taken_in(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], person: MakePerson
) -> None:
    applied = sessions[0].session_date + timedelta(days=3)
    row = services.record_application(
        acting_staff=officer, cohort=cohort, person=person(), applied_date=applied
    )
    after = scan(officer, row, sessions[0])
    assert after.state == E.ENROLLED
    assert (after.applied_date, after.enrolled_date) == (applied, applied)
    assert after.started_date == sessions[0].session_date


def test_an_invited_card_is_no_walk_in_and_who_comes_back_has_not_ended(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], person: MakePerson
) -> None:
    invited, left = waiting(officer, cohort, person, "50", "40")
    services.invite_to_cohort(
        acting_staff=officer,
        cohort=cohort,
        enrolments=[invited],
        invited_date=sessions[0].session_date,
    )
    services.end_enrolment(
        acting_staff=officer,
        enrolment=left,
        state=E.WITHDRAWN,
        ended_date=sessions[0].session_date,
        reason=DropoutReason.ILLNESS,
    )
    came = scan(officer, invited, sessions[0])
    assert (came.state, came.walk_in, came.exempted) == (E.ENROLLED, False, "")
    back = scan(officer, left, sessions[1])
    assert (back.state, back.walk_in) == (E.ENROLLED, True)
    assert (back.ended_date, back.state_reason) == (None, "")


def test_what_was_waived_before_stands_when_her_card_is_scanned(
    officer: StaffUser, cohort: Cohort, sessions: list[Session], person: MakePerson
) -> None:
    told, plain = waiting(officer, cohort, person, "50", "40")
    Enrolment.objects.filter(pk=told.pk).update(exempted="kept a shop for ten years")
    came = scan(officer, told, sessions[0])
    assert (came.walk_in, came.exempted) == (True, "kept a shop for ten years")
    assert scan(officer, plain, sessions[0]).exempted == "walked in"


@pytest.mark.parametrize("mark", [Mark.ABSENT, Mark.EXCUSED])
def test_who_is_on_no_roll_and_did_not_come_is_put_on_none(
    mark: Mark, officer: StaffUser, cohort: Cohort, sessions: list[Session], person: MakePerson
) -> None:
    item = services.AttendanceIn(session=sessions[0], person=person(), minutes=0, mark=mark)
    with pytest.raises(NotEnrolled):
        services.record_attendances(acting_staff=officer, items=[item])
    assert not cohort.enrolments.exists()
    (waits,) = waiting(officer, cohort, person, "50")
    item = services.AttendanceIn(session=sessions[0], person=waits.person, minutes=0, mark=mark)
    with pytest.raises(NotEnrolled):
        services.record_attendances(acting_staff=officer, items=[item])
    assert states([waits]) == [E.WAITING]


def test_who_left_the_programme_waits_for_no_place(
    officer: StaffUser, cohort: Cohort, person: MakePerson
) -> None:
    gone, following = waiting(officer, cohort, person, "90", "80")
    Participation.objects.create(
        person=gone.person, programme=cohort.programme, state="EXITED", reason="DIED",
        applied_date=cohort.starts_date, ended_date=cohort.starts_date,
    )  # fmt: skip
    invited = invite_following(officer, cohort, 2, cohort.starts_date - timedelta(days=9))
    assert [row.pk for row in invited] == [following.pk]
    assert states([gone, following]) == [E.WAITING, E.INVITED]
