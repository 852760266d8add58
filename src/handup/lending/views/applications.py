"""Applications: the list, the record with facts and stops side by side, and each person's step."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.kernel.money import decimal_text
from handup.lending import services
from handup.lending.forms import (
    CRITERIA,
    AppraisalForm,
    DecisionForm,
    SubmitAgainForm,
    VoteForm,
)
from handup.lending.models import Application, Appraisal
from handup.lending.models.labels import APPLICATION_STATES
from handup.lending.rules.codes import ApplicationState, Outcome
from handup.lending.rules.eligibility import Grid, Missing, Preconditions, Stop
from handup.lending.services.applications import stop_text
from handup.lending.services.returned import submit_again
from handup.lending.views import behind_loan
from handup.lending.views.behind import PlanBehind
from handup.lending.views.conditions import told_conditions
from handup.lending.views.links import application_state, borrower_href, in_state, loan_of
from handup.lending.views.savings import savings_actions
from handup.lending.views.search import by_borrower
from handup.lending.views.told_before import told_before_tables
from handup.lending.waiting import Step, open_steps, votes_needed
from handup.org import reads
from handup.org.web.forms import FormPage
from handup.org.web.lists import (
    Action,
    Choice,
    Column,
    DateRange,
    EmptyState,
    Kind,
    ListPage,
    Search,
    Tone,
)
from handup.org.web.money import format_day, format_money
from handup.org.web.pages import Crumb, Fact, FactGroup, Header, Moment, RecordPage, Table

APPLY = Action(_("Apply for a loan"), "lending:application_new", "lending.apply_for_loan")
AGAIN = _("Submit it again")
VERBS = {
    Step.APPRAISE: (_("Appraise"), "lending:appraise"),
    Step.VOTE: (_("Vote"), "lending:vote"),
    Step.DECIDE: (_("Decide"), "lending:decide"),
    Step.SIGN: (_("Sign the agreement"), "lending:sign"),
}
FACT_LABELS = {
    "age": _("Age"),
    "has_identity": _("Identity document seen"),
    "has_consent": _("Consent given"),
    "certificates": _("Certificates"),
    "savings_units": _("Savings seen"),
    "has_plan": _("Business plan"),
    "months_in_the_red": _("Months in the red"),
    "lowest_dscr": _("Lowest cover of an instalment"),
    "plan_dscr": _("Cover over the plan"),
    "indebtedness_x100": _("Debt against capital, percent"),
    "arrears_days": _("Days late on other loans"),
    "loans_before": _("Loans before"),
    "documents_missing": _("Documents not seen"),
}


class ApplicationList(ListPage):
    """Every application the reader may see."""

    model = Application
    permission = "lending.view_application"
    title = _("Loan applications")
    related = ("person", "enterprise", "group", "product_version__product", "officer")
    columns = (
        Column("code", _("Number"), Kind.LINK, sort="code", url_name="lending:application_detail"),
        Column("borrower", _("Applicant"), value=lambda row: str(row.borrower)),
        Column("product_version.product.name", _("Product")),
        Column("asked_units", _("Asked"), Kind.MONEY, sort="asked_units"),
        Column("purpose", _("What for")),
        Column("submitted_date", _("Asked on"), Kind.DATE, sort="submitted_date"),
        Column("state", _("State"), Kind.STATE, sort="state", value=application_state),
        Column("officer.display_name", _("Officer"), shown=False),
    )
    filters = (
        Search(using=by_borrower("code"), label=_("Number or name, in any letters")),
        Choice("state", _("State"), APPLICATION_STATES, using=in_state),
        DateRange("asked", _("Asked on"), "submitted_date"),
    )
    order = "-pk"
    primary = APPLY
    empty = EmptyState(_("No applications yet"), _("A loan begins with an application."), APPLY)
    person_path = "person_id"
    highest = "P"


class ApplicationPage(RecordPage):
    """One application: who asks, what is known, what stops it, who said what."""

    model = Application
    permission = "lending.view_application"
    related = (
        "person",
        "enterprise",
        "group",
        "product_version__product__lender",
        "officer",
        "plan_version__plan__advised_by",
        "plan_version__plan__reviewed_by",
    )
    person_path = "person_id"
    template = "lending/application.html"

    @cached_property
    def appraisal(self) -> Appraisal | None:
        """The latest appraisal."""
        rows: Any = self.record.appraisals.select_related("appraiser")
        found: Appraisal | None = rows.order_by("-recorded_at").first()
        return found

    @cached_property
    def behind(self) -> PlanBehind:
        """The plan it rests on."""
        return PlanBehind(self.record, self.appraisal)

    def header(self) -> Header:
        """Number, applicant, state, the next step."""
        row = self.record
        steps = [
            Action(VERBS[step][0], VERBS[step][1], step.value, (row.pk,))
            for step in open_steps(row, self.staff, timezone.localdate())
        ]
        allowed = [step for step in steps if step.allowed(self.staff, row)]
        if row.state_now in (ApplicationState.RETURNED, ApplicationState.EXPIRED):
            again = Action(AGAIN, "lending:submit_again", "lending.apply_for_loan", (row.pk,))
            allowed = [again] if again.allowed(self.staff, row) else []
        loan = loan_of(row)
        if loan is not None:
            allowed = [Action(_("Open the loan"), "lending:loan_detail", args=(loan.pk,))]
        return Header(
            row.code,
            str(row.borrower),
            state=application_state(row),
            primary=allowed[0] if allowed else None,
            actions=(*allowed[1:], *savings_actions(row), *behind_loan.application_actions(row)),
            crumbs=(Crumb(_("Loan applications"), reverse("lending:application_list")),),
        )

    def notes(self) -> Sequence[tuple[Tone, Any]]:
        """Every hard stop by its name, and the votes."""
        stops = self.appraisal.stops if self.appraisal is not None else []
        conditions = behind_loan.notes(self.staff, self.record)
        currency = self.record.currency
        told = [*self._expired(), *((Tone.BAD, _stop_text(stop, currency)) for stop in stops)]
        return [*told, *self._votes(), *conditions]

    def _expired(self) -> Sequence[tuple[Tone, Any]]:
        """That it was open for too long."""
        if self.record.state_now is not ApplicationState.EXPIRED:
            return []
        text = _now("Open until %(day)s, it has expired. Submitted again, it is judged anew.")
        return [(Tone.WARN, text % {"day": format_day(self.record.expires_date)})]

    def _votes(self) -> Sequence[tuple[Tone, Any]]:
        """How many votes are cast while it waits for them or for the decision."""
        cast, needed = votes_needed(self.record)
        if self.record.state_now is not ApplicationState.APPRAISED or not needed:
            return []
        places = {"cast": cast, "needed": needed}
        if cast < needed:
            return [(Tone.INFO, _now("%(cast)s of %(needed)s votes are cast.") % places)]
        text = _now("%(cast)s of %(needed)s votes are cast; it waits for the decision.")
        return [(Tone.INFO, text % places)]

    def timeline(self) -> Sequence[Moment]:
        """Asked, appraised, voted, decided, signed."""
        row = self.record
        found = [
            Moment(row.submitted_date, _("Asked"), format_money(row.asked_units, row.currency))
        ]
        for item in row.appraisals.select_related("appraiser"):
            text = f"{item.get_recommendation_display()} – {item.appraiser}"
            found.append(Moment(item.appraised_date, _("Appraised"), text))
        for vote in row.votes.select_related("member"):
            text = f"{vote.get_choice_display()} – {vote.member}"
            found.append(Moment(vote.voted_date, _("Vote"), text))
        for decision in row.decisions.select_related("decided_by"):
            text = f"{decision.get_outcome_display()} – {decision.decided_by} {decision.reason}"
            found.append(Moment(decision.decided_date, _("Decided"), text))
        agreement = getattr(row, "agreement", None)
        if agreement is not None:
            found.append(Moment(agreement.signed_date, _("Signed")))
        found.sort(key=lambda moment: moment.when or row.submitted_date)
        return found

    def facts(self) -> Sequence[FactGroup]:
        """The request, and what was known when it was appraised."""
        row = self.record
        found = [
            FactGroup(
                _("Request"),
                [
                    Fact(_("Applicant"), row.borrower, borrower_href(row)),
                    Fact(
                        _("Product"),
                        row.product_version.product,
                        reverse("lending:product_detail", args=[row.product_version_id]),
                    ),
                    Fact(_("Amount asked"), format_money(row.asked_units, row.currency)),
                    Fact(_("Instalments"), row.instalments),
                    Fact(_("What for"), row.purpose),
                    Fact(_("Savings seen"), format_money(row.savings_units, row.currency)),
                    Fact(_("Officer"), row.officer),
                    Fact(_("Advisor"), row.advisor),
                    Fact(_("Expires on"), row.expires_date),
                ],
            ),
            *self.behind.facts(self.staff),
        ]
        if self.appraisal is not None:
            facts = self.appraisal.facts
            found.append(
                FactGroup(
                    _("What was known"),
                    [
                        Fact(label, _fact_text(facts.get(name), name, row.currency))
                        for name, label in FACT_LABELS.items()
                        if name in facts
                    ],
                )
            )
        return found

    def tables(self) -> Sequence[Table]:
        """What stands behind the loan, and the marks of the grid."""
        item, behind = (
            self.appraisal,
            behind_loan.application_tables(self.staff, self.record, loan_of(self.record)),
        )
        behind = [*told_before_tables(self.record), *behind]
        reads.note(self.request, behind_loan.persons_behind(self.staff, self.record))
        if item is None or item.score_x10 is None:
            return behind
        weights = Grid.of(self.record.product_version.grid).weights
        rows = [
            {"name": CRITERIA.get(name, name), "weight": weight, "mark": item.scores.get(name, 0)}
            for name, weight in weights.items()
        ]
        columns = (
            Column("name", _("Criterion"), value=lambda row: row["name"]),
            Column("weight", _("Weight"), Kind.NUMBER, value=lambda row: row["weight"]),
            Column("mark", _("Mark, 0 to 4"), Kind.NUMBER, value=lambda row: row["mark"]),
        )
        whole, tenth = divmod(item.score_x10, 10)
        score = _now("%(score)s of 100: %(band)s") % {
            "score": f"{whole}.{tenth}",
            "band": item.get_band_display(),
        }
        return [*behind, Table(_("Grid"), columns, rows, footer=(score,))]

    def context(self) -> dict[str, Any]:
        """The loan beside its plan, before everything else."""
        return {"beside": self.behind.tables()}


def _stop_text(stop: dict[str, Any], currency: str) -> str:
    return stop_text(Missing(Stop(stop["stop"]), stop["needed"], stop["found"]), currency)


def _fact_text(value: Any, name: str, currency: str) -> Any:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    if name.endswith("_units") and value is not None:
        return format_money(value, currency)
    if name.endswith("_dscr") and value is not None:
        return decimal_text(Fraction(value), 2)
    return value


class ApplicationStep(FormPage):
    """A step on one application; afterwards its page."""

    subject_model = Application

    def success_url(self, result: Any) -> str:
        """The application's page."""
        return reverse("lending:application_detail", args=[self.subject.pk])


