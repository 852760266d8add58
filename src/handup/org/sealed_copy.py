"""A sealed copy of the keys with two holders (protection.md 4.4, rulings 4): made, proved, brought
back on a new machine.

Whoever loses the keys loses every secret of the house, so a copy lies elsewhere; whoever finds it
reads nothing, so it opens with the shares of two persons only. A share is shown once, to be written
on a slip, and kept nowhere. The copy itself lies in DATA_DIR/sealed and in no backup.
"""

import hashlib
import json
import os
from pathlib import Path

from django.conf import settings

from handup.kernel.errors import Refusal
from handup.kernel.two_shares import NotASealedCopy, Sealed, open_with_two, seal_for_two
from handup.org import keys


class KeysThere(Refusal):
    """There are keys at {place} already. Move them away first, so that none are lost."""


class OtherKeys(Refusal):
    """This copy holds keys from before, not those of now. Make a new one."""


class CopyMissing(Refusal):
    """The file of this copy is not here any more. Make a new one."""


def folder() -> Path:
    """Where the copies lie."""
    return Path(settings.DATA_DIR) / "sealed"


def path_of(code: str) -> Path:
    """The file of one copy."""
    return folder() / f"keys-{code}.json"


def fingerprint(content: bytes | None = None) -> str:
    """By what keys are known again without telling them: a hash of what they hold, those of now
    unless others are given. They are random and long, so that it leads back to none.
    """
    if content is None:
        keys.load()
        content = Path(settings.KEYS_FILE).read_bytes()
    told = json.dumps(json.loads(content), sort_keys=True).encode()
    return hashlib.sha256(b"fingerprint\0" + told).hexdigest()


def make(code: str, about: str) -> Sealed:
    """Seal the keys of now and write the copy; what comes back holds the two shares."""
    keys.load()
    sealed = seal_for_two(Path(settings.KEYS_FILE).read_bytes(), about)
    folder().mkdir(parents=True, exist_ok=True, mode=0o700)
    write_once(path_of(code), sealed.content)
    return sealed


def write_once(path: Path, content: bytes) -> None:
    """Write a file for its owner only; never over another."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read(code: str) -> bytes:
    """The sealed bytes of one copy. Raises CopyMissing."""
    try:
        return path_of(code).read_bytes()
    except FileNotFoundError as fault:
        raise CopyMissing from fault


def prove(content: bytes, first: str, second: str) -> str:
    """Open a copy and compare it with the keys of now; nothing is written. Its fingerprint.

    Raises what `open_with_two` raises, and OtherKeys.
    """
    found = fingerprint(_keys_in(content, first, second))
    if found != fingerprint():
        raise OtherKeys(field="file")
    return found


def _keys_in(content: bytes, first: str, second: str) -> bytes:
    plain = open_with_two(content, first, second)
    try:
        told = json.loads(plain)
        whole = all(told[name] for name in ("field", "compartment", "index", "signing"))
    except (ValueError, KeyError, TypeError) as fault:
        raise NotASealedCopy(field="file") from fault
    if not whole:
        raise NotASealedCopy(field="file")
    return plain


def bring_back(content: bytes, first: str, second: str) -> str:
    """Write the keys of a copy where the program looks for them, on a machine that has none; their
    fingerprint. Raises KeysThere and what `open_with_two` raises.
    """
    place = Path(settings.KEYS_FILE)
    if place.exists():
        raise KeysThere(place=place)
    plain = _keys_in(content, first, second)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_once(place, plain)
    except FileExistsError as fault:
        raise KeysThere(place=place) from fault
    keys.load()
    return fingerprint()
