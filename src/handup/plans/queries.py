"""Reads of plans used in more than one place; `lending` appraises by `plan_facts`."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet, TextField
from django.db.models.functions import Cast

from handup.kernel.dates import whole_months_between
from handup.org.prepared import prepared
from handup.people.models import Person
from handup.plans.models import ActualMonth, Plan, PlanVersion, Segment, Visit
from handup.plans.rules.actuals import MonthTold, Variance, months_to_worry, variance
from handup.plans.rules.affordability import Concern
from handup.plans.rules.figures import MonthFigures, VersionFigures
from handup.plans.rules.segments import SegmentLine, segment_of
from handup.plans.rules.states import ON_TIME_DAYS, PlanState, VisitKind, VisitState, ready_until
from handup.projects.models import Programme

TOLD_FIELDS = MonthTold._fields


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A visit that was made."""

    kind: str
    visit_date: date
    visitor_id: UUID


@dataclass(frozen=True, slots=True)
class CheckFact:
    """A measure of the plan beside the usual: claimed and reckoned with (None where the claim
    stands), and why it was let stand. Basis points of the mark-up, else smallest units.
    """

    measure: str
    finding: str
    basis: str
    claimed: int | None
    adjusted: int | None
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """The frozen facts an appraisal goes by; no protected status is among them.

    Amounts are smallest units of `currency`, ratios decimal texts, None where not defined. They can
    be worked out again from the version's inputs and engine.
    """

    plan_id: UUID
    version_id: UUID
    sha256: str
    engine_version: str
    depth: str
    state: str
    ready_until: date | None
    currency: str
    asked_units: int | None
    net_cash: int | None
    max_instalment: int | None
    max_loan: int | None
    plan_dscr: str | None
    lowest_dscr: str | None
    months_in_red: tuple[int, ...]
    lowest_cash: int
    what_ifs: tuple[Mapping[str, Any], ...]
    gap: int
    smallest_loan: int | None
    shortest_grace: int | None
    own_share: str | None
    liabilities: int
    indebtedness_percent: str | None
    concerns: tuple[str, ...]
    segment: str
    adviser_id: UUID
    advised_by_id: UUID | None
    reviewed_by_id: UUID | None
    visits: tuple[VisitFact, ...]
    checks: tuple[CheckFact, ...]
    is_adjusted: bool


def current_version(plan: Plan) -> PlanVersion | None:
    """The version handed in last, None before that."""
    version: PlanVersion | None = plan.versions.exclude(inputs={}).order_by("-number").first()
    return version


def plan_facts(plan: Plan, version: PlanVersion | None = None) -> PlanFacts | None:
    """What an appraisal may know of a plan; None before it was handed in.

    Where a claim was not taken, the figures are those of what is reckoned with.
    """
    version = version or current_version(plan)
    if version is None:
        return None
    inputs, results = version.inputs, version.adjusted or version.results
    budget, finance = results["budget"], inputs["finance"]
    return PlanFacts(
        plan_id=plan.pk,
        version_id=version.pk,
        sha256=version.sha256,
        engine_version=version.engine_version,
        depth=plan.depth,
        state=plan.state,
        ready_until=ready_until(plan.ready_date) if plan.ready_date else None,
        currency=plan.currency,
        asked_units=finance["loan_units"] if finance else None,
        net_cash=budget["net_cash"] if budget else None,
        max_instalment=results["max_instalment"],
        max_loan=results["max_loan"],
        plan_dscr=results["plan_dscr"],
        lowest_dscr=results["lowest_dscr"],
        months_in_red=tuple(results["months_in_red"]),
        lowest_cash=results["lowest_cash"],
        what_ifs=tuple(results["what_ifs"]),
        gap=results["gap"],
        smallest_loan=results["smallest_loan"],
        shortest_grace=results["shortest_grace"],
        own_share=results["own_share"],
        liabilities=inputs["liabilities_units"],
        indebtedness_percent=results["indebtedness_percent"],
        concerns=tuple(results["concerns"]),
        segment=segment(plan.programme, results["working_capital"]),
        adviser_id=plan.adviser_id,
        advised_by_id=plan.advised_by_id,
        reviewed_by_id=plan.reviewed_by_id,
        visits=_visits(plan),
        checks=_checks(version),
        is_adjusted=bool(version.adjusted),
    )


def _checks(version: PlanVersion) -> tuple[CheckFact, ...]:
    return tuple(
        CheckFact(
            row.measure,
            row.finding,
            row.basis,
            row.claimed,
            row.adjusted if row.is_adjusted else None,
            row.override_reason,
        )
        for row in version.checks.all()
    )


def _visits(plan: Plan) -> tuple[VisitFact, ...]:
    rows = Visit.objects.filter(state=VisitState.DONE)
    rows = rows.filter(person=plan.person_id) if plan.person_id else rows.filter(plan=plan)
    return tuple(
        VisitFact(kind, visit_date, visitor_id)
        for kind, visit_date, visitor_id in rows.order_by("visit_date", "id").values_list(
            "kind", "visit_date", "visitor_id"
        )
        if visit_date is not None
    )


