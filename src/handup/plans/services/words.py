"""What a plan says in words: the parts of a full one, the screening, the steps to take."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.plans.depth import deepen
from handup.plans.models import ActionPoint, Plan, PlanAnswer, Scenario, Screening
from handup.plans.models.part_labels import PART
from handup.plans.refusals import (
    ExcludedActivity,
    MeasureMissing,
    NameMissing,
    PartsMissing,
    ScreeningMissing,
    ScreeningOpen,
    StepAlreadyDone,
    StepIncomplete,
)
from handup.plans.rules.inputs import BadPlan, OwnWhatIf, check_scenario
from handup.plans.rules.parts import (
    TOPICS,
    Part,
    Screened,
    Topic,
    is_excluded,
    silent,
    stretched,
    unanswered,
    unmeasured,
)
from handup.plans.rules.states import Depth, Kept
from handup.plans.services.beside import to_change


@dataclass(frozen=True, slots=True)
class AnswerIn:
    """An answer in words, or that nobody knows it yet."""

    topic: Topic
    answer: str = ""
    is_unknown: bool = False


@dataclass(frozen=True, slots=True)
class ActionIn:
    """A step to take: what, by whom, until when."""

    what: str
    who: str
    due_date: date


def change_plan(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    title: str,
    idea: str,
    horizon_months: int,
    depth: Depth,
    based_on: int | None = None,
    key: UUID | None = None,
) -> Plan:
    """Change what a plan is about, its months (1 to 60) and its depth.

    A longer plan repeats in its new months what stands twelve months before, or in its last month;
    a shorter one loses what lies behind its end. A plan that asks for much stays a full one.
    `based_on` and `key` as in `beside.to_change`. Returns the plan it stands in.
    Raises NotInThisState once the plan is handed in, BadPlan.
    """
    require(acting_staff, "plans.change_plan", plan)
    if not 1 <= horizon_months <= 60:
        raise BadPlan(field="horizon_months", reason="a plan has 1 to 60 months")
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, "FRAME")
        if not is_new:
            return plan
        plan.title, plan.idea, plan.depth = title.strip(), idea.strip(), depth.value
        plan.horizon_months = horizon_months
        plan.season_bps = stretched(plan.season_bps, horizon_months)
        plan.save(update_fields=["title", "idea", "depth", "horizon_months", "season_bps"])
        for product in plan.products.all():
            product.quantities = stretched(product.quantities, horizon_months)
            product.save(update_fields=["quantities"])
        for cost in plan.costs.all():
            cost.amounts = stretched(cost.amounts, horizon_months)
            cost.save(update_fields=["amounts"])
        deepen(plan, timezone.localdate())
        audit.record(acting_staff, "plans.change_plan", plan, {"months": horizon_months})
    return plan


def answer_part(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    part: Part,
    answers: Sequence[AnswerIn],
    based_on: int | None = None,
    key: UUID | None = None,
) -> Plan:
    """Answer one part of a plan in words, in place of what it said before; `based_on` and `key` as
    in `beside.to_change`. Returns the plan it stands in.

    An empty answer that is not marked as unknown takes the earlier one away. Answers of another
    part are left out. Raises NotInThisState once the plan is handed in.
    """
    require(acting_staff, "plans.answer_part", plan)
    topics = TOPICS.get(part, ())
    kept = [
        PlanAnswer(
            topic=item.topic.value,
            answer=item.answer.strip(),
            is_unknown=not item.answer.strip(),
        )
        for item in {item.topic: item for item in answers}.values()
        if item.topic in topics and (item.answer.strip() or item.is_unknown)
    ]
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, f"{Kept.WORDS}_{part}")
        if not is_new:
            return plan
        for row in kept:
            row.plan = plan
        plan.answers.filter(topic__in=[topic.value for topic in topics]).delete()
        PlanAnswer.objects.bulk_create(kept)
        audit.record(acting_staff, "plans.answer_part", plan, {"part": part.value})
    return plan


def screen_plan(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    answers: Sequence[Screened],
    screened_date: date,
    based_on: int | None = None,
    key: UUID | None = None,
) -> Screening:
    """Answer the five questions about harm, in place of what was answered before (rulings 29).

    A yes says what will be done about it. `based_on` and `key` as in `beside.to_change`. Raises
    NotInThisState, MeasureMissing with the field.
    """
    require(acting_staff, "plans.screen_plan", plan)
    check_measures(answers)
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, Kept.SCREENING)
        row: Screening | None = Screening.objects.filter(plan=plan).first()
        if row is not None and not is_new:
            return row
        row, _new = Screening.objects.update_or_create(
            plan=plan, defaults={"answers": as_stored(answers), "screened_date": screened_date}
        )
        audit.record(acting_staff, "plans.screen_plan", plan)
    return row


def check_measures(answers: Iterable[Screened]) -> None:
    """Refuse a harm nothing is done about, naming its field. Raises MeasureMissing."""
    for harm in unmeasured(answers):
        raise MeasureMissing(field=f"{harm.lower()}_measure")


def as_stored(answers: Iterable[Screened]) -> Mapping[str, list[str]]:
    """The answers as a screening keeps them."""
    return {item.harm.value: [item.answer.value, item.measure.strip()] for item in answers}


def check_screening(answers: Sequence[Screened]) -> None:
    """Refuse what no adviser may sign. Raises ScreeningMissing, ScreeningOpen, MeasureMissing,
    ExcludedActivity.
    """
    if not answers:
        raise ScreeningMissing
    if is_excluded(answers):
        raise ExcludedActivity
    if unanswered(answers):
        raise ScreeningOpen
    check_measures(answers)


def save_scenarios(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    scenarios: Sequence[OwnWhatIf],
    based_on: int | None = None,
    key: UUID | None = None,
) -> Plan:
    """Say which what-ifs of its own a plan is tried by, in place of those before; `based_on` and
    `key` as in `beside.to_change`. Returns the plan they stand in.

    Raises NotInThisState, NameMissing, and BadPlan for a month the plan has not.
    """
    require(acting_staff, "plans.save_scenarios", plan)
    for item in scenarios:
        if not item.name.strip():
            raise NameMissing(field="name")
        check_scenario(item, plan.horizon_months)
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, "SCENARIOS")
        if not is_new:
            return plan
        plan.scenarios.all().delete()
        rows = Scenario.objects.bulk_create(
            Scenario(plan=plan, position=place, **asdict(item))
            for place, item in enumerate(scenarios)
        )
        audit.record(acting_staff, "plans.save_scenarios", plan, {"scenarios": len(rows)})
    return plan


def save_action_points(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    points: Sequence[ActionIn],
    based_on: int | None = None,
    key: UUID | None = None,
) -> Plan:
    """Say which steps the plan calls for, in place of those not yet done; `based_on` and `key` as
    in `beside.to_change`. Returns the plan they stand in, also where there is none.

    Raises NotInThisState, StepIncomplete.
    """
    require(acting_staff, "plans.save_action_points", plan)
    if any(not point.what.strip() or not point.who.strip() for point in points):
        raise StepIncomplete(field="what")
    with transaction.atomic():
        plan, is_new = to_change(acting_staff, plan, based_on, key, "ACTIONS")
        if not is_new:
            return plan
        plan.action_points.filter(done_date=None).delete()
        first = plan.action_points.count()
        rows = ActionPoint.objects.bulk_create(
            ActionPoint(
                plan=plan,
                position=place,
                what=point.what.strip(),
                who=point.who.strip(),
                due_date=point.due_date,
            )
            for place, point in enumerate(points, first)
        )
        audit.record(acting_staff, "plans.save_action_points", plan, {"points": len(rows)})
    return plan


def finish_action_point(
    *, acting_staff: StaffUser, point: ActionPoint, done_date: date
) -> ActionPoint:
    """Say that a step was taken; told again with the same day nothing changes.

    Raises StepAlreadyDone.
    """
    require(acting_staff, "plans.finish_action_point", point)
    if point.done_date == done_date:
        return point
    if point.done_date is not None:
        raise StepAlreadyDone(field="done_date", date=point.done_date)
    with transaction.atomic():
        point.done_date = done_date
        point.save(update_fields=["done_date"])
        audit.record(acting_staff, "plans.finish_action_point", point.plan)
    return point


def check_parts(plan: Plan, on: date) -> None:
    """Refuse a full plan whose parts are not all there. Raises PartsMissing with their names."""
    deepen(plan, on)
    if plan.depth != Depth.FULL:
        return
    rows = list(plan.answers.all())
    told = {Topic(row.topic) for row in rows if not row.is_unknown}
    unknown = {Topic(row.topic) for row in rows if row.is_unknown}
    missing = list(silent(told, unknown))
    if not plan.idea.strip():
        missing.insert(0, Part.IDEA)
    if not plan.action_points.exists():
        missing.append(Part.ACTIONS)
    if missing:
        raise PartsMissing(parts="; ".join(str(PART[part]) for part in missing))
