"""The live feed: one table of figures and one of counts, which Excel and Power BI fetch again and
again (rulings 41; docs/live_feed.md).

Only what has left the house already is in it: figures as they are published, tables that are safe.
Nobody can be told from it, whoever holds the key. Which programmes, its token says; each reading is
a line of the trail.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.http import HttpResponse
from ninja import Router

from handup.kernel.sheet_text import safe_text
from handup.org import audit
from handup.org.interface import StaffRequest
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.results.definitions import DEFINITIONS
from handup.results.maps import collection
from handup.results.models import PublicTable, ReleasedFigure
from handup.results.releases import published_report
from handup.results.services.public_tables import as_rows

router = Router(tags=["results"])
GEOJSON = {200: {"content": {"application/geo+json": {"schema": {"type": "object"}}}}}
VIEW = "results.view_figure"
READ = "results.read_feed"
CSV = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
FIGURES = (
    *("programme", "day", "counted_up_to", "indicator", "name", "unit"),
    *("count", "of", "currency"),
)
TABLES = (
    *("programme", "day", "indicator", "row_by", "row", "column_by", "column"),
    *("count", "hidden"),
)
TOTAL = "TOTAL"
Line = tuple[str | int | date | None, ...]


@router.get("/feed/figures.csv", openapi_extra={"responses": CSV})
def feed_figures(request: StaffRequest) -> HttpResponse:
    """Every figure as it was published, of every day it was published for: whole numbers, amounts
    in smallest units.
    """
    require(request.auth_staff, VIEW)
    programmes = list(Programme.objects.reached_with(request.auth_staff, VIEW).order_by("code"))
    for programme in programmes:
        published_report(programme)  # what is due to be told today is told first
    return _answer(request, "figures", FIGURES, _figures(programmes))


def _figures(programmes: list[Programme]) -> Iterator[Line]:
    rows = ReleasedFigure._base_manager.filter(programme__in=programmes, numerator__isnull=False)
    for row in rows.select_related("programme").order_by("programme__code", "code", "day"):
        known = DEFINITIONS.get(row.code)  # none: a step of a way, which is no figure of its own
        name, unit = (known.indicator.name, known.indicator.unit) if known else (row.code, "")
        yield (
            *(row.programme.code, row.day, row.of_day, row.code, name, unit),
            *(row.numerator, row.denominator, row.currency),
        )


@router.get("/feed/tables.csv", openapi_extra={"responses": CSV})
def feed_tables(request: StaffRequest) -> HttpResponse:
    """Every public table, a line a cell; a hidden count is empty and says so."""
    require(request.auth_staff, VIEW)
    rows = PublicTable.objects.visible_to(request.auth_staff)
    ordered = rows.select_related("programme").order_by("programme__code", "code", "day", "id")
    return _answer(request, "tables", TABLES, (line for row in ordered for line in _cells(row)))


def _cells(row: PublicTable) -> Iterator[Line]:
    head = (row.programme.code, row.day, row.code, row.row_dimension)
    columns = row.table["columns"] if row.column_dimension else []
    for line in as_rows(row):
        of = ("+".join(line["row"]), row.column_dimension)
        cells = line["cells"] if row.column_dimension else []
        for group, count in zip(columns, cells, strict=True):
            yield (*head, *of, "+".join(group), count, int(count is None))
        yield (*head, *of, TOTAL, line["total"], int(line["total"] is None))
    totals = row.table["column_totals"] if row.column_dimension else []
    for group, count in zip(columns, totals, strict=True):
        yield (*head, TOTAL, row.column_dimension, "+".join(group), count, int(count is None))
    yield (*head, TOTAL, row.column_dimension, TOTAL, row.table["total"], 0)


@router.get("/feed/areas.geojson", openapi_extra={"responses": GEOJSON})
def feed_areas(request: StaffRequest) -> HttpResponse:
    """The areas with their shapes, and each area of each public table with its count: a layer of a
    map. A hidden count is null and says so.
    """
    staff = request.auth_staff
    require(staff, VIEW)
    rows = PublicTable.objects.visible_to(staff).select_related("programme")
    told = collection(rows.order_by("programme__code", "code", "day", "id"))
    lines = len(told["features"])
    audit.record(staff, READ, staff, {"table": "areas", "lines": lines, "token": staff.by_token})
    answer = HttpResponse(
        json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        content_type="application/geo+json",
    )
    answer["Content-Disposition"] = 'attachment; filename="areas.geojson"'
    return answer


def _answer(
    request: StaffRequest, what: str, head: Iterable[str], lines: Iterable[Line]
) -> HttpResponse:
    """The table as a spreadsheet reads it (UTF-8 with its mark), and the line of the trail."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head)
    told = [[_cell(value) for value in line] for line in lines]
    writer.writerows(told)
    staff = request.auth_staff
    audit.record(staff, READ, staff, {"table": what, "lines": len(told), "token": staff.by_token})
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{what}.csv"'
    return answer


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else safe_text(str(value))
