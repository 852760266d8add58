"""The forms of agreed changes: rescheduling, new terms, a moratorium of one loan or of many."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, Repayment
from handup.lending.rules.agreed import MOST_EXTRA, MOST_GRACE
from handup.org.web.forms import DayField, HouseForm, Question
from handup.org.web.money import format_share

PPM = 1_000_000

TREATMENTS = [
    (Treatment.CAPITALISE.value, _("Add it to the principal")),
    (Treatment.CARRY.value, _("Carry it over to the first new instalment")),
    (Treatment.WAIVE.value, _("Let go of it")),
]
UNITS = [
    ("", _("as it is")),
    (DueUnit.MONTH.value, _("months")),
    (DueUnit.WEEK.value, _("weeks")),
    (DueUnit.DAY.value, _("days")),
]
PLANS = [
    ("", _("as it is")),
    (Repayment.EQUAL_INSTALMENTS.value, _("Equal instalments")),
    (Repayment.EQUAL_PRINCIPAL.value, _("Equal principal")),
    (Repayment.BULLET.value, _("All principal with the last instalment")),
]
METHODS = [
    ("", _("as it is")),
    (Method.DECLINING.value, _("On the balance")),
    (Method.FLAT.value, _("On the whole loan")),
]
SCOPES = [
    (Scope.ALL.value, _("Whole instalments")),
    (Scope.PRINCIPAL.value, _("Only the principal; interest is paid")),
]
INTEREST_RUNS = [("yes", _("Interest runs on")), ("no", _("No interest in these days"))]
AGEING_RUNS = [
    ("no", _("Days late do not count on in these days")),
    ("yes", _("Days late count on")),
]


WHY = Question(_("When was it agreed, and why?"), ("value_date", "reason"))


class RateField(forms.DecimalField):
    """A rate a year in percent with up to four decimals; the value is in parts per million."""

    def __init__(self, **options: Any) -> None:
        """Bound it to 0 and 1,000 percent."""
        super().__init__(min_value=0, max_value=1000, decimal_places=4, **options)

    def clean(self, value: Any) -> Any:
        """In parts per million."""
        found = super().clean(value)
        return None if found is None else int(Decimal(found) * 10_000)


class ChangeForm(HouseForm):
    """What is agreed, when, and why."""

    value_date = DayField(
        label=_("Agreed on"),
        help_text=_("The change counts from this day."),
    )
    reason = forms.CharField(label=_("Reason"), max_length=300)

    def _spoken(self, bound: BoundField) -> str:
        value = self.cleaned_data.get(bound.name)
        if isinstance(bound.field, RateField) and value is not None:
            return format_share(value, PPM, 2)
        return super()._spoken(bound)


class RescheduleForm(ChangeForm):
    """Instalments on other days, with grace, more of them, or at another rate."""

    from_date = DayField(
        label=_("First instalment that changes: due on or after"),
        help_text=_("Choose the day of a late instalment to move it too."),
    )
    shift_to = DayField(
        label=_("It moves to"),
        required=False,
        help_text=_("Those after it follow by whole periods. Left empty, the days stay."),
    )
    principal_grace = forms.IntegerField(
        label=_("Instalments without principal first"),
        min_value=0,
        max_value=MOST_GRACE,
        initial=0,
    )
    extra_instalments = forms.IntegerField(
        label=_("More instalments"), min_value=0, max_value=MOST_EXTRA, initial=0
    )
    rate_ppm = RateField(
        label=_("New interest, percent a year"),
        required=False,
        help_text=_("Left empty, the rate stays."),
    )
    questions = (
        WHY,
        Question(_("Which instalments?"), ("from_date", "shift_to")),
        Question(_("What else changes?"), ("principal_grace", "extra_instalments", "rate_ppm")),
    )


class RestructureForm(ChangeForm):
    """New terms for all that is owed."""

    instalments = forms.IntegerField(label=_("Instalments"), min_value=1, max_value=600)
    every = forms.IntegerField(label=_("One every"), min_value=1, max_value=366, required=False)
    unit = forms.ChoiceField(label=_("Counted in"), choices=UNITS, required=False)
    first_due = DayField(
        label=_("The first is due on"),
        required=False,
        help_text=_("Left empty, one period after the day it was agreed."),
    )
    rate_ppm = RateField(
        label=_("Interest, percent a year"),
        required=False,
        help_text=_("Left empty, the rate stays."),
    )
    method = forms.ChoiceField(label=_("How interest is counted"), choices=METHODS, required=False)
    repayment = forms.ChoiceField(label=_("How it is repaid"), choices=PLANS, required=False)
    grace_principal = forms.IntegerField(
        label=_("Instalments without principal first"), min_value=0, initial=0
    )
    interest = forms.ChoiceField(
        label=_("Unpaid interest"), choices=TREATMENTS, initial=Treatment.CAPITALISE.value
    )
    fee = forms.ChoiceField(
        label=_("Unpaid fees"), choices=TREATMENTS, initial=Treatment.CARRY.value
    )
    penalty = forms.ChoiceField(
        label=_("Unpaid penalties"), choices=TREATMENTS, initial=Treatment.WAIVE.value
    )
    questions = (
        WHY,
        Question(_("When is it paid?"), ("instalments", "every", "unit", "first_due")),
        Question(_("On what terms?"), ("rate_ppm", "method", "repayment", "grace_principal")),
        Question(_("What becomes of what is unpaid?"), ("interest", "fee", "penalty")),
    )


HOW_LONG = Question(_("For how long?"), ("begins", "until"))
WAITS = Question(_("What waits?"), ("scope", "interest_runs", "ageing_runs"))


class MoratoriumForm(ChangeForm):
    """No instalments for a time."""

    begins = DayField(label=_("No instalments from"))
    until = DayField(label=_("until, this day included"))
    scope = forms.ChoiceField(label=_("What waits"), choices=SCOPES)
    interest_runs = forms.ChoiceField(label=_("Interest"), choices=INTEREST_RUNS)
    ageing_runs = forms.ChoiceField(label=_("Days late"), choices=AGEING_RUNS)
    questions: ClassVar[tuple[Question, ...]] = (WHY, HOW_LONG, WAITS)


class ManyLoansForm(MoratoriumForm):
    """A moratorium for many loans at once; each question left empty means all."""

    area = forms.ChoiceField(label=_("Area"), required=False)
    office = forms.ChoiceField(label=_("Office"), required=False)
    officer = forms.ChoiceField(label=_("Loan officer"), required=False)
    product = forms.ChoiceField(label=_("Product"), required=False)
    group = forms.ChoiceField(label=_("Group"), required=False)
    paid_out_from = DayField(label=_("Paid out from"), required=False)
    paid_out_to = DayField(label=_("Paid out until"), required=False)
    questions = (
        *(WHY, HOW_LONG, WAITS),
        Question(
            _("Which loans?"),
            (
                *("area", "office", "officer", "product", "group"),
                *("paid_out_from", "paid_out_to"),
            ),
            _("Only running loans with an instalment in these days. Left empty means all."),
        ),
    )

    def __init__(
        self, *args: Any, choices: dict[str, Sequence[tuple[str, str]]], **options: Any
    ) -> None:
        """Offer what the loans of the reader have."""
        super().__init__(*args, **options)
        for name, pairs in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", _("all")), *pairs]


class ChangeDecisionForm(HouseForm):
    """Another person's word on a proposed change."""

    approve = forms.ChoiceField(
        label=_("Decision"), choices=[("yes", _("Approve")), ("no", _("Decline"))]
    )
    value_date = DayField(label=_("Counts from"), help_text=_("Not later than today."))
    reason = forms.CharField(
        label=_("Reason, when you decline or one person does several steps"),
        max_length=300,
        required=False,
    )
