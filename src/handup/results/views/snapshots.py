"""Pages of snapshots: the list, one with its figures and what passes them, one frozen figure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.scope import hidden_from
from handup.org.web.columns import Label
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Tone
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.projects.models import Programme
from handup.results import forms as f
from handup.results import services
from handup.results.definitions import definition
from handup.results.drafting import templates
from handup.results.frozen_targets import achieved_text, plain_of_unit
from handup.results.frozen_typed import counts_of, marked
from handup.results.models import FrozenEstimate, FrozenFigure, FrozenTarget, Snapshot
from handup.results.models.frozen import SNAPSHOT_STATES
from handup.results.report import reporting_day
from handup.results.rules.catalogue import UnknownIndicator
from handup.results.rules.states import FigureState, SnapshotState
from handup.results.telling import shown_counts, shown_figure
from handup.results.told import main_of, shown_range, shown_value
from handup.results.waiting import waiting

PAGE = "results:snapshot_detail"
FIGURE = "results:frozen_detail"
TONES = {
    SnapshotState.OPEN.value: Tone.INFO,
    SnapshotState.FROZEN.value: Tone.GOOD,
    FigureState.DRAFT.value: Tone.PLAIN,
    FigureState.CHECKED.value: Tone.INFO,
    FigureState.APPROVED.value: Tone.GOOD,
}


REPORTS: Mapping[str, Label] = {
    "standard": _("Write a report"),
    "short": _("Write a short report"),
}
"""What a report by each template is called; another one by its own name."""


def name_of(code: str) -> str:
    """A figure's name in the reader's language; one that is shown no more keeps its code."""
    try:
        return gettext(definition(code).indicator.name)
    except UnknownIndicator:
        return code


class SnapshotList(ListPage):
    """Snapshots of the programmes she reads, the newest first."""

    model = Snapshot
    permission = "results.view_snapshot"
    title = _("Snapshots")
    related = ("programme", "computed_by", "frozen_by")
    columns = (
        Column("number", _("Number"), Kind.LINK, sort="number", url_name=PAGE),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("day", _("Counted up to"), Kind.DATE, sort="day"),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("computed_by.display_name", _("Computed by")),
        Column("frozen_at", _("Frozen on"), Kind.DATE),
    )
    filters = (Choice("state", _("State"), SNAPSHOT_STATES),)
    order = "-day"
    empty = EmptyState(
        _("No snapshot yet"),
        _("Figures for a report are computed and frozen on the programme's page of results."),
        Action(_("Concrete benefits"), "results:programme_list", "results.view_figure"),
    )


class SnapshotNew(FormPage):
    """Compute the figures of a day."""

    form_class = f.SnapshotForm
    permission = "results.compute_snapshot"
    subject_model = Programme
    subject: Programme
    title = _("Compute a snapshot")
    intro = _("The figures and every row behind them are kept, checked, approved and frozen.")
    verb = _("Compute")

    def initial(self) -> dict[str, Any]:
        """The programme's reporting day."""
        return {"day": reporting_day(self.subject)}

    def perform(self, values: dict[str, Any]) -> Snapshot:
        """Compute them."""
        return services.compute_snapshot(
            acting_staff=self.staff, programme=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Snapshot) -> str:
        """The snapshot."""
        return reverse(PAGE, args=[result.pk])


class OnSnapshot(FormPage):
    """A form about one snapshot; it goes back to its page."""

    subject_model = Snapshot
    subject: Snapshot

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(PAGE, args=[self.subject.pk])


class SnapshotAgain(OnSnapshot):
    """Compute a frozen snapshot again; the new one takes its place."""

    form_class = f.AgainForm
    permission = "results.compute_snapshot"
    title = _("Compute it again")
    intro = _("The frozen figures stay as they are; reports name the snapshot they used.")
    verb = _("Compute")

    def perform(self, values: dict[str, Any]) -> Snapshot:
        """Compute it."""
        return services.compute_snapshot(
            acting_staff=self.staff,
            programme=self.subject.programme,
            day=self.subject.day,
            supersedes=self.subject,
            id=self.new_id,
            **values,
        )

    def success_url(self, result: Snapshot) -> str:
        """The new one."""
        return reverse(PAGE, args=[result.pk])


class SnapshotAnew(OnSnapshot):
    """Compute a snapshot that is still open anew."""

    form_class = f.SnapshotForm
    permission = "results.compute_snapshot"
    title = _("Compute it anew")
    intro = _("Every figure is a draft again; what was written on them stays.")
    verb = _("Compute")

    def initial(self) -> dict[str, Any]:
        """Its day."""
        return {"day": self.subject.day}

    def perform(self, values: dict[str, Any]) -> Snapshot:
        """Compute it."""
        return services.compute_again(acting_staff=self.staff, snapshot=self.subject, **values)


