"""Forms of providers paid on results: terms, a claim, its approval, refusal and payment, and
its payment taken back.
"""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book, Fund
from handup.org.web.forms import DayField, HouseForm, MoneyField
from handup.people.forms.fields import in_programmes_money
from handup.projects.models import Organisation, Programme
from handup.training.forms.fields import StaffForm
from handup.training.models import Course
from handup.training.models.labels import choices
from handup.training.models.provider_pay import CLAIM_BACK, CLAIM_REFUSAL, PROVIDER_RESULT
from handup.training.models.support_labels import SUPPORT_METHOD
from handup.training.rules.provider_pay import (
    PLACEMENT_MONTHS,
    ClaimBack,
    ClaimRefusal,
    ProviderResult,
)
from handup.training.rules.support import SupportMethod


class ProviderTermsForm(StaffForm):
    """What a provider is paid for each person."""

    programme: Any = forms.ModelChoiceField(Programme.objects.none(), label=_("Programme"))
    provider: Any = forms.ModelChoiceField(Organisation.objects.none(), label=_("Provider"))
    course: Any = forms.ModelChoiceField(
        Course.objects.none(),
        label=_("Course"),
        required=False,
        help_text=_("Left open, the terms are for every course of the provider."),
    )
    result = forms.TypedChoiceField(
        label=_("Paid for each person who"), choices=choices(PROVIDER_RESULT), coerce=ProviderResult
    )
    month = forms.TypedChoiceField(
        label=_("Months after completion, for paid work"),
        choices=[("", "\u2013"), *((month, month) for month in PLACEMENT_MONTHS)],
        coerce=int,
        empty_value=None,
        required=False,
    )
    amount_units = MoneyField(label=_("Amount for each person"))
    starts = DayField(label=_("From"))
    ends = DayField(label=_("Until"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """The amount is written in the currency of the programme chosen."""
        super().__init__(*args, **options)
        in_programmes_money(self, "amount_units")


class DrawUpClaimForm(HouseForm):
    """The last day whose results count."""

    until = DayField(label=_("Results until"))


class ApproveClaimForm(HouseForm):
    """The approval of a claim."""

    approved_date = DayField(label=_("Approved on"))
    reason = forms.CharField(
        label=_("Reason, where you counted it yourself"), max_length=300, required=False
    )


class RefuseClaimForm(HouseForm):
    """Why a claim is not paid."""

    refused_date = DayField(label=_("Refused on"))
    refusal = forms.TypedChoiceField(
        label=_("Why"), choices=choices(CLAIM_REFUSAL), coerce=ClaimRefusal
    )


class PayClaimForm(StaffForm):
    """The payment: when, how, with which receipt, from which book."""

    paid_date = DayField(label=_("Paid on"))
    method = forms.TypedChoiceField(
        label=_("How"), choices=choices(SUPPORT_METHOD), coerce=SupportMethod
    )
    receipt = forms.CharField(label=_("Number of the receipt"), max_length=48)
    book: Any = forms.ModelChoiceField(
        Book.objects.none(),
        label=_("Book"),
        required=False,
        help_text=_("Left open, the only open book of the programme pays."),
    )
    fund: Any = forms.ModelChoiceField(Fund.objects.none(), label=_("Fund"), required=False)
    reason = forms.CharField(
        label=_("Reason, where you counted or approved it yourself"), max_length=300, required=False
    )


class TakeBackClaimForm(HouseForm):
    """A payment of a claim that was wrong."""

    taken_date = DayField(label=_("Taken back on"))
    back_reason = forms.TypedChoiceField(
        label=_("Why"), choices=choices(CLAIM_BACK), coerce=ClaimBack
    )
    reason = forms.CharField(
        label=_("Reason, where you paid it yourself"), max_length=300, required=False
    )
