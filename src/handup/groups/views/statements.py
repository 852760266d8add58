"""Forms of an open meeting for money that lies outside the box: taken to the bank or fetched from
there, and the statement read aloud."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.groups.forms import in_currency
from handup.groups.models import Meeting
from handup.groups.models.dues import Place
from handup.groups.rules.money import LOAN, SOCIAL
from handup.groups.services import statements as services
from handup.groups.views.settling import InMeeting
from handup.org.web.forms import HouseForm, MoneyField
from handup.org.web.lists import Action

FUNDS = ((LOAN, _("loan fund")), (SOCIAL, _("social fund")))
PERMISSION = services.PERMISSION


def statement_actions(meeting: Meeting) -> list[Action]:
    """What an open meeting may do with money at the bank."""
    told = ((_("Take money to the bank"), "money_move"), (_("Read the statement"), "statement_new"))
    return [Action(label, f"groups:{name}", PERMISSION, (meeting.pk,)) for label, name in told]


class InFund(HouseForm):
    """A fund and a sum."""

    fund = forms.ChoiceField(label=_("Which fund?"), choices=FUNDS)
    units = MoneyField(label=_("How much?"))

    def __init__(self, *args: Any, currency: str, **options: Any) -> None:
        """Speak of the group's currency."""
        super().__init__(*args, **options)
        in_currency(self, currency, "units")


class MoveForm(InFund):
    """From where to where."""

    source = forms.ChoiceField(label=_("From where?"), choices=Place.choices, initial=Place.BOX)
    to = forms.ChoiceField(label=_("To where?"), choices=Place.choices, initial=Place.BANK)
    field_order = ("fund", "source", "to", "units")

    def clean_source(self) -> Place:
        """The place."""
        return Place(self.cleaned_data["source"])

    def clean_to(self) -> Place:
        """The place."""
        return Place(self.cleaned_data["to"])


class MoveMoney(InMeeting):
    """Record that money was taken to the bank, or fetched."""

    form_class = MoveForm
    permission = PERMISSION
    title = _("Take money to the bank")
    intro = _("Also when it is fetched from there, or goes to a phone account.")
    verb = _("Record it")

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return services.move_money(
            acting_staff=self.staff, meeting=self.subject, id=self.new_id, **values
        )


class StatementForm(InFund):
    """What the statement says."""

    place = forms.ChoiceField(
        label=_("Which statement?"), choices=[one for one in Place.choices if one[0] != Place.BOX]
    )
    units = MoneyField(
        label=_("What does it say?"), least_units=0, help_text=_("Only what belongs to this fund.")
    )
    reason = forms.CharField(label=_("Why it differs"), required=False, max_length=200)
    field_order = ("fund", "place", "units", "reason")

    def clean_place(self) -> Place:
        """The place."""
        return Place(self.cleaned_data["place"])


class ReadStatement(InMeeting):
    """Keep what a statement says; the book is compared when it is sent."""

    form_class = StatementForm
    permission = PERMISSION
    title = _("Read the statement")
    intro = _("Read the statement before looking at the book. It is compared when you go on.")
    verb = _("Keep it")

    def form_options(self) -> dict[str, Any]:
        """The group's currency."""
        return {"currency": self.subject.group.currency}

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep it."""
        return services.record_statement(
            acting_staff=self.staff, meeting=self.subject, id=self.new_id, **values
        )

    def done_message(self, result: Any) -> str:
        """Whether the book agreed."""
        if result.body.get("difference"):
            return _now("Kept. The book follows the statement when the meeting is closed.")
        return _now("Kept. Statement and book agree.")
