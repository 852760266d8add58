"""What a phone recorded becomes the meetings and the money of its group, once."""

import json
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from handup.groups.errors import PhoneKeepsRecord
from handup.groups.models import Fine, Group, GroupFact, InternalLoan, Meeting, Member
from handup.groups.queries import money_now
from handup.groups.rules.facts import chain_hash, closing_code
from handup.groups.services import NewMember, admit_members, open_meeting
from handup.groups.tests.conftest import new_person, staff_with
from handup.groups.verify import CHECKS as GROUP_CHECKS
from handup.kernel.chain import digest
from handup.kernel.ids import new_id
from handup.ledger.models import Entry
from handup.org.models import Device, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.services.devices import retire_device
from handup.sync import services
from handup.sync.errors import CodeNotKnown, KeyNotNew, NotItsKey
from handup.sync.models import GroupPhone, Packet, PacketLine, Seat
from handup.sync.rules.packets import enrol_text
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Key, Phone
from handup.sync.verify import CHECKS

FIRST = date(2026, 1, 12)
WEEK = timedelta(days=7)


def held(phone: Phone, day: date, loan: int, shares: int = 2) -> None:
    """A meeting of four in which the first member buys shares; `loan` is the box after it."""
    phone.open(day)
    phone.roll(range(1, 5))
    phone.save(1, shares)
    phone.close(loan)


def proofs() -> list[Any]:
    return [item for check in (*GROUP_CHECKS, *CHECKS) for item in check.run()]


def said(answers: list[Any]) -> list[tuple[str, tuple[str, ...]]]:
    return [
        (line.outcome.value, tuple(flag.value for flag in line.flags))
        for answer in answers
        for line in answer.lines
    ]


def test_a_meeting_from_the_phone_stands_in_the_book_of_its_group(
    phone: Phone, group: Group, members: list[Member], send: Send
) -> None:
    held(phone, FIRST, 1000)
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    meeting = Meeting.objects.get(group=group)
    assert (meeting.status, meeting.held_date) == ("CLOSED", FIRST)
    assert meeting.closing_code == closing_code(phone.tip)
    assert meeting.attendance.filter(mark="PRESENT").count() == 4
    state = money_now(group)
    assert (state.cash, state.savings) == ({"LOAN": 1000, "SOCIAL": 0}, {str(members[0].pk): 1000})
    assert Entry.objects.filter(source_domain="groups").count() == 1
    assert proofs() == []


def test_the_same_packet_twice_and_cut_another_way_changes_nothing(
    phone: Phone, group: Group, send: Send
) -> None:
    held(phone, FIRST, 1000)
    packet = phone.packet()
    send(packet)
    counts = (GroupFact.objects.count(), Entry.objects.count(), PacketLine.objects.count())
    assert said(send(packet, packet))[0][0] == "ALREADY_STORED"
    assert (GroupFact.objects.count(), Entry.objects.count()) == counts[:2]
    assert PacketLine.objects.count() == counts[2]
    assert {word for word, _flags in said(send(*phone.packets({3, 7})))} == {"ALREADY_STORED"}
    assert (GroupFact.objects.count(), Entry.objects.count()) == counts[:2]
    assert proofs() == []


def test_money_posts_when_the_closing_and_all_before_it_are_there(
    phone: Phone, group: Group, send: Send
) -> None:
    """Three parts of a meeting arrive out of order, one call each."""
    held(phone, FIRST, 1000)
    one, two, three = phone.packets({3, 8})
    assert said(send(three)) == [("HELD", ())]
    assert said(send(one)) == [("STORED", ("LATE",))]
    assert Entry.objects.filter(source_domain="groups").count() == 0
    assert Meeting.objects.get(group=group).status == "OPEN"
    assert said(send(two)) == [("STORED", ("LATE",))]
    assert Meeting.objects.get(group=group).status == "CLOSED"
    assert money_now(group).cash["LOAN"] == 1000
    assert not Packet.objects.exclude(state="DONE").exists()
    assert PacketLine.objects.get(packet__packet_id=three["id"]).outcome == "STORED"
    assert proofs() == []


