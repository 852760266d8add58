"""Pages of market studies and of the opportunities they found."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from handup.markets import sections
from handup.markets.forms import studies as f
from handup.markets.models import Finding, Opportunity, OpportunityStart, Study
from handup.markets.models import labels as lb
from handup.markets.services import studies as services
from handup.org.permissions import may
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, Choice, Column, EmptyState, Kind, ListPage, Search, Tone
from handup.org.web.money import format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, RecordPage, State, Table
from handup.plans.models import Plan
from handup.projects.queries import as_read_by

NEW_STUDY = Action(_("Start a market study"), "markets:study_new", "markets.start_study")
STUDY_TONES = {"RUNNING": Tone.INFO, "DONE": Tone.GOOD}
OPPORTUNITY_TONES = {"OPEN": Tone.INFO, "TAKEN_UP": Tone.GOOD, "DROPPED": Tone.PLAIN}


class StudyList(ListPage):
    """Market studies."""

    model = Study
    permission = "markets.view_study"
    title = _("Market studies")
    related = ("programme", "area", "led_by")
    columns = (
        Column("title", _("Study"), Kind.LINK, sort="title", url_name="markets:study_detail"),
        Column("started_date", _("Started on"), Kind.DATE, sort="started_date"),
        Column("state", _("State"), Kind.STATE, tones=STUDY_TONES),
        Column("area", _("Area")),
        Column("programme", _("Programme")),
        Column("led_by", _("Led by"), shown=False),
    )
    filters = (
        Search(("title", "question")),
        Choice("state", _("State"), lb.choices(lb.STUDY_STATE)),
    )
    order = "-started_date"
    primary = NEW_STUDY
    actions = (Action(_("Opportunities"), "markets:opportunity_list", "markets.view_study"),)
    empty = EmptyState(
        _("No market study yet"),
        _("A study asks what people would buy; what it finds is followed to who starts making it."),
        NEW_STUDY,
    )


class StartStudy(FormPage):
    """Start a market study."""

    form_class = f.StudyForm
    permission = "markets.start_study"
    title = _("Start a market study")
    verb = _("Start")

    def form_options(self) -> dict[str, Any]:
        """Who asks."""
        return {"staff": self.staff}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"started_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Study:
        """Start it."""
        return services.start_study(acting_staff=self.staff, id=self.new_id, **values)

    def success_url(self, result: Study) -> str:
        """Its page."""
        return reverse("markets:study_detail", args=[result.pk])


class StudyPage(RecordPage):
    """A study: its question, what was found, the opportunities."""

    model = Study
    permission = "markets.view_study"
    related = ("programme", "area", "led_by", "document")
    record: Study

    def header(self) -> Header:
        """Its title and the next step."""
        row = self.record

        def act(label: Any, name: str, permission: str) -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,))

        found = act(_("Write down what was found"), "finding_new", "markets.start_study")
        finish = act(_("The study is done"), "study_finish", "markets.start_study")
        chance = act(_("Record an opportunity"), "opportunity_new", "markets.record_opportunity")
        running = row.state == lb.StudyState.RUNNING
        return Header(
            row.title,
            subtitle=row.question,
            state=State(row.get_state_display(), STUDY_TONES[row.state]),
            primary=found if running else chance,
            actions=(chance, finish) if running else (),
            crumbs=(Crumb(_("Market studies"), reverse("markets:study_list")),),
        )

    def facts(self) -> Sequence[FactGroup]:
        """How it was done."""
        row = self.record
        held = as_read_by(self.staff, row.document)
        return [
            FactGroup(
                _("The study"),
                [
                    Fact(_("Question"), row.question),
                    Fact(_("How it was asked"), row.method),
                    Fact(_("Of whom, and how many"), row.sample),
                    Fact(_("Started on"), row.started_date),
                    Fact(_("Finished on"), row.finished_date),
                    Fact(_("Programme"), row.programme),
                    Fact(_("Area"), row.area),
                    Fact(_("Led by"), row.led_by),
                    Fact(_("Document"), held),
                ],
            )
        ]

    def tables(self) -> Sequence[Table]:
        """Findings and opportunities."""
        return [
            Table(
                _("What was found"),
                (
                    Column("position", _("No."), Kind.NUMBER),
                    Column("statement", _("What was found")),
                    Column("evidence", _("Where it shows")),
                ),
                self.record.findings.all(),
                EmptyState(_("Nothing written down yet")),
            ),
            Table(
                _("Opportunities"),
                OPPORTUNITY_COLUMNS,
                self.record.opportunities.select_related("owner", "study"),
                EmptyState(_("No opportunity yet")),
            ),
        ]


def price_of(row: Opportunity) -> str:
    """The price that was told, and for what."""
    if row.price_units is None:
        return ""
    money = format_money(row.price_units, row.currency)
    return f"{money} / {row.price_per}" if row.price_per else money


OPPORTUNITY_COLUMNS = (
    Column(
        "product",
        _("Product"),
        Kind.LINK,
        sort="product",
        url_name="markets:opportunity_detail",
    ),
    Column("buyers", _("Who would buy")),
    Column("volume", _("How much")),
    Column("price", _("At which price"), Kind.FIGURE, value=price_of),
    Column("season", _("When")),
    Column("next_action", _("Next step")),
    Column("owner", _("Who follows it up")),
    Column("due_date", _("By"), Kind.DATE),
    Column("state", _("State"), Kind.STATE, tones=OPPORTUNITY_TONES),
)


class OpportunityList(ListPage):
    """Opportunities of every study, the open ones to be followed up."""

    model = Opportunity
    permission = "markets.view_study"
    title = _("Opportunities")
    related = ("study", "owner")
    columns = (*OPPORTUNITY_COLUMNS, Column("study", _("Study"), shown=False))
    filters = (
        Search(("product", "buyers", "study__title")),
        Choice("state", _("State"), lb.choices(lb.OPPORTUNITY_STATE)),
    )
    empty = EmptyState(_("No opportunity yet"), _("A market study finds them."))


class OnStudy(FormPage):
    """A form about one study; it goes back to its page."""

    subject_model = Study
    subject: Study

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("markets:study_detail", args=[self.subject.pk])


class RecordFinding(OnStudy):
    """Write down what was found."""

    form_class = f.FindingForm
    permission = "markets.start_study"
    title = _("Write down what was found")
    verb = _("Write it down")

    def perform(self, values: dict[str, Any]) -> Finding:
        """Write it down."""
        return services.record_finding(
            acting_staff=self.staff, study=self.subject, id=self.new_id, **values
        )


class FinishStudy(OnStudy):
    """Say that a study is done."""

    form_class = f.FinishForm
    permission = "markets.start_study"
    title = _("The study is done")
    verb = _("It is done")

    def form_options(self) -> dict[str, Any]:
        """Which study."""
        return {"study": self.subject}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"finished_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Study:
        """Say it."""
        return services.finish_study(acting_staff=self.staff, study=self.subject, **values)


class RecordOpportunity(OnStudy):
    """Record an opportunity."""

    form_class = f.OpportunityForm
    permission = "markets.record_opportunity"
    title = _("Record an opportunity")
    verb = _("Record")

    def form_options(self) -> dict[str, Any]:
        """Which study."""
        return {"study": self.subject}

    def perform(self, values: dict[str, Any]) -> Opportunity:
        """Record it."""
        return services.record_opportunity(
            acting_staff=self.staff, study=self.subject, id=self.new_id, **values
        )


class OpportunityPage(RecordPage):
    """An opportunity: its terms, who was told, who started."""

    model = Opportunity
    permission = "markets.view_study"
    related = ("study", "study__programme", "owner", "commodity")
    record: Opportunity

    def header(self) -> Header:
        """Product and next step."""
        row = self.record

        def act(label: Any, name: str, permission: str) -> Action:
            return Action(label, f"markets:{name}", permission, args=(row.pk,))

        more = [one for add in sections.opportunity_actions for one in add(self.staff, row)]
        return Header(
            row.product,
            subtitle=row.buyers,
            state=State(row.get_state_display(), OPPORTUNITY_TONES[row.state]),
            primary=act(_("Trace a start"), "start_new", "markets.trace_start"),
            actions=(
                act(
                    _("Say what becomes of it"), "opportunity_follow", "markets.record_opportunity"
                ),
                *more,
            ),
            crumbs=(
                Crumb(_("Market studies"), reverse("markets:study_list")),
                Crumb(row.study.title, reverse("markets:study_detail", args=[row.study_id])),
            ),
        )

    def facts(self) -> Sequence[FactGroup]:
        """The terms, and who follows it up."""
        row = self.record
        return [
            FactGroup(
                _("The opportunity"),
                [
                    Fact(_("Who would buy"), row.buyers),
                    Fact(_("How much"), row.volume),
                    Fact(_("At which price"), price_of(row)),
                    Fact(_("When"), row.season),
                    Fact(_("What they ask for"), row.requirements),
                ],
            ),
            FactGroup(
                _("What is done"),
                [
                    Fact(_("Next step"), row.next_action),
                    Fact(_("Who follows it up"), row.owner),
                    Fact(_("By"), row.due_date),
                    Fact(_("Why"), row.reason),
                ],
            ),
        ]

    def tables(self) -> Sequence[Table]:
        """Businesses started, and what higher domains know."""
        tables = []
        if may(self.staff, "markets.view_start"):
            rows = OpportunityStart.objects.visible_to(self.staff).filter(opportunity=self.record)
            tables.append(
                Table(
                    _("Businesses started because of it"),
                    (
                        Column("who", _("Who"), value=starter, href=plan_href),
                        Column("started_date", _("Started on"), Kind.DATE),
                        Column("told_by", _("Traced by")),
                        Column("remark", _("Remark")),
                    ),
                    rows.select_related("plan", "organisation", "told_by"),
                    EmptyState(_("None traced yet")),
                )
            )
        for add in sections.opportunity_sections:
            tables.extend(add(self.staff, self.record))
        return tables


def starter(row: OpportunityStart) -> str:
    """What was started, by its plan, or by whom."""
    return str(row.plan or row.organisation or "")


def plan_href(row: OpportunityStart) -> str:
    """The plan's page."""
    return reverse("plans:plan_detail", args=[row.plan_id]) if row.plan_id else ""


