"""Campaigns with what they cost an enquiry, and enquiries that wait for an answer."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import percent, round_to
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    Search,
    Tick,
    Tone,
)
from handup.org.web.money import format_money, format_share
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table, Tile
from handup.people.forms import outreach as f
from handup.people.models import Campaign, Enquiry
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.services import (
    EnquiryIn,
    close_enquiry,
    record_enquiry,
    start_campaign,
)
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today

NEW_CAMPAIGN = Action(_("Start a campaign"), "people:campaign_new", "people.start_campaign")
NEW_ENQUIRY = Action(_("Record an enquiry"), "people:enquiry_new", "people.record_enquiry")
ENQUIRY_TONES = {"OPEN": Tone.WARN, "REGISTERED": Tone.GOOD, "CLOSED": Tone.PLAIN}


class CampaignList(ProgrammeListPage):
    """Campaigns the reader may see."""

    model = Campaign
    permission = "people.view_campaign"
    title = _("Campaigns")
    related = ("programme",)
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="people:campaign_detail"),
        Column("programme", _("Programme")),
        Column("channel", _("Channel"), sort="channel"),
        Column("start_date", _("From"), Kind.DATE, sort="start_date"),
        Column("end_date", _("Until"), Kind.DATE),
        Column("cost_units", _("Cost"), Kind.MONEY),
    )
    filters = (
        Search(("title", "code")),
        Choice("channel", _("Channel"), lb.choices(lb.CHANNEL)),
    )
    order = "-start_date"
    primary = NEW_CAMPAIGN
    actions = (
        Action(_("What outreach came to"), "people:outreach_figures", "people.view_enquiry"),
    )
    empty = EmptyState(
        _("No campaign yet"),
        _("A campaign says through which channel people hear of the programme, and what it costs."),
        NEW_CAMPAIGN,
    )


class CampaignPage(RecordPage):
    """One campaign: cost an enquiry, conversion, events, enquiries."""

    model = Campaign
    permission = "people.view_campaign"
    related = ("programme", "office", "budget_line", "started_by")
    record: Campaign

    def header(self) -> Header:
        """Its title."""
        return Header(
            self.record.title,
            subtitle=self.record.programme.title,
            primary=NEW_ENQUIRY,
            crumbs=(Crumb(_("Campaigns"), reverse("people:campaign_list")),),
        )

    def tiles(self) -> Sequence[Tile]:
        """Cost an enquiry and how many became registrations, with both counts."""
        row = self.record
        asked = row.enquiries.count()
        became = row.enquiries.filter(state=c.EnquiryState.REGISTERED.value).count()
        cost: Any = _("not defined")
        if row.cost_units is not None and asked:
            cost = format_money(round_to(Fraction(row.cost_units, asked)), row.currency)
        share = percent(became, asked)
        return [
            Tile(_("Cost an enquiry"), cost, how=_("Cost by the enquiries that name it.")),
            Tile(
                _("Became registrations"),
                format_share(became, asked) if share is not None else _("not defined"),
                of=_t("%(became)s of %(asked)s enquiries") % {"became": became, "asked": asked},
                how=_("First registrations by the enquiries that name it."),
            ),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """What it is."""
        row = self.record
        cost = format_money(row.cost_units, row.currency) if row.cost_units is not None else ""
        return [
            FactGroup(
                _("The campaign"),
                [
                    Fact(_("Code"), row.code),
                    Fact(_("Channel"), row.get_channel_display()),
                    Fact(_("Language"), row.language),
                    Fact(_("From"), row.start_date),
                    Fact(_("Until"), row.end_date),
                    Fact(_("Cost"), cost),
                    Fact(_("Budget line"), row.budget_line),
                    Fact(_("Office"), row.office),
                    Fact(_("Started by"), row.started_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Events with their heads, which never add to persons."""
        return [
            Table(
                _("Events"),
                (
                    Column("title", _("Title")),
                    Column("event_date", _("Date"), Kind.DATE),
                    Column("heads", _("Heads counted"), Kind.NUMBER, value=heads_of),
                ),
                self.record.events.all(),
            )
        ]


def heads_of(event: Any) -> int:
    """All heads counted at an event."""
    return sum(count for bands in event.heads.values() for count in bands.values())


