"""The collections that were closed: what came in, who was absent, what lies on suspense."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from handup.lending.models import Collection, CollectionLine, StrayCash, StrayLine
from handup.lending.rules.collection import STALE_DAYS, days_old
from handup.org import reads
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.lists import DateRange, EmptyState, ListPage, Total
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile


class CollectionList(ListPage):
    """Collections that were closed, the newest first."""

    model = Collection
    permission = "lending.view_collection"
    title = _("Collections")
    related = ("officer", "group", "area", "recorded_by")
    columns = (
        Column("held_date", _("Day"), Kind.LINK, url_name="lending:collection_detail"),
        Column("officer.display_name", _("Officer")),
        Column("group.name", _("Centre")),
        Column("area", _("Village"), value=lambda row: str(row.area or "")),
        Column("paid_units", _("Collected"), Kind.MONEY),
        Column("absent_count", _("Absent"), Kind.NUMBER),
        Column("recorded_by.display_name", _("Recorded by")),
    )
    filters = (DateRange("held", _("Day"), "held_date"),)
    order = "-pk"
    totals = (Total(_("Collected"), "paid_units", Kind.MONEY, "currency"),)
    empty = EmptyState(_("No collections yet"), _("A collection sheet that is closed stands here."))

    def rows(self) -> Any:
        """Each with what came in and who was absent, of the loans she may see."""
        reader: Any = self.request.user
        lines = CollectionLine.objects.visible_to(reader).filter(collection=OuterRef("pk"))
        grouped = lines.order_by().values("collection")
        paid = grouped.annotate(n=Sum("units")).values("n")
        absent = grouped.annotate(n=Count("pk", filter=Q(absent=True))).values("n")
        return (
            super()
            .rows()
            .annotate(
                paid_units=Coalesce(Subquery(paid), 0), absent_count=Coalesce(Subquery(absent), 0)
            )
        )


class CollectionPage(RecordPage):
    """One collection: what came in from whom, who was absent."""

    model = Collection
    permission = "lending.view_collection"
    related = ("officer", "group", "area", "office", "recorded_by")

    @cached_property
    def lines(self) -> list[CollectionLine]:
        """The lines of loans she may see."""
        rows = CollectionLine.objects.visible_to(self.staff).filter(collection=self.record)
        found = list(
            rows.select_related("loan__person", "loan__enterprise", "loan__group", "event")
        )
        persons = [line.loan.person_id for line in found if line.loan.person_id]
        reads.note(self.request, persons=persons, action="LIST", highest="P")
        return sorted(found, key=lambda line: (str(line.loan.borrower), line.loan.code))

    def header(self) -> Header:
        """The day, whose sheet."""
        row = self.record
        whose = [str(one) for one in (row.officer, row.group, row.area) if one is not None]
        return Header(
            _now("Collection of %(day)s") % {"day": format_day(row.held_date)},
            " · ".join(whose),
            crumbs=(Crumb(_("Collections"), reverse("lending:collection_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """That the sheet was an old one."""
        days = days_old(self.record.data_date, self.record.held_date)
        if days <= STALE_DAYS:
            return []
        text = ngettext(
            "The sheet was %(days)s day old when it was entered.",
            "The sheet was %(days)s days old when it was entered.",
            days,
        )
        return [(Tone.WARN, text % {"days": days})]

    @cached_property
    def strays(self) -> list[tuple[StrayCash, str]]:
        """Cash of loans nobody knew, with what the sheet says where she may read it."""
        cash = StrayCash.objects.visible_to(self.staff).filter(stray_line__collection=self.record)
        lines = StrayLine.objects.visible_to(self.staff).filter(collection=self.record)
        words = dict(lines.exclude(stray=None).values_list("stray", "words"))
        return [(row, words.get(row.pk, "")) for row in cash.order_by("stray_line__place")]

    def tiles(self) -> Sequence[Tile]:
        """What came in, from how many, who was absent."""
        paid = [line for line in self.lines if line.units]
        total = sum(line.units for line in paid) + sum(row.units for row, _words in self.strays)
        return [
            Tile(_("Collected and counted"), format_money(total, self.record.currency)),
            Tile(_("Paid"), str(len(paid))),
            Tile(_("Absent"), str(sum(line.absent for line in self.lines))),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Who recorded it, of which day the sheet was."""
        row = self.record
        return [
            FactGroup(
                _("Collection"),
                [
                    Fact(_("Collected on"), row.held_date),
                    Fact(_("The sheet was made on"), row.data_date),
                    Fact(_("Office"), row.office),
                    Fact(_("Recorded by"), row.recorded_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Every line, with the payment it became."""
        columns = (
            Column("loan.borrower", _("Borrower"), value=lambda line: str(line.loan.borrower)),
            Column(
                "loan.code",
                _("Loan"),
                href=lambda line: reverse("lending:loan_detail", args=[line.loan_id]),
            ),
            Column(
                "units",
                _("Paid"),
                Kind.MONEY,
                currency=self.record.currency,
                href=_became,
            ),
            Column("absent", _("Absent"), value=lambda line: _now("absent") if line.absent else ""),
            Column(
                "stray",
                _("Note"),
                value=lambda line: _now("lies on suspense") if line.stray_id else "",
            ),
        )
        tables = [Table(_("Lines"), columns, self.lines)]
        if self.strays:
            others = (
                Column("words", _("What the sheet says"), value=lambda pair: pair[1]),
                Column(
                    "units",
                    _("Paid"),
                    Kind.MONEY,
                    currency=self.record.currency,
                    value=lambda pair: pair[0].units,
                    href=lambda pair: pair[0].get_absolute_url(),
                ),
            )
            tables.append(Table(_("Of loans on no list: on suspense"), others, self.strays))
        return tables


def _became(line: CollectionLine) -> str:
    """The page of the payment a line became, or of the cash nothing could be paid with."""
    if line.event_id:
        return reverse("lending:event_detail", args=[line.event_id])
    return reverse("lending:stray_detail", args=[line.stray_id]) if line.stray_id else ""
