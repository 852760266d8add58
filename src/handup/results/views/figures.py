"""Pages of results: programmes, the concrete benefits of one, each figure, and a day's files."""

import json
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.kernel.dates import NotADate, parse_date
from handup.org import reads
from handup.org.permissions import may, require
from handup.org.scope import hidden_from
from handup.org.web.lists import Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_day, format_percent
from handup.org.web.pages import Action, Crumb, Header, Table, Tile
from handup.projects.models import Programme
from handup.results import charts, surviving
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.paper import as_pdf
from handup.results.price_gaps import price_gaps
from handup.results.published import is_outside
from handup.results.releases import report_for
from handup.results.report import Report, ReportLine, conversion_json, reporting_day
from handup.results.rules.statistics import percent_text
from handup.results.views.breakdowns import breakdown_table
from handup.results.views.currencies import conversion_tables, price_gap_tables
from handup.results.views.known_then import known_then_tables
from handup.results.views.of_programme import FiguresOfProgramme
from handup.results.wording import (
    as_csv,
    both_counts,
    bounds_text,
    how_counted,
    interval_text,
    shown_value,
    weighted_text,
    word,
)
from handup.surveys.queries import reopened_rounds


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
                Action(_("Take them on a phone"), "sync:work_phone", "sync.carry_work"),
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
        if bounds := bounds_text(line):
            how = gettext("The lowest and the highest share there can be. Nothing is assumed of"
                          " those who were not asked or not reached.")  # fmt: skip
            tiles.append(
                Tile(gettext("Whatever those without an answer would say"), bounds, how=how)
            )
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
