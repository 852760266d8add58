"""The forms of a guarantee fund: the guarantee, a call, its payment, what came back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.lending.forms import LateForm, MoneyOfForm
from handup.lending.models.labels import METHODS
from handup.lending.security_forms import PercentField
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question


class GuaranteeForm(MoneyOfForm):
    """What a fund stands for."""

    deposit_units = MoneyField(label=_("Deposit"))
    cover_bps = PercentField(label=_("Share of each loan that is covered, percent"), initial=50)
    leverage = forms.DecimalField(
        label=_("Loans covered, as a multiple of the deposit"),
        min_value=0,
        max_value=100,
        decimal_places=2,
        initial=1,
    )
    call_after_days = forms.IntegerField(
        label=_("May be called when a loan is late more than so many days"),
        min_value=0,
        max_value=3650,
        initial=90,
    )
    signed_date = DayField(label=_("Signed on"))
    expiry_date = DayField(label=_("Expires on"), required=False)
    book = forms.ModelChoiceField(
        label=_("Book its payments are kept in"),
        queryset=Book.objects.none(),
        required=False,
        help_text=_("Left empty, the book of the lender."),
    )
    questions = (
        Question(_("How much does it cover?"), ("deposit_units", "cover_bps", "leverage")),
        Question(_("When may it be called?"), ("call_after_days", "signed_date", "expiry_date")),
        Question(_("Where is it kept?"), ("book",)),
    )

    def __init__(self, *args: Any, books: Any, **options: Any) -> None:
        """Offer the books the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["book"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = books


class CallGuaranteeForm(MoneyOfForm):
    """What the bank asks for."""

    called_date = DayField(label=_("Called on"))
    units = MoneyField(
        label=_("The bank asks for"),
        required=False,
        help_text=_("Left empty, all of the loan that is covered."),
    )
    reference = forms.CharField(label=_("Number of its letter"), max_length=60, required=False)


class PayGuaranteeForm(LateForm):
    """How the bank is paid."""

    value_date = DayField(label=_("Day it was paid"))
    method = forms.ChoiceField(label=_("How"), choices=METHODS, initial="BANK")
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )


class GuaranteeRecoveryForm(LateForm, MoneyOfForm):
    """What the bank recovered from the borrower."""

    recovered_units = MoneyField(label=_("The bank recovered"))
    value_date = DayField(label=_("Day our share came in"))
    method = forms.ChoiceField(label=_("How"), choices=METHODS, initial="BANK")
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)


class WithdrawGuaranteeForm(HouseForm):
    """Why a call is let go."""

    withdrawn_date = DayField(label=_("Withdrawn on"))
    reason = forms.CharField(label=_("Reason"), max_length=300)
