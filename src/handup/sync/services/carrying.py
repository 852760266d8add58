"""What an officer's phone could not send, brought to the office as a sealed file by anybody."""

import hmac
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from handup.kernel.errors import Refusal
from handup.org import audit, keys
from handup.org.models import Device, StaffUser
from handup.org.permissions import may, require
from handup.surveys.services import PartIn, receive_part
from handup.surveys.services.receiving_files import PART_MOST
from handup.sync.models import GroupPhone, WorkState
from handup.sync.rules.carried import NotCarried, device_in, opened
from handup.sync.services.farewell import GOING
from handup.sync.services.work import MOST, WorkAnswer, keep_work, receive_work


@dataclass(frozen=True, slots=True)
class Brought:
    """What came of a file: the answer about each fact, and how many pictures are kept."""

    answers: Sequence[WorkAnswer]
    pictures: int

    @property
    def taken(self) -> int:
        """How many facts are stored, now or before."""
        stored = {WorkState.DONE, WorkState.HANDED_ON}
        return sum(answer.state in stored for answer in self.answers)


def carry_key(device: Device) -> bytes:
    """The key under which a phone seals its file; the office works it out again from the phone."""
    lasting = keys.load().lasting_key("sync.carried")
    return hmac.new(lasting, device.pk.bytes, sha256).digest()


def take_carried(*, acting_staff: StaffUser, told: Mapping[str, Any]) -> Brought:
    """Take in a file of an officer's phone, as if the phone had sent it.

    `acting_staff` carries it; the right to record is that of whoever the phone belongs to. Of a
    phone out of use, or whose holder may not record any more, the facts wait until a second person
    has looked. The same file again changes nothing. Raises NotAllowed, NotCarried.
    """
    require(acting_staff, "sync.deliver_packets")
    device = Device.objects.filter(pk=device_in(told)).select_related("staff").first()
    if device is None or GroupPhone.objects.filter(device=device).exists():
        raise NotCarried(field="file")
    held = opened(told, carry_key(device))
    answers: list[WorkAnswer] = []
    for start in range(0, len(held.facts), MOST):
        answers += _receive(held.facts[start : start + MOST], device)
    kept = sum(_keep_picture(one, device) for one in held.pictures)
    audit.record(
        acting_staff, "sync.take_carried", device, {"facts": len(answers), "pictures": kept}
    )
    return Brought(answers, kept)


def _receive(facts: Sequence[Mapping[str, Any]], device: Device) -> list[WorkAnswer]:
    if device.state in GOING or not may(device.staff, "sync.carry_work"):
        return keep_work(facts, device=device)
    return receive_work(facts, acting_staff=device.staff, device=device)


def _keep_picture(told: Mapping[str, Any], device: Device) -> bool:
    """Keep one picture whole; whatever is wrong with it, the phone still has it."""
    try:
        content = b64decode(told["content"], validate=True)
        agreed_at = datetime.fromisoformat(told["agreed_at"])
        instance, name, size = str(told["instance"]), str(told["name"]), len(content)
        if agreed_at.tzinfo is None or not size or "\0" in instance + name:
            return False
        digest = sha256(content).hexdigest()
        for start in range(0, size, PART_MOST):
            part = PartIn(
                instance_id=instance, name=name, size=size, sha256=digest, agreed_at=agreed_at,
                offset=start, content=content[start : start + PART_MOST],
            )  # fmt: skip
            kept = receive_part(acting_staff=device.staff, device=str(device.pk), part=part)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, Refusal):
        return False
    return kept.sha256 == digest
