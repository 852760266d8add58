"""Feedback and complaints: the list with what is due, one with its steps, and where one stands for
whoever holds its code.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from handup.org.limits import require_within
from handup.org.permissions import may
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
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State, Table
from handup.people.forms import grievances as f
from handup.people.models import Grievance, GrievanceTeamMember, Person
from handup.people.models import labels as lb
from handup.people.queries.grievances import overdue
from handup.people.rules.grievances import (
    MOVES,
    OVER,
    Deadlines,
    GrievanceKind,
    GrievanceState,
    Sensitivity,
    due_date,
)
from handup.people.services.grievances import (
    GrievanceIn,
    Recorded,
    join_grievance_team,
    leave_grievance_team,
    move_grievance,
    record_grievance,
    state_by_code,
    told,
)
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today

TONES = {
    "RECEIVED": Tone.WARN,
    "ACKNOWLEDGED": Tone.WARN,
    "IN_PROGRESS": Tone.WARN,
    "RESOLVED": Tone.GOOD,
    "REJECTED": Tone.PLAIN,
    "APPEALED": Tone.BAD,
    "CLOSED": Tone.PLAIN,
    "WITHDRAWN": Tone.PLAIN,
}
NEW = Action(_("Record a complaint or praise"), "people:grievance_new", "people.record_grievance")


def due_of(row: Grievance) -> Any:
    """By when its next step is due."""
    return due_date(GrievanceState(row.state), Deadlines(row.acknowledge_date, row.resolve_date))


class GrievanceList(ProgrammeListPage):
    """The grievances the reader may see; sensitive ones only on their team."""

    model = Grievance
    permission = "people.view_grievance"
    title = _("Complaints and praise")
    related = ("programme", "person", "area")
    person_path = "person_id"
    highest = "R"
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="people:grievance_detail"),
        Column("kind", _("About"), sort="kind"),
        Column("received_date", _("Received"), Kind.DATE, sort="received_date"),
        Column("due", _("Due"), Kind.DATE, value=due_of),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("person", _("Who"), value=lambda row: row.person or _("gave no name")),
        Column("sensitivity", _("Sensitive")),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("code",), label=_("Number")),
        Choice("kind", _("About"), lb.choices(lb.GRIEVANCE_KIND)),
        Choice("state", _("State"), lb.choices(lb.GRIEVANCE_STATE)),
        DateRange("received", _("Received"), "received_date"),
        Tick("late", _("only those overdue"), lambda rows: overdue(rows, timezone.localdate())),
    )
    order = "-received_date"
    primary = NEW

    empty = EmptyState(
        _("Nobody has complained, and nobody has praised"),
        _("What people say of the programme is recorded with or without a name and answered."),
        NEW,
    )

    def rows(self) -> QuerySet[Any]:
        """What she may see; nothing sensitive goes into a file."""
        rows = super().rows()
        return rows.filter(sensitivity="") if self.request.GET.get("export") else rows


class GrievancePage(RecordPage):
    """One grievance with its steps; opening it is in the read log."""

    model = Grievance
    permission = "people.view_grievance"
    related = ("programme", "area", "office", "person", "taken_by", "complained_of", "decided_by")
    person_path = "person_id"
    highest = "R"
    record: Grievance

    def header(self) -> Header:
        """Its number and where it stands."""
        row = self.record
        told(row)
        state = GrievanceState(row.state)
        step = Action(
            _("Take the next step"),
            "people:grievance_step",
            "people.handle_grievance",
            args=(row.pk,),
        )
        team = Action(
            _("Let somebody else know of it"),
            "people:grievance_team",
            "people.join_grievance_team",
            args=(row.pk,),
        )
        return Header(
            _t("Complaint or praise %(code)s") % {"code": row.code},
            subtitle=" · ".join(
                str(word)
                for word in (row.get_kind_display(), row.get_sensitivity_display())
                if word
            ),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=step if MOVES[state] else None,
            actions=(team,) if row.sensitivity and state not in OVER else (),
            crumbs=(Crumb(_("Complaints and praise"), reverse("people:grievance_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is overdue."""
        due = due_of(self.record)
        if due is not None and due < today():
            return [(Tone.BAD, _("The next step is overdue."))]
        return []

    def facts(self) -> Sequence[FactGroup]:
        """What was said, by whom, by when it is answered."""
        row = self.record
        href = reverse("people:person_detail", args=[row.person_id]) if row.person_id else ""
        return [
            FactGroup(
                _("What was said"),
                [
                    Fact(_("In her words"), row.restricted_text or row.text),
                    Fact(_("Who"), row.person or _("gave no name"), href),
                    Fact(_("How to reach her"), row.contact),
                    Fact(_("Language"), row.language),
                    Fact(_("Staff member it is about"), row.complained_of),
                ],
            ),
            FactGroup(
                _("Where and when"),
                [
                    Fact(_("Received"), row.received_date),
                    Fact(_("To acknowledge by"), row.acknowledge_date),
                    Fact(_("To resolve by"), row.resolve_date),
                    Fact(_("Decided on"), row.decided_date),
                    Fact(_("Decided by"), row.decided_by),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Settlement"), row.area),
                    Fact(_("Office"), row.office),
                    Fact(_("Taken by"), row.taken_by),
                ],
            ),
        ]

    def timeline(self) -> Sequence[Moment]:
        """Its steps in order."""
        return [
            Moment(step.step_date, step.get_to_state_display(), step.restricted_note or step.note)
            for step in self.record.steps.all()
        ]

    def tables(self) -> Sequence[Table]:
        """Who may know of a sensitive one."""
        if not self.record.sensitivity:
            return []
        return [
            Table(
                _("Who may know of it"),
                (
                    Column("staff", _("Staff member")),
                    Column("joined_date", _("Since"), Kind.DATE),
                    Column("left_date", _("Until"), Kind.DATE),
                    *self._leaving(),
                ),
                self.record.team.select_related("staff").order_by("joined_date", "id"),
            )
        ]

    def _leaving(self) -> Sequence[Column]:
        """The way to take somebody off the team, for who may."""
        if not may(self.staff, "people.join_grievance_team", self.record):
            return ()
        leave = _("Take off the team")
        return (
            Column(
                "leave",
                _("What can be done"),
                Kind.LINK,
                value=lambda row: leave if row.left_date is None else "",
                url_name="people:grievance_leave",
            ),
        )


