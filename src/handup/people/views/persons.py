"""The list of persons and the page of one: what is known of her, secrets as dots."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.scope import hidden_from
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    Search,
    Tone,
)
from handup.org.web.money import format_instant
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    RecordPage,
    State,
    Table,
)
from handup.people import sections
from handup.people.forms.fields import areas_for, words
from handup.people.models import (
    Assessment,
    InstrumentAnswer,
    LegalStatus,
    MeansScore,
    Membership,
    Participation,
    Person,
)
from handup.people.models import labels as lb
from handup.people.queries import category_facts, find_persons
from handup.people.queries.households import holds_on
from handup.people.queries.merging import all_ids, current_id
from handup.people.rules import codes as c
from handup.people.rules.categories import age_in_years
from handup.people.services.glass import open_until
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.homes import share_of
from handup.people.views.person_acts import APPLY, act_on, acts_on
from handup.people.views.place_table import places_table

TONES = {
    "ACTIVE": Tone.GOOD,
    "GRADUATED": Tone.GOOD,
    "ELIGIBLE": Tone.GOOD,
    "APPLIED": Tone.INFO,
    "WAITING": Tone.INFO,
    "NEEDS_INFORMATION": Tone.WARN,
    "PAUSED": Tone.WARN,
    "NOT_ELIGIBLE": Tone.BAD,
    "EXITED": Tone.PLAIN,
    "MERGED": Tone.PLAIN,
}
CORRECT, REVEAL = "people.correct_person", "people.reveal_secret"
NEW_PERSON = Action(_("Register a person"), "people:person_new", "people.register_person")


def age_of(person: Person) -> int | None:
    """The age of a person today."""
    return age_in_years(person.birth_date, person.birth_precision, timezone.localdate())


def with_status(rows: QuerySet[Person, Person], code: str) -> QuerySet[Person, Person]:
    """Keep persons of a legal status that holds today."""
    held = LegalStatus._base_manager.filter(holds_on(timezone.localdate()), status=code)
    return rows.filter(pk__in=held.values("person_id"))


def in_state(rows: QuerySet[Person, Person], code: str) -> QuerySet[Person, Person]:
    """Keep persons with a participation in a state."""
    held = Participation._base_manager.filter(state=code)
    return rows.filter(pk__in=held.values("person_id"))


class PersonList(ProgrammeListPage):
    """Persons the reader may see, found by any of their names in any script."""

    model = Person
    permission = "people.view_person"
    title: ClassVar[Any] = _("Persons")
    edited_as = "people.person"
    related = ("area", "programme")
    columns = (
        Column(
            "display_name",
            _("Name"),
            Kind.LINK,
            sort="sort_key",
            url_name="people:person_detail",
        ),
        Column("registration_no", _("Number"), sort="registration_no"),
        Column("sex", _("Sex")),
        Column("age", _("Age"), Kind.NUMBER, value=age_of),
        Column("area", _("Settlement")),
        Column("programme", _("Programme")),
        Column("registered_date", _("Registered on"), Kind.DATE, sort="registered_date"),
        Column("birth_date", _("Birth date"), Kind.DATE, sort="birth_date", shown=False),
        Column("father_name", _("Father's name"), shown=False),
    )
    filters = (
        Search(using=find_persons, label=_("Name or number, in any letters")),
        Choice("sex", _("Sex"), lb.choices(lb.SEX)),
        Choice("status", _("Legal status"), lb.choices(lb.LEGAL_STATUS), using=with_status),
        Choice("state", _("Participation"), lb.choices(lb.PARTICIPATION), using=in_state),
        Choice(
            "area",
            _("Settlement"),
            lambda staff: [(row.pk, row) for row in areas_for(staff)],
            field="area_id",
        ),
        DateRange("registered", _("Registered"), "registered_date"),
    )
    order = "sort_key"
    primary: ClassVar[Action | None] = NEW_PERSON
    empty = EmptyState(
        _("Nobody is registered yet"),
        _("A person is registered once, whatever programme serves her."),
        NEW_PERSON,
    )
    person_path = "pk"

    def rows(self) -> QuerySet[Any]:
        """Who was erased is in no list."""
        return super().rows().filter(erased_date=None)


def dots(person: Person, field: str, held: bool, reader: StaffUser) -> Fact:
    """Show a secret as dots; for who may see it they open to the page asking for the purpose."""
    label: dict[str, Promise] = {"phone": _("Telephone"), "address": _("Exact place")}
    if not held:
        return Fact(label[field], "")
    if not may(reader, REVEAL, person):
        return Fact(label[field], "•••")
    href = reverse("people:reveal", args=[person.pk, field])
    return Fact(label[field], "•••", href, _("Show it"))


def _joined(person: Person) -> list[Fact]:
    """The numbers of records that joined hers: her other card is valid as before."""
    old = person.aliases.values_list("old__registration_no", flat=True)
    numbers = ", ".join(sorted(old))
    return [Fact(_("Earlier numbers"), numbers)] if numbers else []


def _cut_off(row: Assessment | MeansScore) -> Any:
    if row.targeted is None:
        return ""
    return _("yes") if row.targeted else _("no")


class PersonPage(RecordPage):
    """One person: who she is, what she agreed to, what she takes part in; higher domains add
    theirs."""

    model = Person
    permission = "people.view_person"
    related = ("area", "office", "programme", "case_officer", "registered_by")
    person_path = "pk"
    template = "people/person.html"
    record: Person

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Her page; the address of a record that joined another one leads to the one that stays."""
        now = current_id(kwargs["pk"])
        if now != kwargs["pk"]:
            return HttpResponseRedirect(reverse("people:person_detail", args=[now]))
        return super().get(request, *args, **kwargs)

    def header(self) -> Header:
        """Name, number, the next step."""
        person = self.record
        if person.erased_date is not None:
            crumbs = (Crumb(_("Persons"), reverse("people:person_list")),)
            return Header(str(person), state=State(_("erased"), Tone.PLAIN), crumbs=crumbs)
        state = next((row for row in self._participations() if row.state != "MERGED"), None)
        more = [action for add in sections.record_actions for action in add(self.staff, person.pk)]
        return Header(
            person.display_name,
            subtitle=_t("Number %(number)s") % {"number": person.registration_no},
            state=State(lb.PARTICIPATION[c.ParticipationState(state.state)], TONES[state.state])
            if state
            else None,
            primary=None if state else act_on(person.pk, APPLY),
            actions=(*acts_on(person.pk), *more),
            crumbs=(Crumb(_("Persons"), reverse("people:person_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """That she is open in an emergency only, and until when."""
        until = open_until(self.staff, self.record)
        if until is None:
            return ()
        text = _t("Open to you in an emergency until %(when)s. Every page of hers is written down.")
        return ((Tone.WARN, text % {"when": format_instant(until)}),)

    def _participations(self) -> Sequence[Participation]:
        if not hasattr(self, "_held"):
            rows = Participation.objects.visible_to(self.staff).filter(person=self.record)
            self._held = list(rows.select_related("programme", "phase"))
        return self._held

    def facts(self) -> Sequence[FactGroup]:
        """Who she is, where she belongs, what she counts as today."""
        person, today = self.record, timezone.localdate()
        hidden = hidden_from(self.staff)
        counted = category_facts([person.pk], on=today, without=hidden)[person.pk]
        age = counted.age
        birth = person.birth_date
        return [
            FactGroup(
                _("Who she is"),
                [
                    Fact(_("Sex"), person.get_sex_display()),
                    Fact(_("Birth date"), birth, hint=person.get_birth_precision_display()),
                    Fact(_("Age"), age),
                    Fact(_("Father's name"), person.father_name),
                    Fact(_("Settlement"), person.area),
                    dots(person, "phone", bool(person.phone_hash), self.staff),
                    dots(person, "address", bool(person.__dict__.get("address")), self.staff),
                    Fact(_("Languages"), ", ".join(person.languages)),
                ],
            ),
            FactGroup(
                _("Where she belongs"),
                [
                    Fact(_("Programme"), person.programme),
                    Fact(_("Office"), person.office),
                    Fact(_("Case officer"), person.case_officer),
                    Fact(_("Registered on"), person.registered_date),
                    Fact(_("Registered by"), person.registered_by),
                    *_joined(person),
                ],
            ),
            FactGroup(
                _("What she counts as today"),
                [
                    Fact(_("Legal status"), words(sorted(counted.statuses), lb.LEGAL_STATUS)),
                    Fact(_("Told"), words(sorted(counted.told), lb.VULNERABILITY)),
                    Fact(
                        _("Computed"),
                        words(sorted(counted.computed), lb.DERIVED),
                    ),
                    Fact(_("Not known"), words(sorted(counted.unknown), lb.DERIVED)),
                ],
            ),
        ]

    def timeline(self) -> Sequence[Moment]:
        """Her way so far, with what higher domains add."""
        person = self.record
        found = [Moment(person.registered_date, _("Registered"))]
        for row in self._participations():
            href = reverse("people:participation_detail", args=[row.pk])
            for event in row.events.all():
                label = lb.PARTICIPATION[c.ParticipationState(event.to_state)]
                text = f"{row.programme.title}"
                found.append(Moment(event.event_date, label, text, href))
        for add in sections.record_moments:
            found += add(self.staff, person.pk)
        return sorted(found, key=lambda moment: str(moment.when or ""))

    def tables(self) -> Sequence[Table]:
        """Participations, names, documents, household, enterprises, statuses; then the higher
        domains'."""
        person = self.record
        own = [
            self._participation_table(),
            Table(
                _("Names"),
                (
                    Column("kind", _("Kind")),
                    Column("first_name", _("First name")),
                    Column("last_name", _("Family name")),
                    Column("script", _("Letters")),
                ),
                person.names.all(),
            ),
            self._document_table(),
            self._household_table(),
            *places_table(self, [person.pk]),
            Table(
                _("Enterprises"),
                (
                    Column(
                        "enterprise",
                        _("Enterprise"),
                        Kind.LINK,
                        href=lambda row: reverse(
                            "people:enterprise_detail", args=[row.enterprise_id]
                        ),
                    ),
                    Column("enterprise.trade", _("Trade")),
                    Column(
                        "share",
                        _("Share"),
                        Kind.FIGURE,
                        value=share_of,
                    ),
                    Column("from_date", _("Since"), Kind.DATE),
                    Column("to_date", _("Until"), Kind.DATE),
                ),
                person.ownerships.select_related("enterprise"),
            ),
            self._status_table(),
            self._assessment_table(),
            *self._answer_tables(),
            *self._means_tables(),
        ]
        return [*own, *(t for add in sections.record_sections for t in add(self.staff, person.pk))]

    def _participation_table(self) -> Table:
        return Table(
            _("Takes part in"),
            (
                Column(
                    "programme",
                    _("Programme"),
                    Kind.LINK,
                    href=lambda row: reverse("people:participation_detail", args=[row.pk]),
                ),
                Column("state", _("State"), Kind.STATE, tones=TONES),
                Column("applied_date", _("Applied on"), Kind.DATE),
                Column("started_date", _("Since"), Kind.DATE),
                Column("ended_date", _("Until"), Kind.DATE),
            ),
            self._participations(),
        )

    def _document_table(self) -> Table:
        shown = may(self.staff, REVEAL, self.record)
        return Table(
            _("Documents"),
            (
                Column("kind", _("Document")),
                Column(
                    "number",
                    _("Number"),
                    Kind.LINK,
                    value=lambda row: "•••",
                    href=lambda row: (
                        reverse("people:reveal_document", args=[row.pk]) if shown else ""
                    ),
                ),
                Column("valid_to", _("Valid until"), Kind.DATE),
                Column("seen_by", _("Seen by")),
                Column("seen_date", _("Seen on"), Kind.DATE),
            ),
            self.record.documents.select_related("seen_by"),
        )

    def _household_table(self) -> Table:
        rows: QuerySet[Membership, Membership] = self.record.memberships.select_related("household")
        return Table(
            _("Households"),
            (
                Column(
                    "household",
                    _("Household"),
                    Kind.LINK,
                    href=lambda row: reverse("people:household_detail", args=[row.household_id]),
                ),
                Column("role", _("Role")),
                Column("relation", _("Relation to the head")),
                Column("from_date", _("Since"), Kind.DATE),
                Column("to_date", _("Until"), Kind.DATE),
            ),
            rows,
        )

    def _status_table(self) -> Table:
        person = self.record
        rows: list[Any] = [*person.legal_statuses.all(), *person.vulnerabilities.all()]
        return Table(
            _("Status and what she tells"),
            (
                Column("what", _("What"), value=str),
                Column("source", _("Known from")),
                Column("from_date", _("Since"), Kind.DATE),
                Column("to_date", _("Until"), Kind.DATE),
            ),
            sorted(rows, key=lambda row: row.from_date),
        )

    def _assessment_table(self) -> Table:
        rows = Assessment.objects.visible_to(self.staff).filter(person=self.record)
        return Table(
            _("Scorecards"),
            (
                Column(
                    "scorecard",
                    _("Scorecard"),
                    Kind.LINK,
                    href=lambda row: reverse("people:scorecard_detail", args=[row.scorecard_id]),
                ),
                Column("assessed_date", _("Asked on"), Kind.DATE),
                Column("status", _("Result")),
                Column("score", _("Score"), Kind.NUMBER),
                Column("targeted", _("At or below the cut-off"), value=_cut_off),
            ),
            rows.select_related("scorecard"),
        )

    def _answer_tables(self) -> list[Table]:
        """Which questionnaires she answered when, for whoever asks them; never what she said."""
        hers = all_ids(self.record.pk)
        rows = InstrumentAnswer.objects.visible_to(self.staff).filter(person__in=hers)
        held = list(rows.select_related("instrument"))
        if not held:
            return []
        columns = (
            Column(
                "instrument",
                _("Questionnaire"),
                Kind.LINK,
                href=lambda row: reverse("people:instrumentanswer_detail", args=[row.pk]),
            ),
            Column("asked_date", _("Asked on"), Kind.DATE),
        )
        return [Table(_("Questionnaires"), columns, held)]

    def _means_tables(self) -> list[Table]:
        rows = MeansScore.objects.visible_to(self.staff).filter(person__in=all_ids(self.record.pk))
        held = list(rows.select_related("test"))
        columns = (
            Column(
                "test",
                _("Proxy means test"),
                Kind.LINK,
                href=lambda row: reverse("people:meansscore_detail", args=[row.pk]),
            ),
            Column("scored_date", _("Asked on"), Kind.DATE),
            Column("status", _("Result")),
            Column("targeted", _("At or below the line"), value=_cut_off),
        )
        return [Table(_("Proxy means tests"), columns, held)] if held else []

    def context(self) -> dict[str, Any]:
        """Her consents, each with its button."""
        consents = self.record.consents.select_related("notice", "recipient", "ending")
        today = timezone.localdate()
        shown = []
        for row in consents:
            ending = getattr(row, "ending", None)
            over = ending is not None or (row.expires_date and row.expires_date < today)
            shown.append((row, ending, not over))
        refusals = self.record.refusals.select_related("recipient")
        return {"consents": shown, "refusals": refusals}
