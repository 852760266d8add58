"""Phones of groups: enrolled by a code shown once, given the seat of a stream, and taken off it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.groups.queries import open_meeting_of
from handup.kernel.ids import is_device_id, new_id
from handup.org import audit
from handup.org.models import ApiToken, Device, DeviceState, StaffUser
from handup.org.permissions import require
from handup.org.services.devices import PREFIX, end_device, token_hash
from handup.sync.errors import (
    BadDeviceId,
    CodeNotKnown,
    KeyNotNew,
    MeetingStillOpen,
    NotItsHolder,
    NotItsKey,
    PhoneNotOfGroup,
)
from handup.sync.models import DeviceKey, EnrolCode, GroupPhone, Seat
from handup.sync.rules.packets import enrol_text, has_signed, read_key

CODE_HOURS = 24
TOKEN_DAYS = 366
SCOPE = "sync"
"""All a phone of a group reaches: its holder's other rights stay out of its hands."""
IN_USE = (DeviceState.ENROLLED, DeviceState.ACTIVE)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A phone and the token it sends with every request, in clear this once."""

    device: Device
    token: str
    group_id: UUID | None


def code_hash(code: str) -> str:
    """What is kept of a code: 160 random bits need no slow hash."""
    return hashlib.sha256(code.strip().encode()).hexdigest()


@transaction.atomic
def offer_enrolment(
    *,
    acting_staff: StaffUser,
    group: Group | None,
    holder: StaffUser,
    label: str,
    id: UUID | None = None,
) -> tuple[EnrolCode, str]:
    """Make a code with which one phone enrols itself for a group within a day, or without a group
    for one's own work; return it with its only copy in clear.

    The phone gets the seat of the group's stream when no phone has it. Raises NotAllowed.
    """
    if group is None:
        require(acting_staff, "sync.carry_work")
        holder = acting_staff
    else:
        require(acting_staff, "sync.enrol_phone", group)
    plain = secrets.token_urlsafe(20)
    code = EnrolCode(
        id=id or new_id(),
        group=group,
        holder=holder,
        label=label.strip(),
        code_hash=code_hash(plain),
        expires_at=timezone.now() + timedelta(hours=CODE_HOURS),
        given_by=acting_staff,
    )
    code.save(force_insert=True)
    audit.record(acting_staff, "sync.offer_enrolment", code, {"group": _named(group)})
    return code, plain


def _named(group: Group | None) -> str:
    return "" if group is None else str(group.pk)


@transaction.atomic
def enrol_phone(
    *, code: str, public_key: str, device_id: UUID | None = None, signature: str = ""
) -> Enrolled:
    """Enrol the phone that shows a code. The code is the right to do so; it works once.

    `signature` is of the phone's own key, over `enrol_text`. The same code with the same key again
    is a phone that lost its answer: signed, it gets a new token, and the one before ends; who only
    read the code and the key from its screen gets nothing. A new code of its group with the key of
    a phone in use is that phone come back, as its token ended or its answer was lost for more than
    a day: signed, it goes on as the same device, and its seat stays where it is. A code of another
    group lets a group's phone take that up too. Raises CodeNotKnown, BadKey, NotItsKey,
    BadDeviceId, KeyNotNew, NotItsHolder.
    """
    read_key(public_key)
    text = enrol_text(code=code, public_key=public_key)
    is_signed = bool(signature) and has_signed(public_key, signature, text)
    if signature and not is_signed:
        raise NotItsKey(field="signature")
    hashed = code_hash(code)
    if (given := EnrolCode.objects.filter(code_hash=hashed).first()) is None:
        raise CodeNotKnown(field="code")
    _lock(given.group_id)
    row = EnrolCode.objects.select_for_update().filter(code_hash=hashed).first()
    if row is None or timezone.now() >= row.expires_at:
        raise CodeNotKnown(field="code")
    if row.device is not None:
        device = row.device
        is_its_own = DeviceKey.objects.filter(device=device, public_key=public_key).exists()
        if not is_its_own or not is_signed or device.state not in IN_USE:
            raise CodeNotKnown(field="code")
        return _renewed(row, device)
    known = DeviceKey.objects.filter(public_key=public_key).select_related("device").first()
    if known is not None:
        if not is_signed:
            raise KeyNotNew(field="public_key")
        return _come_back(row, known.device)
    if device_id is not None and not is_device_id(device_id):
        raise BadDeviceId(field="device_id")
    if device_id is not None and Device._base_manager.filter(pk=device_id).exists():
        raise KeyNotNew(field="device_id")
    return _new_phone(row, public_key, device_id or new_id())


def _new_phone(row: EnrolCode, public_key: str, device_id: UUID) -> Enrolled:
    """Enrol a phone that was never here; it gets the seat when neither a phone has it nor the
    office an open meeting."""
    device = Device.objects.create(
        id=device_id,
        staff=row.holder,
        label=row.label,
        state=DeviceState.ACTIVE,
        enrolled_by=row.given_by,
    )
    DeviceKey.objects.create(device=device, public_key=public_key)
    _use(row, device)
    audit.record(row.given_by, "sync.enrol_phone", device, {"group": _named(row.group)})
    if row.group is None:
        return Enrolled(device, _token(row, device), None)
    _join(row.given_by, row.group, device)
    return Enrolled(device, _token(row, device), row.group_id)


def _join(staff: StaffUser, group: Group, device: Device) -> None:
    """Make a device a phone of a group, with the seat where nobody writes."""
    GroupPhone.objects.create(group=group, device=device)
    seats = Seat.objects.filter(group=group, device__isnull=False)
    if open_meeting_of(group) is None and not seats.exists():
        _seat(staff, group, device)


def _come_back(row: EnrolCode, device: Device) -> Enrolled:
    """A phone that proved its key shows a new code: the same device. Of its own group: its holder
    is now whoever the code names. Of a group it does not carry yet: it takes that up beside the
    others, under the same holder. Raises KeyNotNew when it is out of use, was taken off that group,
    or is no group's, and NotItsHolder."""
    if device.state not in IN_USE:
        raise KeyNotNew(field="public_key")
    if not _is_for(row, device):
        return _take_up(row, device)
    _use(row, device)
    if device.staff_id != row.holder_id:
        device.staff = row.holder
        device.save(update_fields=["staff"])
    told: audit.Facts = {"group": _named(row.group), "again": True}
    audit.record(row.given_by, "sync.enrol_phone", device, told)
    return _renewed(row, device)


