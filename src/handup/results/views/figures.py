"""Pages of results: programmes, the concrete benefits of one, and the records behind a figure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.groups.models import Group, Meeting
from handup.kernel.dates import NotADate, parse_date
from handup.lending.models import Loan, PathwayEnrolment
from handup.markets.models import SupplyContract
from handup.org import reads
from handup.org.permissions import may, require
from handup.org.scope import hidden_from
from handup.org.web.filters import whole_number
from handup.org.web.lists import Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_day, format_percent
from handup.org.web.pages import Action, Crumb, Header, Table, Tile
from handup.people.models import Enterprise, Household, Person
from handup.plans.models import Plan
from handup.projects.models import Document, Programme
from handup.results import charts, surviving
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.paper import as_pdf
from handup.results.price_gaps import price_gaps
from handup.results.published import is_outside, published_day
from handup.results.releases import report_for
from handup.results.report import Report, ReportLine, conversion_json, reporting_day
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.rules.engine import FactRow
from handup.results.rules.statistics import percent_text
from handup.results.views.breakdowns import breakdown_table
from handup.results.views.currencies import conversion_tables, price_gap_tables
from handup.results.views.known_then import known_then_tables
from handup.results.views.of_programme import FiguresOfProgramme
from handup.results.wording import (
    as_csv,
    both_counts,
    how_counted,
    interval_text,
    shown_value,
    weighted_text,
    word,
)
from handup.surveys.queries import reopened_rounds

OPENS: dict[str, str] = {
    "person": "people:person_detail",
    "loan": "lending:loan_detail",
    "pathway": "lending:enrolment_detail",
    "group": "groups:group_detail",
    "enterprise": "people:enterprise_detail",
    "household": "people:household_detail",
    "plan": "plans:plan_detail",
    "document": "projects:document_detail",
    "contract": "markets:contract_detail",
    "meeting": "groups:meeting_detail",
}
MODELS: dict[str, Any] = {
    "person": Person,
    "loan": Loan,
    "pathway": PathwayEnrolment,
    "group": Group,
    "enterprise": Enterprise,
    "household": Household,
    "plan": Plan,
    "document": Document,
    "contract": SupplyContract,
    "meeting": Meeting,
}
AT_ONCE = 5_000  # ids in one statement


def asked_date(request: HttpRequest, programme: Programme) -> date:
    """The day the figures are asked for; left out or unreadable: the programme's reporting day."""
    text = request.GET.get("as_of", "")
    try:
        return parse_date(text, field="as_of")
    except NotADate:
        return reporting_day(programme) or timezone.localdate()


class ProgrammeFigures(ListPage):
    """Programmes whose figures can be read."""

    model = Programme
    permission = "results.view_figure"
    title = _("Results")
    columns = (
        Column("title", _("Programme"), Kind.LINK, sort="title", url_name="results:benefits"),
        Column("code", _("Code"), sort="code"),
        Column("sector", _("Sector")),
    )
    order = "code"
    empty = EmptyState(
        _("There is no programme yet"),
        _("Each programme has its figures here: they count what is recorded in it."),
        Action(_("Programmes"), "projects:programme_list", "projects.view_programme"),
    )


