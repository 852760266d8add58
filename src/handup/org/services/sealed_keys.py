"""Sealed copies of the keys: made for two holders, proved by both, told when they are not those of
now any more.
"""

import secrets
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit, sealed_copy
from handup.org.devices import already_stored
from handup.org.models import SealedKeys, StaffUser
from handup.org.permissions import require
from handup.org.sealed_copy import path_of

SEAL = "org.seal_keys"
VIEW = "org.view_sealed_keys"


class HoldersAlike(Refusal):
    """Two different persons hold the shares."""


class HolderMissing(Refusal):
    """Write who holds this share."""


class SharesShown(Refusal):
    """This copy was made already, and its shares were shown once. Make another if they are lost."""


@dataclass(frozen=True, slots=True)
class Made:
    """A copy with its two shares, which are shown once and kept nowhere."""

    row: SealedKeys
    shares: tuple[str, str]


def seal_keys(
    *,
    acting_staff: StaffUser | None,
    first_holder: str,
    second_holder: str,
    id: UUID | None = None,
) -> Made:
    """Make a sealed copy of the keys of now for two holders; acting_staff: None for the command of
    whoever runs the server.

    Raises HolderMissing, HoldersAlike, SharesShown where the same copy is asked for again.
    """
    if acting_staff is not None:
        require(acting_staff, SEAL)
    names = {"first_holder": first_holder.strip(), "second_holder": second_holder.strip()}
    for field, name in names.items():
        if not name:
            raise HolderMissing(field=field)
    if names["first_holder"].casefold() == names["second_holder"].casefold():
        raise HoldersAlike(field="second_holder")
    if already_stored(SealedKeys, id, acting_staff, **names) is not None:
        raise SharesShown
    today, pk = timezone.localdate(), id or new_id()
    with transaction.atomic():
        code = _free_code(today)
        row = SealedKeys(
            id=pk,
            code=code,
            made_by=acting_staff,
            made_date=today,
            fingerprint=sealed_copy.fingerprint(),
            **names,
        )
        row.save(force_insert=True)
        if acting_staff is not None:
            audit.record(acting_staff, SEAL, row)
        sealed = sealed_copy.make(code, f"{code} {today.isoformat()}")
    return Made(row, sealed.shares)


def _free_code(day: date) -> str:
    """A number no copy and no file has, also none that was begun and not ended."""
    while True:
        code = f"{day:%y%m%d}-{secrets.token_hex(2).upper()}"
        if not SealedKeys.objects.filter(code=code).exists() and not path_of(code).exists():
            return code


def take_sealed_copy(*, acting_staff: StaffUser, sealed: SealedKeys) -> bytes:
    """The sealed file, to be kept elsewhere; the trail says who took it. Raises CopyMissing."""
    require(acting_staff, SEAL)
    content = sealed_copy.read(sealed.code)
    with transaction.atomic():
        audit.record(acting_staff, "org.take_sealed_copy", sealed)
    return content


def prove_sealed_keys(
    *, acting_staff: StaffUser | None, sealed: SealedKeys, first: str, second: str
) -> SealedKeys:
    """Open a copy with the shares of both holders, so that it is known to work.

    Raises CopyMissing, OtherKeys, ShareMistyped, OtherShare, SameShare, NotASealedCopy.
    """
    if acting_staff is not None:
        require(acting_staff, SEAL)
    sealed_copy.prove(sealed_copy.read(sealed.code), first, second)
    row = note_proved(sealed.code, acting_staff)
    assert row is not None
    return row


def note_proved(code: str, acting_staff: StaffUser | None = None) -> SealedKeys | None:
    """Write down that a copy was just opened; None where this house knows of no such copy."""
    with transaction.atomic():
        row: SealedKeys | None = (
            SealedKeys.objects.select_for_update(of=("self",)).filter(code=code).first()
        )
        if row is None:
            return None
        row.proved_by, row.proved_date = acting_staff, timezone.localdate()
        row.save(update_fields=["proved_by", "proved_date"])
        if acting_staff is not None:
            audit.record(acting_staff, "org.prove_sealed_keys", row)
    return row


def newest() -> SealedKeys | None:
    """The copy that was made last."""
    return SealedKeys.objects.order_by("-id").first()


def what_is_missing() -> str:
    """What of a sealed copy is missing, as a code: NONE (there is no copy), STALE (the keys are
    others since), UNPROVED (nobody opened it yet); empty where one is good.
    """
    row = newest()
    if row is None:
        return "NONE"
    if row.fingerprint != sealed_copy.fingerprint():
        return "STALE"
    return "" if row.proved_date is not None else "UNPROVED"
