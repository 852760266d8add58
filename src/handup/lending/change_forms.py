"""The forms of agreed changes: rescheduling, new terms, a moratorium of one loan or of many."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.kernel.credit.changes import Scope, Treatment
from handup.kernel.credit.codes import DueUnit, Method, Repayment
from handup.kernel.errors import Faults, Refusal
from handup.lending.fields import LinesField
from handup.lending.models.labels import METHODS as MONEY_WAYS
from handup.lending.rules.agreed import MOST_EXTRA, MOST_GRACE
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
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
        help_text=_(
            "Those after it follow by whole periods, unless it moves alone. Left empty, the days"
            " stay."
        ),
    )
    alone = forms.BooleanField(
        label=_("Only this instalment moves; those after it keep their days"), required=False
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
        Question(_("Which instalments?"), ("from_date", "shift_to", "alone")),
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


class RefinanceForm(ChangeForm):
    """A signed loan that pays this one off."""

    into = forms.ChoiceField(
        label=_("The new loan"),
        help_text=_("Signed loans of the same borrower and lender that are not paid out yet."),
    )
    method = forms.ChoiceField(label=_("How the rest is handed over"), choices=MONEY_WAYS)
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)
    questions = (
        WHY,
        Question(_("Which loan pays it off?"), ("into",)),
        Question(_("How is the rest handed over?"), ("method", "reference")),
    )

    def __init__(self, *args: Any, loans: Sequence[tuple[str, str]], **options: Any) -> None:
        """Offer the loans that could."""
        super().__init__(*args, **options)
        field = self.fields["into"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(loans)


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


class TransferForm(ChangeForm):
    """Loans that move to another lender, with what that one states it takes over."""

    to = forms.ChoiceField(label=_("They move to"))
    loans = LinesField(
        label=_("Numbers of the loans, one a line"),
        longest=20,
        most=500,
        help_text=_("Left empty, all running loans of this lender."),
    )
    goes_on = forms.ChoiceField(
        label=_("Afterwards"),
        choices=[
            ("yes", _("They go on here, under the other lender")),
            ("no", _("They leave; we keep their history")),
        ],
    )
    method = forms.ChoiceField(
        label=_("How they are paid for, where only one of the lenders has a book of ours"),
        choices=MONEY_WAYS,
        initial="BANK",
    )
    total_loans = forms.IntegerField(label=_("Number of loans"), min_value=1)
    disbursed_units = MoneyField(label=_("Lent in all"), least_units=0)
    principal_units = MoneyField(label=_("Principal owed"), least_units=0)
    interest_units = MoneyField(label=_("Interest owed"), least_units=0)
    fee_units = MoneyField(label=_("Fees owed"), least_units=0)
    questions = (
        WHY,
        Question(_("Which loans, to whom?"), ("to", "loans")),
        Question(_("What becomes of them?"), ("goes_on", "method")),
        Question(
            _("What does the other lender take over?"),
            (
                *("total_loans", "disbursed_units", "principal_units"),
                *("interest_units", "fee_units"),
            ),
            _("From its own list, as of the day above. Ours must come to the same."),
        ),
    )

    def __init__(
        self, *args: Any, lenders: Sequence[tuple[str, str]], currency: str, **options: Any
    ) -> None:
        """Offer the other lenders; amounts in the lender's currency."""
        super().__init__(*args, **options)
        to = self.fields["to"]
        assert isinstance(to, forms.ChoiceField)
        to.choices = list(lenders)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency

    def refuse(self, refusal: Refusal) -> None:
        """Show a total that differs beside its question."""
        if isinstance(refusal, Faults):
            places = [
                replace(fault, place="total_loans") if fault.place == "loans" else fault
                for fault in refusal.faults
            ]
            refusal.faults = tuple(places)
        super().refuse(refusal)


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
