"""Plans made on paper, taken over many at once: the same rows and fingerprints as one by one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from handup.kernel.ids import new_id
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed
from handup.people.models import Enterprise, Person
from handup.plans import freezing, refusals, verify
from handup.plans.freezing import inputs_of
from handup.plans.models import HouseholdLine, Plan, PlanVersion
from handup.plans.rules.states import PlanState, SignedBy
from handup.plans.services import (
    PaperPlan,
    advise_plan,
    approve_plan,
    submit_plan,
    take_over_plans,
    work_out_ahead,
)
from handup.plans.tests.conftest import COSTING, DAY, FINANCE, LINES, NO_HARM
from handup.projects.models import Programme


@pytest.fixture
def paper(
    alice: Person,
    bakery: Enterprise,
    programme: Programme,
    adviser: StaffUser,
    reviewer: StaffUser,
) -> PaperPlan:
    return PaperPlan(
        person=alice,
        programme=programme,
        enterprise=bakery,
        title="Bread and cakes",
        currency="XTS",
        start_month=DAY.replace(month=4, day=1),
        started_date=DAY,
        horizon_months=6,
        lines=LINES,
        costing=COSTING,
        finance=FINANCE,
        adviser=adviser,
        statement="The oven doubles what she can bake.",
        signed_by=SignedBy.PAPER,
        screening=NO_HARM,
        advised_date=DAY,
        reviewer=reviewer,
        reviewed_date=DAY,
    )


def without(row: Any, *names: str) -> dict[str, Any]:
    left_out = {"id", "recorded_at", "number", "plan", "sheet", *names}
    fields = [field for field in row._meta.concrete_fields if field.name not in left_out]
    return {field.name: getattr(row, field.attname) for field in fields}


def test_both_ways_give_the_same_rows_and_fingerprint(
    paper: PaperPlan, written: Plan, adviser: StaffUser, reviewer: StaffUser, manager: StaffUser
) -> None:
    submit_plan(acting_staff=adviser, plan=written, submitted_date=DAY)
    advise_plan(
        acting_staff=adviser,
        plan=written,
        advised_date=DAY,
        statement=paper.statement,
        signed_by=SignedBy.PAPER,
    )
    approve_plan(acting_staff=reviewer, plan=written, reviewed_date=DAY)
    (taken,) = take_over_plans(acting_staff=manager, plans=[paper])
    taken.refresh_from_db()
    written.refresh_from_db()
    assert without(taken, "edition") == without(written, "edition")  # counts how often it was saved
    one, other = taken.versions.get(), written.versions.get()
    assert without(one) == without(other)
    assert inputs_of(taken) == inputs_of(written)
    for part in ("investments", "products", "costs"):
        pair = [[without(row) for row in getattr(plan, part).all()] for plan in (taken, written)]
        assert pair[0] == pair[1]
    lines = [
        [without(row) for row in plan.household_sheet.lines.all()] for plan in (taken, written)
    ]
    assert lines[0] == lines[1]
    assert without(taken.finance_ask) == without(written.finance_ask)
    assert list(verify.changed_versions()) == []


def test_many_plans_cost_few_statements_and_one_audit_line_each(
    paper: PaperPlan, manager: StaffUser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    papers = [replace(paper, title=f"Plan {number}", enterprise=None) for number in range(20)]
    with django_assert_max_num_queries(16):
        plans = take_over_plans(acting_staff=manager, plans=papers)
    assert [plan.title for plan in plans] == [item.title for item in papers]
    assert Plan.objects.filter(state=PlanState.READY).count() == 20
    assert HouseholdLine.objects.count() == 20 * len(LINES)
    assert AuditLine.objects.filter(action="plans.take_over_plans").count() == 20


def test_taking_over_twice_changes_nothing(paper: PaperPlan, manager: StaffUser) -> None:
    marked = replace(paper, id=new_id())
    first = take_over_plans(acting_staff=manager, plans=[marked])
    assert take_over_plans(acting_staff=manager, plans=[marked]) == first
    with pytest.raises(SameIdOtherContent):
        take_over_plans(acting_staff=manager, plans=[replace(marked, title="Other")])
    assert PlanVersion.objects.count() == 1


def test_one_refused_plan_leaves_nothing_of_the_batch(
    paper: PaperPlan, manager: StaffUser, adviser: StaffUser
) -> None:
    stranger = Enterprise.objects.create(
        code="E9", trade="taxi", registered_date=DAY, registered_by=adviser
    )
    wrong = {
        refusals.NotHerEnterprise: replace(paper, enterprise=stranger),
        refusals.StatementMissing: replace(paper, statement=" "),
        refusals.SpendingMissing: replace(paper, lines=LINES[:2]),
        refusals.NegativeAmount: replace(paper, finance=replace(FINANCE, loan_units=0)),
        SamePerson: replace(paper, reviewer=adviser),
    }
    for refusal, item in wrong.items():
        with pytest.raises(refusal):
            take_over_plans(acting_staff=manager, plans=[paper, item])
    with pytest.raises(NotAllowed):
        take_over_plans(acting_staff=adviser, plans=[paper])
    assert not Plan.objects.exists()


def test_plans_worked_out_ahead_are_those_worked_out_on_the_spot(
    paper: PaperPlan, manager: StaffUser
) -> None:
    papers = [paper, replace(paper, finance=replace(FINANCE, loan_units=FINANCE.loan_units // 2))]
    broken = replace(paper, finance=replace(FINANCE, instalments=99))
    with ThreadPoolExecutor(1) as pool:
        work_out_ahead([*papers, broken], pool)
    ahead = [plan.versions.get() for plan in take_over_plans(acting_staff=manager, plans=papers)]
    freezing.ahead.forget()
    freezing._once.cache_clear()
    later = [plan.versions.get() for plan in take_over_plans(acting_staff=manager, plans=papers)]
    assert [row.sha256 for row in ahead] == [row.sha256 for row in later]
    assert [row.results for row in ahead] == [row.results for row in later]
