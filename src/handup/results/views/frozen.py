"""Pages of one frozen figure: its counts and lines, what moved since, and the rows as they were."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from handup.kernel.errors import Refusal
from handup.org.permissions import may, require
from handup.org.web.columns import Label
from handup.org.web.forms import FormPage
from handup.org.web.lists import Column, EmptyState, Kind, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.org.web.refusals import message_of
from handup.results import forms as f
from handup.results import services
from handup.results.definitions import DEFINITIONS, definition
from handup.results.drift import Drifted, drift_of
from handup.results.freezing import as_fact
from handup.results.models import FrozenFigure, FrozenRow
from handup.results.rules.adx import Period, period_told
from handup.results.rules.engine import NOT_RECORDED
from handup.results.rules.states import Drift, FigureState
from handup.results.telling import (
    counted_in,
    shown_counts,
    shown_figure,
    shown_in,
    shown_now,
    variant_words,
)
from handup.results.trend import frozen_over_time
from handup.results.views.currencies import conversion_tables
from handup.results.views.rows import Behind, show_rows
from handup.results.views.snapshots import FIGURE, PAGE, TONES, name_of
from handup.results.wording import DIMENSIONS, line_names, period_words

CAUSES = {
    Drift.LATE: _("came in late"),
    Drift.CORRECTED: _("was corrected"),
    Drift.MERGED: _("was found to be somebody already counted"),
    Drift.WITHDRAWN: _("was erased"),
    Drift.DEFINITION: _("is counted by another definition now"),
}


class FrozenPage(RecordPage):
    """One figure of a snapshot: both counts, its lines, and what moved since it was frozen."""

    model = FrozenFigure
    permission = "results.view_snapshot"
    related = ("snapshot__programme", "checked_by", "approved_by")
    record: FrozenFigure
    why_not: str = ""

    def header(self) -> Header:
        """Its name, its snapshot, and what can be done with it."""
        row = self.record
        snapshot = row.snapshot
        args = (row.pk,)
        actions = []
        if row.state == FigureState.DRAFT:
            actions.append(
                Action(_("Write a note"), "results:frozen_note", "results.compute_snapshot", args)
            )
        elif row.state != FigureState.FROZEN:
            actions.append(
                Action(_("Send it back"), "results:frozen_back", "results.check_figures", args)
            )
        return Header(
            name_of(row.code),
            subtitle=f"{snapshot.programme.title} · {row.code}",
            state=State(row.get_state_display(), TONES.get(row.state, Tone.GOOD)),
            actions=actions,
            crumbs=(
                Crumb(
                    gettext("Snapshot %(number)s") % {"number": snapshot.number},
                    reverse(PAGE, args=[snapshot.pk]),
                ),
            ),
        )

    @cached_property
    def drifted(self) -> Drifted | None:
        """The figure counted again today; None where it is not counted any more."""
        try:
            return drift_of(self.record)
        except Refusal as refusal:
            self.why_not = message_of(refusal)
            return None

    def facts(self) -> Sequence[FactGroup]:
        """What was frozen, beside what is counted today."""
        row, drifted = self.record, self.drifted
        interval = f"{row.low}\u2013{row.high} %" if row.low else ""
        today = [Fact(_("It cannot be counted today"), self.why_not)] if drifted is None else []
        if drifted is not None:
            today = [
                Fact(_("The same counted today"), shown_now(drifted)),
                Fact(_("Rows that moved since"), len(drifted.moved)),
            ]
        can_open = may(self.staff, "results.open_rows", row.snapshot.programme)
        return [
            FactGroup(
                _("The figure"),
                [
                    Fact(
                        _("Value"),
                        shown_figure(row),
                        href=reverse("results:frozen_rows", args=[row.pk]) if can_open else "",
                    ),
                    Fact(_("Counted"), shown_counts(row)),
                    Fact(_("Confidence interval"), interval),
                    Fact(_("Note"), row.note),
                    Fact(_("Why it was sent back"), row.sent_back_reason),
                    Fact(_("Checked by"), row.checked_by),
                    Fact(_("Approved by"), row.approved_by),
                ],
            ),
            FactGroup(_("Today"), today),
        ]

    def context(self) -> dict[str, Any]:
        """The same figure as it was frozen before and since, beside its target."""
        chart = frozen_over_time(self.record)
        return {"charts": [chart] if chart else []}

    def tables(self) -> Sequence[Table]:
        """Its lines, and how many rows moved for which reason."""
        tables = conversion_tables(self.record.conversion)
        tables += [_lines(self.record, *pair) for pair in self.record.lines.items()]
        if self.record.variants:
            tables.insert(0, _variants(self.record))
        if self.record.periods:
            tables.insert(0, _periods(self.record))
        return [*tables, moved_table(self.drifted)] if self.drifted else tables


def _periods(figure: FrozenFigure) -> Table:
    """What the figure counts in each period that ends on the snapshot's day."""
    rows = [(period_told(name), held) for name, held in figure.periods.items()]

    def written(pair: tuple[Period, Any]) -> str:
        return f"{{{{ {figure.code} | {pair[0].name} }}}}"

    return Table(
        _("In the periods that end on this day"),
        (
            Column("period", _("Period"), value=lambda pair: period_words(pair[0])),
            Column("value", _("Value"), value=lambda pair: shown_in(figure, pair[1])),
            Column("counted", _("Counted"), value=lambda pair: counted_in(figure, pair[1])),
            Column("written", _("In a report"), value=written),
        ),
        rows,
    )


