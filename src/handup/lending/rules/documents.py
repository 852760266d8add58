"""Which documents a product asks for, and which of them nobody has seen yet."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

MOST = 20
LONGEST = 80


def asked_in(eligibility: Mapping[str, Any]) -> tuple[str, ...]:
    """What a product version's preconditions ask for, as its makers wrote it."""
    return tuple(eligibility.get("documents", ()))


def fault_of(documents: Any) -> str:
    """Why a list of documents cannot be that of a product; empty for a good one."""
    if not isinstance(documents, list | tuple) or len(documents) > MOST:
        return f"documents: a list of at most {MOST}"
    if not all(isinstance(kind, str) and 0 < len(kind.strip()) <= LONGEST for kind in documents):
        return f"documents: each of 1 to {LONGEST} letters"
    if len({_plain(kind) for kind in documents}) < len(documents):
        return "documents: each once"
    return ""


def same(one: str, other: str) -> bool:
    """Whether two names mean the same document: case and spaces do not count."""
    return _plain(one) == _plain(other)


def still_missing(asked: Sequence[str], seen: Iterable[str]) -> tuple[str, ...]:
    """What is asked for and was not seen, in the order it is asked for."""
    known = {_plain(kind) for kind in seen}
    return tuple(kind for kind in asked if _plain(kind) not in known)


def _plain(kind: str) -> str:
    return " ".join(kind.split()).casefold()
