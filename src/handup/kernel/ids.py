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
_set = object.__setattr__
_unknown = uuid.SafeUUID.unknown


def from_number(number: int) -> uuid.UUID:
    """Return the identifier that this number of 128 bits is, without asking whether it is one.

    The constructor of `uuid.UUID` looks at six ways to write one; here it is known already.
    """
    value = _empty(uuid.UUID)
    _set(value, "int", number)
    _set(value, "is_safe", _unknown)
    return value


def from_digits(digits: str) -> uuid.UUID:
    """Return the identifier of 32 hexadecimal digits, as SQLite keeps it."""
    return from_number(int(digits, 16))


def new_id() -> uuid.UUID:
    """Return a UUIDv7; ids of one process always rise, also when its clock jumps back."""
    global _last
    with _lock:
        stamp = (time.time_ns() // 1_000_000) << 12
        _last = head = max(stamp, _last + 1)
        if not _random:
            drawn = os.urandom(8 * DRAWN)
            _random.extend(
                int.from_bytes(drawn[start : start + 8], "big") >> 2
                for start in range(0, len(drawn), 8)
            )
        tail = _random.pop()
    return from_number((head >> 12) << 80 | 0x7 << 76 | (head & 0xFFF) << 64 | 0b10 << 62 | tail)


if hasattr(os, "register_at_fork"):  # a child process draws numbers of its own
    os.register_at_fork(after_in_child=_random.clear)


def is_device_id(value: uuid.UUID) -> bool:
    """Tell whether `value` is a UUIDv7 of the RFC variant; anything else is BAD_ID."""
    return value.version == 7 and value.variant == uuid.RFC_4122