def _variants(figure: FrozenFigure) -> Table:
    """What the figure is with the other parameters of the catalogue, and how a report names it."""
    return Table(
        _("With other parameters"),
        (
            Column("name", _("Counted"), value=lambda pair: variant_words(pair[0])),
            Column("value", _("Value"), value=lambda pair: shown_in(figure, pair[1])),
            Column("counted", _("Counts"), value=lambda pair: counted_in(figure, pair[1])),
            Column(
                "written",
                _("In a report"),
                value=lambda pair: f"{{{{ {figure.code} | {pair[0]} }}}}",
            ),
        ),
        list(figure.variants.items()),
    )


def _lines(figure: FrozenFigure, dimension: str, told: dict[str, Any]) -> Table:
    """One breakdown of a frozen figure: amounts as money, days and counts as numbers."""
    of_money = bool(figure.currency)
    is_each = of_money and figure.code in DEFINITIONS and definition(figure.code).is_unit_cost
    names = line_names(dimension, [line["code"] for line in told["lines"]])
    return Table(
        DIMENSIONS.get(dimension, dimension),
        (
            Column("code", _("Line"), value=lambda line: names[line["code"]]),
            _column("numerator", _("Amount") if of_money else _("Count"), figure.currency),
            _column("denominator", _("Of"), "" if is_each else figure.currency),
        ),
        sorted(told["lines"], key=lambda line: (line["code"] == NOT_RECORDED, -line["numerator"])),
    )


def _column(name: str, label: Label, currency: str) -> Column:
    """Counts of lines, or their amounts in a currency."""

    def shown(line: dict[str, Any]) -> Any:
        units = line[name]
        return units if units is None or not currency else format_money(units, currency)

    return Column(name, label, Kind.FIGURE if currency else Kind.NUMBER, value=shown)


def moved_table(drifted: Drifted) -> Table:
    """How many rows moved, by why and which way; the amounts behind a rate of money are not kept
    row by row.
    """
    counts: dict[tuple[Drift, bool], int] = {}
    empty = _("Nothing moved") if drifted.holds else _("Amounts behind these rows changed")
    for one in drifted.moved:
        counts[one.cause, one.gained] = counts.get((one.cause, one.gained), 0) + 1
    return Table(
        _("What moved since"),
        (
            Column("cause", _("Why"), value=lambda pair: CAUSES[pair[0][0]]),
            Column(
                "way",
                _("Which way"),
                value=lambda pair: gettext("counted now") if pair[0][1] else gettext("gone"),
            ),
            Column("count", _("Rows"), Kind.NUMBER, value=lambda pair: pair[1]),
        ),
        sorted(counts.items()),
        EmptyState(empty),
    )


class OnFigure(FormPage):
    """A form about one figure of a snapshot; it goes back to its page."""

    subject_model = FrozenFigure
    subject: FrozenFigure

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(FIGURE, args=[self.subject.pk])


class FigureNote(OnFigure):
    """Say something about a figure."""

    form_class = f.NoteForm
    permission = "results.compute_snapshot"
    title = _("Write a note")

    def initial(self) -> dict[str, Any]:
        """What is said already."""
        return {"note": self.subject.note}

    def perform(self, values: dict[str, Any]) -> FrozenFigure:
        """Say it."""
        return services.note_figure(acting_staff=self.staff, figure=self.subject, **values)


class FigureBack(OnFigure):
    """Send a figure back."""

    form_class = f.BackForm
    permission = "results.check_figures"
    title = _("Send it back")
    verb = _("Send back")

    def perform(self, values: dict[str, Any]) -> FrozenFigure:
        """Send it."""
        return services.send_back_figure(acting_staff=self.staff, figure=self.subject, **values)


class FrozenRows(View):
    """The records behind a frozen figure, as they were counted then."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """Show one page of those her own grants reach."""
        staff: Any = request.user
        require(staff, "results.view_snapshot")
        rows = FrozenFigure.objects.visible_to(staff).select_related("snapshot__programme")
        figure = rows.filter(pk=kwargs["pk"]).first()
        if figure is None:
            raise Http404
        require(staff, "results.open_rows", figure.snapshot.programme)
        sides: dict[bool, list[Any]] = {False: [], True: []}
        gone = {False: 0, True: 0}
        stored = FrozenRow._base_manager.filter(figure=figure).order_by("is_base", "on", "id")
        for row in stored:
            if row.kind:
                sides[row.is_base].append(as_fact(row))
            else:
                gone[row.is_base] += 1
        href = reverse(FIGURE, args=[figure.pk])
        behind = Behind(sides[False], sides[True], name_of(figure.code), href, gone=gone)
        return show_rows(request, behind)
