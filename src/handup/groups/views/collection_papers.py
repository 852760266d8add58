"""The papers of a collection point."""

from handup.groups.models import CollectionPoint
from handup.groups.paper_collection import day_list_pdf, empty_pad_pdf
from handup.groups.views.collection import (
    day_asked,
    deliveries_seen,
    note_producers,
    producers_seen,
)
from handup.groups.views.papers import Paper


class DayList(Paper):
    """What was brought to a point on a day (`?on=`; today where none is asked for)."""

    model = CollectionPoint
    permission = "groups.view_member"
    related = ("group",)
    name = "day"

    def pdf(self, record: CollectionPoint) -> bytes:
        """Set it."""
        on = day_asked(self.request.GET.get("on"))
        rows = deliveries_seen(self.staff, point=record, delivered_date=on, is_reversed=False)
        note_producers(self.request, [row.producer for row in rows])
        return day_list_pdf(record, on, rows)


class EmptyPad(Paper):
    """A pad to write on."""

    model = CollectionPoint
    permission = "groups.view_member"
    related = ("group",)
    name = "pad"

    def pdf(self, record: CollectionPoint) -> bytes:
        """Set it."""
        rows = producers_seen(self.staff, record.group)
        note_producers(self.request, rows)
        return empty_pad_pdf(record, rows)
