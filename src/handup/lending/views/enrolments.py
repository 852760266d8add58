"""Who is on a pathway: the list, one participant criterion by criterion, and each step."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.lending.models import GraduationDecision, Pathway, PathwayCheck, PathwayEnrolment
from handup.lending.models.pathways import ENROLMENT_STATES
from handup.lending.pathway_forms import (
    CheckForm,
    EnrolForm,
    GraduationForm,
    LeaveForm,
    ProposeGraduationForm,
)
from handup.lending.pathway_words import JUDGEMENTS, amount, condition, kept_source, source
from handup.lending.rules.codes import EnrolmentState, ProposalState
from handup.lending.rules.pathways import Judged, Judgement, Standing, number, read_criteria
from handup.lending.services import graduation, pathways
from handup.lending.services.pathway_facts import standing_of
from handup.lending.views.grants import TONES as GRANT_TONES
from handup.lending.views.search import by_borrower
from handup.org.web.columns import Column, Kind, Label, State, Tone
from handup.org.web.forms import FormPage
from handup.org.web.lists import Choice, EmptyState, ListPage, Search
from handup.org.web.money import format_number
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, Table, Tile
from handup.people.models import Person
from handup.people.models.labels import word_for
from handup.people.queries.merging import number_asked
from handup.people.rules.codes import Reason

TONES = {
    EnrolmentState.RUNNING.value: Tone.INFO,
    EnrolmentState.GRADUATED.value: Tone.GOOD,
    EnrolmentState.LEFT.value: Tone.WARN,
}


def why(reason: str) -> str:
    """Why an enrolment or a proposal ended: what was written, or the word for what a merge left."""
    return word_for(reason) if reason == Reason.DUPLICATE else reason


def _pathways(staff: Any) -> list[tuple[str, str]]:
    rows = Pathway.objects.visible_to(staff).order_by("name")
    return [(str(pk), name) for pk, name in rows.values_list("pk", "name")]


class EnrolmentList(ListPage):
    """Everybody on a pathway whom the reader may see."""

    model = PathwayEnrolment
    permission = "lending.view_enrolment"
    title = _("On a pathway")
    related = ("person", "version__pathway", "officer")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:enrolment_detail"),
        Column("person", _("Participant"), sort="person__sort_key"),
        Column("version.pathway.name", _("Pathway")),
        Column("enrolled_date", _("Since"), Kind.DATE, sort="enrolled_date"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("ended_date", _("Ended on"), Kind.DATE, sort="ended_date"),
        Column("officer.display_name", _("Officer"), shown=False),
    )
    filters = (
        Search(label=_("Number or name"), using=by_borrower("code")),
        Choice("pathway", _("Pathway"), _pathways, field="version__pathway"),
        Choice("state", _("State"), ENROLMENT_STATES),
    )
    order = "-enrolled_date"
    actions = (Action(_("Pathways"), "lending:pathway_list", "lending.view_pathway"),)
    empty = EmptyState(
        _("Nobody is on a pathway yet"),
        _("Open a pathway and take somebody in."),
        Action(_("Pathways"), "lending:pathway_list", "lending.view_pathway"),
    )
    person_path = "person_id"


class EnrolmentPage(RecordPage):
    """One participant: each criterion today, what was seen, what was given, what was decided."""

    model = PathwayEnrolment
    permission = "lending.view_enrolment"
    related = ("person", "programme", "version__pathway", "officer", "ended_by")
    person_path = "person_id"

    _standing: Standing | None = None

    def standing(self) -> Standing:
        """Today, or on the day it ended; worked out once a page."""
        if self._standing is None:
            self._standing = standing_of(
                self.record, self.record.ended_date or timezone.localdate()
            )
        return self._standing

    def header(self) -> Header:
        """Number and name; the next step by how far she is."""
        row, key = self.record, (self.record.pk,)
        running = row.state == EnrolmentState.RUNNING
        waiting = row.graduations.filter(state=ProposalState.PROPOSED.value).first()
        check = Action(_("Record a visit"), "lending:check_new", "lending.check_pathway", key)
        propose = Action(
            _("Propose graduation"), "lending:graduation_new", "lending.propose_graduation", key
        )
        told = {"receiver": str(row.person_id), "pathway": row.code}
        give = Action(
            _("Propose a grant or kit"),
            permission="lending.propose_grant",
            href=f"{reverse('lending:grant_new')}?{urlencode(told)}",
        )
        leave = Action(_("She left"), "lending:enrolment_leave", "lending.check_pathway", key)
        primary, actions = check, [give, leave]
        if waiting is not None:
            primary, actions = (
                Action(
                    _("Decide on the graduation"),
                    "lending:graduation_decide",
                    "lending.decide_graduation",
                    (waiting.pk,),
                ),
                [check, give, leave],
            )
        elif running and self.standing().is_ready:
            primary, actions = propose, [check, give, leave]
        return Header(
            row.code,
            str(row.person),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=primary if running else None,
            actions=actions if running else (),
            crumbs=(
                Crumb(
                    row.version.pathway.name,
                    reverse("lending:pathway_detail", args=[row.version.pathway_id]),
                ),
            ),
        )

    def tiles(self) -> Sequence[Tile]:
        """How many criteria are met, of how many that must be."""
        found = self.standing()
        unknown = sum(item.judgement is Judgement.UNKNOWN for item in found.judged)
        return [
            Tile(
                _("Criteria met"),
                format_number(found.met),
                Tile.of_all(len(found.judged)),
                how=_("%(needed)s must be met") % {"needed": format_number(found.needed)},
                tone=Tone.GOOD if found.is_ready else Tone.PLAIN,
            ),
            Tile(_("Not known"), format_number(unknown), how=_("what is not known is never met")),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """Who, since when, how it ended."""
        row = self.record
        return [
            FactGroup(
                _("Participant"),
                [
                    Fact(_("Participant"), row.person, _person_href(row)),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Officer"), row.officer),
                    Fact(_("On the pathway since"), row.enrolled_date),
                    Fact(_("Ended on"), row.ended_date),
                    Fact(_("Ended by"), row.ended_by),
                    Fact(_("Why it ended"), why(row.end_reason)),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Criteria, grants, visits, decisions."""
        return [
            self._criteria(),
            *self._given(),
            *self._visits(),
            *self._decisions(),
        ]

    def _criteria(self) -> Table:
        currency = self.record.programme.currency

        def found(item: Judged) -> str:
            value = item.reading.value
            return "" if value is None else amount(item.criterion, value, currency)

        columns = (
            Column("criterion.label", _("Criterion")),
            Column("asked", _("Asked"), value=lambda item: condition(item.criterion, currency)),
            Column("found", _("Found"), Kind.FIGURE, value=found),
            Column("judgement", _("State"), value=lambda item: JUDGEMENTS[item.judgement]),
            Column("from", _("From"), value=lambda item: source(item.criterion, item.reading)),
            Column("criterion.is_required", _("Must be met"), Kind.TICK),
        )
        return Table(_("Criterion by criterion"), columns, self.standing().judged)

    def _given(self) -> Sequence[Table]:
        rows = list(self.record.grants.visible_to(self.staff))
        columns = (
            Column("code", _("Number"), Kind.LINK, url_name="lending:grant_detail"),
            Column("purpose", _("What for")),
            Column("approved_units", _("Amount"), Kind.MONEY),
            Column("state", _("State"), Kind.STATE, tones=GRANT_TONES),
        )
        return (Table(_("Given on the way"), columns, rows),) if rows else ()

    def _visits(self) -> Sequence[Table]:
        rows = list(self.record.checks.select_related("checked_by"))
        currency = self.record.programme.currency
        known = {item.code: item for item in read_criteria(self.record.version.criteria)}

        def seen(row: PathwayCheck) -> str:
            standing = [
                f"{known[code].label}: {amount(known[code], _value(text), currency)}"
                for code, text in dict(row.findings).items()
                if code in known
            ]
            return "; ".join(standing)

        columns = (
            Column("check_date", _("Seen on"), Kind.DATE),
            Column("checked_by", _("Seen by")),
            Column("findings", _("What was found"), value=seen),
            Column("note", _("Note")),
        )
        return (Table(_("Visits"), columns, rows),) if rows else ()

    def _decisions(self) -> Sequence[Table]:
        found = []
        columns = (
            Column("label", _("Criterion"), value=lambda kept: kept["label"]),
            Column("judgement", _("State"), value=_kept_state),
            Column("from", _("From"), value=kept_source),
        )
        for row in self.record.graduations.select_related("decided_by", "proposed_by"):
            title = _("Graduation proposed by %(name)s: %(state)s") % {
                "name": row.proposed_by,
                "state": row.get_state_display(),
            }
            foot = (why(row.decision_reason),) if row.decision_reason else ()
            found.append(Table(title, columns, list(row.reasons), footer=foot))
        return found


