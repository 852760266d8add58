"""Pages of analyses: the list, one as a sceptical reader wants it, and the acts that lead there."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from handup.org.web.columns import Label
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_percent, format_share
from handup.org.web.pages import Action, Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results import services
from handup.results.analysis_forms import AnalysisForm
from handup.results.analysis_words import CAVEATS, GROUPS, MAY_SAY, METHODS, UNCLEAR
from handup.results.intervals import drawn
from handup.results.models import Analysis
from handup.results.models.analyses import ANALYSIS_STATES, LEVELS
from handup.results.payback import payback_facts
from handup.results.rules.states import AnalysisState, DesignKind
from handup.results.services.analyses import is_stale
from handup.results.told import IN_UNITS, is_clear, main_of, shown_p, shown_range, shown_value
from handup.surveys.queries import flow_of_cases

PAGE = "results:analysis_detail"
TONES = {
    AnalysisState.DRAFT.value: Tone.PLAIN,
    AnalysisState.FIXED.value: Tone.INFO,
    AnalysisState.DONE.value: Tone.GOOD,
}
Row = Mapping[str, Any]


class AnalysisList(ListPage):
    """Outcomes of the programmes she reads."""

    model = Analysis
    permission = "results.view_snapshot"
    title = _("Impact")
    related = ("programme", "first_round", "last_round")
    columns = (
        Column("title", _("Outcome"), Kind.LINK, sort="title", url_name=PAGE),
        Column("code", _("Code"), sort="code"),
        Column("programme.title", _("Programme"), sort="programme__title"),
        Column("last_round", _("Last round")),
        Column("state", _("State"), Kind.STATE, sort="state", tones=TONES),
        Column("level", _("What it shows"), value=lambda row: row.get_level_display()),
    )
    filters = (
        Search(("title", "code")),
        Choice("state", _("State"), ANALYSIS_STATES),
        Choice("level", _("What it shows"), LEVELS),
    )
    order = "code"
    empty = EmptyState(
        _("No outcome is planned yet"),
        _("An outcome is planned on the programme's page of results, before people are asked."),
        Action(_("Concrete benefits"), "results:programme_list", "results.view_figure"),
    )


class AnalysisNew(FormPage):
    """Plan an outcome."""

    form_class = AnalysisForm
    permission = "results.plan_analysis"
    subject_model = Programme
    subject: Programme
    title = _("Plan an outcome")
    intro = _("Write it down before people are asked. Afterwards it can show less.")

    def form_options(self) -> dict[str, Any]:
        """The programme's rounds."""
        return {"programme": self.subject, "staff": self.staff}

    def perform(self, values: dict[str, Any]) -> Analysis:
        """Keep it as a draft."""
        return services.plan_analysis(
            acting_staff=self.staff, programme=self.subject, id=self.new_id, **values
        )

    def success_url(self, result: Analysis) -> str:
        """Its page."""
        return reverse(PAGE, args=[result.pk])


class OnAnalysis(FormPage):
    """An act on one analysis; it goes back to its page."""

    form_class = HouseForm
    subject_model = Analysis
    subject: Analysis

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse(PAGE, args=[self.subject.pk])


class AnalysisFix(OnAnalysis):
    """Fix the plan before fieldwork."""

    permission = "results.plan_analysis"
    title = _("Fix the plan")
    intro = _("From then on it stays as it is. The day is kept and told with the result.")
    verb = _("Fix it")

    def perform(self, values: dict[str, Any]) -> Analysis:
        """Fix it."""
        return services.fix_analysis(acting_staff=self.staff, analysis=self.subject)


class AnalysisDrop(OnAnalysis):
    """Take a draft back."""

    permission = "results.plan_analysis"
    title = _("Take the draft back")
    verb = _("Take it back")

    def perform(self, values: dict[str, Any]) -> None:
        """Take it back."""
        services.drop_analysis(acting_staff=self.staff, analysis=self.subject)

    def success_url(self, result: Any) -> str:
        """The list: there is no page of it any more."""
        return reverse("results:analysis_list")


class AnalysisFinish(OnAnalysis):
    """Work the outcome out."""

    permission = "results.finish_analysis"
    title = _("Work it out")
    intro = _("Both rounds have to be locked. What it shows is worked out from their answers.")
    verb = _("Work it out")

    def perform(self, values: dict[str, Any]) -> Analysis:
        """Work it out."""
        return services.finish_analysis(acting_staff=self.staff, analysis=self.subject)


