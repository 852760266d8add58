"""The life of a plan: started, handed in, returned or advised, approved, financed."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.dates import add_months, month_text
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import require_other_person
from handup.org.models import Office, StaffUser
from handup.org.permissions import require
from handup.people.models import Enterprise, Ownership, Person
from handup.people.services.store import refuse_erased
from handup.plans.at_work import refuse_lapsed
from handup.plans.freezing import frozen_of, inputs_of
from handup.plans.models import (
    CrossCheck,
    FinanceAsk,
    HouseholdLine,
    HouseholdSheet,
    Plan,
    PlanVersion,
    ProductLine,
    Screening,
)
from handup.plans.models.labels import PLAN_STATE
from handup.plans.refusals import (
    CommentMissing,
    FinanceMissing,
    InTheFuture,
    MonthTooFar,
    NotHerEnterprise,
    NotInThisState,
    OwnerMissing,
    SheetMissing,
    SoldBelowCost,
    SpendingLow,
    SpendingMissing,
    StatementMissing,
)
from handup.plans.rules.benchmarks import Finding, Measure
from handup.plans.rules.evaluate import ENGINE_VERSION
from handup.plans.rules.household import Section
from handup.plans.rules.inputs import DrawingsFrom, PlanInputs
from handup.plans.rules.parts import Screened
from handup.plans.rules.states import (
    READY_MONTHS,
    Depth,
    PlanState,
    SignedBy,
    may_follow,
    ready_until,
)
from handup.plans.services.benchmarks import BenchmarkBook, hold_against_usual
from handup.plans.services.beside import refuse_unchosen
from handup.plans.services.differences import check_differences
from handup.plans.services.numbers import free_numbers
from handup.plans.services.words import check_parts, check_screening
from handup.projects.models import Organisation, Programme

AT_ONCE = 500
YEARS_AHEAD = 10


def start_plan(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    title: str,
    currency: str,
    start_month: date,
    started_date: date,
    person: Person | None = None,
    enterprise: Enterprise | None = None,
    organisation: Organisation | None = None,
    adviser: StaffUser | None = None,
    office: Office | None = None,
    horizon_months: int = 12,
    depth: Depth = Depth.LIGHT,
    idea: str = "",
    id: UUID | None = None,
) -> Plan:
    """Start the plan of a person (with her enterprise) or of an organisation.

    Raises OwnerMissing, PersonErased, NotHerEnterprise, MonthTooFar, SameIdOtherContent.
    """
    require(acting_staff, "plans.start_plan", person)
    said = {"programme": programme, "person": person, "organisation": organisation, "title": title}
    if (stored := already_stored(Plan, id, acting_staff, **said)) is not None:
        return stored
    if (person is None) == (organisation is None):
        raise OwnerMissing(field="person")
    refuse_erased(person)
    check_start(start_month)
    if person is not None and enterprise is not None:
        check_enterprise(person, enterprise)
    plan = Plan(
        id=id or new_id(),
        number=free_numbers(1)[0],
        programme=programme,
        office=office or (person.office if person is not None else None),
        adviser=adviser or acting_staff,
        person=person,
        enterprise=enterprise,
        organisation=organisation,
        title=title,
        idea=idea,
        depth=depth.value,
        currency=currency,
        start_month=start_month.replace(day=1),
        horizon_months=horizon_months,
        started_date=started_date,
    )
    with transaction.atomic():
        plan.save(force_insert=True)
        require(acting_staff, "plans.start_plan", plan)
        audit.record(acting_staff, "plans.start_plan", plan)
    return plan


def check_start(month: date) -> None:
    """Refuse a first month so far ahead that the year is a slip of the pen. Raises MonthTooFar."""
    if month > add_months(timezone.localdate(), 12 * YEARS_AHEAD):
        raise MonthTooFar(field="start_month", month=month_text(month), years=YEARS_AHEAD)


def check_come(day: date, field: str = "on") -> None:
    """Refuse a day that has not come yet. Raises InTheFuture."""
    if day > timezone.localdate():
        raise InTheFuture(field=field, date=day.isoformat())


def check_enterprise(person: Person, enterprise: Enterprise) -> None:
    """Refuse an enterprise she does not own, or no longer. Raises NotHerEnterprise."""
    if not Ownership.objects.filter(enterprise=enterprise, person=person, to_date=None).exists():
        raise NotHerEnterprise(field="enterprise")


def submit_plan(
    *, acting_staff: StaffUser, plan: Plan, submitted_date: date, id: UUID | None = None
) -> PlanVersion:
    """Hand a plan in: work it out and freeze it as its next version.

    Raises NotInThisState, InTheFuture, SheetMissing, FinanceMissing, PartsMissing (of a full plan),
    BadPlan, HorizonTooShort and what the schedule of the loan refuses.
    """
    require(acting_staff, "plans.submit_plan", plan)
    stored = already_stored(PlanVersion, id, acting_staff, plan=plan, frozen_date=submitted_date)
    if stored is not None:
        return stored
    check_step(plan, PlanState.SUBMITTED)
    check_come(submitted_date)
    if plan.drawings_from == DrawingsFrom.SHEET and not HouseholdSheet.objects.filter(plan=plan):
        raise SheetMissing
    if not FinanceAsk.objects.filter(plan=plan).exists():
        raise FinanceMissing
    check_parts(plan, submitted_date)
    before: PlanVersion | None = plan.versions.order_by("-number").first()
    version = version_row(plan, inputs_of(plan), acting_staff, submitted_date, before)
    version.id = id or version.id
    checks = hold_against_usual(version, BenchmarkBook([plan.programme_id]))
    with transaction.atomic():
        hold_for_step(plan, PlanState.SUBMITTED)
        refuse_unchosen(plan)
        version.save(force_insert=True)
        CrossCheck.objects.bulk_create(checks)
        plan.state = PlanState.SUBMITTED
        plan.submitted_date = submitted_date
        plan.save(update_fields=["state", "submitted_date"])
        audit.record(acting_staff, "plans.submit_plan", plan, {"sha256": version.sha256})
    return version


def version_row(
    plan: Plan,
    inputs: PlanInputs,
    frozen_by: StaffUser,
    frozen_date: date,
    before: PlanVersion | None = None,
) -> PlanVersion:
    """Work a plan out and freeze it, not yet stored."""
    frozen = frozen_of(inputs)
    return PlanVersion(
        id=new_id(),
        plan=plan,
        number=1 if before is None else before.number + 1,
        engine_version=ENGINE_VERSION,
        inputs=frozen.inputs,
        results=frozen.results,
        sha256=frozen.sha256,
        supersedes=before,
        frozen_by=frozen_by,
        frozen_date=frozen_date,
    )


def return_plan(*, acting_staff: StaffUser, plan: Plan, comment: str) -> Plan:
    """Give a plan back with what has to be changed. Raises NotInThisState, CommentMissing."""
    require(acting_staff, "plans.return_plan", plan)
    check_step(plan, PlanState.RETURNED)
    if not comment.strip():
        raise CommentMissing(field="comment")
    with transaction.atomic():
        hold_for_step(plan, PlanState.RETURNED)
        plan.state = PlanState.RETURNED
        plan.comment = comment.strip()
        plan.advised_by = plan.reviewed_by = None
        plan.advised_date = plan.reviewed_date = plan.ready_date = None
        plan.statement = plan.signed_by = plan.witness = plan.open_points = ""
        plan.save()
        audit.record(acting_staff, "plans.return_plan", plan)
    return plan


def advise_plan(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    advised_date: date,
    statement: str,
    signed_by: SignedBy,
    witness: str = "",
) -> Plan:
    """Record the adviser's statement and the participant's agreement; `witness`: who saw her make
    her mark.

    Raises NotInThisState, InTheFuture, StatementMissing, SpendingMissing, SpendingLow,
    SoldBelowCost, DifferenceOpen, and of the screening ScreeningMissing, ScreeningOpen,
    MeasureMissing, ExcludedActivity.
    """
    require(acting_staff, "plans.advise_plan", plan)
    check_step(plan, PlanState.ADVISED)
    check_come(advised_date)
    if not statement.strip():
        raise StatementMissing(field="statement")
    sheet: HouseholdSheet | None = HouseholdSheet.objects.filter(plan=plan).first()
    screening: Screening | None = Screening.objects.filter(plan=plan).first()
    check_advice(
        plan,
        sheet.lines.all() if sheet else (),
        plan.products.all(),
        screening.screened() if screening else (),
    )
    version: PlanVersion | None = plan.versions.order_by("-number").first()
    check_spending(version.checks.all() if version else (), sheet.note if sheet else "")
    check_differences(version)
    with transaction.atomic():
        hold_for_step(plan, PlanState.ADVISED)
        plan.state = PlanState.ADVISED
        plan.statement = statement.strip()
        plan.signed_by = signed_by.value
        plan.witness = witness.strip()
        plan.advised_by = acting_staff
        plan.advised_date = advised_date
        told = ("state", "statement", "signed_by", "witness", "advised_by", "advised_date")
        plan.save(update_fields=told)
        audit.record(acting_staff, "plans.advise_plan", plan)
    return plan


def check_spending(checks: Iterable[CrossCheck], note: str) -> None:
    """Refuse living costs below the usual that nobody explains. Raises SpendingLow."""
    low = (Measure.SPENDING, Finding.BELOW_RANGE)
    if not note.strip() and any((item.measure, item.finding) == low for item in checks):
        raise SpendingLow


def check_advice(
    plan: Plan,
    lines: Iterable[HouseholdLine],
    products: Iterable[ProductLine],
    screening: Sequence[Screened],
) -> None:
    """Refuse what no adviser may sign. Raises SpendingMissing, SoldBelowCost and what the screening
    refuses.
    """
    spent = any(line.section == Section.HOUSEHOLD_EXPENSE and line.units > 0 for line in lines)
    if plan.drawings_from == DrawingsFrom.SHEET and not spent:
        raise SpendingMissing
    for product in products:
        if product.price_units < product.material_units + product.labour_units:
            raise SoldBelowCost(product=product.name)
    check_screening(screening)


def approve_plan(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    reviewed_date: date,
    open_points: str = "",
    reason: str = "",
) -> Plan:
    """The second person's act: the plan is reviewed, and ready when no point is left open.

    Raises NotInThisState, InTheFuture, AdviserLapsed; SamePerson or ReasonNeeded when the adviser
    reviews her own advice.
    """
    require(acting_staff, "plans.approve_plan", plan)
    wanted = PlanState.REVIEWED if open_points.strip() else PlanState.READY
    check_step(plan, wanted)
    check_come(reviewed_date)
    with transaction.atomic():
        hold_for_step(plan, wanted)
        require_other_person(
            acting_staff, plan.advised_by, step="plans.approve_plan", reason=reason, obj=plan
        )
        refuse_lapsed(plan, acting_staff, reviewed_date)
        plan.state = wanted
        plan.open_points = open_points.strip()
        plan.reviewed_by = acting_staff
        plan.reviewed_date = reviewed_date
        if wanted is PlanState.READY:
            plan.ready_date = reviewed_date
            plan.first_ready_date = plan.first_ready_date or reviewed_date
        plan.save(
            update_fields=[
                "state",
                "open_points",
                "reviewed_by",
                "reviewed_date",
                "ready_date",
                "first_ready_date",
            ]
        )
        audit.record(acting_staff, "plans.approve_plan", plan, {"state": wanted.value})
    return plan


def confirm_prices(*, acting_staff: StaffUser, plan: Plan, confirmed_date: date) -> Plan:
    """Say that the prices of a plan that is ready, or was until its six months were over, still
    hold: it is ready for another six months. Raises NotInThisState, InTheFuture.
    """
    require(acting_staff, "plans.advise_plan", plan)
    if plan.state not in {PlanState.READY, PlanState.EXPIRED}:
        raise NotInThisState(state=str(PLAN_STATE[PlanState(plan.state)]))
    check_come(confirmed_date)
    with transaction.atomic():
        plan.ready_date = confirmed_date
        plan.state = PlanState.READY.value
        plan.save(update_fields=["ready_date", "state"])
        audit.record(acting_staff, "plans.confirm_prices", plan)
    return plan


def let_plans_expire(on: date) -> int:
    """Say of ready plans whose six months were over before a day that their prices must be
    confirmed; returns of how many. Nobody decides it: a job of the night does.
    """
    rows = Plan._base_manager.filter(
        state=PlanState.READY, ready_date__lte=add_months(on, -READY_MONTHS)
    )
    over = [
        pk
        for pk, ready in rows.values_list("pk", "ready_date")
        if ready and ready_until(ready) < on
    ]
    changed = 0
    for place in range(0, len(over), AT_ONCE):
        part = Plan._base_manager.filter(pk__in=over[place : place + AT_ONCE])
        changed += part.filter(state=PlanState.READY).update(state=PlanState.EXPIRED.value)
    return changed


def hold_for_step(plan: Plan, wanted: PlanState) -> None:
    """Hold a plan and refuse a step that does not follow on where it stands now: what was returned
    meanwhile is not approved. Raises NotInThisState.
    """
    check_step(Plan._base_manager.select_for_update(of=("self",)).get(pk=plan.pk), wanted)


def check_step(plan: Plan, wanted: PlanState) -> None:
    """Refuse a step that does not follow on where the plan stands. Raises NotInThisState."""
    if not may_follow(PlanState(plan.state), wanted):
        raise NotInThisState(state=str(PLAN_STATE[PlanState(plan.state)]))
