"""What became of packets, for a phone without a network: a note that anybody may carry back.

The phone believes it, because it bears a sum that only this office and that phone can make: HMAC
with SHA-256 under the hash of its token, which the office keeps and the phone works out.
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from handup.kernel.chain import Json, canonical
from handup.org.models import ApiToken, Device
from handup.org.prepared import prepared
from handup.sync import queries
from handup.sync.models import GroupPhone, Packet

MOST = 200
"""How many packets a note tells of; the newest of a phone."""


@dataclass(frozen=True, slots=True)
class Note:
    """What a device is told. `text` is canonical JSON of `device_id`, `made_at` and `receipts` as
    the network gives them; `sum` proves it, 64 hexadecimal digits."""

    device_id: UUID
    text: str
    sum: str

    def as_json(self) -> dict[str, Json]:
        """As it is carried."""
        return {"device_id": str(self.device_id), "text": self.text, "sum": self.sum}


def note_for(device: Device, packets: Iterable[UUID]) -> Note | None:
    """What became of these packets of a device; nothing for one that never had a token, or that
    sent none of them."""
    rows = queries.receipts_of(device, packets)
    key = ApiToken.objects.filter(device=device).order_by("-recorded_at", "-id").first()
    if not rows or key is None:
        return None
    told: dict[str, Json] = {
        "device_id": str(device.pk),
        "made_at": timezone.now().isoformat(timespec="seconds"),
        "receipts": [_receipt(row) for row in rows],
    }
    text = canonical(told)
    proof = hmac.new(key.key_hash.encode(), text, sha256).hexdigest()
    return Note(device.pk, text.decode(), proof)


@prepared
def _signed_by(packet_ids: list[UUID], besides: UUID | None) -> QuerySet[Any, Any]:
    """Packets by the device that signed them, but for one device."""
    rows = Packet.objects.filter(packet_id__in=packet_ids)
    if besides is not None:
        rows = rows.exclude(device_id=besides)
    return rows.values_list("device_id", "packet_id")


def notes_for(packets: Iterable[UUID], *, besides: UUID | None = None) -> list[Note]:
    """A note for each device whose packets these are, but for the one that sent them itself."""
    by_device: dict[UUID, set[UUID]] = {}
    for device_id, packet_id in _signed_by(list(packets), besides):
        by_device.setdefault(device_id, set()).add(packet_id)
    devices = Device.objects.filter(pk__in=by_device) if by_device else ()
    notes = [note_for(device, by_device[device.pk]) for device in devices]
    return [note for note in notes if note is not None]


def latest_of(phone: GroupPhone) -> list[UUID]:
    """The packets of a group's phone that a note tells of."""
    rows = Packet.objects.filter(device_id=phone.device_id, group=phone.group_id)
    rows = rows.order_by("-recorded_at", "-id")
    return list(dict.fromkeys(rows.values_list("packet_id", flat=True)[:MOST]))


def _receipt(row: Packet) -> dict[str, Json]:
    return {
        "packet_id": str(row.packet_id),
        "state": row.state,
        "lines": [
            {
                "meeting_id": str(line.meeting_id) if line.meeting_id else None,
                "outcome": line.outcome,
                "flags": list(line.flags),
                "faults": [dict(fault) for fault in line.faults],
            }
            for line in row.lines.all()
        ],
    }
