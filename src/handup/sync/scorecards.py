"""What an officer carries who grades groups away from the office: her groups and their cards."""

from typing import Any

from django.utils.translation import gettext

from handup.groups.models import Group
from handup.groups.models.group import GroupStatus
from handup.groups.scorecards import cards
from handup.groups.services.scoring import ASSESS
from handup.org.models import StaffUser
from handup.org.permissions import grants_for

MOST_GROUPS = 200


def scoring_of(reader: StaffUser) -> dict[str, Any] | None:
    """The groups a reader may grade and the cards that fit them, in the language asked for; None
    where she grades none."""
    if not grants_for(reader, ASSESS):
        return None
    rows = Group.objects.reached_with(reader, ASSESS).exclude(status=GroupStatus.CLOSED)
    groups = list(rows.order_by("name", "id")[:MOST_GROUPS])
    kinds = {group.kind for group in groups}
    return {
        "groups": [{"id": group.pk, "name": group.name, "kind": group.kind} for group in groups],
        "cards": [
            {
                "code": card.code,
                "version": card.version,
                "title": gettext(card.title),
                "kinds": sorted(card.kinds),
                "criteria": [
                    {
                        "no": asked.no,
                        "section": gettext(asked.section),
                        "text": gettext(asked.text),
                        "points": asked.points,
                    }
                    for asked in card.criteria
                ],
            }
            for card in cards().values()
            if card.kinds & kinds
        ],
    }
