"""One record of each kind the addresses of `plans` name, for the tests that walk every address."""

from datetime import date

from django.db.models import Model

from handup.org.models import Office, StaffUser
from handup.people.models import Person
from handup.plans.models import (
    Benchmark,
    CrossCheck,
    PlanDifference,
    PlanReference,
    PlanVersion,
)
from handup.plans.rules.benchmarks import Basis, Finding, Measure
from handup.plans.rules.states import VisitKind
from handup.plans.services import (
    ActionIn,
    ask_finance,
    save_action_points,
    save_costing,
    save_household_sheet,
    schedule_visits,
    start_plan,
    submit_plan,
)
from handup.plans.tests.conftest import COSTING, DAY, FINANCE, LINES
from handup.projects.models import Programme


def make(staff: StaffUser, office: Office) -> list[Model]:
    """A plan handed in, with a visit planned, of a person of this office."""
    programme = Programme.objects.create(code="WALK-P", title="Walk", currency="XTS")
    person = Person.objects.create(
        registration_no="100000025",
        display_name="Dora Baker",
        sort_key="baker dora",
        programme=programme,
        office=office,
        registered_date=DAY,
        registered_by=staff,
    )
    plan = start_plan(
        acting_staff=staff,
        programme=programme,
        person=person,
        office=office,
        title="Bread",
        currency="XTS",
        start_month=date(2026, 4, 1),
        started_date=DAY,
        horizon_months=6,
    )
    save_household_sheet(acting_staff=staff, plan=plan, lines=LINES, told_date=DAY)
    save_costing(acting_staff=staff, plan=plan, costing=COSTING)
    ask_finance(acting_staff=staff, plan=plan, finance=FINANCE)
    save_action_points(
        acting_staff=staff, plan=plan, points=[ActionIn("Buy the oven", "Dora", DAY)]
    )
    point = plan.action_points.get()
    version = submit_plan(acting_staff=staff, plan=plan, submitted_date=DAY)
    (visit,) = schedule_visits(
        acting_staff=staff,
        person=person,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[DAY],
        plan=plan,
    )
    return [plan, visit, version, person, point, programme, *_beside(version)]


def _beside(version: PlanVersion) -> list[Model]:
    """What is usual, a claim of the version beside it, and a phone that came to something else."""
    benchmark = Benchmark.objects.create(
        programme=version.plan.programme,
        trade="bakery",
        measure=Measure.MARKUP.value,
        currency="XTS",
        visits=12,
        low=1_000,
        middle=1_500,
        high=2_000,
        as_of_date=DAY,
    )
    check = CrossCheck.objects.create(
        version=version,
        measure=Measure.STOCK.value,
        finding=Finding.IN_RANGE.value,
        basis=Basis.AREA.value,
        claimed=5_00,
        low=1_00,
        middle=5_00,
        high=9_00,
        visits=12,
    )
    difference = PlanDifference.objects.create(
        version=version,
        told_by=version.frozen_by,
        engine_version="plans-0",
        figures=1,
        found=[["lowest_cash", "1", "2"]],
    )
    reference = PlanReference.objects.create(
        plan=version.plan,
        source="NEIGHBOUR",
        opinion="GOOD",
        asked_date=DAY,
        asked_by=version.plan.adviser,
    )
    return [benchmark, check, difference, reference]
