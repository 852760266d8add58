"""A file in which a phone carries what the office does not have: sealed, so that whoever finds it
reads nothing, and bound to the phone that wrote it (surveys.md 6, protection.md 4.11).

AES-256-GCM over the JSON of `facts` and `pictures`, under the key the office gave the phone.
"""

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from handup.kernel.errors import Refusal

MARK = "handup-work"
IV_BYTES = 12


class NotCarried(Refusal):
    """This file cannot be read: it is none of a phone of this office, or it was changed."""


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file holds: facts as a phone sends them, and pictures whole, each with its `content`
    in base64.
    """

    facts: Sequence[Mapping[str, Any]]
    pictures: Sequence[Mapping[str, Any]]


def device_in(told: Mapping[str, Any]) -> UUID:
    """Which phone a file says it is of. Raises NotCarried."""
    try:
        if told["handup"] != MARK:
            raise NotCarried(field="file")
        return UUID(told["device"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise NotCarried(field="file") from error


def opened(told: Mapping[str, Any], key: bytes) -> Carried:
    """Open a file with the key of its phone. Raises NotCarried."""
    device = device_in(told)
    try:
        iv, data = (b64decode(told[name], validate=True) for name in ("iv", "data"))
        if len(iv) != IV_BYTES:
            raise NotCarried(field="file")
        plain = AESGCM(key).decrypt(iv, data, bound_to(device))
        held = json.loads(plain)
        facts, pictures = held["facts"], held["pictures"]
    except (InvalidTag, KeyError, TypeError, ValueError, RecursionError) as error:
        raise NotCarried(field="file") from error
    both = (*facts, *pictures) if isinstance(facts, list) and isinstance(pictures, list) else (0,)
    if not all(isinstance(one, dict) for one in both):
        raise NotCarried(field="file")
    return Carried(facts, pictures)


def bound_to(device: UUID) -> bytes:
    """What a file is sealed together with."""
    return f"handup carried work {device}".encode()
