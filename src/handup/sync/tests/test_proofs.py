"""What weighs in a group: only what one of its phones signed, whatever else arrives or was kept."""

from dataclasses import replace
from typing import Any

import pytest

from handup.groups.models import Group, GroupFact, Member
from handup.groups.queries import money_now
from handup.groups.tests.conftest import staff_with
from handup.kernel.ids import new_id
from handup.ledger.services.upkeep import hand_over_books
from handup.org.models import Device, StaffUser
from handup.org.rules.access import Role
from handup.org.services.devices import retire_device
from handup.sync import services
from handup.sync.errors import KeyNotNew, NotItsKey
from handup.sync.models import Choice, DeviceKey, GroupPhone, Packet, Seat
from handup.sync.records import records_apart, waiting_behind_gap
from handup.sync.rules.packets import enrol_text
from handup.sync.services import packets as inbox
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Key, Phone
from handup.sync.tests.test_api import Door
from handup.sync.tests.test_seats import seat_of
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said


def fails_at_all(*_given: Any, **_named: Any) -> Any:
    raise RuntimeError("a fault of this server")


@pytest.fixture
def stranger(group: Group, officer: StaffUser) -> Phone:
    """An enrolled phone with a good key that is no phone of this group and writes under its
    name."""
    phone, done = enrolled(group, officer)
    Seat.objects.filter(device=done.device).update(device=None)
    GroupPhone.objects.filter(device=done.device).delete()
    return phone


