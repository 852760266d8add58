"""The cast of the plans' tests: two advisers, an appraiser, an outsider; Alice bakes."""

from datetime import date

import pytest

from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.staff import staff_with
from handup.people.models import Enterprise, Ownership, Person
from handup.plans.models import Plan
from handup.plans.rules.household import Section, Span
from handup.plans.rules.inputs import Source
from handup.plans.rules.parts import Answer, Harm, Screened
from handup.plans.services import (
    CostingIn,
    FinanceIn,
    HouseholdLineIn,
    InvestmentIn,
    ask_finance,
    save_costing,
    save_household_sheet,
    screen_plan,
    start_plan,
)
from handup.projects.models import Programme

DAY = date(2026, 3, 2)

LINES = (
    HouseholdLineIn(Section.SALES, Span.DAY, 750_00, "bread"),
    HouseholdLineIn(Section.SALES, Span.DAY, 6_000_00, "cakes"),
    HouseholdLineIn(Section.COST_OF_SALES, Span.DAY, 375_00, "flour"),
    HouseholdLineIn(Section.COST_OF_SALES, Span.DAY, 4_800_00, "eggs, butter, sugar"),
    HouseholdLineIn(Section.BUSINESS_EXPENSE, Span.WEEK, 400_00, "gas"),
    HouseholdLineIn(Section.OTHER_INCOME, Span.HALF_MONTH, 12_500_00, "husband's wage"),
    HouseholdLineIn(Section.HOUSEHOLD_EXPENSE, Span.DAY, 200_00, "food"),
    HouseholdLineIn(Section.HOUSEHOLD_EXPENSE, Span.MONTH, 2_500_00, "rent"),
    HouseholdLineIn(Section.HOUSEHOLD_EXPENSE, Span.DAY, 50_00, "bus"),
    HouseholdLineIn(Section.OTHER_EXPENSE, Span.MONTH, 2_000_00, "school"),
    HouseholdLineIn(Section.OTHER_EXPENSE, Span.MONTH, 2_000_00, "doctor"),
    HouseholdLineIn(Section.OTHER_EXPENSE, Span.DAY, 494_04, "other"),
)
COSTING = CostingIn(
    own_cash_units=20_000_00,
    capital_units=100_000_00,
    investments=(
        InvestmentIn("oven", 60_000_00, Source.LOAN, life_months=60),
        InvestmentIn("table", 5_000_00, Source.IN_KIND),
    ),
)
FINANCE = FinanceIn(
    loan_units=60_000_00,
    rate_bps=200,
    instalments=6,
    multiple_units=1_000_00,
    most_units=80_000_00,
    most_grace=2,
    product_code="MICRO",
    purpose="an oven",
)
NO_HARM = tuple(Screened(harm, Answer.NO) for harm in Harm)


@pytest.fixture
def programme(db: None) -> Programme:
    return Programme.objects.create(code="P1", title="First programme", currency="XTS")


@pytest.fixture
def adviser(programme: Programme) -> StaffUser:
    return staff_with("adviser", Role.ADVISOR, scope=ScopeKind.PROJECT, programme_id=programme.pk)


@pytest.fixture
def reviewer(programme: Programme) -> StaffUser:
    return staff_with("reviewer", Role.ADVISOR, scope=ScopeKind.PROJECT, programme_id=programme.pk)


@pytest.fixture
def manager(db: None) -> StaffUser:
    return staff_with("manager", Role.MANAGER)


@pytest.fixture
def appraiser(db: None) -> StaffUser:
    return staff_with("appraiser", Role.APPRAISER)


@pytest.fixture
def officer(db: None) -> StaffUser:
    return staff_with("loan_officer", Role.LOAN_OFFICER)


@pytest.fixture
def outsider(db: None) -> StaffUser:
    """An adviser of another programme."""
    other = Programme.objects.create(code="P2", title="Second programme", currency="XTS")
    return staff_with("outsider", Role.ADVISOR, scope=ScopeKind.PROJECT, programme_id=other.pk)


@pytest.fixture
def alice(programme: Programme, adviser: StaffUser) -> Person:
    office = Office.objects.create(code="O1", name="First office")
    return Person.objects.create(
        registration_no="100000009",
        display_name="Alice Baker",
        sort_key="baker alice",
        programme=programme,
        office=office,
        case_officer=adviser,
        registered_date=DAY,
        registered_by=adviser,
    )


@pytest.fixture
def bakery(alice: Person, programme: Programme, adviser: StaffUser) -> Enterprise:
    enterprise = Enterprise.objects.create(
        code="E1",
        trade="bakery",
        programme=programme,
        registered_date=DAY,
        registered_by=adviser,
    )
    Ownership.objects.create(enterprise=enterprise, person=alice, from_date=DAY)
    return enterprise


@pytest.fixture
def plan(alice: Person, bakery: Enterprise, programme: Programme, adviser: StaffUser) -> Plan:
    """A plan just started."""
    return start_plan(
        acting_staff=adviser,
        programme=programme,
        person=alice,
        enterprise=bakery,
        title="Bread and cakes",
        currency="XTS",
        start_month=date(2026, 4, 1),
        started_date=DAY,
        horizon_months=6,
    )


@pytest.fixture
def written(plan: Plan, adviser: StaffUser) -> Plan:
    """A plan with all its parts, not yet handed in."""
    save_household_sheet(acting_staff=adviser, plan=plan, lines=LINES, told_date=DAY)
    save_costing(acting_staff=adviser, plan=plan, costing=COSTING)
    ask_finance(acting_staff=adviser, plan=plan, finance=FINANCE)
    screen_plan(acting_staff=adviser, plan=plan, answers=NO_HARM, screened_date=DAY)
    return plan
