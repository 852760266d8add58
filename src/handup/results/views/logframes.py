"""Pages of logframes: phases, one logframe with how far each target is, its acts, and on paper."""

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.org import reads
from handup.org.permissions import require
from handup.org.web.columns import Label
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day, format_money, format_number, format_percent
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.org.web.paper import set_pdf
from handup.projects.models import Phase
from handup.projects.models.labels import PHASE_STATUS, choices
from handup.results.logframes import (
    COLOURS,
    Line,
    Measured,
    at_risk,
    currency_of,
    last_snapshot,
    lines_of,
    missing_to_begin,
    revised,
)
from handup.results.models import LogframeRow, RowIndicator, Snapshot
from handup.results.rules.logframe import Assumption, Colour, in_force, number_of

PAGE = "results:logframe"
ROW = "results:logframe_row"
INDICATOR = "results:row_indicator_page"
TEMPLATE = Path(__file__).parents[1] / "templates" / "results" / "logframe.typ"
TONES = {
    Colour.REACHED: Tone.GOOD,
    Colour.NEARLY: Tone.WARN,
    Colour.BELOW: Tone.BAD,
    Colour.UNDEFINED: Tone.PLAIN,
}
HELD = {
    Assumption.HOLDS.value: Tone.GOOD,
    Assumption.AT_RISK.value: Tone.WARN,
    Assumption.FAILED.value: Tone.BAD,
}


def plain(text: str) -> str:
    """A number that was typed or counted, as the language writes it; a dash for none."""
    number = number_of(text)
    if number is None:
        return text or "\u2013"
    whole = number.denominator == 1
    return format_number(number.numerator) if whole else format_number(float(number))


class LogframeList(ListPage):
    """Phases whose logframe she reads."""

    model = Phase
    permission = "results.view_snapshot"
    title = _("Logframes")
    related = ("programme",)
    columns = (
        Column("title", _("Phase"), Kind.LINK, sort="title", url_name=PAGE),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("code", _("Code"), sort="code"),
        Column("status", _("Status"), Kind.STATE, sort="status"),
    )
    filters = (
        Search(("title", "code", "programme__title")),
        Choice("status", _("Status"), choices(PHASE_STATUS)),
    )
    order = "title"
    empty = EmptyState(
        _("No phase yet"), _("A logframe belongs to a phase. Open the phase of a programme first.")
    )


class LogframePage(RecordPage):
    """A phase's logframe: every row, its indicators beside their targets, what it relies on."""

    model = Phase
    permission = "results.view_snapshot"
    related = ("programme",)
    record: Phase

    @cached_property
    def snapshot(self) -> Snapshot | None:
        """The frozen figures it is held against."""
        return last_snapshot(self.record)

    @cached_property
    def lines(self) -> list[Line]:
        """Its rows."""
        return lines_of(self.record, self.snapshot)

    def header(self) -> Header:
        """The phase, and what can be done."""
        row = self.record
        args = (row.pk,)
        return Header(
            _("Logframe"),
            subtitle=f"{row.programme.title} · {row.title}",
            state=State(row.get_status_display(), Tone.PLAIN),
            primary=Action(_("Add a row"), "results:row_new", "results.edit_logframe", args),
            actions=(
                Action(_("Print as PDF"), "results:logframe_pdf", "results.view_snapshot", args),
            ),
            crumbs=(
                Crumb(_("Results"), reverse("results:programme_list")),
                Crumb(_("Logframes"), reverse("results:logframe_list")),
            ),
        )

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """What is missing, what is at risk, and which figures these are."""
        found: list[tuple[Tone, Label]] = []
        if lacking := missing_to_begin(self.record):
            told = gettext("Before the phase begins, it needs: %(missing)s.")
            found.append((Tone.WARN, told % {"missing": "; ".join(lacking)}))
        if risky := at_risk(self.lines):
            told = gettext("Assumptions that do not hold, or may not: %(count)s.")
            found.append((Tone.WARN, told % {"count": risky}))
        found.append((Tone.INFO, figures_told(self.snapshot)))
        return found

    def tables(self) -> Sequence[Table]:
        """Rows with their indicators, then what they rely on."""
        pairs: list[tuple[Line, Measured | None]] = []
        for line in self.lines:
            pairs += [(line, one) for one in line.measured] or [(line, None)]
        return [self._rows(pairs), self._assumptions(), *self._costs()]

    def _rows(self, pairs: Sequence[tuple[Line, Measured | None]]) -> Table:
        return Table(
            _("What is to be reached, and how far it is"),
            (
                Column("level", _("Level"), value=lambda p: p[0].row.get_level_display()),
                Column(
                    "statement",
                    _("Row"),
                    Kind.LINK,
                    href=lambda p: reverse(ROW, args=[p[0].row.pk]),
                    value=lambda p: p[0].row.statement,
                ),
                Column("indicator", _("Indicator"), value=lambda p: _part(p, "name")),
                Column("baseline", _("Baseline"), value=lambda p: baseline_of(p[1])),
                Column("target", _("Target"), value=lambda p: target_of(p[1])),
                Column("actual", _("Actual"), value=lambda p: actual_of(p[1])),
                Column("achieved", _("Achieved"), value=lambda p: achieved_of(p[1])),
                Column("means", _("Means of verification"), value=lambda p: p[0].row.means),
            ),
            pairs,
            EmptyState(_("No row yet"), _("Begin with the goal, then outcomes and outputs.")),
        )

    def _assumptions(self) -> Table:
        return Table(
            _("What it relies on"),
            (
                Column("assumption", _("Assumption")),
                Column("statement", _("Row"), Kind.LINK, url_name=ROW),
                Column("assumption_state", _("Does it hold?"), Kind.STATE, tones=HELD),
                Column("reviewed_date", _("Reviewed on"), Kind.DATE),
            ),
            [line.row for line in self.lines if line.row.assumption],
            EmptyState(_("No assumption is written down")),
        )

    def _costs(self) -> list[Table]:
        spent = [line for line in self.lines if line.cost_units is not None]
        if not spent:
            return []
        return [
            Table(
                _("Cost of a result"),
                (
                    Column("statement", _("Output"), value=lambda line: line.row.statement),
                    Column("spent", _("Spent"), value=lambda row: self._money(row.cost_units, row)),
                    Column("each", _("For one"), value=lambda row: self._money(row.cost_each, row)),
                ),
                spent,
            )
        ]

    def _money(self, units: int | None, line: Line) -> str:
        currency = currency_of(line, self.lines)
        if units is None or not currency:
            return gettext("not defined")
        return format_money(units, currency)


