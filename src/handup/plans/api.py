"""The API door of `plans`: the same services the web calls."""

from datetime import date
from typing import Annotated, Any, TypeVar
from uuid import UUID

from django.db import models
from ninja import Router, Schema, Status
from pydantic import Field

from handup.kernel.credit.codes import Method, Repayment
from handup.org import reads
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    LongText,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.people.models import Enterprise, Person
from handup.people.queries.merging import current_id
from handup.plans import services
from handup.plans.api_benchmarks import router as benchmarks
from handup.plans.api_differences import router as differences
from handup.plans.api_references import router as references
from handup.plans.api_visits import router as visits
from handup.plans.api_words import Edition
from handup.plans.api_words import router as words
from handup.plans.models import Plan, PlanVersion, Visit
from handup.plans.queries import current_version
from handup.plans.rules.household import Evidence, MonthConvention, Section, Span
from handup.plans.rules.inputs import CostKind, DrawingsFrom, Source
from handup.plans.rules.states import Depth, Kept, SignedBy, VisitKind
from handup.projects.models import Organisation, Programme

router = Router(tags=["plans"])
router.add_router("", words)
router.add_router("", benchmarks)
router.add_router("", visits)
router.add_router("", differences)
router.add_router("", references)
M = TypeVar("M", bound=models.Model)
Amount = Annotated[int, Field(ge=0, lt=2**53)]
Share = Annotated[int, Field(ge=0, le=10_000)]
Monthly = Annotated[list[Amount], Field(max_length=60)]


class PlanOut(Schema):
    """A plan as its readers see it."""

    id: UUID
    number: str
    title: str
    state: str
    depth: str
    currency: str
    start_month: date
    horizon_months: int
    programme_id: UUID
    person_id: UUID | None
    organisation_id: UUID | None
    adviser_id: UUID
    ready_date: date | None
    edition: int
    beside_id: UUID | None


class VersionOut(Schema):
    """A version handed in: fingerprint and results (amounts in smallest units)."""

    id: UUID
    number: int
    engine_version: str
    sha256: str
    frozen_date: date
    results: dict[str, Any]


class PlanIn(Schema):
    """A plan that is started, of a person or of an organisation."""

    programme_id: UUID
    person_id: UUID | None = None
    enterprise_id: UUID | None = None
    organisation_id: UUID | None = None
    title: Text
    idea: LongText = ""
    currency: Currency
    start_month: date
    started_date: date
    horizon_months: int = Field(default=12, ge=1, le=60)
    depth: Depth = Depth.LIGHT


class AgainIn(Schema):
    """A plan made again: what changed since is asked again, the rest is taken over."""

    start_month: date
    started_date: date
    changed: list[Kept] = Field(default=[], max_length=5)
    loan_units: Annotated[int, Field(gt=0, lt=2**53)] | None = None


class SheetLineIn(Schema):
    """A line of the household sheet."""

    section: Section
    span: Span
    units: Amount
    name: Annotated[str, Field(max_length=120)] = ""
    evidence: Evidence = Evidence.TOLD


class SheetIn(Schema):
    """The household sheet; it replaces the one before."""

    based_on: Edition = None
    lines: list[SheetLineIn] = Field(max_length=100)
    told_date: date
    convention: MonthConvention = MonthConvention.DAYS_28
    miscellaneous_bps: Share = 1_000
    note: LongText = ""


class ThingIn(Schema):
    """A thing needed."""

    name: Annotated[str, Field(max_length=120)]
    cost_units: Amount
    source: Source = Source.OWN
    month: int = Field(default=0, ge=0, le=60)
    life_months: int = Field(default=0, ge=0, le=600)
    salvage_units: Amount = 0


class ProductIn(Schema):
    """A product; quantities in thousandths, one a month."""

    name: Annotated[str, Field(max_length=120)]
    price_units: Amount
    quantities: Monthly
    material_units: Amount = 0
    labour_units: Amount = 0
    unit: Annotated[str, Field(max_length=30)] = ""
    credit_share_bps: Share = 0
    lag_months: int = Field(default=1, ge=0, le=12)
    bad_debt_bps: Share = 0


class CostIn(Schema):
    """A monthly line."""

    name: Annotated[str, Field(max_length=120)]
    kind: CostKind
    amounts: Monthly


class CostingIn(Schema):
    """The one-page costing; it replaces the one before."""

    based_on: Edition = None
    own_cash_units: Amount = 0
    grant_units: Amount = 0
    opening_stock_units: Amount = 0
    capital_units: Amount = 0
    liabilities_units: Amount = 0
    buffer_units: Amount = 0
    season_bps: list[Annotated[int, Field(ge=0, le=100_000)]] = Field(default=[], max_length=60)
    drawings_from: DrawingsFrom = DrawingsFrom.SHEET
    investments: list[ThingIn] = Field(default=[], max_length=100)
    products: list[ProductIn] = Field(default=[], max_length=50)
    costs: list[CostIn] = Field(default=[], max_length=50)


