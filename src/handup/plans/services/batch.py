"""Plans made on paper and taken over with all their steps, many in one transaction.

The same rules as the services one by one: the parts, the frozen version, two people. A test proves
that both ways give the same rows and fingerprints.
"""

from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import models, transaction

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import insert_rows
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import Office, StaffUser
from handup.org.permissions import require, require_all
from handup.people.models import Enterprise, Ownership, Person
from handup.plans.freezing import ahead, inputs_from, words_of
from handup.plans.models import (
    CostLine,
    CrossCheck,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Investment,
    Plan,
    PlanVersion,
    ProductLine,
    Screening,
)
from handup.plans.refusals import NotHerEnterprise, StatementMissing
from handup.plans.rules.household import MonthConvention
from handup.plans.rules.inputs import PlanInputs
from handup.plans.rules.parts import Screened
from handup.plans.rules.states import Depth, PlanState, SignedBy
from handup.plans.services.benchmarks import BenchmarkBook, hold_against_usual
from handup.plans.services.numbers import free_numbers
from handup.plans.services.parts import (
    CostingIn,
    FinanceIn,
    HouseholdLineIn,
    check_amounts,
    cost_rows,
    fill_ask,
    fill_money,
    investment_rows,
    line_rows,
    product_rows,
)
from handup.plans.services.plans import (
    check_advice,
    check_spending,
    version_row,
)
from handup.plans.services.words import as_stored
from handup.projects.models import Programme

CHUNK = 500
NO_COSTING = CostingIn()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperPlan:
    """A plan as it stands on paper, advised by one person and reviewed by another."""

    person: Person
    programme: Programme
    title: str
    currency: str
    start_month: date
    started_date: date
    lines: tuple[HouseholdLineIn, ...]
    finance: FinanceIn
    adviser: StaffUser
    statement: str
    signed_by: SignedBy
    advised_date: date
    reviewer: StaffUser
    reviewed_date: date
    screening: tuple[Screened, ...]
    costing: CostingIn = NO_COSTING
    enterprise: Enterprise | None = None
    office: Office | None = None
    idea: str = ""
    horizon_months: int = 12
    depth: Depth = Depth.LIGHT
    convention: MonthConvention = MonthConvention.DAYS_28
    miscellaneous_bps: int = 1_000
    note: str = ""
    id: UUID | None = None


def take_over_plans(*, acting_staff: StaffUser, plans: Sequence[PaperPlan]) -> list[Plan]:
    """Take over plans made on paper: each is stored as ready, with its version and both people.

    Nothing of a batch of at most 500 is stored when one of its plans is refused. Raises what the
    steps one by one raise: NotHerEnterprise, NegativeAmount, BadPlan, HorizonTooShort,
    StatementMissing, SpendingMissing, SpendingLow, SoldBelowCost, what the screening refuses,
    SamePerson, SameIdOtherContent. How deep a plan went is as it stands on its paper.
    """
    require(acting_staff, "plans.take_over_plans")
    stored: list[Plan] = []
    for place in range(0, len(plans), CHUNK):
        with transaction.atomic():
            stored += _take_over(acting_staff, plans[place : place + CHUNK])
    return stored


def _take_over(acting_staff: StaffUser, items: Sequence[PaperPlan]) -> list[Plan]:
    known = [
        already_stored(Plan, item.id, acting_staff, person=item.person, title=item.title)
        for item in items
    ]
    new = [item for item, row in zip(items, known, strict=True) if row is None]
    _check_enterprises(new)
    numbers = iter(free_numbers(len(new)))
    batch = _Batch(BenchmarkBook({item.programme.pk for item in new}))
    made = iter([batch.add(item, next(numbers)) for item in new])
    plans = [next(made) if row is None else row for row in known]
    require_all(acting_staff, "plans.take_over_plans", plans)
    batch.store()
    audit.record_many(
        audit.line(acting_staff, "plans.take_over_plans", version.plan, {"sha256": version.sha256})
        for version in batch.rows[PlanVersion]
    )
    return plans


