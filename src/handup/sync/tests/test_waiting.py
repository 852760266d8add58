"""What waits is taken when what it names arrives, and what fails keeps nothing else out."""

from typing import Any

import pytest

from handup.groups.models import Group, GroupFact, Meeting, Member, Resolution
from handup.groups.queries import constitution_on, money_now
from handup.groups.services import adopt_constitution
from handup.groups.services.recorded import record_facts
from handup.groups.services.recorder import recorders_of
from handup.org.models import StaffUser
from handup.sync import services
from handup.sync.models import Packet, PacketLine
from handup.sync.services import packets as inbox
from handup.sync.tests.conftest import Send
from handup.sync.tests.phone import Phone
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said


def voted(group: Group) -> Resolution:
    """A vote of all four on the rules."""
    return Resolution.objects.create(
        group=group, decision="CONSTITUTION", yes=4, present=4, members=4, is_passed=True
    )


def test_a_meeting_under_rules_not_yet_known_waits_for_them(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """Its share costs 600 under version 2; the office writes that version down a month later."""
    phone.version = 2
    phone.open(FIRST)
    phone.roll(range(1, 5))
    phone.save(1, 2, value=600)
    first = phone.packet()
    phone.close(1200)
    (answer,) = send(first)
    assert said([answer]) == [("REFUSED", ("INVALID_ROW",))]
    assert {fault.code for fault in answer.lines[0].faults} == {"UNKNOWN_CONSTITUTION"}
    assert said(send(phone.packet())) == [("REFUSED", ("INVALID_ROW",))]
    assert not GroupFact.objects.filter(stream="MEETING").exists()
    group.cycles.update(status="CLOSED")
    adopt_constitution(
        acting_staff=officer,
        group=group,
        version=2,
        settings={**constitution_on(group).settings, "share_value_units": 600},
        effective_date=FIRST,
        resolution=voted(group),
    )
    assert money_now(group).cash["LOAN"] == 1200
    assert set(Packet.objects.values_list("state", flat=True)) == {"DONE"}
    assert proofs() == []


def test_an_open_meeting_that_no_longer_stands_in_its_book_lets_nothing_fail(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """Somebody changed the currency of a group under its open meeting: what comes now waits, and
    every reader still reads."""
    held(phone, FIRST, 1000)
    send(phone.packet(0, 6))
    Group.objects.filter(pk=group.pk).update(currency="USD")
    recorder = recorders_of([group.pk], carrier=officer)[group.pk]
    assert {wrong.code for wrong in recorder.stuck} == {"WRONG_CURRENCY"}
    (answer,) = send(phone.packet(6))
    assert said([answer]) == [("REFUSED", ("INVALID_ROW",))]
    Group.objects.filter(pk=group.pk).update(currency="XTS")
    assert services.retry_waiting(acting_staff=officer, group=group) == 1
    assert Meeting.objects.get(group=group).status == "CLOSED"


def test_one_packet_nobody_can_read_keeps_no_other_out(
    phone: Phone, group: Group, send: Send
) -> None:
    held(phone, FIRST, 1000)
    answers = send({"id": "x"}, phone.packet(), {})
    assert said(answers) == [
        ("REFUSED", ("UNREADABLE",)),
        ("STORED", ("LATE",)),
        ("REFUSED", ("UNREADABLE",)),
    ]
    assert [answer.packet_id is None for answer in answers] == [True, False, True]
    assert said(send({}, {"id": "x"})) == [("REFUSED", ("UNREADABLE",))] * 2


def test_one_packet_this_server_fails_at_is_kept_and_keeps_no_other_out(
    phone: Phone,
    group: Group,
    officer: StaffUser,
    send: Send,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever the fault: nothing of it is written, the packet waits, the next is taken."""
    held(phone, FIRST, 1000)
    good, bad = phone.packet(0, 4), phone.packet(4)

    def broken(*, recorders: Any, **given: Any) -> None:
        if any(fact.name == "close_meeting" for item in recorders for fact in item.accepted):
            raise RuntimeError("a fault of this server")
        record_facts(recorders=recorders, **given)

    monkeypatch.setattr(inbox, "record_facts", broken)
    assert said(send(good, bad)) == [("STORED", ("LATE",)), ("HELD", ("SERVER_FAULT",))]
    assert GroupFact.objects.filter(stream="MEETING").count() == 4
    assert services.retry_waiting(acting_staff=officer, group=group) == 0
    assert Packet.objects.get(packet_id=bad["id"]).state == "WAITING"
    monkeypatch.undo()
    assert services.retry_waiting(acting_staff=officer, group=group) == 1
    assert money_now(group).cash["LOAN"] == 1000
    assert proofs() == []


def test_a_receipt_is_not_written_anew_when_its_packet_comes_again(
    phone: Phone, group: Group, send: Send
) -> None:
    """Partly stored, partly held: what was stored stays said so, and lines keep their rows."""
    held(phone, FIRST, 1000)
    held(phone, FIRST + WEEK, 2000)
    hole = phone.packet(11, 15)
    ahead = phone.packet(15)
    send(phone.packet(0, 11))
    send(ahead, ahead)
    kept = list(PacketLine.objects.order_by("pk").values_list("pk", "outcome", "stored"))
    assert [outcome for _pk, outcome, _stored in kept] == ["STORED", "HELD"]
    send(ahead)
    assert list(PacketLine.objects.order_by("pk").values_list("pk", "outcome", "stored")) == kept
    send(hole)
    assert PacketLine.objects.get(packet__packet_id=ahead["id"]).stored == 7
    assert proofs() == []


def test_two_packets_under_one_id_have_two_receipts(phone: Phone, group: Group, send: Send) -> None:
    """Both wait for the beginning of their meeting; each is answered by its own row."""
    held(phone, FIRST, 1000)
    one, two = phone.packet(3, 6), phone.packet(6)
    twin = phone.packet(6, id=one["id"])
    send(one, twin)
    assert Packet.objects.filter(packet_id=one["id"], state="WAITING").count() == 2
    send(phone.packet(0, 3), two)
    assert not Packet.objects.exclude(state="DONE").exists()
    assert proofs() == []
