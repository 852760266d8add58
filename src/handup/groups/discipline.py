"""The cash discipline of a group, read from its closed meetings."""

from datetime import date

from django.utils import timezone

from handup.groups.models import Group, GroupFact
from handup.groups.models.facts import MeetingStatus
from handup.groups.rules.discipline import Arrived, Discipline, Told, discipline


def discipline_of(group: Group, since: date, until: date) -> Discipline:
    """The figures of the meetings held after a day and up to another."""
    held = {"held_date__gt": since, "held_date__lte": until, "status": MeetingStatus.CLOSED}
    meetings = group.meetings.filter(**held).order_by("number")
    rows = GroupFact.objects.filter(meeting__in=meetings).order_by("meeting__number", "seq")
    facts = [Told(*row) for row in rows.values_list("meeting", "name", "body")]
    arrived = [
        Arrived(day, timezone.localdate(closed))
        for day, closed in meetings.exclude(closed_at=None).values_list("held_date", "closed_at")
    ]
    return discipline(facts, arrived)
