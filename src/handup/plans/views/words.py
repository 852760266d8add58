"""The form pages of what a plan says in words, and the list of its parts."""

from decimal import Decimal
from typing import Any, ClassVar

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from handup.org.models import StaffUser
from handup.org.permissions import may
from handup.org.web.columns import Column, Label, State, Tone
from handup.org.web.forms import FormPage
from handup.org.web.pages import Table
from handup.plans import services
from handup.plans.forms import words
from handup.plans.models import ActionPoint, Plan, PlanAnswer, Screening
from handup.plans.models.part_labels import ANSWER, HARM, PART, PART_STATE, TOPIC
from handup.plans.rules.parts import (
    TOPICS,
    Answer,
    Harm,
    Part,
    PartState,
    Topic,
    parts_of,
    state_of,
    unanswered,
)
from handup.plans.rules.states import Depth
from handup.plans.views.forms import EditPlan

TONES = {PartState.EMPTY: Tone.PLAIN, PartState.OPEN: Tone.WARN, PartState.DONE: Tone.GOOD}
DOORS = {
    Part.HOUSEHOLD: "save_household_sheet",
    Part.IDEA: "change_plan",
    Part.MARKET: "answer_market",
    Part.PRODUCTION: "answer_production",
    Part.PEOPLE: "answer_people",
    Part.LAW: "answer_law",
    Part.START: "save_costing",
    Part.SALES: "save_costing",
    Part.COSTS: "save_costing",
    Part.FINANCE: "ask_finance",
    Part.RISKS: "answer_risks",
    Part.ACTIONS: "save_action_points",
}


class AnswerPart(EditPlan):
    """One part of a full plan in words."""

    form_class = words.PartForm
    permission = "plans.answer_part"
    title = _("A part of the plan")
    intro = _('Whatever is not known yet may stay open: tick "I don\'t know yet".')
    verb = _("Save the part")
    part: ClassVar[Part]

    def lead(self) -> Label:
        """Which part it is."""
        return f"{PART[self.part]}. {self.intro}"

    def form_options(self) -> dict[str, Any]:
        """The part whose questions are asked."""
        return {"part": self.part}

    def initial(self) -> dict[str, Any]:
        """As it was answered before."""
        found: dict[str, Any] = {"based_on": self.subject.edition}
        for row in self.subject.answers.all():
            found[row.topic.lower()] = row.answer
            found[f"{row.topic.lower()}_unknown"] = row.is_unknown
        return found

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep the answers."""
        return services.answer_part(
            acting_staff=self.staff,
            plan=self.subject,
            part=self.part,
            answers=values["answers"],
            **self.edition(values),
        )


class AnswerMarket(AnswerPart):
    """Part 3."""

    part = Part.MARKET


class AnswerProduction(AnswerPart):
    """Part 4."""

    part = Part.PRODUCTION


class AnswerPeople(AnswerPart):
    """Part 5."""

    part = Part.PEOPLE


class AnswerLaw(AnswerPart):
    """Part 6, beside the screening."""

    part = Part.LAW


class AnswerRisks(AnswerPart):
    """Part 13."""

    part = Part.RISKS


class ScreenPlan(EditPlan):
    """The five questions about harm to people and nature."""

    form_class = words.ScreeningForm
    permission = "plans.screen_plan"
    title = _("Harm to people and nature")
    intro = _("Asked in every plan. A yes is no refusal: say what will be done about it.")
    verb = _("Save the answers")

    def initial(self) -> dict[str, Any]:
        """As it was answered before; nothing is answered for her."""
        plans = (self.subject, self.subject.repeats)
        asked = [Screening.objects.filter(plan=plan).first() for plan in plans if plan]
        row: Screening | None = next((item for item in asked if item is not None), None)
        found: dict[str, Any] = {
            "screened_date": timezone.localdate(),
            "based_on": self.subject.edition,
        }
        for item in row.screened() if row else ():
            found[item.harm.lower()] = item.answer.value
            found[f"{item.harm.lower()}_measure"] = item.measure
        return found

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep the answers."""
        return services.screen_plan(
            acting_staff=self.staff,
            plan=self.subject,
            answers=values["answers"],
            screened_date=values["screened_date"],
            **self.edition(values),
        )