def test_loans_fines_votes_and_expenses_arrive_whole(
    phone: Phone, group: Group, members: list[Member], send: Send
) -> None:
    loan, fine, vote = (str(new_id()) for _ in range(3))
    phone.open(FIRST)
    phone.roll((1, 2, 3))
    phone.roll((4,), "LATE")
    phone.write("charge_fine", fine_id=fine, member_no=4, kind="LATE", units=50)
    phone.save(1, 4)
    phone.write("record_social", member_no=1, units=20)
    ask = {"loan_id": loan, "member_no": 1, "units": 900, "periods": 2}
    phone.write("request_loan", **ask, purpose="Seed")
    votes = {"yes": 3, "no": 0, "abstain": 1, "present": 4, "members": 4}
    phone.write("record_vote", resolution_id=vote, decision="LOAN", **votes)
    due = (FIRST + timedelta(days=60)).isoformat()
    phone.write("pay_out_loan", **ask, resolution_id=vote, due_date=due)
    phone.write("record_expense", fund="LOAN", units=30, what="Book")
    phone.close(1070, 20)
    assert said(send(phone.packet())) == [("STORED", ("LATE",))]
    lent = InternalLoan.objects.get(pk=loan)
    assert (lent.principal_units, lent.purpose, lent.status) == (900, "Seed", "OPEN")
    assert lent.resolution is not None
    assert lent.resolution.is_passed
    assert Fine.objects.get(pk=fine).units == 50
    phone.open(FIRST + 5 * WEEK)
    phone.roll(range(1, 5))
    phone.write("pay_fine", fine_id=fine, member_no=4, units=50)
    parts = {"units": 990, "charge": 90, "principal": 900}
    phone.write("record_repayment", loan_id=loan, member_no=1, **parts)
    phone.close(2110, 20)
    assert said(send(phone.packet()))[-1] == ("STORED", ("LATE",))
    assert InternalLoan.objects.get(pk=loan).status == "REPAID"
    assert Fine.objects.get(pk=fine).paid_units == 50
    state = money_now(group)
    assert (state.cash, state.principal) == ({"LOAN": 2110, "SOCIAL": 20}, {})
    assert proofs() == []


def test_a_reversal_of_an_old_meeting_posts_today_and_leaves_the_old_code(
    phone: Phone, group: Group, send: Send
) -> None:
    held(phone, FIRST, 1000)
    saved = phone.facts[5]["id"]
    send(phone.packet())
    code = Meeting.objects.get(group=group).closing_code
    undo = {"reason": "She paid 500", "keys": KEYS, "told": True, "cash_effect": "MOVES_TODAY"}
    phone.open(FIRST + WEEK)
    phone.roll(range(1, 5))
    phone.write("reverse_fact", fact_id=saved, **undo)
    mine = phone.save(1, 1)
    phone.write("reverse_fact", fact_id=mine, **undo)
    phone.save(1, 1)
    part = phone.packet(11)
    phone.close(500)
    assert said(send(part))[-1] == ("STORED", ("LATE",))
    assert money_now(group).cash["LOAN"] == 500
    assert said(send(phone.packet(11)))[-1] == ("STORED", ("LATE",))
    assert money_now(group).cash["LOAN"] == 500
    assert Meeting.objects.get(group=group, number=1).closing_code == code
    assert proofs() == []


