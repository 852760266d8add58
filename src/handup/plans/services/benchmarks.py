"""What is usual in a trade and area, worked out from the programme's own visits; a version of a
plan held against it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.duties import require_other_person
from handup.org.models import Area, StaffUser
from handup.org.permissions import require
from handup.people.models import Enterprise
from handup.people.queries.persons import hidden_from_all
from handup.plans.freezing import frozen_of
from handup.plans.models import ActualMonth, Benchmark, CrossCheck, Plan, PlanVersion
from handup.plans.models.labels import PLAN_STATE
from handup.plans.refusals import (
    ClaimStands,
    DayTooOld,
    InTheFuture,
    NotInThisState,
    ReasonMissing,
)
from handup.plans.rules.actuals import MonthTold
from handup.plans.rules.benchmarks import (
    MONTHS_BACK,
    Basis,
    Checked,
    Finding,
    Measure,
    Usual,
    adjust,
    check,
    observed,
    usual_markup,
    usual_of,
)
from handup.plans.rules.inputs import PlanInputs, from_json
from handup.plans.rules.states import PlanState, VisitState
from handup.projects.models import Programme

UNDER_REVIEW = (PlanState.SUBMITTED, PlanState.ADVISED, PlanState.REVIEWED)
Key = tuple[str, UUID | None, Measure, str]


def work_out_benchmarks(
    *, acting_staff: StaffUser, programme: Programme, on: date
) -> list[Benchmark]:
    """Work out anew what is usual in a programme, from the visits of the two years before a day.

    Raises InTheFuture, DayTooOld: what holds today is not replaced by what no visit tells.
    """
    require(acting_staff, "plans.work_out_benchmarks", programme)
    today = timezone.localdate()
    if on > today:
        raise InTheFuture(field="on", date=on.isoformat())
    if on < add_months(today, -MONTHS_BACK):
        raise DayTooOld(field="on", date=on.isoformat(), months=MONTHS_BACK)
    with transaction.atomic():
        rows = renew_benchmarks(programme, on)
        audit.record(
            acting_staff, "plans.work_out_benchmarks", programme, {"benchmarks": len(rows)}
        )
    return rows


@transaction.atomic
def renew_benchmarks(programme: Programme, on: date) -> list[Benchmark]:
    """Put what the visits say in the place of what they said before.

    A visit counts when it was made, for the months told at it that contradict themselves nowhere.
    Of whom nobody may know anything, nothing counts; nor does what is mostly one business's: its
    own middle is nobody's to read.
    """
    Programme._base_manager.select_for_update().get(pk=programme.pk)
    values: dict[Key, list[int]] = defaultdict(list)
    businesses: dict[Key, Counter[UUID]] = defaultdict(Counter)
    for visit in _visits(programme, on):
        for measure, value in observed(visit.months).items():
            for area in (*visit.areas, None):
                key = (visit.trade, area, measure, visit.currency)
                values[key].append(value)
                businesses[key][visit.enterprise] += 1
    usual = {
        key: usual_of(told, len(businesses[key]), max(businesses[key].values()))
        for key, told in values.items()
    }
    rows = [
        Benchmark(
            programme=programme,
            trade=trade,
            area_id=area,
            measure=measure.value,
            currency=currency,
            as_of_date=on,
            **found._asdict(),
        )
        for (trade, area, measure, currency), found in usual.items()
        if found is not None
    ]
    Benchmark.objects.filter(programme=programme).delete()
    return Benchmark.objects.bulk_create(rows)


@dataclass(slots=True)
class _Visited:
    """One visit: whose, where (from the village up), and the months told at it."""

    enterprise: UUID
    trade: str
    currency: str
    areas: tuple[UUID, ...]
    months: list[MonthTold] = field(default_factory=list)


def _visits(programme: Programme, on: date) -> Iterator[_Visited]:
    rows = (
        ActualMonth._base_manager.filter(
            plan__programme=programme,
            plan__enterprise__isnull=False,
            replaced_by=None,
            visit__state=VisitState.DONE,
            visit__visit_date__gt=add_months(on, -MONTHS_BACK),
            visit__visit_date__lte=on,
        )
        .exclude(plan__person__in=hidden_from_all())
        .select_related("plan__enterprise__area", "plan__person__area")
        .order_by("visit_id", "month")
    )
    places = _Places()
    found: dict[UUID, _Visited] = {}
    for row in rows.iterator(chunk_size=500):
        told = MonthTold(*(getattr(row, f"{name}_units") for name in MonthTold._fields))
        if told.told_differs or row.visit_id is None:
            continue
        visit = found.get(row.visit_id)
        if visit is None:
            plan, enterprise = row.plan, row.plan.enterprise
            assert enterprise is not None, "asked for with their enterprises alone"
            visit = found[row.visit_id] = _Visited(
                enterprise.pk, trade_of(enterprise), plan.currency, places.above(plan)
            )
        visit.months.append(told)
    yield from found.values()


def trade_of(enterprise: Enterprise | None) -> str:
    """What a trade is compared by: its code, else its word; "" of no enterprise."""
    if enterprise is None:
        return ""
    return enterprise.trade_code or enterprise.trade.strip().casefold()


class _Places:
    """The areas a plan lies in, from the village up; each path is looked up once."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[UUID, ...]] = {"": ()}

    def above(self, plan: Plan) -> tuple[UUID, ...]:
        """The ids of its area and of all that hold it, the narrowest first."""
        area: Area | None = plan.enterprise.area if plan.enterprise else None
        if area is None and plan.person is not None:
            area = plan.person.area
        path = area.path if area else ""
        if path not in self.known:
            codes = path.strip("/").split("/")
            steps = ["/" + "/".join(codes[: n + 1]) + "/" for n in range(len(codes))]
            ids = dict(Area.objects.filter(path__in=steps).values_list("path", "pk"))
            self.known[path] = tuple(ids[step] for step in reversed(steps) if step in ids)
        return self.known[path]


