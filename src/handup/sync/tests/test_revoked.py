"""A phone is out of use: what it says it wrote before is taken and marked, what can be shown to be
older stands whatever its clock says, and the rest waits until somebody chose."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from handup.groups.models import Group, GroupFact, Member
from handup.groups.queries import money_now
from handup.groups.rules.facts import closing_code
from handup.org.models import Device, StaffUser
from handup.org.services.devices import report_device_lost
from handup.sync import services
from handup.sync.models import Choice, GroupPhone, Packet
from handup.sync.records import records_apart
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Key, Phone
from handup.sync.tests.test_choosing import choose, gap_of
from handup.sync.tests.test_seats import evening_star, seat_of
from handup.sync.tests.test_services import FIRST, WEEK, held, proofs, said

YEARS_AHEAD = date(2099, 1, 1)
SINCE = timezone.localdate() + timedelta(days=1)
End = Callable[[], None]


@pytest.fixture
def lose(phone: Phone, officer: StaffUser) -> End:
    """The phone is reported lost."""

    def report() -> None:
        device = Device.objects.get(pk=phone.device_id)
        report_device_lost(acting_staff=officer, device=device)

    return report


def cash(group: Group) -> int:
    return money_now(group).cash["LOAN"]


def test_what_was_written_after_the_loss_waits_for_a_choice(
    phone: Phone, group: Group, supervisor: StaffUser, lose: End, send: Send
) -> None:
    """Two meetings; nothing stands until key holders and supervisor chose, and then what they saw
    stands and no more."""
    held(phone, FIRST, 1000)
    send(phone.packet())
    lose()
    held(phone, SINCE, 2000)
    held(phone, SINCE + WEEK, 3000)
    answers = said(send(*phone.packets({11, 22})[1:]))
    assert answers == [("SET_ASIDE", ("DEVICE_REVOKED",))] * 2
    assert (cash(group), GroupFact.objects.filter(stream="MEETING").count()) == (1000, 11)
    ((record, packets),) = records_apart(group)
    assert (record.tip, len(packets)) == (phone.tip, 2)
    choose(group, supervisor, phone.tip, Choice.KEEP_SECOND)
    assert cash(group) == 3000
    assert set(Packet.objects.values_list("state", flat=True)) == {"DONE"}
    held(phone, SINCE + 2 * WEEK, 4000)
    assert said(send(phone.packet(33))) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    assert (cash(group), proofs()) == (3000, [])


def test_what_the_group_does_not_keep_stays_readable_and_is_not_asked_about_again(
    phone: Phone, group: Group, supervisor: StaffUser, lose: End, send: Send
) -> None:
    lose()
    held(phone, SINCE, 1000)
    assert said(send(phone.packet())) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    choose(group, supervisor, phone.tip, Choice.KEEP_FIRST)
    held(phone, SINCE + WEEK, 2000)
    assert said(send(phone.packet(11))) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    assert set(Packet.objects.values_list("state", flat=True)) == {"NOT_KEPT"}
    assert "buy_shares" in Packet.objects.earliest("recorded_at").told
    assert (records_apart(group), cash(group)) == ([], 0)


@pytest.mark.parametrize("day", [YEARS_AHEAD, YEARS_AHEAD + WEEK])
def test_what_had_come_before_the_loss_stands_whatever_its_clock_says(
    phone: Phone, group: Group, lose: End, send: Send, day: date
) -> None:
    """The second meeting came and waited for the first, which is brought afterwards in two parts:
    only both together lead to what had come. Its clock stood ahead already."""
    held(phone, YEARS_AHEAD - WEEK, 1000)
    held(phone, day, 2000)
    assert said(send(phone.packet(11))) == [("HELD", ())]
    lose()
    assert said(send(phone.packet(0, 4))) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    ((outcome, flags),) = said(send(phone.packet(4, 11)))
    assert (outcome, flags[0]) == ("STORED", "DEVICE_REVOKED")
    assert not Packet.objects.exclude(state="DONE").exists()
    assert (cash(group), proofs()) == (2000, [])


@pytest.mark.parametrize("own_first", [True, False])
def test_what_another_phone_of_the_group_goes_on_from_is_older(
    phone: Phone, group: Group, officer: StaffUser, lose: End, send: Send, own_first: bool
) -> None:
    """The group read the code of its last slip into a second phone; in either order of arrival."""
    held(phone, FIRST, 1000)
    new, _done = enrolled(group, officer)
    new.prev, new.first_seq = phone.tip, 12
    new.write("restore_group", source="SLIP", code=closing_code(phone.tip), keys=KEYS)
    held(new, FIRST + WEEK, 2000)
    lose()
    packets = [phone.packet(), new.packet()]
    for packet in packets if own_first else reversed(packets):
        send(packet)
    assert (cash(group), seat_of(group)) == (2000, new.device_id)
    assert not Packet.objects.exclude(state="DONE").exists()
    assert proofs() == []


def test_a_forged_word_of_another_phone_vouches_for_nothing(
    phone: Phone, group: Group, officer: StaffUser, lose: End, send: Send
) -> None:
    other, _done = enrolled(group, officer)
    lose()
    held(phone, SINCE, 1000)
    forged = Phone(str(group.pk), other.device_id, key=Key(), prev=phone.tip, first_seq=12)
    held(forged, SINCE + WEEK, 2000)
    assert said(send(forged.packet(), phone.packet())) == [
        ("REFUSED", ("BAD_SIGNATURE",)),
        ("SET_ASIDE", ("DEVICE_REVOKED",)),
    ]
    assert cash(group) == 0


def test_a_phone_taken_off_one_of_its_groups_writes_there_no_more(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    """It still serves another group, so that the device itself goes on."""
    (row,) = GroupPhone.objects.filter(group=group)
    GroupPhone.objects.create(group=evening_star(group, officer), device=row.device)
    services.end_phone(acting_staff=officer, phone=row)
    assert Device.objects.get(pk=row.device_id).state == "ACTIVE"
    held(phone, FIRST, 1000)
    assert said(send(phone.packet()))[0][0] == "STORED"
    held(phone, SINCE, 2000)
    assert said(send(phone.packet(11))) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    assert cash(group) == 1000


def test_a_gap_is_gone_over_and_closed_by_what_a_lost_phone_still_had(
    phone: Phone, group: Group, supervisor: StaffUser, lose: End, send: Send
) -> None:
    """Three meetings; the third came, the second turns up after the loss and is the one that was
    missing, as the third says itself."""
    for week in range(3):
        held(phone, FIRST + week * WEEK, 1000 * (week + 1))
    send(phone.packet(0, 11), phone.packet(22))
    lose()
    row = Packet.objects.get(state="WAITING")
    Packet.objects.filter(pk=row.pk).update(recorded_at=row.recorded_at - timedelta(days=31))
    gap_of(group, supervisor)
    assert cash(group) == 3000
    send(phone.packet(15, 22))
    ((outcome, flags),) = said(send(phone.packet(11, 15)))
    assert (outcome, flags[0]) == ("STORED", "DEVICE_REVOKED")
    assert sum(money_now(group).savings.values()) == 3000
    assert (cash(group), proofs()) == (3000, [])


def test_a_meeting_that_both_phones_held_is_kept_beside_though_one_is_lost(
    phone: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, lose: End, send: Send
) -> None:
    """The lost phone had a meeting of its own behind the same end; it was really two meetings."""
    held(phone, FIRST, 1000)
    send(phone.packet())
    new, done = enrolled(group, officer)
    lose()
    services.give_seat(acting_staff=supervisor, group=group, device=done.device)
    new.prev, new.first_seq = phone.tip, 12
    held(new, FIRST + WEEK, 2000)
    assert said(send(new.packet()))[0][0] == "STORED"
    held(phone, FIRST + 2 * WEEK, 1500, shares=1)
    assert said(send(phone.packet(11))) == [("SET_ASIDE", ("DEVICE_REVOKED", "CHAIN_FORK"))]
    choose(group, supervisor, phone.tip, Choice.BOTH)
    assert (cash(group), proofs()) == (2500, [])
    held(phone, SINCE, 2000, shares=1)
    assert said(send(phone.packet(22))) == [("SET_ASIDE", ("DEVICE_REVOKED",))]
    assert (cash(group), seat_of(group)) == (2500, new.device_id)
