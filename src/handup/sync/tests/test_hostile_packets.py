"""Packets as no phone would send them: any part of a sound one replaced by something else.

Each is answered, none makes the server fail, and the sound one is taken afterwards as if nothing
had come before it.
"""

import copy
import json
from datetime import date
from typing import Any

import pytest
from django.test import Client
from hypothesis import assume, given
from hypothesis import strategies as st

from handup.groups.models import Group, GroupFact, Member
from handup.org import limits
from handup.org.models import StaffUser
from handup.sync.models import Packet
from handup.sync.tests.conftest import enrolled
from handup.sync.tests.test_services import held, proofs

FIRST = date(2026, 1, 12)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, -1, 10**30, 1.5, 1e300, "", "0", "\0", "\ud800", "é" * 300, "9" * 50, [], {}]
    ),
    st.sampled_from([[[]], [None], {"a": []}, "2026-02-30", "9999-12-31T24:00:00+00:00", "null"]),
    st.text(max_size=8),
    st.integers(-(2**70), 2**70),
)


def places(told: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value within."""
    inner = told.items() if isinstance(told, dict) else enumerate(told)
    found = []
    for key, value in inner:
        found.append((*way, key))
        if isinstance(value, dict | list):
            found += places(value, (*way, key))
    return found


def with_junk(told: Any, way: tuple[Any, ...], junk: Any, kind: str) -> Any:
    """The same with one value replaced, taken out or joined by a stranger."""
    made = copy.deepcopy(told)
    at = made
    for key in way[:-1]:
        at = at[key]
    if kind == "put":
        at[way[-1]] = junk
    elif kind == "drop":
        del at[way[-1]]
    elif isinstance(at, dict):
        at["stranger"] = junk
    else:
        at.append(junk)
    return made


@pytest.mark.hypothesis
def test_no_packet_makes_the_server_fail_and_none_stands_in_the_way_of_the_sound_one(
    client: Client,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(limits.LIMITS, "sync", limits.Limit(1_000_000, 60))
    phone, done = enrolled(group, officer)
    held(phone, FIRST, 1000)
    sound = phone.packet()
    ways = places({"packets": [sound]})

    def send(body: Any) -> Any:
        return client.post(
            "/api/v1/sync/packets",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {done.token}"},
        )

    @given(
        way=st.sampled_from(ways), junk=JUNK, kind=st.sampled_from(["put", "put", "drop", "add"])
    )
    def never_fails(way: tuple[Any, ...], junk: Any, kind: str) -> None:
        body = with_junk({"packets": [sound]}, way, junk, kind)
        packets = body.get("packets")
        assume(not (isinstance(packets, list) and sound in packets))
        answer = send(body)
        assert answer.status_code in {200, 400, 422}, answer.content
        if answer.status_code == 200:
            told = [line for one in answer.json()["receipts"] for line in one["lines"]]
            assert all("SERVER_FAULT" not in line["flags"] for line in told)
            assert all(line["outcome"] != "STORED" for line in told)

    never_fails()
    assert not GroupFact.objects.filter(stream="MEETING").exists()
    (receipt,) = send({"packets": [sound]}).json()["receipts"]
    assert [line["outcome"] for line in receipt["lines"]] == ["STORED"]
    assert GroupFact.objects.filter(stream="MEETING").count() == len(sound["facts"])
    assert Packet.objects.filter(packet_id=sound["id"], state="DONE").count() == 1
    assert proofs() == []
