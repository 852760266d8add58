"""Pages of public tables: the list, one as everybody reads it, its file, and publishing one."""

import csv
import io
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.kernel.money import decimal_text
from handup.org import reads
from handup.org.permissions import require
from handup.org.web.columns import Label
from handup.org.web.export import safe_text
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day, format_number, format_percent
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.results import services
from handup.results.definitions import BY_SETTLEMENT, DEFINITIONS, SHOWN
from handup.results.frozen_typed import LEAST_OF_A_SHARE
from handup.results.models import PublicTable, Snapshot
from handup.results.models.public_tables import COUNTED, YES
from handup.results.rules.engine import NOT_RECORDED
from handup.results.services.public_tables import as_rows
from handup.results.services.table_counts import is_of_counts
from handup.results.views.snapshots import name_of
from handup.results.wording import DIMENSIONS, how_counted_of, line_names, word

PAGE = "results:table_detail"
HIDDEN = "\u2022"


class TableList(ListPage):
    """Tables that were published of the programmes she reads."""

    model = PublicTable
    permission = "results.view_figure"
    title = _("Public tables")
    related = ("programme",)
    columns = (
        Column(
            "code",
            _("Table"),
            Kind.LINK,
            sort="code",
            url_name=PAGE,
            value=lambda row: title_of(row),
        ),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("day", _("Counted up to"), Kind.DATE, sort="day"),
    )
    filters = (Search(("code", "programme__title", "programme__code")),)
    order = "-day"
    empty = EmptyState(
        _("No table is published yet"),
        _("A table is published on the page of a frozen snapshot."),
        Action(_("Snapshots"), "results:snapshot_list", "results.view_snapshot"),
    )


def dimension_name(code: str) -> str:
    """A breakdown in words; of one of several sets that overlap, also its name."""
    if code == COUNTED:
        return gettext("How many of them")
    name, _equals, of = code.partition("=")
    told = str(DIMENSIONS.get(name, name.replace("_", " ")))
    return f"{told}: {word(of)}" if of else told


def title_of(row: PublicTable) -> str:
    """The figure and its breakdowns."""
    parts = [name_of(row.code), dimension_name(row.row_dimension)]
    if row.column_dimension:
        parts.append(dimension_name(row.column_dimension))
    return " · ".join(parts)


def _joined(group: Sequence[str], names: Mapping[str, str]) -> str:
    return " + ".join(names[code] for code in group)


def table_of(row: PublicTable) -> Table:
    """The table as everybody reads it; a hidden count is a dot, and all dots look alike."""
    rows = row.table["rows"]
    names = line_names(row.row_dimension, [code for group in rows for code in group])
    columns = [Column("row", dimension_name(row.row_dimension), value=_row_name(names))]
    if row.column_dimension:
        groups = row.table["columns"]
        across = line_names(row.column_dimension, [code for group in groups for code in group])
        columns += [
            Column(f"c{at}", _joined(group, across), Kind.FIGURE, value=_cell(at))
            for at, group in enumerate(groups)
        ]
    columns.append(Column("total", _("In all"), Kind.FIGURE, value=_total))
    if row.is_share:
        columns.append(Column("share", _("Share"), Kind.FIGURE, value=_share(row)))
    totals = row.table["column_totals"] if row.column_dimension else []
    footer = [gettext("In all"), *map(format_number, totals), format_number(row.table["total"])]
    if row.is_share:
        footer.append(share_text(*row.counts))
    return Table(title_of(row), tuple(columns), as_rows(row), footer=footer)


def _row_name(names: Mapping[str, str]) -> Any:
    return lambda line: _joined(line["row"], names)


def shown(count: int | None) -> str:
    """A count, or the sign of one that is hidden."""
    return HIDDEN if count is None else format_number(count)


def _cell(at: int) -> Any:
    return lambda line: shown(line["cells"][at])


def _share(row: PublicTable) -> Any:
    at = row.table["columns"].index([YES])
    return lambda line: share_text(line["cells"][at], line["total"])


def share_text(count: int | None, whole: int | None) -> str:
    """A percentage out of two counts that are told; the sign of a hidden one where either is
    hidden, or it would be of fewer than ten.
    """
    if count is None or whole is None or whole < LEAST_OF_A_SHARE:
        return HIDDEN
    return format_percent(decimal_text(Fraction(100 * count, whole), 1))


def _total(line: Mapping[str, Any]) -> str:
    return shown(line["total"])


