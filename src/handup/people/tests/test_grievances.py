"""Complaints and praise: answered in time, without a name, and unknown to whom they are about."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, Office, ReadEntry, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people import words
from handup.people.models import Grievance, GrievanceStep, Person
from handup.people.queries.grievances import open_grievances, overdue
from handup.people.rules import grievances as g
from handup.people.rules.grievances import GrievanceState as S
from handup.people.services.days import DayToCome, StepBefore
from handup.people.services.grievances import (
    CannotOpen,
    GrievanceIn,
    NobodyLeft,
    NobodyToTell,
    NothingSaid,
    NotSensitive,
    NotThisStep,
    OnTheTeam,
    Recorded,
    join_grievance_team,
    leave_grievance_team,
    move_grievance,
    record_grievance,
    state_by_code,
)
from handup.people.services.outreach import ReasonMissing
from handup.projects.models import Programme

MONDAY = date(2026, 3, 2)
WORDS = "They asked me for money before I got the kit."


@pytest.fixture
def officer(db: None) -> StaffUser:
    return staff_with("complaints", Role.COMPLAINTS_OFFICER)


@pytest.fixture
def second(db: None) -> StaffUser:
    return staff_with("complaints2", Role.COMPLAINTS_OFFICER)


@pytest.fixture
def focal(db: None) -> StaffUser:
    return staff_with("focal", Role.FOCAL_POINT)


def say(staff: StaffUser, **told: Any) -> Recorded:
    """Record one, about a service unless told."""
    fresh: dict[str, Any] = {
        "kind": g.GrievanceKind.SERVICE,
        "text": WORDS,
        "received_date": MONDAY,
    }
    return record_grievance(acting_staff=staff, grievance=GrievanceIn(**(fresh | told)))


def move(staff: StaffUser, row: Grievance, to: S, days: int = 1, **told: Any) -> GrievanceStep:
    """Take a step some days after Monday."""
    return move_grievance(
        acting_staff=staff,
        grievance=row,
        to_state=to,
        step_date=MONDAY + timedelta(days=days),
        **told,
    )


def seen(staff: StaffUser) -> list[str]:
    return [row.code for row in Grievance.objects.visible_to(StaffUser.objects.get(pk=staff.pk))]


def test_deadlines_are_working_days() -> None:
    days = g.deadlines(date(2026, 3, 5), closed={date(2026, 3, 9)})
    assert days.acknowledge == date(2026, 3, 11)
    assert days.resolve == date(2026, 4, 3)
    assert g.due_date(S.RECEIVED, days) == days.acknowledge
    assert g.due_date(S.APPEALED, days) == days.resolve
    assert g.due_date(S.CLOSED, days) is None


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_so_many_working_days_lie_between(start: date, days: int) -> None:
    end = g.working_day_after(start, days)
    between = [start + timedelta(days=n) for n in range(1, (end - start).days + 1)]
    assert sum(day.weekday() < 5 for day in between) == days
    assert end.weekday() < 5


def test_every_state_that_is_not_over_leads_on_and_every_way_ends() -> None:
    assert set(g.MOVES) == set(S)
    for state, onward in g.MOVES.items():
        assert bool(onward) is (state not in g.OVER)
        assert state not in onward


def test_it_is_answered_in_steps_and_nothing_of_it_lies_open_in_the_database(
    clerk: StaffUser, officer: StaffUser, ani: Person
) -> None:
    recorded = say(clerk, person=ani, contact="+37499000111")
    row = recorded.grievance
    assert (row.state, row.anonymous) == ("RECEIVED", False)
    assert (row.programme_id, row.office_id) == (ani.programme_id, ani.office_id)
    move(officer, row, S.ACKNOWLEDGED)
    move(officer, row, S.IN_PROGRESS, 2)
    move(officer, row, S.RESOLVED, 3, note="The officer paid it back.")
    move(officer, row, S.CLOSED, 9)
    row.refresh_from_db()
    assert (row.state, row.decided_by_id) == ("CLOSED", officer.pk)
    assert row.decided_date == MONDAY + timedelta(days=3)
    assert AuditLine.objects.filter(action="people.handle_grievance").count() == 4
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_grievance")
        stored = str(cursor.fetchall())
        cursor.execute("SELECT * FROM people_grievancestep")
        stored += str(cursor.fetchall())
    for secret in (WORDS, "37499000111", recorded.tracking, "paid it back"):
        assert secret not in stored
    assert row.text == WORDS


def test_a_complaint_changes_nothing_about_her_part_in_the_programme(
    clerk: StaffUser, officer: StaffUser, ani: Person
) -> None:
    before = list(ani.participations.values_list("state", "reason"))
    row = say(clerk, person=ani, kind=g.GrievanceKind.TARGETING).grievance
    move(officer, row, S.ACKNOWLEDGED)
    move(officer, row, S.REJECTED, 2, note="The rule was followed.")
    assert list(ani.participations.values_list("state", "reason")) == before


@pytest.mark.parametrize(
    ("told", "refusal", "field"),
    [
        ({"text": "  "}, NothingSaid, "text"),
        ({"received_date": date(2999, 1, 1)}, DayToCome, "received_date"),
        ({"sensitivity": g.Sensitivity.FRAUD}, NobodyToTell, "sensitivity"),
    ],
)
def test_what_cannot_be_recorded_is_refused_by_name(
    clerk: StaffUser, told: dict[str, Any], refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        say(clerk, **told)
    assert getattr(refused.value, "field", "") == field
    assert not Grievance.objects.exists()


def test_the_same_thing_sent_twice_is_one_and_tells_the_same_code(clerk: StaffUser) -> None:
    key = new_id()
    first, again = say(clerk, id=key), say(clerk, id=key)
    assert (again.grievance.pk, again.tracking) == (first.grievance.pk, first.tracking)
    assert Grievance.objects.count() == 1
    with pytest.raises(SameIdOtherContent):
        say(clerk, id=key, kind=g.GrievanceKind.BANK)


def test_steps_out_of_order_or_without_an_answer_are_refused(
    clerk: StaffUser, officer: StaffUser
) -> None:
    row = say(clerk).grievance
    with pytest.raises(NotThisStep):
        move(officer, row, S.RESOLVED, note="too soon")
    move(officer, row, S.ACKNOWLEDGED, 4)
    with pytest.raises(StepBefore):
        move(officer, row, S.IN_PROGRESS, 3)
    with pytest.raises(ReasonMissing) as refused:
        move(officer, row, S.REJECTED, 5)
    assert refused.value.field == "note"
    with pytest.raises(DayToCome):
        move(officer, row, S.IN_PROGRESS, 400_0)
    assert row.steps.count() == 1


def test_an_appeal_is_decided_by_somebody_else(
    clerk: StaffUser, officer: StaffUser, second: StaffUser
) -> None:
    row = say(clerk).grievance
    move(officer, row, S.ACKNOWLEDGED)
    move(officer, row, S.REJECTED, 2, note="No.")
    move(officer, row, S.APPEALED, 3, note="She asks again.")
    with pytest.raises(SamePerson):
        move(officer, row, S.REJECTED, 4, note="Still no.")
    move(second, row, S.RESOLVED, 4, note="She was right.")
    row.refresh_from_db()
    assert (row.state, row.decided_by_id) == ("RESOLVED", second.pk)


def test_steps_are_never_changed_afterwards(clerk: StaffUser, officer: StaffUser) -> None:
    row = say(clerk).grievance
    step = move(officer, row, S.ACKNOWLEDGED)
    with pytest.raises(DatabaseError), transaction.atomic():
        GrievanceStep.objects.filter(pk=step.pk).update(to_state="CLOSED")


def test_a_sensitive_one_is_known_to_its_team_only(
    clerk: StaffUser, officer: StaffUser, focal: StaffUser, ani: Person
) -> None:
    row = say(clerk, person=ani, sensitivity=g.Sensitivity.EXPLOITATION).grievance
    assert (row.text, row.restricted_text) == ("", WORDS)
    assert (seen(clerk), seen(officer), seen(focal)) == ([], [], [row.code])
    with pytest.raises(OutOfSight):
        move(officer, row, S.ACKNOWLEDGED)
    join_grievance_team(acting_staff=focal, grievance=row, staff=officer, joined_date=MONDAY)
    assert seen(officer) == [row.code]
    with pytest.raises(OnTheTeam):
        join_grievance_team(acting_staff=focal, grievance=row, staff=officer, joined_date=MONDAY)
    member = row.team.get(staff=officer)
    leave_grievance_team(acting_staff=focal, member=member, left_date=MONDAY)
    assert seen(officer) == []
    step = move(focal, row, S.ACKNOWLEDGED)
    assert not GrievanceStep.objects.visible_to(officer).filter(pk=step.pk).exists()


def test_who_is_complained_of_never_sees_it_nor_joins_its_team(
    clerk: StaffUser, officer: StaffUser, second: StaffUser, focal: StaffUser
) -> None:
    other = staff_with("focal2", Role.FOCAL_POINT)
    row = say(clerk, sensitivity=g.Sensitivity.STAFF_CONDUCT, complained_of=focal).grievance
    assert (seen(focal), seen(other)) == ([], [row.code])
    with pytest.raises(OnTheTeam):
        join_grievance_team(acting_staff=other, grievance=row, staff=focal, joined_date=MONDAY)
    plain = say(clerk, complained_of=officer).grievance
    assert (seen(officer), seen(second)) == ([], [plain.code])
    with pytest.raises(OutOfSight):
        move(officer, plain, S.ACKNOWLEDGED)
    with pytest.raises(NotSensitive):
        join_grievance_team(acting_staff=other, grievance=plain, staff=second, joined_date=MONDAY)


def test_the_director_knows_of_it_where_there_is_no_other_focal_point(
    clerk: StaffUser, focal: StaffUser
) -> None:
    director = staff_with("director", Role.DIRECTOR)
    row = say(clerk, sensitivity=g.Sensitivity.FRAUD, complained_of=focal).grievance
    say(clerk)
    assert list(row.team.values_list("staff", flat=True)) == [director.pk]
    assert seen(director) == [row.code]
    move(director, row, S.ACKNOWLEDGED)


def test_only_who_reaches_it_is_told_and_may_be_joined(
    clerk: StaffUser, focal: StaffUser, other_programme: Programme
) -> None:
    far = staff_with(
        "far",
        Role.FOCAL_POINT,
        scope=ScopeKind.PROJECT,
        programme_id=other_programme.pk,
    )
    row = say(clerk, sensitivity=g.Sensitivity.FRAUD).grievance
    assert list(row.team.values_list("staff", flat=True)) == [focal.pk]
    for stranger in (far, staff_with("trainer2", Role.TRAINER)):
        with pytest.raises(CannotOpen):
            join_grievance_team(
                acting_staff=focal, grievance=row, staff=stranger, joined_date=MONDAY
            )
    assert row.team.count() == 1


def test_the_last_who_knows_of_it_does_not_leave(
    client: Client, clerk: StaffUser, officer: StaffUser, focal: StaffUser
) -> None:
    row = say(clerk, sensitivity=g.Sensitivity.FRAUD).grievance
    member = row.team.get()
    with pytest.raises(NobodyLeft):
        leave_grievance_team(acting_staff=focal, member=member, left_date=MONDAY)
    join_grievance_team(acting_staff=focal, grievance=row, staff=officer, joined_date=MONDAY)
    for day, refusal in ((date(2999, 1, 1), DayToCome), (date(2020, 1, 1), StepBefore)):
        with pytest.raises(refusal):
            leave_grievance_team(acting_staff=focal, member=member, left_date=day)
    client.force_login(focal)
    page = client.get(reverse("people:grievance_detail", args=[row.pk])).content.decode()
    assert reverse("people:grievance_leave", args=[member.pk]) in page
    leave_grievance_team(acting_staff=focal, member=member, left_date=MONDAY)
    assert (seen(focal), seen(officer)) == ([], [row.code])
    with pytest.raises(OutOfSight):
        leave_grievance_team(acting_staff=focal, member=member, left_date=MONDAY)


def test_a_sensitive_one_is_due_within_a_day_and_in_no_file(
    client: Client, clerk: StaffUser, focal: StaffUser
) -> None:
    row = say(clerk, sensitivity=g.Sensitivity.FRAUD).grievance
    plain = say(clerk).grievance
    assert row.acknowledge_date == MONDAY + timedelta(days=1)
    assert plain.acknowledge_date == MONDAY + timedelta(days=3)
    client.force_login(focal)
    listed = client.get(reverse("people:grievance_list"))
    assert row.code in listed.content.decode()
    assert ReadEntry.objects.filter(action="LIST", highest="R").exists()
    sent = client.get(reverse("people:grievance_list"), {"export": "csv"})
    text = b"".join(sent).decode() if sent.streaming else sent.content.decode()
    assert plain.code in text
    assert row.code not in text


def test_nothing_sensitive_is_told_in_her_file(
    clerk: StaffUser, focal: StaffUser, ani: Person
) -> None:
    say(clerk, person=ani, sensitivity=g.Sensitivity.FRAUD, contact="behind the mill")
    say(clerk, person=ani, contact="at the shop")
    file = str(words.told(ani.pk))
    assert "at the shop" in file
    assert "behind the mill" not in file


def test_nobody_who_decided_before_decides_an_appeal(
    clerk: StaffUser, officer: StaffUser, second: StaffUser
) -> None:
    row = say(clerk).grievance
    move(officer, row, S.ACKNOWLEDGED)
    move(officer, row, S.REJECTED, 2, note="No.")
    move(officer, row, S.APPEALED, 3, note="She asks again.")
    move(second, row, S.REJECTED, 4, note="No.")
    move(second, row, S.APPEALED, 5, note="Once more.")
    for before in (officer, second):
        with pytest.raises(SamePerson):
            move(before, row, S.RESOLVED, 6, note="Yes.")


def test_who_may_not_record_or_handle_is_refused(
    clerk: StaffUser, outsider: StaffUser, programme: Programme
) -> None:
    with pytest.raises(NotAllowed):
        say(staff_with("reader", Role.ME_READER))
    row = say(clerk, programme=programme).grievance
    with pytest.raises(NotAllowed):
        move(clerk, row, S.ACKNOWLEDGED)
    with pytest.raises((NotAllowed, OutOfSight)):
        say(outsider, programme=programme)


def test_what_is_due_is_found_by_its_state_and_the_settings(
    clerk: StaffUser, officer: StaffUser
) -> None:
    Setting.objects.create(key="grievances", value={"acknowledge_days": 1, "resolve_days": 2})
    row = say(clerk).grievance
    assert row.acknowledge_date == MONDAY + timedelta(days=1)
    rows = Grievance.objects.visible_to(officer)
    assert not overdue(rows, row.acknowledge_date).exists()
    assert overdue(rows, row.acknowledge_date + timedelta(days=1)).get() == row
    move(officer, row, S.ACKNOWLEDGED)
    assert not overdue(rows, row.resolve_date).exists()
    assert overdue(rows, row.resolve_date + timedelta(days=1)).get() == row
    assert list(open_grievances(officer)) == [row]
    move(officer, row, S.RESOLVED, 2, note="Done.")
    assert not open_grievances(officer).exists()


def test_a_code_tells_where_it_stands_however_it_is_typed(clerk: StaffUser) -> None:
    recorded = say(clerk)
    code = recorded.tracking
    assert len(code) == g.CODE_LENGTH
    spaced = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    assert state_by_code(spaced) == recorded.grievance
    for wrong in ("", code[:-1], code + "A", "0" * 12, "é" * 12):
        assert state_by_code(wrong) is None


def test_anybody_asks_with_the_code_and_learns_the_state_alone(
    client: Client, clerk: StaffUser, focal: StaffUser
) -> None:
    recorded = say(clerk, sensitivity=g.Sensitivity.FRAUD)
    url = reverse("people:grievance_state")
    assert client.get(url).status_code == 200
    found = client.post(url, {"code": recorded.tracking})
    text = found.content.decode()
    assert found.status_code == 200
    assert "Received" in text, text[-900:]
    for secret in (WORDS, recorded.grievance.code, "fraud"):
        assert secret not in text
    missing = client.post(url, {"code": "ABCDEFGHJKMN"})
    assert missing.status_code == 422
    assert "nothing under this code" in missing.content.decode()


def test_the_clerk_records_and_is_shown_the_code_once(
    client: Client, clerk: StaffUser, officer: StaffUser, programme: Programme
) -> None:
    client.force_login(clerk)
    url = reverse("people:grievance_new")
    assert client.get(url).status_code == 200
    told = {
        "kind": "PAYMENT",
        "text": WORDS,
        "received_date": "2026-03-02",
        "programme": str(programme.pk),
        "_new_id": str(new_id()),
    }
    answer = client.post(url, told)
    row = Grievance.objects.get()
    assert str(row.tracking) in answer.content.decode()
    assert client.get(reverse("people:grievance_detail", args=[row.pk])).status_code in (403, 404)
    client.force_login(officer)
    page = client.get(reverse("people:grievance_detail", args=[row.pk])).content.decode()
    assert WORDS in page
    assert str(row.tracking) not in page
    assert ReadEntry.objects.filter(action="VIEW", highest="R").exists()
    listed = client.get(reverse("people:grievance_list")).content.decode()
    assert row.code in listed
    assert row.code in client.get(reverse("desk:home")).content.decode()


def test_the_next_step_is_taken_on_its_page_and_refused_beside_its_field(
    client: Client, clerk: StaffUser, officer: StaffUser
) -> None:
    row = say(clerk).grievance
    client.force_login(officer)
    url = reverse("people:grievance_step", args=[row.pk])
    early = client.post(url, {"to_state": "ACKNOWLEDGED", "step_date": "2026-02-01"})
    assert early.status_code == 422
    assert "lies before the last step" in early.content.decode()
    done = client.post(url, {"to_state": "ACKNOWLEDGED", "step_date": "2026-03-03"})
    assert done.status_code == 302
    row.refresh_from_db()
    assert row.state == "ACKNOWLEDGED"


def test_the_first_of_the_team_who_opens_a_sensitive_one_is_remembered(
    client: Client, clerk: StaffUser, focal: StaffUser
) -> None:
    row = say(clerk, sensitivity=g.Sensitivity.FRAUD).grievance
    client.force_login(focal)
    before = timezone.now()
    page = client.get(reverse("people:grievance_detail", args=[row.pk]))
    assert WORDS in page.content.decode()
    row.refresh_from_db()
    assert row.told_focal_point_at is not None
    assert row.told_focal_point_at >= before


def test_with_a_token_nothing_sensitive_is_read(
    clerk: StaffUser, focal: StaffUser, office: Office
) -> None:
    say(clerk, sensitivity=g.Sensitivity.FRAUD)
    focal.by_token = True
    assert not Grievance.objects.visible_to(focal).exists()