class Benefits(FiguresOfProgramme):
    """A programme's concrete benefits: each figure with both counts, interval and records."""

    template = "results/benefits.html"

    @cached_property
    def report(self) -> Report:
        """The figures of the day asked for, looked up once for a page."""
        return report_for(self.staff, self.record, asked_date(self.request, self.record))

    def header(self) -> Header:
        """The programme and the ways to take the figures along."""
        pk = self.record.pk
        asked = self.report.as_of
        day = asked.isoformat()
        return Header(
            _("Concrete benefits"),
            subtitle=f"{self.record.title} · {format_day(asked)}",
            actions=(
                *(
                    Action(
                        label,
                        "results:report_file",
                        "results.view_figure",
                        args=(pk, day, kind),
                    )
                    for label, kind in (
                        (_("Print as PDF"), "pdf"),
                        (_("Take as CSV"), "csv"),
                        (_("Take as JSON"), "json"),
                    )
                ),
                Action(
                    _("Choose the figures"),
                    "results:choose",
                    "results.choose_indicators",
                    args=(pk,),
                ),
                Action(
                    _("Build a figure"), "results:builder", "results.build_indicator", args=(pk,)
                ),
                Action(
                    _("Print the pack for a visit"),
                    "results:visit_pack",
                    "results.make_visit_pack",
                    args=(pk,),
                ),
                Action(_("Type a value"), "results:typed_new", "results.type_value", args=(pk,)),
                Action(
                    _("Plan an outcome"),
                    "results:analysis_new",
                    "results.plan_analysis",
                    args=(pk,),
                ),
                Action(
                    _("Compute a snapshot"),
                    "results:snapshot_new",
                    "results.compute_snapshot",
                    args=(pk,),
                ),
            ),
            crumbs=(Crumb(_("Results"), reverse("results:programme_list")),),
        )

    def tiles(self) -> list[Tile]:
        """One tile a figure."""
        return [self._tile(line) for line in self.report.lines]

    def _tile(self, line: ReportLine) -> Tile:
        opens = reverse(
            "results:figure", args=[self.record.pk, line.code, self.report.as_of.isoformat()]
        )
        return Tile(
            gettext(line.name),
            shown_value(line),
            of=both_counts(line),
            how=how_counted(line),
            href=opens,
            interval=interval_text(line),
            n=line.n,
            share_ppm=_share_ppm(line),
        )

    def tables(self) -> list[Table]:
        """The funnel where the programme has one."""
        if not self.report.funnel:
            return []
        return [
            Table(
                _("From open day to job"),
                (
                    Column("step", _("Step"), value=lambda row: word(row.step)),
                    Column("count", _("Persons"), Kind.NUMBER),
                    Column(
                        "share",
                        _("Of the step before"),
                        Kind.FIGURE,
                        value=lambda row: format_percent(row.share),
                    ),
                ),
                self.report.funnel,
            )
        ]

    def context(self) -> dict[str, Any]:
        """The day and the charts."""
        report = self.report
        drawn = (charts.funnel(report.funnel), charts.programme_over_time(report))
        return {
            "as_of": report.as_of,
            "charts": [chart for chart in drawn if chart is not None],
            "report": report,
            "reopened": ()
            if is_outside(self.staff)
            else reopened_rounds(programme_id=self.record.pk),
        }


class FigurePage(FiguresOfProgramme):
    """One figure: its definition, its lines, what sources print, and its records."""

    template = "results/figure.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the figure and the day."""
        super().setup(request, *args, **kwargs)
        self.code: str = kwargs["code"]
        self.as_of: date = kwargs["as_of"]

    @property
    def line(self) -> ReportLine:
        """The figure; one the programme does not show does not exist here."""
        report = report_for(self.staff, self.record, self.as_of)
        found = [row for row in report.lines if row.code == self.code]
        if not found:
            raise Http404
        return found[0]

    def header(self) -> Header:
        """The figure's name."""
        return Header(
            gettext(self.line.name),
            subtitle=f"{self.record.title} · {self.line.code}",
            crumbs=(
                Crumb(_("Results"), reverse("results:programme_list")),
                Crumb(_("Concrete benefits"), reverse("results:benefits", args=[self.record.pk])),
            ),
        )

    def tiles(self) -> list[Tile]:
        """The figure itself."""
        line = self.line
        tiles = [
            Tile(
                gettext(line.name),
                shown_value(line),
                of=both_counts(line),
                how=how_counted(line),
                interval=interval_text(line),
                n=line.n,
                share_ppm=_share_ppm(line),
            )
        ]
        if weighted := weighted_text(line):
            how = gettext("Each answer counts for as many as it stands for, by the draw and for"
                          " those who were not reached.")  # fmt: skip
            tiles.append(Tile(gettext("Of all who could have been asked"), weighted, how=how))
        return tiles

    def tables(self) -> list[Table]:
        """Breakdowns, printed figures, and the records for those who may open them."""
        line = self.line
        tables = conversion_tables(conversion_json(line.figure.conversion))
        tables += [breakdown_table(row, line) for row in line.figure.breakdowns]
        if line.code == surviving.CODE and not is_outside(self.staff):
            facts = Facts(self.record, self.as_of, hidden_from(self.staff))
            tables.append(_survival_table(surviving.lived(facts)))
        if not is_outside(self.staff):
            facts = Facts(self.record, self.as_of, hidden_from(self.staff))
            tables += price_gap_tables(price_gaps(facts, [definition(self.code)]))
            tables += known_then_tables(self.staff, self.record, self.code, self.as_of)
        if line.stated:
            tables.append(
                Table(
                    _("As sources print it"),
                    (
                        Column("printed", _("Printed"), value=lambda row: row[0]),
                        Column("source", _("Source"), value=lambda row: row[1]),
                    ),
                    line.stated,
                )
            )
        return tables

    def context(self) -> dict[str, Any]:
        """When it was counted, and whether the records open for this reader."""
        opens = reverse("results:rows", args=[self.record.pk, self.code, self.as_of.isoformat()])
        can_open = may(self.staff, "results.open_rows", self.record)
        chart = charts.figure_over_time(self.line)
        return {
            "rows_href": opens if can_open else "",
            "crossed_href": "" if is_outside(self.staff) else "crossed/",
            "as_of": report_for(self.staff, self.record, self.as_of).as_of,
            "charts": [chart] if chart else [],
        }


