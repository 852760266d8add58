"""The API door of money asked of funders and of the procurement plan."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.permissions import require
from handup.projects import services
from handup.projects.api.schemas import Day, found, named
from handup.projects.models import (
    FundingAgreement,
    Organisation,
    Programme,
    Purchase,
    Withdrawal,
)
from handup.projects.rules.drawing import (
    PurchaseKind,
    PurchaseMethod,
    PurchaseState,
    WithdrawalState,
)

router = Router(tags=["projects"])
Number = Annotated[Text, Field(min_length=1, max_length=40)]
Words = Annotated[Text, Field(min_length=1, max_length=200)]
Why = Annotated[Text, Field(max_length=300)]
Units = Annotated[int, Field(ge=1, lt=2**53)]


class WithdrawalTold(Schema):
    """A request for money, in smallest units of the agreement's currency."""

    number: Number
    asked_units: Units
    asked_date: Day


class WithdrawalOut(Schema):
    """A request and what the funder paid."""

    id: UUID
    funding_id: UUID
    number: str
    asked_units: int
    currency: str
    asked_date: date
    state: str
    paid_units: int | None
    ended_date: date | None
    reason: str


class WithdrawalEnded(Schema):
    """What the funder answered."""

    state: Literal["PAID", "REFUSED"]
    ended_date: Day
    paid_units: Units | None = None
    reason: Why = ""


class PurchaseTold(Schema):
    """A line of the procurement plan."""

    number: Number
    what: Words
    kind: PurchaseKind
    method: PurchaseMethod
    planned_units: Units
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    planned_date: Day


class PurchaseOut(Schema):
    """A line of the procurement plan and what came of it."""

    id: UUID
    programme_id: UUID
    number: str
    what: str
    kind: str
    method: str
    planned_units: int
    currency: str
    planned_date: date
    state: str
    state_date: date | None
    supplier_id: UUID | None
    signed_units: int | None
    reason: str


class PurchaseStep(Schema):
    """The next step of a purchase."""

    state: PurchaseState
    state_date: Day
    supplier_id: UUID | None = None
    signed_units: Units | None = None
    reason: Why = ""


@router.get("/withdrawals", response=PageOut[WithdrawalOut])
def list_withdrawals(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Money asked of funders, of agreements the caller may see."""
    require(request.auth_staff, "projects.view_budget")
    items, following = page(Withdrawal.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/financing/{uuid:funding_id}/withdrawals", response={201: WithdrawalOut})
def ask_withdrawal(
    request: StaffRequest, funding_id: UUID, key: IdempotencyKey, told: WithdrawalTold
) -> Status[Withdrawal]:
    """Record a request for money under an agreement."""
    row = services.ask_withdrawal(
        acting_staff=request.auth_staff,
        funding=found(FundingAgreement, request.auth_staff, funding_id),
        today=timezone.localdate(),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.post("/withdrawals/{uuid:withdrawal_id}/answer", response=WithdrawalOut)
def end_withdrawal(request: StaffRequest, withdrawal_id: UUID, told: WithdrawalEnded) -> Withdrawal:
    """Record that the funder paid or refused."""
    values = {**told.dict(), "state": WithdrawalState(told.state)}
    return services.end_withdrawal(
        acting_staff=request.auth_staff,
        withdrawal=found(Withdrawal, request.auth_staff, withdrawal_id),
        today=timezone.localdate(),
        **values,
    )


@router.get("/purchases", response=PageOut[PurchaseOut])
def list_purchases(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The procurement plan, of programmes the caller may see."""
    require(request.auth_staff, "projects.view_budget")
    items, following = page(Purchase.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/purchases", response={201: PurchaseOut})
def plan_purchase(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: PurchaseTold
) -> Status[Purchase]:
    """Put a line into the procurement plan."""
    row = services.plan_purchase(
        acting_staff=request.auth_staff,
        programme=found(Programme, request.auth_staff, programme_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.post("/purchases/{uuid:purchase_id}/steps", response=PurchaseOut)
def move_purchase(request: StaffRequest, purchase_id: UUID, told: PurchaseStep) -> Purchase:
    """Take a purchase one step on."""
    staff, values = request.auth_staff, told.dict()
    return services.move_purchase(
        acting_staff=staff,
        purchase=found(Purchase, staff, purchase_id),
        supplier=named(Organisation, staff, values.pop("supplier_id")),
        today=timezone.localdate(),
        **values,
    )
