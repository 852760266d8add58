"""Record, figures, queue and paper pages: what a page holds, ready for the page-kind templates.

A record page is a subclass that says what stands where:

    class LoanPage(RecordPage):
        model = Loan
        permission = "lending.view_loan"
        related = ("person",)

        def header(self): return Header(self.record.number, state=State(...), primary=Action(...))
        def facts(self): return [FactGroup(_("Terms"), [Fact(_("Amount"), format_money(...))])]
        def timeline(self): return [Moment(event.value_date, _("Disbursed"), ...)]
        def tables(self): return [Table(_("Instalments"), columns, rows)]
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.encoding import force_str
from django.utils.translation import gettext
from django.views import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.web.charts import Chart
from handup.org.web.columns import Cell, Column, Kind, Label, State, Tone, read_path, rows_of_cells
from handup.org.web.filters import whole_number
from handup.org.web.lists import Action, EmptyState
from handup.org.web.money import format_day, format_instant, format_number
from handup.org.web.way import Crumb, way_to

__all__ = [
    "Action",
    "Chart",
    "Crumb",
    "Fact",
    "FactGroup",
    "FiguresPage",
    "Header",
    "Moment",
    "PaperPage",
    "QueuePage",
    "RecordPage",
    "State",
    "Table",
    "Tile",
    "Tone",
]


# So many letters of a tile's value fit half a telephone.
FITS_HALF = 12
# And so many of what it is of, in smaller letters.
OF_FITS_HALF = 24


@dataclass(frozen=True)
class Header:
    """The top of a page: who or what it is, its state, the one thing to do next."""

    title: Label
    subtitle: Label = ""
    state: State | None = None
    primary: Action | None = None
    actions: Sequence[Action] = ()
    crumbs: Sequence[Crumb] = ()


@dataclass(frozen=True)
class Fact:
    """One fact: label and value; `href` opens what it refers to, `secret` shows ••• until asked
    for.
    """

    label: Label
    value: Any
    href: str = ""
    hint: Label = ""

    @property
    def shown(self) -> str:
        """The value in words; a dash when nothing is known."""
        if self.value is None or self.value == "":
            return "\u2013"
        if isinstance(self.value, datetime):
            return format_instant(self.value)
        if isinstance(self.value, date):
            return format_day(self.value)
        return force_str(self.value)


@dataclass(frozen=True)
class FactGroup:
    """Facts under one heading."""

    title: Label
    facts: Sequence[Fact]


@dataclass(frozen=True)
class Moment:
    """One step of a time line; `ahead` marks what has not happened yet."""

    when: date | datetime | None
    title: Label
    text: Label = ""
    href: str = ""
    tone: Tone = Tone.PLAIN
    ahead: bool = False

    @property
    def day(self) -> str:
        """The day in words."""
        if isinstance(self.when, datetime):
            return format_instant(self.when)
        return format_day(self.when) if self.when else ""


@dataclass(frozen=True)
class Table:
    """A table on a page: a caption, columns and rows, its words when empty, where the rest is;
    `struck` for rows that do not count any more.
    """

    title: Label
    columns: Sequence[Column]
    rows: Iterable[Any]
    empty: EmptyState | None = None
    more: Action | None = None
    footer: Sequence[str] = ()
    struck: bool = False

    def foot(self) -> list[Cell]:
        """The footer under its columns; a column without a text stays empty."""
        texts = [*self.footer, *("" for _ in self.columns)]
        return [
            Cell(Kind(column.kind), texts[index], label=force_str(column.label))
            for index, column in enumerate(self.columns)
        ]

    def body(self) -> list[list[Cell]]:
        """The rows as cells."""
        return rows_of_cells(self.columns, self.rows)


@dataclass(frozen=True)
class Tile:
    """A figure that opens: the number in words, what it is of, how it is counted, where its records
    are.

    `share_ppm` draws a bar meter; `interval` and `n` belong to a sample's figure.
    """

    label: Label
    value: Label
    of: Label = ""
    how: Label = ""
    href: str = ""
    interval: Label = ""
    n: int | None = None
    change: Label = ""
    tone: Tone = Tone.PLAIN
    share_ppm: int | None = None

    @property
    def wide(self) -> bool:
        """Whether the value needs the width of a telephone to stand on one line."""
        return len(force_str(self.value)) > FITS_HALF or len(force_str(self.of)) > OF_FITS_HALF

    @staticmethod
    def of_all(count: int) -> str:
        """What the number is of: "of 2,300"."""
        return gettext("of %(all)s") % {"all": format_number(count)}

    @property
    def percent(self) -> int:
        """The bar's filled part, 0 to 100."""
        return max(0, min(100, round((self.share_ppm or 0) / 10_000)))


