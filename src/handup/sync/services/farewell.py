"""The last contact of a phone taken out of use: it sends what it has not sent, then wipes itself
(protection.md 4.11). Its token opens nothing else any more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from handup.org import audit
from handup.org.models import ApiToken, Device, DeviceState
from handup.org.services.devices import token_hash
from handup.sync.errors import NotADevice
from handup.sync.services.packets import Answer, take_packets
from handup.sync.services.work import WorkAnswer, keep_work

GOING = (DeviceState.LOST, DeviceState.RETIRED, DeviceState.WIPED)


@dataclass(frozen=True, slots=True)
class Farewell:
    """Whether the phone is to wipe itself once its work has been taken, and what became of it:
    `answers` about packets, `kept` about what an officer recorded."""

    wipe: bool
    answers: Sequence[Answer]
    kept: Sequence[WorkAnswer] = ()


def say_farewell(
    *,
    token: str,
    packets: Sequence[Mapping[str, Any]],
    facts: Sequence[Mapping[str, Any]] = (),
    is_wiped: bool = False,
) -> Farewell:
    """Answer a phone whose token has ended: take its packets as those of any carrier, and say that
    it is to wipe itself when it was reported lost or taken out of use.

    The signature of each packet is its right. What was written before its end, what had come by
    then and what others of the group go on from is taken and flagged; the rest is set aside until
    somebody chose. `facts`: what an officer recorded on it, kept until a second person has looked.
    `is_wiped`: it says it has done so. Raises NotADevice for a token that is no phone's,
    NotAWorkPhone, TooManyPackets.
    """
    row = ApiToken.objects.select_related("device__enrolled_by")
    known = row.filter(key_hash=token_hash(token), device__isnull=False).first()
    if known is None or known.device is None:
        raise NotADevice
    device = known.device
    answers = take_packets(packets, device.enrolled_by) if packets else []
    kept = keep_work(facts, device=device) if facts else []
    is_going = device.state in GOING
    if is_wiped and is_going and device.state != DeviceState.WIPED:
        _mark_wiped(device)
    return Farewell(is_going, answers, kept)


@transaction.atomic
def _mark_wiped(device: Device) -> None:
    """Note that a phone says it has deleted everything."""
    locked = Device.objects.select_for_update().get(pk=device.pk)
    locked.state = DeviceState.WIPED
    locked.save(update_fields=["state"])
    audit.record(locked.enrolled_by, "sync.phone_wiped", locked)
