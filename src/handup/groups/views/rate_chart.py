"""The form of a rate chart for milk."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.groups.models.collection import PRICINGS
from handup.groups.rules.milk import Measure
from handup.groups.rules.rate_chart import FIELDS
from handup.groups.services import collection
from handup.groups.views.collection_forms import OfCollection
from handup.org.web.forms import DayField, HouseForm, Question, dress
from handup.org.web.money import currency_digits

PRICES = {
    "per_litre_x100": _("Price of a litre"),
    "per_fat_point_x100": _("Price of a litre for each percent of fat"),
    "fat_per_kg_x100": _("Price of a kilogram of fat"),
    "snf_per_kg_x100": _("Price of a kilogram of solids"),
}
CONSTANTS = {
    "kg_per_litre_x10000": _("Weight of a litre in kilograms"),
    "snf_lactometer_x10000": _("Solids: factor of the lactometer"),
    "snf_fat_x10000": _("Solids: factor of fat"),
    "snf_constant_x10000": _("Solids: constant"),
}
MEASURE_WORDS = {"FAT": Measure.FAT, "SNF": Measure.SNF, "COLD": Measure.COLD}


class ChartForm(HouseForm):
    """What milk is paid from a day on."""

    from_date = DayField(label=_("Holds from"))
    pricing = forms.ChoiceField(
        label=_("Paid"), choices=[(code.value, word) for code, word in PRICINGS.items()]
    )
    grid = forms.CharField(
        label=_("Table: fat, solids and price of a litre, one step a line"),
        widget=forms.Textarea,
        required=False,
        help_text=_("3.5 8.0 410"),
    )
    premiums = forms.CharField(
        label=_("Premiums a litre, one a line"),
        widget=forms.Textarea,
        required=False,
        help_text=_(
            "FAT 4.0 20: from 4 percent of fat; SNF 8.5 10: from 8.5 percent of solids;"
            " COLD 10 5: up to 10 degrees. Below zero it is taken off."
        ),
    )
    questions = (
        Question(_("From when, and by what?"), ("from_date", "pricing")),
        Question(_("What is paid?"), (*PRICES, "grid", "premiums")),
        Question(_("Constants"), tuple(CONSTANTS), folded=True),
    )

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Prices in main units of the currency."""
        super().__init__(*args, **options)
        self.scale = 100 * 10 ** currency_digits(currency)
        for names, places in ((PRICES, 2 + currency_digits(currency)), (CONSTANTS, 4)):
            for name, label in names.items():
                field = forms.DecimalField(
                    label=label,
                    required=False,
                    min_value=0,
                    max_digits=12,
                    decimal_places=places,
                )
                dress(field)
                self.fields[name] = field

    def clean_grid(self) -> list[dict[str, int]]:
        """The steps of the table."""
        return [
            {
                "fat_bps": _kept(fat, 100, number),
                "snf_bps": _kept(snf, 100, number),
                "per_litre_x100": _kept(price, self.scale, number),
            }
            for number, (fat, snf, price) in self._lines("grid", 3)
        ]

    def clean_premiums(self) -> list[dict[str, Any]]:
        """The premiums and what is taken off."""
        found: list[dict[str, Any]] = []
        for number, line in enumerate(str(self.cleaned_data["premiums"]).splitlines(), start=1):
            words = line.split()
            if not words:
                continue
            measure = MEASURE_WORDS.get(words[0].upper())
            numbers = [_number(word) for word in words[1:]]
            if measure is None or len(numbers) != 2 or None in numbers:
                raise forms.ValidationError(_("Line %(n)s cannot be read.") % {"n": number})
            bound, price = (value for value in numbers if value is not None)
            by = 10 if measure is Measure.COLD else 100
            found.append(
                {
                    "of": measure.value,
                    "bound": _kept(bound, by, number),
                    "per_litre_x100": _kept(price, self.scale, number),
                }
            )
        return found

    def _lines(self, name: str, count: int) -> list[tuple[int, list[Decimal]]]:
        found = []
        for number, line in enumerate(str(self.cleaned_data[name]).splitlines(), start=1):
            words = re.split(r"[\s;]+", line.strip())
            if words == [""]:
                continue
            numbers = [value for word in words if (value := _number(word)) is not None]
            if len(words) != count or len(numbers) != count:
                raise forms.ValidationError(_("Line %(n)s cannot be read.") % {"n": number})
            found.append((number, numbers))
        return found

    def terms(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The whole numbers of the chart."""
        told = {name: values[name] for name in ("pricing", "grid", "premiums")}
        for name in FIELDS:
            if values[name] is not None:
                told[name] = int(values[name] * (self.scale if name in PRICES else 10_000))
        return told


def _kept(value: Decimal, by: int, number: int) -> int:
    """The whole number that is kept. Raises ValidationError where digits would be lost."""
    whole = value * by
    if whole != whole.to_integral_value():
        told = _("Line %(n)s has more digits after the point than a chart keeps.")
        raise forms.ValidationError(told % {"n": number})
    return int(whole)


def _number(word: str) -> Decimal | None:
    try:
        value = Decimal(word.replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**9 else None


class PublishChart(OfCollection):
    """Publish a rate chart."""

    form_class = ChartForm
    title = _("Publish a rate chart")
    intro = _("It holds from its day on; deliveries before keep the chart of their day.")
    verb = _("Publish")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Publish it."""
        form = ChartForm(currency=self.subject.currency)
        return collection.publish_rate_chart(
            acting_staff=self.staff,
            group=self.subject,
            from_date=values["from_date"],
            terms=form.terms(values),
            id=self.new_id,
        )
