"""The forms of what stands behind a loan: guarantors, collateral, joint groups, calls, ties."""

from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from handup.groups.models import Group
from handup.kernel.money import WHOLE_BPS
from handup.lending.forms import MoneyOfForm, ReceivedForm
from handup.lending.models import Application
from handup.lending.models.labels import CALL_ORDERS, COLLATERAL_KINDS, TIE_KINDS
from handup.lending.services.security import Word
from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.org.web.money import format_share
from handup.people.models import Person
from handup.people.models.labels import CONSENT_METHOD
from handup.people.queries.merging import by_number
from handup.people.rules.codes import ConsentMethod
from handup.projects.models import Organisation, Programme

HOW = [(method.value, label) for method, label in CONSENT_METHOD.items()]
WORD = ("agreed_date", "agreed_how", "reference")


class PersonField(forms.CharField):
    """A person by her number; the value is the person, if the reader may see her."""

    default_error_messages = {"unknown": _("No person with this number is in your care.")}

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field."""
        super().__init__(max_length=40, **options)
        self.staff: Any = None

    def clean(self, value: Any) -> Any:
        """Find her."""
        text = super().clean(value)
        if not text:
            return None
        number = str(text).replace(" ", "").replace("-", "")
        found = by_number(Person.objects.visible_to(self.staff), number)
        if found is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class ApplicationField(forms.CharField):
    """An application by its number; the value is the application, if the reader may see it."""

    default_error_messages = {"unknown": _("No application with this number is in your care.")}

    def __init__(self, **options: Any) -> None:
        """Take any option of a text field."""
        super().__init__(max_length=20, **options)
        self.staff: Any = None

    def clean(self, value: Any) -> Any:
        """Find it."""
        code = str(super().clean(value)).strip()
        found = Application.objects.visible_to(self.staff).filter(code__iexact=code).first()
        if found is None:
            raise forms.ValidationError(self.error_messages["unknown"], code="unknown")
        return found


class PercentField(forms.DecimalField):
    """A percentage with two decimals; the value is in hundredths of a percent."""

    def __init__(self, **options: Any) -> None:
        """Bound it to 0 and 100 unless told otherwise."""
        super().__init__(min_value=0, max_value=100, decimal_places=2, **options)

    def clean(self, value: Any) -> Any:
        """In hundredths of a percent."""
        found = super().clean(value)
        return None if found is None else int(Decimal(found) * 100)


class PercentForm(HouseForm):
    """A form whose percentages are read back as such."""

    def _spoken(self, bound: BoundField) -> str:
        value = self.cleaned_data.get(bound.name)
        if isinstance(bound.field, PercentField) and value is not None:
            return format_share(value, WHOLE_BPS, 2)
        return super()._spoken(bound)


class ByStaff(HouseForm):
    """A form whose fields find records the reader may see."""

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Tell each such field who reads."""
        super().__init__(*args, **options)
        for field in self.fields.values():
            if isinstance(field, PersonField | ApplicationField):
                field.staff = staff


class WordForm(HouseForm):
    """That somebody agreed."""

    agreed_date = DayField(label=_("Agreed on"))
    agreed_how = forms.ChoiceField(label=_("How"), choices=HOW)
    reference = forms.CharField(label=_("Number of the paper"), max_length=60, required=False)


def word_of(values: dict[str, Any]) -> Word:
    """Take what says that somebody agreed out of a form's values."""
    return Word(
        agreed_date=values.pop("agreed_date"),
        agreed_how=ConsentMethod(values.pop("agreed_how")),
        reference=values.pop("reference", ""),
    )


class GuarantorForm(MoneyOfForm, ByStaff, PercentForm, WordForm):
    """Who answers for the loan."""

    person = PersonField(
        label=_("Number of the person"),
        required=False,
        help_text=_("She must be registered and agree that the lender is told of her."),
    )
    organisation = forms.ModelChoiceField(
        label=_("or an organisation"), queryset=Organisation.objects.none(), required=False
    )
    cap_units = MoneyField(label=_("Answers for at most"), required=False)
    share_bps = PercentField(label=_("or for a share of the loan, percent"), required=False)
    order = forms.ChoiceField(label=_("How guarantors are called"), choices=CALL_ORDERS)
    questions = (
        Question(_("Who answers for the loan?"), ("person", "organisation")),
        Question(_("For how much?"), ("cap_units", "share_bps", "order")),
        Question(_("What did she say?"), WORD),
    )

    def __init__(self, *args: Any, organisations: Any, **options: Any) -> None:
        """Offer the organisations the reader may see."""
        super().__init__(*args, **options)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisations


