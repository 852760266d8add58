"""The API door of the inbox: a phone enrols itself, fetches its pack, sends, and reads back."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models.sql.compiler import SQLCompiler
from django.test import Client
from django.test.utils import CaptureQueriesContext

from handup.groups.models import Group, GroupFact, Member
from handup.kernel.ids import new_id
from handup.org import scope
from handup.org.models import Device, StaffUser
from handup.sync import services
from handup.sync.tests.conftest import enrolled
from handup.sync.tests.phone import Key, Phone
from handup.sync.tests.test_services import held

BASE = "/api/v1/sync"
FIRST = date(2026, 1, 12)


class Door:
    """A phone at the door: its token goes with every request."""

    def __init__(self, token: str) -> None:
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"{BASE}{path}", headers=self.headers)

    def send(self, *packets: dict[str, Any]) -> Any:
        return self.client.post(
            f"{BASE}/packets",
            {"packets": list(packets)},
            content_type="application/json",
            headers=self.headers,
        )


def enrol(code: str, key: Key) -> Any:
    told = {"code": code, "public_key": key.public, "device_id": str(new_id())}
    return Client().post(f"{BASE}/enrol", told, content_type="application/json")


def test_a_phone_enrols_sends_and_reads_its_receipt_back(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    _row, code = services.offer_enrolment(
        acting_staff=officer, group=group, holder=officer, label="Blue phone"
    )
    key = Key()
    assert enrol("x" * 27, key).status_code == 422
    answer = enrol(code, key)
    assert answer.status_code == 201
    told = answer.json()
    door = Door(told["token"])
    phone = Phone(told["group_id"], told["device_id"], "XTS", key)
    (pack,) = door.get("/pack").json()["packs"]
    assert (pack["has_seat"], pack["head_seq"], pack["head_hash"]) == (True, 0, "0" * 64)
    assert [row["member_no"] for row in pack["members"]] == [1, 2, 3, 4]
    held(phone, FIRST, 1000)
    packet = phone.packet()
    (receipt,) = door.send(packet).json()["receipts"]
    assert (receipt["state"], receipt["lines"][0]["outcome"]) == ("DONE", "STORED")
    assert receipt["lines"][0]["savings_total"] == 1000
    (again,) = door.send(packet).json()["receipts"]
    assert again["lines"][0]["outcome"] == "ALREADY_STORED"
    (kept,) = door.get(f"/receipts?packet={packet['id']}").json()["receipts"]
    assert kept["lines"][0]["outcome"] == "STORED"
    (pack,) = door.get("/pack").json()["packs"]
    assert (pack["head_hash"], pack["head_seq"]) == (phone.tip, 11)
    assert (pack["cash"]["LOAN"], pack["members"][0]["savings"]) == (1000, 1000)
    assert Device.objects.get(pk=told["device_id"]).last_seen_at is not None


def test_a_phones_token_opens_the_inbox_alone_and_its_own_groups_alone(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    phone, done = enrolled(group, officer)
    door = Door(done.token)
    assert door.client.get("/api/v1/groups/groups", headers=door.headers).status_code == 403
    held(phone, FIRST, 1000)
    packet = phone.packet()
    door.send(packet)
    services.offer_enrolment(acting_staff=officer, group=group, holder=officer, label="Other")
    other = Door(enrolled(group, officer)[1].token)
    assert other.get(f"/receipts?packet={packet['id']}").json() == {"receipts": []}
    Device.objects.filter(pk=phone.device_id).update(state="RETIRED")
    assert door.get("/pack").json()["packs"] == []


def test_nobody_without_a_right_delivers_and_nobody_but_a_phone_reads_a_pack(
    phone: Phone, group: Group, officer: StaffUser
) -> None:
    held(phone, FIRST, 1000)
    body = {"packets": [phone.packet()]}
    nobody = Client()
    path = f"{BASE}/packets"
    assert nobody.post(path, body, content_type="application/json").status_code == 401
    idle = StaffUser.objects.create_user("idle", display_name="Idle")
    nobody.force_login(idle)
    assert nobody.post(path, body, content_type="application/json").status_code == 403
    assert not GroupFact.objects.filter(stream="MEETING").exists()
    carrier = Client()
    carrier.force_login(officer)
    assert carrier.get(f"{BASE}/pack").status_code == 422
    wrong: tuple[list[Any], ...] = ([], ["x"])
    for broken in ({"packets": packets} for packets in wrong):
        assert carrier.post(path, broken, content_type="application/json").status_code == 422
    assert carrier.post(path, body, content_type="application/json").status_code == 200


def test_whom_a_case_team_hides_is_in_no_pack_and_in_no_receipt(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    """A phone marks whom its pack names; its receipt does not miss the fourth."""
    phone, done = enrolled(group, officer)
    phone.open(FIRST)
    phone.roll((1, 3, 4))
    phone.save(1, 2)
    phone.close(1000)
    person = members[1].person_id
    assert person is not None

    def hides_her(_staff: StaffUser) -> list[tuple[UUID, None]]:
        return [(person, None)]

    scope.exceptions.append(hides_her)
    scope.hidden_changed()
    try:
        (pack,) = Door(done.token).get("/pack").json()["packs"]
        (receipt,) = Door(done.token).send(phone.packet()).json()["receipts"]
    finally:
        scope.exceptions.remove(hides_her)
        scope.hidden_changed()
    assert [row["member_no"] for row in pack["members"]] == [1, 3, 4]
    assert "Member 2" not in str(pack)
    assert [(line["outcome"], line["flags"]) for line in receipt["lines"]] == [("STORED", ["LATE"])]


def test_a_member_a_phone_knows_and_does_not_mark_is_told(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    phone, done = enrolled(group, officer)
    phone.open(FIRST)
    phone.roll((1, 3, 4))
    phone.close(0)
    (receipt,) = Door(done.token).send(phone.packet()).json()["receipts"]
    assert receipt["lines"][0]["flags"] == ["LATE", "RULE_BREACH"]


def test_the_packets_after_the_first_build_no_question_anew(
    group: Group, members: list[Member], officer: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, done = enrolled(group, officer)
    door = Door(done.token)
    for week in range(2):
        held(phone, FIRST + timedelta(days=7 * week), 1000 * (week + 1))
    first, second = phone.packets([len(phone.facts) // 2])
    assert door.send(first).json()["receipts"][0]["state"] == "DONE"
    compiled: list[object] = []
    as_sql = SQLCompiler.as_sql

    def counted(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        compiled.append(self.query)
        return as_sql(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", counted)
    with CaptureQueriesContext(connection) as asked:
        (receipt,) = door.send(second).json()["receipts"]
    assert [line["outcome"] for line in receipt["lines"]] == ["STORED"]
    assert compiled == []
    assert len(asked) <= 43
