"""Pages of policy work: the issues by stage, one issue with its moves, what a report may say."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.markets.forms import linkages as f
from handup.markets.models import PolicyEvent, PolicyIssue
from handup.markets.models import labels as lb
from handup.markets.queries import contracts as queries
from handup.markets.rules.policy import PolicyStage
from handup.markets.services import linkages as services
from handup.markets.views.acts import NewPage, OnPage, today
from handup.org.web.charts import Bar, Chart
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_day, format_number
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    FiguresPage,
    Header,
    Moment,
    RecordPage,
    State,
    Tile,
)
from handup.projects.queries import as_read_by

NEW = Action(_("Open a policy issue"), "markets:issue_new", "markets.open_issue")
TONES = {"ACTIVE": Tone.INFO, "PARKED": Tone.WARN, "CLOSED": Tone.PLAIN}
PAGE = "markets:issue_detail"
YEAR = timedelta(days=365)


class IssueList(ListPage):
    """Rules that hold enterprises back, and how far the work on each has come."""

    model = PolicyIssue
    permission = "markets.view_policy"
    title = _("Policy issues")
    related = ("programme", "association", "owner")
    columns = (
        Column("title", _("The issue"), Kind.LINK, sort="title", url_name=PAGE),
        Column("stage", _("Stage"), sort="stage"),
        Column("target", _("Of whom")),
        Column("association", _("Association")),
        Column("state", _("State"), Kind.STATE, tones=TONES),
        Column("owner", _("Worked on by"), shown=False),
        Column("programme", _("Programme"), shown=False),
    )
    filters = (
        Search(("title", "ask", "target")),
        Choice("state", _("State"), lb.choices(lb.ISSUE_STATE)),
    )
    order = "-stage"
    primary = NEW
    actions = (Action(_("Issues by stage"), "markets:policy_figures", "markets.view_policy"),)
    empty = EmptyState(
        _("No issue yet"),
        _("A permit that costs a month's sales: what is asked, of whom, and how far it came."),
        NEW,
    )


class OpenIssue(NewPage):
    """Open a policy issue."""

    form_class = f.IssueForm
    permission = "markets.open_issue"
    title = _("Open a policy issue")
    verb = _("Open it")
    page = PAGE

    def perform(self, values: dict[str, Any]) -> PolicyIssue:
        """Open it."""
        return services.open_issue(acting_staff=self.staff, id=self.new_id, **values)


class IssuePage(RecordPage):
    """An issue: what is asked, every step there and back, the part the programme claims."""

    model = PolicyIssue
    permission = "markets.view_policy"
    related = ("programme", "association", "owner", "area")
    record: PolicyIssue

    def header(self) -> Header:
        """Stage and next step."""
        row = self.record

        def act(label: Any, name: str) -> Action:
            return Action(label, f"markets:{name}", "markets.open_issue", args=(row.pk,))

        active = row.state == lb.IssueState.ACTIVE
        return Header(
            row.title,
            subtitle=row.get_stage_display(),
            state=State(row.get_state_display(), TONES[row.state]),
            primary=act(_("Record what happened"), "issue_event") if active else None,
            actions=(
                act(_("Say which part the programme had"), "issue_claim"),
                act(_("Park, close or take up again"), "issue_rest"),
            ),
            crumbs=(Crumb(_("Policy issues"), reverse("markets:issue_list")),),
        )

    def timeline(self) -> Sequence[Moment]:
        """Every step, with its document."""
        found = []
        for row in self.record.events.select_related("document"):
            moved = row.before != row.after
            title = row.get_after_display() if moved else row.note
            paper = as_read_by(self.staff, row.document)
            text = " · ".join(str(part) for part in (row.note if moved else "", paper) if part)
            tone = Tone.PLAIN
            if moved:
                tone = Tone.GOOD if row.after > row.before else Tone.WARN
            found.append(Moment(row.event_date, title, text, tone=tone))
        return found

    def facts(self) -> Sequence[FactGroup]:
        """What is asked, of whom; what is claimed."""
        row = self.record
        return [
            FactGroup(
                _("The issue"),
                [
                    Fact(_("What is asked"), row.ask),
                    Fact(_("Of whom"), row.target),
                    Fact(_("Stage"), row.get_stage_display()),
                    Fact(_("Association"), row.association),
                    Fact(_("Worked on by"), row.owner),
                    Fact(_("Programme"), row.programme),
                ],
            ),
            FactGroup(
                _("Part the programme had"),
                [
                    Fact(_("Part"), row.get_claim_display()),
                    Fact(_("Why that can be said"), row.claim_argument),
                ],
            ),
        ]


class OnIssue(OnPage):
    """A form about one issue."""

    subject_model = PolicyIssue
    subject: PolicyIssue
    permission = "markets.open_issue"
    page = PAGE


class RecordPolicyEvent(OnIssue):
    """Record what happened to an issue, and whether it moves a stage."""

    form_class = f.EventForm
    title = _("Record what happened")
    intro = _("An issue moves one stage at a time; a move needs a document.")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Which issue."""
        return {"issue": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"event_date": today()}

    def perform(self, values: dict[str, Any]) -> PolicyEvent:
        """Record it."""
        after = values.pop("after")
        return services.record_policy_event(
            acting_staff=self.staff,
            issue=self.subject,
            after=PolicyStage(int(after)) if after else None,
            today=today(),
            id=self.new_id,
            **values,
        )