class FinanceIn(Schema):
    """The loan asked for; `rate_bps` is basis points a month."""

    based_on: Edition = None

    loan_units: Annotated[int, Field(gt=0, lt=2**53)]
    rate_bps: Share
    instalments: int = Field(ge=1, le=60)
    grace_instalments: int = Field(default=0, ge=0, le=59)
    method: Method = Method.DECLINING
    repayment: Repayment = Repayment.EQUAL_INSTALMENTS
    fee_withheld_units: Amount = 0
    multiple_units: Annotated[int, Field(ge=1, lt=2**53)] = 1
    least_units: Amount = 0
    most_units: Amount = 0
    most_grace: int = Field(default=0, ge=0, le=59)
    instalment_unit: Annotated[int, Field(ge=1, lt=2**53)] = 1
    product_code: Annotated[str, Field(max_length=40)] = ""
    purpose: Annotated[str, Field(max_length=200)] = ""
    shares_bps: list[Share] = Field(default=[], max_length=60)
    currency: Annotated[str, Field(max_length=3, pattern=r"^([A-Z]{3})?$")] = ""
    rate_numerator: Annotated[int, Field(gt=0, lt=2**53)] | None = None
    rate_date: date | None = None
    rate_source: Annotated[str, Field(max_length=120)] = ""


class DayIn(Schema):
    """The day a step was taken."""

    on: date


class ReturnIn(Schema):
    """What has to be changed."""

    comment: LongText


class AdviceIn(Schema):
    """The adviser's statement and the participant's agreement."""

    statement: LongText
    signed_by: SignedBy
    witness: Annotated[Text, Field(max_length=120)] = ""
    advised_date: date


class ReviewIn(Schema):
    """The second person's review; ready when no point is left open."""

    reviewed_date: date
    open_points: LongText = ""
    reason: Annotated[str, Field(max_length=300)] = ""


class VisitIn(Schema):
    """A visit that was made."""

    person_id: UUID
    programme_id: UUID
    plan_id: UUID | None = None
    kind: VisitKind
    visit_date: date
    place: Annotated[str, Field(max_length=120)] = ""
    situation: LongText = ""
    explanation: LongText = ""
    action: LongText = ""
    next_step: LongText = ""


class VisitOut(Schema):
    """A visit."""

    id: UUID
    person_id: UUID
    plan_id: UUID | None
    kind: str
    state: str
    planned_date: date | None
    visit_date: date | None


def _one(rows: models.QuerySet[M], pk: UUID | None) -> M:
    found = rows.filter(pk=pk).first()
    if found is None:
        raise OutOfSight
    return found


def _plan(staff: StaffUser, pk: UUID) -> Plan:
    return _one(Plan.objects.visible_to(staff), pk)