def _value(text: str) -> Decimal:
    return number(text) or Decimal(0)


def _kept_state(kept: dict[str, str]) -> Any:
    return JUDGEMENTS[Judgement(kept["judgement"])]


def _person_href(row: PathwayEnrolment) -> str:
    return reverse("people:person_detail", args=[row.person_id])


class TakeIn(FormPage):
    """A person comes in."""

    form_class = EnrolForm
    permission = "lending.enrol_in_pathway"
    subject_model = Pathway
    title = _("Take somebody in")
    intro = _("She is judged by the criteria in force on the day she comes in.")
    verb = _("Take her in")

    def form_options(self) -> dict[str, Any]:
        """Find whom the reader may see."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today, and who is named in the address."""
        return {
            "enrolled_date": timezone.localdate(),
            "receiver": number_asked(
                Person.objects.visible_to(self.staff), self.request.GET.get("person", "")
            ),
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Take her in."""
        person: Person = values["receiver"]
        return pathways.enrol_in_pathway(
            acting_staff=self.staff,
            pathway=self.subject,
            person=person,
            enrolled_date=values["enrolled_date"],
            id=self.new_id,
        )


class EnrolmentStep(FormPage):
    """A step of one participant; afterwards her page."""

    subject_model: ClassVar[Any] = PathwayEnrolment
    person_path = "person_id"

    def subject_name(self) -> Label:
        """Number and name."""
        return f"{self.subject.code} {self.subject.person}"

    def success_url(self, result: Any) -> str:
        """The participant's page."""
        return reverse("lending:enrolment_detail", args=[self.subject.pk])

    def initial(self) -> dict[str, Any]:
        """Today, whatever the day is called."""
        today = timezone.localdate()
        return {name: today for name in self.form_class.base_fields if name.endswith("_date")}


class RecordCheck(EnrolmentStep):
    """What was seen at a visit."""

    form_class = CheckForm
    permission = "lending.check_pathway"
    title = _("Record a visit")
    intro = _("Only what was seen or asked; what the house knows by itself goes before it.")
    verb = _("Record the visit")

    def form_options(self) -> dict[str, Any]:
        """The criteria she is judged by."""
        return {
            "criteria": read_criteria(self.subject.version.criteria),
            "currency": self.subject.programme.currency,
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return pathways.record_pathway_check(
            acting_staff=self.staff,
            enrolment=self.subject,
            check_date=values["check_date"],
            findings={
                name.removeprefix("found_"): f"{Decimal(value):f}"
                for name, value in values.items()
                if name.startswith("found_") and value is not None
            },
            note=values["note"],
            id=self.new_id,
        )


class ProposeGraduation(EnrolmentStep):
    """Somebody has made it; another person decides."""

    form_class = ProposeGraduationForm
    permission = "lending.propose_graduation"
    title = _("Propose graduation")
    intro = _("Another person decides, with every criterion as it stands that day.")
    verb = _("Propose it")

    def perform(self, values: dict[str, Any]) -> Any:
        """Propose it."""
        return graduation.propose_graduation(
            acting_staff=self.staff, enrolment=self.subject, id=self.new_id, **values
        )


class LeavePathway(EnrolmentStep):
    """Somebody left before."""

    form_class = LeaveForm
    permission = "lending.check_pathway"
    title = _("She left the pathway")
    verb = _("Record that she left")
    reads_back = True

    def perform(self, values: dict[str, Any]) -> Any:
        """Record it."""
        return pathways.leave_pathway(acting_staff=self.staff, enrolment=self.subject, **values)


class DecideGraduation(EnrolmentStep):
    """The second person's word."""

    form_class = GraduationForm
    permission = "lending.decide_graduation"
    subject_model = GraduationDecision
    person_path = "enrolment.person_id"
    title = _("Decide on the graduation")
    verb = _("Decide")
    reads_back = True

    def subject_name(self) -> Label:
        """Number and name."""
        return f"{self.subject.enrolment.code} {self.subject.enrolment.person}"

    def lead(self) -> Label:
        """What each criterion comes to today."""
        found = standing_of(self.subject.enrolment, timezone.localdate())
        return "; ".join(
            f"{item.criterion.label}: {JUDGEMENTS[item.judgement].label}" for item in found.judged
        )

    def success_url(self, result: Any) -> str:
        """The participant's page."""
        return reverse("lending:enrolment_detail", args=[self.subject.enrolment_id])

    def perform(self, values: dict[str, Any]) -> Any:
        """Approve or not yet."""
        return graduation.decide_graduation(
            acting_staff=self.staff,
            graduation=self.subject,
            **{**values, "approve": values["approve"] == "yes"},
        )