class FiguresPass(OnSnapshot):
    """Pass several figures on at once."""

    form_class = f.FiguresOfSnapshotForm
    from_state: ClassVar[FigureState]

    def form_options(self) -> dict[str, Any]:
        """The figures in the state before."""
        rows = self.subject.figures.filter(state=self.from_state.value)
        return {
            "choices": [
                (row.code, f"{name_of(row.code)}: {shown_figure(row)} · {shown_counts(row)}")
                for row in rows
            ]
        }

    def initial(self) -> dict[str, Any]:
        """All of them."""
        rows = self.subject.figures.filter(state=self.from_state.value)
        return {"codes": list(rows.values_list("code", flat=True))}


class FiguresCheck(FiguresPass):
    """Check figures somebody else computed."""

    permission = "results.check_figures"
    title = _("Check figures")
    intro = _("Take out of the list what is not right, and send it back on its own page.")
    verb = _("Checked")
    from_state = FigureState.DRAFT

    def lead(self) -> Label:
        """What to look at, and what may still change the figures."""
        snapshot = self.subject
        found = waiting(snapshot.programme, snapshot.day, hidden_from(self.staff))
        return " ".join([str(self.intro), *found.words()])

    def perform(self, values: dict[str, Any]) -> list[FrozenFigure]:
        """Check them."""
        return services.check_figures(
            acting_staff=self.staff, snapshot=self.subject, codes=values["codes"]
        )


class FiguresApprove(FiguresPass):
    """Approve checked figures."""

    permission = "results.approve_figures"
    title = _("Approve figures")
    verb = _("Approve")
    from_state = FigureState.CHECKED

    def perform(self, values: dict[str, Any]) -> list[FrozenFigure]:
        """Approve them."""
        return services.approve_figures(
            acting_staff=self.staff, snapshot=self.subject, codes=values["codes"]
        )


class SnapshotFreeze(OnSnapshot):
    """Freeze a snapshot for good."""

    form_class = HouseForm
    permission = "results.approve_figures"
    title = _("Freeze the snapshot")
    intro = _("From then on nothing of it changes. A correction is a new snapshot with its reason.")
    verb = _("Freeze")

    def perform(self, values: dict[str, Any]) -> Snapshot:
        """Freeze it."""
        return services.freeze_snapshot(acting_staff=self.staff, snapshot=self.subject)