class RecordPage(View):
    """One record the reader may see: header, facts, time line, tables."""

    model: ClassVar[Any]
    permission: ClassVar[str] = ""
    related: ClassVar[Sequence[str]] = ()
    person_path: ClassVar[str] = ""
    highest: ClassVar[str] = "P"
    template: ClassVar[str] = "kinds/record.html"

    record: Any
    staff: Any

    def header(self) -> Header:
        """The header; the record's name unless overridden."""
        return Header(str(self.record))

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """Sentences that stand out above everything else."""
        return ()

    def tiles(self) -> Sequence[Tile]:
        """Figures under the header."""
        return ()

    def timeline(self) -> Sequence[Moment]:
        """What happened and what comes next, in order."""
        return ()

    def facts(self) -> Sequence[FactGroup]:
        """Facts by heading."""
        return ()

    def tables(self) -> Sequence[Table]:
        """Tables below the facts."""
        return ()

    def context(self) -> dict[str, Any]:
        """More context for a template of one's own."""
        return {}

    def rows(self) -> Any:
        """The rows the reader may see."""
        rows = self.model.objects.visible_to(self.staff)
        return rows.select_related(*self.related) if self.related else rows

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the record; what the reader may not see does not exist."""
        self.staff = request.user
        if self.permission:
            require(self.staff, self.permission)
        self.record = self.rows().filter(pk=kwargs["pk"]).first()
        if self.record is None:
            raise Http404
        if self.person_path:
            person = read_path(self.record, self.person_path)
            persons = [person] if person is not None else []
            reads.note(request, persons=persons, action="VIEW", highest=self.highest)
        return render(request, self.template, self._context())

    def _context(self) -> dict[str, Any]:
        header = self.header()
        if not header.crumbs:
            header = replace(header, crumbs=way_to(self.request.path, str(self.record)))
        return {
            "page": self,
            "record": self.record,
            "title": header.title,
            "header": header,
            **actions_of(header, self.staff, self.record),
            "notes": self.notes(),
            "tiles": self.tiles(),
            "moments": self.timeline(),
            "fact_groups": self.facts(),
            "tables": self.tables(),
            **self.context(),
        }


def actions_of(header: Header, staff: Any, record: Any = None) -> dict[str, Any]:
    """The header's actions this staff user may take."""
    primary = header.primary
    return {
        "primary": primary if primary and primary.allowed(staff, record) else None,
        "page_actions": [a for a in header.actions if a.allowed(staff, record)],
    }


class FiguresPage(View):
    """Tiles and charts; every figure says how it is counted and opens to its records."""

    permission: ClassVar[str] = ""
    title: ClassVar[Label] = ""
    intro: ClassVar[Label] = ""
    template: ClassVar[str] = "kinds/figures.html"

    staff: Any

    def header(self) -> Header:
        """The header."""
        return Header(self.title, self.intro)

    def tiles(self) -> Sequence[Tile]:
        """The figures."""
        return ()

    def charts(self) -> Sequence[Chart]:
        """The charts, each with its table."""
        return ()

    def tables(self) -> Sequence[Table]:
        """Tables below the charts."""
        return ()

    def context(self) -> dict[str, Any]:
        """More context for a template of one's own."""
        return {}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the figures."""
        self.staff = request.user
        if self.permission:
            require(self.staff, self.permission)
        header = self.header()
        context = {
            "page": self,
            "title": header.title,
            "header": header,
            **actions_of(header, self.staff),
            "tiles": self.tiles(),
            "charts": self.charts(),
            "tables": self.tables(),
            **self.context(),
        }
        return render(request, self.template, context)


class QueuePage(View):
    """One case at a time: evidence side by side, a decision with its reason, then the next.

    `cases()` gives the open cases in order; `panels(case)` the evidence; `form(case)` the decision
    form, posted to `decide_url(case)` (a FormPage that comes back here).
    """

    permission: ClassVar[str] = ""
    title: ClassVar[Label] = ""
    empty: ClassVar[EmptyState | None] = None
    template: ClassVar[str] = "kinds/queue.html"

    staff: Any

    def cases(self) -> Any:
        """The open cases the reader may decide, the most urgent first (a queryset)."""
        raise NotImplementedError

    def header(self, case: Any) -> Header:
        """Who or what the case is about."""
        return Header(str(case))

    def panels(self, case: Any) -> Sequence[FactGroup]:
        """The evidence, side by side."""
        return ()

    def form(self, case: Any) -> Any:
        """The decision form."""
        return None

    def decide_url(self, case: Any) -> str:
        """Where the decision is posted."""
        return ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the first case, or the one after those passed over."""
        self.staff = request.user
        if self.permission:
            require(self.staff, self.permission)
        skip = whole_number(request.GET.get("skip", ""), 10_000)
        found = list(self.cases()[skip : skip + 2])
        case = found[0] if found else None
        header = self.header(case) if case is not None else Header(self.title)
        context: dict[str, Any] = {
            "page": self,
            "title": self.title,
            "header": header,
            "case": case,
            "next_href": f"?skip={skip + 1}" if len(found) > 1 else "",
            "first_href": "?" if skip else "",
        }
        if case is not None:
            context |= {
                "panels": self.panels(case),
                "form": self.form(case),
                "decide_url": self.decide_url(case),
                **actions_of(header, self.staff, case),
            }
        return render(request, self.template, context)


class PaperPage(RecordPage):
    """A page that is printed: A4 or A6, with its number and verification code; extend
    `kinds/paper.html`.
    """

    paper: ClassVar[str] = "a4"
    template: ClassVar[str] = "kinds/paper.html"


@dataclass
class Task:
    """One line of “today”: what is due, for whom, how late, the one action that ends it."""

    title: Label
    text: Label = ""
    href: str = ""
    action: Action | None = None
    tone: Tone = Tone.PLAIN
    due: date | None = None
    state: State | None = None
    person: Any = None  # the id of whom it names, for the read log


@dataclass
class TaskGroup:
    """Tasks of one kind, under a sentence that counts them: “7 instalments due, 2 late”."""

    title: Label
    tasks: list[Task] = field(default_factory=list)
    more: Action | None = None
    counted: bool = True  # whether the page puts their number beside the title
