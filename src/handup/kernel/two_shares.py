"""A text sealed so that it opens with two shares only, each held by another person (protection.md
4.4: a sealed copy of the keys with two holders). Pure.

A share is 128 random bits. The key is derived from both by HKDF, so that one share alone tells
nothing of it; no guessing at 128 bits needs a slow derivation. A share is written in groups of four
letters and digits without 0/O and 1/I/L mix-ups (Crockford's base 32), the last two of them a check
that finds a slip copied wrong.
"""

import json
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handup.kernel.errors import Refusal

FORM = "handup sealed copy 1"
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKS_LIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})
SHARE_BYTES, SHARE_SIGNS, CHECK_SIGNS, GROUP = 16, 26, 2, 4
BITS = 5


class ShareMistyped(Refusal):
    """This share was not copied right. Compare it with the slip, sign by sign."""


class OtherShare(Refusal):
    """This share does not belong to this copy. Look for the slip with the same day."""


class SameShare(Refusal):
    """The same share was given twice. Each holder gives her own."""


class NotASealedCopy(Refusal):
    """This is no sealed copy, or it was changed since."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text and the two shares that open it together; the shares are kept nowhere."""

    content: bytes
    shares: tuple[str, str]


def seal_for_two(plain: bytes, about: str) -> Sealed:
    """Seal a text for two holders; about: what stands readable on it, and cannot be changed."""
    first, second = (secrets.token_bytes(SHARE_BYTES) for _ in range(2))
    nonce = secrets.token_bytes(12)
    head: dict[str, Any] = {"form": FORM, "about": about, "marks": [_mark(first), _mark(second)]}
    sealed = AESGCM(_key(first, second)).encrypt(nonce, plain, _bound(head))
    content = {**head, "sealed": b64encode(nonce + sealed).decode()}
    return Sealed(json.dumps(content, indent=1).encode(), (written(first), written(second)))


def open_with_two(content: bytes, first: str, second: str) -> bytes:
    """Open what was sealed, with the shares of both holders in any order.

    Raises ShareMistyped, SameShare, OtherShare (field `first` or `second`), NotASealedCopy.
    """
    told = _told(content)
    shares: dict[int, bytes] = {}
    for field, text in (("first", first), ("second", second)):
        share = read_share(text, field)
        marks = told["marks"]
        if _mark(share) not in marks:
            raise OtherShare(field=field)
        place = marks.index(_mark(share))
        if place in shares:
            raise SameShare(field=field)
        shares[place] = share
    head = {name: told[name] for name in ("form", "about", "marks")}
    try:
        sealed = b64decode(told["sealed"], validate=True)
        return AESGCM(_key(shares[0], shares[1])).decrypt(sealed[:12], sealed[12:], _bound(head))
    except (InvalidTag, ValueError) as fault:
        raise NotASealedCopy(field="file") from fault


def about_of(content: bytes) -> str:
    """What stands readable on a sealed copy. Raises NotASealedCopy."""
    return str(_told(content)["about"])


def written(share: bytes) -> str:
    """A share as it stands on a slip: seven groups of four."""
    number = int.from_bytes(share) << (SHARE_SIGNS * BITS - SHARE_BYTES * 8)
    signs = _signs(number, SHARE_SIGNS) + _check(share)
    return "-".join(signs[place : place + GROUP] for place in range(0, len(signs), GROUP))


def read_share(text: str, field: str = "") -> bytes:
    """A share as it was typed: small letters, spaces and dashes do not matter. Raises
    ShareMistyped.
    """
    signs = "".join(sign for sign in text.upper() if sign.isalnum()).translate(LOOKS_LIKE)
    if len(signs) != SHARE_SIGNS + CHECK_SIGNS or not set(signs) <= set(ALPHABET):
        raise ShareMistyped(field=field or None)
    number = 0
    for sign in signs[:SHARE_SIGNS]:
        number = number << BITS | ALPHABET.index(sign)
    spare = SHARE_SIGNS * BITS - SHARE_BYTES * 8
    share = (number >> spare).to_bytes(SHARE_BYTES)
    if number & ((1 << spare) - 1) or signs[SHARE_SIGNS:] != _check(share):
        raise ShareMistyped(field=field or None)
    return share


def _signs(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> (BITS * place) & 31] for place in range(count - 1, -1, -1))


def _check(share: bytes) -> str:
    digest = int.from_bytes(sha256(b"check\0" + share).digest()[:2])
    return _signs(digest >> 6, CHECK_SIGNS)


def _mark(share: bytes) -> str:
    """By what a copy knows its shares: 32 of 256 bits of a hash leave 96 bits unknown."""
    return sha256(b"mark\0" + share).hexdigest()[:8]


def _key(first: bytes, second: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=FORM.encode()).derive(first + second)


def _bound(head: dict[str, Any]) -> bytes:
    return json.dumps(head, sort_keys=True).encode()


def _told(content: bytes) -> dict[str, Any]:
    try:
        told = json.loads(content)
        marks = told["marks"]
        whole = told["form"] == FORM and isinstance(told["about"], str)
        whole = whole and isinstance(told["sealed"], str) and len(marks) == len(set(marks)) == 2
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        raise NotASealedCopy(field="file") from fault
    if not whole:
        raise NotASealedCopy(field="file")
    found: dict[str, Any] = told
    return found
