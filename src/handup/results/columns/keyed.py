"""Keyed numbers instead of ids: the same unit has the same number in every snapshot made for one
recipient, another one for everybody else, and nobody who lacks the key can find whose it is
(protection.md 4.5, 4.6).

So that a person of two houses counts once in a country, a snapshot made for whoever counts it has,
beside each person, a token of each of her papers. Only the counting body can open it, with the
secret it gave to this one house: another house holds another secret, and can try no number.
"""

import hmac
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from handup.kernel.errors import Refusal
from handup.org import keys
from handup.people.models import PersonDocument
from handup.people.queries.merging import present_ids

NAME = "results.snapshot"
IDENTITY_KINDS = ("NATIONAL_ID", "PASSPORT", "REFUGEE_CARD")
LEAST_SECRET = 32
ROUNDS = 8
HALF = 8
"""Bytes of each half of a token."""


class SecretTooShort(Refusal):
    """A secret of the counting body needs at least {least} characters; it has {length}."""


def number(key: bytes, text: str) -> int:
    """A number below 2^63 that stands for a text under a key."""
    return int.from_bytes(hmac.new(key, text.encode(), sha256).digest()[:8], "big") >> 1


def house_key() -> bytes:
    """The key of this house; no change of its other keys changes it."""
    return keys.load().lasting_key(NAME)


def key_for(recipient: UUID) -> bytes:
    """The key of all that is made for one recipient: what two recipients hold cannot be joined."""
    return keys.load().lasting_key(f"{NAME}.{recipient}")


def secret_key(secret: str) -> bytes:
    """The key that a secret of the counting body stands for. Raises SecretTooShort."""
    secret = secret.strip()
    if len(secret) < LEAST_SECRET:
        raise SecretTooShort(least=LEAST_SECRET, length=len(secret), field="secret")
    return sha256(b"handup counting " + secret.encode()).digest()


def mark(key: bytes | None) -> str:
    """What tells which secret was taken, without telling it."""
    return "" if key is None else number(key, "mark").to_bytes(8, "big").hex()


def sealed(key: bytes, paper: str) -> str:
    """A token of a paper: only who holds the key can open it, and nobody else can try papers."""
    left, right = _halves(_digest(paper))
    for turn in range(ROUNDS):
        left, right = right, _mixed(key, turn, left, right)
    return (left + right).hex()


def opened(key: bytes, token: str) -> bytes:
    """What the same paper gives in every house, out of a token."""
    left, right = _halves(bytes.fromhex(token))
    for turn in reversed(range(ROUNDS)):
        left, right = _mixed(key, turn, right, left), left
    return left + right


def _digest(paper: str) -> bytes:
    return sha256(b"handup paper " + paper.encode()).digest()[: 2 * HALF]


def _halves(block: bytes) -> tuple[bytes, bytes]:
    return block[:HALF], block[HALF:]


def _mixed(key: bytes, turn: int, left: bytes, right: bytes) -> bytes:
    """One turn of Feistel's network: the half, changed by a keyed sum of the other."""
    by = hmac.new(key, bytes([turn]) + right, sha256).digest()
    return bytes(one ^ other for one, other in zip(left, by, strict=False))


class Numbers:
    """The number of every unit of a snapshot under one key, worked out once each."""

    def __init__(self, key: bytes) -> None:
        self.key = key
        self.given: dict[str, int] = {}

    def of(self, unit: str) -> int:
        """The number of a unit."""
        known = self.given.get(unit)
        if known is None:
            known = self.given[unit] = number(self.key, unit)
        return known


@dataclass(frozen=True, slots=True)
class Paper:
    """An identity paper of a person: its kind, and its number in letters and digits alone."""

    person: UUID
    kind: str
    number: str


def papers(of: Collection[UUID]) -> Iterator[Paper]:
    """The identity papers that were seen of some persons, by the id each is known by now."""
    now = present_ids()
    rows = PersonDocument._base_manager.filter(kind__in=IDENTITY_KINDS).only(
        "id", "person_id", "kind", "number"
    )
    for row in rows.order_by("id").iterator(chunk_size=2000):
        person: UUID = now.get(row.person_id, row.person_id)
        text = "".join(letter for letter in str(row.number).upper() if letter.isalnum())
        if text and person in of:
            yield Paper(person, row.kind, text)
