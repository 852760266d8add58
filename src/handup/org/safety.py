"""The numbers of protection that an institution may set: how long, how often, by when.

`value("protection.incident_hours")` reads one: the setting where it is a whole number within its
bounds, else what the house says. (All of them unverified in protection.md: kept configurable.)
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from handup.org.models import Setting
from handup.org.prepared import prepared


@dataclass(frozen=True, slots=True)
class Number:
    """One number with its bounds, both included."""

    key: str
    title: Any
    default: int
    least: int
    most: int


NUMBERS = {
    number.key: number
    for number in (
        Number(
            "protection.break_glass_minutes", _("Minutes an emergency access lasts"), 60, 5, 180
        ),
        Number("protection.break_glass_review_days", _("Working days to review it"), 2, 1, 30),
        Number(
            "protection.break_glass_count", _("So many of one person open an incident"), 3, 2, 50
        ),
        Number("protection.break_glass_days", _("Days in which they are counted"), 30, 1, 366),
        Number("protection.incident_hours", _("Hours to tell of an incident"), 72, 1, 720),
        Number("protection.review_grant_days", _("Days between reviews of a role"), 92, 30, 366),
        Number("protection.grace_days", _("Days of grace for a review"), 30, 0, 90),
        Number(
            "protection.impact_review_days",
            _("Days until an impact assessment is looked at again"),
            365,
            30,
            1_096,
        ),
        Number("protection.unseen_days", _("Days after which a device is unseen"), 7, 1, 366),
        Number("sync.held_days", _("Days a meeting waits for the one before it"), 30, 1, 365),
        Number("protection.smallest_shown", _("The smallest count that is told"), 5, 3, 100),
        Number(
            "sync.snapshot_days", _("Days a phone keeps what it carries of others"), 30, 14, 180
        ),
        Number("results.good_from", _("Per cent from which a target is reached"), 90, 1, 100),
        Number("results.fair_from", _("Per cent from which it is nearly reached"), 70, 1, 100),
        Number("sync.late_upload_days", _("Days after which a meeting arrives late"), 14, 1, 365),
    )
}


@prepared
def _held(key: str) -> QuerySet[Any, Any]:
    """What an institution set instead of a number of the house."""
    return Setting.objects.filter(key=key).order_by().values_list("value")


def value(key: str) -> int:
    """The number in force."""
    number = NUMBERS[key]
    rows = _held(key)
    held = rows[0][0] if rows else None
    if not isinstance(held, int) or isinstance(held, bool):
        return number.default
    return min(max(held, number.least), number.most)
