"""Collection sheets: of an officer, a centre or a village and a day, on the screen and on paper,
closed when what was counted is what is written; and the collections that were closed.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views import View

from handup.groups.models import Group
from handup.lending import services
from handup.lending.collecting import (
    Line,
    Offered,
    Part,
    Sheet,
    Which,
    lines_named,
    offered,
    part_name,
    parts_of,
    sheet_of,
)
from handup.lending.collection_forms import SheetForm, collected
from handup.lending.models import Collection, CollectionLine, EarlierRecord, Loan
from handup.lending.nameless import named_only
from handup.lending.rules.codes import EarlierKind
from handup.lending.rules.collection import STALE_DAYS, days_old
from handup.lending.services.collecting import COLLECT, CollectedIn, SheetOf
from handup.lending.services.days import PROPOSE
from handup.lending.services.told_again import held_of
from handup.lending.views.steps import EarlierPage
from handup.org import reads
from handup.org.models import Area, StaffUser
from handup.org.permissions import may, require
from handup.org.web.columns import Column, Kind, Tone
from handup.org.web.lists import DateRange, EmptyState, ListPage, Total
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile

MOST_NAMED = 500
BLANK_ROWS = 8
"""For who pays though nobody expected it: empty on paper, asked for by number on the screen."""


class PageLink(NamedTuple):
    """One page of a sheet: from whom to whom, and whether it is this one."""

    number: int
    title: str
    href: str
    here: bool


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class Asked:
    """What the address asks for: a day, whose sheet, which page."""

    request: HttpRequest
    staff: Any

    @cached_property
    def on(self) -> date:
        """The day of the sheet, today unless asked."""
        try:
            return date.fromisoformat(self.request.GET.get("day", ""))
        except ValueError:
            return timezone.localdate()

    @cached_property
    def which(self) -> Which:
        """Whose sheet; everyone's when not chosen."""
        told = self.request.GET
        officer, group, area = (_id(told.get(name, "")) for name in ("officer", "group", "area"))
        return Which(officer, group, area, told.get("currency", "")[:3].upper())

    @cached_property
    def loans(self) -> Any:
        """The loans she may see, by name."""
        return named_only(Loan.objects.visible_to(self.staff), self.staff)

    @cached_property
    def sheet(self) -> Sheet:
        """All lines of it."""
        return sheet_of(self.on, self.which, self.loans)

    @cached_property
    def choices(self) -> Offered:
        """Whose sheets there are."""
        return offered(self.loans)

    @property
    def page_number(self) -> int:
        """The page asked for, the first unless it is one."""
        text = self.request.GET.get("page", "")
        return int(text) if text.isdecimal() and len(text) < 6 else 1

    def query(self, **more: object) -> str:
        """The same sheet in an address."""
        told: dict[str, object] = {"day": self.on.isoformat()}
        told |= {name: value for name, value in self.which._asdict().items() if value}
        return urlencode({**told, **more})

    def named(self) -> list[str]:
        """Whose sheet it is, in words."""
        found = []
        for pk, pairs in (
            (self.which.officer, self.choices.officers),
            (self.which.group, self.choices.groups),
            (self.which.area, self.choices.areas),
        ):
            found += [name for other, name in pairs if other == pk]
        return found

    def note(self, lines: Sequence[Line], action: str) -> None:
        """Write down whose lines were shown."""
        persons = [line.loan.person_id for line in lines if line.loan.person_id]
        reads.note(self.request, persons=persons, action=action, highest="P")