class AnalysisPage(RecordPage):
    """One outcome: who was asked and lost, every estimate with its interval, what may be said."""

    model = Analysis
    permission = "results.view_snapshot"
    related = ("programme", "first_round", "last_round", "planned_by", "fixed_by", "done_by")
    template = "results/analysis.html"
    record: Analysis

    def header(self) -> Header:
        """Its outcome, and what comes next."""
        row = self.record
        args = (row.pk,)
        fix = Action(_("Fix the plan"), "results:analysis_fix", "results.plan_analysis", args)
        done = Action(_("Work it out"), "results:analysis_finish", "results.finish_analysis", args)
        drop = Action(_("Take it back"), "results:analysis_drop", "results.plan_analysis", args)
        actions = {
            AnalysisState.DRAFT.value: (fix, done, drop),
            AnalysisState.FIXED.value: (done,),
            AnalysisState.DONE.value: (done,) if is_stale(row) else (),
        }
        return Header(
            row.title,
            subtitle=f"{row.programme.title} · {row.code}",
            state=State(row.get_state_display(), TONES[row.state]),
            actions=actions[row.state],
            crumbs=(
                Crumb(_("Results"), reverse("results:programme_list")),
                Crumb(_("Impact"), reverse("results:analysis_list")),
            ),
        )

    @cached_property
    def estimates(self) -> list[Row]:
        """What it showed, the main estimate first."""
        return list(self.record.told.get("estimates", ()))

    def notes(self) -> Sequence[tuple[Tone, Label]]:
        """What may be said, and what a reader must know first."""
        row = self.record
        if row.state != AnalysisState.DONE:
            return ()
        found: list[tuple[Tone, Label]] = []
        if is_stale(row):
            found.append((Tone.WARN, _("A round was opened to changes since: out of date.")))
        main = main_of(row.told)
        may_say = MAY_SAY[row.level]
        if main is not None and not is_clear(main):
            may_say = UNCLEAR.get(row.level, may_say)
        found.append((Tone.INFO, f"{row.get_level_display()}. {may_say}"))
        found += [(Tone.WARN, CAVEATS[code]) for code in row.told.get("caveats", ())]
        return found

    def facts(self) -> Sequence[FactGroup]:
        """The plan, when it was fixed, and how sure the answer is."""
        row = self.record
        plan = [
            Fact(_("What is expected"), row.hypothesis),
            Fact(_("Main outcome"), _("yes") if row.is_primary else _("no")),
            Fact(_("Question"), row.outcome_key),
            Fact(_("Kind of answer"), row.get_kind_display()),
            Fact(_("Answers that count"), ", ".join(row.yes_values)),
            Fact(_("Months after they were first served"), row.months),
            Fact(_("First round"), row.first_round),
            Fact(_("Last round"), row.last_round),
            Fact(_("Beside whom"), row.get_design_display()),
            Fact(_("Who took part"), _told_by(row)),
            Fact(_("Clusters"), row.get_clusters_display()),
            Fact(_("Price index"), _prices(row)),
            Fact(_("Planned by"), row.planned_by),
            Fact(_("Fixed on"), row.fixed_at),
            Fact(_("Worked out on"), row.done_at),
            Fact(_("Worked out by"), row.done_by),
        ]
        groups = [FactGroup(_("The plan"), plan)]
        if row.state == AnalysisState.DONE:
            groups.insert(0, FactGroup(_("What it shows"), self._shown()))
        return groups

    def _shown(self) -> list[Fact]:
        row, told = self.record, self.record.told
        main = main_of(told)
        if main is None:
            return [Fact(_("Result"), _("fewer than five answers"))]
        return [
            Fact(_("Estimate"), shown_value(main, row.kind, row.unit)),
            Fact(_("Interval of 95 %"), shown_range(main, row.kind, row.unit)),
            *payback_facts(row, self.staff),
            Fact(_("How it was come by"), METHODS[main["method"]]),
            Fact(_("Answers"), main["n"]),
            Fact(_("Clusters counted"), told["clusters"] or None),
            Fact(_("How likely where nothing changed (p)"), shown_p(main["p"])),
            Fact(_("The same among all outcomes (Holm)"), shown_p(told["p_adjusted"])),
            Fact(_("Not found again"), _lost(told)),
            Fact(_("Pairs with nothing in them"), told["zeros"] or None),
            Fact(_("Took part or not: not known"), told["unknown"] or None),
            Fact(_("Cut off for the bounds"), told["trimmed"]),
            Fact(_("Seed of the drawing"), told["seed"]),
        ]

    def tables(self) -> Sequence[Table]:
        """The flow of cases, who was lost, and every estimate."""
        tables = [self._flow_of_rounds()]
        if self.record.state == AnalysisState.DONE:
            tables += [self._groups(), self._estimates()]
        return tables

    def _flow_of_rounds(self) -> Table:
        rounds = [one for one in (self.record.first_round, self.record.last_round) if one]
        without = hidden_from_all()
        flows = [(one, flow_of_cases(one, without=without)) for one in rounds]
        return Table(
            _("Flow of cases"),
            (
                Column("round", _("Round"), value=lambda pair: pair[0].name),
                Column("state", _("State"), value=lambda pair: pair[0].get_state_display()),
                Column("eligible", _("Eligible"), Kind.NUMBER, value=lambda p: p[1].eligible),
                Column("sampled", _("Drawn"), Kind.NUMBER, value=lambda p: p[1].sampled),
                Column("met", _("Interviewed"), Kind.NUMBER, value=lambda p: p[1].interviewed),
                Column("rate", _("Response"), value=lambda p: _rate(p[1].response_rate)),
            ),
            flows,
        )

    def _groups(self) -> Table:
        return Table(
            _("Followed and lost"),
            (
                Column("group", _("Group"), value=lambda row: GROUPS[row["treated"]]),
                Column("eligible", _("To be followed"), Kind.NUMBER, value=_of("eligible")),
                Column("followed", _("Followed"), Kind.NUMBER, value=_of("followed")),
                Column("lost", _("Lost"), value=_share_lost),
                Column(
                    "difference",
                    _("How the lost differed at the beginning, in deviations"),
                    value=lambda row: _short(row["difference"]),
                ),
            ),
            self.record.told.get("flows", ()),
        )

    def _estimates(self) -> Table:
        kind, unit = self.record.kind, self.record.unit
        return Table(
            _("Every estimate, also those that tell less"),
            (
                Column("method", _("How"), value=lambda row: METHODS[row["method"]]),
                Column("group", _("Of whom"), value=lambda row: self._whom(row)),
                Column("value", _("Estimate"), value=lambda row: shown_value(row, kind, unit)),
                Column("range", _("Interval"), value=lambda row: shown_range(row, kind, unit)),
                Column("n", _("Answers"), Kind.NUMBER, value=_of("n")),
                Column("p", _("p"), value=lambda row: shown_p(row["p"])),
            ),
            self.estimates,
            EmptyState(_("Fewer than five answers: no result.")),
        )

    def _whom(self, row: Row) -> Label:
        if row["treated"] is None and self.record.design != DesignKind.NONE:
            return _("both groups")
        return GROUPS[row["treated"]]

    def context(self) -> dict[str, Any]:
        """The intervals, drawn on one scale."""
        kind, unit = self.record.kind, self.record.unit
        rows = [
            (self._label(row), shown_range(row, kind, unit), row)
            for row in self.estimates
            if row["method"] in IN_UNITS
        ]
        return {"intervals": drawn(rows), "intervals_title": self._finding()}

    def _label(self, row: Row) -> str:
        name = str(METHODS[row["method"]])
        return name if row["treated"] is None else f"{name} ({GROUPS[row['treated']]})"

    def _finding(self) -> str:
        main = main_of(self.record.told)
        if main is None:
            return ""
        return f"{self.record.title}: {shown_value(main, self.record.kind, self.record.unit)}"


def _of(name: str) -> Any:
    return lambda row: row[name]


def _share_lost(row: Row) -> str:
    lost = row["eligible"] - row["followed"]
    return f"{lost} ({format_share(lost, row['eligible'])})"


def _lost(told: Row) -> str:
    flows = told["flows"]
    eligible = sum(flow["eligible"] for flow in flows)
    lost = eligible - sum(flow["followed"] for flow in flows)
    return gettext("%(lost)s of %(all)s (%(share)s)") % {
        "lost": lost,
        "all": eligible,
        "share": format_share(lost, eligible),
    }


def _short(text: str | None) -> str:
    return "\u2013" if text is None else f"{float(text):.2f}"


def _rate(rate: str | None) -> str:
    return gettext("not defined") if rate is None else format_percent(rate)


def _told_by(row: Analysis) -> str:
    if not row.arm_values:
        return ""
    where = row.arm_key or gettext("stratum of the draw")
    return f"{where}: {', '.join(row.arm_values)}"


def _prices(row: Analysis) -> str:
    if not row.price_first:
        return ""
    return f"{row.price_first} \u2192 {row.price_last} ({row.price_source})"
