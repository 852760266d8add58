"""Identifiers made where the record is made: UUIDv7 (RFC 9562), rising within one process."""

import os
import threading
import time
import uuid

DRAWN = 256
"""How many random numbers are asked of the system at once: asking costs more than using them."""

_lock = threading.Lock()
_last = 0
_random: list[int] = []

_empty = object.__new__


class Id(uuid.UUID):
    """An identifier that keeps its 32 digits once it was asked for them, or was read from them.

    A row in the books writes some ten ids into statements and hashed texts; Python's own class
    formats the number anew each time.
    """

    __slots__ = ("hex",)

    def __getattr__(self, name: str) -> object:
        """Work out what is not kept yet."""
        if name == "hex":
            digits = f"{self.int:032x}"
            _set_digits(self, digits)
            return digits
        if name == "is_safe":
            return uuid.SafeUUID.unknown
        raise AttributeError(name)

    def __str__(self) -> str:
        """Write it as everybody does, in five groups."""
        digits = self.hex
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


_set_int = uuid.UUID.__dict__["int"].__set__
_set_digits = Id.__dict__["hex"].__set__


def from_number(number: int) -> uuid.UUID:
    """Return the identifier that this number of 128 bits is, without asking whether it is one.

    The constructor of `uuid.UUID` looks at six ways to write one; here it is known already.
    """
    value = _empty(Id)
    _set_int(value, number)
    return value


def from_digits(digits: str) -> uuid.UUID:
    """Return the identifier of 32 hexadecimal digits in small letters, as SQLite keeps it."""
    value = _empty(Id)
    _set_int(value, int(digits, 16))
    _set_digits(value, digits)
    return value


def new_id() -> uuid.UUID:
    """Return a UUIDv7; ids of one process always rise, also when its clock jumps back."""
    global _last
    with _lock:
        _last = head = max((time.time_ns() // 1_000_000) << 12, _last + 1)
        if not _random:
            _draw()
        tail = _random.pop()
    return _made_of(head, tail)


def new_ids(count: int) -> list[uuid.UUID]:
    """Return so many UUIDv7 in rising order, for the rows of a batch."""
    global _last
    if count < 1:
        return []
    with _lock:
        first = max((time.time_ns() // 1_000_000) << 12, _last + 1)
        _last = first + count - 1
        while len(_random) < count:
            _draw()
        tails = _random[-count:]
        del _random[-count:]
    return [_made_of(head, tail) for head, tail in enumerate(tails, first)]


def _draw() -> None:
    drawn = os.urandom(8 * DRAWN)
    _random.extend(
        int.from_bytes(drawn[start : start + 8], "big") >> 2 for start in range(0, len(drawn), 8)
    )


def _made_of(head: int, tail: int) -> uuid.UUID:
    """Put together the milliseconds with the count within them, and the random part. Its digits
    are written at once: nearly every new id goes into a statement or a hashed text.
    """
    value = _empty(Id)
    number = (head >> 12) << 80 | (0x7000 | head & 0xFFF) << 64 | 1 << 63 | tail
    _set_int(value, number)
    _set_digits(value, f"{number:032x}")
    return value


if hasattr(os, "register_at_fork"):  # a child process draws numbers of its own
    os.register_at_fork(after_in_child=_random.clear)


def is_device_id(value: uuid.UUID) -> bool:
    """Tell whether `value` is a UUIDv7 of the RFC variant; anything else is BAD_ID."""
    return value.version == 7 and value.variant == uuid.RFC_4122
