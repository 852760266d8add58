"""Pages of reports: the list, one as it will be read, and the acts that pass it on."""

import json
from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.org.web.paper import set_pdf
from handup.results import forms as f
from handup.results import services
from handup.results.annex import AnnexLine, annex_cells, annex_heads, annex_of
from handup.results.drafting import STANDARD, draft_text, templates, to_write
from handup.results.models import Narrative, Snapshot
from handup.results.models.reports import NARRATIVE_STATES
from handup.results.rules.claims import Checked
from handup.results.rules.states import Level, NarrativeState, SnapshotState
from handup.results.services.narratives import gate
from handup.results.telling import Block, blocks, figures_of
from handup.results.word_paper import as_docx

PAGE = "results:narrative_detail"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TEMPLATE = Path(__file__).parents[1] / "templates" / "results" / "narrative.typ"
TONES = {
    NarrativeState.DRAFT.value: Tone.PLAIN,
    NarrativeState.CHECKED.value: Tone.INFO,
    NarrativeState.APPROVED.value: Tone.GOOD,
    NarrativeState.SENT.value: Tone.GOOD,
}
MAY_SAY = {
    Level.DESCRIPTIVE: _("how many of those asked or counted it is"),
    Level.CHANGE: _("that it rose, fell, changed, or shows no clear change"),
    Level.COMPARED: _("that it is more or less than in the comparison group"),
    Level.CAUSAL: _("what it led to"),
}


class NarrativeList(ListPage):
    """Reports of the programmes she reads, the newest first."""

    model = Narrative
    permission = "results.view_snapshot"
    title = _("Donor reports")
    related = ("programme", "snapshot", "written_by")
    columns = (
        Column("title", _("Report"), Kind.LINK, sort="title", url_name=PAGE),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("snapshot.day", _("Counted up to"), Kind.DATE, sort="snapshot__day"),
        Column("language_name", _("Language")),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("written_by.display_name", _("Written by")),
        Column("sent_date", _("Sent on"), Kind.DATE, sort="sent_date"),
    )
    filters = (Search(("title",)), Choice("state", _("State"), NARRATIVE_STATES))
    order = "-snapshot__day"
    empty = EmptyState(
        _("No report yet"),
        _("A report is written on the page of a frozen snapshot."),
        Action(_("Snapshots"), "results:snapshot_list", "results.view_snapshot"),
    )


