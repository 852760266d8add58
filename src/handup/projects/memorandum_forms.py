"""The forms of what was signed with partners."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.projects.forms import OfProgramme, one_of
from handup.projects.models import Document, Organisation, Programme
from handup.projects.models import labels as lb

REPEATS = (
    ("0", _("once")),
    ("1", _("every month")),
    ("3", _("every three months")),
    ("6", _("every six months")),
    ("12", _("every year")),
)


def paper_field() -> Any:
    """A document of the programme, or none yet."""
    return forms.ModelChoiceField(
        Document.objects.none(), label=_("Document"), required=False, empty_label=_("none yet")
    )


class MemorandumForm(OfProgramme):
    """What was signed with a partner."""

    organisation: Any = forms.ModelChoiceField(Organisation.objects.none(), label=_("Partner"))
    kind = one_of(lb.MEMORANDUM_KIND, _("Kind"))
    title = forms.CharField(label=_("Title"), max_length=200)
    reference = forms.CharField(label=_("Reference"), max_length=80, required=False)
    signed_date = DayField(label=_("Signed on"))
    last_date = DayField(label=_("Until"), required=False)
    document = paper_field()
    remark = forms.CharField(label=_("Remark"), max_length=1_000, required=False)
    questions = (
        Question(_("With whom, on what?"), ("organisation", "kind", "title", "reference")),
        Question(_("From when until when?"), ("signed_date", "last_date")),
        Question(_("Where does it stand?"), ("document", "remark")),
    )


class ObligationForm(HouseForm):
    """What one side owes."""

    party: Any = forms.ModelChoiceField(
        Organisation.objects.none(), label=_("Who owes it"), required=False, empty_label=_("we")
    )
    kind = one_of(lb.OBLIGATION_KIND, _("Kind"))
    what = forms.CharField(label=_("What is owed"), max_length=300)
    due_date = DayField(label=_("Due on"))
    every_months = forms.TypedChoiceField(
        label=_("How often"),
        choices=REPEATS,
        coerce=int,
    )
    until_date = DayField(
        label=_("Until when"),
        required=False,
        help_text=_("Without a day it falls due again until the last day of the memorandum."),
    )
    currency = forms.CharField(label=_("Currency"), min_length=3, max_length=3, required=False)
    amount_units = MoneyField(label=_("Amount"), least_units=1, required=False)
    questions = (
        Question(_("Who owes what?"), ("party", "kind", "what")),
        Question(_("By when?"), ("due_date", "every_months", "until_date")),
        Question(_("How much money?"), ("currency", "amount_units")),
    )

    def __init__(self, *args: Any, partner: Organisation, **options: Any) -> None:
        """Offer the partner; read the amount in the currency written beside it."""
        super().__init__(*args, **options)
        field = self.fields["party"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk=partner.pk)
        money = self.fields["amount_units"]
        assert isinstance(money, MoneyField)
        money.currency = str(self["currency"].value() or "").strip().upper()

    def clean_currency(self) -> str:
        """Take the code in capitals."""
        return str(self.cleaned_data["currency"]).upper()


class MeetForm(HouseForm):
    """That it was done, and what came of it."""

    done_date = DayField(label=_("Done on"))
    result = forms.CharField(label=_("What came of it"), max_length=300)
    document = paper_field()

    def __init__(self, *args: Any, programme: Programme, **options: Any) -> None:
        """Offer the programme's documents."""
        super().__init__(*args, **options)
        field = self.fields["document"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programme.documents.all()


class EndForm(HouseForm):
    """That a memorandum ends before its last day."""

    ended_date = DayField(label=_("Ended on"))
    reason = forms.CharField(label=_("Why it ends"), max_length=300)
