"""Collection sheets: of an officer, a centre or a village and a day, on the screen and on paper,
closed when what was counted is what is written.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlencode
from uuid import UUID

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
from handup.lending.models import (
    EarlierRecord,
    Lender,
    Loan,
)
from handup.lending.nameless import named_only
from handup.lending.rules.collection import STALE_DAYS, days_old
from handup.lending.services.collecting import SheetOf
from handup.lending.services.days import PROPOSE
from handup.lending.services.sheet_lines import COLLECT, CollectedIn
from handup.lending.services.told_again import held_of
from handup.lending.views.steps import LatePage
from handup.org import reads
from handup.org.models import Area, StaffUser
from handup.org.permissions import may, require
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Header

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


class CollectionSheet(Asked, LatePage):
    """The sheet of a day: what should come in, and what did."""

    form_class = SheetForm
    permission = COLLECT
    title = _("Collection sheet")
    verb = _("Close the collection")
    template = "lending/collection_sheet.html"

    @cached_property
    def lines(self) -> Sequence[Line]:
        """Those of the page; of a sheet that was sent, those it names, whatever is due by now."""
        if self.request.method != "POST":
            found = [*self.sheet.page(self.page_number), *self._unexpected()]
            self.note(found, "LIST")
            return found
        found = lines_named(self.on, self.loans.filter(pk__in=self._named))
        self.note(found, "LIST")
        return found

    @cached_property
    def _named(self) -> list[UUID]:
        """The loans of a sheet that was sent."""
        told = {_id(key[5:]) for key in self.request.POST if key.startswith("paid_")} - {None}
        return sorted(pk for pk in told if pk is not None)[:MOST_NAMED]

    @cached_property
    def strays(self) -> Sequence[UUID]:
        """Those of them that are not on her list: their money lies on suspense."""
        here = {line.loan.pk for line in self.lines}
        return [pk for pk in self._named if pk not in here]

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
        """That of the lines; of a sheet without any, of the till."""
        if self.lines:
            return self.lines[0].loan.currency
        tills = Lender.objects.visible_to(self.staff).filter(book__isnull=False).order_by("name")
        till = None if self.sheet.currency else tills.first()
        return till.currency if till else self.sheet.currency

    def form_options(self) -> dict[str, Any]:
        """The lines; why only now is asked of who may back-date."""
        late = may(self.staff, PROPOSE)
        options = {"lines": self.lines, "currency": self.currency, "late": late}
        return {**options, "strays": self.strays}

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
        lines = collected(values, self.lines, self.strays)
        if values.get("late_reason"):
            return self._propose(values, lines)
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

    def _propose(self, values: dict[str, Any], lines: Sequence[CollectedIn]) -> EarlierRecord:
        """The sheet as it waits for another person."""
        sheet = self._sheet_of()
        return services.propose_collection(
            acting_staff=self.staff,
            lines=lines,
            value_date=self.on,
            proposed_date=timezone.localdate(),
            reason=values["late_reason"],
            id=self.new_id,
            counted_units=values["counted"],
            data_date=values["data_date"],
            compared=values["compared"],
            officer=sheet.officer,
            group=sheet.group,
            area=sheet.area,
        )

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
        said = [
            ngettext(
                "The collection is closed: %(n)s repayment is recorded.",
                "The collection is closed: %(n)s repayments are recorded.",
                count,
            )
            % {"n": count}
        ]
        stray = sum(line.units for line in result.stray_lines.all())
        if stray:
            text = _now("%(amount)s is of loans that are not on your list: it lies on suspense.")
            said.append(text % {"amount": format_money(stray, result.currency)})
        held = held_of(result)
        if held is not None:
            waits = _now("%(amount)s looks recorded already and waits for another person.")
            said.append(waits % {"amount": format_money(held.units, held.currency)})
        return " ".join(said)


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
