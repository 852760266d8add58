"""Households and enterprises: the family sheet, its page, a new head, a business and its owners."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.scope import unseen_by
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
    Total,
)
from handup.org.web.money import format_money, format_percent
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, Table
from handup.people import sections
from handup.people.forms import households as f
from handup.people.models import (
    Enterprise,
    Household,
    HouseholdFact,
    Membership,
    Ownership,
    Person,
)
from handup.people.models import labels as lb
from handup.people.queries import household_views
from handup.people.rules import codes as c
from handup.people.services import (
    HouseholdFactIn,
    HouseholdRegistration,
    MemberIn,
    change_head,
    record_household_fact,
    register_household,
    split_household,
)
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import OfPerson, today
from handup.people.views.place_table import places_table
from handup.people.views.ranking import rankings_of


def currency_of(record: Person | Household) -> str:
    """The currency a household tells its income in: its programme's."""
    return record.programme.currency if record.programme else "USD"


class HouseholdNew(OfPerson):
    """The family as one sheet."""

    form_class = f.HouseholdForm
    permission = "people.register_household"
    title = _("Register her household")
    intro = _(
        "One row for each other person who lives there. Leave rows empty that are not needed."
    )
    verb = _("Register the household")

    def form_options(self) -> dict[str, Any]:
        """Whose household it is."""
        return {
            "staff": self.staff,
            "person": self.subject,
            "currency": currency_of(self.subject),
        }

    def initial(self) -> dict[str, Any]:
        """Today, where she lives."""
        return {"registered_date": today(), "area": self.subject.area_id}

    def perform(self, values: dict[str, Any]) -> HouseholdRegistration:
        """Register it with its new members."""
        told = f.HouseholdForm(self.request.POST, **self.form_options())
        told.is_valid()
        return register_household(acting_staff=self.staff, household=told.household_in(self.new_id))

    def success_url(self, result: HouseholdRegistration) -> str:
        """Its page, with a word about members who belong to another household too."""
        if result.members_elsewhere:
            names = ", ".join(str(person) for person in result.members_elsewhere)
            messages.warning(
                self.request, _t("Also in another household: %(names)s.") % {"names": names}
            )
        return reverse("people:household_detail", args=[result.household.pk])


