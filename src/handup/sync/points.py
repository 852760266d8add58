"""What a collector's phone carries: the points where he may take produce in, who delivers there,
and by which chart it is priced."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from handup.groups.models import CollectionPoint, Producer, RateChart
from handup.groups.services.collection import KEEP
from handup.groups.services.deliveries import COLLECT
from handup.org.models import StaffUser
from handup.org.permissions import grants_for, may
from handup.org.web.money import currency_digits

MOST_POINTS, MOST_PRODUCERS = 20, 500


def points_of(reader: StaffUser) -> tuple[list[dict[str, Any]], list[UUID]]:
    """The open points of a reader with their producers, and the persons these are."""
    if not grants_for(reader, COLLECT):
        return [], []
    today = timezone.localdate()
    rows = CollectionPoint.objects.reached_with(reader, COLLECT)
    rows = rows.filter(Q(ended_date=None) | Q(ended_date__gt=today)).select_related("group")
    mine = [
        row
        for row in rows[: 10 * MOST_POINTS]
        if row.collector_id in (None, reader.pk) or may(reader, KEEP, row.group)
    ][:MOST_POINTS]
    groups = {row.group_id for row in mine}
    producers = _producers(reader, groups)
    charts = _charts(groups)
    told = [
        {
            "point_id": row.pk,
            "name": row.name,
            "group": row.group.name,
            "currency": row.group.currency,
            "currency_digits": currency_digits(row.group.currency),
            "charts": charts[row.group_id],
            "producers": [
                {"producer_id": one.pk, "number": one.number, "name": one.shown_name}
                for one in producers[row.group_id]
            ],
        }
        for row in mine
    ]
    named = [one.person_id for rows in producers.values() for one in rows if one.person_id]
    return told, named


def _producers(reader: StaffUser, groups: Iterable[UUID]) -> dict[UUID, list[Producer]]:
    """Of each group its own first numbers: a large one leaves the others theirs."""
    rows = Producer.objects.visible_to(reader).select_related("person", "member__member_group")
    rows = rows.filter(ended_date=None).order_by("number")
    return {group: list(rows.filter(group=group)[:MOST_PRODUCERS]) for group in groups}


def _charts(groups: Iterable[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    """The chart in force and those to come, the newest first: the phone prices as the server
    does."""
    today = timezone.localdate()
    found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    ended: set[UUID] = set()
    for row in RateChart.objects.filter(group__in=groups).order_by("-from_date"):
        if row.group_id in ended:
            continue
        found[row.group_id].append({"from_date": row.from_date, "terms": row.terms})
        if row.from_date <= today:
            ended.add(row.group_id)
    return found