class SubmitAgain(ApplicationStep):
    """What was returned is asked anew."""

    form_class = SubmitAgainForm
    permission = "lending.apply_for_loan"
    title = _("Submit the application again")
    intro = _("It waits for a new appraisal; votes cast before count no more.")
    verb = AGAIN

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"submitted_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Ask anew."""
        return submit_again(acting_staff=self.staff, application=self.subject, **values)


class Appraise(ApplicationStep):
    """The second person looks at it."""

    form_class = AppraisalForm
    permission = "lending.appraise_application"
    title = _("Appraise the application")
    intro = _("The facts are frozen as they are known now; the advisor does not appraise.")
    verb = _("Record the appraisal")

    def form_options(self) -> dict[str, Any]:
        """Currency and criteria."""
        grid = Grid.of(self.subject.product_version.grid)
        return {"currency": self.subject.currency, "criteria": tuple(grid.weights)}

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"appraised_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Appraise."""
        anchors = {
            name.removeprefix("anchor_"): int(mark)
            for name, mark in values.items()
            if name.startswith("anchor_") and mark
        }
        return services.appraise_application(
            acting_staff=self.staff,
            application=self.subject,
            appraised_date=values["appraised_date"],
            recommendation=Outcome(values["recommendation"]),
            recommended_units=values["recommended_units"],
            anchors=anchors,
            note=values["note"],
            reason=values["reason"],
            id=self.new_id,
        )


