"""Receipts for a phone without a network: carried back by anybody, believed by that phone alone."""

import hmac
import json
import re
from hashlib import sha256
from typing import Any

import pytest
import segno
from django.test import Client

from handup.groups.models import Group, Member
from handup.org.models import Device, StaffUser
from handup.org.services.devices import token_hash
from handup.sync.models import GroupPhone
from handup.sync.rules.series import gather
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.test_api import Door
from handup.sync.tests.test_services import FIRST, held


def proved(note: dict[str, str], token: str) -> dict[str, Any]:
    """What a note tells the phone of this token; fails when it is not its own."""
    key = token_hash(token).encode()
    assert note["sum"] == hmac.new(key, note["text"].encode(), sha256).hexdigest()
    told: dict[str, Any] = json.loads(note["text"])
    return told


def test_whoever_carries_packets_of_another_phone_gets_a_note_to_bring_back(
    group: Group, members: list[Member], officer: StaffUser
) -> None:
    recorder, mine = enrolled(group, officer)
    _other, carrier = enrolled(group, officer)
    held(recorder, FIRST, 1000)
    packet = recorder.packet()
    broken = recorder.packet() | {"signature": "x"}
    answer = Door(carrier.token).send(packet, broken).json()
    (note,) = answer["notes"]
    assert note["device_id"] == str(mine.device.pk)
    told = proved(note, mine.token)
    assert told["device_id"] == str(mine.device.pk)
    (receipt,) = told["receipts"]
    assert (receipt["packet_id"], receipt["state"]) == (packet["id"], "DONE")
    assert receipt["lines"][0]["outcome"] == "STORED"
    with pytest.raises(AssertionError):
        proved(note, carrier.token)
    assert Door(mine.token).send(packet).json()["notes"] == [], "its own are read back"


def test_the_office_shows_receipts_as_codes_and_as_a_file(
    group: Group,
    members: list[Member],
    officer: StaffUser,
    outsider: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    coded: list[str] = []
    make = segno.make

    def heard(text: str, **how: Any) -> segno.QRCode:
        coded.append(text)
        return make(text, **how)

    monkeypatch.setattr(segno, "make", heard)
    recorder, done = enrolled(group, officer)
    row = GroupPhone.objects.get(device=done.device)
    page, file = f"/sync/phones/{row.pk}/receipts/", f"/sync/phones/{row.pk}/receipts/file/"
    client = Client()
    client.force_login(officer)
    assert "Nothing of this phone has arrived yet" in client.get(page).content.decode()
    assert client.get(file).status_code == 404
    held(recorder, FIRST, 1000)
    send(recorder.packet())
    text = client.get(page).content.decode()
    assert text.count("<figure") == len(coded) > 0
    assert re.search(rf"Code 1 of {len(coded)}", text)
    (note,) = json.loads(gather(reversed(coded)))["notes"]
    assert proved(note, done.token)["receipts"][0]["packet_id"]
    answer = client.get(file)
    assert "attachment" in answer["Content-Disposition"]
    assert proved(answer.json()["notes"][0], done.token)["device_id"] == str(done.device.pk)
    assert page in client.get(f"/sync/groups/{group.pk}/phones/").content.decode()
    client.force_login(outsider)
    assert client.get(page).status_code in (403, 404)
    assert client.get(file).status_code in (403, 404)
    assert Device.objects.count() == 1
