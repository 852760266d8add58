"""The API door of what a plan says in words: frame, parts, screening, steps."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from handup.org import reads
from handup.org.interface import IdempotencyKey, LongText, StaffRequest, Text
from handup.org.permissions import OutOfSight
from handup.plans import services
from handup.plans.models import ActionPoint, Plan, Screening
from handup.plans.rules.inputs import OwnWhatIf
from handup.plans.rules.parts import Answer, Harm, Part, Screened, Topic
from handup.plans.rules.states import Depth

router = Router(tags=["plans"])
Edition = Annotated[int, Field(ge=0, lt=2**31)] | None
"""The edition of the plan a device had before it wrote; none: whatever stands."""


class PlanFrameIn(Schema):
    """What the plan is about, its months and its depth."""

    based_on: Edition = None
    title: Text
    idea: LongText = ""
    horizon_months: int = Field(ge=1, le=60)
    depth: Depth


class PlanAnswerIn(Schema):
    """An answer in words, or that nobody knows it yet."""

    topic: Topic
    answer: LongText = ""
    is_unknown: bool = False


class PlanPartIn(Schema):
    """The answers of one part; they replace those before."""

    based_on: Edition = None
    answers: list[PlanAnswerIn] = Field(max_length=20)


class PlanHarmIn(Schema):
    """One question of the screening."""

    harm: Harm
    answer: Answer
    measure: Annotated[str, Field(max_length=500)] = ""


class PlanScreeningIn(Schema):
    """The five questions about harm; they replace those before."""

    based_on: Edition = None
    answers: list[PlanHarmIn] = Field(max_length=5)
    screened_date: date


class PlanWhatIfIn(Schema):
    """A what-if of her own; 10 000 is as planned, month 0 none."""

    name: Annotated[str, Field(max_length=80)]
    sales_bps: int = Field(default=10_000, ge=0, le=100_000)
    price_bps: int = Field(default=10_000, ge=0, le=100_000)
    material_bps: int = Field(default=10_000, ge=0, le=100_000)
    months_late: int = Field(default=0, ge=0, le=60)
    lost_month: int = Field(default=0, ge=0, le=60)


class PlanWhatIfsIn(Schema):
    """The what-ifs of her own; they replace those before."""

    based_on: Edition = None
    scenarios: list[PlanWhatIfIn] = Field(max_length=20)


class PlanStepIn(Schema):
    """A step to take."""

    what: Annotated[str, Field(max_length=200)]
    who: Annotated[str, Field(max_length=120)]
    due_date: date


class PlanStepsIn(Schema):
    """The steps to take; they replace those not yet done."""

    based_on: Edition = None
    points: list[PlanStepIn] = Field(max_length=50)


class PlanStepDoneIn(Schema):
    """The day a step was taken."""

    done_date: date


class PlanStepOut(Schema):
    """A step of a plan."""

    id: UUID
    what: str
    who: str
    due_date: date
    done_date: date | None


class PlanWordsOut(Schema):
    """What a plan says in words; `plan_id` is that of a draft beside it where one was kept."""

    plan_id: UUID
    edition: int
    depth: str
    answers: list[PlanAnswerIn]
    screening: list[PlanHarmIn]
    scenarios: list[PlanWhatIfIn]
    action_points: list[PlanStepOut]


def _plan(request: StaffRequest, pk: UUID) -> Plan:
    found: Plan | None = Plan.objects.visible_to(request.auth_staff).filter(pk=pk).first()
    if found is None:
        raise OutOfSight
    return found


def _words(plan: Plan) -> dict[str, Any]:
    screening: Screening | None = Screening.objects.filter(plan=plan).first()
    return {
        "plan_id": plan.pk,
        "edition": plan.edition,
        "depth": plan.depth,
        "answers": [
            {"topic": row.topic, "answer": row.answer, "is_unknown": row.is_unknown}
            for row in plan.answers.all()
        ],
        "screening": [
            {"harm": item.harm, "answer": item.answer, "measure": item.measure}
            for item in (screening.screened() if screening else ())
        ],
        "scenarios": [asdict(row.told()) for row in plan.scenarios.all()],
        "action_points": list(plan.action_points.all()),
    }


@router.get("/plans/{uuid:plan_id}/words", response=PlanWordsOut)
def show_words(request: StaffRequest, plan_id: UUID) -> dict[str, Any]:
    """What a plan says in words."""
    plan = _plan(request, plan_id)
    reads.note(request, persons=[plan.person_id] if plan.person_id else [], action="VIEW")
    return _words(plan)


@router.post("/plans/{uuid:plan_id}/frame", response=PlanWordsOut)
def change_plan(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: PlanFrameIn
) -> dict[str, Any]:
    """Change what a plan is about, its months and its depth."""
    plan = _plan(request, plan_id)
    stands = services.change_plan(
        acting_staff=request.auth_staff, plan=plan, key=key, **told.dict()
    )
    return _words(stands)


@router.post("/plans/{uuid:plan_id}/parts/{part}", response=PlanWordsOut)
def answer_part(
    request: StaffRequest, plan_id: UUID, part: Part, key: IdempotencyKey, told: PlanPartIn
) -> dict[str, Any]:
    """Answer one part of a plan in words, in place of what it said before."""
    plan = _plan(request, plan_id)
    answers = [services.AnswerIn(**item.dict()) for item in told.answers]
    stands = services.answer_part(
        acting_staff=request.auth_staff,
        plan=plan,
        part=part,
        answers=answers,
        based_on=told.based_on,
        key=key,
    )
    return _words(stands)


@router.post("/plans/{uuid:plan_id}/screening", response=PlanWordsOut)
def screen_plan(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: PlanScreeningIn
) -> dict[str, Any]:
    """Answer the five questions about harm to people and nature."""
    plan = _plan(request, plan_id)
    row = services.screen_plan(
        acting_staff=request.auth_staff,
        plan=plan,
        answers=[Screened(item.harm, item.answer, item.measure) for item in told.answers],
        screened_date=told.screened_date,
        based_on=told.based_on,
        key=key,
    )
    return _words(row.plan)


@router.post("/plans/{uuid:plan_id}/what-ifs", response=PlanWordsOut)
def save_scenarios(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: PlanWhatIfsIn
) -> dict[str, Any]:
    """Say which what-ifs of its own a plan is tried by, in place of those before."""
    plan = _plan(request, plan_id)
    scenarios = [OwnWhatIf(**item.dict()) for item in told.scenarios]
    stands = services.save_scenarios(
        acting_staff=request.auth_staff,
        plan=plan,
        scenarios=scenarios,
        based_on=told.based_on,
        key=key,
    )
    return _words(stands)


@router.post("/plans/{uuid:plan_id}/action-points", response=PlanWordsOut)
def save_action_points(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: PlanStepsIn
) -> dict[str, Any]:
    """Say which steps the plan calls for, in place of those not yet done."""
    plan = _plan(request, plan_id)
    points = [services.ActionIn(**item.dict()) for item in told.points]
    stands = services.save_action_points(
        acting_staff=request.auth_staff,
        plan=plan,
        points=points,
        based_on=told.based_on,
        key=key,
    )
    return _words(stands)


@router.post("/action-points/{uuid:point_id}/done", response=PlanStepOut)
def finish_action_point(
    request: StaffRequest, point_id: UUID, key: IdempotencyKey, told: PlanStepDoneIn
) -> ActionPoint:
    """Say that a step was taken."""
    rows = ActionPoint.objects.visible_to(request.auth_staff)
    point: ActionPoint | None = rows.filter(pk=point_id).first()
    if point is None:
        raise OutOfSight
    return services.finish_action_point(
        acting_staff=request.auth_staff, point=point, done_date=told.done_date
    )