class SaveScenarios(EditPlan):
    """What-ifs of the plan's own."""

    form_class = words.ScenariosForm
    permission = "plans.save_scenarios"
    title = _("What may happen to her")
    intro = _("Beside what every plan is tried by. 100 percent is as planned.")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As they were told."""
        found: dict[str, Any] = {"based_on": self.subject.edition}
        for place, row in enumerate(self.subject.scenarios.all()):
            shares = (row.sales_bps, row.price_bps, row.material_bps)
            found[f"name_{place}"] = row.name
            found |= {
                f"{share}_{place}": Decimal(bps) / 100
                for (share, _label), bps in zip(words.SHARES, shares, strict=True)
            }
            found |= {f"late_{place}": row.months_late, f"lost_{place}": row.lost_month or None}
        return found

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep them."""
        return services.save_scenarios(
            acting_staff=self.staff,
            plan=self.subject,
            scenarios=values["scenarios"],
            **self.edition(values),
        )


class SaveActionPoints(EditPlan):
    """The steps the plan calls for."""

    form_class = words.ActionsForm
    permission = "plans.save_action_points"
    title = _("The steps to take")
    verb = _("Save the steps")

    def initial(self) -> dict[str, Any]:
        """The steps not yet taken."""
        found: dict[str, Any] = {"based_on": self.subject.edition}
        for place, row in enumerate(self.subject.action_points.filter(done_date=None)):
            found |= {f"what_{place}": row.what, f"who_{place}": row.who}
            found[f"due_{place}"] = row.due_date
        return found

    def perform(self, values: dict[str, Any]) -> Any:
        """Keep the steps."""
        return services.save_action_points(
            acting_staff=self.staff,
            plan=self.subject,
            points=values["points"],
            **self.edition(values),
        )

    def plan_of(self, result: Any) -> Plan:
        """The plan the steps stand in."""
        plan: Plan = result
        return plan


class ChangePlan(EditPlan):
    """What the plan is about, how many months it looks ahead, how deep it goes."""

    form_class = words.FrameForm
    permission = "plans.change_plan"
    title = _("What the plan is about")
    verb = _("Save")

    def initial(self) -> dict[str, Any]:
        """As it is; a plan shorter than its loan is offered the months of the loan."""
        plan = self.subject
        ask = getattr(plan, "finance_ask", None)
        return {
            "title": plan.title,
            "idea": plan.idea,
            "horizon_months": max(plan.horizon_months, ask.instalments if ask else 0),
            "depth": plan.depth,
            "based_on": plan.edition,
        }

    def perform(self, values: dict[str, Any]) -> Any:
        """Change it."""
        return services.change_plan(
            acting_staff=self.staff,
            plan=self.subject,
            **{**values, "depth": Depth(values["depth"]), **self.edition(values)},
        )


class FinishActionPoint(FormPage):
    """A step that was taken."""

    form_class = words.DoneForm
    permission = "plans.finish_action_point"
    subject_model = ActionPoint
    title = _("The step was taken")
    verb = _("Save")

    subject: ActionPoint

    def initial(self) -> dict[str, Any]:
        """Today."""
        return {"done_date": timezone.localdate()}

    def perform(self, values: dict[str, Any]) -> Any:
        """Say when."""
        return services.finish_action_point(acting_staff=self.staff, point=self.subject, **values)

    def success_url(self, result: ActionPoint) -> str:
        """The plan."""
        return reverse("plans:plan_detail", args=[result.plan_id])


def part_table(staff: StaffUser, plan: Plan) -> Table:
    """The parts of a plan with how far each is; a part opens while the plan may be changed."""
    rows = [
        {"number": number, "name": PART[part], "state": state, "href": _door(staff, plan, part)}
        for number, (part, state) in enumerate(_states(plan), 1)
    ]
    return Table(
        _now("The parts of the plan"),
        (
            Column("number", _("Part"), "number", value=lambda row: row["number"]),
            Column("name", _("What"), value=lambda row: row["name"], href=lambda r: r["href"]),
            Column(
                "state",
                _("State"),
                "state",
                value=lambda row: State(PART_STATE[row["state"]], TONES[row["state"]]),
            ),
        ),
        rows,
    )