class BenchmarkBook:
    """What is usual in some programmes, read once, for the plans of them."""

    def __init__(self, programmes: Iterable[UUID]) -> None:
        self.rows: dict[tuple[UUID, str, UUID | None, str, str], Benchmark] = {
            (row.programme_id, row.trade, row.area_id, row.measure, row.currency): row
            for row in Benchmark._base_manager.filter(programme__in=list(programmes))
        }
        self.places = _Places()

    def usual(self, plan: Plan) -> dict[Measure, tuple[Basis, Usual, UUID | None]]:
        """The usual of each measure where the plan lies, else in the next wider area that has one,
        else as it was set for the trade.
        """
        trade = trade_of(plan.enterprise)
        found: dict[Measure, tuple[Basis, Usual, UUID | None]] = {}
        if plan.enterprise is None:
            return found
        areas = (*self.places.above(plan), None)
        for measure in Measure:
            for place, area in enumerate(areas):
                key = (plan.programme_id, trade, area, measure.value, plan.currency)
                row = self.rows.get(key)
                if row is not None:
                    basis = Basis.WIDER_AREA if place else Basis.AREA
                    known = Usual(row.low, row.middle, row.high, row.visits)
                    found[measure] = (basis, known, area)
                    break
        default = usual_markup(plan.enterprise.trade_code)
        if default is not None:
            found.setdefault(Measure.MARKUP, (Basis.DEFAULT, default, None))
        return found


def hold_against_usual(version: PlanVersion, book: BenchmarkBook) -> list[CrossCheck]:
    """Hold a version that is not stored yet against the usual: its checks, not stored either. What
    nobody knows the usual of is left out. Where a claim is not taken, the version is worked out
    with what is reckoned with as well.
    """
    usual = book.usual(version.plan)
    if not usual:
        return []
    inputs = from_json(version.inputs)
    checks = check(inputs, {measure: told[:2] for measure, told in usual.items()})
    version.adjusted = _results(inputs, checks)
    return [
        _row(version, item, usual[item.measure][2])
        for item in checks
        if item.finding is not Finding.NO_BENCHMARK
    ]


def _row(version: PlanVersion, item: Checked, area: UUID | None) -> CrossCheck:
    usual = item.usual
    return CrossCheck(
        id=new_id(),
        version=version,
        measure=item.measure.value,
        finding=item.finding.value,
        basis=item.basis.value,
        area_id=area,
        claimed=item.claimed,
        adjusted=item.adjusted,
        visits=usual.visits if usual else 0,
        low=usual.low if usual else None,
        middle=usual.middle if usual else None,
        high=usual.high if usual else None,
    )


def _results(inputs: PlanInputs, checks: Sequence[Checked]) -> dict[str, Any]:
    reckoned = adjust(inputs, checks)
    return {} if reckoned == inputs else frozen_of(reckoned).results


def reckoned_with(version: PlanVersion, checks: Iterable[CrossCheck]) -> dict[str, Any]:
    """What a stored version comes to with what its checks reckon with; empty where all stands."""
    told = [
        Checked(
            Measure(row.measure),
            Finding(row.finding),
            Basis(row.basis),
            row.claimed,
            adjusted=row.adjusted,
        )
        for row in sorted(checks, key=lambda row: list(Measure).index(Measure(row.measure)))
        if row.is_adjusted
    ]
    return _results(from_json(version.inputs), told)


def let_claim_stand(
    *, acting_staff: StaffUser, check: CrossCheck, reason: str, on: date | None = None
) -> CrossCheck:
    """Let a claim stand that was adjusted, with the reason: who reviews has seen why it is so.

    Raises NotInThisState but while the plan is read, ClaimStands, ReasonMissing, and SamePerson or
    ReasonNeeded by profile when the adviser lets her own plan's claim stand.
    """
    plan: Plan = check.version.plan
    require(acting_staff, "plans.let_claim_stand", plan)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    if PlanState(plan.state) not in UNDER_REVIEW or _is_old(check.version):
        raise NotInThisState(state=str(PLAN_STATE[PlanState(plan.state)]))
    with transaction.atomic():
        version = PlanVersion.objects.select_for_update().get(pk=check.version_id)
        row: CrossCheck = CrossCheck.objects.get(pk=check.pk)
        if not row.is_adjusted:
            raise ClaimStands
        require_other_person(
            *(acting_staff, plan.adviser_id, plan.advised_by_id, version.frozen_by_id),
            step="plans.let_claim_stand",
            reason=reason,
            obj=plan,
        )
        row.overridden_by = acting_staff
        row.overridden_date = on or timezone.localdate()
        row.override_reason = reason.strip()
        row.save(update_fields=["overridden_by", "overridden_date", "override_reason"])
        version.adjusted = reckoned_with(version, version.checks.all())
        version.save(update_fields=["adjusted"])
        audit.record(acting_staff, "plans.let_claim_stand", row, {"measure": row.measure})
    return row


def _is_old(version: PlanVersion) -> bool:
    return PlanVersion.objects.filter(plan=version.plan_id, number__gt=version.number).exists()


def renew_where_visited(on: date) -> None:
    """Renew the benchmarks of every programme whose visits told anything in the two years."""
    told = Q(plans__actual_months__visit__visit_date__gt=add_months(on, -MONTHS_BACK))
    stale = Q(benchmarks__isnull=False)
    for programme in Programme._base_manager.filter(told | stale).distinct().order_by("pk"):
        renew_benchmarks(programme, on)
