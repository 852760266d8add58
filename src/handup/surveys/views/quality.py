"""Pages about the quality of a round's data: the dashboard by interviewer, flags to settle, the
limits they are judged by.
"""

from collections.abc import Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import decimal_text
from handup.org.scope import hidden_from
from handup.org.web.charts import Bar, Chart
from handup.org.web.forms import FormPage, HouseForm
from handup.org.web.lists import Choice, Column, EmptyState, Kind, ListPage
from handup.org.web.money import format_day, format_instant, format_number, format_percent
from handup.org.web.pages import Action, Crumb, Header, RecordPage, State, Table, Tile, Tone
from handup.surveys import services
from handup.surveys.forms.quality import LimitsForm, SettleForm
from handup.surveys.models import Flag, Question, Round, RoundFlag
from handup.surveys.models import labels as lb
from handup.surveys.models.labels import FLAG_RULE, choices
from handup.surveys.quality_queries import (
    InterviewerLine,
    attrition_of,
    flags_by_rule,
    interviewer_lines,
)
from handup.surveys.queries import flow_of_cases
from handup.surveys.rules.codes import FlagRule, RoundState
from handup.surveys.rules.limits import limits_of
from handup.surveys.rules.quality import Agreement, agreement
from handup.surveys.services.quality import changed_limits
from handup.surveys.weight_queries import weights_of

STATES = [("open", _("to be looked at")), ("settled", _("settled"))]


def to_round(round: Round) -> tuple[Crumb, ...]:
    """The way to a round."""
    return (
        Crumb(_t("Rounds"), reverse("surveys:round_list")),
        Crumb(round.name, reverse("surveys:round_detail", args=[round.pk])),
    )


def share_text(found: Agreement | None) -> str:
    """An agreement with its counts and its interval."""
    if found is None:
        return "\u2013"
    share = format_percent(decimal_text(_ppm(found.share), 1))
    low, high = (format_percent(decimal_text(_ppm(x), 1)) for x in (found.low, found.high))
    return f"{share} ({found.equal} / {found.compared}; {low} \u2013 {high})"


def _ppm(share: float) -> Fraction:
    return Fraction(round(share * 1_000_000), 10_000)


def rule_word(code: str) -> str:
    """A rule in words."""
    return str(FLAG_RULE[FlagRule(code)])


