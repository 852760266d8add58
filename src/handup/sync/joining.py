"""What an officer carries who writes down away from the office that somebody joins a group."""

from typing import Any

from handup.groups.models import Group
from handup.groups.models.group import GroupStatus
from handup.org.models import StaffUser
from handup.org.permissions import grants_for

ADMIT = "groups.admit_member"
MOST_GROUPS = 200


def joining_of(reader: StaffUser) -> dict[str, Any]:
    """The groups a reader admits members to, by name, as `joining`, and how many of them there are
    beyond those, as `joining_left`; none where she admits nobody."""
    if not grants_for(reader, ADMIT):
        return {"joining": [], "joining_left": 0}
    rows = Group.objects.reached_with(reader, ADMIT).exclude(status=GroupStatus.CLOSED)
    found = [{"id": row.pk, "name": row.name} for row in rows.order_by("name", "id")[:MOST_GROUPS]]
    left = rows.count() - MOST_GROUPS if len(found) == MOST_GROUPS else 0
    return {"joining": found, "joining_left": max(0, left)}