def test_nothing_of_a_meeting_with_a_bad_row_is_stored_until_what_it_names_is_there(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    phone.open(FIRST)
    phone.roll(range(1, 6))
    phone.save(5, 1)
    phone.close(500)
    (answer,) = send(phone.packet())
    assert said([answer]) == [("REFUSED", ("INVALID_ROW",))]
    assert {fault.code for fault in answer.lines[0].faults} >= {"UNKNOWN_MEMBER"}
    assert not GroupFact.objects.filter(stream="MEETING").exists()
    late_comer = new_person(5, group.programme, officer)
    new = NewMember(person=late_comer, joined_date=FIRST)
    admit_members(acting_staff=officer, group=group, members=[new])
    assert services.retry_waiting(acting_staff=officer, group=group) == 0
    assert money_now(group).cash["LOAN"] == 500
    assert Packet.objects.get().state == "DONE"


def test_two_phones_with_one_meeting_post_one_and_both_stay_readable(
    phone: Phone, group: Group, officer: StaffUser, send: Send
) -> None:
    held(phone, FIRST, 1000)
    send(phone.packet())
    second, _done = enrolled(group, officer)
    held(second, FIRST, 1500, shares=3)
    assert said(send(second.packet())) == [("SET_ASIDE", ("SAME_GROUP_AND_DATE",))]
    assert money_now(group).cash["LOAN"] == 1000
    kept = Packet.objects.get(state="SET_ASIDE")
    assert len(json.loads(kept.told)["facts"]) == 11
    assert proofs() == []


def test_a_strangers_device_stores_nothing_and_learns_nothing(
    phone: Phone, group: Group, send: Send
) -> None:
    """An unknown device, a known one with another's signature, an unknown group: no fact, and the
    same answer whether the group exists or not."""
    stranger = Phone(str(group.pk), key=Key())
    held(stranger, FIRST, 1000)
    nowhere = Phone(str(new_id()), key=Key())
    held(nowhere, FIRST, 1000)
    answers = said(send(stranger.packet(), nowhere.packet()))
    assert answers == [("SET_ASIDE", ("UNKNOWN_DEVICE",))] * 2
    forged = Phone(str(group.pk), phone.device_id, key=Key())
    held(forged, FIRST, 1000)
    assert said(send(forged.packet())) == [("REFUSED", ("BAD_SIGNATURE",))]
    assert not GroupFact.objects.filter(stream="MEETING").exists()


def test_what_a_retired_phone_wrote_before_is_taken_and_later_facts_wait(
    phone: Phone, group: Group, send: Send
) -> None:
    held(phone, FIRST, 1000)
    device = Device.objects.get(pk=phone.device_id)
    retire_device(acting_staff=staff_with("admin", Role.ADMINISTRATOR), device=device)
    assert said(send(phone.packet())) == [("STORED", ("DEVICE_REVOKED", "LATE"))]
    later = device.recorded_at.date() + timedelta(days=400)
    held(phone, later, 2000)
    assert said(send(phone.packet(11))) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    assert money_now(group).cash["LOAN"] == 1000
    assert said(send(phone.packet(0, 11)))[0][0] == "ALREADY_STORED"
    assert proofs() == []


def test_the_office_writes_no_meeting_beside_a_phone(
    phone: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, send: Send
) -> None:
    with pytest.raises(PhoneKeepsRecord):
        open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    with pytest.raises(NotAllowed):
        services.return_seat(acting_staff=officer, group=group)
    services.return_seat(acting_staff=supervisor, group=group)
    open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    held(phone, FIRST + WEEK, 1000)
    assert said(send(phone.packet())) == [("SET_ASIDE", ("CHAIN_FORK",))]


def test_a_code_enrols_one_phone_once_and_only_who_may_makes_one(
    group: Group, officer: StaffUser, outsider: StaffUser
) -> None:
    with pytest.raises(OutOfSight):
        services.offer_enrolment(acting_staff=outsider, group=group, holder=outsider, label="x")
    row, code = services.offer_enrolment(
        acting_staff=officer, group=group, holder=officer, label="Blue phone"
    )
    key = Key()
    with pytest.raises(CodeNotKnown):
        services.enrol_phone(code=code + "x", public_key=key.public)
    first = services.enrol_phone(code=code, public_key=key.public)
    with pytest.raises(CodeNotKnown):
        services.enrol_phone(code=code, public_key=key.public)
    mine = key.sign(enrol_text(code=code, public_key=key.public))
    with pytest.raises(NotItsKey):
        services.enrol_phone(code=code, public_key=Key().public, signature=mine)
    assert first.device.tokens.filter(revoked_at=None).count() == 1
    again = services.enrol_phone(code=code, public_key=key.public, signature=mine)
    assert (again.device, again.token != first.token) == (first.device, True)
    assert first.device.tokens.filter(revoked_at=None).count() == 1
    with pytest.raises(CodeNotKnown):
        services.enrol_phone(code=code, public_key=Key().public)
    row.refresh_from_db()
    assert Seat.objects.get(group=group).device == row.device == first.device


def test_a_phone_whose_token_ended_is_enrolled_again_by_its_key(
    group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """With a new code it stays the same device, keeps the seat, and what it has not sent goes
    out."""
    key = Key()
    phone, first = enrolled(group, officer, key)
    held(phone, FIRST, 1000)
    first.device.tokens.update(revoked_at=timezone.now())
    offer = partial(services.offer_enrolment, acting_staff=officer, group=group, holder=officer)
    _row, code = offer(label="Again")
    signed = partial(services.enrol_phone, code=code, public_key=key.public)
    with pytest.raises(KeyNotNew):
        signed()
    mine = key.sign(enrol_text(code=code, public_key=key.public))
    again = signed(signature=mine)
    assert (again.device, again.token != first.token) == (first.device, True)
    assert first.device.tokens.filter(revoked_at=None).count() == 1
    assert Seat.objects.get(group=group).device == first.device
    assert said(send(phone.packet()))[0][0] == "STORED"
    (phones,) = GroupPhone.objects.filter(group=group)
    services.end_phone(acting_staff=officer, phone=phones)
    _row, late = offer(label="Late")
    mine = key.sign(enrol_text(code=late, public_key=key.public))
    with pytest.raises(KeyNotNew):
        services.enrol_phone(code=late, public_key=key.public, signature=mine)


def test_a_strangers_copy_of_a_meeting_does_not_make_it_a_branch(
    phone: Phone, group: Group, send: Send
) -> None:
    """What an unknown device sent first under the group's name weighs nothing later."""
    held(phone, FIRST, 1000)
    held(phone, FIRST + WEEK, 2000)
    copied = {**phone.packet(0, 11), "device_id": str(new_id())}
    assert said(send(copied)) == [("SET_ASIDE", ("UNKNOWN_DEVICE",))]
    assert said(send(phone.packet(11))) == [("HELD", ())]
    assert said(send(phone.packet(0, 11))) == [("STORED", ("LATE",))]
    assert money_now(group).cash["LOAN"] == 2000
    assert proofs() == []


@pytest.mark.parametrize("behind", [0, 4])
def test_the_proof_of_chains_finds_a_phones_fact_behind_an_earlier_one(
    phone: Phone, group: Group, send: Send, behind: int
) -> None:
    """Only who takes a stream over may begin behind another hash than the last."""
    held(phone, FIRST, 1000)
    send(phone.packet())
    assert proofs() == []
    last = GroupFact.objects.get(chain_hash=phone.tip)
    prev = phone.chain[behind]
    told = {**(last.told or {}), "id": str(new_id()), "name": "give_consent"}
    last.pk, last.seq = told["id"], last.seq + 1
    last.name, last.told, last.prev_hash, last.meeting = told["name"], told, prev, None
    last.content_hash = digest(told)
    last.chain_hash = chain_hash(prev, last.content_hash)
    last.save(force_insert=True)
    (found,) = [
        item for check in GROUP_CHECKS if check.code == "GROUP_CHAINS" for item in check.run()
    ]
    assert found.computed == chain_hash(phone.tip, last.content_hash)[:12]
