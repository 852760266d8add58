"""A snapshot's figures as a file: marked as a draft on every line and page until it is frozen
(rulings 34). What leaves the house is built from frozen ones alone."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import get_language, gettext
from django.views.generic import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.web.export import safe_text
from handup.org.web.money import format_day
from handup.org.web.paper import set_pdf
from handup.results.frozen_typed import counts_of, marked
from handup.results.models import FrozenEstimate, FrozenFigure, Snapshot
from handup.results.rules.states import SnapshotState
from handup.results.telling import shown_counts, shown_figure
from handup.results.told import main_of, shown_range, shown_value
from handup.results.views.snapshots import name_of

TEMPLATE = Path(__file__).parents[1] / "templates" / "results" / "figures.typ"
KINDS = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}
HEADINGS = ("status", "code", "name", "state", "value", "numerator", "denominator", "currency")


def mark_of(snapshot: Snapshot) -> str:
    """What stands on every page and line of it; empty once it is frozen."""
    if snapshot.state == SnapshotState.FROZEN:
        return ""
    return gettext("DRAFT, not to be published")


def csv_of(snapshot: Snapshot) -> bytes:
    """One line a figure and a line each part of it; the first column says whether it is a draft."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*HEADINGS, "dimension", "line"])
    for row in _lines(snapshot):
        writer.writerow([safe_text(cell) for cell in row])
    return out.getvalue().encode()


def _lines(snapshot: Snapshot) -> Iterator[list[str]]:
    mark = mark_of(snapshot) or gettext("frozen")
    for one in snapshot.figures.order_by("code"):
        head = [mark, one.code, name_of(one.code), str(one.get_state_display())]
        counts = ["", "", ""] if one.has_gap else _counts(one, one.numerator, one.denominator)
        yield [*head, one.value, *counts, "", ""]
        for dimension, told in one.lines.items():
            for line in told["lines"]:
                counts = _counts(one, line["numerator"], line["denominator"])
                yield [*head, "", *counts, dimension, line["code"]]
    for row in snapshot.typed.order_by("code"):
        head = [mark, row.code, name_of(row.code), gettext("typed")]
        both = ["" if one is None else str(one) for one in (row.numerator, row.denominator)]
        yield [*head, row.value, *both, "", "", ""]


def _counts(one: FrozenFigure, numerator: int, denominator: int | None) -> list[str]:
    return [str(numerator), "" if denominator is None else str(denominator), one.currency]


def pdf_of(snapshot: Snapshot) -> bytes:
    """The figures on A4, with the mark across every page while it is a draft."""
    rows = [
        [name_of(one.code), shown_figure(one), shown_counts(one), str(one.get_state_display())]
        for one in snapshot.figures.order_by("code")
    ]
    rows += [
        [name_of(one.code), marked(one), counts_of(one), gettext("typed")]
        for one in snapshot.typed.order_by("code")
    ]
    for estimate in FrozenEstimate.objects.filter(snapshot=snapshot):
        main = main_of(estimate.told)
        if main is not None:
            kind, unit = estimate.told["kind"], estimate.unit
            told = shown_range(main, kind, unit)
            level = str(estimate.get_level_display())
            rows.append([estimate.title, shown_value(main, kind, unit), told, level])
    day = gettext("Counted up to the end of %(day)s") % {"day": format_day(snapshot.day)}
    return set_pdf(
        TEMPLATE,
        {
            "lang": (get_language() or "en").split("-")[0],
            "title": gettext("Snapshot %(number)s") % {"number": snapshot.number},
            "programme": snapshot.programme.title,
            "day": day,
            "mark": mark_of(snapshot),
            "source": gettext("Checksum: %(sum)s") % {"sum": snapshot.sha256}
            if snapshot.sha256
            else "",
            "headings": json.dumps(
                [gettext("Figure"), gettext("Value"), gettext("Counted"), gettext("State")]
            ),
            "rows": json.dumps(rows),
        },
    )


class SnapshotFile(View):
    """A snapshot's figures as CSV or PDF."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it; it holds counts, never a person."""
        staff: Any = request.user
        require(staff, "results.view_snapshot")
        rows = Snapshot.objects.visible_to(staff).select_related("programme")
        snapshot = rows.filter(pk=kwargs["pk"]).first()
        if snapshot is None or kwargs["kind"] not in KINDS:
            raise Http404
        reads.note(request, persons=[], action="EXPORT", highest="I")
        body = csv_of(snapshot) if kwargs["kind"] == "csv" else pdf_of(snapshot)
        answer = HttpResponse(body, content_type=KINDS[kwargs["kind"]])
        draft = "" if snapshot.state == SnapshotState.FROZEN else "-DRAFT"
        name = f"{snapshot.programme.code}-{snapshot.number}{draft}.{kwargs['kind']}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer
