"""What a processing may do to persons: its words, its risks, the advice, the decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.forms.fields import one_of, programme_field, programmes_for
from handup.people.models import labels as lb
from handup.people.models.labels import LIKELIHOOD, SEVERITY


def _words(label: Any, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=8000,
        required=required,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


def _grade(label: Any, choices: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label, choices=choices, coerce=int, widget=forms.RadioSelect
    )


class WordsForm(HouseForm):
    """What is assessed, in words."""

    title = forms.CharField(label=_("What is it about?"), max_length=200)
    what = _words(
        _("What is done?"),
        help_text=_("Which data of whom, where from, who sees them, to whom they go, how long."),
    )
    necessity = _words(
        _("Why is it needed?"), help_text=_("Why it cannot be done with less, or another way.")
    )
    asked = _words(
        _("Who was asked?"),
        required=False,
        help_text=_("Which persons or their speakers, and what they said; or why nobody could be."),
    )
    consulted = _words(
        _("What did the authority answer?"),
        required=False,
        help_text=_("Only where a high risk is left."),
    )
    questions = (
        Question(_("What is done, and why?"), ("programme", "title", "what", "necessity")),
        Question(_("Who was asked?"), ("asked", "consulted")),
    )


class StartForm(WordsForm):
    """A new assessment."""

    programme = programme_field(
        required=False, empty_label=_("the whole house"), help_text=_("Whose programme is it?")
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes."""
        super().__init__(*args, **options)
        field = self.fields["programme"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = programmes_for(staff)


class RiskForm(HouseForm):
    """What may happen to persons and what is done about it."""

    risk = forms.CharField(
        label=_("What may happen to them?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("To the persons, not to the programme: found, shamed, refused, hurt."),
    )
    likelihood = _grade(_("How likely is it?"), LIKELIHOOD)
    severity = _grade(_("How severe would it be?"), SEVERITY)
    measure = forms.CharField(
        label=_("What is done about it?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    owner: Any = forms.ModelChoiceField(
        StaffUser.objects.none(), label=_("Who sees to it?"), required=False
    )
    due_date = DayField(label=_("By when?"), required=False)
    left_likelihood = _grade(_("How likely is it then?"), LIKELIHOOD)
    left_severity = _grade(_("How severe would it be then?"), SEVERITY)
    questions = (
        Question(_("What may happen?"), ("risk", "likelihood", "severity")),
        Question(
            _("What is done about it, and what is left?"),
            ("measure", "owner", "due_date", "left_likelihood", "left_severity"),
        ),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Offer who works here."""
        super().__init__(*args, **options)
        field = self.fields["owner"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.filter(is_active=True).order_by("display_name")


class DoneForm(HouseForm):
    """Since when a measure is in place."""

    on = DayField(label=_("In place since"))


class AdviceForm(HouseForm):
    """What the data protection officer advises."""

    advice = _words(_("What do you advise?"))


class DecisionForm(HouseForm):
    """Whether it may be done."""

    decision = one_of(lb.IMPACT_DECISION, _("What is decided?"), widget=forms.RadioSelect)
    because = _words(_("Why?"))
    on = DayField(label=_("Decided on"))
    review_date = DayField(
        label=_("Looked at again by"),
        required=False,
        help_text=_("Left empty, in a year, or as the numbers of protection say."),
    )


class RenewForm(HouseForm):
    """Nothing to say: the next version begins with the words and risks of this one."""
