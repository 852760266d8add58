"""The forms of lending."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.kernel.credit.codes import Repayment
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal
from handup.ledger.models import Book
from handup.lending.fields import DatesField, LinesField, SharesField, TranchesField
from handup.lending.models import Lender, ProductVersion
from handup.lending.models.labels import LENDER_MODES, METHODS, OUTCOMES, PAYERS, STOP_LABELS
from handup.lending.models.termlabels import ADVANCES
from handup.lending.rules.codes import Payer
from handup.lending.rules.seasons import takes_own_days
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.models import Enterprise, Household, Person
from handup.people.queries import heads_on
from handup.people.queries.merging import by_number
from handup.plans.models import Plan
from handup.plans.queries import current_version
from handup.projects.models import Organisation, Programme

ANCHORS = [
    ("", _("not marked")),
    ("0", _("0 – speaks against")),
    ("1", _("1 – weak")),
    ("2", _("2 – fair")),
    ("3", _("3 – good")),
    ("4", _("4 – very good")),
]


class MoneyOfForm(HouseForm):
    """A form whose money fields take the currency of what the page is about."""

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Set the currency of every amount."""
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, MoneyField):
                field.currency = currency


class LateForm(HouseForm):
    """A form of something that happened on a day: who may back-date says why only now."""

    late_reason = forms.CharField(
        label=_("Why only now?"),
        max_length=300,
        required=False,
        help_text=_("Only for a day too long ago for one person: somebody else confirms it."),
    )

    def __init__(self, *args: Any, late: bool = False, **options: Any) -> None:
        """late: she may back-date."""
        super().__init__(*args, **options)
        field = self.fields.pop("late_reason")
        if late:
            self.fields["late_reason"] = field


class ReceivedForm(LateForm, MoneyOfForm):
    """Money that came in."""

    units = MoneyField(label=_("Amount received"))
    value_date = DayField(label=_("Day it was paid"))
    method = forms.ChoiceField(label=_("How it was paid"), choices=METHODS)
    reference = forms.CharField(
        label=_("Receipt or reference"),
        max_length=60,
        required=False,
        help_text=_("The number on the paper receipt or of the bank transfer."),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("What was paid?"), ("units", "value_date")),
        Question(_("How?"), ("method", "reference")),
    )


class RepaymentForm(ReceivedForm):
    """A repayment: also who brought it, and where what is more than due goes."""

    payer = forms.ChoiceField(
        label=_("Who brought it"), choices=PAYERS, required=False, initial=Payer.BORROWER.value
    )
    advance_to = forms.ChoiceField(
        label=_("What is more than due goes to"),
        choices=[("", _("as the agreement says")), *ADVANCES],
        required=False,
    )
    separate = forms.CharField(
        label=_("Why this is another payment"),
        max_length=300,
        required=False,
        help_text=_("Only where as much is recorded already for that day; a second person agrees."),
    )
    questions = (
        *ReceivedForm.questions,
        Question(_("By whom, and what for?"), ("payer", "advance_to", "separate")),
    )

    def __init__(self, *args: Any, ahead: bool, **options: Any) -> None:
        """ahead: the terms of the loan let a payment say which instalments to come it pays."""
        super().__init__(*args, **options)
        if not ahead:
            del self.fields["advance_to"]


class DisburseForm(LateForm):
    """Money handed over."""

    value_date = DayField(label=_("Day the money was handed over"))
    method = forms.ChoiceField(label=_("How"), choices=METHODS, initial="BANK")
    reference = forms.CharField(label=_("Reference"), max_length=60, required=False)
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )


class ReasonForm(HouseForm):
    """A day and a reason."""

    value_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300)


class CancelForm(LateForm, ReasonForm):
    """The day and the reason a loan is not taken."""


class ReverseForm(LateForm, ReasonForm):
    """The day and the reason something is taken back."""


