"""The hand-over of a programme on pages: the way it has gone, options, readiness, the next gate."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Tone
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, State, Table
from handup.projects import handover as lists
from handup.projects import queries
from handup.projects.models import (
    Handover,
    HandoverMove,
    ReadinessItem,
    TransferBatch,
    TransferStay,
)
from handup.projects.models import handover_labels as hl
from handup.projects.models.labels import choices
from handup.projects.rules.handover import HandoverState, following
from handup.projects.services.handover import missing_for, score_text
from handup.projects.views.acts import today

TONES = {
    "OPTIONS": Tone.INFO,
    "DECIDED": Tone.INFO,
    "REGISTERED": Tone.INFO,
    "SHADOW": Tone.WARN,
    "SUPERVISED": Tone.WARN,
    "INDEPENDENT": Tone.GOOD,
}
# So many who stay are listed on the page; the interface gives them all.
MOST = 200
ITEM_TONES = {"MET": Tone.GOOD, "IN_PROGRESS": Tone.WARN, "NOT_STARTED": Tone.PLAIN}


class HandoverList(ListPage):
    """Every programme that is being handed over."""

    model = Handover
    permission = "projects.view_handover"
    title = _("Hand-over")
    related = ("programme", "successor")
    columns = (
        Column("title", _("Title"), Kind.LINK, url_name="projects:handover_detail"),
        Column("programme", _("Programme")),
        Column("successor", _("Successor")),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("starts", _("First day"), Kind.DATE, sort="starts"),
    )
    filters = (Choice("state", _("State"), choices(hl.HANDOVER_STATE)),)
    empty = EmptyState(
        _("No programme is being handed over"),
        _("A hand-over begins on the page of its programme."),
    )


def seen(item: ReadinessItem, staff: StaffUser) -> str:
    """By what it is seen: the document, the words, and what the records say today."""
    paper = queries.as_read_by(staff, item.evidence)
    parts = [str(paper)] if paper is not None else []
    if item.evidence_text:
        parts.append(item.evidence_text)
    on = today()
    parts += [one.text for one in lists.told(item.handover.programme, item.code, on=on)]
    return "; ".join(parts)


def evidence_address(item: ReadinessItem, staff: StaffUser) -> str:
    """Where its document lies, for who may read it."""
    paper = queries.as_read_by(staff, item.evidence)
    return "" if paper is None else reverse("projects:document_detail", args=[paper.pk])


class HandoverPage(RecordPage):
    """One hand-over: where it stands, what the next gate asks for, readiness as a list with
    evidence."""

    model = Handover
    permission = "projects.view_handover"
    related = (
        "programme",
        "successor",
        "exit_area",
        "study",
        "decision",
        "legal_advice",
        "opened_by",
    )
    record: Handover

    def _act(self, label: Any, name: str, permission: str) -> Action:
        return Action(label, f"projects:{name}", f"projects.{permission}", args=(self.record.pk,))

    def header(self) -> Header:
        """Its state and the next step."""
        row = self.record
        state = HandoverState(row.state)
        actions = [
            self._act(_("Record its papers"), "handover_papers", "record_handover_papers"),
            self._act(_("Add an item"), "readiness_item_new", "add_readiness_item"),
        ]
        if state is HandoverState.OPTIONS:
            actions.insert(0, self._act(_("Compare a way"), "handover_option", "compare_option"))
        else:
            actions.append(self._act(_("Send it back"), "handover_back", "send_back_handover"))
        if state is HandoverState.SUPERVISED:
            stopped = row.stopped_date is not None
            actions.append(
                self._act(_("Let disbursement go on"), "handover_go_on", "let_disbursement_go_on")
                if stopped
                else self._act(_("Stop disbursement"), "handover_stop", "stop_disbursement")
            )
        return Header(
            row.title,
            subtitle=row.programme.title,
            state=State(row.get_state_display(), TONES[row.state]),
            primary=self._act(_("Pass the next gate"), "handover_gate", "pass_gate")
            if following(state)
            else None,
            actions=actions,
            crumbs=(Crumb(_("Hand-over"), reverse("projects:handover_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What the next gate still asks for; a stop of disbursement."""
        row = self.record
        said: list[tuple[Tone, Any]] = []
        if row.stopped_date is not None:
            said.append((Tone.BAD, _t("Disbursement is stopped: %s") % row.stop_reason))
        to = following(HandoverState(row.state))
        if to is not None and (missing := missing_for(row, to)):
            gate = _t("The next gate (%(state)s) still asks for: %(missing)s")
            said.append(
                (
                    Tone.WARN,
                    gate % {"state": hl.HANDOVER_STATE[to], "missing": "; ".join(missing)},
                )
            )
        return said

    def facts(self) -> Sequence[FactGroup]:
        """Timetable, successor and papers."""
        row, staff = self.record, self.staff
        on, plan = today(), row.timetable
        of = _t("year %(year)s of %(years)s: %(part)s") % {
            "year": plan.year(on),
            "years": plan.years,
            "part": hl.PART[plan.part(on)],
        }
        spans = f"{row.set_up_years} + {row.expansion_years} + {row.handover_years}"
        return [
            FactGroup(
                _("The hand-over"),
                [
                    Fact(_("Successor"), row.successor),
                    Fact(_("Way of lending"), row.get_way_display()),
                    Fact(_("Readiness"), score_text(row)),
                    Fact(_("First day"), row.starts),
                    Fact(_("Years: setting up + expansion + handing over"), spans),
                    Fact(_("Today"), of),
                    Fact(_("Area left first"), row.exit_area),
                ],
            ),
            FactGroup(
                _("Papers"),
                [
                    Fact(_("Options study"), queries.as_read_by(staff, row.study)),
                    Fact(_("Decision"), queries.as_read_by(staff, row.decision)),
                    Fact(_("Local legal advice"), queries.as_read_by(staff, row.legal_advice)),
                    Fact(_("Registration number"), row.registration_no),
                    Fact(_("Registered on"), row.registered_date),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """The options side by side; readiness, item by item; areas in the order they are left."""
        row, staff = self.record, self.staff
        options = Table(
            _("Ways compared"),
            (
                Column("way", _("Way of lending")),
                Column("cost", _("Cost")),
                Column("risk", _("Risk")),
                Column("law", _("Law")),
                Column("reach", _("Reach")),
            ),
            row.options.all(),
        )
        items = row.items.select_related("evidence", "owner", "handover__programme")
        readiness = Table(
            _("Readiness"),
            (
                Column("item", _("Item"), Kind.LINK, value=str, url_name="projects:readiness_item"),
                Column("section", _("Section")),
                Column("hard", _("Must be met"), Kind.TICK),
                Column("weight", _("Weight"), Kind.NUMBER),
                Column("gate", _("Needed before")),
                Column("state", _("State"), Kind.STATE, tones=ITEM_TONES),
                Column(
                    "seen",
                    _("Evidence"),
                    Kind.LINK,
                    value=lambda item: seen(item, staff),
                    href=lambda item: evidence_address(item, staff),
                ),
                Column("owner", _("Owner")),
                Column("due_date", _("Due on"), Kind.DATE),
            ),
            items,
        )
        areas = Table(
            _("Areas in the order they are left"),
            (Column("area", _("Area"), value=str),),
            queries.exit_order(row),
        )
        return [options, readiness, areas, *self._batches()]

    def _batches(self) -> list[Table]:
        """What was packed for the successor, and who stays with this institution."""
        batches = TransferBatch.objects.visible_to(self.staff).filter(handover=self.record)
        latest = batches.first()
        if latest is None:
            return []
        packed = Table(
            _("Packages for the successor"),
            (
                Column("packed_date", _("Packed on"), Kind.DATE),
                Column("successor", _("Packed for")),
                Column("state", _("State"), Kind.STATE, tones={"MOVED": Tone.GOOD}),
                Column("going", _("Persons who go"), Kind.NUMBER),
                Column("staying", _("Persons who stay"), Kind.NUMBER),
                Column("sha256", _("SHA-256 of the package")),
                Column("receiver", _("Public key of the receiving house")),
                Column("moved_date", _("Moved on"), Kind.DATE),
            ),
            batches.select_related("successor"),
        )
        if not may(self.staff, "projects.view_transfer_stay"):
            return [packed]
        stays = TransferStay.objects.visible_to(self.staff).filter(batch=latest)
        staying = Table(
            _("Who stays with this institution, or leaves something here"),
            (
                Column(
                    "person_id",
                    _("Person"),
                    Kind.LINK,
                    value=lambda row: str(row.person_id),
                    href=lambda row: reverse("people:person_detail", args=[row.person_id]),
                ),
                Column("reason", _("Why")),
            ),
            stays.order_by("reason", "person_id")[:MOST],
        )
        return [packed, staying]

    def timeline(self) -> Sequence[Moment]:
        """Each gate and each step back."""
        moves = self.record.moves.select_related("minutes", "moved_by")
        return [moment_of(move, self.staff) for move in moves]


def moment_of(move: HandoverMove, staff: StaffUser) -> Moment:
    """One step of the way, with its minutes or its reason."""
    minutes = queries.as_read_by(staff, move.minutes)
    parts = [str(minutes)] if minutes is not None else []
    parts += [text for text in (move.reason, move.score_text) if text]
    return Moment(move.moved_date, move.get_to_state_display(), "; ".join(parts))


class ReadinessPage(RecordPage):
    """One item of the readiness: its state, evidence, and what the records say."""

    model = ReadinessItem
    permission = "projects.view_handover"
    related = ("handover__programme", "evidence", "owner", "assessed_by")
    record: ReadinessItem

    def header(self) -> Header:
        """The item and the one thing to do."""
        row = self.record
        return Header(
            str(row),
            subtitle=row.get_section_display(),
            state=State(row.get_state_display(), ITEM_TONES.get(row.state, Tone.PLAIN)),
            primary=Action(
                _("Assess it"),
                "projects:readiness_assess",
                "projects.assess_readiness",
                args=(row.pk,),
            ),
            crumbs=(
                Crumb(
                    row.handover.title,
                    reverse("projects:handover_detail", args=[row.handover_id]),
                ),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """What is held of it."""
        row = self.record
        told = lists.told(row.handover.programme, row.code, on=today())
        return [
            FactGroup(
                _("The item"),
                [
                    Fact(_("Must be met"), _("yes") if row.hard else _("no")),
                    Fact(_("Weight"), row.weight),
                    Fact(_("Needed before"), row.get_gate_display()),
                    Fact(
                        _("Document that shows it"),
                        queries.as_read_by(self.staff, row.evidence),
                        evidence_address(row, self.staff),
                    ),
                    Fact(_("Evidence in words"), row.evidence_text),
                    Fact(_("What the records say"), "; ".join(one.text for one in told)),
                    Fact(_("Owner"), row.owner),
                    Fact(_("Due on"), row.due_date),
                    Fact(_("Assessed by"), row.assessed_by),
                    Fact(_("Assessed on"), row.assessed_date),
                ],
            )
        ]