@router.get("/plans", response=PageOut[PlanOut])
def list_plans(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Plans she may see."""
    items, following = page(Plan.objects.visible_to(request.auth_staff), after, limit)
    persons = [plan.person_id for plan in items if plan.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.get("/plans/{uuid:plan_id}", response=PlanOut)
def show_plan(request: StaffRequest, plan_id: UUID) -> Plan:
    """One plan."""
    plan = _plan(request.auth_staff, plan_id)
    reads.note(request, persons=[plan.person_id] if plan.person_id else [], action="VIEW")
    return plan


@router.get("/plans/{uuid:plan_id}/version", response=VersionOut)
def show_version(request: StaffRequest, plan_id: UUID) -> PlanVersion:
    """The version handed in last, with its results."""
    plan = _plan(request.auth_staff, plan_id)
    version = current_version(plan)
    if version is None:
        raise OutOfSight
    reads.note(request, persons=[plan.person_id] if plan.person_id else [], action="VIEW")
    return version


@router.post("/plans", response={201: PlanOut})
def start_plan(request: StaffRequest, key: IdempotencyKey, told: PlanIn) -> Status[Plan]:
    """Start a plan."""
    staff = request.auth_staff
    named = told.dict(exclude={"programme_id", "person_id", "enterprise_id", "organisation_id"})
    person, enterprise = told.person_id, told.enterprise_id
    organisation = told.organisation_id
    plan = services.start_plan(
        acting_staff=staff,
        id=key,
        programme=_one(Programme.objects.visible_to(staff), told.programme_id),
        person=_one(Person.objects.visible_to(staff), current_id(person)) if person else None,
        enterprise=_one(Enterprise.objects.visible_to(staff), enterprise) if enterprise else None,
        organisation=_one(Organisation.objects.visible_to(staff), organisation)
        if organisation
        else None,
        **named,
    )
    return Status(201, plan)


@router.post("/plans/{uuid:plan_id}/again", response={201: PlanOut})
def repeat_plan(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: AgainIn
) -> Status[Plan]:
    """Make a plan again."""
    again = services.RepeatIn(id=key, **told.dict())
    plan = _plan(request.auth_staff, plan_id)
    made = services.repeat_plan(acting_staff=request.auth_staff, plan=plan, told=again)
    return Status(201, made)


@router.post("/plans/{uuid:plan_id}/household-sheet", response=PlanOut)
def save_household_sheet(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: SheetIn
) -> Plan:
    """Save the household sheet in place of the one before."""
    sheet = services.save_household_sheet(
        acting_staff=request.auth_staff,
        plan=_plan(request.auth_staff, plan_id),
        lines=[services.HouseholdLineIn(**line.dict()) for line in told.lines],
        key=key,
        **told.dict(exclude={"lines"}),
    )
    return sheet.plan


@router.post("/plans/{uuid:plan_id}/costing", response=PlanOut)
def save_costing(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: CostingIn
) -> Plan:
    """Save the one-page costing in place of the one before."""
    plan = _plan(request.auth_staff, plan_id)
    simple = told.dict(exclude={"season_bps", "investments", "products", "costs", "based_on"})
    costing = services.CostingIn(
        **simple,
        season_bps=tuple(told.season_bps),
        investments=tuple(services.InvestmentIn(**item.dict()) for item in told.investments),
        products=tuple(
            services.ProductLineIn(**{**item.dict(), "quantities": tuple(item.quantities)})
            for item in told.products
        ),
        costs=tuple(
            services.CostLineIn(item.name, item.kind, tuple(item.amounts)) for item in told.costs
        ),
    )
    return services.save_costing(
        acting_staff=request.auth_staff,
        plan=plan,
        costing=costing,
        based_on=told.based_on,
        key=key,
    )


@router.post("/plans/{uuid:plan_id}/finance", response=PlanOut)
def ask_finance(request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: FinanceIn) -> Plan:
    """Say how much money the plan asks for, in place of what it asked before."""
    plan = _plan(request.auth_staff, plan_id)
    values = told.dict()
    shares, based_on = tuple(values.pop("shares_bps")), values.pop("based_on")
    finance = services.FinanceIn(shares_bps=shares, **values)
    ask = services.ask_finance(
        acting_staff=request.auth_staff, plan=plan, finance=finance, based_on=based_on, key=key
    )
    return ask.plan


@router.post("/plans/{uuid:plan_id}/choose", response=PlanOut)
def choose_draft(request: StaffRequest, plan_id: UUID) -> Plan:
    """Go on with this one of the drafts that were saved on two devices at the same time."""
    plan = _plan(request.auth_staff, plan_id)
    return services.choose_draft(acting_staff=request.auth_staff, plan=plan)


@router.post("/plans/{uuid:plan_id}/submit", response={201: VersionOut})
def submit_plan(
    request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: DayIn
) -> Status[PlanVersion]:
    """Hand the plan in: it is worked out and frozen."""
    version = services.submit_plan(
        acting_staff=request.auth_staff,
        plan=_plan(request.auth_staff, plan_id),
        submitted_date=told.on,
        id=key,
    )
    return Status(201, version)


@router.post("/plans/{uuid:plan_id}/return", response=PlanOut)
def return_plan(request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: ReturnIn) -> Plan:
    """Give the plan back with what has to be changed."""
    plan = _plan(request.auth_staff, plan_id)
    return services.return_plan(acting_staff=request.auth_staff, plan=plan, **told.dict())


@router.post("/plans/{uuid:plan_id}/advise", response=PlanOut)
def advise_plan(request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: AdviceIn) -> Plan:
    """Record the adviser's statement."""
    plan = _plan(request.auth_staff, plan_id)
    return services.advise_plan(acting_staff=request.auth_staff, plan=plan, **told.dict())


@router.post("/plans/{uuid:plan_id}/approve", response=PlanOut)
def approve_plan(request: StaffRequest, plan_id: UUID, key: IdempotencyKey, told: ReviewIn) -> Plan:
    """The second person's review."""
    plan = _plan(request.auth_staff, plan_id)
    return services.approve_plan(acting_staff=request.auth_staff, plan=plan, **told.dict())


@router.get("/visits", response=PageOut[VisitOut])
def list_visits(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Visits she may see."""
    items, following = page(Visit.objects.visible_to(request.auth_staff), after, limit)
    persons = [visit.person_id for visit in items]
    reads.note(request, persons=persons, action="LIST", highest="P")
    return {"items": items, "next": following}


@router.post("/visits", response={201: VisitOut})
def record_visit(request: StaffRequest, key: IdempotencyKey, told: VisitIn) -> Status[Visit]:
    """Record a visit that was made."""
    staff = request.auth_staff
    visit = services.record_visit(
        acting_staff=staff,
        id=key,
        person=_one(Person.objects.visible_to(staff), current_id(told.person_id)),
        programme=_one(Programme.objects.visible_to(staff), told.programme_id),
        plan=_plan(staff, told.plan_id) if told.plan_id else None,
        **told.dict(exclude={"person_id", "programme_id", "plan_id"}),
    )
    return Status(201, visit)
