"""The seat moves between phones and the office, never while a meeting is open beside it."""

from typing import Any

import pytest
from django.db.models import QuerySet
from django.test import Client

from handup.groups.models import Group, GroupFact, Meeting, Member
from handup.groups.models.group import GroupKind
from handup.groups.rules.facts import FIRST_PREVIOUS, closing_code
from handup.groups.services import NewGroup, cancel_meeting, open_meeting, register_group
from handup.org.models import Device, DeviceState, StaffUser
from handup.sync import services
from handup.sync.errors import KeyNotNew, MeetingStillOpen, NotAWorkPhone, NotItsHolder
from handup.sync.models import Seat
from handup.sync.queries import pack_of
from handup.sync.rules.packets import enrol_text
from handup.sync.tests.conftest import Send, enrolled
from handup.sync.tests.phone import KEYS, Key, Phone
from handup.sync.tests.test_services import FIRST, proofs, said


def seat_of(group: Group) -> str | None:
    """The device with the seat of a group."""
    device = Seat.objects.get(group=group).device_id
    return str(device) if device else None


def test_the_office_takes_no_record_while_the_phones_meeting_is_open(
    phone: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, send: Send
) -> None:
    phone.open(FIRST)
    send(phone.packet())
    with pytest.raises(MeetingStillOpen):
        services.return_seat(acting_staff=supervisor, group=group)
    assert seat_of(group) == phone.device_id
    phone.write("cancel_meeting", reason="Rain")
    send(phone.packet())
    services.return_seat(acting_staff=supervisor, group=group)
    assert seat_of(group) is None


def test_no_phone_takes_the_record_while_the_offices_meeting_is_open(
    phone: Phone, group: Group, officer: StaffUser, supervisor: StaffUser, send: Send
) -> None:
    """It waits, and finds another head once that meeting has ended."""
    services.return_seat(acting_staff=supervisor, group=group)
    meeting = open_meeting(acting_staff=officer, group=group, held_date=FIRST)
    head = GroupFact.objects.filter(group=group, stream="MEETING").latest("seq").chain_hash
    phone.write("restore_group", source="SLIP", code=closing_code(head), keys=KEYS)
    (answer,) = send(phone.packet())
    assert said([answer]) == [("REFUSED", ("INVALID_ROW",))]
    assert [fault.code for fault in answer.lines[0].faults] == ["MEETING_OPEN"]
    assert seat_of(group) is None
    cancel_meeting(acting_staff=officer, meeting=meeting, reason="Rain")
    assert Meeting.objects.get(group=group).status == "CANCELLED"
    assert proofs() == []


def test_a_lost_phone_is_given_no_seat_by_another_nor_by_a_code(
    phone: Phone, group: Group, members: list[Member], officer: StaffUser, send: Send
) -> None:
    lost, done = enrolled(group, officer)
    Device.objects.filter(pk=done.device.pk).update(state=DeviceState.LOST)
    phone.write("hand_over_recorder", to_device_id=lost.device_id, tip=phone.tip, keys=KEYS)
    (answer,) = send(phone.packet())
    assert [fault.field for fault in answer.lines[0].faults] == ["body.to_device_id"]
    lost.write("restore_group", source="SLIP", code=closing_code(FIRST_PREVIOUS), keys=KEYS)
    assert said(send(lost.packet())) == [("SET_ASIDE", ("NOT_THE_RECORDER",))]
    assert seat_of(group) == phone.device_id


def test_who_moves_a_seat_locks_the_group_first(
    phone: Phone,
    group: Group,
    officer: StaffUser,
    supervisor: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As uploads and the opening of a meeting do: nobody decides on what another is changing."""
    locked: list[str] = []
    lock = QuerySet.select_for_update

    def noted(rows: Any, *given: Any, **more: Any) -> Any:
        locked.append(rows.model.__name__)
        return lock(rows, *given, **more)

    monkeypatch.setattr(QuerySet, "select_for_update", noted)
    _phone, done = enrolled(group, officer)
    assert locked[:2] == ["Group", "EnrolCode"]
    locked.clear()
    services.give_seat(acting_staff=supervisor, group=group, device=done.device)
    assert locked[:2] == ["Group", "Seat"]
    locked.clear()
    services.return_seat(acting_staff=supervisor, group=group)
    assert locked[:2] == ["Group", "Seat"]


def test_the_phone_of_a_group_carries_no_work_of_an_officer(
    group: Group, members: list[Member], officer: StaffUser, client: Client
) -> None:
    done = enrolled(group, officer)[1]
    with pytest.raises(NotAWorkPhone):
        services.receive_work([{}], acting_staff=officer, device=done.device)
    told = {"Authorization": f"Bearer {done.token}"}
    assert client.get("/api/v1/sync/work", headers=told).status_code == 422


def evening_star(group: Group, officer: StaffUser) -> Group:
    """A further savings group of the same place and officer."""
    return register_group(
        acting_staff=officer,
        programme=group.programme,
        group=NewGroup(
            name="Evening star",
            kind=GroupKind.SAVINGS,
            area=group.area,
            formed_date=group.formed_date,
            currency="XTS",
            officer=officer,
            settings={"share_value_units": 500, "charge_rate_bps": 1000},
        ),
    )


def test_a_phone_takes_up_a_further_group_at_its_table(
    phone: Phone,
    group: Group,
    members: list[Member],
    officer: StaffUser,
    supervisor: StaffUser,
) -> None:
    """The same device carries both, with a seat of each; under another holder, or without its key,
    it takes up nothing, and an officer's own phone takes up no group."""
    further = evening_star(group, officer)

    def come(holder: StaffUser, key: Key, group: Group | None = further) -> Any:
        _row, code = services.offer_enrolment(
            acting_staff=officer, group=group, holder=holder, label="Blue phone"
        )
        signature = key.sign(enrol_text(code=code, public_key=key.public))
        return services.enrol_phone(code=code, public_key=key.public, signature=signature)

    with pytest.raises(NotItsHolder):
        come(supervisor, phone.key)
    assert not further.phones.exists()
    done = come(officer, phone.key)
    assert str(done.device.pk) == phone.device_id
    assert (seat_of(group), seat_of(further)) == (phone.device_id, phone.device_id)
    assert done.device.tokens.filter(revoked_at=None).count() == 1
    packs = pack_of(done.device, officer)
    assert {pack["name"] for pack in packs} == {"Morning star", "Evening star"}
    own = Key()
    come(officer, own, None)
    with pytest.raises(KeyNotNew):
        come(officer, own)
    services.end_phone(acting_staff=officer, phone=further.phones.get())
    with pytest.raises(KeyNotNew):
        come(officer, phone.key)
