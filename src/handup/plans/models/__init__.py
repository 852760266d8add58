"""Tables of plans: the plan, its frozen versions and parts, visits and what they found."""

from handup.plans.models.parts import (
    CostLine,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Investment,
    ProductLine,
)
from handup.plans.models.plans import Plan, PlanVersion
from handup.plans.models.visits import ActualMonth, Segment, Visit

__all__ = [
    "ActualMonth",
    "CostLine",
    "FinanceAsk",
    "HouseholdLine",
    "HouseholdSheet",
    "Investment",
    "Plan",
    "PlanVersion",
    "ProductLine",
    "Segment",
    "Visit",
]
