"""A hidden person is not lost to her own team: neither when the last focal point who knew of her
goes, nor when a merge brings a second case; and an emergency opens her to be read, for nothing
else."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from pytest_django import Settings

from handup.org import audit
from handup.org.models import AuditLine, Grant, ReadEntry, StaffUser
from handup.org.permissions import OutOfSight, may, require_all
from handup.org.rules.access import Role
from handup.org.scope import hidden_from, leave_out, without_opened
from handup.org.services import access
from handup.org.services.staff import disable_staff
from handup.org.tests.staff import staff_with
from handup.people.models import Compartment, LegalStatus, Participation, Person
from handup.people.rules import codes as c
from handup.people.rules.glass import GlassReason
from handup.people.services import glass, statuses
from handup.people.services import keeping_cases as k
from handup.people.services import protection as p
from handup.people.services.registration import register_person
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

PERSON = c.CompartmentKind.PERSON
WHY = "Her child is alone in hospital and asks for her."
GONE = "She left the house and nobody else knew of this case."


@pytest.fixture(autouse=True)
def no_second_factor(settings: Settings) -> None:
    cache.clear()
    settings.SECOND_FACTOR_REQUIRED = False


def again(staff: StaffUser) -> StaffUser:
    """The same staff user as another request loads her."""
    return StaffUser.objects.get(pk=staff.pk)


def seen(staff: StaffUser, person: Person) -> bool:
    return Person.objects.visible_to(again(staff)).filter(pk=person.pk).exists()


@pytest.fixture
def second(db: None) -> StaffUser:
    return staff_with("focal two", Role.FOCAL_POINT)


@pytest.fixture
def root(db: None) -> StaffUser:
    return staff_with("root", Role.ADMINISTRATOR)


@pytest.fixture
def hidden(focal_point: StaffUser, ani: Person) -> Compartment:
    return p.open_compartment(
        acting_staff=focal_point, person=ani, kind=PERSON, team=[], opened_date=DAY
    )


# --- the last who knew of her


def test_whoever_takes_over_when_the_last_focal_point_is_gone_says_why(
    root: StaffUser,
    focal_point: StaffUser,
    second: StaffUser,
    manager: StaffUser,
    hidden: Compartment,
    ani: Person,
) -> None:
    assert not k.unkept_cases(second).exists()
    with pytest.raises(OutOfSight):
        k.take_over_case(acting_staff=second, compartment=hidden, reason=GONE)
    disable_staff(acting_staff=root, staff=focal_point)
    assert not seen(second, ani)
    with pytest.raises(k.TakingOverUnsaid):
        k.take_over_case(acting_staff=second, compartment=hidden, reason="gone")
    by_token = again(second)
    by_token.by_token = True
    with pytest.raises(OutOfSight):
        k.take_over_case(acting_staff=by_token, compartment=hidden, reason=GONE)
    page = signed_in(second)
    text = page.get("/people/cases/unkept/").content.decode()
    assert "by focal" in text
    assert "Sargsyan" not in text
    assert "Cases nobody can open any more" in page.get("/").content.decode()
    told = {"case": str(hidden.pk), "reason": GONE}
    answer = page.post("/people/cases/unkept/", told)
    assert answer.headers["Location"] == f"/people/cases/{hidden.pk}/"
    assert seen(second, ani)
    assert not seen(manager, ani)
    assert [note.text for note in hidden.notes.all()] == [GONE]
    entry = ReadEntry.objects.filter(purpose=k.TAKE_OVER).get()
    assert (entry.persons, entry.highest) == ([str(ani.pk)], "R")
    assert AuditLine.objects.filter(action=k.TAKE_OVER, staff=second).exists()
    assert not audit.trail_for(manager).filter(action=k.TAKE_OVER).exists()
    p.close_compartment(acting_staff=again(second), compartment=hidden, closed_date=DAY)
    assert seen(manager, ani)


def test_a_focal_points_grant_does_not_end_while_nobody_else_knows(
    root: StaffUser, focal_point: StaffUser, second: StaffUser, hidden: Compartment, ani: Person
) -> None:
    staff_with("dpo", Role.DPO)
    grant = focal_point.grants.get()
    with pytest.raises(access.StillNeeded):
        access.end_grant(acting_staff=root, grant=grant)
    Grant.objects.filter(role=Role.FOCAL_POINT).update(
        recorded_at=timezone.now() - timedelta(days=300)
    )
    assert access.lapse(timezone.localdate()) == 1, "the other one's"
    assert (grant.ended_at, seen(focal_point, ani)) == (None, True)
    Grant.objects.filter(staff=second).update(ended_at=None)
    p.join_case_team(
        acting_staff=again(focal_point), compartment=hidden, staff=second, joined_date=DAY
    )
    access.end_grant(acting_staff=root, grant=grant)
    assert seen(second, ani)
    assert not k.unkept_cases(again(second)).exists()


def test_a_case_is_taken_over_when_a_role_ran_out_by_its_date(
    focal_point: StaffUser, second: StaffUser, hidden: Compartment
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Grant.objects.filter(staff=focal_point).update(ends=yesterday, starts=yesterday)
    assert list(k.unkept_cases(second)) == [hidden]


# --- two cases of one person


def test_two_cases_that_hide_her_leave_her_to_both_teams(
    focal_point: StaffUser,
    second: StaffUser,
    clerk: StaffUser,
    manager: StaffUser,
    hidden: Compartment,
    ani: Person,
    programme: Programme,
) -> None:
    other = register_person(acting_staff=clerk, person=person_in(programme)).person
    theirs = p.open_compartment(
        acting_staff=second, person=other, kind=PERSON, team=[], opened_date=DAY
    )
    Compartment._base_manager.filter(pk=theirs.pk).update(person=ani)  # as `move_cases` does
    assert (seen(focal_point, ani), seen(second, ani), seen(manager, ani)) == (True, True, False)
    assert list(Compartment.objects.visible_to(again(second))) == [theirs]
    p.close_compartment(acting_staff=again(second), compartment=theirs, closed_date=DAY)
    assert (seen(focal_point, ani), seen(second, ani), seen(manager, ani)) == (True, False, False)


# --- an emergency is for reading


def test_an_emergency_lets_nobody_write_list_send_or_count_a_hidden_person(
    clerk: StaffUser, focal_point: StaffUser, ani: Person, application: Participation
) -> None:
    p.open_compartment(acting_staff=focal_point, person=ani, kind=PERSON, team=[], opened_date=DAY)
    glass.break_glass(
        acting_staff=again(clerk),
        registration_no=ani.registration_no,
        reason=GlassReason.CHILD,
        words=WHY,
    )
    reader = again(clerk)
    assert may(reader, "people.view_person", ani)
    for code in ("correct_person", "withdraw_consent", "record_status", "reveal_secret"):
        assert not may(reader, f"people.{code}", ani), code
    with pytest.raises(OutOfSight):
        statuses.record_status(
            acting_staff=reader,
            person=ani,
            status=c.LegalStatusKind.REFUGEE,
            from_date=DAY,
        )
    with pytest.raises(OutOfSight):
        require_all(reader, "people.correct_person", [ani])
    assert not LegalStatus._base_manager.exists()
    assert not Person.objects.reached_with(reader, "people.correct_person").exists()
    assert ani.pk in hidden_from(reader)
    assert not leave_out(Participation.objects.all(), hidden_from(reader)).exists()
    assert not Participation.objects.visible_to(without_opened(reader)).exists()
    page = signed_in(clerk)
    assert ani.registration_no in page.get("/people/persons/").content.decode()
    sent = page.get("/people/persons/?export=csv")
    assert ani.registration_no not in sent.getvalue().decode()
    assert page.get(f"/people/persons/{ani.pk}/").status_code == 200
