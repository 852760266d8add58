"""The trails for the data protection officer and the auditor: who did what, who saw whom."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.encoding import force_str
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from handup.org import audit, reads
from handup.org.models import AuditLine, ReadEntry, StaffUser
from handup.org.web import labels
from handup.org.web.acts import spoken
from handup.org.web.columns import Column, Kind
from handup.org.web.filters import Choice, DateRange, Search
from handup.org.web.lists import EmptyState, ListPage


def facts_of(line: AuditLine) -> str:
    """The codes of a line, in one row."""
    return " · ".join(f"{name}: {value}" for name, value in line.facts.items())


class AuditList(ListPage):
    """Every write, with who made it; ids and codes only."""

    model = AuditLine
    permission = "org.view_audit"
    title = _("Who did what")
    intro = _("Every write, with who made it. The lines hold codes and numbers, never names.")
    columns = (
        Column("recorded_at", _("When"), Kind.INSTANT, sort="pk"),
        Column("staff", _("Staff")),
        Column("said", _("What"), sort="action", value=lambda line: capfirst(spoken(line.action))),
        Column("action", _("Code"), shown=False),
        Column("object_type", _("On")),
        Column("object_id", _("Number")),
        Column("facts", _("Facts"), value=facts_of),
    )
    filters = (
        Search(("action", "object_id"), label=_("What, or number")),
        DateRange("day", _("Day"), "recorded_at__date"),
    )
    related = ("staff",)
    empty = EmptyState(
        _("Nothing was written yet"),
        _("Each act of anybody is written down here by itself: nobody has to fill it in."),
    )

    def rows(self) -> QuerySet[Any]:
        """The general trail as she may see it."""
        assert isinstance(self.request.user, StaffUser)
        return audit.trail_for(self.request.user).select_related("staff")


def roles_of(entry: ReadEntry) -> str:
    """The roles a reader held then."""
    return ", ".join(force_str(labels.role(code)) for code in entry.roles)


class ReadList(ListPage):
    """Every request that showed persons the reader may know of. The numbers of the chain are not
    told: a gap would say that somebody hidden was read.
    """

    model = ReadEntry
    permission = "org.view_reads"
    title = _("Who saw whom")
    intro = _("Every page, search and export that showed persons, in a chain nobody can mend.")
    columns = (
        Column("at", _("When"), Kind.INSTANT, sort="pk"),
        Column("staff", _("Staff")),
        Column("roles", _("Roles"), value=roles_of, shown=False),
        Column("action", _("How")),
        Column("door", _("Door"), shown=False),
        Column("persons", _("Persons"), Kind.NUMBER, value=lambda entry: len(entry.persons)),
        Column("highest", _("Class")),
        Column("purpose", _("Purpose")),
        Column("request_id", _("Request"), shown=False),
    )
    filters = (
        Choice("action", _("How"), ReadEntry._meta.get_field("action").choices or ()),
        Choice("highest", _("Class"), (("P", "P"), ("S", "S"), ("R", "R"))),
        DateRange("day", _("Day"), "at__date"),
    )
    related = ("staff",)
    empty = EmptyState(
        _("Nobody was seen yet"),
        _("Each page that shows a person is written down here by itself, before it is shown."),
    )
    as_seen = staticmethod(reads.without_hidden)

    def rows(self) -> QuerySet[Any]:
        """The log as she may see it."""
        assert isinstance(self.request.user, StaffUser)
        return reads.entries_for(self.request.user).select_related("staff")


class RestrictedReadList(ListPage):
    """Every request that showed somebody hidden or what lies in a restricted case: who, when, how
    and how many, for those who oversee the readers. Whom it showed is on no column: the team of her
    case alone sees that, on the page of the case.
    """

    model = ReadEntry
    permission = "org.view_restricted_reads"
    title = _("Who saw somebody restricted")
    intro = _(
        "Every page, search and export that showed somebody you may not know of, or what lies in a"
        " restricted case. It says who, when, how and how many, never whom."
    )
    columns = (
        Column("at", _("When"), Kind.INSTANT, sort="pk"),
        Column("staff", _("Staff")),
        Column("roles", _("Roles"), value=roles_of),
        Column("action", _("How")),
        Column("door", _("Door"), shown=False),
        Column("whom", _("Whom"), value=lambda entry: _("somebody restricted")),
        Column("persons", _("Persons"), Kind.NUMBER, value=lambda entry: len(entry.persons)),
    )
    filters = (
        Choice("action", _("How"), ReadEntry._meta.get_field("action").choices or ()),
        DateRange("day", _("Day"), "at__date"),
    )
    related = ("staff",)
    empty = EmptyState(
        _("Nobody restricted was seen"),
        _("Each page that shows somebody restricted is written down here by itself."),
    )
    as_seen = staticmethod(reads.masked)

    def rows(self) -> QuerySet[Any]:
        """What she oversees."""
        assert isinstance(self.request.user, StaffUser)
        return reads.entries_of_restricted(self.request.user).select_related("staff")
