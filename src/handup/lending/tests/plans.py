"""A ready plan for the lending tests: sewing, advised by one person, reviewed by another."""

from datetime import date, timedelta
from typing import Any

from handup.lending.tests.cast import START, World, staff
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.plans.models import Plan, PlanVersion
from handup.plans.rules.household import Section, Span
from handup.plans.rules.inputs import Source
from handup.plans.rules.parts import Answer, Harm, Screened
from handup.plans.rules.states import SignedBy
from handup.plans.services import (
    CostingIn,
    FinanceIn,
    HouseholdLineIn,
    InvestmentIn,
    advise_plan,
    approve_plan,
    ask_finance,
    save_costing,
    save_household_sheet,
    screen_plan,
    start_plan,
    submit_plan,
)

MADE = START - timedelta(days=20)


def handed_in(world: World, earned_a_day: int = 20_00, **changes: Any) -> Plan:
    """A plan over 1,200.00 in twelve instalments at 2 % a month, handed in twenty days before."""
    adviser = changes.pop("adviser", world.cast.advisor)
    owner = {
        key: changes.pop(key) for key in ("person", "enterprise", "organisation") if key in changes
    }
    plan = start_plan(
        acting_staff=adviser,
        programme=world.programme,
        title="Sewing",
        currency=changes.pop("currency", "USD"),
        start_month=MADE,
        started_date=changes.pop("made", MADE),
        **(owner or {"person": world.person}),
    )
    lines = (
        HouseholdLineIn(Section.SALES, Span.DAY, earned_a_day),
        HouseholdLineIn(Section.HOUSEHOLD_EXPENSE, Span.DAY, 5_00),
    )
    save_household_sheet(acting_staff=adviser, plan=plan, lines=lines, told_date=plan.started_date)
    asked = changes.pop("asked", 1_200_00)
    ask_finance(
        acting_staff=adviser,
        plan=plan,
        finance=FinanceIn(loan_units=asked, rate_bps=200, instalments=12, purpose="Machine"),
    )
    machine = InvestmentIn("machine", 1_200_00, Source.LOAN, life_months=60)
    costing = CostingIn(investments=(machine,), **{"capital_units": 2_400_00, **changes})
    save_costing(acting_staff=adviser, plan=plan, costing=costing)
    screen_plan(
        acting_staff=adviser,
        plan=plan,
        answers=[Screened(harm, Answer.NO) for harm in Harm],
        screened_date=plan.started_date,
    )
    submit_plan(acting_staff=adviser, plan=plan, submitted_date=plan.started_date)
    return plan


def ready_plan(world: World, earned_a_day: int = 20_00, on: date = MADE, **changes: Any) -> Plan:
    """The same, advised and reviewed on that day."""
    plan = handed_in(world, earned_a_day, **changes)
    return made_ready(world, plan, on)


def made_ready(world: World, plan: Plan, on: date = MADE) -> Plan:
    """Advise and review a plan that was handed in."""
    advise_plan(
        acting_staff=plan.adviser,
        plan=plan,
        advised_date=on,
        statement="She sews well.",
        signed_by=SignedBy.SIGNATURE,
    )
    return approve_plan(acting_staff=reviewer(), plan=plan, reviewed_date=on)


def reviewer() -> StaffUser:
    """The second advisor."""
    return StaffUser.objects.filter(username="reviewer").first() or staff("reviewer", Role.ADVISOR)


def version_of(plan: Plan) -> PlanVersion:
    """The version handed in last."""
    found: PlanVersion = plan.versions.latest("number")
    return found
