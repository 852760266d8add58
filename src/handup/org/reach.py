"""The programmes and organisations a grant can be narrowed to, told by the domains that keep them.

The house keeps only their ids on a grant; `projects` says which there are and what they are called.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

Names = Callable[[], Iterable[tuple[UUID, str]]]

_kept: dict[str, Names] = {}


def register(kind: str, names: Names) -> None:
    """Let a domain say which "programme" or "organisation" there are, as pairs of id and name."""
    _kept[kind] = names


def names(kind: str) -> dict[UUID, str]:
    """All of one kind by name; none as long as no domain keeps them."""
    return dict(sorted(_kept[kind](), key=lambda pair: pair[1])) if kind in _kept else {}


def is_kept(kind: str) -> bool:
    """Whether a domain of this installation keeps that kind at all."""
    return kind in _kept