def _share_ppm(line: ReportLine) -> int | None:
    """How long the meter of a share is; none for an amount for each of something."""
    if not line.denominator or definition(line.code).is_unit_cost:
        return None
    return line.numerator * 1_000_000 // line.denominator


def _survival_table(rows: Sequence[surviving.Lived]) -> Table:
    """The share still open after one, two and three years, with its interval."""

    def share(row: surviving.Lived) -> str:
        if row.found is None:
            return gettext("not defined")
        return format_percent(percent_text(row.found.share))

    def between(row: surviving.Lived) -> str:
        ends = row.found.range if row.found else None
        if ends is None:
            return ""
        return gettext("%(low)s to %(high)s") % {
            "low": format_percent(percent_text(ends.low)),
            "high": format_percent(percent_text(ends.high)),
        }

    return Table(
        _("Still open after so many months"),
        (
            Column("month", _("Months"), Kind.NUMBER),
            Column("share", _("Still open"), Kind.FIGURE, value=share),
            Column("between", _("95 % interval"), value=between),
            Column("watched", _("Enterprises watched"), Kind.NUMBER),
            Column("closed", _("Closed before"), Kind.NUMBER),
            Column("lost", _("Last seen before, open"), Kind.NUMBER),
        ),
        rows,
    )


class FigureRows(View):
    """The records behind a figure, page by page, as far as this reader may see them."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show one page of the rows her own grants reach; of all others only how many count."""
        staff: Any = request.user
        programme = Programme.objects.visible_to(staff).filter(pk=kwargs["pk"]).first()
        if programme is None:
            raise Http404
        require(staff, "results.open_rows", programme)
        outside = is_outside(staff)
        as_of = published_day(programme) if outside else kwargs["as_of"]
        try:
            facts = Facts(programme, as_of, hidden_from(staff))
            figure = definition(kwargs["code"]).compute(facts)
        except UnknownIndicator:
            raise Http404 from None
        address = [programme.pk, kwargs["code"], kwargs["as_of"].isoformat()]
        return show_rows(
            request,
            Behind(
                figure.rows,
                figure.base_rows,
                gettext(definition(kwargs["code"]).indicator.name),
                reverse("results:figure", args=address),
                tells_total=not outside,  # outside she counts what she may open herself
            ),
        )


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows behind a figure, and the page they are opened from; `gone` were erased since."""

    rows: Sequence[FactRow]
    base_rows: Sequence[FactRow]
    name: str
    href: str
    tells_total: bool = True
    gone: Mapping[bool, int] = field(default_factory=dict)


ROWS_A_PAGE = 50


def show_rows(request: HttpRequest, behind: Behind) -> HttpResponse:
    """One page of the rows, and in the read log whom it showed."""
    staff: Any = request.user
    is_base = request.GET.get("side") == "base" and bool(behind.base_rows)
    counted = behind.base_rows if is_base else behind.rows
    rows = reached_rows(counted, staff)
    total = len(counted) + behind.gone.get(is_base, 0) if behind.tells_total else len(rows)
    start = whole_number(request.GET.get("from", ""), len(rows))
    end = start + ROWS_A_PAGE
    shown = rows[start:end]
    persons = [row.record for row in shown if row.kind == "person"]
    reads.note(request, persons=persons, action="LIST", highest="P")
    context = {
        "title": gettext("Records behind the figure"),
        "header": Header(
            _("Records behind the figure"),
            subtitle=behind.name,
            crumbs=(Crumb(_("Figure"), behind.href),),
        ),
        "rows": name_rows(shown, staff),
        "total": total,
        "others": total - len(rows),
        "start": start,
        "next": end if end < len(rows) else None,
        "side": "base" if is_base else "counted",
        "has_base": bool(behind.base_rows),
    }
    return render(request, "results/rows.html", context)


def reached_rows(rows: Sequence[FactRow], staff: Any) -> list[FactRow]:
    """The rows whose record lies where her grants to open rows reach, in the same order."""
    reached: dict[str, set[str]] = {}
    for kind in {row.kind for row in rows}:
        if kind not in MODELS:  # a row that is no record of its own opens nowhere
            reached[kind] = set()
            continue
        ids = sorted({row.record for row in rows if row.kind == kind})
        mine = MODELS[kind].objects.reached_with(staff, "results.open_rows")
        reached[kind] = {
            str(pk)
            for start in range(0, len(ids), AT_ONCE)
            for pk in mine.filter(pk__in=ids[start : start + AT_ONCE]).values_list("pk", flat=True)
        }
    return [row for row in rows if row.record in reached[row.kind]]


def name_rows(rows: Sequence[FactRow], staff: Any) -> list[dict[str, Any]]:
    """Rows with the name and link of each record this reader may see, else without."""
    found: dict[tuple[str, str], str] = {}
    for kind in {row.kind for row in rows}:
        ids = [row.record for row in rows if row.kind == kind]
        for item in MODELS[kind].objects.visible_to(staff).filter(pk__in=ids):
            found[kind, str(item.pk)] = str(item)
    return [
        {
            "on": row.on,
            "name": found.get((row.kind, row.record), ""),
            "href": reverse(OPENS[row.kind], args=[row.record])
            if (row.kind, row.record) in found
            else "",
            "amount": row.amount if row.currency else None,
            "currency": row.currency,
        }
        for row in rows
    ]


def report_bytes(report: Report, kind: str) -> tuple[bytes, str]:
    """The report as a file of one kind with its media type. Raises Http404 for another kind."""
    if kind == "json":
        return json.dumps(report.as_json(), indent=1).encode(), "application/json"
    if kind == "csv":
        return as_csv(report).encode(), "text/csv; charset=utf-8"
    if kind == "pdf":
        return as_pdf(report), "application/pdf"
    raise Http404


class ReportFile(View):
    """The report of a day as PDF, CSV or JSON."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send the file; it holds counts, never a person."""
        staff: Any = request.user
        require(staff, "results.view_figure")
        rows = Programme.objects.reached_with(staff, "results.view_figure")
        programme = rows.filter(pk=kwargs["pk"]).first()
        if programme is None:
            raise Http404
        report = report_for(staff, programme, kwargs["as_of"])
        kind = kwargs["kind"]
        reads.note(request, persons=[], action="EXPORT", highest="O")
        name = f"{programme.code}-{report.as_of.isoformat()}.{kind}"
        body, content_type = report_bytes(report, kwargs["kind"])
        answer = HttpResponse(body, content_type=content_type)
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