class SnapshotPage(RecordPage):
    """One snapshot: its figures, who passed them, its checksum, and its reports."""

    model = Snapshot
    permission = "results.view_snapshot"
    related = ("programme", "computed_by", "frozen_by", "supersedes")
    record: Snapshot

    def header(self) -> Header:
        """The programme and the day, and what comes next."""
        row = self.record
        return Header(
            gettext("Snapshot %(number)s") % {"number": row.number},
            subtitle=row.programme.title,
            state=State(row.get_state_display(), TONES[row.state]),
            actions=self._actions(),
            crumbs=(
                Crumb(_("Results"), reverse("results:programme_list")),
                Crumb(_("Concrete benefits"), reverse("results:benefits", args=[row.programme_id])),
            ),
        )

    def _actions(self) -> tuple[Action, ...]:
        taken = tuple(
            Action(label, "results:snapshot_file", "results.view_snapshot", (self.record.pk, kind))
            for label, kind in ((_("Take as CSV"), "csv"), (_("Print as PDF"), "pdf"))
        )
        return (*self._steps(), *taken)

    def _steps(self) -> tuple[Action, ...]:
        args = (self.record.pk,)
        if self.record.state == SnapshotState.FROZEN:
            address = reverse("results:narrative_new", args=args)
            writes = [
                Action(
                    REPORTS.get(name) or gettext("Write a report: %(name)s") % {"name": name},
                    permission="results.write_report",
                    href=f"{address}?template={name}",
                )
                for name in templates()
            ]
            table = Action(
                _("Publish a table"), "results:table_new", "results.publish_table", args=args
            )
            again = Action(
                _("Compute it again"), "results:snapshot_again", "results.compute_snapshot", args
            )
            file = Action(
                _("Build a file for another system"),
                "results:exchange_new",
                "results.build_exchange",
                args,
            )
            tell = Action(
                _("Settings for exchange"),
                "results:exchange_profile",
                "results.set_exchange",
                (self.record.programme_id,),
            )
            replaced = Snapshot._base_manager.filter(supersedes=self.record).exists()
            acts = (*writes, table, file, tell)
            return acts if replaced else (*acts, again)
        states = set(self.record.figures.values_list("state", flat=True))
        found = [
            Action(_("Compute it anew"), "results:snapshot_anew", "results.compute_snapshot", args)
        ]
        if FigureState.DRAFT.value in states:
            found.append(
                Action(_("Check figures"), "results:figures_check", "results.check_figures", args)
            )
        if FigureState.CHECKED.value in states:
            found.append(
                Action(
                    _("Approve figures"),
                    "results:figures_approve",
                    "results.approve_figures",
                    args,
                )
            )
        if states == {FigureState.APPROVED.value}:
            found.append(
                Action(
                    _("Freeze the snapshot"),
                    "results:snapshot_freeze",
                    "results.approve_figures",
                    args,
                )
            )
        return tuple(found)

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """What may still change its figures, as long as it is open."""
        row = self.record
        if row.state == SnapshotState.FROZEN:
            return []
        found = waiting(row.programme, row.day, hidden_from(self.staff))
        return [(Tone.WARN, text) for text in found.words()]

    def facts(self) -> Sequence[FactGroup]:
        """When, by whom, what it takes the place of."""
        row = self.record
        replaced = row.supersedes
        later = Snapshot._base_manager.filter(supersedes=row).first()
        return [
            FactGroup(
                _("The snapshot"),
                [
                    Fact(_("Counted up to"), row.day),
                    Fact(_("Computed by"), row.computed_by),
                    Fact(_("Computed on"), row.computed_at),
                    Fact(_("Frozen by"), row.frozen_by),
                    Fact(_("Frozen on"), row.frozen_at),
                    Fact(
                        _("Takes the place of"),
                        replaced.number if replaced else None,
                        href=reverse(PAGE, args=[replaced.pk]) if replaced else "",
                    ),
                    Fact(_("Why it was computed again"), row.reason),
                    Fact(
                        _("Replaced by"),
                        later.number if later else None,
                        href=reverse(PAGE, args=[later.pk]) if later else "",
                    ),
                    Fact(_("Version of the program"), row.program_version),
                    Fact(_("Checksum"), row.sha256),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """The figures and the reports that use them."""
        return [
            Table(
                _("Figures"),
                (
                    Column("code", _("Figure"), Kind.LINK, url_name=FIGURE, value=figure_name),
                    Column("value", _("Value"), value=shown_figure),
                    Column("counts", _("Counted"), value=shown_counts),
                    Column("state", _("State"), Kind.STATE, tones=TONES),
                    Column("checked_by", _("Checked by")),
                    Column("approved_by", _("Approved by")),
                ),
                self.record.figures.select_related("checked_by", "approved_by"),
                EmptyState(_("The programme shows no figure")),
            ),
            typed_table(self.record),
            *promises_tables(self.record),
            estimates_table(self.record),
            Table(
                _("Reports"),
                (
                    Column("title", _("Report"), Kind.LINK, url_name="results:narrative_detail"),
                    Column("language_name", _("Language")),
                    Column("state", _("State")),
                ),
                self.record.narratives.all(),
                EmptyState(_("No report yet")),
            ),
        ]


def figure_name(row: FrozenFigure) -> str:
    """Its name."""
    return name_of(row.code)


def typed_table(snapshot: Snapshot) -> Table:
    """What was typed and approved by its day, of indicators that are not computed."""
    return Table(
        _("Typed values"),
        (
            Column(
                "code",
                _("Indicator"),
                Kind.LINK,
                value=lambda row: f"{row.code} {name_of(row.code)}",
                href=lambda row: reverse("results:typed_detail", args=[row.typed_id]),
            ),
            Column("value", _("Value"), value=marked),
            Column("counts", _("Counted"), value=counts_of),
            Column("period_end", _("Counted up to"), Kind.DATE),
        ),
        snapshot.typed.all(),
        EmptyState(_("No value was typed")),
    )


def promises_tables(snapshot: Snapshot) -> list[Table]:
    """What the logframes promised when it was frozen; nothing before."""
    if snapshot.state != SnapshotState.FROZEN:
        return []
    columns = (
        Column("phase_code", _("Phase")),
        Column("statement", _("Row")),
        Column("code", _("Indicator"), value=lambda row: f"{row.code} {name_of(row.code)}"),
        Column("baseline", _("Baseline"), value=_baseline),
        Column("target", _("Target"), value=lambda row: plain_of_unit(row.code, row.target)),
        Column("period_end", _("By the end of"), Kind.DATE),
        Column("achieved", _("Achieved"), value=achieved_text),
    )
    empty = EmptyState(_("No logframe named an indicator when it was frozen"))
    return [Table(_("Targets"), columns, snapshot.targets.all(), empty)]


def _baseline(row: FrozenTarget) -> str:
    """Where it stood before and when, or why nobody knows."""
    if not row.baseline:
        return row.baseline_reason or "\u2013"
    told = plain_of_unit(row.code, row.baseline)
    return f"{told} ({row.baseline_year})" if row.baseline_year else told


def estimates_table(snapshot: Snapshot) -> Table:
    """What the analyses of the programme showed by its day."""
    return Table(
        _("Impact"),
        (
            Column("title", _("Outcome")),
            Column("code", _("Code")),
            Column("value", _("Estimate"), value=lambda row: _estimate(row, shown_value)),
            Column("range", _("Interval"), value=lambda row: _estimate(row, shown_range)),
            Column("level", _("What it shows"), value=lambda row: row.get_level_display()),
        ),
        snapshot.estimates.all(),
        EmptyState(_("No outcome was worked out by this day")),
    )


def _estimate(row: FrozenEstimate, shown: Callable[[Mapping[str, Any], str, str], str]) -> str:
    main = main_of(row.told)
    return "" if main is None else shown(main, row.told["kind"], row.unit)
