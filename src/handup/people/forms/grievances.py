"""Feedback and complaints."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, Question
from handup.people.forms.fields import (
    PlaceFields,
    area_field,
    office_field,
    one_of,
    programme_field,
)
from handup.people.models import Grievance
from handup.people.models import labels as lb
from handup.people.rules.grievances import MOVES, WITH_ANSWER, GrievanceState


class GrievanceForm(HouseForm, PlaceFields):
    """What somebody says; she need not give her name."""

    kind = one_of(lb.GRIEVANCE_KIND, _("What is it about?"))
    text = forms.CharField(
        label=_("What does she say?"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("In her words."),
    )
    sensitivity = one_of(
        lb.SENSITIVITY,
        _("Is it one of these?"),
        required=False,
        help_text=_("Then only the focal point and a team will know of it, and not you."),
    )
    complained_of: Any = forms.ModelChoiceField(
        StaffUser.objects.none(),
        label=_("Staff member it is about"),
        required=False,
        empty_label=_("none named"),
        help_text=_("She or he will not see it."),
    )
    contact = forms.CharField(
        label=_("How can she be reached?"),
        max_length=200,
        required=False,
        help_text=_("She need not say. With the code she can ask where it stands."),
    )
    language = forms.CharField(label=_("Language she speaks"), max_length=10, required=False)
    programme = programme_field(required=False)
    area = area_field()
    office = office_field()
    received_date = DayField(label=_("Day it was said"))
    questions = (
        Question(_("What does she say?"), ("kind", "text")),
        Question(_("Who may know of it?"), ("sensitivity", "complained_of")),
        Question(_("How is she answered?"), ("contact", "language")),
        Question(_("Where and when?"), ("programme", "area", "office", "received_date")),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes and places, and everybody who works here."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        field = self.fields["complained_of"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.working()


class GrievanceStepForm(HouseForm):
    """The next step of a grievance."""

    to_state = forms.ChoiceField(label=_("Next step"))
    note = forms.CharField(
        label=_("What was answered, or why"),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    step_date = DayField(label=_("Day"))
    reason = forms.CharField(
        label=_("Why you decide the appeal of your own decision"),
        max_length=200,
        required=False,
        help_text=_("Only where one person does every step; it is reported."),
    )

    def __init__(self, *args: Any, grievance: Grievance, **options: Any) -> None:
        """Offer only steps that lead on from here; ask why only where somebody decided before."""
        super().__init__(*args, **options)
        state = GrievanceState(grievance.state)
        field = self.fields["to_state"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [
            (to.value, label) for to, label in lb.GRIEVANCE_STATE.items() if to in MOVES[state]
        ]
        if MOVES[state] <= WITH_ANSWER:
            self.fields["note"].required = True
        if state is not GrievanceState.APPEALED:
            del self.fields["reason"]


class TeamForm(HouseForm):
    """Who may know of it too."""

    staff: Any = forms.ModelChoiceField(StaffUser.objects.none(), label=_("Staff member"))
    joined_date = DayField(label=_("From"))

    def __init__(self, *args: Any, **options: Any) -> None:
        """Everybody who works here."""
        super().__init__(*args, **options)
        field = self.fields["staff"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = StaffUser.objects.working()


class LeaveForm(HouseForm):
    """From which day on she knows of it no longer."""

    left_date = DayField(label=_("Day"))


class CodeForm(HouseForm):
    """The code somebody was given."""

    code = forms.CharField(label=_("Code"), max_length=30)
