"""Keys by which costs of several funds are shared, through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.ledger import services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.api.books import Code
from handup.ledger.api.runs import DayTold, RunWithTotals
from handup.ledger.models import Book, CostKey, Run
from handup.ledger.services import ShareIn
from handup.org.interface import (
    After,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)

LineKey = Annotated[Text, Field(max_length=80)]


class ShareTold(Schema):
    """One share of a key."""

    fund_id: UUID
    weight: Annotated[int, Field(gt=0, le=10**9)]
    budget_line: LineKey = ""


class KeyTold(Schema):
    """By which key costs of a pool are shared, on which days, and what it rests on."""

    name: Annotated[Text, Field(min_length=1, max_length=120)]
    starts: Day
    ends: Day
    basis: Annotated[Text, Field(min_length=1, max_length=300)]
    pool_fund_id: UUID | None = None
    pool_line: LineKey = ""
    account_codes: Annotated[list[Code], Field(max_length=200)] = []
    shares: Annotated[list[ShareTold], Field(min_length=2, max_length=100)]


class ShareOut(Schema):
    """One share of a key."""

    fund_id: UUID
    budget_line: str
    weight: int


class KeyOut(Schema):
    """A stated key."""

    id: UUID
    book_id: UUID
    name: str
    starts: date
    ends: date
    basis: str
    pool_fund_id: UUID
    pool_line: str
    account_codes: list[str]
    shares: list[ShareOut]


@router.get("/cost-keys", response=PageOut[KeyOut])
def list_cost_keys(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Keys of shared costs."""
    items, following = page(
        CostKey.objects.visible_to(request.auth_staff).prefetch_related("shares"), after, limit
    )
    return {"items": items, "next": following}


@router.post("/books/{uuid:book_id}/cost-keys", response={201: KeyOut})
def state_cost_key(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: KeyTold
) -> Status[CostKey]:
    """State a key of shared costs."""
    made = services.state_cost_key(
        acting_staff=request.auth_staff,
        book=seen(Book, request.auth_staff, book_id),
        name=told.name,
        starts=told.starts,
        ends=told.ends,
        basis=told.basis,
        pool_fund=told.pool_fund_id,
        pool_line=told.pool_line,
        account_codes=told.account_codes,
        shares=[ShareIn(share.fund_id, share.weight, share.budget_line) for share in told.shares],
        id=key,
    )
    return Status(201, made)


@router.post("/cost-keys/{uuid:key_id}/share", response=RunWithTotals)
def share_costs(request: StaffRequest, key_id: UUID, told: DayTold) -> Run:
    """Share what is left in a key's pool up to a day; again, only what came since."""
    key = seen(CostKey, request.auth_staff, key_id)
    return services.share_costs(acting_staff=request.auth_staff, key=key, through=told.through)
