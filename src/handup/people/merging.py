"""Named list for higher domains: what to do with their rows when two persons turn out to be one."""

from collections.abc import Callable
from uuid import UUID

# (surviving person, merged person) -> ids of the rows moved, by table, for the record that can
# undo it.
OnMerge = Callable[[UUID, UUID], dict[str, list[UUID]]]
on_merge: list[OnMerge] = []