def test_what_was_kept_at_a_fault_is_proved_before_it_is_taken(
    phone: Phone,
    group: Group,
    officer: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The server fails before it looks at any signature: what is forged is refused at the retry,
    what is signed is taken."""
    forged = replace(phone.twin(), key=Key())
    unknown = Phone(str(group.pk))
    for recorder in (forged, unknown):
        held(recorder, FIRST, 500, shares=1)
    held(phone, FIRST, 1000)
    monkeypatch.setattr(inbox, "desk_for", fails_at_all)
    packets = [forged.packet(), unknown.packet(), phone.packet()]
    assert said(send(*packets)) == [("HELD", ("SERVER_FAULT",))] * 3
    assert waiting_behind_gap(group) is None
    monkeypatch.undo()
    services.retry_waiting(acting_staff=officer, group=group)
    rows = [Packet.objects.get(packet_id=packet["id"]) for packet in packets]
    assert [row.state for row in rows] == ["REFUSED", "SET_ASIDE", "DONE"]
    assert [row.lines.get().flags for row in rows] == [
        ["BAD_SIGNATURE"],
        ["UNKNOWN_DEVICE"],
        ["LATE"],
    ]
    assert money_now(group).cash["LOAN"] == 1000
    assert proofs() == []


def test_what_was_kept_at_a_fault_in_a_practice_group_is_never_taken(
    phone: Phone,
    group: Group,
    officer: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    held(phone, FIRST, 1000)
    Group.objects.filter(pk=group.pk).update(practice=True)
    monkeypatch.setattr(inbox, "desk_for", fails_at_all)
    send(phone.packet())
    monkeypatch.undo()
    services.retry_waiting(acting_staff=officer, group=group)
    assert Packet.objects.get().lines.get().flags == ["PRACTICE_NOT_ACCEPTED"]
    assert not GroupFact.objects.filter(stream="MEETING").exists()


def test_a_handed_over_groups_packet_is_refused_in_clear_words_and_not_kept_for_ever(
    phone: Phone, group: Group, officer: StaffUser, send: Send
) -> None:
    held(phone, FIRST, 1000)
    first = phone.packet()
    before = said(send(first))
    hand_over_books(acting_staff=officer, books=[group.book_id])
    held(phone, FIRST + WEEK, 2000)
    assert said(send(phone.packet(11))) == [("REFUSED", ("HANDED_OVER",))]
    assert before != said(send(first)) != [("REFUSED", ("HANDED_OVER",))]
    assert not Packet.objects.filter(state="WAITING").exists()
    assert money_now(group).cash["LOAN"] == 1000


def test_another_groups_phone_makes_no_gap_no_second_record_and_takes_no_seat(
    phone: Phone, stranger: Phone, group: Group, supervisor: StaffUser, send: Send
) -> None:
    """Whatever it hangs its facts on; and the group's own gap is still told and can be closed."""
    unknown = ("SET_ASIDE", ("UNKNOWN_DEVICE",))
    held(stranger, FIRST, 9000, shares=18)
    nowhere = replace(stranger, facts=[], prev="a" * 64, first_seq=1)
    held(nowhere, FIRST, 500, shares=1)
    assert said(send(stranger.packet(), nowhere.packet())) == [unknown] * 2
    for week in range(3):
        held(phone, FIRST + week * WEEK, 1000 * (week + 1))
    send(phone.packet(0, 11))
    behind = replace(stranger, facts=[], prev=phone.chain[11], first_seq=12)
    behind.write("restore_group", source="SLIP", code="0", keys=KEYS)
    held(behind, FIRST + WEEK, 1500, shares=1)
    assert said(send(behind.packet())) == [unknown]
    assert records_apart(group) == []
    assert waiting_behind_gap(group) is None
    send(phone.packet(22))
    waiting = waiting_behind_gap(group)
    assert waiting is not None
    assert (waiting.to, len(waiting.packets)) == (phone.chain[22], 1)
    assert seat_of(group) == phone.device_id
    Packet.objects.update(recorded_at=Packet.objects.latest("recorded_at").recorded_at - 40 * WEEK)
    services.accept_gap(acting_staff=supervisor, group=group, confirmed_by=KEYS)
    assert money_now(group).cash["LOAN"] == 3000
    assert proofs() == []


def test_the_seat_never_moves_to_a_phone_out_of_use(
    phone: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, send: Send
) -> None:
    """Its record is kept; who may go on is said apart from that."""
    second, done = enrolled(group, officer)
    held(phone, FIRST, 1000)
    held(second, FIRST, 1500, shares=3)
    send(phone.packet())
    send(second.packet())
    retire_device(acting_staff=staff_with("admin", Role.ADMINISTRATOR), device=done.device)
    services.accept_branch(
        acting_staff=supervisor,
        group=group,
        tip=second.tip,
        choice=Choice.KEEP_SECOND,
        confirmed_by=KEYS,
    )
    assert money_now(group).cash["LOAN"] == 1500
    assert seat_of(group) == phone.device_id
    assert proofs() == []


def test_an_altered_copy_hides_no_receipt(
    group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """A carrier alters a packet and brings it first, and again; the phone reads its own back."""
    phone, done = enrolled(group, officer)
    held(phone, FIRST, 1000)
    packet = phone.packet()
    bad = {**packet, "signature": Key().sign(b"x")}
    assert said(send(bad)) == [("REFUSED", ("BAD_SIGNATURE",))]
    door = Door(done.token)
    assert door.get(f"/receipts?packet={packet['id']}").json() == {"receipts": []}
    send(packet)
    send({**packet, "first_seq": 2})
    assert Packet.objects.filter(packet_id=packet["id"]).count() == 3
    (receipt,) = door.get(f"/receipts?packet={packet['id']}").json()["receipts"]
    assert (receipt["state"], receipt["lines"][0]["outcome"]) == ("DONE", "STORED")


def test_a_packet_nobody_can_read_is_answered_under_its_id_and_hides_no_wipe(
    group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """Also when none of a call can be read: the call is answered, each in its place."""
    phone, done = enrolled(group, officer)
    held(phone, FIRST, 1000)
    packet = phone.packet()
    broken = {**packet, "stream": "OTHER"}
    door = Door(done.token)
    answer = door.send(broken, {"id": "x"}, {})
    assert answer.status_code == 200
    told = answer.json()["receipts"]
    assert [row["packet_id"] for row in told] == [packet["id"], None, None]
    assert {(row["state"], *row["lines"][0]["flags"]) for row in told} == {
        ("REFUSED", "UNREADABLE")
    }
    assert not Packet.objects.exists()
    retire_device(acting_staff=staff_with("admin", Role.ADMINISTRATOR), device=done.device)
    last = services.say_farewell(token=done.token, packets=[broken])
    assert (last.wipe, last.answers[0].is_unread) == (True, True)


def test_a_stored_packet_that_can_no_longer_be_read_stops_no_other(
    phone: Phone, group: Group, officer: StaffUser, send: Send
) -> None:
    held(phone, FIRST, 1000)
    held(phone, FIRST + WEEK, 2000)
    send(phone.packet(11))
    row = Packet.objects.get(state="WAITING")
    row.told = "{}"
    row.save()
    assert said(send(phone.packet(0, 11))) == [("STORED", ("LATE",))]
    assert waiting_behind_gap(group) is None
    assert said(send(phone.packet(11))) == [("STORED", ("LATE",))]


def test_a_known_phone_comes_back_with_a_new_code(
    phone: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, send: Send
) -> None:
    """Its first answer was lost, or its token ended: the same device, its seat and its facts."""

    def offer() -> str:
        return services.offer_enrolment(
            acting_staff=officer, group=group, holder=officer, label="Again"
        )[1]

    def come(code: str, key: Key) -> Any:
        signature = key.sign(enrol_text(code=code, public_key=phone.key.public))
        return services.enrol_phone(
            code=code, public_key=phone.key.public, device_id=new_id(), signature=signature
        )

    held(phone, FIRST, 1000)
    other, _done = enrolled(group, officer)
    device = DeviceKey.objects.get(public_key=phone.key.public).device
    device.tokens.update(revoked_at=device.recorded_at)
    code = offer()
    with pytest.raises(KeyNotNew):
        services.enrol_phone(code=code, public_key=phone.key.public)
    with pytest.raises(NotItsKey):
        come(code, Key())
    done = come(code, phone.key)
    assert (str(done.device.pk), seat_of(group)) == (phone.device_id, phone.device_id)
    (receipt,) = Door(done.token).send(phone.packet()).json()["receipts"]
    assert receipt["state"] == "DONE"
    assert come(code, phone.key).device == device
    assert device.tokens.filter(revoked_at=None).count() == 1
    to = Device.objects.get(pk=other.device_id)
    services.give_seat(acting_staff=supervisor, group=group, device=to)
    assert seat_of(group) == other.device_id
    come(offer(), phone.key)
    assert seat_of(group) == other.device_id
    code = offer()
    services.end_phone(acting_staff=officer, phone=GroupPhone.objects.get(device=device))
    with pytest.raises(KeyNotNew):
        come(code, phone.key)
