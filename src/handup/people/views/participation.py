"""Applying, deciding by the rule with its reasons in plain words, and the steps after it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.scope import hidden_from
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
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    QueuePage,
    RecordPage,
    State,
    Table,
)
from handup.people.forms import outreach as f
from handup.people.models import Participation, Person, TargetingRow
from handup.people.models import labels as lb
from handup.people.models.labels import word_for
from handup.people.queries import current_rule, facts_for, find_persons, to_decide
from handup.people.queries.facts import SEALED_FACTS
from handup.people.rules import codes as c
from handup.people.rules.eligibility import Value, evaluate, facts_used
from handup.people.rules.taking_part import MOVES, UNDECIDED
from handup.people.services import (
    ApplicationIn,
    apply_to_programme,
    decide_eligibility,
    move_participation,
)
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import OfPerson, today
from handup.people.views.persons import TONES

FACT_WORDS = {
    "age_years": _("Age"),
    "sex": _("Sex"),
    "area": _("Settlement"),
    "areas": _("Settlement and what it belongs to"),
    "statuses": _("Legal status and what she tells"),
    "categories": _("Every group she belongs to"),
    "woman_head": _("She is a woman and heads a household"),
    "woman_headed_household": _("A woman heads her household"),
    "child_head": _("She is under 18 and heads a household"),
    "large_family": _("Three or more children"),
    "low_income": _("Low income"),
    "children": _("Children under 18"),
    "household_size": _("People living there"),
    "active_in_similar": _("Takes part in another programme"),
    "score": _("Score of the last scorecard"),
    "targeted": _("Score at or below the cut-off"),
    "disability": _("Great difficulty in daily life"),
    "hunger": _("Household hunger"),
    "food_consumption": _("Food consumption"),
    "coping_with_food": _("Coping with too little food"),
    "coping_with_needs": _("Coping with essential needs"),
    "coping_for_food": _("Coping for food"),
}


CARD_WORDS = {"score": _("Score"), "targeted": FACT_WORDS["targeted"]}
"""The facts of one scorecard, which is named behind them."""


def fact_word(name: str) -> Any:
    """What a fact of a rule is called."""
    word, _colon, card = name.partition(":")
    if card and word in CARD_WORDS:
        return f"{CARD_WORDS[word]} ({card})"
    return FACT_WORDS.get(name, name.replace("_", " "))


def fact_value(value: Value | list[str]) -> Any:
    """A fact in plain words."""
    if value is None:
        return _("not known")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list | tuple):
        return ", ".join(word_for(code) for code in value) or _("none")
    return str(value)


def by_person(rows: QuerySet[Participation, Participation], text: str) -> Any:
    """Keep participations of persons found by name or number."""
    return rows.filter(person__in=find_persons(Person._base_manager.all(), text))


class ParticipationList(ProgrammeListPage):
    """Who takes part in what, who waits for a decision."""

    model = Participation
    permission = "people.view_participation"
    title = _("Participations")
    related = ("person", "programme", "case_officer")
    columns = (
        Column(
            "person",
            _("Name"),
            Kind.LINK,
            sort="person__sort_key",
            url_name="people:participation_detail",
        ),
        Column("programme", _("Programme")),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("reason", _("Reason"), value=lambda row: word_for(row.reason) if row.reason else ""),
        Column("applied_date", _("Applied on"), Kind.DATE, sort="applied_date"),
        Column("decided_date", _("Decided on"), Kind.DATE, sort="decided_date"),
        Column("started_date", _("Since"), Kind.DATE, sort="started_date", shown=False),
        Column("case_officer", _("Case officer"), shown=False),
    )
    filters = (
        Search(using=by_person, label=_("Name or number, in any letters")),
        Choice("state", _("State"), lb.choices(lb.PARTICIPATION)),
        DateRange("applied", _("Applied"), "applied_date"),
        Tick(
            "undecided",
            _("only those to decide"),
            lambda rows: rows.filter(state__in=[state.value for state in UNDECIDED]),
        ),
    )
    order = "-applied_date"
    primary = Action(_("Decide applications"), "people:to_decide", "people.decide_eligibility")
    empty = EmptyState(
        _("Nobody has applied yet"),
        _("A person applies from her own page."),
        Action(_("Persons"), "people:person_list", "people.view_person"),
    )
    person_path = "person_id"


class ParticipationPage(RecordPage):
    """One participation: the decision with its reasons and facts, the steps so far, the next
    step."""

    model = Participation
    permission = "people.view_participation"
    related = ("person", "programme", "phase", "rule", "case_officer", "office", "household")
    person_path = "person_id"
    record: Participation

    def header(self) -> Header:
        """Who, in which programme, what to do next."""
        row = self.record
        state = c.ParticipationState(row.state)
        decide = Action(
            _("Decide"), "people:participation_decide", "people.decide_eligibility", args=(row.pk,)
        )
        move = Action(
            _("Record the next step"),
            "people:participation_move",
            "people.move_participation",
            args=(row.pk,),
        )
        onward = bool(MOVES[state] - f.DECISIONS)
        undecided = state in UNDECIDED
        return Header(
            row.person.display_name,
            subtitle=row.programme.title,
            state=State(row.get_state_display(), TONES[row.state]),
            primary=decide if undecided else move if onward else None,
            actions=(move,) if undecided else (),
            crumbs=(
                Crumb(
                    row.person.display_name, reverse("people:person_detail", args=[row.person_id])
                ),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What she is told: the reason, and how to appeal."""
        row = self.record
        if row.state != c.ParticipationState.NOT_ELIGIBLE:
            return ()
        reasons = ", ".join(word_for(code) for code in row.decision.get("reasons", ()))
        appeal = row.rule.appeal_route if row.rule else ""
        text = _t("Tell her why: %(reasons)s. %(appeal)s") % {"reasons": reasons, "appeal": appeal}
        return [(Tone.INFO, text.strip())]

    def timeline(self) -> Sequence[Moment]:
        """Each step with its reason and who took it."""
        rows = self.record.events.select_related("recorded_by")
        return [
            Moment(
                event.event_date,
                lb.PARTICIPATION[c.ParticipationState(event.to_state)],
                " · ".join(
                    filter(
                        None,
                        [word_for(event.reason) if event.reason else "", str(event.recorded_by)],
                    )
                ),
            )
            for event in rows
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The decision as it was made."""
        row = self.record
        groups = [
            FactGroup(
                _("Taking part"),
                [
                    Fact(_("Programme"), row.programme),
                    Fact(_("Phase"), row.phase),
                    Fact(_("Household"), row.household),
                    Fact(_("Applied on"), row.applied_date),
                    Fact(_("Since"), row.started_date),
                    Fact(_("Until"), row.ended_date),
                    Fact(_("Case officer"), row.case_officer),
                    Fact(_("Office"), row.office),
                ],
            )
        ]
        if row.decision:
            told = row.decision
            groups.append(
                FactGroup(
                    _("The decision"),
                    [
                        Fact(_("Rule"), row.rule),
                        Fact(_("Decided on"), row.decided_date),
                        Fact(_("Reasons"), ", ".join(word_for(r) for r in told["reasons"])),
                        Fact(
                            _("Missing"),
                            ", ".join(str(fact_word(name)) for name in told["missing"]),
                        ),
                        *(
                            Fact(fact_word(name), fact_value(value))
                            for name, value in told["facts"].items()
                        ),
                        *(Fact(fact_word(name), "•••") for name in row.sealed_facts),
                    ],
                )
            )
        return groups

    def tables(self) -> Sequence[Table]:
        """The targeting runs she was in, for whoever sees runs."""
        rows = TargetingRow.objects.visible_to(self.staff).filter(participation=self.record)
        held = list(rows.select_related("run").order_by("-run__run_date"))
        columns = (
            Column(
                "run",
                _("Targeting run"),
                Kind.LINK,
                href=lambda row: reverse("people:targetingrow_detail", args=[row.pk]),
            ),
            Column("run.run_date", _("As of"), Kind.DATE),
            Column("targeted", _("Taken"), value=lambda row: fact_value(row.targeted)),
        )
        return [Table(_("Targeting"), columns, held)] if held else []


class ToDecide(QueuePage):
    """One application at a time: what is known, what the rule will say and why, then the
    decision."""

    permission = "people.decide_eligibility"
    title = _("Applications to decide")
    empty = EmptyState(_("Nothing to decide"), _("Every application you may see is decided."))

    def cases(self) -> QuerySet[Participation, Participation]:
        """The oldest application first."""
        return to_decide(self.staff).select_related("person", "programme")

    def header(self, case: Participation) -> Header:
        """Who applies where."""
        reads.note(self.request, persons=[case.person_id], action="VIEW")
        return Header(
            case.person.display_name,
            subtitle=case.programme.title,
            state=State(case.get_state_display(), TONES[case.state]),
            actions=(Action(_("Open her page"), "people:person_detail", args=(case.person_id,)),),
        )

    def panels(self, case: Participation) -> Sequence[FactGroup]:
        """The facts the rule sees, and what follows from them."""
        day = timezone.localdate()
        rule = current_rule(case.programme, on=day)
        if rule is None:
            none = Fact(_("Rule"), _("No rule holds today. A manager publishes one first."))
            return [FactGroup(_("What the rule says"), [none])]
        hidden = hidden_from(self.staff)
        facts = facts_for([case.person_id], programme=case.programme, on=day, without=hidden)
        known = facts[case.person_id]
        verdict = evaluate(rule.tree, known)
        result = lb.PARTICIPATION[c.ParticipationState(verdict.result.value)]
        return [
            FactGroup(
                _("What is known"),
                [
                    Fact(fact_word(n), "•••" if n in SEALED_FACTS else fact_value(known.get(n)))
                    for n in facts_used(rule.tree)
                ],
            ),
            FactGroup(
                _("What the rule says"),
                [
                    Fact(_("Rule"), rule),
                    Fact(_("Result"), result),
                    Fact(_("Reasons"), ", ".join(word_for(code) for code in verdict.reasons)),
                    Fact(_("Missing"), ", ".join(str(fact_word(n)) for n in verdict.missing)),
                ],
            ),
        ]

    def form(self, case: Participation) -> f.DecisionForm:
        """As of which day."""
        return f.DecisionForm(initial={"decided_date": timezone.localdate()})

    def decide_url(self, case: Participation) -> str:
        """Where the decision goes."""
        return reverse("people:participation_decide", args=[case.pk])


class Decide(FormPage):
    """Let the rule decide one application."""

    form_class = f.DecisionForm
    permission = "people.decide_eligibility"
    title = _("Decide the application")
    verb = _("Decide")
    subject_model = Participation
    person_path = "person_id"
    subject: Participation

    def subject_name(self) -> str:
        """Whom it is about."""
        return str(self.subject.person)

    def initial(self) -> dict[str, Any]:
        """As of today."""
        return {"decided_date": today()}

    def perform(self, values: dict[str, Any]) -> Participation:
        """Ask the rule."""
        return decide_eligibility(
            acting_staff=self.staff, participation=self.subject, decided_date=values["decided_date"]
        )

    def success_url(self, result: Participation) -> str:
        """The next application."""
        return reverse("people:to_decide")

    def done_message(self, result: Participation) -> str:
        """What was decided."""
        return _t("%(name)s: %(state)s.") % {
            "name": result.person.display_name,
            "state": result.get_state_display(),
        }


class Apply(OfPerson):
    """A person applies to a programme."""

    form_class = f.ApplicationForm
    permission = "people.apply_to_programme"
    title = _("Apply to a programme")
    verb = _("Apply")

    def form_options(self) -> dict[str, Any]:
        """The programmes she may name."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today, her own programme."""
        return {"applied_date": today(), "programme": self.subject.programme_id}

    def perform(self, values: dict[str, Any]) -> Participation:
        """Apply."""
        return apply_to_programme(
            acting_staff=self.staff,
            application=ApplicationIn(person=self.subject, id=self.new_id, **values),
        )


class Move(FormPage):
    """Record the next step of a participation."""

    form_class = f.MoveForm
    permission = "people.move_participation"
    title = _("Record the next step")
    verb = _("Record")
    subject_model = Participation
    person_path = "person_id"
    subject: Participation

    def subject_name(self) -> str:
        """Whom it is about."""
        return str(self.subject.person)

    def form_options(self) -> dict[str, Any]:
        """The steps that lead on from here."""
        return {"participation": self.subject}

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> Participation:
        """Take it."""
        return move_participation(
            acting_staff=self.staff,
            participation=self.subject,
            to_state=c.ParticipationState(values["to_state"]),
            reason=values["reason"],
            on=values["on"],
        )

    def success_url(self, result: Participation) -> str:
        """Its page."""
        return reverse("people:participation_detail", args=[result.pk])