class GrievanceNew(FormPage):
    """Record what somebody says; the code to ask with is shown once."""

    form_class = f.GrievanceForm
    permission = "people.record_grievance"
    title = _("Record a complaint or praise")
    verb = _("Record")

    def about(self) -> Person | None:
        """Nobody: she need not give her name."""
        return None

    def form_options(self) -> dict[str, Any]:
        """The places she may name."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Said today."""
        return {"received_date": today()}

    def perform(self, values: dict[str, Any]) -> Recorded:
        """Record it."""
        sensitivity = values.pop("sensitivity")
        told_now = values | {
            "kind": GrievanceKind(values["kind"]),
            "sensitivity": Sensitivity(sensitivity) if sensitivity else None,
            "person": self.about(),
            "id": self.new_id,
        }
        return record_grievance(acting_staff=self.staff, grievance=GrievanceIn(**told_now))

    def answer(self, result: Recorded) -> HttpResponseBase:
        """Show the code, this once."""
        context = {
            "header": Header(
                _("It is recorded"),
                _t("Give her this code: with it she can ask where it stands, without a name."),
            ),
            "secret": result.tracking,
            "back_href": reverse("desk:home"),
        }
        return render(self.request, "org/secret.html", context)


class GrievanceOf(GrievanceNew):
    """Record what a known person says."""

    subject_model = Person
    person_path = "pk"
    subject: Person

    def about(self) -> Person:
        """Her."""
        return self.subject


class GrievanceNext(FormPage):
    """The next step of a grievance."""

    form_class = f.GrievanceStepForm
    permission = "people.handle_grievance"
    title = _("Take the next step")
    verb = _("Record the step")
    subject_model = Grievance
    person_path = "person_id"
    subject: Grievance

    def form_options(self) -> dict[str, Any]:
        """Steps that lead on from where it stands."""
        return {"grievance": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"step_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take it."""
        state = GrievanceState(values.pop("to_state"))
        return move_grievance(
            acting_staff=self.staff,
            grievance=self.subject,
            to_state=state,
            id=self.new_id,
            **values,
        )

    def success_url(self, result: Any) -> str:
        """The grievance."""
        return reverse("people:grievance_detail", args=[self.subject.pk])


class GrievanceTeam(FormPage):
    """Let somebody else know of a sensitive grievance."""

    form_class = f.TeamForm
    permission = "people.join_grievance_team"
    title = _("Let somebody else know of it")
    verb = _("Let her know of it")
    subject_model = Grievance
    asks_factor = True
    subject: Grievance

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"joined_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Join her."""
        return join_grievance_team(acting_staff=self.staff, grievance=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The grievance."""
        return reverse("people:grievance_detail", args=[self.subject.pk])


class GrievanceLeave(FormPage):
    """Let somebody know of a sensitive grievance no longer."""

    form_class = f.LeaveForm
    permission = "people.join_grievance_team"
    title = _("Let her know of it no longer")
    verb = _("Take her off the team")
    subject_model = GrievanceTeamMember
    subject: GrievanceTeamMember

    def initial(self) -> dict[str, Any]:
        """From today."""
        return {"left_date": today()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Take her off."""
        return leave_grievance_team(acting_staff=self.staff, member=self.subject, **values)

    def success_url(self, result: Any) -> str:
        """The list: it may have been her own place on the team."""
        return reverse("people:grievance_list")


@login_not_required
@require_http_methods(["GET", "POST"])
def grievance_state(request: HttpRequest) -> HttpResponse:
    """Say where a grievance stands to whoever holds its code; nothing else, to anybody."""
    context: dict[str, Any] = {"title": _("Where does my complaint stand?"), "form": f.CodeForm()}
    status = 200
    if request.method == "POST":
        require_within(request, "verify", who=str(request.META.get("REMOTE_ADDR", "")))
        form = context["form"] = f.CodeForm(request.POST)
        if form.is_valid():
            found = state_by_code(form.cleaned_data["code"])
            if found is None:
                form.add_error(
                    "code", _t("There is nothing under this code. Compare it with your paper.")
                )
            else:
                context["state"] = State(found.get_state_display(), TONES[found.state])
                context["due"] = due_of(found)
        status = 422 if form.errors else 200
    response = render(request, "people/grievance_state.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