class WriteOffDecisionForm(HouseForm):
    """A second person's word on a proposed write-off."""

    approve = forms.ChoiceField(
        label=_("Decision"), choices=[("yes", _("Write the loan off")), ("no", _("Do not"))]
    )
    value_date = DayField(label=_("Day"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class BorrowerField(forms.CharField):
    """Who borrows, by number: a person, an enterprise, a group, or a household through its head.

    The value is the person, the enterprise or the group, if the reader may see it.
    """

    default_error_messages = {
        "unknown": _("No person, household, enterprise or group with this number is in your care."),
        "no_head": _("Nobody heads this household today. Write the number of a person."),
    }

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field."""
        super().__init__(max_length=40, **options)
        self.staff: Any = None

    def clean(self, value: Any) -> Any:
        """Find who it is."""
        text = super().clean(value)
        if not text:
            return None
        number = str(text).strip()
        plain = number.replace(" ", "").replace("-", "")
        if (person := by_number(Person.objects.visible_to(self.staff), plain)) is not None:
            return person
        for model in (Enterprise, Group):
            rows: Any = model._default_manager
            found = rows.visible_to(self.staff).filter(code__iexact=number).first()
            if found is not None:
                return found
        return self._head(number)

    def _head(self, number: str) -> Person:
        home = Household.objects.visible_to(self.staff).filter(code__iexact=number).first()
        if home is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        heads = heads_on([home.pk], on=timezone.localdate()).values()
        head = Person.objects.visible_to(self.staff).filter(pk__in=list(heads)).first()
        if head is None:
            raise forms.ValidationError(self.error_messages["no_head"], code="no_head")
        return head


class PlanNumberField(forms.CharField):
    """A plan by its number; the value is its version handed in last, if the reader may see it."""

    default_error_messages = {
        "unknown": _("No plan with this number is in your care."),
        "not_handed_in": _("This plan was not handed in yet."),
    }

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field."""
        super().__init__(max_length=20, required=False, **options)
        self.staff: Any = None

    def clean(self, value: Any) -> Any:
        """Find the plan."""
        text = super().clean(value)
        if not text:
            return None
        number = str(text).replace(" ", "").replace("-", "")
        plan = Plan.objects.visible_to(self.staff).filter(number=number).first()
        if plan is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        version = current_version(plan)
        if version is None:
            raise forms.ValidationError(self.error_messages["not_handed_in"], code="not_handed_in")
        return version


class VersionField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A product in force, by name and currency."""

    def label_from_instance(self, obj: Any) -> str:
        """Name and currency."""
        return f"{obj.product.name} ({obj.terms['currency']})"


class ApplicationForm(HouseForm):
    """A request for a loan."""

    borrower = BorrowerField(
        label=_("Number of the applicant"),
        help_text=_(
            "Of a person, a household, an enterprise or a group. The head asks for a household;"
            " the owners sign for an enterprise, those who hold an office for a group."
        ),
    )
    product_version = VersionField(label=_("Product"), queryset=ProductVersion.objects.none())
    amount = forms.CharField(
        label=_("Amount asked"), max_length=30, help_text=_("In the currency of the product.")
    )
    instalments = forms.IntegerField(label=_("Instalments"), min_value=1, max_value=600)
    purpose = forms.CharField(label=_("What for"), max_length=200)
    plan_version = PlanNumberField(
        label=_("Number of the business plan"),
        help_text=_("Left empty, the newest plan that is ready is taken."),
    )
    submitted_date = DayField(label=_("Asked on"))
    savings = forms.CharField(
        label=_("Savings seen"),
        max_length=30,
        required=False,
        help_text=_("Only what somebody saw in a passbook or account."),
    )
    questions: ClassVar[tuple[Question, ...]] = (
        Question(_("Who asks?"), ("borrower", "submitted_date")),
        Question(_("For what?"), ("product_version", "amount", "instalments", "purpose")),
        Question(_("What is there already?"), ("plan_version", "savings")),
    )

    def __init__(self, *args: Any, staff: Any, versions: Any, **options: Any) -> None:
        """Offer the products in force; find borrowers and plans the reader may see."""
        super().__init__(*args, **options)
        product = self.fields["product_version"]
        assert isinstance(product, forms.ModelChoiceField)
        product.queryset = versions
        for name in ("borrower", "plan_version"):
            field = self.fields[name]
            assert isinstance(field, BorrowerField | PlanNumberField)
            field.staff = staff

    def clean(self) -> dict[str, Any]:
        """Read the amounts in the currency of the product."""
        found = super().clean() or {}
        version = found.get("product_version")
        if version is not None:
            currency = version.terms["currency"]
            for name, required in (("amount", True), ("savings", False)):
                field = MoneyField(currency=currency, required=required)
                try:
                    found[f"{name}_units"] = field.clean(found.get(name, ""))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return found

    def refuse(self, refusal: Refusal) -> None:
        """Show what is refused of the applicant or the amount beside its question."""
        refusal.field = FIELDS.get(refusal.field or "", refusal.field)
        super().refuse(refusal)


FIELDS = {"person": "borrower", "enterprise": "borrower", "group": "borrower", "units": "amount"}
"""Where a field of the service stands on the form."""


class AppraisalForm(MoneyOfForm):
    """What the appraiser found."""

    appraised_date = DayField(label=_("Appraised on"))
    recommendation = forms.ChoiceField(label=_("Recommendation"), choices=OUTCOMES)
    recommended_units = MoneyField(label=_("Amount recommended"), required=False)
    note = forms.CharField(
        label=_("In a few sentences"), widget=forms.Textarea(attrs={"rows": 4}), required=False
    )
    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )

    def __init__(self, *args: Any, criteria: Sequence[str], **options: Any) -> None:
        """One mark a criterion of the product's grid."""
        super().__init__(*args, **options)
        self.criteria = tuple(criteria)
        for name in self.criteria:
            label = CRITERIA.get(name, name)
            self.fields[f"anchor_{name}"] = forms.ChoiceField(
                label=label, choices=ANCHORS, required=False, widget=forms.Select()
            )
            self.fields[f"anchor_{name}"].widget.attrs["class"] = "form-select"

    def anchors(self) -> dict[str, int]:
        """The marks given."""
        return {
            name: int(mark)
            for name in self.criteria
            if (mark := self.cleaned_data.get(f"anchor_{name}"))
        }


CRITERIA = {
    "capacity": _("Capacity to repay"),
    "character": _("Character and record"),
    "business": _("Business"),
    "market": _("Market"),
    "security": _("Security"),
}


class SubmitAgainForm(HouseForm):
    """The day it is asked anew."""

    submitted_date = DayField(label=_("Asked on"))


class VoteForm(HouseForm):
    """A member's vote."""

    choice = forms.ChoiceField(label=_("Vote"), choices=OUTCOMES)
    voted_date = DayField(label=_("Voted on"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class DecisionForm(MoneyOfForm):
    """What was decided."""

    outcome = forms.ChoiceField(label=_("Decision"), choices=OUTCOMES)
    approved_units = MoneyField(label=_("Approved amount"), required=False)
    decided_date = DayField(label=_("Decided on"))
    waived = forms.MultipleChoiceField(
        label=_("Stops set aside"),
        choices=[],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)
    before_signing = LinesField(label=_("To be met before signing, one a line"))
    before_pay_out = LinesField(label=_("To be met before paying out, one a line"))

    def __init__(self, *args: Any, waivable: Sequence[str], **options: Any) -> None:
        """Offer the stops the product lets a committee set aside."""
        super().__init__(*args, **options)
        waived = self.fields["waived"]
        assert isinstance(waived, forms.MultipleChoiceField)
        waived.choices = [
            (stop.value, label) for stop, label in STOP_LABELS.items() if stop.value in waivable
        ]
        if not waivable:
            del self.fields["waived"]


class SignForm(HouseForm):
    """The day of signing and the day the money is meant to be handed over."""

    signed_date = DayField(label=_("Signed on"))
    start_date = DayField(label=_("Money to be handed over on"))
    due_dates = DatesField(
        label=_("Days agreed one by one, one a line"),
        help_text=_("As many as there are instalments. Left empty: the product's own days."),
    )
    shares_bps = SharesField(
        label=_("Shares of the loan, percent"),
        max_length=4000,
        required=False,
        help_text=_("One for each instalment, together 100. Left empty: the product's own shares."),
    )
    tranches = TranchesField(
        label=_("Parts it is paid out in, one a line"),
        help_text=_("Day; amount; what has to be there first. For example 2026-03-15; 400; Roof."),
    )

    def __init__(self, *args: Any, terms: Terms, **options: Any) -> None:
        """Ask only for what may be agreed under the product's terms."""
        super().__init__(*args, **options)
        if not takes_own_days(terms):
            del self.fields["due_dates"]
        if terms.repayment is not Repayment.PRINCIPAL_SHARES:
            del self.fields["shares_bps"]
        if terms.tranches_max < 2:
            del self.fields["tranches"]
        else:
            parts = self.fields["tranches"]
            assert isinstance(parts, TranchesField)
            parts.currency = terms.currency


class LenderForm(HouseForm):
    """Whose money is lent."""

    code = forms.CharField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    mode = forms.ChoiceField(label=_("Whose money"), choices=LENDER_MODES)
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    organisation = forms.ModelChoiceField(
        label=_("Bank"), queryset=Organisation.objects.none(), required=False
    )
    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=Programme.objects.none(), required=False
    )
    book = forms.ModelChoiceField(
        label=_("Book its loans are kept in"),
        queryset=Book.objects.none(),
        required=False,
        help_text=_("Needed where the programme lends itself or a bank lends our money."),
    )
    active_from = DayField(label=_("Lends from"))

    def __init__(self, *args: Any, choices: dict[str, Any], **options: Any) -> None:
        """Offer banks, programmes and books the reader may see."""
        super().__init__(*args, **options)
        for name, rows in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class FacilityForm(HouseForm):
    """Money of ours that a bank lends, up to a limit."""

    limit_units = MoneyField(label=_("Limit"))
    revolving = forms.BooleanField(
        label=_("What comes back may be lent again"), required=False, initial=False
    )
    signed_date = DayField(label=_("Signed"))
    expiry_date = DayField(label=_("Expires"), required=False)

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Speak of the lender's currency."""
        super().__init__(*args, **options)
        field = self.fields["limit_units"]
        assert isinstance(field, MoneyField)
        field.currency = currency


class BankFileForm(HouseForm):
    """A bank's file."""

    lender = forms.ModelChoiceField(label=_("From which lender"), queryset=Lender.objects.none())
    file = forms.FileField(label=_("File"), help_text=_("A CSV file as agreed with the bank."))
    act = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            ("check", _("Only check it and show every row")),
            ("post", _("Post the good rows and list the wrong ones")),
        ],
        widget=forms.RadioSelect,
        initial="check",
    )

    def __init__(self, *args: Any, lenders: Any, **options: Any) -> None:
        """Offer the lenders whose files the reader may bring."""
        super().__init__(*args, **options)
        lender = self.fields["lender"]
        assert isinstance(lender, forms.ModelChoiceField)
        lender.queryset = lenders
