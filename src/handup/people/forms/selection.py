"""Forms of a selection: the sitting, one person of the list, the decision."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.web.forms import DayField, HouseForm
from handup.people.models import SelectionLine
from handup.people.models import labels as lb
from handup.people.rules.selection import LEAVING, STAYING


class SelectionForm(HouseForm):
    """A sitting of the committee."""

    title = forms.CharField(label=_("Title"), max_length=200)
    held_date = DayField(label=_("Held on"))
    places = forms.IntegerField(label=_("Places"), min_value=1, max_value=30_000)
    quorum = forms.IntegerField(label=_("Quorum"), min_value=1, max_value=50)
    members = forms.CharField(
        label=_("Members present"),
        max_length=5_000,
        widget=forms.Textarea,
        help_text=_("One name a line."),
    )


class LineForm(HouseForm):
    """What is proposed of one person."""

    outcome = forms.ChoiceField(label=_("What is proposed?"), choices=lb.choices(lb.OUTCOME))
    reason = forms.ChoiceField(
        label=_("Why she is passed over"),
        required=False,
        choices=[
            ("", _("she is not")),
            *(
                (code.value, label)
                for code, label in lb.REASON.items()
                if code in LEAVING | STAYING
            ),
        ],
    )
    conflicts = forms.TypedMultipleChoiceField(
        label=_("Who may not vote on her: a relative, a creditor, an employer"),
        required=False,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, line: SelectionLine, **options: Any) -> None:
        """Offer the members present."""
        super().__init__(*args, **options)
        field = self.fields["conflicts"]
        assert isinstance(field, forms.TypedMultipleChoiceField)
        field.choices = list(enumerate(line.selection.members, 1))


class DecideForm(HouseForm):
    """The decision of the committee, recorded by somebody else than who proposed it."""

    decided_date = DayField(label=_("Decided on"))
    reason = forms.CharField(
        label=_("Why one person does both"),
        required=False,
        max_length=300,
        help_text=_("Only where one person is all there is."),
    )