def _take_up(row: EnrolCode, device: Device) -> Enrolled:
    """Let a phone of a group take up a further one. Raises KeyNotNew, NotItsHolder."""
    phones = GroupPhone.objects.filter(device=device)
    is_groups = phones.filter(ended_at=None).exists()
    if row.group is None or not is_groups or phones.filter(group=row.group).exists():
        raise KeyNotNew(field="public_key")
    if device.staff_id != row.holder_id:
        raise NotItsHolder(field="code")
    _use(row, device)
    _join(row.given_by, row.group, device)
    told: audit.Facts = {"group": _named(row.group), "further": True}
    audit.record(row.given_by, "sync.enrol_phone", device, told)
    return _renewed(row, device)


def _is_for(row: EnrolCode, device: Device) -> bool:
    """Tell whether a known device may come back with a code: a phone of that group, or of the
    holder's own work and of no group."""
    phones = GroupPhone.objects.filter(device=device)
    if row.group is None:
        return device.staff_id == row.holder_id and not phones.exists()
    return phones.filter(group=row.group, ended_at=None).exists()


def _use(row: EnrolCode, device: Device) -> None:
    row.device, row.used_at = device, timezone.now()
    row.save(update_fields=["device", "used_at"])


def _renewed(row: EnrolCode, device: Device) -> Enrolled:
    """A new token for a phone; the one before ends."""
    device.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
    return Enrolled(device, _token(row, device), row.group_id)


def _lock(group_id: UUID | None) -> None:
    """Lock a group before its seat, as those do who take its packets or open its meetings."""
    if group_id is None:
        return
    Group.objects.select_for_update().get(pk=group_id)


def _token(code: EnrolCode, device: Device) -> str:
    plain = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        staff=code.holder,
        device=device,
        label=code.label,
        key_hash=token_hash(plain),
        scopes=[SCOPE],
        expires_at=timezone.now() + timedelta(days=TOKEN_DAYS),
        given_by=code.given_by,
    )
    return plain


@transaction.atomic
def give_seat(*, acting_staff: StaffUser, group: Group, device: Device) -> Seat:
    """Let an enrolled phone append to a group's stream; whoever had the seat loses it.

    Facts the other phone has not sent are set aside when they come. Raises PhoneNotOfGroup,
    MeetingStillOpen.
    """
    require(acting_staff, "sync.give_seat", group)
    _lock(group.pk)
    phones = GroupPhone.objects.filter(group=group, device=device, ended_at=None)
    if not phones.filter(device__state__in=IN_USE).exists():
        raise PhoneNotOfGroup(field="device")
    if (meeting := open_meeting_of(group)) is not None and not Seat.objects.filter(
        group=group, device__isnull=False
    ).exists():
        raise MeetingStillOpen(number=meeting.number)
    return _seat(acting_staff, group, device)


@transaction.atomic
def return_seat(*, acting_staff: StaffUser, group: Group) -> Seat:
    """Give the record of a group back to the office, which then writes its meetings on the web.

    A meeting that a phone opened ends on a phone: nobody could go on with it here. Raises
    MeetingStillOpen.
    """
    require(acting_staff, "sync.give_seat", group)
    _lock(group.pk)
    meeting = open_meeting_of(group)
    if meeting is not None and meeting.facts.exclude(told=None).exists():
        raise MeetingStillOpen(number=meeting.number)
    return _seat(acting_staff, group, None)


@transaction.atomic
def end_phone(*, acting_staff: StaffUser, phone: GroupPhone) -> Device:
    """Take a group's phone out of use: its token dies, and at its next contact it is told to send
    its work and wipe itself. What it wrote before is taken, whoever brings it, and what it wrote
    afterwards set aside until somebody chose; the seat stays with it until somebody gives it on, so
    that nobody writes beside work that may still come.

    Raises PhoneNotOfGroup, DeviceEnded.
    """
    require(acting_staff, "sync.enrol_phone", phone.group)
    _lock(phone.group_id)
    row = GroupPhone.objects.select_for_update().select_related("device").get(pk=phone.pk)
    if row.ended_at is not None:
        raise PhoneNotOfGroup
    row.ended_at = timezone.now()
    row.save(update_fields=["ended_at"])
    others = GroupPhone.objects.filter(device=row.device, ended_at=None).exists()
    if others or row.device.state not in IN_USE:
        return row.device
    return end_device(acting_staff=acting_staff, device=row.device, action="sync.end_phone")


def _seat(staff: StaffUser, group: Group, device: Device | None) -> Seat:
    seat, _made = Seat.objects.select_for_update().get_or_create(group=group)
    seat.device = device
    seat.save(update_fields=["device"])
    told: audit.Facts = {"device": str(device.pk) if device else None}
    audit.record(staff, "sync.give_seat", group, told)
    return seat