class RoundQuality(RecordPage):
    """What the data of a round show: by interviewer, by rule, by question."""

    model = Round
    permission = "surveys.view_submission"
    related = ("questionnaire", "programme")
    template = "kinds/figures.html"

    @cached_property
    def lines(self) -> list[InterviewerLine]:
        """One line an interviewer."""
        return interviewer_lines(self.record, without=hidden_from(self.staff))

    @cached_property
    def rules(self) -> list[tuple[str, int, int]]:
        """Flags by rule."""
        return flags_by_rule(self.record, without=hidden_from(self.staff))

    def header(self) -> Header:
        """The round, when it was looked over, what can be done."""
        row = self.record
        live = row.state != RoundState.LOCKED
        looked = format_instant(row.looked_at) if row.looked_at else _t("not yet")
        again = Action(
            _("Look over the answers"),
            "surveys:round_look",
            "surveys.look_over_round",
            args=(row.pk,),
        )
        limits = Action(
            _("Limits of data quality"), "surveys:round_limits", "surveys.set_limits", (row.pk,)
        )
        checks = Action(_("Back-checks"), "surveys:back_check_list", "surveys.view_back_check")
        return Header(
            _t("Quality of the data"),
            subtitle=_t("{round}; looked over: {when}").format(round=row.name, when=looked),
            primary=again if live else None,
            actions=(checks, limits) if live else (checks,),
            crumbs=to_round(row),
        )

    def tiles(self) -> Sequence[Tile]:
        """What was received, what waits, who was lost, how far back-checks agree."""
        without = hidden_from(self.staff)
        received = sum(one.received for one in self.lines)
        flagged = sum(one.flagged for one in self.lines)
        held = sum(one.held for one in self.lines)
        flags = f"{reverse('surveys:flag_list')}?state=open"
        found = [
            Tile(_("Sets of answers"), format_number(received)),
            Tile(
                _("To be looked at"),
                format_number(flagged),
                of=Tile.of_all(received),
                how=_("Sets of answers with a flag that nobody settled."),
                href=flags,
            ),
            Tile(
                _("Held back"),
                format_number(held),
                of=Tile.of_all(received),
                href=reverse("surveys:held_list"),
            ),
        ]
        flow = flow_of_cases(self.record, without=without)
        if flow.response_rate is not None:
            found.append(
                Tile(
                    _("Response rate"),
                    format_percent(flow.response_rate),
                    of=f"{format_number(flow.interviewed)} / {format_number(flow.asked)}",
                )
            )
        return [*found, *self._lost(without), *self._agreed(), *self._weighed(without)]

    def _lost(self, without: Any) -> list[Tile]:
        lost = attrition_of(self.record, without=without)
        if lost is None or lost.rate is None:
            return []
        whole = lost.interviewed - lost.ineligible_since
        return [
            Tile(
                _("Lost since the baseline"),
                format_percent(lost.rate),
                of=f"{format_number(whole - lost.paired)} / {format_number(whole)}",
                how=_("Asked in the baseline and without accepted answers in both rounds."),
            )
        ]

    def _agreed(self) -> list[Tile]:
        done = [one.agreement for one in self.lines if one.agreement is not None]
        if not done:
            return []
        found = agreement(sum(one.equal for one in done), sum(one.compared for one in done))
        return [
            Tile(
                _("Back-checks agree"),
                format_percent(decimal_text(_ppm(found.share), 1)),
                of=f"{found.equal} / {found.compared}",
                interval=share_text(found).partition("; ")[2].rstrip(")"),
                href=reverse("surveys:back_check_list"),
            )
        ]

    def _weighed(self, without: Any) -> list[Tile]:
        found = weights_of(self.record, without=without)
        if not found.by_case:
            return []
        return [
            Tile(
                _("Weights cut"),
                format_percent(decimal_text(found.trimmed_share * 100, 1)),
                of=Tile.of_all(len(found.by_case)),
                how=_(
                    "Design weight times what makes up for those not reached, cut at some times"
                    " its median. They tell as much as {n} of equal weight."
                ).format(n=format_number(round(found.effective))),
            )
        ]

    def context(self) -> dict[str, Any]:
        """The charts."""
        return {"charts": self.charts()}

    def charts(self) -> list[Chart]:
        """Flags by rule; interviews, flagged ones and minutes by interviewer."""
        found = []
        if any(waits + done for _rule, waits, done in self.rules):
            bars = [
                Bar(
                    rule_word(rule),
                    waits + done,
                    part=waits,
                    part_text=_t("{n} to be looked at").format(n=format_number(waits)),
                    href=f"{reverse('surveys:flag_list')}?rule={rule}",
                )
                for rule, waits, done in self.rules
            ]
            found.append(
                Chart(
                    _t("What deserves a second look"),
                    units=_("flags"),
                    source=_("answers received, looked over every night"),
                    bars=bars,
                    part_label=_("to be looked at"),
                )
            )
        if self.lines:
            bars = [
                Bar(
                    str(one.interviewer),
                    one.received,
                    part=one.flagged,
                    part_text=_t("{n} with a flag").format(n=format_number(one.flagged)),
                )
                for one in self.lines
            ]
            found.append(
                Chart(
                    _t("Interviews by interviewer"),
                    units=_("sets of answers"),
                    source=_("answers received"),
                    bars=bars,
                    part_label=_("with a flag"),
                )
            )
        timed = [(str(one.interviewer), one.minutes) for one in self.lines]
        known = [(who, minutes) for who, minutes in timed if minutes is not None]
        if known:
            found.append(
                Chart(
                    _t("How long an interview takes"),
                    units=_("minutes, the median of each interviewer"),
                    source=_("clocks of the devices"),
                    bars=[Bar(who, minutes, f"{minutes:.0f}") for who, minutes in known],
                )
            )
        return found

    def tables(self) -> Sequence[Table]:
        """Interviewers, what shows over the round, scale questions."""
        return [self._interviewers(), self._over(), *self._effects()]

    def _interviewers(self) -> Table:
        columns = (
            Column("interviewer", _("Interviewer")),
            Column("received", _("Sets of answers"), Kind.NUMBER),
            Column("refused", _("Refused"), Kind.NUMBER),
            Column("held", _("Held back"), Kind.NUMBER),
            Column("flagged", _("With a flag"), Kind.NUMBER),
            Column(
                "minutes",
                _("Minutes (median)"),
                Kind.FIGURE,
                value=lambda one: "\u2013" if one.minutes is None else f"{one.minutes:.0f}",
            ),
            Column("unanswered", _("Don't know or refused"), Kind.FIGURE, value=_unanswered),
            Column("checks", _("Asked again"), Kind.NUMBER),
            Column(
                "agreement",
                _("Back-checks agree"),
                Kind.FIGURE,
                value=lambda one: share_text(one.agreement),
            ),
            Column(
                "to_review",
                _("State"),
                Kind.STATE,
                value=lambda one: State(
                    *((_("to review"), Tone.BAD) if one.to_review else (_("in order"), Tone.GOOD))
                ),
            ),
        )
        empty = EmptyState(_("No answers yet"), _("They arrive when a round is open."))
        return Table(_("By interviewer"), columns, self.lines, empty=empty)

    def _over(self) -> Table:
        rows = RoundFlag.objects.visible_to(self.staff).filter(round=self.record)
        columns = (
            Column(
                "rule",
                _("What shows"),
                Kind.LINK,
                value=lambda row: row.get_rule_display(),
                href=lambda row: reverse("surveys:round_flag_settle", args=[row.pk]),
            ),
            Column("interviewer", _("Interviewer")),
            Column("question_name", _("Question")),
            Column("detail", _("Detail")),
            Column("note", _("What was found")),
        )
        empty = EmptyState(_("Nothing shows over the whole round"))
        return Table(
            _("Over the whole round"), columns, rows.select_related("interviewer"), empty=empty
        )

    def _effects(self) -> list[Table]:
        effects = self.record.quality.get("effects", {})
        if not effects:
            return []
        most = limits_of(self.record.limits).icc
        labels = {
            one.name: str(one)
            for one in Question.objects.filter(
                version__submissions__round=self.record, name__in=list(effects)
            ).distinct()
        }
        rows = [{"name": labels.get(name, name), **one} for name, one in sorted(effects.items())]
        columns = (
            Column("name", _("Question"), value=lambda one: one["name"]),
            Column(
                "interviewers",
                _("Interviewers"),
                Kind.NUMBER,
                value=lambda one: one["interviewers"],
            ),
            Column("n", _("Answers"), Kind.NUMBER, value=lambda one: one["n"]),
            Column(
                "rho", _("Depends on who asks"), Kind.FIGURE, value=lambda one: f"{one['rho']:.2f}"
            ),
            Column(
                "state",
                _("State"),
                Kind.STATE,
                value=lambda one: State(
                    *(
                        (_("beyond the limit"), Tone.WARN)
                        if one["rho"] > most
                        else (_("in order"), Tone.GOOD)
                    )
                ),
            ),
        )
        return [Table(_("Whether answers depend on who asks"), columns, rows)]


