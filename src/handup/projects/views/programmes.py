"""Programmes in the order of a funder's public page, their phases and budgets."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.permissions import may
from handup.org.rules.access import ScopeKind
from handup.org.web.lists import Action, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.projects import queries
from handup.projects.models import (
    Budget,
    FundingAgreement,
    Handover,
    Lesson,
    Memorandum,
    MissionAction,
    Phase,
    Programme,
)
from handup.projects.rules.states import DocumentState, PhaseStatus
from handup.projects.views.drawing import drawing_tables
from handup.projects.views.missions import PAGE as ACTION_PAGE
from handup.projects.views.missions import action_state

NEW_PROGRAMME = Action(
    _("Open a programme"),
    "projects:programme_new",
    "projects.open_programme",
    scopes=frozenset({ScopeKind.ALL}),
)
LESSON_TONES = {
    "PROPOSED": Tone.INFO,
    "ACCEPTED": Tone.WARN,
    "APPLIED": Tone.GOOD,
    "NOT_APPLIED": Tone.PLAIN,
    "REVIEWED": Tone.PLAIN,
}
PHASE_TONES = {"ACTIVE": Tone.GOOD, "SUSPENDED": Tone.WARN, "PIPELINE": Tone.INFO}


class ProgrammeList(ListPage):
    """Every programme."""

    model = Programme
    permission = "projects.view_programme"
    title = _("Programmes")
    columns = (
        Column("title", _("Title"), Kind.LINK, sort="title", url_name="projects:programme_detail"),
        Column("code", _("Code"), sort="code"),
        Column("sector", _("Sector")),
        Column("currency", _("Currency")),
    )
    filters = (Search(("title", "code", "sector")),)
    order = "title"
    primary = NEW_PROGRAMME
    empty = EmptyState(
        _("No programme yet"),
        _("A programme says who pays for what, where, until when."),
        NEW_PROGRAMME,
    )


class ProgrammePage(RecordPage):
    """A programme: title, objectives, lessons, see also, phases, cost, financing, terms, ids,
    documents."""

    model = Programme
    permission = "projects.view_programme"
    template = "projects/programme.html"
    record: Programme

    def header(self) -> Header:
        """Its title and what can be added."""
        row = self.record

        def act(label: Any, name: str, permission: str) -> Action:
            return Action(label, f"projects:{name}", permission, args=(row.pk,))

        return Header(
            row.title,
            subtitle=row.summary,
            primary=act(_("Open a phase"), "phase_new", "projects.open_phase"),
            actions=(
                act(_("Add an area"), "area_new", "projects.add_area"),
                act(_("Name a partner"), "partner_new", "projects.add_partner"),
                act(_("Record a memorandum"), "memorandum_new", "projects.record_memorandum"),
                act(
                    _("Record what a mission found"),
                    "mission_action_new",
                    "projects.record_mission_action",
                ),
                act(_("Record financing"), "funding_new", "projects.record_funding"),
                act(_("Record a request for money"), "withdrawal_new", "projects.ask_withdrawal"),
                act(_("Plan a purchase"), "purchase_new", "projects.plan_purchase"),
                act(
                    _("Record a printed figure"),
                    "stated_figure_new",
                    "projects.record_stated_figure",
                ),
                act(_("Add a document"), "document_new", "projects.add_document"),
                act(_("Name a related programme"), "relation_new", "projects.relate_programme"),
                act(_("Propose a lesson"), "lesson_new", "projects.propose_lesson"),
                act(_("Begin a hand-over"), "handover_new", "projects.open_handover"),
            ),
            crumbs=(Crumb(_("Programmes"), reverse("projects:programme_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Say when budget amounts were printed that do not agree."""
        lines = [
            line
            for budget in Budget.objects.visible_to(self.staff).filter(programme=self.record)
            for line in budget.lines.filter(pair_agrees=False)
        ]
        return [
            (
                Tone.WARN,
                _t("%(code)s: the printed amounts imply a rate of %(rate)s.")
                % {"code": line.code, "rate": line.implied_rate},
            )
            for line in lines
        ]

    def facts(self) -> Sequence[FactGroup]:
        """What a funder's page says of it."""
        row = self.record
        ids = ", ".join(f"{kind} {number}" for kind, number in row.external_ids.items())
        areas = ", ".join(str(area) for area in queries.areas_of(row))
        return [
            FactGroup(
                _("The programme"),
                [
                    Fact(_("Objectives"), row.objectives),
                    Fact(_("Sector"), row.sector),
                    Fact(_("Terms"), row.terms),
                    Fact(_("Currency"), row.currency),
                    Fact(_("Areas"), areas),
                    Fact(_("Ids"), ids),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Lessons, see also, phases, financing, partners, figures."""
        row = self.record
        tables = []
        if may(self.staff, "projects.view_lesson"):
            tables.append(lesson_table(row.lessons.all(), self.record))
        related = row.related.select_related("other")
        tables.append(
            Table(
                _("See also"),
                (
                    Column("relation", _("This programme"), value=relation_of),
                    Column("title", _("Programme"), value=str),
                    Column("remark", _("Remark")),
                ),
                related,
            )
        )
        tables.append(phase_table(row))
        if may(self.staff, "projects.view_budget"):
            tables.append(self._funding())
            tables.append(self._budgets())
            tables += drawing_tables(row, self.staff)
        tables.append(self._partners())
        if may(self.staff, "projects.view_memorandum"):
            tables.append(self._memoranda())
        if may(self.staff, "projects.view_mission_action"):
            tables.append(self._missions())
        if may(self.staff, "projects.view_handover"):
            tables.append(self._handovers())
        tables.append(
            Table(
                _("As others printed it"),
                FIGURE_COLUMNS,
                queries.stated_figures(row)[:20],
                more=Action(
                    _("All printed figures"),
                    href=f"{reverse('projects:stated_figure_list')}?programme={row.pk}",
                ),
            )
        )
        return tables

    def _funding(self) -> Table:
        rows = FundingAgreement.objects.visible_to(self.staff).filter(programme=self.record)
        return Table(
            _("Financing"),
            (
                Column("funder", _("Funder")),
                Column("kind", _("Kind")),
                Column("amount_units", _("Amount"), Kind.MONEY),
                Column("terms", _("Terms")),
                Column("signed_date", _("Signed on"), Kind.DATE),
            ),
            rows.select_related("funder"),
        )

    def _budgets(self) -> Table:
        rows = Budget.objects.visible_to(self.staff).filter(programme=self.record)
        return Table(
            _("Budgets"),
            (
                Column(
                    "phase",
                    _("Phase"),
                    Kind.LINK,
                    value=str,
                    url_name="projects:budget_detail",
                ),
                Column("state", _("State"), Kind.STATE, tones={"APPROVED": Tone.GOOD}),
                Column("reporting_currency", _("Currency")),
                Column("approved_date", _("Approved on"), Kind.DATE),
            ),
            rows.select_related("phase"),
        )

    def _memoranda(self) -> Table:
        rows = Memorandum.objects.visible_to(self.staff).filter(programme=self.record)
        return Table(
            _("Memoranda and contracts"),
            (
                Column("title", _("Memorandum"), Kind.LINK, url_name="projects:memorandum_detail"),
                Column("organisation", _("Partner")),
                Column("signed_date", _("Signed on"), Kind.DATE),
                Column("last_date", _("Until"), Kind.DATE),
                Column("ended_date", _("Ended on"), Kind.DATE),
            ),
            rows.select_related("organisation"),
        )

    def _missions(self) -> Table:
        rows = MissionAction.objects.visible_to(self.staff).filter(programme=self.record)
        return Table(
            _("Actions of missions"),
            (
                Column("action", _("What is to be done"), Kind.LINK, url_name=ACTION_PAGE),
                Column("mission", _("Mission")),
                Column("owner", _("Who does it")),
                Column("due_date", _("Due on"), Kind.DATE),
                Column("state", _("State"), Kind.STATE, value=action_state),
            ),
            # By name of the state the open ones come last: turned round, they stand first.
            rows.select_related("owner").order_by("-state", "due_date", "id")[:20],
            more=Action(_("All actions of missions"), href=reverse("projects:mission_action_list")),
        )

    def _handovers(self) -> Table:
        rows = Handover.objects.visible_to(self.staff).filter(programme=self.record)
        return Table(
            _("Hand-over"),
            (
                Column("title", _("Title"), Kind.LINK, url_name="projects:handover_detail"),
                Column("successor", _("Successor")),
                Column("state", _("State"), Kind.STATE),
                Column("starts", _("First day"), Kind.DATE),
            ),
            rows.select_related("successor"),
        )

    def _partners(self) -> Table:
        return Table(
            _("Partners"),
            (
                Column("organisation", _("Organisation")),
                Column("role", _("Role")),
                Column("from_date", _("From"), Kind.DATE),
                Column("to_date", _("Until"), Kind.DATE),
            ),
            self.record.partners.select_related("organisation"),
        )

    def context(self) -> dict[str, Any]:
        """Documents by type, in the order of the public page."""
        shelves = queries.document_shelves(self.staff, self.record)
        final = may(self.staff, "projects.publish_document", self.record)
        drafts = [d.pk for s in shelves for d in s.documents if d.state == DocumentState.DRAFT]
        settles = may(self.staff, "projects.add_document_type")
        return {
            "shelves": shelves,
            "finishable": drafts if final else [],
            "types_href": reverse("projects:document_type_list") if settles else "",
        }


def relation_of(row: Any) -> str:
    """What the programme is to the other, in words."""
    return str(row.get_relation_display())


FIGURE_COLUMNS = (
    Column("reference", _("Reference"), sort="reference"),
    Column("subject", _("What it is about")),
    Column("printed", _("As printed")),
    Column("bound", _("Claims")),
    Column("source", _("Source")),
    Column("page", _("Page")),
    Column("remark", _("Remark")),
)


def phase_table(programme: Programme) -> Table:
    """The phases of a programme with their dates as exactly as they are known."""
    return Table(
        _("Phases"),
        (
            Column("title", _("Phase"), Kind.LINK, url_name="projects:phase_detail"),
            Column("status", _("Status"), Kind.STATE, tones=PHASE_TONES),
            Column("approval_date", _("Approved on"), Kind.DATE),
            Column("start", _("Start"), value=lambda row: str(row.start or "")),
            Column("end", _("End"), value=lambda row: str(row.end or "")),
        ),
        programme.phases.all(),
    )


def lesson_table(lessons: Any, programme: Programme) -> Table:
    """Lessons with where they were applied."""
    return Table(
        _("Lessons"),
        (
            Column(
                "statement", _("What was learned"), Kind.LINK, url_name="projects:lesson_detail"
            ),
            Column("state", _("State"), Kind.STATE, tones=LESSON_TONES),
            Column("applied", _("Applied to"), value=applied_to),
        ),
        lessons.prefetch_related("applications"),
        more=Action(
            _("All lessons"), href=f"{reverse('projects:lesson_list')}?programme={programme.pk}"
        ),
    )


def applied_to(lesson: Lesson) -> str:
    """Where a lesson was applied."""
    return ", ".join(application.target for application in lesson.applications.all())


class PhasePage(RecordPage):
    """One phase: status, dates, lessons applied to its design, budget."""

    model = Phase
    permission = "projects.view_programme"
    related = ("programme",)
    record: Phase

    def header(self) -> Header:
        """Its title and next status."""
        row = self.record
        return Header(
            row.title,
            subtitle=row.programme.title,
            state=State(row.get_status_display(), PHASE_TONES.get(row.status, Tone.PLAIN)),
            primary=Action(
                _("Change the status"),
                "projects:phase_status",
                "projects.change_phase_status",
                args=(row.pk,),
            )
            if row.status != PhaseStatus.CLOSED
            else None,
            actions=(
                Action(
                    _("Prepare a budget"),
                    "projects:budget_new",
                    "projects.prepare_budget",
                    args=(row.pk,),
                ),
            ),
            crumbs=(
                Crumb(
                    row.programme.title,
                    reverse("projects:programme_detail", args=[row.programme_id]),
                ),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Dates and ids."""
        row = self.record
        ids = ", ".join(f"{kind} {number}" for kind, number in row.external_ids.items())
        return [
            FactGroup(
                _("The phase"),
                [
                    Fact(_("Code"), row.code),
                    Fact(_("Approved on"), row.approval_date),
                    Fact(_("Start"), str(row.start or "")),
                    Fact(_("End"), str(row.end or "")),
                    Fact(_("Ids"), ids),
                    Fact(_("Remark"), row.remark),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """What earlier lessons changed here."""
        if not may(self.staff, "projects.view_lesson"):
            return []
        return [
            Table(
                _("Lessons applied to its design"),
                (
                    Column("lesson.statement", _("What was learned")),
                    Column("target", _("Applied to")),
                    Column("what_changed", _("What changed")),
                    Column("applied_date", _("Day"), Kind.DATE),
                ),
                queries.lessons_applied_to(self.record),
            )
        ]
