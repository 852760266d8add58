"""The API door of groups: a meeting sent by a device, sent twice, and asked for by an outsider."""

from typing import Any

import pytest
from django.test import Client

from handup.groups.models import Group, Meeting, Member
from handup.kernel.ids import new_id
from handup.org.models import Area, StaffUser
from handup.projects.models import Programme

BASE = "/api/v1/groups"


@pytest.fixture
def device(officer: StaffUser) -> Client:
    client = Client(enforce_csrf_checks=False)
    client.force_login(officer)
    return client


def post(client: Client, path: str, data: dict[str, Any], key: str = "") -> Any:
    return client.post(
        f"{BASE}{path}",
        data,
        content_type="application/json",
        headers={"Idempotency-Key": key or str(new_id())},
    )


def test_a_group_is_registered_once_however_often_it_is_sent(
    device: Client, programme: Programme, area: Area
) -> None:
    key = str(new_id())
    told = {
        "programme_id": str(programme.pk),
        "name": "Sent",
        "kind": "SAVINGS",
        "area_id": str(area.pk),
        "currency": "XTS",
        "formed_date": "2026-01-05",
        "settings": {"share_value_units": 100, "charge_rate_bps": 500},
    }
    for _time in range(2):
        answer = post(device, "/groups", told, key)
        assert answer.status_code == 201
        assert answer.json()["id"] == key
    assert Group.objects.count() == 1
    bad = post(device, "/groups", {**told, "settings": {"share_value_units": 0}})
    assert bad.status_code == 422
    assert Group.objects.count() == 1


def test_a_meeting_is_recorded_and_closed_through_the_api(
    device: Client, group: Group, members: list[Member]
) -> None:
    opened = post(device, f"/groups/{group.pk}/meetings", {"held_date": "2026-01-12"})
    meeting = opened.json()["id"]
    lines = [
        {"member_id": str(member.pk), "mark": "PRESENT", "saved_units": 2500} for member in members
    ]
    key = str(new_id())
    counts = [post(device, f"/meetings/{meeting}/lines", {"lines": lines}, key) for _ in range(2)]
    assert [answer.json()["recorded"] for answer in counts] == [8, 0]
    loan = post(
        device,
        f"/meetings/{meeting}/loans",
        {"member_id": str(members[0].pk), "units": 3000, "term_periods": 2, "yes": 3},
    )
    assert loan.status_code == 201
    told: dict[str, Any] = {"counts": [{"fund": "LOAN", "counted_units": 7000}]}
    key = str(new_id())
    for _time in range(2):
        closed = post(device, f"/meetings/{meeting}/close", told, key)
        assert (closed.status_code, closed.json()["status"]) == (201, "CLOSED")
    told = {"counts": [{"fund": "LOAN", "counted_units": 6000, "reason": "lost"}]}
    other = post(device, f"/meetings/{meeting}/close", told, key)
    assert (other.status_code, other.json()["code"]) == (409, "SAME_ID_OTHER_CONTENT")
    money = device.get(f"{BASE}/groups/{group.pk}/money").json()
    assert money["cash"] == {"LOAN": 7000, "SOCIAL": 0}
    assert money["principal"] == {loan.json()["id"]: 3000}


def test_a_refusal_is_a_problem_that_names_its_code(
    device: Client, group: Group, members: list[Member]
) -> None:
    meeting = post(device, f"/groups/{group.pk}/meetings", {"held_date": "2026-01-12"}).json()["id"]
    line = {"member_id": str(members[0].pk), "saved_units": 500}
    answer = post(device, f"/meetings/{meeting}/lines", {"lines": [line]})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "NOT_PRESENT"
    negative = post(
        device, f"/meetings/{meeting}/lines", {"lines": [{**line, "saved_units": -500}]}
    )
    assert negative.status_code == 422


def test_for_an_outsider_nothing_of_the_group_exists(
    group: Group, members: list[Member], outsider: StaffUser
) -> None:
    client = Client()
    client.force_login(outsider)
    assert client.get(f"{BASE}/groups").json()["items"] == []
    for path in ("", "/members", "/money"):
        assert client.get(f"{BASE}/groups/{group.pk}{path}").status_code == 404
    answer = post(client, f"/groups/{group.pk}/meetings", {"held_date": "2026-01-12"})
    assert answer.status_code == 404
    assert not Meeting.objects.exists()


def test_a_card_is_filled_disputed_and_read_over_the_interface(
    device: Client, group: Group
) -> None:
    path = f"/groups/{group.pk}/assessments"
    told: dict[str, Any] = {
        "card": "TEN_POINTS",
        "on": "2026-02-02",
        "people_count": 4,
        "marks": [{"no": 1, "points": 10}, {"no": 2, "given": "NOT_APPLICABLE"}],
    }
    key = str(new_id())
    sent = [post(device, path, told, key) for _time in range(2)]
    assert {(answer.status_code, answer.json()["grade"]) for answer in sent} == {(201, "C")}
    (row,) = device.get(BASE + path).json()["items"]
    assert (row["points"], row["most_points"], row["is_eligible"]) == (10, 90, False)
    marks = device.get(f"{BASE}/assessments/{row['id']}/marks").json()
    assert [mark["given"] for mark in marks[:3]] == ["SCORED", "NOT_APPLICABLE", "UNANSWERED"]
    asked = {"why": "We wrote it in the meeting", "on": "2026-02-03"}
    key = str(new_id())
    disputes = [
        post(device, f"/marks/{marks[5]['id']}/disputes", asked, key).json() for _time in range(2)
    ]
    assert disputes[0] == disputes[1]
    assert disputes[0]["state"] == "OPEN"
    wrong = post(device, path, told | {"on": "2026-02-04", "marks": [{"no": 1, "points": 11}]})
    assert wrong.status_code == 422
    due = device.get(f"{BASE}{path}/due").json()
    assert [one["card"] for one in due] == ["TEN_POINTS", "FIELD_CARD"]
    assert due[0]["due"] == "2027-02-02"