def _check_enterprises(items: Sequence[PaperPlan]) -> None:
    asked = {(item.enterprise.pk, item.person.pk) for item in items if item.enterprise}
    owned = Ownership.objects.filter(enterprise__in=[pk for pk, _person in asked], to_date=None)
    if asked - set(owned.values_list("enterprise_id", "person_id")):
        raise NotHerEnterprise(field="enterprise")


class _Batch:
    """Rows of many plans, kept by table until they are stored."""

    def __init__(self, book: BenchmarkBook) -> None:
        self.rows: dict[type[models.Model], list[Any]] = {
            table: []
            for table in (
                Plan,
                HouseholdSheet,
                HouseholdLine,
                Investment,
                ProductLine,
                CostLine,
                FinanceAsk,
                Screening,
                PlanVersion,
                CrossCheck,
            )
        }
        self.book = book

    def add(self, item: PaperPlan, number: str) -> Plan:
        """Build the rows of one plan."""
        check_amounts(item.lines, item.costing, item.finance)
        if not item.statement.strip():
            raise StatementMissing(field="statement")
        require_other_person(item.reviewer, item.adviser, step="plans.approve_plan")
        plan, rows, inputs = _rows(item, number)
        version = version_row(plan, inputs, item.adviser, item.advised_date)
        checks = hold_against_usual(version, self.book)
        check_spending(checks, item.note)
        for row in (*rows, version, *checks):
            self.rows[type(row)].append(row)
        return plan

    def store(self) -> None:
        """Store all rows, table by table, plans first."""
        for rows in self.rows.values():
            insert_rows(rows)


def _rows(item: PaperPlan, number: str) -> tuple[Plan, list[models.Model], PlanInputs]:
    """The rows of one plan, not stored, and what it is worked out from."""
    plan = _plan_row(item, number)
    sheet = HouseholdSheet(
        plan=plan,
        convention=item.convention.value,
        miscellaneous_bps=item.miscellaneous_bps,
        told_date=item.started_date,
        note=item.note,
    )
    ask = FinanceAsk(plan=plan)
    fill_ask(ask, plan, item.finance)
    lines = line_rows(sheet, item.lines)
    things = investment_rows(plan, item.costing)
    products = product_rows(plan, item.costing)
    costs = cost_rows(plan, item.costing)
    check_advice(plan, lines, products, item.screening)
    screening = Screening(
        plan=plan, answers=as_stored(item.screening), screened_date=item.advised_date
    )
    inputs = inputs_from(plan, sheet, lines, things, products, costs, ask)
    inputs = replace(inputs, words=words_of(screening))
    return plan, [plan, sheet, *lines, *things, *products, *costs, ask, screening], inputs


def work_out_ahead(plans: Iterable[PaperPlan], pool: Executor) -> None:
    """Let another process work plans out before they are taken over; one that cannot be worked out
    is refused then.
    """
    different = {_worked_out_from(item): item for item in plans}
    inputs = []
    for item in different.values():
        with suppress(Refusal):
            inputs.append(_rows(item, "")[2])
    ahead.begin(pool, inputs)


def _worked_out_from(item: PaperPlan) -> tuple[object, ...]:
    """All of a plan that its figures depend on."""
    return (
        *(item.currency, item.horizon_months, item.convention, item.miscellaneous_bps),
        *(item.lines, item.costing, item.finance, item.screening),
    )


def _plan_row(item: PaperPlan, number: str) -> Plan:
    plan = Plan(
        id=item.id or new_id(),
        number=number,
        programme=item.programme,
        office=item.office or item.person.office,
        adviser=item.adviser,
        person=item.person,
        enterprise=item.enterprise,
        title=item.title,
        idea=item.idea,
        depth=item.depth.value,
        state=PlanState.READY.value,
        currency=item.currency,
        start_month=item.start_month.replace(day=1),
        horizon_months=item.horizon_months,
        started_date=item.started_date,
        submitted_date=item.advised_date,
        statement=item.statement.strip(),
        signed_by=item.signed_by.value,
        advised_by=item.adviser,
        advised_date=item.advised_date,
        reviewed_by=item.reviewer,
        reviewed_date=item.reviewed_date,
        ready_date=item.reviewed_date,
        first_ready_date=item.reviewed_date,
    )
    fill_money(plan, item.costing)
    return plan
