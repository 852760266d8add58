"""The forms of the bank channel."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.ledger.models import Book
from handup.lending.models import BankAccount, Loan, StatementLine
from handup.lending.models.banklabels import (
    ACCOUNT_KINDS,
    BOOK_WHEN,
    FORMS,
    PAIN_VERSIONS,
    ROLES,
)
from handup.lending.profiles import profile_choices
from handup.lending.rules.banking.codes import BookWhen
from handup.lending.services import PartIn
from handup.org.permissions import may
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.projects.models import Organisation, Programme


class BankAccountForm(HouseForm):
    """An account of ours."""

    code = forms.SlugField(label=_("Short code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=160)
    kind = forms.ChoiceField(label=_("Kind"), choices=ACCOUNT_KINDS)
    organisation = forms.ModelChoiceField(
        label=_("Bank or operator"), queryset=Organisation.objects.all(), required=False
    )
    programme = forms.ModelChoiceField(
        label=_("Programme"), queryset=Programme.objects.none(), required=False
    )
    book = forms.ModelChoiceField(label=_("Book"), queryset=Book.objects.none())
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3)
    number = forms.CharField(label=_("Account number or IBAN"), max_length=50)
    holder = forms.CharField(label=_("Holder, as the bank writes it"), max_length=140)
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)
    form = forms.ChoiceField(label=_("Statements come as"), choices=FORMS)
    profile = forms.ChoiceField(label=_("How its tables are read"), required=False)
    pain_version = forms.ChoiceField(label=_("Payment orders go as"), choices=PAIN_VERSIONS)
    book_when = forms.ChoiceField(
        label=_("A loan counts as paid out"), choices=BOOK_WHEN, initial=BookWhen.CONFIRMED
    )
    second_person_units = MoneyField(
        label=_("A second person agrees to every match by hand from"),
        required=False,
        help_text=_("Empty: only where the program did not suggest the loan."),
    )
    questions = (
        Question(_("Which account?"), ("code", "name", "kind", "number", "bic", "holder")),
        Question(_("Whose is it?"), ("organisation", "programme", "book", "currency")),
        Question(_("How does its bank write and read files?"), ("form", "profile", "pain_version")),
        Question(_("What needs care?"), ("book_when", "second_person_units")),
    )

    def __init__(self, *args: Any, books: Any, programmes: Any, **options: Any) -> None:
        """Offer what the reader may see."""
        super().__init__(*args, **options)
        for name, rows in (("book", books), ("programme", programmes)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows
        profile = self.fields["profile"]
        assert isinstance(profile, forms.ChoiceField)
        profile.choices = [("", _("does not matter")), *profile_choices()]

    def clean_currency(self) -> str:
        """In capitals."""
        return str(self.cleaned_data["currency"]).upper()


class StatementForm(HouseForm):
    """A statement as the bank sent it."""

    account = forms.ModelChoiceField(
        label=_("Of which account"), queryset=BankAccount.objects.none()
    )
    file = forms.FileField(
        label=_("File"), help_text=_("As the bank sent it: camt, MT940, CSV or XLSX.")
    )
    act = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            ("check", _("Only check it and show every line")),
            ("post", _("Post what is certain, put the rest on suspense")),
        ],
        widget=forms.RadioSelect,
        initial="check",
    )

    def __init__(self, *args: Any, accounts: Any, **options: Any) -> None:
        """Offer the accounts whose statements the reader may bring."""
        super().__init__(*args, **options)
        field = self.fields["account"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = accounts


class AnswerForm(HouseForm):
    """A bank's answer to payment orders."""

    file = forms.FileField(label=_("File"), help_text=_("The bank's answer, pain.002."))


class ReasonOnlyForm(HouseForm):
    """A step that asks for a reason."""

    reason = forms.CharField(label=_("Reason"), max_length=300)


class PerhapsReasonForm(HouseForm):
    """A step that asks for a reason only where one person does several."""

    reason = forms.CharField(
        label=_("Reason, when one person does several steps"), max_length=300, required=False
    )


class NothingMoreForm(HouseForm):
    """A step that asks nothing more."""