def _door(staff: StaffUser, plan: Plan, part: Part) -> str:
    door = DOORS.get(part)
    if door is None or not plan.is_open:
        return ""
    permission = "answer_part" if door.startswith("answer_") else door
    if not may(staff, f"plans.{permission}", plan):
        return ""
    return reverse(f"plans:{door}", args=[plan.pk])


def _states(plan: Plan) -> list[tuple[Part, PartState]]:
    answers = list(plan.answers.all())
    told = {Topic(row.topic) for row in answers if not row.is_unknown}
    unknown = {Topic(row.topic) for row in answers if row.is_unknown}
    has_sheet = hasattr(plan, "household_sheet")
    has_products = plan.products.exists()
    has_version = plan.versions.exists()
    there = {
        Part.HOUSEHOLD: has_sheet,
        Part.IDEA: bool(plan.idea.strip()),
        Part.START: plan.investments.exists() or bool(plan.own_cash_units),
        Part.SALES: has_products or has_sheet,
        Part.COSTS: plan.costs.exists() or has_products or has_sheet,
        Part.CASH: has_version,
        Part.PROFIT: has_version,
        Part.FINANCE: hasattr(plan, "finance_ask"),
        Part.ACTIONS: plan.action_points.exists(),
        Part.STATEMENT: bool(plan.statement),
    }
    return [
        (part, state_of(part, told, unknown, is_there=there.get(part, False)))
        for part in parts_of(Depth(plan.depth))
    ]


def word_tables(staff: StaffUser, plan: Plan) -> list[Table]:
    """What the plan says in words: its answers, the screening, the steps."""
    tables = []
    answers = {row.topic: row for row in plan.answers.all()}
    told = [answers[t.value] for topics in TOPICS.values() for t in topics if t.value in answers]
    if told:
        tables.append(_answer_table(told))
    screening: Screening | None = Screening.objects.filter(plan=plan).first()
    if screening is not None:
        tables.append(_screening_table(screening))
    points = list(plan.action_points.all())
    if points:
        tables.append(_action_table(points, may(staff, "plans.finish_action_point", plan)))
    return tables


def _answer_table(rows: list[PlanAnswer]) -> Table:
    return Table(
        _now("In words"),
        (
            Column("topic", _("Question"), value=lambda row: TOPIC[Topic(row.topic)]),
            Column("answer", _("Answer"), value=lambda row: row.answer or _now("not known yet")),
        ),
        rows,
    )


def _screening_table(screening: Screening) -> Table:
    tone = {Answer.YES: Tone.WARN, Answer.NO: Tone.GOOD, Answer.UNKNOWN: Tone.WARN}
    return Table(
        _now("Harm to people and nature"),
        (
            Column("harm", _("Question"), value=lambda item: HARM[item.harm]),
            Column(
                "answer",
                _("Answer"),
                "state",
                value=lambda item: State(ANSWER[item.answer], tone[item.answer]),
            ),
            Column("measure", _("What will be done")),
        ),
        screening.screened(),
    )


def _action_table(points: list[ActionPoint], may_finish: bool) -> Table:
    return Table(
        _now("The steps to take"),
        (
            Column("what", _("What"), href=_point_href if may_finish else None),
            Column("who", _("By whom")),
            Column("due_date", _("Until"), "date"),
            Column("done_date", _("Done on"), "date"),
        ),
        points,
    )


def _point_href(point: ActionPoint) -> str:
    if point.done_date is not None:
        return ""
    return reverse("plans:finish_action_point", args=[point.pk])


def not_known(plan: Plan) -> list[str]:
    """What nobody knows yet, in the words of the questions: told before the plan is handed in."""
    unknown = {row.topic for row in plan.answers.all() if row.is_unknown}
    found = [str(TOPIC[topic]) for topic in Topic if topic.value in unknown]
    screening: Screening | None = Screening.objects.filter(plan=plan).first()
    harms = unanswered(screening.screened()) if screening else tuple(Harm)
    return [*found, *(str(HARM[harm]) for harm in harms)]