def figures_told(snapshot: Snapshot | None) -> str:
    """Which figures a logframe is held against, in words."""
    if snapshot is None:
        return gettext("No figures are frozen yet: nothing can be held against the targets.")
    return gettext("Actual: snapshot %(number)s, counted up to the end of %(day)s.") % {
        "number": snapshot.number,
        "day": format_day(snapshot.day),
    }


def _part(pair: tuple[Line, Measured | None], name: str) -> str:
    return "" if pair[1] is None else str(getattr(pair[1], name))


def baseline_of(one: Measured | None) -> str:
    """Where it stood before, with the year, or why nobody knows."""
    if one is None:
        return ""
    row = one.indicator
    if not row.baseline:
        return gettext("none: %(why)s") % {"why": row.baseline_reason}
    return f"{plain(row.baseline)} ({row.baseline_year})"


def target_of(one: Measured | None) -> str:
    """The target in force, with its day."""
    if one is None or one.target is None:
        return ""
    return f"{plain(one.target.value)} ({format_day(one.target.period_end)})"


def actual_of(one: Measured | None) -> str:
    """What was counted, or what was typed, marked as such."""
    if one is None:
        return plain("")
    told = plain(one.actual)
    return gettext("%(value)s (typed)") % {"value": told} if one.is_typed else told


def achieved_of(one: Measured | None) -> str:
    """How far it is, in words and per cent."""
    if one is None:
        return ""
    word = str(COLOURS[one.colour])
    return f"{format_percent(one.achieved)} · {word}" if one.achieved else word


