"""The reference sheet of each indicator: what it says, how it is counted, what it must not be read
as, and which logframes use it (a PIRS)."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.org import reads
from handup.org.permissions import may, require
from handup.org.web import words
from handup.org.web.lists import Column, EmptyState, Kind
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, FiguresPage, Header, Table
from handup.org.web.paper import set_pdf
from handup.results.definitions import DEFINITIONS, catalogue
from handup.results.models import RowIndicator
from handup.results.rules.catalogue import Indicator
from handup.results.rules.engine import PeriodKind, ValueKind
from handup.results.wording import DIMENSIONS

TEMPLATE = Path(__file__).parents[1] / "templates" / "results" / "sheet.typ"
VALUE_KINDS = {
    ValueKind.COUNT_DISTINCT: _("counted once each"),
    ValueKind.COUNT: _("counted"),
    ValueKind.SUM: _("amounts added"),
    ValueKind.RATIO: _("a share: never without both counts, never averaged"),
    ValueKind.SURVIVAL: _("share still open, by how long each was watched"),
    ValueKind.MEDIAN_CHANGE: _("middle change of the same units"),
    ValueKind.MILESTONE: _("reached of planned"),
}
PERIOD_KINDS = {
    PeriodKind.FLOW: _("from the first to the last day of a period"),
    PeriodKind.CUMULATIVE: _("from the beginning of the phase"),
    PeriodKind.STOCK: _("as it stands on the last day"),
    PeriodKind.COHORT: _("those who began together"),
    PeriodKind.ROUND: _("answers of a survey round"),
}
LEVELS = {
    "output": _("output"),
    "outcome": _("outcome"),
    "impact": _("impact"),
    "efficiency": _("efficiency"),
}


def found(code: str) -> Indicator:
    """One indicator of the catalogue. Raises Http404."""
    indicator = catalogue().get(code)
    if indicator is None:
        raise Http404
    return indicator


def matches(one: Indicator, text: str) -> bool:
    """Whether every word stands in its code, name or source."""
    told = f"{one.code} {one.name} {gettext(one.name)} {one.data_source}".lower()
    return all(word in told for word in text.lower().split())


class SheetList(FiguresPage):
    """Every indicator with what it counts."""

    permission = "results.view_figure"
    title = _("Indicators")
    intro = _("Each one is defined once. Its sheet says what it counts and what it does not.")
    template = "results/sheets.html"

    def post(self, request: HttpRequest) -> HttpResponse:
        """Take the words; they lead on under a key."""
        staff: Any = request.user
        require(staff, self.permission)
        return words.lead(request, {})

    @cached_property
    def _asked(self) -> str:
        return words.asked(self.request).get(words.SEARCH, "")[:100]

    def tables(self) -> Sequence[Table]:
        """Those that were looked for."""
        rows = [one for one in catalogue().values() if matches(one, self._asked)]
        return [
            Table(
                _("Indicators"),
                (
                    Column(
                        "name",
                        _("Indicator"),
                        Kind.LINK,
                        value=lambda one: gettext(one.name),
                        href=lambda one: reverse("results:sheet", args=[one.code]),
                    ),
                    Column("code", _("Code")),
                    Column("level", _("Level"), value=lambda one: LEVELS.get(one.level, one.level)),
                    Column("unit", _("Unit"), value=lambda one: gettext(one.unit)),
                    Column("frequency", _("How often"), value=lambda one: gettext(one.frequency)),
                ),
                rows,
                EmptyState(_("No indicator is called like this")),
            )
        ]

    def context(self) -> dict[str, Any]:
        """What was looked for."""
        return {"q": self._asked}


def facts_of(one: Indicator) -> list[tuple[Any, Any]]:
    """Everything a sheet says, in order."""
    method = DEFINITIONS[one.code].method if one.code in DEFINITIONS else ""
    return [
        (_("Code"), one.code),
        (_("Level"), LEVELS.get(one.level, one.level)),
        (_("Unit"), gettext(one.unit)),
        (_("Better when"), _("it rises") if one.is_up_better else _("it falls")),
        (_("What is counted"), gettext(one.numerator)),
        (_("Out of what"), gettext(one.denominator) if one.denominator else ""),
        (_("How it is counted"), gettext(one.counting_rule) if one.counting_rule else ""),
        (_("Rule"), method),
        (_("Kind of value"), VALUE_KINDS[one.value_kind]),
        (_("Days it speaks of"), PERIOD_KINDS[one.period_kind]),
        (_("May be added over periods"), _yes(holds=one.additive_over_periods)),
        (_("May be added over areas"), _yes(holds=one.additive_over_areas)),
        (_("Broken down by"), ", ".join(_dimension(name) for name in one.dimensions)),
        (_("How often"), gettext(one.frequency)),
        (_("Where it comes from"), gettext(one.data_source)),
        (_("Standards"), one.standards),
        (
            _("Worked out here"),
            _("yes") if one.code in DEFINITIONS else _("not yet: it is typed with its evidence"),
        ),
    ]


def _yes(*, holds: bool) -> Any:
    return _("yes") if holds else _("no")


def _dimension(name: str) -> str:
    return str(DIMENSIONS.get(name, name.replace("_", " ")))


class SheetPage(FiguresPage):
    """One indicator's reference sheet."""

    permission = "results.view_figure"
    template = "results/sheet.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().setup(request, *args, **kwargs)
        self.indicator = found(kwargs["code"])

    def header(self) -> Header:
        """Its name."""
        one = self.indicator
        args = (one.code,)
        return Header(
            gettext(one.name),
            one.code,
            actions=(Action(_("Print as PDF"), "results:sheet_pdf", "results.view_figure", args),),
            crumbs=(Crumb(_("Indicators"), reverse("results:sheet_list")),),
        )

    def tables(self) -> Sequence[Table]:
        """The logframes that use it, for those who read them."""
        if not may(self.staff, "results.view_snapshot"):
            return []
        rows = RowIndicator.objects.visible_to(self.staff)
        rows = rows.filter(code=self.indicator.code, removed_at=None, row__removed_at=None)
        return [
            Table(
                _("Logframes that use it"),
                (
                    Column(
                        "row.statement",
                        _("Row"),
                        Kind.LINK,
                        href=lambda one: reverse("results:row_indicator_page", args=[one.pk]),
                    ),
                    Column("row.phase.title", _("Phase")),
                    Column("row.phase.programme.title", _("Programme")),
                ),
                rows.select_related("row__phase__programme").order_by("id")[:100],
                EmptyState(_("No logframe uses it")),
            )
        ]

    def context(self) -> dict[str, Any]:
        """What the sheet says."""
        told = [Fact(label, value) for label, value in facts_of(self.indicator) if value]
        return {"fact_groups": [FactGroup(_("Reference sheet"), told)]}


class SheetPdf(View):
    """One sheet on paper."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Set it and send it."""
        staff: Any = request.user
        require(staff, "results.view_figure")
        one = found(kwargs["code"])
        reads.note(request, persons=[], action="EXPORT", highest="O")
        told = [[str(label), str(value)] for label, value in facts_of(one) if value]
        body = set_pdf(
            TEMPLATE,
            {
                "lang": (get_language() or "en").split("-")[0],
                "title": gettext(one.name),
                "heading": gettext("Reference sheet of an indicator"),
                "facts": json.dumps(told),
            },
        )
        answer = HttpResponse(body, content_type="application/pdf")
        answer["Content-Disposition"] = f'attachment; filename="{one.code}.pdf"'
        return answer
