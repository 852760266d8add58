"""A phone as the field app will be: it writes facts, chains them, cuts them into packets and signs.
For tests and benchmarks."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from handup.groups.rules.facts import FIRST_PREVIOUS, chain_hash
from handup.kernel.chain import digest
from handup.kernel.ids import new_id
from handup.sync.rules.packets import signed_text

Fact = dict[str, Any]
KEYS = [{"slot": slot, "member_no": slot} for slot in (1, 2, 3)]


def _drawn() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


@dataclass(slots=True)
class Key:
    """The key pair of a device."""

    private: EllipticCurvePrivateKey = field(default_factory=_drawn)

    @property
    def public(self) -> str:
        """The public key as a device sends it."""
        point = self.private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return b64encode(point).decode()

    def sign(self, text: bytes) -> str:
        """The signature as WebCrypto makes it: r ‖ s in base64."""
        r, s = decode_dss_signature(self.private.sign(text, ECDSA(SHA256())))
        return b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()


@dataclass
class Phone:
    """The phone of a group's recorder: its facts and where its chain began."""

    group_id: str
    device_id: str = field(default_factory=lambda: str(new_id()))
    currency: str = "XTS"
    key: Key = field(default_factory=Key)
    first_seq: int = 1
    prev: str = FIRST_PREVIOUS
    facts: list[Fact] = field(default_factory=list)
    meeting_id: str | None = None
    day: date = date(2026, 3, 2)
    version: int = 1

    @cached_property
    def start(self) -> str:
        """The hash its chain began behind."""
        return self.prev

    def write(self, name: str, **body: Any) -> str:
        """Record one fact; returns its id."""
        _ = self.start
        id = str(new_id())
        fact: Fact = {
            "id": id,
            "name": name,
            "group_id": self.group_id,
            "stream": "MEETING",
            "device_id": self.device_id,
            "recorded_by": 3,
            "happened_date": self.day.isoformat(),
            "recorded_at": f"{self.day.isoformat()}T10:15:00+08:00",
            "currency": self.currency,
            "constitution_version": self.version,
            "body": body,
        }
        if self.meeting_id is not None:
            fact["meeting_id"] = self.meeting_id
        self.facts.append(fact)
        return id

    def open(self, day: date, number: int = 1, keys: Sequence[Mapping[str, int]] = KEYS) -> str:
        """Open a meeting; returns its id."""
        self.day, self.meeting_id = day, str(new_id())
        self.write(
            "open_meeting", number=number, held_date=day.isoformat(), keys=[dict(k) for k in keys]
        )
        return self.meeting_id

    def roll(self, members: Iterable[int], mark: str = "PRESENT") -> None:
        """Mark members."""
        for number in members:
            self.write("record_attendance", member_no=number, mark=mark)

    def save(self, member_no: int, shares: int, value: int = 500) -> str:
        """Let a member buy shares."""
        return self.write("buy_shares", member_no=member_no, shares=shares, units=shares * value)

    def close(self, loan: int, social: int = 0, **more: Any) -> None:
        """Count both boxes twice and close."""
        for fund, units in (("LOAN", loan), ("SOCIAL", social)):
            for counter in (1, 2):
                self.write(
                    "record_count",
                    way="OUT",
                    fund=fund,
                    counter=counter,
                    attempt=1,
                    total_units=units,
                )
        self.write("close_meeting", totals={"LOAN": loan, "SOCIAL": social}, keys=KEYS, **more)
        self.meeting_id = None

    @property
    def chain(self) -> list[str]:
        """The hash behind which each fact stands, and the tip at the end."""
        hashes = [self.start]
        for fact in self.facts:
            hashes.append(chain_hash(hashes[-1], digest(fact)))
        return hashes

    @property
    def tip(self) -> str:
        """The hash of the last fact."""
        return self.chain[-1]

    def packets(self, cuts: Iterable[int] = ()) -> list[dict[str, Any]]:
        """All facts, cut behind these places, each packet signed."""
        count = len(self.facts)
        ends = sorted({0, count, *(cut for cut in cuts if 0 < cut < count)})
        hashes = self.chain
        return [self._packet(hashes, start, end) for start, end in pairwise(ends)]

    def packet(self, start: int = 0, end: int | None = None, id: str = "") -> dict[str, Any]:
        """The facts between two places as one packet."""
        return self._packet(self.chain, start, len(self.facts) if end is None else end, id)

    def _packet(self, hashes: Sequence[str], start: int, end: int, id: str = "") -> dict[str, Any]:
        packet: dict[str, Any] = {
            "id": id or str(new_id()),
            "device_id": self.device_id,
            "group_id": self.group_id,
            "stream": "MEETING",
            "first_seq": self.first_seq + start,
            "prev_hash": hashes[start],
            "facts": self.facts[start:end],
        }
        text = signed_text(
            id=packet["id"],
            device_id=self.device_id,
            group_id=self.group_id,
            seqs=(self.first_seq + start, self.first_seq + end - 1),
            tip=hashes[end],
        )
        packet["signature"] = self.key.sign(text)
        return packet

    def twin(self) -> "Phone":
        """A second phone with a copy of everything so far, and the same seat."""
        return Phone(
            self.group_id,
            self.device_id,
            self.currency,
            self.key,
            self.first_seq,
            self.start,
            list(self.facts),
            self.meeting_id,
            self.day,
        )