def ready_plans(person: Person, programme: Programme, on: date) -> list[Plan]:
    """Plans of a person that are ready on that day, the newest first."""
    rows = Plan.objects.filter(person=person, programme=programme, state=PlanState.READY)
    return [
        plan
        for plan in rows.order_by("-ready_date", "-id")
        if plan.ready_date is not None and plan.ready_date <= on <= ready_until(plan.ready_date)
    ]


@dataclass(frozen=True, slots=True)
class ReadyPlan:
    """A version of a plan that counted from one day to another."""

    plan_id: UUID
    version_id: UUID
    number: str
    currency: str
    financed: bool
    ready_from: date
    ready_until: date

    def holds(self, on: date) -> bool:
        """Whether it counted on that day."""
        return self.ready_from <= on <= self.ready_until


def ready_by_person(person_ids: Iterable[UUID]) -> dict[UUID, list[ReadyPlan]]:
    """The plans of many persons that were ever ready, oldest first. See ready_by_owner."""
    return ready_by_owner("person_id", person_ids)


def ready_by_owner(column: str, ids: Iterable[UUID]) -> dict[UUID, list[ReadyPlan]]:
    """The plans of many owners that were ever ready, oldest first, in two statements.

    column: person_id, enterprise_id or organisation_id. A plan that was financed counts to the day
    it was decided.
    """
    plans = _READY_BY[column](list(ids))
    if not plans:
        return {}
    versions: dict[UUID, UUID] = dict(_versions_of([plan_id for plan_id, *_rest in plans]))
    found: dict[UUID, list[ReadyPlan]] = {}
    for plan_id, owner_id, number, currency, state, ready, first_ready, decided in plans:
        version_id = versions.get(plan_id)
        if version_id is not None:
            plan = ReadyPlan(
                plan_id,
                version_id,
                number,
                currency,
                state == PlanState.FINANCED,
                first_ready or ready,
                decided or ready_until(ready),
            )
            found.setdefault(owner_id, []).append(plan)
    return found


def _ready_by(column: str) -> Callable[[list[UUID]], list[tuple[Any, ...]]]:
    @prepared
    def ever_ready(ids: list[UUID]) -> QuerySet[Any, Any]:
        plans = Plan.objects.filter(**{f"{column}__in": ids}, ready_date__isnull=False)
        return plans.order_by("ready_date", "id").values_list(
            *("pk", column, "number", "currency", "state"),
            *("ready_date", "first_ready_date", "decided_date"),
        )

    return ever_ready


_READY_BY = {
    column: _ready_by(column) for column in ("person_id", "enterprise_id", "organisation_id")
}


@prepared
def _versions_of(plan_ids: list[UUID]) -> QuerySet[Any, Any]:
    """The versions of plans, the last one last; one blanked by an erasure is left out."""
    rows = PlanVersion.objects.filter(plan__in=plan_ids).exclude(inputs={})
    return rows.order_by("number").values_list("plan_id", "pk")


def figures_of(version_ids: Iterable[UUID]) -> dict[UUID, VersionFigures]:
    """What versions say, by their ids, in one statement; one blanked by an erasure is left out.

    Where a claim was not taken, it is what is reckoned with.
    """
    found: dict[UUID, VersionFigures] = {}
    ids = list(version_ids)
    if not ids:  # the ORM would build the whole question to find that nothing is asked
        return found
    for plan_id, version_id, *told, inputs, results, adjusted in _versions_told(ids):
        names = zip(_TOLD, told, strict=True)
        found[version_id] = VersionFigures(
            plan_id=plan_id,
            version_id=version_id,
            **dict(names),
            **_said(inputs, results if adjusted == "{}" else adjusted),
        )
    return found


_TOLD = (
    *("plan_number", "version_number", "sha256", "engine_version", "currency", "start_month"),
    *("advised_by_id", "reviewed_by_id"),
)


@prepared
def _versions_told(version_ids: list[UUID]) -> QuerySet[Any, Any]:
    """Versions with their plan's words; inputs and results as they are written, not read yet."""
    rows = PlanVersion.objects.filter(pk__in=version_ids).exclude(inputs={}).order_by()
    return rows.values_list(
        *("plan_id", "pk", "plan__number", "number", "sha256", "engine_version"),
        *("plan__currency", "plan__start_month", "plan__advised_by_id", "plan__reviewed_by_id"),
        Cast("inputs", TextField()),
        Cast("results", TextField()),
        Cast("adjusted", TextField()),
    )


