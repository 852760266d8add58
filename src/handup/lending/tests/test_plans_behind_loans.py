"""A loan that asks for a business plan: none, a ready one, one that runs out of cash."""

from datetime import timedelta

import pytest

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.facts import Ask, person_facts
from handup.lending.models import Application
from handup.lending.tests.cast import START, World, applied, make_product, staff
from handup.org.rules.access import Role
from handup.people.rules.codes import ConsentPurpose
from handup.plans.models import Plan
from handup.plans.rules.household import Section, Span
from handup.plans.rules.inputs import Source
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
    start_plan,
    submit_plan,
)

MADE = START - timedelta(days=20)


def ready_plan(world: World, earned_a_day: int) -> Plan:
    """A plan of the borrower, ready ten days before she applies."""
    adviser = world.cast.advisor
    plan = start_plan(
        acting_staff=adviser,
        programme=world.programme,
        person=world.person,
        title="Sewing",
        currency="USD",
        start_month=MADE,
        started_date=MADE,
    )
    lines = (
        HouseholdLineIn(Section.SALES, Span.DAY, earned_a_day),
        HouseholdLineIn(Section.HOUSEHOLD_EXPENSE, Span.DAY, 5_00),
    )
    save_household_sheet(acting_staff=adviser, plan=plan, lines=lines, told_date=MADE)
    ask_finance(
        acting_staff=adviser,
        plan=plan,
        finance=FinanceIn(loan_units=1_200_00, rate_bps=200, instalments=12),
    )
    machine = InvestmentIn("machine", 1_200_00, Source.LOAN, life_months=60)
    save_costing(acting_staff=adviser, plan=plan, costing=CostingIn(investments=(machine,)))
    submit_plan(acting_staff=adviser, plan=plan, submitted_date=MADE)
    advise_plan(
        acting_staff=adviser,
        plan=plan,
        advised_date=MADE,
        statement="She sews well.",
        signed_by=SignedBy.SIGNATURE,
    )
    reviewer = staff("reviewer", Role.ADVISOR)
    return approve_plan(acting_staff=reviewer, plan=plan, reviewed_date=MADE)


def test_without_a_plan_such_a_loan_is_not_applied_for(world: World) -> None:
    rules = {"certificate_required": False, "plan_required": True}
    product = make_product(world.cast, world.direct, "PLANNED", eligibility=rules)
    with pytest.raises(Refusal) as refused:
        applied(world, product_version=product)
    assert "plan" in str(refused.value) or "PLAN_MISSING" in repr(vars(refused.value))
    assert not Application.objects.exists()
    ready_plan(world, earned_a_day=20_00)
    assert applied(world, product_version=product).pk is not None


def test_a_plan_tells_its_red_months_and_its_cover(world: World) -> None:
    ready_plan(world, earned_a_day=6_00)
    key = new_id()
    known = person_facts({key: Ask(world.person.pk, START)}, ConsentPurpose.SERVICE)[key]
    assert known.has_plan
    assert known.plan_dscr is not None
    assert known.plan_dscr < 1
    assert known.months_in_the_red
    assert known.lowest_dscr is not None
    assert known.indebtedness_x100 is None
    day_before = {key: Ask(world.person.pk, MADE - timedelta(days=1))}
    assert not person_facts(day_before, ConsentPurpose.SERVICE)[key].has_plan