class ValueForm(MoneyOfForm, PercentForm):
    """What a pledge is worth."""

    value_units = MoneyField(label=_("Value"))
    valued_date = DayField(label=_("Valued on"))
    haircut_bps = PercentField(
        label=_("Haircut, percent"),
        required=True,
        initial=0,
        help_text=_("What is taken off because it may sell for less: 30 means it counts for 70."),
    )


class CollateralForm(ValueForm, ByStaff, WordForm):
    """What is pledged."""

    kind = forms.ChoiceField(label=_("Kind"), choices=COLLATERAL_KINDS)
    description = forms.CharField(label=_("What it is"), max_length=200)
    owner = PersonField(
        label=_("Number of the owner"),
        required=False,
        help_text=_("Leave empty when it belongs to the borrower."),
    )
    owner_name = forms.CharField(
        label=_("or the owner's name, when not registered"), max_length=160, required=False
    )
    questions = (
        Question(_("What is pledged?"), ("kind", "description")),
        Question(_("What is it worth?"), ("value_units", "valued_date", "haircut_bps")),
        Question(_("Whose is it?"), ("owner", "owner_name")),
        Question(_("What did the owner say?"), WORD),
    )


class ReleaseForm(HouseForm):
    """When and why it is given back."""

    released_date = DayField(label=_("Given back on"))
    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        required=False,
        help_text=_("Needed before the loan is signed; afterwards the loan must be repaid."),
    )


class JointGroupForm(HouseForm):
    """Borrowers who answer for each other."""

    name = forms.CharField(label=_("Name"), max_length=160)
    programme = forms.ModelChoiceField(label=_("Programme"), queryset=Programme.objects.none())
    group = forms.ModelChoiceField(
        label=_("Group they come from"), queryset=Group.objects.none(), required=False
    )
    formed_date = DayField(label=_("Formed on"))
    call_days = forms.IntegerField(
        label=_("The others are called when one is late more than so many days"),
        min_value=0,
        max_value=365,
        initial=30,
    )
    stop_days = forms.IntegerField(
        label=_("New loans stop when one is late more than so many days"),
        min_value=0,
        max_value=365,
        initial=30,
    )

    def __init__(self, *args: Any, programmes: Any, groups: Any, **options: Any) -> None:
        """Offer what the reader may see."""
        super().__init__(*args, **options)
        for name, rows in (("programme", programmes), ("group", groups)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class JoinForm(ByStaff, WordForm):
    """One more loan in the joint group."""

    application = ApplicationField(label=_("Number of the application"))
    cap = forms.CharField(
        label=_("Answers for the others for at most"),
        max_length=30,
        required=False,
        help_text=_("Left empty, there is no limit."),
    )
    questions = (
        Question(_("Whose loan?"), ("application", "cap")),
        Question(_("What did she say?"), WORD),
    )

    def clean(self) -> dict[str, Any]:
        """Read the cap in the currency of the application."""
        found = super().clean() or {}
        application = found.get("application")
        if application is not None:
            field = MoneyField(currency=application.currency, required=False)
            try:
                found["cap_units"] = field.clean(found.get("cap", ""))
            except forms.ValidationError as error:
                self.add_error("cap", error)
        return found


class CloseGroupForm(HouseForm):
    """The day the joint group ends."""

    closed_date = DayField(label=_("Closed on"))


class CallForm(HouseForm):
    """A call on those who answer for a late loan."""

    called_date = DayField(label=_("Called on"))
    due_date = DayField(label=_("To be paid by"))
    reason = forms.CharField(label=_("Reason"), max_length=300, required=False)


class CallPaymentForm(ReceivedForm):
    """What came in on a call."""


class WithdrawCallForm(HouseForm):
    """The day a call is taken back."""

    withdrawn_date = DayField(label=_("Withdrawn on"))


class TieForm(HouseForm):
    """Who keeps out, and why."""

    member = forms.ModelChoiceField(label=_("Who keeps out"), queryset=StaffUser.objects.none())
    kind = forms.ChoiceField(label=_("What she is to who asks"), choices=TIE_KINDS)
    declared_date = DayField(label=_("Declared on"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args: Any, members: Any, **options: Any) -> None:
        """Offer the staff who decide on loans."""
        super().__init__(*args, **options)
        field = self.fields["member"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = members
