"""The page on which a programme's figures are chosen, and the day they are shown for."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, FormPage, HouseForm
from handup.projects.models import Programme
from handup.results.definitions import DEFINITIONS, definition
from handup.results.report import codes_of, reporting_day
from handup.results.services import choose_indicators, set_reporting_day


def _choices() -> list[tuple[str, Any]]:
    return [(code, _label(code)) for code in DEFINITIONS]


def _label(code: str) -> Any:
    item = definition(code)
    name = _(item.indicator.name)
    return format_lazy("{} · {}", name, item.method) if item.method else name


class FiguresForm(HouseForm):
    """Which figures, and of which day."""

    codes = forms.MultipleChoiceField(
        label=_("Figures"), widget=forms.CheckboxSelectMultiple, choices=_choices
    )
    day = DayField(
        label=_("Shown for the day"),
        required=False,
        help_text=_("Left empty: the day on which they are looked at."),
    )


class ChooseFigures(FormPage):
    """Choose what a programme's page of results shows."""

    form_class = FiguresForm
    permission = "results.choose_indicators"
    subject_model = Programme
    title = _("Choose the figures")
    intro = _("They stand on the programme's page of results and in its reports, in this order.")

    def initial(self) -> dict[str, Any]:
        """As they stand."""
        return {"codes": codes_of(self.subject), "day": reporting_day(self.subject)}

    def perform(self, values: dict[str, Any]) -> Programme:
        """Choose them."""
        choose_indicators(acting_staff=self.staff, programme=self.subject, codes=values["codes"])
        set_reporting_day(acting_staff=self.staff, programme=self.subject, day=values["day"])
        programme: Programme = self.subject
        return programme

    def success_url(self, result: Programme) -> str:
        """The results."""
        return reverse("results:benefits", args=[result.pk])
