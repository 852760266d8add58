"""Where a person belongs: she joins or leaves a household, an officer takes her into the caseload;
the poverty lines of programmes.
"""

from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage
from handup.people.forms import belonging as f
from handup.people.models import Membership, Person, PovertyLine
from handup.people.rules import codes as c
from handup.people.services import (
    assign_case_officer,
    join_household,
    leave_household,
    set_poverty_line,
    take_back_leaving,
)
from handup.people.views.desk import OfPerson, today
from handup.people.views.homes import OfHousehold, note_members

NEW_LINE = Action(_("Set a poverty line"), "people:poverty_line_new", "people.set_poverty_line")


class JoinHousehold(OfHousehold):
    """A registered person comes to live there."""

    form_class = f.JoinForm
    permission = "people.register_household"
    title = _("Somebody joins the household")
    verb = _("Record it")

    def form_options(self) -> dict[str, Any]:
        """Whom the reader may see."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"from_date": today()}

    def perform(self, values: dict[str, Any]) -> Membership:
        """Record it."""
        reads.note(self.request, persons=[values["person"].pk], action="VIEW")
        return join_household(
            acting_staff=self.staff,
            household=self.subject,
            person=values["person"],
            from_date=values["from_date"],
            relation=c.Kinship(values["relation"]),
        )


class LeaveHousehold(OfHousehold):
    """A member lives there no more."""

    form_class = f.LeaveForm
    permission = "people.register_household"
    title = _("Somebody left the household")
    intro = _("She died or went away; whoever founds a household of her own moves out instead.")
    verb = _("Record it")

    def form_options(self) -> dict[str, Any]:
        """Whose household it is; its members are named here."""
        note_members(self.request, self.subject)
        return {"household": self.subject, "staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"last_date": today()}

    def perform(self, values: dict[str, Any]) -> Membership:
        """Record it."""
        row = self.subject.memberships.filter(person=values["person"], to_date=None).first()
        if row is None:
            raise Http404
        return leave_household(
            acting_staff=self.staff, membership=row, last_date=values["last_date"]
        )


class TakeBackLeaving(OfHousehold):
    """Somebody is written down as having left who did not."""

    form_class = f.StaysForm
    permission = "people.register_household"
    title = _("Somebody did not leave the household")
    intro = _("It was written down by mistake: she goes on living there as if nothing had been.")
    verb = _("Take it back")

    def form_options(self) -> dict[str, Any]:
        """Whose household it is; who left it is named here."""
        note_members(self.request, self.subject)
        return {"household": self.subject, "staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Membership:
        """Take it back."""
        reads.note(self.request, persons=[values["person"].pk], action="VIEW")
        rows = self.subject.memberships.filter(person=values["person"]).order_by("-from_date")
        row = rows.first()
        if row is None:
            raise Http404
        return take_back_leaving(
            acting_staff=self.staff, membership=row, reason=c.LeavingMistake(values["reason"])
        )


class CaseOfficer(OfPerson):
    """Name the officer who accompanies her."""

    form_class = f.CaseOfficerForm
    permission = "people.assign_case_officer"
    title = _("Name her case officer")
    intro = _("Her open participations go into the same caseload.")
    verb = _("Name")

    def initial(self) -> dict[str, Any]:
        """The one she has."""
        return {"case_officer": self.subject.case_officer_id}

    def perform(self, values: dict[str, Any]) -> Person:
        """Name the officer."""
        return assign_case_officer(
            acting_staff=self.staff, person=self.subject, case_officer=values["case_officer"]
        )


class PovertyLineList(ListPage):
    """The poverty lines of every programme, each from a day on."""

    model = PovertyLine
    permission = "people.view_rule"
    title = _("Poverty lines")
    intro = _("At or below it a programme calls the income of a household low.")
    related = ("programme",)
    columns = (
        Column("programme", _("Programme"), sort="programme__title"),
        Column("from_date", _("Valid from"), Kind.DATE, sort="from_date"),
        Column("per_head_units", _("Income a head and month"), Kind.MONEY),
        Column("source", _("Who says so")),
    )
    order = "-from_date"
    primary = NEW_LINE
    empty = EmptyState(
        _("No poverty line yet"),
        _("Without it nobody's income counts as low, and a rule that asks for it waits."),
        NEW_LINE,
    )


class PovertyLineNew(FormPage):
    """Set a programme's poverty line from a day on."""

    form_class = f.PovertyLineForm
    permission = "people.set_poverty_line"
    title = _("Set a poverty line")
    intro = _("The one before ends the day before; what was counted then stays counted.")
    verb = _("Set the line")

    def form_options(self) -> dict[str, Any]:
        """Her programmes."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"from_date": today()}

    def perform(self, values: dict[str, Any]) -> PovertyLine:
        """Set it, in the programme's currency."""
        return set_poverty_line(
            acting_staff=self.staff, currency=values["programme"].currency, **values
        )

    def success_url(self, result: PovertyLine) -> str:
        """The lines."""
        return reverse("people:poverty_line_list")
