"""The committee's page: the list in rank order, who is passed over and why, decision, minutes."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org import reads
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
)
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    PaperPage,
    RecordPage,
    State,
    Table,
    Tile,
    Tone,
)
from handup.people.forms import selection as f
from handup.people.models import Selection, SelectionLine, TargetingRun
from handup.people.models import labels as lb
from handup.people.models.labels import word_for
from handup.people.rules.selection import Outcome, SelectionState, unexplained
from handup.people.services.selection import (
    decide_selection,
    lines_of,
    propose_selection,
    rule_lines,
    set_line,
)
from handup.people.views.desk import today
from handup.people.views.targeting import shown_priority, shown_score

TONES = {
    Outcome.TAKEN.value: Tone.GOOD,
    Outcome.NEXT.value: Tone.INFO,
    Outcome.PASSED_OVER.value: Tone.WARN,
}
STATE_TONES = {
    SelectionState.PROPOSED.value: Tone.INFO,
    SelectionState.DECIDED.value: Tone.GOOD,
}


class SelectionList(ListPage):
    """Every selection."""

    model = Selection
    permission = "people.view_targeting"
    title = _("Selections")
    related = ("run", "decided_by")
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="people:selection_detail"),
        Column("run", _("Targeting run")),
        Column("state", _("State"), Kind.STATE, tones=STATE_TONES),
        Column("places", _("Places"), Kind.NUMBER),
        Column("held_date", _("Held on"), Kind.DATE, sort="held_date"),
        Column("decided_date", _("Decided on"), Kind.DATE),
    )
    filters = (
        Search(("title",)),
        Choice("state", _("State"), lb.choices(lb.SELECTION_STATE)),
        DateRange("held", _("Held"), "held_date"),
    )
    order = "-held_date"
    empty = EmptyState(
        _("No selection yet"),
        _("A committee chooses from the list of a targeting run; propose one on the run's page."),
        Action(_("Targeting runs"), "people:targetingrun_list", "people.view_targeting"),
    )


class SelectionNew(FormPage):
    """Propose whom the committee takes."""

    form_class = f.SelectionForm
    permission = "people.propose_selection"
    title = _("Propose a selection")
    intro = _(
        "Everyone the run takes who is eligible or waiting, in order; you may depart from it."
    )
    verb = _("Propose")
    subject_model = TargetingRun
    subject: TargetingRun

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"held_date": today()}

    def perform(self, values: dict[str, Any]) -> Selection:
        """Propose it."""
        told = {**values, "members": values["members"].splitlines()}
        return propose_selection(acting_staff=self.staff, run=self.subject, id=self.new_id, **told)

    def success_url(self, result: Selection) -> str:
        """Its page."""
        return reverse("people:selection_detail", args=[result.pk])


def _conflicts(line: SelectionLine) -> str:
    names = line.selection.members
    return ", ".join(names[number - 1] for number in line.conflicts)


def _facts(selection: Selection) -> Sequence[FactGroup]:
    return [
        FactGroup(
            _("The sitting"),
            [
                Fact(_("Targeting run"), selection.run),
                Fact(_("Held on"), selection.held_date),
                Fact(_("Places"), selection.places),
                Fact(_("Members present"), ", ".join(selection.members)),
                Fact(_("Quorum"), selection.quorum),
                Fact(_("Proposed by"), selection.proposed_by),
                Fact(_("Decided by"), selection.decided_by),
                Fact(_("Decided on"), selection.decided_date),
            ],
        )
    ]


COLUMNS = (
    Column("place", _("Place"), Kind.NUMBER),
    Column("number", _("Number"), value=lambda line: line.row.person.registration_no),
    Column("score", _("Score"), Kind.FIGURE, value=lambda line: shown_score(line.row)),
    Column("priority", _("Priority"), Kind.FIGURE, value=lambda line: shown_priority(line.row)),
    Column("outcome", _("Outcome"), Kind.STATE, tones=TONES),
    Column("reason", _("Reason"), value=lambda line: word_for(line.reason) if line.reason else ""),
    Column("conflicts", _("Did not vote"), value=_conflicts),
)


class SelectionPage(RecordPage):
    """One selection: the list, what is still to be explained, the next step."""

    model = Selection
    permission = "people.view_targeting"
    related = ("run__programme", "proposed_by", "decided_by")
    record: Selection

    def _lines(self) -> list[SelectionLine]:
        if not hasattr(self, "_held"):
            self._held = lines_of(self.record, self.staff)
            persons = [line.row.person_id for line in self._held]
            reads.note(self.request, persons=persons, action="VIEW")
        return self._held

    def header(self) -> Header:
        """Title, state, decide or print."""
        row = self.record
        decided = row.state == SelectionState.DECIDED
        decide = Action(
            _("Decide"), "people:selection_decide", "people.decide_selection", args=(row.pk,)
        )
        minutes = Action(
            _("Minutes"), "people:minutes", "people.view_targeting", args=(row.pk,), icon="printer"
        )
        return Header(
            row.title,
            subtitle=_t("%(run)s, held on %(day)s")
            % {"run": row.run.title, "day": format_day(row.held_date)},
            state=State(row.get_state_display(), STATE_TONES[row.state]),
            primary=minutes if decided else decide,
            actions=() if decided else (minutes,),
            crumbs=(Crumb(_("Selections"), reverse("people:selection_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Who was passed over without a reason."""
        if self.record.state == SelectionState.DECIDED:
            return ()
        bare = unexplained(rule_lines(self._lines()), self.record.places)
        if not bare:
            return ()
        told = _t("Give the reason why these are passed over: %(places)s.")
        return [(Tone.WARN, told % {"places": ", ".join(map(str, bare))})]

    def tiles(self) -> Sequence[Tile]:
        """How many are taken of so many places."""
        lines = self._lines()
        taken = sum(line.outcome == Outcome.TAKEN for line in lines)
        passed = sum(line.outcome == Outcome.PASSED_OVER for line in lines)
        return [
            Tile(_("Taken"), format_number(taken), of=Tile.of_all(self.record.places)),
            Tile(_("On the waiting list"), format_number(len(lines) - taken - passed)),
            Tile(_("Passed over"), format_number(passed)),
        ]

    def facts(self) -> Sequence[FactGroup]:
        """The sitting."""
        return _facts(self.record)

    def tables(self) -> Sequence[Table]:
        """The list; a name opens what is proposed of her while nothing is decided."""
        open_one = "selection_line" if self.record.state == SelectionState.PROPOSED else ""

        def leads(line: SelectionLine) -> str:
            if open_one:
                return reverse("people:selection_line", args=[line.pk])
            return reverse("people:targetingrow_detail", args=[line.row_id])

        name = Column("person", _("Name"), Kind.LINK, value=str, href=leads)
        return [Table(_("The list, in rank order"), (name, *COLUMNS), self._lines())]