class RowPage(RecordPage):
    """One row: its words, its indicators, every target with its revisions."""

    model = LogframeRow
    permission = "results.view_snapshot"
    related = ("phase__programme", "parent", "budget_line", "reviewed_by")
    record: LogframeRow

    def header(self) -> Header:
        """The row and its acts."""
        row = self.record
        args = (row.pk,)
        acts = [
            Action(_("Add an indicator"), "results:row_indicator", "results.edit_logframe", args),
            Action(_("Word it anew"), "results:row_change", "results.edit_logframe", args),
            Action(_("Take it out"), "results:row_remove", "results.edit_logframe", args),
        ]
        if row.assumption:
            review = Action(
                _("Review the assumption"), "results:row_review", "results.edit_logframe", args
            )
            acts.insert(0, review)
        return Header(
            row.statement,
            subtitle=row.get_level_display(),
            state=State(gettext("taken out"), Tone.PLAIN) if row.removed_at else None,
            actions=() if row.removed_at else acts,
            crumbs=(Crumb(_("Logframe"), reverse(PAGE, args=[row.phase_id])),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Its words."""
        row = self.record
        return [
            FactGroup(
                _("The row"),
                [
                    Fact(_("Belongs to"), row.parent),
                    Fact(_("Means of verification"), row.means),
                    Fact(_("Budget line"), row.budget_line),
                    Fact(_("Assumption"), row.assumption),
                    Fact(_("Does it hold?"), row.assumption and row.get_assumption_state_display()),
                    Fact(_("Reviewed on"), row.reviewed_date),
                    Fact(_("Reviewed by"), row.reviewed_by),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Its indicators, then the targets of each."""
        snapshot = last_snapshot(self.record.phase)
        lines = lines_of(self.record.phase, snapshot)
        measured = next((one.measured for one in lines if one.row.pk == self.record.pk), ())
        return [
            Table(
                _("Indicators"),
                (
                    Column(
                        "name",
                        _("Indicator"),
                        Kind.LINK,
                        href=lambda one: reverse(INDICATOR, args=[one.indicator.pk]),
                    ),
                    Column("baseline", _("Baseline"), value=baseline_of),
                    Column("target", _("Target"), value=target_of),
                    Column("actual", _("Actual"), value=actual_of),
                    Column("achieved", _("Achieved"), value=achieved_of),
                ),
                measured,
                EmptyState(_("No indicator yet")),
            )
        ]


class RowIndicatorPage(RecordPage):
    """One indicator of a row: baseline, and every target with its revisions."""

    model = RowIndicator
    permission = "results.view_snapshot"
    related = ("row__phase__programme",)
    record: RowIndicator

    def header(self) -> Header:
        """The indicator and its acts."""
        row = self.record
        args = (row.pk,)
        acts = (
            Action(_("Set a target"), "results:target_new", "results.edit_logframe", args),
            Action(_("Take it out"), "results:row_indicator_remove", "results.edit_logframe", args),
        )
        return Header(
            row.code,
            subtitle=row.row.statement,
            actions=() if row.removed_at else acts,
            crumbs=(Crumb(row.row.statement[:60], reverse(ROW, args=[row.row_id])),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Where it stood before."""
        row = self.record
        return [
            FactGroup(
                _("Before"),
                [
                    Fact(_("Baseline"), plain(row.baseline)),
                    Fact(_("Year of the baseline"), str(row.baseline_year or "")),
                    Fact(_("Why there is none"), row.baseline_reason),
                    Fact(
                        _("Reference sheet"),
                        row.code,
                        href=reverse("results:sheet", args=[row.code]),
                    ),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Every target ever set; those in force first."""
        rows = list(self.record.targets.select_related("set_by"))
        held = {(end, of): one.revision for (end, of), one in in_force(revised(rows)).items()}
        now = [row for row in rows if held[row.period_end, row.line] == row.revision]
        before = [row for row in rows if held[row.period_end, row.line] != row.revision]
        columns = (
            Column("period_end", _("By the end of"), Kind.DATE),
            Column("line", _("Only for")),
            Column("value", _("Target"), value=lambda row: plain(row.value)),
            Column("revision", _("Revision"), Kind.NUMBER),
            Column("reason", _("Why it was changed")),
            Column("set_by.display_name", _("Set by")),
            Column("recorded_at", _("Set on"), Kind.DATE),
        )
        return [
            Table(_("Targets"), columns, now, EmptyState(_("No target yet"))),
            Table(_("Revised since"), columns, before, struck=True),
        ]


class LogframePdf(View):
    """A phase's logframe on paper."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Set it and send it."""
        staff: Any = request.user
        require(staff, "results.view_snapshot")
        rows = Phase.objects.visible_to(staff).select_related("programme")
        phase = rows.filter(pk=kwargs["pk"]).first()
        if phase is None:
            raise Http404
        require(staff, "results.view_snapshot", phase.programme)
        reads.note(request, persons=[], action="EXPORT", highest="O")
        answer = HttpResponse(as_pdf(phase), content_type="application/pdf")
        name = f"{phase.programme.code}-{phase.code}-logframe.pdf"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def as_pdf(phase: Phase) -> bytes:
    """Set a logframe as PDF/UA on A4 across, in the active language."""
    snapshot = last_snapshot(phase)
    told = [
        {
            "level": str(line.row.get_level_display()),
            "statement": line.row.statement,
            "means": line.row.means,
            "assumption": line.row.assumption
            and f"{line.row.assumption} ({line.row.get_assumption_state_display()})",
            "measured": [
                {
                    "name": one.name,
                    "baseline": baseline_of(one),
                    "target": target_of(one),
                    "actual": actual_of(one),
                    "achieved": achieved_of(one),
                }
                for one in line.measured
            ],
        }
        for line in lines_of(phase, snapshot)
    ]
    words = {
        "row": gettext("What is to be reached"),
        "indicator": gettext("Indicator"),
        "baseline": gettext("Baseline"),
        "target": gettext("Target"),
        "actual": gettext("Actual"),
        "achieved": gettext("Achieved"),
        "means": gettext("Means of verification"),
        "assumption": gettext("Assumption"),
    }
    return set_pdf(
        TEMPLATE,
        {
            "lang": (get_language() or "en").split("-")[0],
            "title": gettext("Logframe"),
            "phase": f"{phase.programme.title} · {phase.title}",
            "source": figures_told(snapshot),
            "words": json.dumps(words),
            "rows": json.dumps(told),
        },
    )
