"""What an officer carries who writes down at a meeting that a group shares its dossier: her groups,
to whom it may go, and for what."""

from typing import Any

from handup.groups.consents import PURPOSES
from handup.groups.models import Group
from handup.groups.models.group import GroupStatus
from handup.groups.services.dossiers import SHARE
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.projects.models import Organisation

MOST_GROUPS, MOST_RECIPIENTS = 200, 200


def dossiers_of(reader: StaffUser) -> dict[str, Any] | None:
    """The groups whose vote a reader may write down, the organisations she knows, and what a
    dossier can be for; None where she writes down none."""
    if not grants_for(reader, SHARE):
        return None
    groups = Group.objects.reached_with(reader, SHARE).exclude(status=GroupStatus.CLOSED)
    known = Organisation.objects.visible_to(reader).order_by("name", "id")
    return {
        "groups": [
            {"id": row.pk, "name": row.name} for row in groups.order_by("name", "id")[:MOST_GROUPS]
        ],
        "recipients": [{"id": row.pk, "name": row.name} for row in known[:MOST_RECIPIENTS]],
        "purposes": [purpose.value for purpose in PURPOSES],
    }
