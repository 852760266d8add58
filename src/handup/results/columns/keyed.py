"""Keyed numbers instead of ids: the same unit has the same number in every snapshot of one house,
and nobody who lacks the key can find whose it is (protection.md 4.6).

A person whose identity paper was seen has, where the houses of a country share a key, the same
number in all of them: so that she counts once in the national view.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from django.conf import settings

from handup.kernel.errors import Refusal
from handup.org import keys
from handup.people.models import PersonDocument
from handup.people.queries.merging import present_ids

NAME = "results.snapshot"
IDENTITY_KINDS = ("NATIONAL_ID", "PASSPORT", "REFUGEE_CARD")
LEAST_SECRET = 32


class NationalKeyTooShort(Refusal):
    """The shared key of the country needs at least {least} characters; it has {length}."""


def number(key: bytes, text: str) -> int:
    """A number below 2^63 that stands for a text under a key."""
    return int.from_bytes(hmac.new(key, text.encode(), sha256).digest()[:8], "big") >> 1


def house_key() -> bytes:
    """The key of this house; no change of its other keys changes it."""
    return keys.load().lasting_key(NAME)


def national_key() -> bytes | None:
    """The key the houses of a country share; None where there is none. Raises
    NationalKeyTooShort."""
    secret: str = settings.NATIONAL_KEY
    if not secret:
        return None
    if len(secret) < LEAST_SECRET:
        raise NationalKeyTooShort(least=LEAST_SECRET, length=len(secret))
    return sha256(b"handup national " + secret.encode()).digest()


def mark(key: bytes | None) -> str:
    """What tells whether two houses share a key, without telling it."""
    return "" if key is None else number(key, "mark").to_bytes(8, "big").hex()


class Numbers:
    """The number of every unit of a snapshot, worked out once each."""

    def __init__(self) -> None:
        self.key = house_key()
        self.national = national_key()
        self.identities: Mapping[str, str] = _identities() if self.national else {}
        self.given: dict[tuple[str, bool], int] = {}
        self.keyed: set[int] = set()

    def of(self, unit: str, *, person: bool = False) -> int:
        """The number of a unit; of a person with an identity paper the one of the country. As a
        household of one she has a number of this house alone.
        """
        known = self.given.get((unit, person))
        if known is None:
            paper = self.identities.get(unit) if person else None
            if paper is not None and self.national is not None:
                known = number(self.national, paper)
                self.keyed.add(known)
            else:
                known = number(self.key, unit)
            self.given[unit, person] = known
        return known


def _identities() -> dict[str, str]:
    """The identity paper of each person that has one: its kind and its number, letters and digits
    alone. Of several the first kind in the list counts."""
    found: dict[str, tuple[int, str]] = {}
    now = present_ids()
    rows = PersonDocument._base_manager.filter(kind__in=IDENTITY_KINDS).only(
        "id", "person_id", "kind", "number"
    )
    for row in rows.iterator(chunk_size=2000):
        text = "".join(letter for letter in str(row.number).upper() if letter.isalnum())
        person: UUID = now.get(row.person_id, row.person_id)
        place = IDENTITY_KINDS.index(row.kind)
        if text and place < found.get(str(person), (len(IDENTITY_KINDS), ""))[0]:
            found[str(person)] = (place, f"{row.kind} {text}")
    return {person: told for person, (_place, told) in found.items()}
