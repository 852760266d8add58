"""Canonical JSON (RFC 8785) and the SHA-256 chain that journals, meetings and the read log hang on.

hash = SHA-256(previous hash ‖ canonical JSON of the entry), the previous hash as its 32 bytes, each
written as 64 hexadecimal digits. Only texts, whole numbers, booleans, null, lists and objects are
allowed: RFC 8785 writes a number as a double, so whole numbers stay below 2^53 and anything with a
fraction is a text.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from handup.kernel.jsontext import writer

Json: TypeAlias = "str | int | bool | Sequence[Json] | Mapping[str, Json] | None"

LIMIT = 2**53
GENESIS = "0" * 64
_write = writer(ensure_ascii=False, separators=(",", ":"))


class NotCanonical(ValueError):
    """The value has no canonical form: a fault of the program, not of a person."""


def canonical(value: Json) -> bytes:
    """The one UTF-8 text of a value: names in UTF-16 order, no spaces. Raises NotCanonical."""
    text = _write(_plain(value))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise NotCanonical("a lone surrogate has no UTF-8 form") from fault


def _plain(value: object) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if abs(value) >= LIMIT:
            raise NotCanonical(f"{value} is not below 2^53: write it as a text")
        return value
    if isinstance(value, Mapping):
        return {name: _plain(value[name]) for name in _in_order(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    raise NotCanonical(f"{type(value).__name__} has no canonical form: write it as a text")


def _in_order(mapping: Mapping[object, object]) -> list[str]:
    names: list[str] = []
    for name in mapping:
        if not isinstance(name, str):
            raise NotCanonical(f"{name!r} is not a text: names in an object are texts")
        names.append(name)
    if all(name.isascii() for name in names):
        return sorted(names)
    return sorted(names, key=lambda name: name.encode("utf-16-be", "surrogatepass"))


def digest(value: Json) -> str:
    """SHA-256 of the canonical form, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def link(previous: str, entry: Json) -> str:
    """The hash of an entry that follows the one with the hash `previous` (first: GENESIS)."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical(entry)).hexdigest()


@dataclass(frozen=True, slots=True)
class Link:
    """One stored entry: its number, the hash it says it follows, its own hash and its content."""

    number: int
    previous: str
    hash: str
    entry: Json


class Damage(StrEnum):
    """What can be wrong with a chain."""

    CHANGED = "CHANGED"
    MISSING = "MISSING"
    NOT_LINKED = "NOT_LINKED"
    CUT_OFF = "CUT_OFF"


@dataclass(frozen=True, slots=True)
class Break:
    """Where a chain is damaged: the number of the entry (or of the first missing one) and how."""

    number: int
    damage: Damage


def breaks(
    links: Iterable[Link],
    *,
    after: int = 0,
    after_hash: str = GENESIS,
    head: int | None = None,
    head_hash: str | None = None,
) -> Iterator[Break]:
    """Every damage of a chain read in order of number, starting behind entry `after`.

    CHANGED: the content does not give its hash. MISSING: numbers are left out. NOT_LINKED: it does
    not follow the entry before it (something was changed, removed or put between). CUT_OFF: the end
    is not the head that was kept elsewhere.
    """
    number, last_hash = after, after_hash
    for item in links:
        if item.number != number + 1:
            yield Break(number + 1, Damage.MISSING)
        elif item.previous != last_hash:
            yield Break(item.number, Damage.NOT_LINKED)
        if link(item.previous, item.entry) != item.hash:
            yield Break(item.number, Damage.CHANGED)
        number, last_hash = item.number, item.hash
    if (head is not None and head != number) or (head_hash is not None and head_hash != last_hash):
        yield Break(number + 1, Damage.CUT_OFF)
