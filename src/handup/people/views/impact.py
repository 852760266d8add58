"""Data protection impact assessments: the list with the days of the next look, one assessment with
its risks, its paper, and the steps from the first words to the decision.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from handup.org.web.columns import Column, Kind, State, Tone
from handup.org.web.filters import Choice, Search, Tick
from handup.org.web.forms import FormPage
from handup.org.web.lists import Action, EmptyState
from handup.org.web.money import format_day
from handup.org.web.pages import (
    Crumb,
    Fact,
    FactGroup,
    Header,
    Moment,
    PaperPage,
    RecordPage,
    Table,
)
from handup.people.forms import impact as f
from handup.people.models import ImpactAssessment, ImpactRisk
from handup.people.models import labels as lb
from handup.people.queries import impact as q
from handup.people.rules import impact as i
from handup.people.services import impact
from handup.people.views.chosen import ProgrammeListPage
from handup.people.views.desk import today

TONES = {"DRAFT": Tone.WARN, "DECIDED": Tone.GOOD, "REPLACED": Tone.PLAIN}
NEW = Action(_("Start an assessment"), "people:impactassessment_new", impact.DRAFT)


def _left(row: ImpactAssessment) -> Any:
    level = i.highest([risk.told.left for risk in row.risks.all()])
    return lb.LEVEL[level] if level is not None else ""


def _due(rows: QuerySet[Any]) -> QuerySet[Any]:
    return q.review_due(rows, timezone.localdate())


class ImpactList(ProgrammeListPage):
    """The register of assessments."""

    model = ImpactAssessment
    permission = impact.VIEW
    title = _("Impact assessments")
    intro = _("What a processing may do to persons, written down before it begins.")
    related = ("programme",)
    columns = (
        Column(
            "code",
            _("Number"),
            Kind.LINK,
            value=lambda row: f"{row.code}-{row.version}",
            url_name="people:impactassessment_detail",
        ),
        Column("title", _("What it is about"), sort="title"),
        Column("programme", _("Programme"), value=lambda row: row.programme or _("whole house")),
        Column("left", _("Risk that is left"), value=_left),
        Column("decision", _("Decision")),
        Column("review_date", _("Looked at again by"), Kind.DATE, sort="review_date"),
        Column("state", _("State"), Kind.STATE, tones=TONES),
    )
    filters = (
        Search(("code", "title"), label=_("Number or words")),
        Choice("state", _("State"), lb.choices(lb.IMPACT_STATE)),
        Choice("decision", _("Decision"), lb.choices(lb.IMPACT_DECISION)),
        Tick("due", _("only those to look at again"), _due),
    )
    primary = NEW
    empty = EmptyState(
        _("No assessment yet"),
        _("One is written before sensitive data are used in a new way."),
        NEW,
    )

    def rows(self) -> QuerySet[Any]:
        """With what is left of their risks."""
        return super().rows().prefetch_related("risks")


def _next_of_risk(row: ImpactRisk) -> str:
    """Where a risk is written anew while it is drafted, and its measure recorded afterwards."""
    state = row.assessment.state
    if state == i.ImpactState.DRAFT.value:
        return reverse("people:impactrisk_change", args=[row.pk])
    if state == i.ImpactState.DECIDED.value and row.measure and row.done_date is None:
        return reverse("people:impactrisk_done", args=[row.pk])
    return ""


def _risk_columns(*, linked: bool) -> tuple[Column, ...]:
    first = (
        Column("risk", _("What may happen"), Kind.LINK, href=_next_of_risk)
        if linked
        else Column("risk", _("What may happen"))
    )
    return (
        Column("number", _("No."), Kind.NUMBER),
        first,
        Column("level", _("Weighs"), value=lambda row: lb.LEVEL[row.told.level]),
        Column("measure", _("What is done about it")),
        Column("owner", _("Who sees to it")),
        Column("due_date", _("By when"), Kind.DATE),
        Column("done_date", _("In place since"), Kind.DATE),
        Column("left", _("Left"), value=lambda row: lb.LEVEL[row.told.left]),
    )


def _words_of(row: ImpactAssessment) -> list[FactGroup]:
    """Everything that is written of it."""
    return [
        FactGroup(
            _("What is done, and why"),
            [
                Fact(_("Programme"), row.programme or _("whole house")),
                Fact(_("What is done"), row.what),
                Fact(_("Why it is needed"), row.necessity),
            ],
        ),
        FactGroup(
            _("Who was asked"),
            [
                Fact(_("Persons or their speakers"), row.asked),
                Fact(_("Advice of the data protection officer"), row.advice),
                Fact(_("Answer of the authority"), row.consulted),
            ],
        ),
        FactGroup(
            _("What was decided"),
            [
                Fact(_("Decision"), capfirst(row.get_decision_display())),
                Fact(_("Why"), row.reason),
                Fact(_("Decided by"), row.decided_by),
                Fact(_("Decided on"), row.decided_date),
                Fact(_("Looked at again by"), row.review_date),
            ],
        ),
    ]


class ImpactPage(RecordPage):
    """One assessment and its next step."""

    model = ImpactAssessment
    permission = impact.VIEW
    related = ("programme", "started_by", "advised_by", "decided_by", "previous")
    record: ImpactAssessment

    def header(self) -> Header:
        """What it is about, where it stands, the next step."""
        row = self.record
        pk = (row.pk,)
        paper = Action(_("Print it"), "people:impactassessment_paper", impact.VIEW, args=pk)
        if row.state == i.ImpactState.DRAFT.value:
            advise = Action(
                _("Advise on it"), "people:impactassessment_advise", impact.ADVISE, args=pk
            )
            decide = Action(_("Decide"), "people:impactassessment_decide", impact.DECIDE, args=pk)
            risk = Action(_("Add a risk"), "people:impactrisk_new", impact.DRAFT, args=pk)
            words = Action(
                _("Change the words"), "people:impactassessment_change", impact.DRAFT, args=pk
            )
            ready = row.advised_date is not None
            first = decide if ready else risk
            rest = [one for one in (advise, decide, risk, words) if one is not first]
            steps = [first, *rest, paper]
        elif row.state == i.ImpactState.DECIDED.value:
            again = Action(
                _("Look at it again"), "people:impactassessment_renew", impact.DRAFT, args=pk
            )
            steps = [again, paper]
        else:
            steps = [paper]
        return Header(
            row.title,
            subtitle=f"{row.code}-{row.version}",
            state=State(row.get_state_display(), TONES[row.state]),
            primary=steps[0],
            actions=tuple(steps[1:]),
            crumbs=(Crumb(_("Impact assessments"), reverse("people:impactassessment_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """What is late, left or waited for."""
        row, on = self.record, timezone.localdate()
        found: list[tuple[Tone, Any]] = []
        if row.state == i.ImpactState.DECIDED.value and row.review_date is not None:
            day = {"day": format_day(row.review_date)}
            if row.review_date < on:
                found.append((Tone.BAD, _t("It was to be looked at again by %(day)s.") % day))
        if row.state == i.ImpactState.DRAFT.value and row.advice and row.advised_date is None:
            found.append(
                (Tone.WARN, _("It changed after the advice: the advice is asked for again."))
            )
        left = i.highest([risk.told.left for risk in row.risks.all()])
        if left is i.Level.HIGH and row.decision != i.ImpactDecision.STOP.value:
            found.append((Tone.BAD, _("A high risk is left: the authority is asked first.")))
        return found

    def facts(self) -> Sequence[FactGroup]:
        """Its words."""
        return _words_of(self.record)

    def timeline(self) -> Sequence[Moment]:
        """Its steps."""
        row = self.record
        steps = (
            (row.started_date, _("Started"), row.started_by),
            (row.advised_date, _("Advised"), row.advised_by),
            (row.decided_date, _("Decided"), row.decided_by),
        )
        return [Moment(day, title, str(who)) for day, title, who in steps if day is not None]

    def tables(self) -> Sequence[Table]:
        """Its risks, and its other versions."""
        row = self.record
        risks = row.risks.select_related("owner").order_by("number")
        versions = ImpactAssessment.objects.visible_to(self.staff).filter(code=row.code)
        columns = (
            Column("version", _("Version"), Kind.LINK, url_name="people:impactassessment_detail"),
            Column("decision", _("Decision")),
            Column("decided_date", _("Decided on"), Kind.DATE),
            Column("state", _("State"), Kind.STATE, tones=TONES),
        )
        nothing = EmptyState(_("No risk is written down yet"))
        return [
            Table(_("What may happen to persons"), _risk_columns(linked=True), risks, nothing),
            Table(
                _("Other versions"),
                columns,
                versions.exclude(pk=row.pk).order_by("-version"),
                EmptyState(_("This is the only version")),
            ),
        ]


class ImpactPaper(PaperPage):
    """The assessment on paper, for who decides and for the authority."""

    model = ImpactAssessment
    permission = impact.VIEW
    related = ("programme", "decided_by")
    record: ImpactAssessment

    def header(self) -> Header:
        """What it is about."""
        row = self.record
        return Header(
            _t("Data protection impact assessment %(code)s")
            % {"code": f"{row.code}-{row.version}"},
            subtitle=row.title,
            state=State(row.get_state_display(), TONES[row.state]),
        )

    def facts(self) -> Sequence[FactGroup]:
        """Its words."""
        return _words_of(self.record)

    def tables(self) -> Sequence[Table]:
        """Its risks."""
        risks = self.record.risks.select_related("owner").order_by("number")
        nothing = EmptyState(_("No risk is written down yet"))
        return [Table(_("What may happen to persons"), _risk_columns(linked=False), risks, nothing)]


class ImpactNew(FormPage):
    """Start an assessment."""

    form_class = f.StartForm
    permission = impact.DRAFT
    title = _("Start an impact assessment")
    intro = _("Somebody else decides, when the data protection officer has advised.")
    verb = _("Start it")

    def form_options(self) -> dict[str, Any]:
        """Her programmes."""
        return {"staff": self.staff}

    def perform(self, values: dict[str, Any]) -> ImpactAssessment:
        """Start it."""
        programme = values.pop("programme")
        return impact.start_impact_assessment(
            acting_staff=self.staff,
            told=impact.ImpactIn(**values),
            programme=programme,
            id=self.new_id,
        )

    def success_url(self, result: ImpactAssessment) -> str:
        """Its page."""
        return reverse("people:impactassessment_detail", args=[result.pk])


class OnImpact(FormPage):
    """A step of one assessment."""

    subject_model = ImpactAssessment
    subject: ImpactAssessment

    def success_url(self, result: Any) -> str:
        """The assessment; the new version where one was begun."""
        shown = result if isinstance(result, ImpactAssessment) else self.subject
        return reverse("people:impactassessment_detail", args=[shown.pk])


class ImpactChange(OnImpact):
    """Write its words anew."""

    form_class = f.WordsForm
    permission = impact.DRAFT
    title = _("Change the words of the assessment")
    intro = _("The advice is asked for again afterwards.")

    def initial(self) -> dict[str, Any]:
        """As they are."""
        return {name: getattr(self.subject, name) for name in impact.TEXTS}

    def perform(self, values: dict[str, Any]) -> ImpactAssessment:
        """Change them."""
        return impact.change_impact_assessment(
            acting_staff=self.staff, assessment=self.subject, told=impact.ImpactIn(**values)
        )


class RiskNew(OnImpact):
    """Add a risk."""

    form_class = f.RiskForm
    permission = impact.DRAFT
    title = _("What may happen to persons")
    verb = _("Add it")

    def perform(self, values: dict[str, Any]) -> ImpactRisk:
        """Add it."""
        return impact.add_impact_risk(
            acting_staff=self.staff,
            assessment=self.subject,
            told=impact.RiskIn(**values),
            id=self.new_id,
        )


class ImpactAdvise(OnImpact):
    """Advise on it."""

    form_class = f.AdviceForm
    permission = impact.ADVISE
    title = _("Advise on the assessment")
    verb = _("Record the advice")

    def initial(self) -> dict[str, Any]:
        """What was advised before."""
        return {"advice": self.subject.advice}

    def perform(self, values: dict[str, Any]) -> ImpactAssessment:
        """Record it."""
        return impact.advise_on_impact(
            acting_staff=self.staff, assessment=self.subject, advice=values["advice"]
        )


class ImpactDecide(OnImpact):
    """Decide whether it may be done."""

    form_class = f.DecisionForm
    permission = impact.DECIDE
    title = _("Decide on the assessment")
    verb = _("Decide")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> ImpactAssessment:
        """Decide."""
        values["decision"] = i.ImpactDecision(values["decision"])
        return impact.decide_on_impact(acting_staff=self.staff, assessment=self.subject, **values)


class ImpactRenew(OnImpact):
    """Look at it again."""

    form_class = f.RenewForm
    permission = impact.DRAFT
    title = _("Look at it again")
    intro = _("A new version begins with these words and risks; this one stays in force meanwhile.")
    verb = _("Begin the next version")

    def perform(self, values: dict[str, Any]) -> ImpactAssessment:
        """Begin it."""
        return impact.renew_impact_assessment(
            acting_staff=self.staff, assessment=self.subject, id=self.new_id
        )


class OnRisk(FormPage):
    """A step of one risk."""

    permission = impact.DRAFT
    subject_model = ImpactRisk
    subject: ImpactRisk

    def success_url(self, result: ImpactRisk) -> str:
        """Its assessment."""
        return reverse("people:impactassessment_detail", args=[self.subject.assessment_id])


class RiskChange(OnRisk):
    """Write a risk anew."""

    form_class = f.RiskForm
    title = _("What may happen to persons")
    verb = _("Save it")

    def context(self) -> dict[str, Any]:
        """The way to say that its measure is in place."""
        open_measure = self.subject.measure and self.subject.done_date is None
        step = Action(
            _("The measure is in place"),
            "people:impactrisk_done",
            impact.DRAFT,
            args=(self.subject.pk,),
        )
        return {"page_actions": [step] if open_measure else []}

    def initial(self) -> dict[str, Any]:
        """As it is."""
        names = (*f.RiskForm.base_fields,)
        return {name: getattr(self.subject, name) for name in names}

    def perform(self, values: dict[str, Any]) -> ImpactRisk:
        """Change it."""
        return impact.change_impact_risk(
            acting_staff=self.staff, risk=self.subject, told=impact.RiskIn(**values)
        )


class MeasureIsDone(OnRisk):
    """A measure is in place."""

    form_class = f.DoneForm
    title = _("The measure is in place")
    verb = _("Record it")

    def lead(self) -> Any:
        """Which measure it is."""
        return self.subject.measure

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"on": today()}

    def perform(self, values: dict[str, Any]) -> ImpactRisk:
        """Record it."""
        return impact.record_measure_done(
            acting_staff=self.staff, risk=self.subject, on=values["on"]
        )
