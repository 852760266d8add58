"""The forms of money before its time, of charges, waivers and refunds, and of deciding on them."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.codes import Component
from handup.lending.forms import LateForm, MoneyOfForm
from handup.lending.models.labels import COMPONENTS, METHODS
from handup.lending.models.termlabels import EARLY_EFFECTS
from handup.lending.services.charges import CHARGEABLE, WAIVABLE
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.projects.models import Organisation

AS_AGREED = ("", _("as the agreement says"))


class QuoteForm(HouseForm):
    """Until when the borrower would pay, and in which language she is told."""

    valid_date = DayField(label=_("She pays by"))
    language = forms.ChoiceField(label=_("Language of the paper"), choices=settings.LANGUAGES)


class PayOffForm(LateForm, MoneyOfForm):
    """Money that closes a loan."""

    units = MoneyField(label=_("Amount received"))
    value_date = DayField(label=_("Day it was paid"))
    method = forms.ChoiceField(label=_("How it was paid"), choices=METHODS)
    reference = forms.CharField(label=_("Receipt or reference"), max_length=60, required=False)
    quote = forms.UUIDField(required=False, widget=forms.HiddenInput)
    questions = (
        Question(_("What was paid?"), ("units", "value_date")),
        Question(_("How?"), ("method", "reference")),
    )


class WithdrawForm(LateForm, MoneyOfForm):
    """Money that a borrower gives back."""

    units = MoneyField(label=_("Amount received"))
    value_date = DayField(label=_("Day it was paid"))
    method = forms.ChoiceField(label=_("How it was paid"), choices=METHODS)
    reference = forms.CharField(label=_("Receipt or reference"), max_length=60, required=False)
    questions = (
        Question(_("What was paid?"), ("units", "value_date")),
        Question(_("How?"), ("method", "reference")),
    )


class InsuranceForm(LateForm, MoneyOfForm):
    """Money that an insurer paid for a loan."""

    insurer = forms.ModelChoiceField(label=_("Insurer"), queryset=Organisation.objects.none())
    event_date = DayField(label=_("Day of what it pays for"))
    units = MoneyField(
        label=_("Amount received"),
        help_text=_("What is more than the debt of that day is handed to the family."),
    )
    received_date = DayField(label=_("Day it was received"))
    method = forms.ChoiceField(label=_("How it was paid"), choices=METHODS, initial="BANK")
    reference = forms.CharField(label=_("Number of the claim"), max_length=60, required=False)
    questions = (
        Question(_("Who pays, for what?"), ("insurer", "event_date")),
        Question(_("What was paid?"), ("units", "received_date")),
        Question(_("How?"), ("method", "reference")),
    )

    def __init__(self, *args: Any, organisations: Any, **options: Any) -> None:
        """Offer the organisations the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["insurer"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations


class EarlyForm(LateForm, MoneyOfForm):
    """Money paid before it is due."""

    units = MoneyField(label=_("Amount received"))
    value_date = DayField(label=_("Day it was paid"))
    effect = forms.ChoiceField(
        label=_("What becomes of the instalments to come"),
        choices=[AS_AGREED, *EARLY_EFFECTS],
        required=False,
        help_text=_("The borrower asks for it and signs."),
    )
    method = forms.ChoiceField(label=_("How it was paid"), choices=METHODS)
    reference = forms.CharField(label=_("Receipt or reference"), max_length=60, required=False)
    questions = (
        Question(_("What was paid?"), ("units", "value_date")),
        Question(_("What for?"), ("effect",)),
        Question(_("How?"), ("method", "reference")),
    )


def _named(components: tuple[Component, ...]) -> list[tuple[str, Any]]:
    labels = dict(COMPONENTS)
    return [(part.value, labels[part.value]) for part in components]


class ChargeForm(LateForm, MoneyOfForm):
    """A fee or a penalty asked by hand."""

    component = forms.ChoiceField(label=_("What is charged"), choices=_named(CHARGEABLE))
    units = MoneyField(label=_("Amount"))
    value_date = DayField(label=_("Charged on"))
    due_date = DayField(label=_("To be paid by"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
    questions = (
        Question(_("What is charged?"), ("component", "units", "reason")),
        Question(_("When?"), ("value_date", "due_date")),
    )


class WaiverForm(MoneyOfForm):
    """What is let go of."""

    component = forms.ChoiceField(label=_("What is waived"), choices=_named(WAIVABLE))
    units = MoneyField(label=_("Amount"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class RefundForm(MoneyOfForm):
    """Overpaid money that is handed back."""

    units = MoneyField(label=_("Amount to hand back"))
    method = forms.ChoiceField(label=_("How"), choices=METHODS)
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)


class DecisionForm(HouseForm):
    """Another person's word on a proposed change."""

    approve = forms.ChoiceField(
        label=_("Decision"),
        choices=[("yes", _("Approve")), ("no", _("Decline"))],
        widget=forms.RadioSelect,
    )
    value_date = DayField(label=_("The change counts from"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed when you decline."),
    )

    def __init__(self, *args: Any, own_day: bool = False, **options: Any) -> None:
        """own_day: what is decided on names its day itself."""
        super().__init__(*args, **options)
        if own_day:
            del self.fields["value_date"]
