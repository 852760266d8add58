"""Fields the forms of markets share: codes as words, shares in percent, long texts."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.markets.models.labels import Labels, choices
from handup.org.models import StaffUser
from handup.org.web.forms import HouseForm
from handup.people.forms.fields import PlaceFields


def one_of(labels: Labels, label: Any, **options: Any) -> forms.ChoiceField:
    """One code of a closed list, as words."""
    pairs = choices(labels)
    if "initial" not in options:
        pairs = [("", _("choose") if options.get("required", True) else _("not known")), *pairs]
    return forms.ChoiceField(label=label, choices=pairs, **options)


def text(label: Any, most: int = 2_000, **options: Any) -> forms.CharField:
    """A few sentences, or none."""
    options.setdefault("required", False)
    return forms.CharField(
        label=label, max_length=most, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


def count(label: Any, **options: Any) -> forms.IntegerField:
    """A number of people or things, or nothing known."""
    options.setdefault("required", False)
    return forms.IntegerField(label=label, min_value=0, max_value=1_000_000_000, **options)


class PercentField(forms.DecimalField):
    """A share typed in percent ("2,5"); the value is in hundredths of a percent."""

    def __init__(self, **options: Any) -> None:
        """Take up to two decimals below 100, unless told otherwise."""
        options.setdefault("max_value", Decimal("99.99"))
        super().__init__(min_value=0, max_digits=5, decimal_places=2, **options)

    def clean(self, value: Any) -> Any:
        """The share in hundredths of a percent; 0 when left empty."""
        told = super().clean(value)
        return 0 if told is None else int(told * 100)


class Placed(PlaceFields, HouseForm):
    """A form that asks where its record belongs, among what the reader may name."""

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer the reader's programmes, offices and areas."""
        super().__init__(*args, **options)
        self.fill_places(staff)


def offer(form: forms.Form, name: str, rows: Any) -> None:
    """Give a field its rows."""
    field = form.fields[name]
    assert isinstance(field, forms.ModelChoiceField)
    field.queryset = rows