class ClaimPart(OnIssue):
    """Say which part the programme had in what happened."""

    form_class = f.ClaimForm
    title = _("Say which part the programme had")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it is said now."""
        return {"claim": self.subject.claim, "argument": self.subject.claim_argument}

    def perform(self, values: dict[str, Any]) -> PolicyIssue:
        """Say it."""
        return services.claim_part(
            acting_staff=self.staff,
            issue=self.subject,
            claim=lb.Claim(values["claim"]),
            argument=values["argument"],
        )


class RestIssue(OnIssue):
    """Park an issue, close it, or take it up again."""

    form_class = f.RestForm
    title = _("Park, close or take up again")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {"state": self.subject.state}

    def perform(self, values: dict[str, Any]) -> PolicyIssue:
        """Do it."""
        return services.rest_issue(
            acting_staff=self.staff, issue=self.subject, state=lb.IssueState(values["state"])
        )


class PolicyFigures(FiguresPage):
    """How many issues stand at which stage, and how many moved in a year."""

    permission = "markets.view_policy"
    title = _("Issues by stage")

    def header(self) -> Header:
        """The way back, and the period."""
        first, last = period()
        days = _t("%(first)s to %(last)s") % {"first": format_day(first), "last": format_day(last)}
        crumbs = (Crumb(_("Policy issues"), reverse("markets:issue_list")),)
        return Header(self.title, days, crumbs=crumbs)

    def tiles(self) -> Sequence[Tile]:
        """Moves of the last year."""
        told = queries.moves_between(self.staff, *period())
        return [
            Tile(_t("Moves forward"), format_number(told.forward)),
            Tile(_t("Moves back"), format_number(told.back)),
            Tile(
                _t("Rules adopted"),
                format_number(told.adopted),
                how=_t("Issues that reached stage 6; what caused it is not said by a number."),
            ),
        ]

    def charts(self) -> Sequence[Chart]:
        """Issues by stage."""
        counts = queries.by_stage(self.staff)
        if not counts:
            return []
        total = sum(counts.values())
        far = sum(count for stage, count in counts.items() if stage >= PolicyStage.AGENDA)
        title = _t("%(some)s of %(all)s issues are on the agenda or further") % {
            "some": format_number(far),
            "all": format_number(total),
        }
        bars = [Bar(word, counts[int(stage)]) for stage, word in lb.POLICY_STAGE.items()]
        return [Chart(title, _t("Issues"), bars=bars)]


def period() -> tuple[date, date]:
    """The year up to today."""
    return today() - YEAR, today()