class LineEdit(FormPage):
    """Say what is proposed of one person."""

    form_class = f.LineForm
    permission = "people.propose_selection"
    title = _("What is proposed of her")
    verb = _("Save")
    subject_model = SelectionLine
    person_path = "row.person_id"
    subject: SelectionLine

    def form_options(self) -> dict[str, Any]:
        """Which members were present."""
        return {"line": self.subject}

    def initial(self) -> dict[str, Any]:
        """As it is proposed now."""
        line = self.subject
        return {"outcome": line.outcome, "reason": line.reason, "conflicts": line.conflicts}

    def perform(self, values: dict[str, Any]) -> SelectionLine:
        """Set it."""
        return set_line(
            acting_staff=self.staff,
            line=self.subject,
            outcome=Outcome(values["outcome"]),
            reason=values["reason"],
            conflicts=values["conflicts"],
        )

    def success_url(self, result: SelectionLine) -> str:
        """The list."""
        return reverse("people:selection_detail", args=[result.selection_id])


class SelectionDecide(FormPage):
    """Record the committee's decision."""

    form_class = f.DecideForm
    permission = "people.decide_selection"
    title = _("Decide the selection")
    intro = _("Who is taken takes part from that day; who is next waits. Nobody decides alone.")
    verb = _("Decide")
    subject_model = Selection
    subject: Selection

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": today()}

    def perform(self, values: dict[str, Any]) -> Selection:
        """Decide it."""
        return decide_selection(acting_staff=self.staff, selection=self.subject, **values)

    def success_url(self, result: Selection) -> str:
        """Its page."""
        return reverse("people:selection_detail", args=[result.pk])


class Minutes(PaperPage):
    """The minutes, to print and sign: numbers instead of names."""

    model = Selection
    permission = "people.view_targeting"
    related = ("run__programme", "proposed_by", "decided_by")
    record: Selection

    def header(self) -> Header:
        """What they are minutes of."""
        row = self.record
        back = Crumb(row.title, reverse("people:selection_detail", args=[row.pk]))
        return Header(
            _t("Minutes: %(title)s") % {"title": row.title},
            subtitle=row.run.programme.title,
            state=State(row.get_state_display(), STATE_TONES[row.state]),
            crumbs=(back,),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The sitting."""
        return _facts(self.record)

    def tables(self) -> Sequence[Table]:
        """Everyone of the list, and a line to sign for each member."""
        lines = lines_of(self.record, self.staff)
        reads.note(self.request, persons=[line.row.person_id for line in lines], action="VIEW")
        return [
            Table(_("Decisions"), COLUMNS, lines),
            Table(
                _("Signatures"),
                (
                    Column("name", _("Member"), value=str),
                    Column("sign", _("Signature"), value=lambda name: "_" * 24),
                ),
                self.record.members,
            ),
        ]
