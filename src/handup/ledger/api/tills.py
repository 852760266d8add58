"""Tills that are counted, through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.ledger import services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.api.books import ReasonTold
from handup.ledger.models import Account, CashCount
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    Units,
    page,
)


class CountTold(Schema):
    """What lies in a till at the end of a day."""

    counted_date: Day
    counted_units: Annotated[Units, Field(ge=0)]
    currency: Currency | None = None
    remark: Annotated[Text, Field(max_length=300)] = ""


class CountOut(Schema):
    """A till that was counted; the difference is posted when another person confirms it."""

    id: UUID
    account_id: UUID
    currency: str
    counted_date: date
    counted_units: int
    expected_units: int | None
    difference_units: int | None
    status: str
    counted_by_id: UUID
    confirmed_by_id: UUID | None
    entry_id: UUID | None


@router.get("/cash-counts", response=PageOut[CountOut])
def list_counts(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Tills that were counted."""
    items, following = page(CashCount.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/accounts/{uuid:account_id}/counts", response={201: CountOut})
def count_cash(
    request: StaffRequest, account_id: UUID, key: IdempotencyKey, told: CountTold
) -> Status[CashCount]:
    """State what lies in a till, for another person to confirm."""
    account = seen(Account, request.auth_staff, account_id)
    made = services.count_cash(
        acting_staff=request.auth_staff,
        account=account,
        counted_date=told.counted_date,
        counted_units=told.counted_units,
        currency=told.currency or "",
        remark=told.remark,
        id=key,
    )
    return Status(201, made)


@router.post("/cash-counts/{uuid:count_id}/confirm", response=CountOut)
def confirm_count(request: StaffRequest, count_id: UUID, told: ReasonTold) -> CashCount:
    """Confirm what another person counted; the difference is posted."""
    count = seen(CashCount, request.auth_staff, count_id)
    return services.confirm_count(acting_staff=request.auth_staff, count=count, reason=told.reason)


@router.post("/cash-counts/{uuid:count_id}/decline", response=CountOut)
def decline_count(request: StaffRequest, count_id: UUID, told: ReasonTold) -> CashCount:
    """Decline what another person counted."""
    count = seen(CashCount, request.auth_staff, count_id)
    return services.decline_count(acting_staff=request.auth_staff, count=count, reason=told.reason)
