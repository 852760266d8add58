"""A fact's content and its place in the group's chain (groups_meeting.md M2)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handup.kernel.chain import Json, digest

FIRST_PREVIOUS = "0" * 64


@dataclass(frozen=True, slots=True)
class FactContent:
    """One event as its device wrote it; only this is hashed, never what the server adds."""

    id: UUID
    name: str
    group_id: UUID
    stream: str
    meeting_id: UUID | None
    happened_date: date
    recorded_by: UUID | None
    currency: str
    constitution_version: int
    body: Mapping[str, Json]

    def as_json(self) -> dict[str, Json]:
        """The canonical form: absent fields left out, ids lower case, days in ISO form."""
        content: dict[str, Json] = {
            "id": str(self.id),
            "name": self.name,
            "group_id": str(self.group_id),
            "stream": self.stream,
            "happened_date": self.happened_date.isoformat(),
            "currency": self.currency,
            "constitution_version": self.constitution_version,
            "body": dict(self.body),
        }
        if self.meeting_id is not None:
            content["meeting_id"] = str(self.meeting_id)
        if self.recorded_by is not None:
            content["recorded_by"] = str(self.recorded_by)
        return content


def content_hash(fact: FactContent) -> str:
    """SHA-256 of the fact's canonical JSON."""
    return digest(fact.as_json())


def chain_hash(previous: str, content: str) -> str:
    """SHA-256 of the previous chain hash and this content hash, 32 bytes each."""
    return hashlib.sha256(bytes.fromhex(previous) + bytes.fromhex(content)).hexdigest()


def closing_code(chain: str) -> str:
    """The code read aloud at the end of a meeting: four groups of three digits."""
    digits = f"{int.from_bytes(bytes.fromhex(chain)[:8], 'big') % 10**12:012d}"
    return " ".join(digits[place : place + 3] for place in range(0, 12, 3))
