"""Named lists to which a higher domain adds what a lower one calls (architecture.md, 2)."""

from typing import TypeVar

Entry = TypeVar("Entry")


def add_once(named: list[Entry], *added: Entry) -> None:
    """Add to a named list what is not in it yet: an application may start twice in one process."""
    named.extend(entry for entry in added if entry not in named)