class CastVote(ApplicationStep):
    """A member votes."""

    form_class = VoteForm
    permission = "lending.cast_vote"
    title = _("Vote on the application")
    verb = _("Vote")

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"voted_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Vote."""
        return services.cast_vote(
            acting_staff=self.staff,
            application=self.subject,
            choice=Outcome(values["choice"]),
            voted_date=values["voted_date"],
            reason=values["reason"],
            id=self.new_id,
        )


class Decide(ApplicationStep):
    """The committee decides."""

    form_class = DecisionForm
    permission = "lending.decide_application"
    title = _("Decide on the application")
    verb = _("Record the decision")
    reads_back = True

    def form_options(self) -> dict[str, Any]:
        """Currency and what may be set aside."""
        pre = Preconditions.of(self.subject.product_version.eligibility)
        return {
            "currency": self.subject.currency,
            "waivable": sorted(stop.value for stop in pre.waivable),
        }

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"decided_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Decide."""
        return services.decide_application(
            acting_staff=self.staff,
            application=self.subject,
            outcome=Outcome(values["outcome"]),
            decided_date=values["decided_date"],
            approved_units=values["approved_units"],
            waived=[Stop(code) for code in values.get("waived", ())],
            reason=values["reason"],
            to_meet=told_conditions(values),
            id=self.new_id,
        )
