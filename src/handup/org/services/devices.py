"""Devices and tokens: enrolled, lost, retired; a token is shown once and kept as a hash."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.org import audit, installation, sessions
from handup.org.devices import already_stored
from handup.org.models import ApiToken, Device, DeviceState, StaffUser, Trip
from handup.org.permissions import require
from handup.org.rules.duties import Profile
from handup.org.services.incidents import open_for_lost_device

LONGEST_DAYS = 366
LONGEST_TRIP = timedelta(days=60)
PREFIX = "hu_"


class TokenTooLong(Refusal):
    """A token lasts at most {days} days."""


class NoScopes(Refusal):
    """Say what the token may reach, for example people or groups:read."""


class DeviceEnded(Refusal):
    """This device is no longer in use."""


class TripTooLong(Refusal):
    """A trip lasts at most {days} days."""


class TripEndsBeforeItStarts(Refusal):
    """The trip ends before it starts."""


class TripOver(Refusal):
    """The trip is over; it cannot be declared afterwards."""


class OwnTrip(Refusal):
    """Somebody else declares the trip of your device."""


class TripCalledOff(Refusal):
    """This trip was called off already."""


def token_hash(plain: str) -> str:
    """Return what is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(plain.encode()).hexdigest()


def give_token(
    *,
    acting_staff: StaffUser,
    staff: StaffUser,
    label: str,
    scopes: Sequence[str],
    days: int,
    device: Device | None = None,
    id: UUID | None = None,
) -> tuple[ApiToken, str]:
    """Make a token that acts as `staff`, within her grants; return it with its only copy
    in clear.
    """
    require(acting_staff, "org.give_token")
    if not 0 < days <= LONGEST_DAYS:
        raise TokenTooLong(field="days", days=LONGEST_DAYS)
    if not scopes:
        raise NoScopes(field="scopes")
    plain = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken(
            staff=staff,
            device=device,
            label=label.strip(),
            key_hash=token_hash(plain),
            scopes=list(scopes),
            expires_at=timezone.now() + timedelta(days=days),
            given_by=acting_staff,
            **({"id": id} if id else {}),
        )
        token.save(force_insert=True)
        audit.record(acting_staff, "org.give_token", token, {"staff": str(staff.pk), "days": days})
    return token, plain


def revoke_token(*, acting_staff: StaffUser, token: ApiToken) -> ApiToken:
    """End a token at once."""
    require(acting_staff, "org.give_token")
    with transaction.atomic():
        token.revoked_at = token.revoked_at or timezone.now()
        token.save(update_fields=["revoked_at"])
        audit.record(acting_staff, "org.revoke_token", token)
    return token


def enrol_device(
    *, acting_staff: StaffUser, staff: StaffUser, label: str, id: UUID | None = None
) -> Device:
    """Enrol a telephone or laptop for a staff user; its token is given with `give_token`."""
    require(acting_staff, "org.enrol_device")
    if (
        stored := already_stored(Device, id, acting_staff, staff=staff, label=label.strip())
    ) is not None:
        return stored
    with transaction.atomic():
        device = Device(
            staff=staff,
            label=label.strip(),
            state=DeviceState.ACTIVE,
            enrolled_by=acting_staff,
            **({"id": id} if id else {}),
        )
        device.save(force_insert=True)
        audit.record(acting_staff, "org.enrol_device", device, {"staff": str(staff.pk)})
    return device


def declare_trip(
    *,
    acting_staff: StaffUser,
    device: Device,
    starts: date,
    ends: date,
    id: UUID | None = None,
) -> Trip:
    """Declare that a device is away for some days, at most 60: no grant of its holder ends in the
    middle of them (rulings 17).

    Raises NotAllowed, DeviceEnded, OwnTrip, TripEndsBeforeItStarts, TripTooLong, TripOver,
    SameIdOtherContent.
    """
    require(acting_staff, "org.declare_trip")
    if (
        stored := already_stored(Trip, id, acting_staff, device=device, starts=starts, ends=ends)
    ) is not None:
        return stored
    if device.state not in {DeviceState.ENROLLED, DeviceState.ACTIVE}:
        raise DeviceEnded
    if device.staff_id == acting_staff.pk and installation.profile() is not Profile.SOLO:
        raise OwnTrip
    if ends < starts:
        raise TripEndsBeforeItStarts(field="ends")
    if ends - starts > LONGEST_TRIP:
        raise TripTooLong(field="ends", days=LONGEST_TRIP.days)
    if ends < timezone.localdate():
        raise TripOver(field="ends")
    with transaction.atomic():
        trip = Trip(device=device, starts=starts, ends=ends, declared_by=acting_staff)
        if id is not None:
            trip.id = id
        trip.save(force_insert=True)
        facts: audit.Facts = {"starts": starts.isoformat(), "ends": ends.isoformat()}
        audit.record(acting_staff, "org.declare_trip", trip, facts)
    return trip


def call_off_trip(*, acting_staff: StaffUser, trip: Trip) -> Trip:
    """Call a trip off: grants end by their own days again. Raises TripCalledOff."""
    require(acting_staff, "org.declare_trip")
    with transaction.atomic():
        row: Trip = Trip.objects.select_for_update().get(pk=trip.pk)
        if row.called_off_at is not None:
            raise TripCalledOff
        row.called_off_at = timezone.now()
        row.save(update_fields=["called_off_at"])
        audit.record(acting_staff, "org.call_off_trip", row)
    return row


def report_device_lost(
    *, acting_staff: StaffUser, device: Device, session_key: str | None = None
) -> Device:
    """Anyone who works here may report it: its tokens die at once, and an incident opens that names
    whom and what it held.

    Every browser its holder is signed in with is signed out too, as one of them may be on it; when
    she reports it herself, not the one she reports it from (`session_key`). Raises DeviceEnded.
    """
    if device.staff_id != acting_staff.pk and not acting_staff.access:
        require(acting_staff, "org.enrol_device")
    with transaction.atomic():
        row = _end(acting_staff, device, DeviceState.LOST, "org.report_device_lost")
        own = device.staff_id == acting_staff.pk
        sessions.end_all(row.staff, but=session_key if own else None)
    return row


def retire_device(*, acting_staff: StaffUser, device: Device) -> Device:
    """Take a device out of use."""
    require(acting_staff, "org.enrol_device")
    return _end(acting_staff, device, DeviceState.RETIRED, "org.retire_device")


def end_device(*, acting_staff: StaffUser, device: Device, action: str) -> Device:
    """Take a device out of use for a service that has asked its own right; `action` names the act
    in the trail. Raises DeviceEnded."""
    return _end(acting_staff, device, DeviceState.RETIRED, action)


def _end(staff: StaffUser, device: Device, state: DeviceState, action: str) -> Device:
    with transaction.atomic():
        locked = Device.objects.select_for_update().get(pk=device.pk)
        if locked.state not in {DeviceState.ENROLLED, DeviceState.ACTIVE}:
            raise DeviceEnded
        locked.state, locked.ended_at = state, timezone.now()
        locked.save(update_fields=["state", "ended_at"])
        ApiToken.objects.filter(device=locked, revoked_at=None).update(revoked_at=timezone.now())
        audit.record(staff, action, locked)
        if state is DeviceState.LOST:
            open_for_lost_device(staff, locked)
    return locked
