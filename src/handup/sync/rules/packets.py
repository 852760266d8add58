"""A packet: up to 500 facts of one stream in one envelope, signed by the device that wrote them, so
that anybody may carry it (groups_meeting.md 3 and M2)."""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePublicKey,
)
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from handup.kernel.chain import canonical
from handup.kernel.errors import Refusal
from handup.sync.rules.bodies import is_device_id, is_number
from handup.sync.rules.facts import DeviceFact, Linked, chained, read_fact
from handup.sync.rules.words import MEETING

FACTS_MAX = 500
_HASH = re.compile(r"[0-9a-f]{64}")
_KEYS = frozenset(
    {"id", "device_id", "group_id", "stream", "first_seq", "prev_hash", "facts", "signature"}
)


class UnreadablePacket(Refusal):
    """This is not a packet of a device: {field_name} is missing or has another form."""


class BadKey(Refusal):
    """This is not the public key of a device (P-256, uncompressed point in base64)."""


@dataclass(frozen=True, slots=True)
class Packet:
    """An envelope that could be opened. `tip` is the chain hash of its last fact, worked out from
    the facts themselves; empty when one of them has no canonical form."""

    id: str
    device_id: str
    group_id: str
    first_seq: int
    prev_hash: str
    facts: tuple[DeviceFact, ...]
    linked: tuple[Linked, ...]
    tip: str
    signature: str

    @property
    def last_seq(self) -> int:
        """The number of its last fact."""
        return self.first_seq + len(self.facts) - 1

    @property
    def key(self) -> str:
        """What tells it from every other packet: an id can be given twice, a signature cannot."""
        return f"{self.id} {self.tip} {self.signature}"


def read_packet(told: object) -> Packet:
    """Open an envelope. Raises UnreadablePacket; faults of single facts stay with them."""
    if not isinstance(told, Mapping):
        raise UnreadablePacket(field_name="{}")
    for name, fits in _checks(told):
        if not fits:
            raise UnreadablePacket(field_name=name)
    facts = tuple(
        read_fact(fact, group_id=told["group_id"], device_id=told["device_id"])
        for fact in told["facts"]
    )
    linked: tuple[Linked, ...] = ()
    if all(fact.content for fact in facts):
        linked = chained(facts, told["first_seq"], told["prev_hash"])
    return Packet(
        id=told["id"],
        device_id=told["device_id"],
        group_id=told["group_id"],
        first_seq=told["first_seq"],
        prev_hash=told["prev_hash"],
        facts=facts,
        linked=linked,
        tip=linked[-1].chain if linked else "",
        signature=told["signature"],
    )


def _checks(told: Mapping[str, Any]) -> Sequence[tuple[str, bool]]:
    facts, prev = told.get("facts"), told.get("prev_hash")
    is_list = isinstance(facts, list) and 1 <= len(facts) <= FACTS_MAX
    return (
        *((str(name)[:40], False) for name in told.keys() - _KEYS),
        *((name, is_device_id(told.get(name))) for name in ("id", "device_id", "group_id")),
        ("stream", told.get("stream") == MEETING),
        ("first_seq", is_number(told.get("first_seq"), 1)),
        ("prev_hash", isinstance(prev, str) and bool(_HASH.fullmatch(prev))),
        ("facts", is_list and all(isinstance(fact, Mapping) for fact in facts or ())),
        ("signature", isinstance(told.get("signature"), str) and len(told["signature"]) <= 200),
    )


def signed_text(
    *, id: str, device_id: str, group_id: str, seqs: tuple[int, int], tip: str
) -> bytes:
    """What a device signs: the canonical JSON of packet, device, group, first and last number and
    tip. The tip stands for every byte of every fact."""
    return canonical(
        {
            "id": id,
            "device_id": device_id,
            "group_id": group_id,
            "first_seq": seqs[0],
            "last_seq": seqs[1],
            "tip": tip,
        }
    )


def read_key(text: str) -> bytes:
    """The uncompressed point of a P-256 public key, from base64. Raises BadKey."""
    try:
        point = b64decode(text, validate=True)
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except (ValueError, NotBase64) as fault:
        raise BadKey(field="public_key") from fault
    return point


def is_signed(packet: Packet, public_key: str) -> bool:
    """Tell whether the device with this key wrote exactly these facts in this order.

    The signature is the 64 bytes r ‖ s that WebCrypto makes, in base64.
    """
    if not packet.tip:
        return False
    text = signed_text(
        id=packet.id,
        device_id=packet.device_id,
        group_id=packet.group_id,
        seqs=(packet.first_seq, packet.last_seq),
        tip=packet.tip,
    )
    return has_signed(public_key, packet.signature, text)


def enrol_text(*, code: str, public_key: str) -> bytes:
    """What a phone signs when it enrols itself: the canonical JSON of its code and its key."""
    return canonical({"code": code.strip(), "public_key": public_key})


def has_signed(public_key: str, signed: str, text: bytes) -> bool:
    """Tell whether the holder of a key signed a text: 64 bytes r ‖ s in base64."""
    try:
        raw = b64decode(signed, validate=True)
    except (ValueError, NotBase64):
        return False
    if len(raw) != 64:
        return False
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), b64decode(public_key))
    signature = encode_dss_signature(
        int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    )
    try:
        key.verify(signature, text, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