class HouseholdPage(RecordPage):
    """One household: members with their dates, what it told, what it counts as."""

    model = Household
    permission = "people.view_person"
    related = ("area", "programme", "office")
    record: Household

    def members(self) -> Sequence[Membership]:
        """Members the reader may see, the present ones first."""
        seen = Person.objects.visible_to(self.staff)
        rows = self.record.memberships.filter(person__in=seen).select_related("person")
        return sorted(rows, key=lambda row: (row.to_date is not None, row.role, row.from_date))

    def header(self) -> Header:
        """Its number and the acts upon it."""
        home = self.record
        return Header(
            _t("Household %(code)s") % {"code": home.code},
            primary=Action(
                _("Record what it tells"),
                "people:household_fact_new",
                "people.record_household_fact",
                args=(home.pk,),
            ),
            actions=(
                Action(
                    _("Another person heads it"),
                    "people:change_head",
                    "people.change_head",
                    args=(home.pk,),
                ),
                Action(
                    _("Somebody joins it"),
                    "people:join_household",
                    "people.register_household",
                    args=(home.pk,),
                ),
                Action(
                    _("Somebody left it"),
                    "people:leave_household",
                    "people.register_household",
                    args=(home.pk,),
                ),
                Action(
                    _("She did not leave it"),
                    "people:take_back_leaving",
                    "people.register_household",
                    args=(home.pk,),
                ),
                Action(
                    _("Some of them move out"),
                    "people:split_household",
                    "people.register_household",
                    args=(home.pk,),
                ),
                Action(
                    _("Record where they are found"),
                    "people:home_place_new",
                    "people.record_place",
                    args=(home.pk,),
                ),
                Action(
                    _("Ask a questionnaire"),
                    "people:ask_household",
                    "people.ask_instrument",
                    args=(home.pk,),
                ),
            ),
            crumbs=(Crumb(_("Persons"), reverse("people:person_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where it is and what it counts as today."""
        home = self.record
        hidden = unseen_by(self.staff, "people.view_person")
        view = household_views([home.pk], on=timezone.localdate(), without=hidden)[home.pk]
        low = {True: _("yes"), False: _("no"), None: _("not known")}
        return [
            FactGroup(
                _("The household"),
                [
                    Fact(_("Settlement"), home.area),
                    Fact(_("Programme"), home.programme),
                    Fact(_("Registered on"), home.registered_date),
                    Fact(_("People living there"), view.size),
                    Fact(_("Children under 18"), view.children),
                    Fact(_("A woman heads it"), low[view.woman_headed]),
                    Fact(_("Low income"), low[view.low_income]),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Members and what was told."""
        return [
            Table(
                _("Members"),
                (
                    Column(
                        "person",
                        _("Name"),
                        Kind.LINK,
                        href=lambda row: reverse("people:person_detail", args=[row.person_id]),
                    ),
                    Column("role", _("Role")),
                    Column("relation", _("Relation to the head")),
                    Column("from_date", _("Since"), Kind.DATE),
                    Column("to_date", _("Until"), Kind.DATE),
                ),
                self.members(),
            ),
            Table(
                _("What it told"),
                (
                    Column("fact_date", _("Told on"), Kind.DATE),
                    Column("adults", _("Adults"), Kind.NUMBER),
                    Column("children", _("Children"), Kind.NUMBER),
                    Column("income", _("Income a month"), Kind.FIGURE, value=income_of),
                    Column("source", _("Known from")),
                ),
                self.record.facts.all(),
            ),
            *places_table(self, [m.person_id for m in self.members() if m.to_date is None]),
            *rankings_of(self.staff, self.record),
        ]

    def context(self) -> dict[str, Any]:
        """Note the persons shown in the read log."""
        reads.note(self.request, persons=[row.person_id for row in self.members()], action="VIEW")
        return {}


def note_members(request: HttpRequest, household: Household) -> None:
    """Write into the read log that a form names the present members."""
    present = household.memberships.filter(to_date=None).values_list("person_id", flat=True)
    reads.note(request, persons=present, action="VIEW")


def share_of(owner: Ownership) -> str:
    """How much of the enterprise is hers."""
    return format_percent(f"{owner.share_bps / 100:g}")


def income_of(fact: HouseholdFact) -> str:
    """The income told, with its currency."""
    if fact.monthly_income_units is None:
        return ""
    return format_money(fact.monthly_income_units, fact.currency)


class OfHousehold(FormPage):
    """A form about one household; it goes back to its page."""

    subject_model = Household
    subject: Household

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("people:household_detail", args=[self.subject.pk])


class HouseholdFactNew(OfHousehold):
    """Record what a household tells."""

    form_class = f.HouseholdFactForm
    permission = "people.record_household_fact"
    title = _("Record what the household tells")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """The currency it is asked in."""
        return {"currency": currency_of(self.subject)}

    def initial(self) -> dict[str, Any]:
        """Told today."""
        return {"fact_date": today()}

    def perform(self, values: dict[str, Any]) -> HouseholdFact:
        """Record it."""
        return record_household_fact(
            acting_staff=self.staff,
            household=self.subject,
            fact=HouseholdFactIn(
                fact_date=values["fact_date"],
                adults=values["adults"],
                children=values["children"],
                monthly_income_units=values["income"],
                currency=currency_of(self.subject) if values["income"] is not None else "",
            ),
            id=self.new_id,
        )


class ChangeHead(OfHousehold):
    """Let another member head the household."""

    form_class = f.HeadForm
    permission = "people.change_head"
    title = _("Another person heads the household")
    verb = _("Record the change")

    def form_options(self) -> dict[str, Any]:
        """Its members."""
        form = {"household": self.subject, "staff": self.staff}
        seen = Person.objects.visible_to(self.staff)
        rows = self.subject.memberships.filter(to_date=None, person__in=seen)
        reads.note(self.request, persons=rows.values_list("person_id", flat=True), action="LIST")
        return form

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"change_date": today()}

    def perform(self, values: dict[str, Any]) -> Membership:
        """Record it."""
        relation = c.Kinship(values.pop("former_head_relation"))
        return change_head(
            acting_staff=self.staff,
            household=self.subject,
            former_head_relation=relation,
            **values,
        )


class SplitHousehold(FormPage):
    """Some members found a household of their own; both keep their past."""

    form_class = f.SplitForm
    permission = "people.register_household"
    title = _("Some of them move out")
    intro = _("They found a household of their own from that day; where they lived before stays.")
    verb = _("Split the household")
    subject_model = Household
    subject: Household

    def form_options(self) -> dict[str, Any]:
        """Whose household it is; its members are named here."""
        note_members(self.request, self.subject)
        return {"household": self.subject, "staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"split_date": today()}

    def perform(self, values: dict[str, Any]) -> Household:
        """Found it."""
        head, member = c.HouseholdRole.HEAD, c.HouseholdRole.MEMBER
        return split_household(
            acting_staff=self.staff,
            household=self.subject,
            members=[
                MemberIn(person, head if person == values["new_head"] else member)
                for person in values["leaving"]
            ],
            split_date=values["split_date"],
        )

    def success_url(self, result: Household) -> str:
        """The new household."""
        return reverse("people:household_detail", args=[result.pk])


class EnterpriseList(ProgrammeListPage):
    """Enterprises the reader may see."""

    model = Enterprise
    permission = "people.view_enterprise"
    title = _("Enterprises")
    edited_as = "people.enterprise"
    related = ("area", "programme")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="people:enterprise_detail"),
        Column("name", _("Name")),
        Column("trade", _("Trade"), sort="trade"),
        Column("job_kind", _("Kind of work")),
        Column("formality", _("Registration")),
        Column("workers_paid", _("Paid workers"), Kind.NUMBER, sort="workers_paid"),
        Column("area", _("Settlement")),
        Column("start_date", _("Started"), Kind.DATE, sort="start_date"),
        Column("programme", _("Programme"), shown=False),
        Column("registered_date", _("Registered on"), Kind.DATE, shown=False),
    )
    filters = (
        Search(("code", "name", "trade"), label=_("Number, name or trade")),
        Choice("kind", _("Kind of work"), lb.choices(lb.JOB_KIND), field="job_kind"),
        Choice("formality", _("Registration"), lb.choices(lb.FORMALITY)),
        DateRange("registered", _("Registered"), "registered_date"),
        Tick("open", _("only those not closed"), lambda rows: rows.filter(closed_date=None)),
    )
    order = "code"
    totals = (Total(_("Paid workers"), "workers_paid"),)
    empty = EmptyState(
        _("No enterprise is registered yet"),
        _("An enterprise is registered on the page of the person who owns it."),
        Action(_("Persons"), "people:person_list", "people.view_person"),
    )


class EnterprisePage(RecordPage):
    """One enterprise and its owners."""

    model = Enterprise
    permission = "people.view_enterprise"
    related = ("area", "programme", "office")
    record: Enterprise

    def header(self) -> Header:
        """Its name and trade, and what higher domains offer."""
        row = self.record
        return Header(
            str(row),
            subtitle=row.trade if row.name else row.code,
            actions=[
                *(
                    action
                    for add in sections.enterprise_actions
                    for action in add(self.staff, row.pk)
                ),
                *self._changes(),
            ],
            crumbs=(Crumb(_("Enterprises"), reverse("people:enterprise_list")),),
        )

    def _changes(self) -> list[Action]:
        """What is changed of it later."""
        code, key = "people.register_enterprise", (self.record.pk,)
        correct = Action(_("Correct"), "people:enterprise_correct", code, args=key)
        if self.record.closed_date is not None:
            return [correct]
        return [correct, Action(_("It has stopped"), "people:enterprise_close", code, args=key)]

    def facts(self) -> Sequence[FactGroup]:
        """What it is, since when, who works there."""
        row = self.record
        return [
            FactGroup(
                _("The enterprise"),
                [
                    Fact(_("Number"), row.code),
                    Fact(_("Kind of work"), row.get_job_kind_display()),
                    Fact(_("Registration"), row.get_formality_display()),
                    Fact(_("Started"), row.start_date, hint=row.get_start_precision_display()),
                    Fact(_("Closed on"), row.closed_date),
                    Fact(_("Settlement"), row.area),
                    Fact(_("Programme"), row.programme),
                ],
            ),
            FactGroup(
                _("Who works there"),
                [
                    Fact(_("Family members working"), row.workers_family),
                    Fact(_("Paid workers"), row.workers_paid),
                    Fact(_("Women among them"), row.workers_women),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Owners the reader may see, then what higher domains show."""
        seen = Person.objects.visible_to(self.staff)
        rows = list(self.record.ownerships.filter(person__in=seen).select_related("person"))
        reads.note(self.request, persons=[row.person_id for row in rows], action="VIEW")
        return [
            Table(
                _("Owners"),
                (
                    Column(
                        "person",
                        _("Name"),
                        Kind.LINK,
                        href=lambda row: reverse("people:person_detail", args=[row.person_id]),
                    ),
                    Column(
                        "share",
                        _("Share"),
                        Kind.FIGURE,
                        value=share_of,
                    ),
                    Column("from_date", _("Since"), Kind.DATE),
                    Column("to_date", _("Until"), Kind.DATE),
                ),
                rows,
            ),
            *(
                table
                for add in sections.enterprise_sections
                for table in add(self.staff, self.record.pk)
            ),
        ]
