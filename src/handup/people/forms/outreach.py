"""Campaigns and enquiries; applying, deciding, moving on."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.web.forms import DayField, HouseForm, MoneyField, Question
from handup.people.forms.fields import (
    PlaceFields,
    area_field,
    in_programmes_money,
    one_of,
    programme_field,
)
from handup.people.models import Campaign, Participation
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.rules.taking_part import MOVES

DECISIONS = {
    c.ParticipationState.ELIGIBLE,
    c.ParticipationState.NOT_ELIGIBLE,
    c.ParticipationState.NEEDS_INFORMATION,
    c.ParticipationState.MERGED,
}
REASONS_TO_MOVE = (
    c.Reason.PLACE_FOUND,
    c.Reason.COMPLETED,
    c.Reason.RESUMED,
    c.Reason.PERSONAL,
    c.Reason.MOVED,
    c.Reason.WITHDREW,
    c.Reason.NO_CONTACT,
    c.Reason.DIED,
    c.Reason.MISCONDUCT,
    c.Reason.APPEAL,
)


class CampaignForm(HouseForm, PlaceFields):
    """A way of telling people of a programme."""

    programme = programme_field()
    code = forms.CharField(label=_("Code"), max_length=40)
    title = forms.CharField(label=_("Title"), max_length=200)
    channel = one_of(lb.CHANNEL, _("Channel"))
    language = forms.CharField(label=_("Language"), max_length=10)
    start_date = DayField(label=_("From"))
    end_date = DayField(label=_("Until"), required=False)
    cost_units = MoneyField(label=_("Cost"), required=False, least_units=0)
    questions = (
        Question(_("What is it?"), ("programme", "code", "title", "channel", "language")),
        Question(_("When, and what does it cost?"), ("start_date", "end_date", "cost_units")),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes; the cost is in the currency of the one chosen."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        in_programmes_money(self, "cost_units")


class EnquiryForm(HouseForm, PlaceFields):
    """Somebody asks, named or not."""

    programme = programme_field()
    channel = one_of(lb.CHANNEL, _("How did she hear of us?"), initial=c.Channel.UNKNOWN.value)
    campaign: Any = forms.ModelChoiceField(
        Campaign.objects.none(), label=_("Campaign"), required=False, empty_label=_("none named")
    )
    name = forms.CharField(
        label=_("Name"), max_length=200, required=False, help_text=_("She need not give it.")
    )
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    language = forms.CharField(label=_("Language she speaks"), max_length=10, required=False)
    wish = forms.CharField(label=_("What does she wish?"), max_length=300, required=False)
    area = area_field()
    enquiry_date = DayField(label=_("Day"))
    questions = (
        Question(_("What does she wish?"), ("wish", "programme", "channel", "campaign")),
        Question(_("How is she reached?"), ("name", "phone", "language", "area")),
        Question(_("When?"), ("enquiry_date",)),
    )

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes and the campaigns she may see."""
        super().__init__(*args, **options)
        self.fill_places(staff)
        field = self.fields["campaign"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Campaign.objects.visible_to(staff)


class CloseEnquiryForm(HouseForm):
    """Close an enquiry that does not become a registration."""

    reason = forms.CharField(label=_("Why is it closed?"), max_length=200)
    closed_date = DayField(label=_("Day"))


class ApplicationForm(HouseForm, PlaceFields):
    """A person applies to a programme."""

    programme = programme_field()
    applied_date = DayField(label=_("Day of the application"))

    def __init__(self, *args: Any, staff: StaffUser, **options: Any) -> None:
        """Offer her programmes."""
        super().__init__(*args, **options)
        self.fill_places(staff)


class DecisionForm(HouseForm):
    """The rule decides; the officer says for which day."""

    decided_date = DayField(label=_("Decide as of"))


class MoveForm(HouseForm):
    """The next step of a participation, with its reason."""

    to_state = forms.ChoiceField(label=_("Next step"))
    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(r.value, lb.REASON[r]) for r in REASONS_TO_MOVE]
    )
    on = DayField(label=_("From"))

    def __init__(self, *args: Any, participation: Participation, **options: Any) -> None:
        """Offer only steps that lead on from here."""
        super().__init__(*args, **options)
        field = self.fields["to_state"]
        assert isinstance(field, forms.ChoiceField)
        onward = MOVES[c.ParticipationState(participation.state)] - DECISIONS
        field.choices = [
            (state.value, label) for state, label in lb.PARTICIPATION.items() if state in onward
        ]
