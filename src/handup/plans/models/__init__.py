"""Tables of plans: the plan, its frozen versions and parts, visits and what they found."""

from handup.plans.models.benchmarks import Benchmark, CrossCheck
from handup.plans.models.differences import PlanDifference
from handup.plans.models.parts import (
    CostLine,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Investment,
    ProductLine,
)
from handup.plans.models.plans import Plan, PlanVersion
from handup.plans.models.references import PlanReference
from handup.plans.models.visits import ActualMonth, Segment, Visit
from handup.plans.models.words import ActionPoint, PlanAnswer, Scenario, Screening

__all__ = [
    "ActionPoint",
    "ActualMonth",
    "Benchmark",
    "CostLine",
    "CrossCheck",
    "FinanceAsk",
    "HouseholdLine",
    "HouseholdSheet",
    "Investment",
    "Plan",
    "PlanAnswer",
    "PlanDifference",
    "PlanReference",
    "PlanVersion",
    "ProductLine",
    "Scenario",
    "Screening",
    "Segment",
    "Visit",
]
