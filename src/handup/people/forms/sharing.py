"""Agreements by which data are given to others, and what is given."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.forms.fields import one_of, programme_field, programmes_for
from handup.people.models import SharingAgreement
from handup.people.models import labels as lb
from handup.people.rules.sharing import BY_DEFAULT, NEXT, SHARING, AgreementState, SharedField
from handup.projects.models import Organisation


def _fields_of(offered: Collection[SharedField]) -> list[tuple[str, Any]]:
    return [(code.value, lb.SHARED_FIELD[code]) for code in SharedField if code in offered]


class AgreementForm(HouseForm):
    """What one recipient may be given, and for how long."""

    recipient: Any = forms.ModelChoiceField(Organisation.objects.none(), label=_("Recipient"))
    programme = programme_field()
    purpose = one_of(
        {code: lb.CONSENT_PURPOSE[code] for code in SHARING}, _("What do they need it for?")
    )
    legal_basis = forms.CharField(label=_("Legal basis"), max_length=300)
    fields_given = forms.MultipleChoiceField(
        label=_("What are they given?"),
        choices=_fields_of(tuple(SharedField)),
        widget=forms.CheckboxSelectMultiple,
        initial=[code.value for code in BY_DEFAULT],
        help_text=_("Names, numbers and telephones only where they cannot do without."),
    )
    onward = forms.BooleanField(label=_("They may pass it on"), required=False)
    first_date = DayField(label=_("From"))
    last_date = DayField(label=_("Until"))
    destroy_date = DayField(label=_("Destroyed there by"))
    questions = (
        Question(_("Who receives it, and for what?"), ("recipient", "programme", "purpose")),
        Question(_("What are they given?"), ("fields_given", "legal_basis", "onward")),
        Question(_("For how long?"), ("first_date", "last_date", "destroy_date")),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer the organisations there are, and her programmes."""
        super().__init__(*args, **options)
        for name, rows in (
            ("recipient", Organisation.objects.filter(active=True).order_by("name")),
            ("programme", programmes_for(staff)),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = rows


class MoveForm(HouseForm):
    """The next step of an agreement."""

    on = DayField(label=_("Day"))
    proof = forms.CharField(
        label=_("How was it proved that they destroyed it?"), max_length=300, required=False
    )
    reason = forms.CharField(
        label=_("Why you sign what you drafted"),
        max_length=200,
        required=False,
        help_text=_("Only where one person does every step; it is reported."),
    )

    def __init__(self, *args: Any, agreement: SharingAgreement, **options: Any) -> None:
        """Ask only what this step needs."""
        super().__init__(*args, **options)
        wanted = NEXT.get(AgreementState(agreement.state))
        if wanted is AgreementState.DESTRUCTION_PROVEN:
            self.fields["proof"].required = True
        else:
            del self.fields["proof"]
        if wanted is not AgreementState.SIGNED:
            del self.fields["reason"]


class SendForm(HouseForm):
    """What of the agreement is given this time."""

    fields_given = forms.MultipleChoiceField(
        label=_("What are they given?"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, offered: Collection[SharedField], **options: Any) -> None:
        """Offer what the agreement names and her role reaches."""
        super().__init__(*args, **options)
        field = self.fields["fields_given"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = _fields_of(offered)
        field.initial = [code.value for code in offered]
