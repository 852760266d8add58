"""What an officer carries who writes down at a meeting how a group changes its rules: the few
settings that groups change most, as they stand."""

from typing import Any

from handup.groups.models import Constitution, Group
from handup.groups.models.group import GroupStatus
from handup.groups.rules.constitution import completed
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.org.web.money import currency_digits

ADOPT = "groups.adopt_constitution"
MOST_GROUPS = 200
CHANGED = (
    "share_value_units",
    "shares_max",
    "social_contribution_units",
    "charge_rate_bps",
    "loan_term_periods_max",
    "meeting_interval_days",
    "fine_late_units",
    "fine_absent_units",
)
"""What can be changed on a phone; everything else is voted at the office."""


def rules_of(reader: StaffUser) -> list[dict[str, Any]]:
    """The groups whose vote on their rules a reader may write down, each with its latest version
    and those settings of it."""
    if not grants_for(reader, ADOPT):
        return []
    rows = Group.objects.reached_with(reader, ADOPT).exclude(status=GroupStatus.CLOSED)
    groups = list(rows.order_by("name", "id")[:MOST_GROUPS])
    latest: dict[Any, Constitution] = {}
    for held in Constitution.objects.filter(group__in=groups).order_by("version"):
        latest[held.group_id] = held
    return [
        {
            "group_id": row.pk,
            "name": row.name,
            "currency": row.currency,
            "currency_digits": currency_digits(row.currency),
            "version": latest[row.pk].version,
            "settings": {name: completed(latest[row.pk].settings)[name] for name in CHANGED},
        }
        for row in groups
        if row.pk in latest
    ]