class CollectionSheet(Asked, EarlierPage):
    """The sheet of a day: what should come in, and what did."""

    form_class = SheetForm
    permission = COLLECT
    title = _("Collection sheet")
    verb = _("Close the collection")
    earlier = EarlierKind.COLLECTION
    template = "lending/collection_sheet.html"

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Those of the page; of a sheet that was sent, those it names, whatever is due by now."""
        if self.request.method != "POST":
            found = [*self.sheet.page(self.page_number), *self._unexpected()]
            self.note(found, "LIST")
            return found
        posted = self.request.POST
        named = {_id(key[5:]) for key in posted if key.startswith("paid_")} - {None}
        ids = sorted(pk for pk in named if pk is not None)[:MOST_NAMED]
        found = lines_named(self.on, self.loans.filter(pk__in=ids))
        self.note(found, "LIST")
        return found

    def _unexpected(self) -> Sequence[Line]:
        """Loans she asks for by number, for who pays though nothing is due; in the money of the
        sheet.
        """
        codes = self.request.GET.get("more", "").replace(",", " ").split()[:BLANK_ROWS]
        if not codes:
            return ()
        there = {line.loan.pk for line in self.sheet.page(self.page_number)}
        loans = self.loans.filter(code__in=[code.upper() for code in codes])
        if self.sheet.currency:
            loans = loans.filter(currency=self.sheet.currency)
        return lines_named(self.on, loans.exclude(pk__in=there))

    @property
    def currency(self) -> str:
        """That of the lines."""
        return self.lines[0].loan.currency if self.lines else self.sheet.currency

    def form_options(self) -> dict[str, Any]:
        """The lines; why only now is asked of who may back-date."""
        late = may(self.staff, PROPOSE)
        return {"lines": self.lines, "currency": self.currency, "late": late}

    def initial(self) -> dict[str, Any]:
        """Made on its day, unless the address says when it was printed."""
        try:
            made = date.fromisoformat(self.request.GET.get("made", ""))
        except ValueError:
            made = min(timezone.localdate(), self.on)
        return {"data_date": made}

    def context(self) -> dict[str, Any]:
        """Day and whose sheets there are, the totals of all of it, the other pages."""
        return {
            "day": self.on,
            "which": self.which,
            "choices": self.choices,
            "currency": self.currency,
            "sheet": self.sheet,
            "pages": self._pages(),
            "paper": f"{reverse('lending:collection_paper')}?{self.query()}",
            "receipt": f"{reverse('lending:collection_receipt')}?{self.query()}",
            "file": f"{reverse('lending:collection_file')}?{self.query(page=self.page_number)}",
            "more": self.request.GET.get("more", ""),
            "old": self._old(),
        }

    def _pages(self) -> list[PageLink]:
        if len(self.sheet.pages) < 2:
            return []
        found = []
        for number in range(1, len(self.sheet.pages) + 1):
            parts = parts_of(self.sheet.page(number))
            names = list(dict.fromkeys((part_name(parts[0]), part_name(parts[-1]))))
            href = f"?{self.query(page=number)}"
            found.append(PageLink(number, " – ".join(names), href, number == self.page_number))
        return found

    def _old(self) -> str:
        """That the sheet whose making the address tells is old; empty when it is not."""
        days = days_old(min(self.initial()["data_date"], self.on), self.on)
        if days <= STALE_DAYS:
            return ""
        text = ngettext(
            "This sheet is %(days)s day old: what was paid since is not on it.",
            "This sheet is %(days)s days old: what was paid since is not on it.",
            days,
        )
        return text % {"days": days}

    def perform(self, values: dict[str, Any]) -> Any:
        """Close it, all or nothing, or propose it so; the sheet sent twice counts once."""
        lines = collected(values, self.lines)
        if values.get("late_reason"):
            return self.propose(values["late_reason"], self.on, self._told(values, lines))
        return services.report_collection(
            acting_staff=self.staff,
            held_date=self.on,
            counted_units=values["counted"],
            lines=lines,
            data_date=values["data_date"],
            compared=values["compared"],
            sheet=self._sheet_of(),
            separate=values["separate"],
            id=self.new_id,
        )

    def _told(self, values: dict[str, Any], lines: Sequence[CollectedIn]) -> dict[str, Any]:
        """The sheet as it waits for another person."""
        sheet = self._sheet_of()
        kept = [[str(each.loan), each.units, each.absent] for each in lines if each.kept]
        return {
            "counted_units": values["counted"],
            "lines": kept,
            "data_date": values["data_date"],
            "compared": values["compared"],
            "officer": sheet.officer,
            "group": sheet.group,
            "area": sheet.area,
        }

    def _sheet_of(self) -> SheetOf:
        """Whose sheet it was, of those there are."""

        def one(model: Any, pk: UUID | None) -> Any:
            return None if pk is None else model.objects.filter(pk=pk).first()

        officer, group, area, _currency = self.which
        return SheetOf(one(StaffUser, officer), one(Group, group), one(Area, area))

    def success_url(self, result: Any) -> str:
        """The collection; the sheets there are while it waits."""
        if isinstance(result, EarlierRecord):
            return reverse("lending:collection_list")
        return super().success_url(result)

    def done_message(self, result: Any) -> str:
        """How much was recorded, or that it waits."""
        if isinstance(result, EarlierRecord):
            return super().done_message(result)
        count = result.lines.exclude(event=None).count()
        done = ngettext(
            "The collection is closed: %(n)s repayment is recorded.",
            "The collection is closed: %(n)s repayments are recorded.",
            count,
        ) % {"n": count}
        held = held_of(result)
        if held is None:
            return done
        amount = format_money(held.units, held.currency)
        waits = _now("%(amount)s looks recorded already and waits for another person.")
        return f"{done} {waits % {'amount': amount}}"


class SheetPaper(Asked, View):
    """The sheet on A4, to be filled in by hand: every line, by officer and centre."""

    template = "lending/collection_paper.html"
    paper = "a4"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Print it."""
        self.staff = request.user
        require(self.staff, COLLECT)
        self.note(self.sheet.lines, "PRINT")
        made = timezone.localtime()
        parts: list[tuple[str, Part]] = [
            (part_name(part), part) for part in parts_of(self.sheet.lines)
        ]
        back = f"{reverse('lending:collection_sheet')}?{self.query()}"
        context = {
            "page": self,
            "title": _("Collection sheet"),
            "header": Header(
                _("Collection sheet"),
                " · ".join([format_day(self.on), *self.named()]),
                crumbs=(Crumb(_("Collection sheet"), back),),
            ),
            "made": made,
            "sheet": self.sheet,
            "parts": parts,
            "enter": f"{back}&made={made.date().isoformat()}",
            "blank_rows": range(BLANK_ROWS),
        }
        return render(request, self.template, context)


class SheetReceipt(SheetPaper):
    """The same for a receipt printer of 58 mm."""

    template = "lending/collection_receipt.html"
    paper = "receipt"


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

    def tiles(self) -> Sequence[Tile]:
        """What came in, from how many, who was absent."""
        paid = [line for line in self.lines if line.units]
        total = sum(line.units for line in paid)
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
        return [Table(_("Lines"), columns, self.lines)]


def _became(line: CollectionLine) -> str:
    """The page of the payment a line became, or of the cash nothing could be paid with."""
    if line.event_id:
        return reverse("lending:event_detail", args=[line.event_id])
    return reverse("lending:stray_detail", args=[line.stray_id]) if line.stray_id else ""
