"""The page of an intersection: a figure of who stands in several lines at once, or in any."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.kernel.errors import Refusal
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.org.web.forms import HouseForm
from handup.org.web.money import format_day
from handup.org.web.pages import Crumb, Fact, FactGroup, Header
from handup.org.web.refusals import message_of
from handup.projects.models import Programme
from handup.results.crossing import Crossed, crossed, place_of
from handup.results.definitions import definition
from handup.results.facts import Facts
from handup.results.published import is_outside
from handup.results.report import Report, codes_of, make_report
from handup.results.wording import (
    DIMENSIONS,
    both_counts,
    interval_text,
    line_names,
    shown_value,
)

ALL, ANY = "ALL", "ANY"
HOW = [(ALL, _("in all of them at once")), (ANY, _("in any of them"))]
FIELDS = ("first", "second", "third")


class CrossForm(HouseForm):
    """Up to three lines of a figure, and whether all or any of them are meant."""

    first = forms.ChoiceField(label=_("Line"))
    second = forms.ChoiceField(label=_("Second line"), required=False)
    third = forms.ChoiceField(label=_("Third line"), required=False)
    how = forms.ChoiceField(label=_("Count who stands"), choices=HOW)

    def __init__(self, *args: Any, lines: Sequence[Any] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in FIELDS:
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", "\u2013"), *lines]


def lines_to_choose(report: Report, code: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The lines of a figure by dimension, each as it stands in the address and in words."""
    found = []
    for one in report.line(code).figure.breakdowns:
        names = line_names(one.dimension, [line.code for line in one.lines])
        told = [(f"{one.dimension}={line.code}", names[line.code]) for line in one.lines]
        if told:
            found.append((str(DIMENSIONS.get(one.dimension, one.dimension)), told))
    return found


class CrossedPage(View):
    """Choose lines of a figure and read how many stand in all or any of them; nothing is kept."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """The form, and the count of what was chosen in the address."""
        staff: Any = request.user
        require(staff, "results.view_figure")
        rows = Programme.objects.reached_with(staff, "results.view_figure")
        programme = rows.filter(pk=kwargs["pk"]).first()
        code, as_of = kwargs["code"], kwargs["as_of"]
        if programme is None or is_outside(staff) or code not in codes_of(programme):
            raise Http404
        hidden = hidden_from(staff)
        lines = lines_to_choose(make_report(programme, as_of, without=hidden), code)
        form = CrossForm(request.GET if "first" in request.GET else None, lines=lines)
        groups: list[FactGroup] = []
        if form.is_bound and form.is_valid():
            told = form.cleaned_data
            places = [place_of(told[name]) for name in FIELDS if told[name]]
            try:
                facts = Facts(programme, as_of, hidden)
                found = crossed(code, facts, places, any_of=told["how"] == ANY)
                groups = [_answer(found)]
            except Refusal as refusal:
                form.add_error(None, message_of(refusal))
        return self._show(request, programme, form, groups)

    def _show(
        self, request: HttpRequest, programme: Programme, form: CrossForm, groups: list[FactGroup]
    ) -> HttpResponse:
        code, as_of = self.kwargs["code"], self.kwargs["as_of"]
        name = gettext(definition(code).indicator.name)
        context = {
            "title": gettext("Count an intersection"),
            "header": Header(
                _("Count an intersection"),
                subtitle=f"{name} · {format_day(as_of)}",
                crumbs=(
                    Crumb(
                        _("Figure"),
                        reverse("results:figure", args=[programme.pk, code, as_of.isoformat()]),
                    ),
                ),
            ),
            "form": form,
            "fact_groups": groups,
        }
        status = 422 if form.is_bound and form.errors else 200
        return render(request, "results/calculator.html", context, status=status)


def _answer(found: Crossed) -> FactGroup:
    line = found.line
    if line is None:
        few = gettext("Fewer than %(smallest)s, or all but fewer than %(smallest)s")
        return FactGroup(_("Answer"), [Fact(_("Value"), few % {"smallest": found.smallest})])
    return FactGroup(
        _("Answer"),
        [
            Fact(_("Value"), shown_value(line)),
            Fact(_("Counts"), both_counts(line)),
            Fact(_("95 % interval"), interval_text(line)),
        ],
    )
