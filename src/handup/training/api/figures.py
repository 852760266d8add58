"""The API door to refreshers, applications decided, badges and the cost of training."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from ninja import Schema, Status
from pydantic import Field

from handup.org import reads
from handup.org.interface import Currency, IdempotencyKey, StaffRequest
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.projects.models import BudgetLine, Programme
from handup.training import services
from handup.training.api.base import Code, Day, Reason, Title, router, seen, seen_or_none
from handup.training.api.schemas import EnrolmentOut
from handup.training.badge import badge, may_leave
from handup.training.models import Certificate, Cohort, CostLine, Enrolment, TracerRound
from handup.training.queries import cost_basis, training_cost
from handup.training.refresher_queries import refreshers_open

Amount = Annotated[int, Field(ge=1, lt=2**53)]
Rate = Annotated[int, Field(ge=1, lt=2**62)]


class DecisionTold(Schema):
    """Whether an applicant is eligible."""

    eligible: bool
    decided_date: Day
    reason: Reason = ""


class RefresherOut(Schema):
    """A refresher that is due."""

    enrolment_id: UUID
    months: int
    due_date: date
    opens: date
    closes: date


class BadgeOut(Schema):
    """A certificate as Open Badge 3.0, a compact JWS."""

    jwt: str


class CostTold(Schema):
    """A cost in smallest units; with its rate (times 10^10) where the currency is another."""

    title: Title
    cost_date: Day
    amount_units: Amount
    currency: Currency
    cohort_id: UUID | None = None
    tracer_round_id: UUID | None = None
    pool: Annotated[Reason, Field(max_length=40)] = ""
    budget_line_id: UUID | None = None
    rate_numerator: Rate | None = None
    rate_date: Day | None = None


class CostOut(Schema):
    """A cost as recorded."""

    id: UUID
    programme_id: UUID
    cohort_id: UUID | None
    pool: str
    title: str
    cost_date: date
    amount_units: int
    currency: str


class CostSumOut(Schema):
    """What training cost, whole and per head; null where nobody reached the step."""

    currency: str
    direct_units: int
    shared_units: int
    refresher_units: int
    tracer_units: int
    per_participant: int | None
    per_graduate: int | None
    per_placed: int | None
    not_converted: dict[Code, int]


@router.post("/enrolments/{uuid:enrolment_id}/decide", response=EnrolmentOut)
def decide_application(request: StaffRequest, enrolment_id: UUID, told: DecisionTold) -> Enrolment:
    """Find an applicant eligible, who then waits for a place, or not."""
    row = seen(Enrolment, request.auth_staff, enrolment_id)
    return services.decide_application(
        acting_staff=request.auth_staff, enrolments=[row], **told.dict()
    )[0]


@router.get("/refreshers", response=list[RefresherOut])
def list_refreshers(request: StaffRequest, on: Day | None = None) -> list[dict[str, object]]:
    """Refreshers whose window is open on a day (today) and that nobody attended yet."""
    require(request.auth_staff, "training.view_enrolment")
    lines = refreshers_open(request.auth_staff, on or timezone.localdate())
    persons = sorted({line.enrolment.person_id for line in lines})
    reads.note(request, persons=persons, action="LIST", highest="P")
    return [
        {
            "enrolment_id": line.enrolment.pk,
            "months": line.refresher.months,
            "due_date": line.refresher.due_date,
            "opens": line.refresher.opens,
            "closes": line.refresher.closes,
        }
        for line in lines
    ]


@router.get("/certificates/{uuid:certificate_id}/open-badge", response=BadgeOut)
def show_badge(request: StaffRequest, certificate_id: UUID) -> dict[str, str]:
    """A valid certificate as Open Badge 3.0."""
    require(request.auth_staff, "training.view_certificate")
    row = seen(Certificate, request.auth_staff, certificate_id)
    if not may_leave(row, timezone.localdate()):
        raise Http404
    reads.note(request, persons=[row.enrolment.person_id], action="EXPORT", highest="P")
    return {"jwt": badge(row)}


@router.post("/programmes/{uuid:programme_id}/costs", response={201: CostOut})
def record_cost(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: CostTold
) -> Status[CostLine]:
    """Record what a cohort, a tracer round or a shared pool cost."""
    values = told.dict()
    staff = request.auth_staff
    row = services.record_cost(
        acting_staff=staff,
        programme=seen(Programme, staff, programme_id),
        cohort=seen_or_none(Cohort, staff, values.pop("cohort_id")),
        tracer_round=seen_or_none(TracerRound, staff, values.pop("tracer_round_id")),
        budget_line=seen_or_none(BudgetLine, staff, values.pop("budget_line_id")),
        id=key,
        **values,
    )
    return Status(201, row)


@router.get("/programmes/{uuid:programme_id}/costs", response=CostSumOut)
def show_costs(
    request: StaffRequest, programme_id: UUID, on: Day | None = None
) -> dict[str, object]:
    """What the training of a programme cost by a day (today)."""
    require(request.auth_staff, "training.view_cost")
    programme = seen(Programme, request.auth_staff, programme_id)
    cost = training_cost(
        programme_id=programme.pk,
        on=on or timezone.localdate(),
        currency=programme.currency,
        basis=cost_basis(),
        without=hidden_from(request.auth_staff),
    )
    return {
        "currency": cost.currency,
        "direct_units": cost.direct_units,
        "shared_units": cost.shared_units,
        "refresher_units": cost.refresher_units,
        "tracer_units": cost.tracer_units,
        "per_participant": cost.units.per_participant,
        "per_graduate": cost.units.per_graduate,
        "per_placed": cost.units.per_placed,
        "not_converted": cost.not_converted,
    }
