"""Identifiers made where the record is made: UUIDv7 (RFC 9562), rising within one process."""

import os
import threading
import time
import uuid

_lock = threading.Lock()
_last = 0


def new_id() -> uuid.UUID:
    """Return a UUIDv7; ids of one process always rise, also when its clock jumps back."""
    global _last
    with _lock:
        stamp = (time.time_ns() // 1_000_000) << 12
        _last = max(stamp, _last + 1)
        head = _last
    value = (head >> 12) << 80 | 0x7 << 76 | (head & 0xFFF) << 64 | 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return uuid.UUID(int=value)


def is_device_id(value: uuid.UUID) -> bool:
    """Tell whether `value` is a UUIDv7 of the RFC variant; anything else is BAD_ID."""
    return value.version == 7 and value.variant == uuid.RFC_4122