def _unanswered(one: InterviewerLine) -> str:
    share = one.unanswered_share
    if share is None:
        return "\u2013"
    return (
        f"{format_percent(decimal_text(share, 1))}"
        f" ({format_number(one.unanswered)} / {format_number(one.answers)})"
    )


def _in_state(rows: Any, code: str) -> Any:
    return rows.filter(resolved_by__isnull=code == "open")


class FlagList(ListPage):
    """Flags on sets of answers."""

    model = Flag
    permission = "surveys.view_submission"
    title = _("Flags")
    intro = _("A flag never changes an answer. Say what was found, and it is settled.")
    related = (
        "submission__round",
        "submission__interviewer",
        "submission__case__person",
        "submission__case__household",
        "submission__case__enterprise",
        "resolved_by",
    )
    person_path = "submission.case.person_id"
    columns = (
        Column(
            "rule",
            _("What shows"),
            Kind.LINK,
            value=lambda row: row.get_rule_display(),
            sort="rule",
            url_name="surveys:flag_settle",
        ),
        Column("who", _("Who"), value=lambda row: str(row.submission.case.subject)),
        Column("submission.round.name", _("Round")),
        Column("submission.interviewer", _("Interviewer")),
        Column("submission.answered_date", _("Answered"), Kind.DATE),
        Column("detail", _("Detail")),
        Column("resolved_by", _("Settled by"), shown=False),
        Column("note", _("What was found")),
    )
    filters = (
        Choice("state", _("State"), STATES, using=_in_state),
        Choice("rule", _("What shows"), choices(FLAG_RULE)),
        Choice(
            "round_state", _("Round"), choices(lb.ROUND_STATE), field="submission__round__state"
        ),
    )
    empty = EmptyState(
        _("No flags"), _("Answers are looked at when they arrive and over again every night.")
    )