class NarrativeNew(FormPage):
    """Begin a report over a frozen snapshot."""

    form_class = f.NewNarrativeForm
    permission = "results.write_report"
    subject_model = Snapshot
    subject: Snapshot
    title = _("Write a report")

    def initial(self) -> dict[str, Any]:
        """The sections of the template that was chosen, filled from the records."""
        frozen = self.subject.state == SnapshotState.FROZEN
        template = self.template_asked()
        return {
            "title": self.subject.programme.title,
            "language": settings.LANGUAGE_CODE,
            "text": draft_text(self.subject, settings.LANGUAGE_CODE, template) if frozen else "",
        }

    def template_asked(self) -> str:
        """The template that was chosen; the standard one where none is known by that name."""
        asked = self.request.GET.get("template", STANDARD)
        return asked if asked in templates() else STANDARD

    def lead(self) -> str:
        """What the records tell nothing of."""
        if self.subject.state != SnapshotState.FROZEN:
            return ""
        left = to_write(self.subject, self.template_asked())
        told = gettext("The records tell nothing for these parts; write them if you can: {parts}")
        return told.format(parts=", ".join(left)) if left else ""

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Keep it as a draft."""
        return services.write_narrative(
            acting_staff=self.staff, snapshot=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Narrative) -> str:
        """The report."""
        return reverse(PAGE, args=[result.pk])


class NarrativePage(RecordPage):
    """A report as it will be read, and what the gate finds in it."""

    model = Narrative
    permission = "results.view_snapshot"
    related = ("programme", "snapshot", "written_by", "checked_by", "approved_by", "read_by")
    template = "results/narrative.html"
    record: Narrative

    @cached_property
    def found(self) -> Checked:
        """What the gate finds."""
        return gate(self.record)

    def header(self) -> Header:
        """Its title, and what comes next."""
        row = self.record
        return Header(
            row.title,
            subtitle=f"{row.programme.title} · {format_day(row.snapshot.day)}",
            state=State(row.get_state_display(), TONES[row.state]),
            actions=self._actions(),
            crumbs=(
                Crumb(
                    gettext("Snapshot %(number)s") % {"number": row.snapshot.number},
                    reverse("results:snapshot_detail", args=[row.snapshot_id]),
                ),
            ),
        )

    def _actions(self) -> tuple[Action, ...]:
        row = self.record
        args = (row.pk,)
        pdf = Action(_("Print as PDF"), "results:narrative_pdf", "results.view_snapshot", args)
        word = Action(_("Open in Word"), "results:narrative_word", "results.view_snapshot", args)
        back = Action(_("Send it back"), "results:narrative_back", "results.approve_report", args)
        if row.state == NarrativeState.DRAFT:
            edit = Action(_("Write on"), "results:narrative_edit", "results.write_report", args)
            check = Action(
                _("Check the words"), "results:narrative_check", "results.write_report", args
            )
            read = Action(
                _("I have read it"), "results:narrative_read", "results.check_figures", args
            )
            asked = self.found.needs_reader and row.read_by_id is None
            return (edit, check, read, pdf, word) if asked else (edit, check, pdf, word)
        if row.state == NarrativeState.CHECKED:
            approve = Action(
                _("Approve"), "results:narrative_approve", "results.approve_report", args
            )
            return (approve, back, pdf, word)
        if row.state == NarrativeState.APPROVED:
            sent = Action(_("It was sent"), "results:narrative_send", "results.write_report", args)
            return (sent, back, pdf, word)
        return (pdf, word)

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What stops it, as long as it is a draft."""
        row = self.record
        if row.state != NarrativeState.DRAFT:
            return []
        told: list[tuple[Tone, Any]] = []
        if row.sent_back_reason:
            told.append((Tone.WARN, gettext("Sent back: %(why)s") % {"why": row.sent_back_reason}))
        for stop in self.found.stops:
            text = gettext(
                "“%(word)s” claims a cause in: %(sentence)s Of %(code)s it may be said %(may)s."
            ) % {
                "word": stop.word,
                "sentence": stop.sentence,
                "code": stop.code,
                "may": MAY_SAY[stop.level],
            }
            told.append((Tone.BAD, text))
        if Snapshot._base_manager.filter(supersedes=row.snapshot_id).exists():
            told.append((Tone.WARN, gettext("A later snapshot took the place of this one.")))
        if self.found.typed:
            numbers = ", ".join(one.number for one in self.found.typed)
            text = gettext("Typed by hand, to be signed for: %(numbers)s") % {"numbers": numbers}
            told.append((Tone.WARN, text))
        if self.found.needs_reader and row.read_by is None:
            text = gettext("No list of words of cause in this language: a second person reads it.")
            told.append((Tone.WARN, text))
        return told

    def facts(self) -> Sequence[FactGroup]:
        """Who did what with it."""
        row = self.record
        return [
            FactGroup(
                _("The report"),
                [
                    Fact(_("Language"), row.language_name),
                    Fact(_("Written by"), row.written_by),
                    Fact(_("Read by"), row.read_by),
                    Fact(_("Words checked by"), row.checked_by),
                    Fact(_("Approved by"), row.approved_by),
                    Fact(_("Sent to"), row.sent_to),
                    Fact(_("Sent on"), row.sent_date),
                    Fact(_("Checksum of the figures"), row.snapshot.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The annex: where each figure comes from."""
        heads = annex_heads()
        columns = [
            Column(f"c{at}", head, value=partial(_annex_cell, at)) for at, head in enumerate(heads)
        ]
        title = _("Annex: where each figure comes from")
        return [Table(title, columns, annex_of(self.record))]

    def context(self) -> dict[str, Any]:
        """The text with its figures."""
        return {"blocks": told_blocks(self.record)}


def _annex_cell(at: int, line: AnnexLine) -> str:
    return annex_cells(line)[at]


def told_blocks(row: Narrative) -> list[Block]:
    """The report's blocks in its own language."""
    with override(row.language):
        return blocks(row.text, figures_of(row.snapshot))


class OnNarrative(FormPage):
    """A form about one report; it goes back to its page."""

    subject_model = Narrative
    subject: Narrative

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(PAGE, args=[self.subject.pk])


class NarrativeEdit(OnNarrative):
    """Write on at a draft."""

    form_class = f.NarrativeForm
    permission = "results.write_report"
    title = _("Write on")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {"title": self.subject.title, "text": self.subject.text}

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Keep it."""
        return services.edit_narrative(acting_staff=self.staff, narrative=self.subject, **values)


class NarrativeRead(OnNarrative):
    """Say as a second person that it claims no cause."""

    form_class = HouseForm
    permission = "results.check_figures"
    title = _("I have read it")
    intro = _("You say that no sentence with a figure claims what the figure does not show.")
    verb = _("It claims no cause")

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Say it."""
        return services.read_narrative(acting_staff=self.staff, narrative=self.subject)


class NarrativeCheck(OnNarrative):
    """Pass a draft through the gate of words."""

    form_class = f.SignForm
    permission = "results.write_report"
    title = _("Check the words")
    verb = _("Check")

    def lead(self) -> Any:
        """The numbers that were typed."""
        numbers = ", ".join(one.number for one in gate(self.subject).typed)
        if not numbers:
            return _("No number was typed by hand.")
        return gettext("Typed by hand: %(numbers)s") % {"numbers": numbers}

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Check it; a sentence that stops it is shown."""
        return services.check_narrative(acting_staff=self.staff, narrative=self.subject, **values)


class NarrativeApprove(OnNarrative):
    """Approve a report somebody else wrote."""

    form_class = HouseForm
    permission = "results.approve_report"
    title = _("Approve")
    intro = _("Its figures come from a frozen snapshot; you pass its words.")
    verb = _("Approve")

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Approve it."""
        return services.approve_narrative(acting_staff=self.staff, narrative=self.subject)


class NarrativeBack(OnNarrative):
    """Send a report back."""

    form_class = f.BackForm
    permission = "results.approve_report"
    title = _("Send it back")
    verb = _("Send back")

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Send it back."""
        return services.send_back_narrative(
            acting_staff=self.staff, narrative=self.subject, **values
        )


class NarrativeSend(OnNarrative):
    """Write down that it was sent."""

    form_class = f.SentForm
    permission = "results.write_report"
    title = _("It was sent")
    intro = _("From then on it stays as it is.")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"sent_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Narrative:
        """Write it down."""
        return services.send_narrative(acting_staff=self.staff, narrative=self.subject, **values)


class NarrativePdf(View):
    """The report on paper; until it is approved, marked as a draft on every page."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it; it holds counts, never a person."""
        staff: Any = request.user
        require(staff, "results.view_snapshot")
        rows = Narrative.objects.visible_to(staff).select_related("programme", "snapshot")
        row = rows.filter(pk=kwargs["pk"]).first()
        if row is None:
            raise Http404
        reads.note(request, persons=[], action="EXPORT", highest="O")
        answer = HttpResponse(as_pdf(row), content_type="application/pdf")
        name = f"{row.programme.code}-{row.snapshot.day.isoformat()}-report.pdf"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


class NarrativeWord(View):
    """The report as a Word file; until it is approved, marked as a draft."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Send it; it holds counts, never a person."""
        staff: Any = request.user
        require(staff, "results.view_snapshot")
        rows = Narrative.objects.visible_to(staff).select_related("programme", "snapshot")
        row = rows.filter(pk=kwargs["pk"]).first()
        if row is None:
            raise Http404
        reads.note(request, persons=[], action="EXPORT", highest="O")
        answer = HttpResponse(as_docx(row), content_type=WORD)
        name = f"{row.programme.code}-{row.snapshot.day.isoformat()}-report.docx"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _bars(block: Block) -> list[dict[str, Any]]:
    """The bars of a chart as paper draws them: label, length in per cent of the longest, value."""
    return [
        {"label": str(one["bar"].label), "width": one["width"], "shown": one["bar"].shown}
        for one in block.chart.drawn_bars()
    ]


def as_pdf(row: Narrative) -> bytes:
    """Set a report as PDF/UA in its language, with where each figure comes from."""
    passed = {NarrativeState.APPROVED.value, NarrativeState.SENT.value}
    with override(row.language):
        told = [
            {"kind": one.kind.value, "text": one.text, "bars": _bars(one)}
            for one in blocks(row.text, figures_of(row.snapshot))
        ]
        return set_pdf(
            TEMPLATE,
            {
                "lang": row.language.split("-", maxsplit=1)[0],
                "title": row.title,
                "programme": row.programme.title,
                "day": gettext("Counted up to the end of %(day)s")
                % {"day": format_day(row.snapshot.day)},
                "source": gettext("Figures: snapshot %(number)s, checksum %(sum)s")
                % {"number": row.snapshot.number, "sum": row.snapshot.sha256},
                "mark": "" if row.state in passed else gettext("DRAFT"),
                "blocks": json.dumps(told),
                "annex_title": gettext("Annex: where each figure comes from"),
                "annex_heads": json.dumps(annex_heads()),
                "annex": json.dumps([annex_cells(line) for line in annex_of(row)]),
            },
        )