class OnOpportunity(FormPage):
    """A form about one opportunity; it goes back to its page."""

    subject_model = Opportunity
    subject: Opportunity

    def success_url(self, result: Any) -> str:
        """Its page."""
        return reverse("markets:opportunity_detail", args=[self.subject.pk])


class FollowOpportunity(OnOpportunity):
    """Say what becomes of an opportunity."""

    form_class = f.FollowForm
    permission = "markets.record_opportunity"
    title = _("Say what becomes of it")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        row = self.subject
        return {"state": row.state, "next_action": row.next_action, "due_date": row.due_date}

    def perform(self, values: dict[str, Any]) -> Opportunity:
        """Say it."""
        told = values | {"state": lb.OpportunityState(values["state"])}
        return services.follow_opportunity(
            acting_staff=self.staff, opportunity=self.subject, **told
        )


class TraceStart(OnOpportunity):
    """Trace a business that was started to an opportunity."""

    form_class = f.StartForm
    permission = "markets.trace_start"
    title = _("Trace a start")
    verb = _("Trace it")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"started_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> OpportunityStart:
        """Trace it."""
        number = values.pop("plan_number").strip()
        plan = None
        if number:
            plan = Plan.objects.visible_to(self.staff).filter(number=number).first()
            if plan is None:
                raise services.WhoStarted(field="plan_number")
        return services.trace_start(
            acting_staff=self.staff,
            opportunity=self.subject,
            plan=plan,
            today=timezone.localdate(),
            id=self.new_id,
            **values,
        )
