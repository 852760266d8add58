"""Attendance recorded on an officer's own phone: once, in any order, never refused for being late,
and what cannot be taken waits for somebody to decide."""

import json
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.sync import persons, services
from handup.sync.models import WorkFact, WorkState
from handup.sync.services.phones import Enrolled
from handup.sync.tests.phone import Key
from handup.training.models import Attendance, Cohort, Enrolment, Session
from handup.training.tests.conftest import member_of_staff

Fact = dict[str, Any]


def own_phone(officer: StaffUser) -> Enrolled:
    """A phone of the officer's own, enrolled by the code on her screen."""
    _row, code = services.offer_enrolment(
        acting_staff=officer, group=None, holder=officer, label="My phone"
    )
    return services.enrol_phone(code=code, public_key=Key().public)


def attended(session: Session, more: Fact) -> Fact:
    """Somebody came for an hour."""
    day = session.session_date.isoformat()
    body = {"session": str(session.pk), "mark": "PRESENT", "minutes": 60} | more
    return {
        "id": str(new_id()),
        "name": "record_attendance",
        "happened_date": day,
        "recorded_at": f"{day}T10:15:00+08:00",
        "body": body,
    }


def states(answers: list[Any]) -> list[str]:
    return [answer.state for answer in answers]


def test_attendance_of_a_phone_is_stored_once_and_what_does_not_fit_waits(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    device = own_phone(officer).device
    session = sessions[0]
    listed = attended(session, {"enrolment": str(enrolled[0].pk)})
    carded = attended(session, {"person_no": enrolled[1].person.registration_no})
    nobody = attended(session, {"person_no": "no such card"})
    too_long = attended(session, {"enrolment": str(enrolled[0].pk), "minutes": 1400})
    unread = attended(session, {"enrolment": str(enrolled[0].pk), "mark": "SLEPT"})
    odd = [
        {"id": 7},
        listed | {"more": 1.5},
        carded | {"more": "\x00"},
        listed | {"more": "\ud800"},
    ]
    odd += [listed | {"name": []}, attended(session, {"mark": [], "person_no": "1"})]
    answers = services.receive_work(odd, acting_staff=officer, device=device)
    assert states(answers) == ["REFUSED"] * 6
    facts = [listed, carded, nobody, too_long, unread]
    answers = services.receive_work(facts, acting_staff=officer, device=device)
    assert states(answers) == ["DONE", "DONE", "WAITING", "WAITING", "REFUSED"]
    assert "Nobody you know" in answers[2].reason
    again = services.receive_work(facts[::-1], acting_staff=officer, device=device)
    assert states(again[::-1]) == states(answers)
    changed = listed | {"body": listed["body"] | {"minutes": 30}}
    (refused,) = services.receive_work([changed], acting_staff=officer, device=device)
    assert (refused.state, refused.reason) == ("REFUSED", "SAME_ID_OTHER_CONTENT")
    rows = Attendance.objects.filter(session=session).order_by("method")
    assert [(row.method, row.minutes) for row in rows] == [("ROSTER", 60), ("SCAN", 60)]
    done, waits = WorkFact.objects.get(pk=listed["id"]), WorkFact.objects.get(pk=nobody["id"])
    assert (done.told, waits.told != "") == ("", True)


def test_what_waits_under_a_card_or_a_place_on_a_course_is_hers_and_goes_with_her(
    officer: StaffUser, sessions: list[Session], enrolled: list[Enrolment]
) -> None:
    device, session = own_phone(officer).device, sessions[0]
    hers, other = enrolled[0], enrolled[1]
    number = f" {hers.person.registration_no} "
    facts = [
        attended(session, {"person_no": number, "minutes": 1400}),
        attended(session, {"enrolment": str(hers.pk), "minutes": 1400}),
        attended(session, {"person_no": other.person.registration_no, "minutes": 1400}),
    ]
    answers = services.receive_work(facts, acting_staff=officer, device=device)
    assert states(answers) == ["WAITING"] * 3
    told = persons.held(hers.person_id)["Attendances recorded away and not taken"]
    assert len(told) == 2
    assert any(hers.person.registration_no in one["As it came"] for one in told)
    persons.erase(hers.person_id)
    rows = [WorkFact.objects.get(pk=fact["id"]) for fact in facts]
    assert [row.state for row in rows] == ["LEFT_OUT", "LEFT_OUT", "WAITING"]
    assert [bool(row.told) for row in rows] == [False, False, True]
    assert persons.held(hers.person_id)["Attendances recorded away and not taken"] == []


def test_what_was_told_stays_where_storing_it_fails_on_the_way(
    officer: StaffUser,
    sessions: list[Session],
    enrolled: list[Enrolment],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = own_phone(officer).device
    fact = attended(sessions[0], {"enrolment": str(enrolled[0].pk)})

    def fails(*_given: object) -> None:
        raise DatabaseError("locked")

    with monkeypatch.context() as broken:
        broken.setattr("handup.sync.services.work.audit.record", fails)
        (answer,) = services.receive_work([fact], acting_staff=officer, device=device)
    row = WorkFact.objects.get()
    told = {**fact, "clock_off": False}
    assert (answer.state, row.reason, json.loads(row.told)) == ("WAITING", "SERVER_FAULT", told)
    assert not Attendance.objects.exists()
    manager = member_of_staff("manager", Role.MANAGER)
    row = services.take_work_again(acting_staff=manager, fact=row)
    assert (row.state, row.told, row.reason) == ("DONE", "", "")
    assert (WorkFact.objects.get().told, Attendance.objects.count()) == ("", 1)


def test_a_supervisor_tries_what_waits_again_or_leaves_it_out(
    officer: StaffUser,
    sessions: list[Session],
    enrolled: list[Enrolment],
    cohort: Cohort,
    client: Client,
) -> None:
    manager = member_of_staff("manager", Role.MANAGER)
    device = own_phone(officer).device
    cohort.state, before = "CLOSED", cohort.state
    cohort.closed_date = sessions[0].session_date
    cohort.save()
    facts = [attended(sessions[0], {"enrolment": str(row.pk)}) for row in enrolled[:2]]
    answers = services.receive_work(facts, acting_staff=officer, device=device)
    assert states(answers) == ["WAITING", "WAITING"]
    cohort.state, cohort.closed_date = before, None
    cohort.save()
    first, second = (WorkFact.objects.get(pk=fact["id"]) for fact in facts)
    with pytest.raises(NotAllowed):
        services.take_work_again(acting_staff=officer, fact=first)
    client.force_login(manager)
    assert client.get(reverse("sync:work_list")).status_code == 200
    page = client.get(reverse("sync:work_detail", args=[first.pk])).content.decode()
    assert reverse("sync:work_again", args=[first.pk]) in page
    assert client.post(reverse("sync:work_again", args=[first.pk])).status_code == 302
    read = {"reason": "The list was wrong", "_read_back": "1"}
    assert client.post(reverse("sync:work_leave_out", args=[second.pk]), read).status_code == 302
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (WorkState.DONE, WorkState.LEFT_OUT)
    assert Attendance.objects.filter(session=sessions[0]).count() == 1
    (told,) = services.receive_work(facts[1:], acting_staff=officer, device=device)
    assert told.state == WorkState.LEFT_OUT


def test_the_phone_carries_its_holders_sessions_and_nothing_for_a_stranger(
    officer: StaffUser,
    outsider: StaffUser,
    sessions: list[Session],
    enrolled: list[Enrolment],
    client: Client,
) -> None:
    done = own_phone(officer)
    told = {"Authorization": f"Bearer {done.token}"}
    answer = client.get("/api/v1/sync/work", headers=told)
    assert answer.status_code == 200, answer.content
    pack = answer.json()
    days = {session.session_date for session in sessions}
    assert pack["loans"] == []
    for session in pack["sessions"]:
        names = {row["name"] for row in session["people"]}
        assert names == {str(row.person) for row in enrolled}
        assert session["session_date"] in {day.isoformat() for day in days}
    sent = {"facts": [attended(sessions[0], {"enrolment": str(enrolled[0].pk)})]}
    post = client.post("/api/v1/sync/work", sent, content_type="application/json", headers=told)
    assert post.json()["answers"][0]["state"] == "DONE", post.content
    assert client.get("/api/v1/sync/pack", headers=told).json()["packs"] == []
    with pytest.raises(NotAllowed):
        services.offer_enrolment(acting_staff=outsider, group=None, holder=outsider, label="x")
