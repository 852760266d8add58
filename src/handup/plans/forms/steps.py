"""Forms of the steps of a plan and of visits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm, MoneyField, Question, dress
from handup.plans.models import Plan
from handup.plans.models.labels import SIGNED_BY, VISIT_KIND, choices
from handup.plans.services import MonthIn

AMOUNTS = (
    ("sales_units", _("Sales")),
    ("materials_units", _("Goods and materials")),
    ("wages_units", _("Wages")),
    ("rent_units", _("Rent")),
    ("transport_units", _("Transport")),
    ("tax_units", _("Tax")),
    ("other_units", _("Other costs")),
    ("profit_told_units", _("Profit as she tells it")),
    ("stock_units", _("Stock now")),
    ("cash_units", _("Cash now")),
    ("drawings_units", _("Taken for living")),
)


class DayForm(HouseForm):
    """The day a step was taken."""

    on = DayField(label=_("Day"))


class ReturnForm(HouseForm):
    """What has to be changed."""

    comment = forms.CharField(label=_("What has to be changed?"), widget=forms.Textarea)


class AdviseForm(HouseForm):
    """The adviser's statement and the participant's agreement."""

    statement = forms.CharField(label=_("Statement of the adviser"), widget=forms.Textarea)
    signed_by = forms.ChoiceField(
        label=_("How did the participant agree?"), choices=choices(SIGNED_BY)
    )
    witness = forms.CharField(
        label=_("Witness of the mark"),
        help_text=_("Who saw her make her mark; leave it empty where she signed."),
        max_length=120,
        required=False,
    )
    advised_date = DayField(label=_("Day"))


class ApproveForm(HouseForm):
    """The second person's review."""

    reviewed_date = DayField(label=_("Day"))
    open_points = forms.CharField(
        label=_("Points still open"),
        help_text=_("Leave it empty when the plan is ready."),
        widget=forms.Textarea,
        required=False,
    )
    reason = forms.CharField(
        label=_("Reason, when one person advises and reviews"), max_length=300, required=False
    )


class VisitForm(HouseForm):
    """What a visit found."""

    kind = forms.ChoiceField(label=_("Why was she visited?"), choices=choices(VISIT_KIND))
    visit_date = DayField(label=_("Day of the visit"))
    place = forms.CharField(label=_("Where"), max_length=120, required=False)
    situation = forms.CharField(label=_("Situation"), widget=forms.Textarea, required=False)
    explanation = forms.CharField(label=_("Explanation"), widget=forms.Textarea, required=False)
    action = forms.CharField(label=_("What was done"), widget=forms.Textarea, required=False)
    next_step = forms.CharField(label=_("Next step"), widget=forms.Textarea, required=False)


class MissForm(HouseForm):
    """Why a planned visit was not made."""

    reason = forms.CharField(label=_("Why was it not made?"), max_length=200)
    cancelled = forms.BooleanField(label=_("It is not needed any more"), required=False)


class MonthForm(HouseForm):
    """One month as told; what nobody knows stays empty."""

    month = DayField(label=_("Month (any day of it)"))
    workers = forms.IntegerField(label=_("People working"), min_value=0, required=False)
    working_days = forms.IntegerField(
        label=_("Days worked"), min_value=0, max_value=31, required=False
    )

    def __init__(self, *args: Any, plan: Plan, **options: Any) -> None:
        """Make the amounts in the plan's currency."""
        super().__init__(*args, **options)
        for name, label in AMOUNTS:
            least = None if name == "profit_told_units" else 0
            self.fields[name] = MoneyField(
                label=label, currency=plan.currency, required=False, least_units=least
            )
        for field in self.fields.values():
            dress(field)
        self.page_questions = (
            Question(
                _("What was told?"),
                ("month", *(name for name, _label in AMOUNTS), "workers", "working_days"),
                _("Leave empty what nobody knows. Unknown is not zero."),
            ),
        )

    @property
    def groups(self) -> Any:
        """The fields by question."""
        return [(item, [self[name] for name in item.fields]) for item in self.page_questions]

    def clean(self) -> dict[str, Any]:
        """Gather the parts into what the service takes."""
        values = super().clean() or {}
        if not self.errors:
            values["told"] = self.told()
        return values

    def told(self) -> MonthIn:
        """What the service takes."""
        names = MonthIn.__dataclass_fields__
        return MonthIn(**{name: self.cleaned_data.get(name) for name in names})
