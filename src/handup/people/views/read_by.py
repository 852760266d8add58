"""Who saw one person: the read log cut down to her, for those who read the log."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from handup.org.models import ReadEntry
from handup.org.permissions import require
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.people.models import Person
from handup.people.queries.merging import all_ids, current_id

VIEW = "org.view_reads"


class ReadBy(ListPage):
    """Every request that showed her; ids only, so nothing of her is told."""

    model = ReadEntry
    permission = VIEW
    title = _("Who saw her")
    intro = _("Every page, search and export that showed this person, the latest first.")
    columns = (
        Column("at", _("When"), Kind.INSTANT, sort="pk"),
        Column("staff", _("Staff")),
        Column("action", _("How")),
        Column("door", _("Door")),
        Column("highest", _("Class")),
        Column("purpose", _("Purpose")),
    )
    filters = (
        Choice("action", _("How"), ReadEntry._meta.get_field("action").choices or ()),
        DateRange("day", _("Day"), "at__date"),
    )
    related = ("staff",)
    empty = EmptyState(_("Nobody saw her"), _("Nothing that showed her is in the read log."))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Whom the reader's grants do not reach does not exist."""
        staff: Any = request.user
        require(staff, VIEW)
        person = current_id(kwargs["pk"])
        if not Person.objects.reached_with(staff, VIEW).filter(pk=person).exists():
            raise Http404
        return super().get(request, *args, **kwargs)

    def rows(self) -> QuerySet[Any]:
        """Those that name her, under any id she had before her records were made one."""
        rows: QuerySet[Any] = super().rows()
        named = (Q(persons__icontains=str(pk)) for pk in all_ids(self.kwargs["pk"]))
        return rows.filter(reduce(or_, named))
