"""Reads of the inbox: who has a seat, what a phone may carry with it, what became of packets."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.groups.models import Group, GroupFact, Member
from handup.groups.queries import constitution_on, money_now, open_meeting_of
from handup.groups.rules.facts import FIRST_PREVIOUS, closing_code
from handup.groups.rules.money import MoneyState
from handup.groups.services.facts import MEETING
from handup.org.models import Device, DeviceState, StaffUser
from handup.sync.models import GroupPhone, Packet, Seat

IN_USE = (DeviceState.ENROLLED, DeviceState.ACTIVE)


def has_seat(group_id: UUID) -> bool:
    """Tell whether a phone holds the seat of a group's stream of meetings."""
    return bool(Seat.objects.filter(group=group_id, device__isnull=False).exists())


def phones_of(device: Device) -> list[GroupPhone]:
    """The groups a phone is enrolled for, while it is in use."""
    if device.state not in IN_USE:
        return []
    rows = GroupPhone.objects.filter(device=device, ended_at=None)
    return list(rows.select_related("group__book", "group__seat"))


def pack_of(device: Device, reader: StaffUser) -> list[dict[str, Any]]:
    """What a phone carries down for each of its groups: rules, members, balances and the end of the
    stream, so that it can go on where the server stands.

    `reader` is the holder as a device sees things: whom a case team hides is not in it, and neither
    is a balance of hers.
    """
    return [_pack(phone.group, device, reader) for phone in phones_of(device)]


def _pack(group: Group, device: Device, reader: StaffUser) -> dict[str, Any]:
    last = (
        GroupFact.objects.filter(group=group, stream=MEETING)
        .order_by("-seq")
        .values_list("seq", "chain_hash")
        .first()
    )
    seq, head = last or (0, FIRST_PREVIOUS)
    seat = getattr(group, "seat", None)
    constitution = constitution_on(group, timezone.localdate())
    meeting = open_meeting_of(group)
    members = Member.objects.visible_to(reader).filter(group=group)
    shown = list(members.select_related("person", "member_group").order_by("member_no"))
    state = money_now(group)
    return {
        "group_id": group.pk,
        "name": group.name,
        "currency": group.currency,
        "kind": group.kind,
        "has_seat": seat is not None and seat.device_id == device.pk,
        "head_seq": seq,
        "head_hash": head,
        "head_code": closing_code(head),
        "open_meeting_id": meeting.pk if meeting else None,
        "constitution_version": constitution.version,
        "settings": constitution.settings,
        "cash": state.cash,
        "members": [
            {
                "member_no": member.member_no,
                "name": member.shown_name,
                "joined_date": member.joined_date,
                "left_date": member.left_date,
                "savings": state.savings.get(str(member.pk), 0),
            }
            for member in shown
        ],
        **_owed(group, shown, state),
    }


def _owed(group: Group, shown: list[Member], state: MoneyState) -> dict[str, Any]:
    """Open loans and fines of the members shown."""
    loans = group.internal_loans.filter(status="OPEN", member__in=shown)
    fines = group.fines.filter(waived=False, member__in=shown)
    numbers = {member.pk: member.member_no for member in shown}
    return {
        "loans": [
            {
                "loan_id": loan.pk,
                "member_no": numbers[loan.member_id],
                "principal": state.principal.get(str(loan.pk), 0),
                "charge_paid": state.charge_paid.get(str(loan.pk), 0),
                "paid_out_date": loan.paid_out_date,
                "due_date": loan.due_date,
            }
            for loan in loans
        ],
        "fines": [
            {
                "fine_id": fine.pk,
                "member_no": numbers[fine.member_id],
                "owed": fine.units - fine.paid_units,
            }
            for fine in fines
            if fine.paid_units < fine.units
        ],
    }


def persons_in(device: Device, reader: StaffUser) -> list[UUID | None]:
    """Whom a phone's pack names, for the read log."""
    groups = [phone.group_id for phone in phones_of(device)]
    members = Member.objects.visible_to(reader).filter(group__in=groups, person__isnull=False)
    return list(members.values_list("person_id", flat=True))


def receipts_of(device: Device, ids: Iterable[UUID]) -> list[Packet]:
    """What became of packets of one device, newest first, with their lines."""
    rows = Packet.objects.filter(device_id=device.pk, packet_id__in=list(ids))
    return list(rows.prefetch_related("lines"))
