"""Who saw one person: the read log cut down to her, for those who read the log, and for the focal
points on the team of her case.
"""

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.classes import DataClass
from handup.org.models import ReadEntry
from handup.org.permissions import OutOfSight, require
from handup.org.web.lists import Choice, Column, DateRange, EmptyState, Kind, ListPage
from handup.org.web.settings.trails import roles_of
from handup.people.models import Compartment, Person
from handup.people.queries.merging import all_ids, current_id

VIEW = "org.view_reads"
LEAD = "people.open_compartment"


def _naming(person: Any) -> Q:
    """Entries that name her, under any id she had before her records were made one."""
    return reduce(or_, (Q(persons__icontains=str(pk)) for pk in all_ids(person)))


class ReadBy(ListPage):
    """Every request that showed her; ids only, so nothing of her is told. What showed a restricted
    case is left out: it would tell that she has one (`org:restricted_read_list` lists it).
    """

    model = ReadEntry
    permission = VIEW
    title = _("Who saw her")
    intro = _("Every page, search and export that showed this person, the latest first.")
    columns: ClassVar[Sequence[Column]] = (
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

    def enter(self, staff: Any) -> None:
        """Whom the reader's grants do not reach does not exist."""
        super().enter(staff)
        person = current_id(self.kwargs["pk"])
        if not Person.objects.reached_with(staff, VIEW).filter(pk=person).exists():
            raise Http404

    def rows(self) -> QuerySet[Any]:
        """Those that name her, a restricted case aside."""
        rows: QuerySet[Any] = super().rows()
        return rows.filter(_naming(self.kwargs["pk"])).exclude(highest=DataClass.R.value)


class CaseSeen(ReadBy):
    """Every request that showed whom a case is about, or asked for her in vain, for the focal
    points of its team: they alone oversee who reads of her by name (docs/decisions/0015).
    """

    permission = LEAD
    columns = (*ReadBy.columns, Column("roles", _("Roles"), value=roles_of))
    case: Compartment

    def enter(self, staff: Any) -> None:
        """Who is not on the team is answered as if there were no such case."""
        require(staff, LEAD)
        row = Compartment.objects.visible_to(staff).filter(pk=self.kwargs["pk"]).first()
        if row is None:
            raise OutOfSight
        self.case = row

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """It goes into the read log as well."""
        shown = super().get(request, *args, **kwargs)
        reads.note(request, [self.case.person_id], action="VIEW", highest=DataClass.R.value)
        return shown

    def rows(self) -> QuerySet[Any]:
        """All that name her; nothing of them goes into a file."""
        rows = ReadEntry.objects.filter(_naming(current_id(self.case.person_id)))
        return rows.none() if self.request.GET.get("export") else rows.select_related("staff")
