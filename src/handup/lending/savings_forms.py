"""The forms of compulsory savings: opening an account, money in and out, setting off."""

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.lending.forms import LateForm, MoneyOfForm
from handup.lending.models.labels import METHODS
from handup.lending.rules.codes import SavingsGround
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question

GROUNDS = [
    (SavingsGround.AGREED.value, _("the saver agreed")),
    (SavingsGround.LATE.value, _("the loan is late for longer than allowed")),
]


class OpenSavingsForm(HouseForm):
    """From which day an account is kept."""

    opened_date = DayField(label=_("Opened on"))


class SavingsMoneyForm(LateForm, MoneyOfForm):
    """Money a saver brings or is given back."""

    units = MoneyField(label=_("Amount"))
    value_date = DayField(label=_("Day"))
    method = forms.ChoiceField(label=_("How"), choices=METHODS)
    reference = forms.CharField(label=_("Receipt or reference"), max_length=60, required=False)


class SetOffForm(MoneyOfForm):
    """Savings that would pay a loan."""

    units = MoneyField(label=_("Amount to set off"))
    ground = forms.ChoiceField(label=_("On what ground"), choices=GROUNDS, widget=forms.RadioSelect)
    agreed_date = DayField(label=_("The saver agreed on"), required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300)
    questions = (
        Question(_("How much?"), ("units",)),
        Question(_("Why?"), ("ground", "agreed_date", "reason")),
    )
