"""Whether a phone keeps a group's meetings: the inbox, which knows, lies above this domain."""

from collections.abc import Callable
from uuid import UUID

from handup.groups.errors import PhoneKeepsRecord

keepers: list[Callable[[UUID], bool]] = []
"""Each tells of a group's id whether a phone holds the seat of its stream of meetings."""


def keeps_record(group_id: UUID) -> bool:
    """Tell whether a phone keeps this group's meetings."""
    return any(keeper(group_id) for keeper in keepers)


def require_office(group_id: UUID) -> None:
    """Refuse to record a meeting here while a phone keeps the group's record. Raises
    PhoneKeepsRecord."""
    if keeps_record(group_id):
        raise PhoneKeepsRecord
