"""Forms of tracer rounds: a round, and what one graduate answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm, MoneyField
from handup.people.forms.fields import in_programmes_money
from handup.projects.models import Programme
from handup.training.forms.fields import StaffForm
from handup.training.models.labels import choices
from handup.training.models.tracers import TRACER_OUTCOME
from handup.training.rules.tracers import MONTHS, TracerOutcome


class RoundForm(StaffForm):
    """A round of asking."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    month = forms.TypedChoiceField(
        label=_("Months after completion"),
        choices=[(month, str(month)) for month in MONTHS],
        coerce=int,
    )
    opened_date = DayField(label=_("Day"))
    threshold_units = MoneyField(
        label=_("Least income a month that counts as placed"), least_units=0
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """The income is written in the currency of the programme chosen."""
        super().__init__(*args, **options)
        in_programmes_money(self, "threshold_units")


class TracerForm(HouseForm):
    """What one graduate answered."""

    asked_date = DayField(label=_("Asked on"))
    outcome = forms.TypedChoiceField(
        label=_("What she does"), choices=choices(TRACER_OUTCOME), coerce=TracerOutcome
    )
    started_date = DayField(label=_("Since"), required=False)
    income_units = MoneyField(label=_("Income a month"), least_units=0, required=False)
    permanent = forms.BooleanField(label=_("The work is permanent"), required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Write the income in the round's currency."""
        super().__init__(*args, **options)
        field = self.fields["income_units"]
        assert isinstance(field, MoneyField)
        field.currency = currency