class TablePage(RecordPage):
    """One public table."""

    model = PublicTable
    permission = "results.view_figure"
    related = ("programme",)
    record: PublicTable

    def header(self) -> Header:
        """What it counts, of which day."""
        row = self.record
        return Header(
            title_of(row),
            subtitle=f"{row.programme.title} · {format_day(row.day)}",
            actions=(
                Action(_("Take as CSV"), "results:table_csv", "results.view_figure", (row.pk,)),
            ),
            crumbs=(Crumb(_("Public tables"), reverse("results:table_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """What a dot means."""
        told = gettext(
            "A dot is a count that is not told, so that nobody can be found by it. Lines of fewer"
            " than %(k)s are put together with another."
        )
        return [(Tone.INFO, told % {"k": self.record.smallest})]

    def facts(self) -> Sequence[FactGroup]:
        """How it is counted."""
        row = self.record
        return [
            FactGroup(
                _("The figure"),
                [
                    Fact(_("How it is counted"), how_counted_of(row.code)),
                    Fact(_("In all"), format_number(row.table["total"])),
                    Fact(_("Share"), share_text(*row.counts) if row.is_share else ""),
                    Fact(_("Counted up to"), row.day),
                    Fact(_("Published on"), row.recorded_at),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The table, where more than its total may be told."""
        return [table_of(self.record)] if self.record.table["rows"] else []


class TableCsv(View):
    """One public table as a file."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it; hidden counts are empty."""
        staff: Any = request.user
        require(staff, "results.view_figure")
        row = PublicTable.objects.visible_to(staff).filter(pk=kwargs["pk"]).first()
        if row is None:
            raise Http404
        reads.note(request, persons=[], action="EXPORT", highest="O")
        out = io.StringIO()
        writer = csv.writer(out)
        columns = row.table["columns"] if row.column_dimension else []
        head = [row.row_dimension, *("+".join(group) for group in columns), "total"]
        writer.writerow([safe_text(cell) for cell in head])
        for line in as_rows(row):
            cells = line["cells"] if row.column_dimension else []
            told = ["" if one is None else str(one) for one in (*cells, line["total"])]
            writer.writerow([safe_text("+".join(line["row"])), *told])
        totals = row.table["column_totals"] if row.column_dimension else []
        writer.writerow(["", *map(str, totals), str(row.table["total"])])
        answer = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
        name = f"{row.code}-{row.day.isoformat()}.csv"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class TableForm(HouseForm):
    """Which figure, by what."""

    code = forms.ChoiceField(label=_("Figure"))
    row_dimension = forms.ChoiceField(label=_("Rows"))
    column_dimension = forms.ChoiceField(label=_("Columns"), required=False)

    def __init__(self, *args: Any, snapshot: Snapshot, **options: Any) -> None:
        """Take the counts of a snapshot and what they can be broken down by."""
        super().__init__(*args, **options)
        rows = snapshot.figures.filter(currency="").order_by("code")
        codes = [row.code for row in rows if row.code in DEFINITIONS and is_of_counts(row.code)]
        lines = [pair for row in rows if row.code in codes for pair in row.lines.items()]
        pairs = [pair for pair in lines if pair[0] in {*SHOWN, BY_SETTLEMENT}]
        found = sorted({one for pair in pairs for one in _splits(*pair)})
        named = [(name, dimension_name(name)) for name in found]
        for field, choices in (
            ("code", [(code, name_of(code)) for code in codes]),
            ("row_dimension", named),
            ("column_dimension", [("", "\u2013"), *named]),
        ):
            choice = self.fields[field]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = choices


def _splits(name: str, told: Mapping[str, Any]) -> list[str]:
    """The breakdowns a dimension gives: itself, or each of the sets where they overlap."""
    if not told["overlapping"]:
        return [name]
    codes = [str(line["code"]) for line in told["lines"] if line["code"] != NOT_RECORDED]
    return [f"{name}={code}" for code in codes]


class TableNew(FormPage):
    """Publish a table of a frozen snapshot."""

    form_class = TableForm
    permission = "results.publish_table"
    subject_model = Snapshot
    subject: Snapshot
    title = _("Publish a table")
    intro = _("Small counts are put together or hidden. What was published stays as it was told.")
    verb = _("Publish")

    def form_options(self) -> dict[str, Any]:
        """The snapshot."""
        return {"snapshot": self.subject}

    def perform(self, values: dict[str, Any]) -> PublicTable:
        """Publish it."""
        return services.publish_table(
            acting_staff=self.staff, snapshot=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: PublicTable) -> str:
        """The table."""
        return reverse(PAGE, args=[result.pk])