class Settle(FormPage):
    """Say what became of a flag."""

    form_class = SettleForm
    permission = "surveys.settle_flag"
    title = _("Settle a flag")
    verb = _("Settle")

    def perform(self, values: dict[str, Any]) -> Any:
        """Settle it."""
        return services.settle_flag(acting_staff=self.staff, flag=self.subject, note=values["note"])


class SettleFlag(Settle):
    """Say what became of a flag on a set of answers."""

    subject_model = Flag
    person_path = "submission.case.person_id"

    def lead(self) -> str:
        """What it says, of whom."""
        flag = self.subject
        row = flag.submission
        about = f"{row.case.subject}, {row.round.name}, {format_day(row.answered_date)}"
        detail = f" ({flag.detail})" if flag.detail else ""
        return f"{flag.get_rule_display()}{detail}: {about}"

    def success_url(self, result: Any) -> str:
        """To the set of answers."""
        return reverse("surveys:submission_detail", args=[self.subject.submission_id])


class SettleRoundFlag(Settle):
    """Say what became of what shows over a round."""

    subject_model = RoundFlag

    def lead(self) -> str:
        """What it says."""
        flag = self.subject
        about = str(flag.interviewer or flag.question_name)
        return f"{flag.get_rule_display()}: {about} {flag.detail}".strip()

    def success_url(self, result: Any) -> str:
        """Back to the round's quality."""
        return reverse("surveys:round_quality", args=[self.subject.round_id])


class LookOver(FormPage):
    """Look over all answers of a round now, not only at night."""

    subject_model = Round
    form_class = HouseForm
    permission = "surveys.look_over_round"
    title = _("Look over the answers")
    intro = _("Each answer is compared with the others of the round; this happens every night.")
    verb = _("Look over them now")

    def perform(self, values: dict[str, Any]) -> Any:
        """Look."""
        return services.look_over_round(acting_staff=self.staff, round=self.subject)

    def success_url(self, result: Any) -> str:
        """To what was found."""
        return reverse("surveys:round_quality", args=[self.subject.pk])


class SetLimits(FormPage):
    """Set what a round's answers are judged by."""

    subject_model = Round
    form_class = LimitsForm
    permission = "surveys.set_limits"
    title = _("Limits of data quality")
    intro = _(
        "Flags show what lies beyond these limits from the next look on; what was settled stays"
        " settled."
    )
    verb = _("Set the limits")

    def initial(self) -> dict[str, Any]:
        """As they are."""
        return dict(changed_limits(self.subject))

    def perform(self, values: dict[str, Any]) -> Any:
        """Set them."""
        return services.set_limits(acting_staff=self.staff, round=self.subject, limits=values)

    def success_url(self, result: Any) -> str:
        """To the round's quality."""
        return reverse("surveys:round_quality", args=[self.subject.pk])
