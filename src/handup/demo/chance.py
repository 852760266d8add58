"""Invented values that are the same on every machine and at every load; not for secrets."""

import hashlib


def number(seed: str, place: int, below: int) -> int:
    """Return a whole number from 0 to below - 1, always the same for a seed and a place."""
    digest = hashlib.sha256(f"{seed}:{place}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def chosen(seed: str, size: int, count: int) -> frozenset[int]:
    """Choose `count` of the places 0 … size - 1, always the same ones."""
    order = sorted(range(size), key=lambda place: (number(seed, place, 2**60), place))
    return frozenset(order[:count])