class CampaignNew(FormPage):
    """Start a campaign."""

    form_class = f.CampaignForm
    permission = "people.start_campaign"
    title = _("Start a campaign")
    verb = _("Start the campaign")

    def form_options(self) -> dict[str, Any]:
        """The places she may name."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"start_date": today(), "language": self.staff.language}

    def perform(self, values: dict[str, Any]) -> Campaign:
        """Start it."""
        cost = values["cost_units"]
        told = values | {
            "channel": c.Channel(values["channel"]),
            "currency": values["programme"].currency if cost is not None else "",
        }
        return start_campaign(acting_staff=self.staff, id=self.new_id, **told)

    def success_url(self, result: Campaign) -> str:
        """Its page."""
        return reverse("people:campaign_detail", args=[result.pk])


class EnquiryList(ProgrammeListPage):
    """Enquiries the reader may see; the open ones are due within a week."""

    model = Enquiry
    permission = "people.view_enquiry"
    title = _("Enquiries")
    related = ("programme", "campaign")
    columns = (
        Column("name", _("Who"), Kind.LINK, value=str, url_name="people:enquiry_detail"),
        Column("wish", _("What she wishes")),
        Column("channel", _("How she heard of us")),
        Column("enquiry_date", _("Date"), Kind.DATE, sort="enquiry_date"),
        Column("due_date", _("To answer by"), Kind.DATE, sort="due_date"),
        Column("state", _("State"), Kind.STATE, tones=ENQUIRY_TONES),
        Column("programme", _("Programme"), shown=False),
        Column("campaign", _("Campaign"), shown=False),
    )
    filters = (
        Search(("name", "wish"), label=_("Name or wish")),
        Choice("state", _("State"), lb.choices(lb.ENQUIRY_STATE)),
        Choice("channel", _("Channel"), lb.choices(lb.CHANNEL)),
        DateRange("asked", _("Asked"), "enquiry_date"),
        Tick(
            "late",
            _("only those overdue"),
            lambda rows: rows.filter(Q(state="OPEN", due_date__lt=timezone.localdate())),
        ),
    )
    order = "-enquiry_date"
    primary = NEW_ENQUIRY
    empty = EmptyState(
        _("Nobody has asked yet"),
        _("An enquiry is recorded with or without a name; it becomes a registration or is closed."),
        NEW_ENQUIRY,
    )
    person_path = "person_id"


class EnquiryPage(RecordPage):
    """One enquiry: register her from it, or close it with a reason."""

    model = Enquiry
    permission = "people.view_enquiry"
    related = ("programme", "campaign", "area", "person", "taken_by")
    person_path = "person_id"
    record: Enquiry

    def header(self) -> Header:
        """Who asks and what to do next."""
        row = self.record
        open_ = row.state == c.EnquiryState.OPEN
        return Header(
            str(row),
            subtitle=row.wish,
            state=State(row.get_state_display(), ENQUIRY_TONES[row.state]),
            primary=Action(
                _("Register her"),
                "people:person_from_enquiry",
                "people.register_person",
                args=(row.pk,),
            )
            if open_
            else None,
            actions=(
                Action(
                    _("Close without registration"),
                    "people:enquiry_close",
                    "people.close_enquiry",
                    args=(row.pk,),
                ),
            )
            if open_
            else (),
            crumbs=(Crumb(_("Enquiries"), reverse("people:enquiry_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What was asked and by whom it is answered."""
        row = self.record
        person = row.person
        href = reverse("people:person_detail", args=[person.pk]) if person else ""
        return [
            FactGroup(
                _("The enquiry"),
                [
                    Fact(_("Date"), row.enquiry_date),
                    Fact(_("To answer by"), row.due_date),
                    Fact(_("How she heard of us"), row.get_channel_display()),
                    Fact(_("Campaign"), row.campaign),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Settlement"), row.area),
                    Fact(_("Language"), row.language),
                    Fact(_("Telephone"), "•••" if row.phone_hash else ""),
                    Fact(_("Taken by"), row.taken_by),
                    Fact(_("Registered as"), person, href),
                    Fact(_("Closed on"), row.closed_date),
                    Fact(_("Reason"), row.closed_reason),
                ],
            )
        ]


class EnquiryNew(FormPage):
    """Record an enquiry."""

    form_class = f.EnquiryForm
    permission = "people.record_enquiry"
    title = _("Record an enquiry")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """The places and campaigns she may name."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Asked today."""
        return {"enquiry_date": today()}

    def perform(self, values: dict[str, Any]) -> Enquiry:
        """Record it."""
        told = values | {"channel": c.Channel(values["channel"]), "id": self.new_id}
        return record_enquiry(acting_staff=self.staff, enquiry=EnquiryIn(**told))

    def success_url(self, result: Enquiry) -> str:
        """Its page."""
        return reverse("people:enquiry_detail", args=[result.pk])


class EnquiryClose(FormPage):
    """Close an enquiry with a reason."""

    form_class = f.CloseEnquiryForm
    permission = "people.close_enquiry"
    title = _("Close the enquiry")
    verb = _("Close it")
    subject_model = Enquiry
    subject: Enquiry

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"closed_date": today()}

    def perform(self, values: dict[str, Any]) -> Enquiry:
        """Close it."""
        return close_enquiry(acting_staff=self.staff, enquiry=self.subject, **values)

    def success_url(self, result: Enquiry) -> str:
        """The enquiries."""
        return reverse("people:enquiry_list")
