"""Whether a phone keeps a group's meetings, and what its packets wait for: the inbox, which knows,
lies above this domain."""

from collections.abc import Callable
from uuid import UUID

from handup.groups.errors import PhoneKeepsRecord
from handup.groups.models import Group
from handup.org.models import StaffUser

keepers: list[Callable[[UUID], bool]] = []
"""Each tells of a group's id whether a phone holds the seat of its stream of meetings."""


arrived: list[Callable[[Group, StaffUser], object]] = []
"""Each is told that something was recorded of a group which a phone's facts may name: a member, a
version of its rules, a cycle, the end of a meeting of the office."""


def tell_arrived(group: Group, staff: StaffUser) -> None:
    """Tell whoever waits that something of this group was recorded, in the same transaction."""
    for told in arrived:
        told(group, staff)


def keeps_record(group_id: UUID) -> bool:
    """Tell whether a phone keeps this group's meetings."""
    return any(keeper(group_id) for keeper in keepers)


def require_office(group_id: UUID) -> None:
    """Refuse to record a meeting here while a phone keeps the group's record. Raises
    PhoneKeepsRecord."""
    if keeps_record(group_id):
        raise PhoneKeepsRecord
