"""How many must be asked: a calculator for a share, a change and a comparison (results.md 4.6, S12,
S13)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.org.permissions import require
from handup.org.web.forms import HouseForm, Question
from handup.org.web.money import format_number
from handup.org.web.pages import Fact, FactGroup, Header
from handup.results.rules.impact import samples

SURE, SURE_AND_FOUND = _("95 %"), _("95 %, and found 8 times of 10")
SHARE, CHANGE, COMPARISON = "SHARE", "CHANGE", "COMPARISON"
WHAT = [
    (SHARE, _("a share, for example of those who save")),
    (CHANGE, _("a change of the same people between two rounds")),
    (COMPARISON, _("a difference between those who took part and others, over two rounds")),
]


class SampleForm(HouseForm):
    """What is to be found, and what is known before."""

    questions = (
        Question(_("What do you want to know?"), ("what",)),
        Question(_("For a share"), ("half_width", "expected", "population")),
        Question(_("For a change or a comparison"), ("deviation", "correlation", "difference")),
        Question(
            _("For all"),
            ("response", "cluster_size", "likeness"),
            _("If people are asked village by village, say how many in each."),
        ),
    )

    what = forms.ChoiceField(label=_("I want to know"), choices=WHAT)
    half_width = forms.FloatField(
        label=_("Give or take, in per cent"), min_value=0.1, max_value=50, initial=5
    )
    expected = forms.FloatField(
        label=_("Share expected, in per cent"), min_value=0.1, max_value=99.9, initial=50
    )
    population = forms.IntegerField(
        label=_("How many there are in all"), min_value=1, max_value=10**9, required=False
    )
    deviation = forms.FloatField(
        label=_("Standard deviation"), min_value=1e-6, max_value=1e12, required=False
    )
    correlation = forms.FloatField(
        label=_("Likeness of both rounds (correlation)"), min_value=0, max_value=0.99, initial=0.5
    )
    difference = forms.FloatField(
        label=_("Smallest difference worth finding"), min_value=1e-6, max_value=1e12, required=False
    )
    response = forms.FloatField(
        label=_("Of 100 invited, so many answer"), min_value=1, max_value=100, initial=80
    )
    cluster_size = forms.IntegerField(
        label=_("Asked in each cluster"), min_value=1, max_value=10_000, initial=1
    )
    likeness = forms.FloatField(
        label=_("Likeness within a cluster (0 to 1)"), min_value=0, max_value=1, initial=0
    )

    def clean(self) -> dict[str, Any]:
        """A change or a comparison needs a deviation and a difference."""
        told = super().clean() or self.cleaned_data
        if told.get("what") in {CHANGE, COMPARISON}:
            for name in ("deviation", "difference"):
                if name not in self.errors and told.get(name) is None:
                    self.add_error(name, _("Write a number above nothing."))
        return dict(told)


def size_of(told: dict[str, Any]) -> samples.Size:
    """The answers needed and how many to invite. Raises ValueError where it cannot be reached."""
    effect = samples.design_effect(told["cluster_size"], told["likeness"])
    response = told["response"] / 100
    if told["what"] == SHARE:
        return samples.for_share(
            half_width=told["half_width"] / 100,
            p=told["expected"] / 100,
            population=told["population"],
            design_effect=effect,
            response=response,
        )
    needed = samples.for_change if told["what"] == CHANGE else samples.for_comparison
    return needed(
        sd=told["deviation"],
        rho=told["correlation"],
        delta=told["difference"],
        retention=response,
        effect=effect,
    )


class SampleCalculator(View):
    """The calculator; it keeps nothing."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The empty form, or the answer to what was asked in the address."""
        staff: Any = request.user
        require(staff, "results.view_figure")
        if "what" not in request.GET:
            return self._show(SampleForm(), [])
        form = SampleForm(request.GET)
        groups: list[FactGroup] = []
        if form.is_valid():
            try:
                groups = [_answer(form.cleaned_data)]
            except (ValueError, OverflowError):
                form.add_error(None, _("So many cannot be asked. Allow a wider margin."))
        return self._show(form, groups)

    def _show(self, form: SampleForm, groups: Sequence[FactGroup]) -> HttpResponseBase:
        title = gettext("How many must be asked?")
        lead = gettext("Nothing is kept here. Change a number and look again.")
        context = {
            "title": title,
            "header": Header(title, lead),
            "form": form,
            "fact_groups": groups,
        }
        status = 422 if form.is_bound and form.errors else 200
        return render(self.request, "results/calculator.html", context, status=status)


def _answer(told: dict[str, Any]) -> FactGroup:
    size = size_of(told)
    effect = samples.design_effect(told["cluster_size"], told["likeness"])
    each = told["what"] == COMPARISON
    return FactGroup(
        _("Answer"),
        [
            Fact(
                _("Answers needed in each group") if each else _("Answers needed"),
                format_number(-int(-size.answers // 1)),
            ),
            Fact(
                _("To invite in each group") if each else _("To invite"),
                format_number(size.invite),
            ),
            Fact(_("Times as many because of clusters"), format_number(round(effect, 3))),
            Fact(
                _("How sure"), _("95 %") if told["what"] == SHARE else _("95 %, found in 8 of 10")
            ),
        ],
    )
