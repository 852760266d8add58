"""Named lists for higher domains: what they hold of a person, and how they blank it
(protection.md 4.7, 4.8)."""

from collections.abc import Callable, Mapping
from uuid import UUID

# person -> what a domain holds of her, by heading; others' data masked.
Collect = Callable[[UUID], Mapping[str, list[Mapping[str, str]]]]
collect: list[Collect] = []

# Blank a domain's rows, history rows and files of a person; books stay as they are.
Erase = Callable[[UUID], None]
erase: list[Erase] = []
