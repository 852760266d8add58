"""Named list for higher domains: what to do with their rows when two persons turn out to be one."""

from collections.abc import Callable, Collection
from uuid import UUID

# (surviving person, merged person) -> ids of the rows moved, by table, for the record that can
# undo it.
OnMerge = Callable[[UUID, UUID], dict[str, list[UUID]]]
on_merge: list[OnMerge] = []

# persons -> those of them for whom money was booked: a decision about them needs a second person.
InBooks = Callable[[Collection[UUID]], set[UUID]]
in_books: list[InBooks] = []
