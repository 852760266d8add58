"""Restricted compartments: the list and the page of a case, for its team alone; what is told to her
face to face.

Who is not on the team is answered as if there were no such case. Nothing of a case leaves as a
file, and there is no way to it over the programme interface.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight, may
from handup.org.web import factor
from handup.org.web.lists import Action, Column, EmptyState, Kind, Tick, Tone
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State, Table
from handup.people.models import Compartment
from handup.people.models.protection import on_team
from handup.people.queries.cases import lines_of, tells_face_to_face
from handup.people.services import protection
from handup.people.views.chosen import ProgrammeListPage

VIEW = "people.view_compartment"


def state_of(row: Compartment) -> State:
    """Whether it is open."""
    if row.closed_date is None:
        return State(_("open"), Tone.WARN)
    return State(_("closed"), Tone.PLAIN)


class CaseList(ProgrammeListPage):
    """The cases of whose team the reader is."""

    model = Compartment
    permission = VIEW
    title = _("Restricted cases")
    intro = _("Only the cases on whose team you are. Nobody else sees that they exist.")
    related = ("person",)
    person_path = "person_id"
    highest = "R"
    columns = (
        Column(
            "kind",
            _("About"),
            Kind.LINK,
            value=lambda row: row.kind_word,
            url_name="people:case_detail",
        ),
        Column("person", _("Who")),
        Column("opened_date", _("Opened on"), Kind.DATE, sort="opened_date"),
        Column("state", _("State"), Kind.STATE, value=state_of),
    )
    filters = (Tick("open", _("only those open"), lambda rows: rows.filter(closed_date=None)),)
    order = "-opened_date"
    empty = EmptyState(
        _("You are on no team"),
        _("A focal point opens a case from the page of a person."),
    )

    def rows(self) -> QuerySet[Any]:
        """Hers, of the chosen programme; nothing of them goes into a file."""
        rows: QuerySet[Any] = Compartment.objects.visible_to(self.staff).select_related("person")
        chosen = self.request.session.get("programme")
        if chosen:
            rows = rows.filter(person__programme_id=chosen)
        return rows.none() if self.request.GET.get("export") else rows

    @property
    def staff(self) -> StaffUser:
        """Who reads."""
        assert isinstance(self.request.user, StaffUser)
        return self.request.user


class CasePage(RecordPage):
    """One case with its notes, actions, papers and team; opening it is in the read log."""

    model = Compartment
    permission = VIEW
    related = ("person", "opened_by")
    person_path = "person_id"
    highest = "R"
    record: Compartment

    def header(self) -> Header:
        """What it is about, and what can be done."""
        row = self.record
        is_open = row.closed_date is None
        seen = self._action(_("Who saw her"), "case_seen", protection.OPEN)
        more = [
            self._action(_("Say what is to be done"), "case_action", protection.WORK),
            self._action(_("Keep a paper"), "case_paper", protection.WORK),
            self._action(_("Let somebody else know of it"), "case_team", protection.OPEN),
            self._action(_("Close it"), "case_close", "people.close_compartment"),
            seen,
        ]
        if is_open and tells_face_to_face(row):
            more.append(self._action(_("Tell her, face to face"), "case_tell", protection.OPEN))
        return Header(
            str(row.kind_word),
            subtitle=str(row.person),
            state=state_of(row),
            primary=self._action(_("Write a note"), "case_note", protection.WORK)
            if is_open
            else None,
            actions=more if is_open else (seen,),
            crumbs=(Crumb(_("Restricted cases"), reverse("people:case_list")),),
        )

    def _action(self, label: Any, name: str, permission: str) -> Action:
        return Action(label, f"people:{name}", permission, args=(self.record.pk,))

    def facts(self) -> Sequence[FactGroup]:
        """Why it was opened, how it ended."""
        row = self.record
        seen = may(self.staff, "people.view_person", row.person)
        href = reverse("people:person_detail", args=[row.person_id]) if seen else ""
        return [
            FactGroup(
                _("The case"),
                [
                    Fact(_("Who"), row.person, href),
                    Fact(_("Why it was opened"), row.reason),
                    Fact(_("Opened on"), row.opened_date),
                    Fact(_("Opened by"), row.opened_by),
                    Fact(_("Closed on"), row.closed_date),
                    Fact(_("How it ended"), row.outcome),
                ],
            )
        ]

    def timeline(self) -> Sequence[Moment]:
        """The notes by their day."""
        notes = self.record.notes.select_related("written_by")
        return [
            Moment(note.on, str(note.written_by), note.text)
            for note in sorted(notes, key=lambda note: (note.on, note.pk))
        ]

    def tables(self) -> Sequence[Table]:
        """What is to be done, the papers, the team, who did what."""
        return [self._actions(), self._papers(), self._team(), self._lines()]

    def _actions(self) -> Table:
        rows = self.record.actions.select_related("responsible")
        open_case = self.record.closed_date is None
        return Table(
            _("To be done"),
            (
                Column("what", _("What")),
                Column("due_date", _("By when"), Kind.DATE),
                Column("responsible", _("Who")),
                Column("done_date", _("Done on"), Kind.DATE),
                Column(
                    "done",
                    _("What can be done"),
                    Kind.LINK,
                    value=lambda row: _("It is done") if open_case and not row.done else "",
                    url_name="people:case_action_done",
                ),
            ),
            sorted(rows, key=lambda row: (row.due, row.pk)),
        )

    def _papers(self) -> Table:
        return Table(
            _("Papers"),
            (
                Column(
                    "name",
                    _("What it is"),
                    Kind.LINK,
                    value=lambda row: row.name,
                    href=lambda row: reverse("org:file", args=[row.file_id]) if row.file_id else "",
                ),
                Column("added_by", _("Kept by")),
            ),
            self.record.documents.select_related("added_by"),
        )

    def _team(self) -> Table:
        leave: tuple[Column, ...] = ()
        if may(self.staff, protection.OPEN, self.record):
            label = _("Take off the team")
            leave = (
                Column(
                    "leave",
                    _("What can be done"),
                    Kind.LINK,
                    value=lambda row: label if row.left_date is None else "",
                    url_name="people:case_leave",
                ),
            )
        return Table(
            _("Who may know of it"),
            (
                Column("staff", _("Staff member")),
                Column("joined_date", _("Since"), Kind.DATE),
                Column("left_date", _("Until"), Kind.DATE),
                *leave,
            ),
            self.record.team.select_related("staff").order_by("joined_date", "id"),
        )

    def _lines(self) -> Table:
        return Table(
            _("Who did what"),
            (
                Column("recorded_at", _("When"), Kind.INSTANT),
                Column("staff", _("Staff")),
                Column("action", _("What")),
            ),
            lines_of(self.record),
        )


class CaseTell(CasePage):
    """What lies in a case, as the focal point tells it to her face to face: it is on this page
    only, never in the file she takes with her.
    """

    permission = protection.OPEN

    def rows(self) -> Any:
        """Open cases of persons who asked, and of whom it is known that it is they."""
        return super().rows().filter(closed_date=None)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, after a fresh factor; as if there were none when she has not asked."""
        assert isinstance(request.user, StaffUser)
        row = Compartment.objects.visible_to(request.user).filter(pk=kwargs["pk"]).first()
        if row is None or not tells_face_to_face(row):
            raise OutOfSight
        if factor.is_stale(request):
            return factor.ask(request)
        return super().get(request, *args, **kwargs)

    def header(self) -> Header:
        """To whom, and the way to write down that it was told."""
        return Header(
            _("To be told to her, face to face"),
            subtitle=str(self.record.person),
            primary=self._action(_("She was told"), "case_told", protection.OPEN),
            crumbs=(
                Crumb(_("Restricted cases"), reverse("people:case_list")),
                Crumb(str(self.record), reverse("people:case_detail", args=[self.record.pk])),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """How it is told."""
        return [
            (
                Tone.WARN,
                _(
                    "Tell it to her alone, in a place where nobody overhears. Print nothing and"
                    " give nothing in writing unless she asks for it and can keep it safe. Do not"
                    " name other persons."
                ),
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What was done for her, and the names of the papers."""
        return [self._actions(), self._papers()]


def actions_of(staff: StaffUser, person_id: UUID) -> Sequence[Action]:
    """What the page of a person offers a focal point."""
    new = Action(_("Open a restricted case"), "people:case_new", protection.OPEN, args=(person_id,))
    return (new,)


def section_of(staff: StaffUser, person_id: UUID) -> Sequence[Table]:
    """What the page of a person shows to the team of a case of hers; nothing to anybody else."""
    if staff.by_token or not may(staff, VIEW):
        return ()
    rows = list(
        Compartment.objects.visible_to(staff).filter(on_team(staff, "pk"), person=person_id)
    )
    if not rows:
        return ()
    return (
        Table(
            _("Restricted cases"),
            (
                Column("opened_date", _("Opened on"), Kind.DATE),
                Column("state", _("State"), Kind.STATE, value=state_of),
                Column(
                    "open",
                    _("What can be done"),
                    Kind.LINK,
                    value=lambda row: _("Read it"),
                    url_name="people:case_detail",
                ),
            ),
            rows,
        ),
    )