@lru_cache(maxsize=512)
def _said(inputs_text: str, results_text: str) -> dict[str, Any]:
    """The figures among what a version froze; families with the same loan often share one."""
    inputs, results = json.loads(inputs_text), json.loads(results_text)
    finance, budget = inputs["finance"] or {}, results["budget"] or {}
    dscr, lowest, debts = (
        None if results[name] is None else Fraction(results[name])
        for name in ("plan_dscr", "lowest_dscr", "indebtedness_percent")
    )
    return {
        "loan_units": finance.get("loan_units"),
        "instalments": finance.get("instalments"),
        "withheld_units": finance.get("fee_withheld_units", 0),
        "net_cash_units": budget.get("net_cash"),
        "max_instalment_units": results["max_instalment"],
        "max_loan_units": results["max_loan"],
        "smallest_loan_units": results["smallest_loan"],
        "gap_units": results["gap"],
        "lowest_cash_units": results["lowest_cash"],
        "buffer_units": inputs["buffer_units"],
        "months_in_red": tuple(results["months_in_red"]),
        "plan_dscr": dscr,
        "lowest_dscr": lowest,
        "indebtedness_percent": debts,
        "too_indebted": Concern.TOO_INDEBTED.value in results["concerns"]
        or (debts is not None and debts < 0),
        "months": tuple(
            MonthFigures(
                row["month"], row["available_for_debt"], row["instalment"], row["closing_cash"]
            )
            for row in results["months"]
        ),
    }


def plans_made(programme: Programme, on: date) -> int:
    """Plans that were ready at least once by that day; each counts once."""
    return Plan.objects.filter(programme=programme, first_ready_date__lte=on).count()


def plans_by_state(programme: Programme) -> dict[str, int]:
    """How many plans of a programme stand where."""
    return dict(Counter(Plan.objects.filter(programme=programme).values_list("state", flat=True)))


def overdue_visits(on: date) -> QuerySet[Visit]:
    """Planned visits more than a week past their day."""
    limit = on - timedelta(days=ON_TIME_DAYS)
    return Visit.objects.filter(state=VisitState.PLANNED, planned_date__lt=limit)


def loan_use_checked(plan: Plan) -> bool:
    """Whether somebody looked what the loan was used for."""
    kinds = plan.visits.filter(state=VisitState.DONE, kind=VisitKind.LOAN_USE)
    return kinds.exists()


def segment(programme: Programme, working_capital_units: int) -> str:
    """The class of an enterprise by its working capital; "" where the programme has no table."""
    table = [
        SegmentLine(*row)
        for row in Segment.objects.filter(programme=programme).values_list(
            "code", "from_units", "to_units"
        )
    ]
    return segment_of(working_capital_units, table)


@dataclass(frozen=True, slots=True)
class MonthBeside:
    """One month of a plan beside what was told of it; None where nobody told."""

    number: int
    month: date
    planned_sales: int
    told_sales: int | None
    sales: Variance | None
    profit: int | None
    told_differs: bool


def plan_and_actual(plan: Plan, version: PlanVersion | None = None) -> list[MonthBeside]:
    """Every month of the version handed in beside what visits found."""
    version = version or current_version(plan)
    if version is None:
        return []
    told = told_months(plan.actual_months.filter(replaced_by=None), plan.start_month)
    beside: list[MonthBeside] = []
    for row in version.results["months"]:
        actual = told.get(row["month"])
        sales = actual.sales if actual else None
        beside.append(
            MonthBeside(
                number=row["month"],
                month=_month_of(plan.start_month, row["month"]),
                planned_sales=row["sales"],
                told_sales=sales,
                sales=None if sales is None else variance(sales, row["sales"]),
                profit=actual.profit if actual else None,
                told_differs=actual.told_differs if actual else False,
            )
        )
    return beside


def alarming_months(plan: Plan, version: PlanVersion | None = None) -> tuple[int, ...]:
    """Month numbers whose sales or cash call for a visit."""
    version = version or current_version(plan)
    if version is None:
        return ()
    told = told_months(plan.actual_months.filter(replaced_by=None), plan.start_month)
    planned = [row["sales"] for row in version.results["months"]]
    return months_to_worry(told, planned, version.inputs["buffer_units"])


def told_months(rows: Iterable[ActualMonth], start_month: date) -> dict[int, MonthTold]:
    """What was told, by number of month."""
    return {
        whole_months_between(start_month, row.month) + 1: MonthTold(
            *(getattr(row, f"{name}_units") for name in TOLD_FIELDS)
        )
        for row in rows
    }


def _month_of(start_month: date, number: int) -> date:
    index = start_month.year * 12 + start_month.month - 1 + number - 1
    return date(index // 12, index % 12 + 1, 1)


def visits_on_time(programme: Programme) -> tuple[int, int]:
    """Visits made within a week of their day, and all planned visits that were made."""
    made = Visit.objects.filter(
        programme=programme, state=VisitState.DONE, planned_date__isnull=False
    )
    week = timedelta(days=ON_TIME_DAYS)
    timely = made.filter(
        visit_date__gte=F("planned_date") - week, visit_date__lte=F("planned_date") + week
    )
    return timely.count(), made.count()
