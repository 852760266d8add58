"""Premiums owed to insurers through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.lending.api.access import router, seen
from handup.lending.api.schemas import Amount, Day, IdOut, Reason, Short
from handup.lending.models import Lender, PremiumPayment
from handup.lending.rules.codes import Method
from handup.lending.services import premiums as services
from handup.org.interface import IdempotencyKey, StaffRequest
from handup.org.permissions import require
from handup.projects.models import Organisation


class PremiumOut(Schema):
    """What of one fee of one loan is owed on; below zero the insurer owes it."""

    loan_id: UUID
    fee_code: str
    units: int
    disbursed_date: date
    insurer: UUID | None


class PremiumPaymentOut(Schema):
    """A payment to an insurer."""

    id: UUID
    insurer_id: UUID
    through_date: date
    currency: str
    units: int
    prepared_date: date
    paid_date: date | None
    taken_back_date: date | None


class InsurerNew(Schema):
    """To whom the premiums of a fee are owed."""

    fee_code: Annotated[str, Field(min_length=1, max_length=40, pattern="^[^\\x00]*$")]
    insurer_id: UUID


class PremiumsNew(Schema):
    """What is put together for an insurer."""

    insurer_id: UUID
    through_date: Day
    units: Amount


class PremiumsPaid(Schema):
    """How premiums were handed on."""

    value_date: Day
    method: Method = Method.BANK
    reference: Short = ""
    reason: Reason | None = None


class TakenBack(Schema):
    """When and why premiums are taken back."""

    value_date: Day
    reason: Reason


@router.get("/lenders/{uuid:lender_id}/premiums", response=list[PremiumOut])
def list_premiums(
    request: StaffRequest, lender_id: UUID, through: Day | None = None
) -> list[services.Premium]:
    """What is due of a lender's loans, by loan and fee."""
    require(request.auth_staff, "lending.view_premium")
    return services.premiums_due(seen(Lender, request, lender_id), through)


@router.post("/lenders/{uuid:lender_id}/insurers", response={201: IdOut})
def name_insurer(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, told: InsurerNew
) -> Status[object]:
    """Say to whom the premiums of a fee are owed."""
    made = services.name_insurer(
        acting_staff=request.auth_staff,
        lender=seen(Lender, request, lender_id),
        fee_code=told.fee_code,
        insurer=seen(Organisation, request, told.insurer_id),
        id=key,
    )
    return Status(201, made)


@router.post("/lenders/{uuid:lender_id}/premium-payments", response={201: PremiumPaymentOut})
def prepare_premiums(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, told: PremiumsNew
) -> Status[PremiumPayment]:
    """Put together what is due to an insurer."""
    made = services.prepare_premiums(
        acting_staff=request.auth_staff,
        lender=seen(Lender, request, lender_id),
        insurer=seen(Organisation, request, told.insurer_id),
        through_date=told.through_date,
        units=told.units,
        id=key,
    )
    return Status(201, made)


@router.post("/premium-payments/{uuid:payment_id}/paid", response={201: PremiumPaymentOut})
def pay_premiums(
    request: StaffRequest, payment_id: UUID, key: IdempotencyKey, told: PremiumsPaid
) -> Status[PremiumPayment]:
    """Hand premiums on, as another person than put them together."""
    row = seen(PremiumPayment, request, payment_id)
    made = services.pay_premiums(
        acting_staff=request.auth_staff,
        payment=row,
        value_date=told.value_date,
        method=told.method,
        reference=told.reference,
        reason=told.reason or "",
    )
    return Status(201, made)


@router.post("/premium-payments/{uuid:payment_id}/taken-back", response={201: PremiumPaymentOut})
def take_back_premiums(
    request: StaffRequest, payment_id: UUID, key: IdempotencyKey, told: TakenBack
) -> Status[PremiumPayment]:
    """Take premiums back that were put together or handed on wrongly."""
    row = seen(PremiumPayment, request, payment_id)
    made = services.take_back_premiums(acting_staff=request.auth_staff, payment=row, **told.dict())
    return Status(201, made)
