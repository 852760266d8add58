"""The form of one cost of training: of a cohort, a tracer round, or a pool many cohorts share."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, MoneyField
from handup.projects.models import BudgetLine, Programme
from handup.training.forms.fields import StaffForm
from handup.training.models import Cohort, TracerRound

RATE_SCALE = 10**10


class CostForm(StaffForm):
    """What was paid, for which cohort or pool, and the rate where it was in another currency."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    cohort: Any = forms.ModelChoiceField(Cohort.objects.none(), label=_("Cohort"), required=False)
    pool = forms.CharField(
        label=_("Shared pool"),
        max_length=40,
        required=False,
        help_text=_("Instead of a cohort: what many cohorts carry together."),
    )
    tracer_round: Any = forms.ModelChoiceField(
        TracerRound.objects.none(),
        label=_("Tracer round"),
        required=False,
        help_text=_("Instead of a cohort: what asking graduates cost."),
    )
    title = forms.CharField(label=_("What for"), max_length=200)
    budget_line: Any = forms.ModelChoiceField(
        BudgetLine.objects.none(), label=_("Budget line"), required=False
    )
    cost_date = DayField(label=_("Date"))
    currency = forms.RegexField(r"^[A-Z]{3}$", label=_("Currency"), max_length=3)
    amount_units = MoneyField(label=_("Amount"))
    rate = forms.DecimalField(
        label=_("Rate into the programme's currency"),
        min_value=Decimal(0),
        max_digits=18,
        decimal_places=10,
        required=False,
    )
    rate_date = DayField(label=_("Rate of"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        """The amount is written in the currency typed."""
        super().__init__(*args, **options)
        amount = self.fields["amount_units"]
        assert isinstance(amount, MoneyField)
        typed = self.data.get(self.add_prefix("currency"), "") if self.is_bound else ""
        known = len(typed) == 3 and typed.isascii() and typed.isupper()
        amount.currency = typed if known else str(self.initial.get("currency", ""))

    def clean(self) -> dict[str, Any]:
        """The rate as a whole number, times 10^10."""
        data = super().clean() or self.cleaned_data
        rate = data.pop("rate", None)
        data["rate_numerator"] = None if rate is None else int(rate * RATE_SCALE)
        return data