class MatchDecisionForm(HouseForm):
    """A second person's word on what somebody said of a line."""

    agree = forms.ChoiceField(
        label=_("Do you agree?"),
        choices=[("yes", _("Yes, it is so")), ("no", _("No, it is not"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason, when you do not agree or one person does both"),
        max_length=300,
        required=False,
    )


class LoanAccountForm(HouseForm):
    """The account a borrower is paid to."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ACCOUNT_KINDS)
    number = forms.CharField(label=_("Account number, IBAN or telephone"), max_length=50)
    holder = forms.CharField(label=_("Holder, as the bank writes it"), max_length=140)
    bic = forms.CharField(label=_("BIC"), max_length=11, required=False)


class PaymentsForm(HouseForm):
    """Which signed loans are paid out, and when."""

    execution_date = DayField(label=_("To be paid on"))
    loans = forms.MultipleChoiceField(label=_("Loans"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, loans: Sequence[tuple[str, str]], **options: Any) -> None:
        """Offer the loans that can be paid from this account."""
        super().__init__(*args, **options)
        field = self.fields["loans"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = loans
        if not loans:
            field.help_text = _("No signed loan with a known account waits to be paid out.")


class LoanCodeField(forms.CharField):
    """A loan by its number; the value is the loan, if the reader may see it."""

    default_error_messages = {"unknown": _("No loan with this number is in your care.")}

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field."""
        super().__init__(max_length=20, **options)
        self.staff: Any = None

    def clean(self, value: Any) -> Any:
        """Find the loan."""
        text = super().clean(value)
        if not text:
            return None
        code = str(text).replace(" ", "").replace("-", "").upper()
        found = Loan.objects.visible_to(self.staff).select_related("lender").filter(code=code)
        loan = found.first()
        if loan is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return loan


OTHER, SPLIT, RECORDED, ROLE = "other", "split", "recorded", "role"


class LineForm(HouseForm):
    """What a line on suspense is: a suggested loan with one gesture, or something else in words."""

    what = forms.ChoiceField(label=_("What is it?"), widget=forms.RadioSelect)
    loan = LoanCodeField(
        label=_("Number of the loan"),
        required=False,
        help_text=_("For another loan, or the one somebody recorded it for."),
    )
    split = forms.CharField(
        label=_("Several loans"),
        required=False,
        widget=forms.Textarea(attrs={"rows": "3"}),
        max_length=2000,
        help_text=_("One line each: the number of the loan, a space, the amount."),
    )
    role = forms.ChoiceField(label=_("Belongs to"), choices=[("", "–"), *ROLES], required=False)
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)

    def __init__(
        self,
        *args: Any,
        line: StatementLine,
        suggestions: Sequence[tuple[str, str]],
        staff: Any,
        **options: Any,
    ) -> None:
        """Put the suggested loans first; money that went belongs to no loan."""
        super().__init__(*args, **options)
        self.line, self.staff = line, staff
        choices: list[tuple[str, Any]] = list(suggestions)
        if line.units > 0:
            choices += [
                (OTHER, _("Another loan, by its number")),
                (SPLIT, _("Several loans")),
                (RECORDED, _("A payment that was recorded by hand")),
            ]
        choices.append((ROLE, _("Of no loan")))
        what, loan = self.fields["what"], self.fields["loan"]
        assert isinstance(what, forms.ChoiceField)
        assert isinstance(loan, LoanCodeField)
        what.choices = choices
        what.initial = choices[0][0] if suggestions else None
        loan.staff = staff
        if line.units < 0:
            for name in ("loan", "split"):
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """What was chosen must be told."""
        values = super().clean() or self.cleaned_data
        what = values.get("what")
        if what in (OTHER, RECORDED) and not values.get("loan") and "loan" not in self.errors:
            self.add_error("loan", _("Write the number of the loan."))
        if what == ROLE and not values.get("role"):
            self.add_error("role", _("Choose where it belongs."))
        if what == SPLIT:
            text, currency = str(values.get("split") or ""), self.line.account.currency
            values["parts"] = read_parts(self, "split", text, currency, self.staff)
            if not values["parts"] and "split" not in self.errors:
                self.add_error("split", _("Write at least two loans with their amounts."))
        return values


def read_parts(form: forms.Form, field: str, text: str, currency: str, staff: Any) -> list[PartIn]:
    """The loans and amounts written in a field, one line each; what cannot be read is said under
    it.
    """
    money = MoneyField(currency=currency)
    loans = LoanCodeField()
    loans.staff = staff
    parts = []
    for line in text.splitlines():
        code, _space, amount = line.strip().partition(" ")
        if not code:
            continue
        try:
            parts.append(PartIn(loans.clean(code), money.clean(amount)))
        except forms.ValidationError as error:
            form.add_error(field, [f"{code}: {text}" for text in error.messages])
    return parts


def accounts_for(staff: Any, permission: str) -> Any:
    """The accounts in use a permission of hers reaches."""
    rows = BankAccount.objects.visible_to(staff).filter(active=True).select_related("book")
    return rows.filter(pk__in=[row.pk for row in rows if may(staff, permission, row)])
