"""Services and what they cost and earn, through the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import Field

from handup.ledger import services
from handup.ledger.api.access import Day, router, seen
from handup.ledger.api.books import Code
from handup.ledger.cost_recovery import cost_recovery
from handup.ledger.models import Book, CostedService
from handup.ledger.rules.sustainability import percent_text
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
Codes = Annotated[list[Code], Field(max_length=200)]


class ServiceTold(Schema):
    """A service: accounts and budget lines of its fees and own costs, its weight, from a day on."""

    code: Annotated[Text, Field(min_length=1, max_length=40)]
    name: Annotated[Text, Field(min_length=1, max_length=160)]
    starts: Day
    ends: Day | None = None
    fee_codes: Codes = []
    fee_line: LineKey = ""
    cost_codes: Codes = []
    cost_line: LineKey = ""
    weight: Annotated[int, Field(ge=0, le=10**9)] = 0
    basis: Annotated[Text, Field(min_length=1, max_length=300)]


class ServiceOut(Schema):
    """A stated service."""

    id: UUID
    book_id: UUID
    code: str
    name: str
    starts: date
    ends: date | None
    fee_codes: list[str]
    fee_line: str
    cost_codes: list[str]
    cost_line: str
    weight: int
    basis: str


class RecoveryOut(Schema):
    """What a service earned and cost, units of the book's currency; recovery in percent with one
    decimal, null where the full cost is zero.
    """

    service_id: UUID
    code: str
    fees: int
    direct: int
    allocated: int
    full: int
    recovery: str | None


class CostRecoveryOut(Schema):
    """Every service of a book; `unshared` are shared costs no service has a weight for."""

    since: date
    on: date
    services: list[RecoveryOut]
    unshared: int


@router.get("/services", response=PageOut[ServiceOut])
def list_services(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Services as they were stated, each statement a row."""
    items, following = page(CostedService.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/books/{uuid:book_id}/services", response={201: ServiceOut})
def state_service(
    request: StaffRequest, book_id: UUID, key: IdempotencyKey, told: ServiceTold
) -> Status[CostedService]:
    """State what a service's fees and costs are; the same code again replaces it."""
    made = services.state_service(
        acting_staff=request.auth_staff,
        book=seen(Book, request.auth_staff, book_id),
        id=key,
        **told.dict(),
    )
    return Status(201, made)


@router.get("/books/{uuid:book_id}/cost-recovery", response=CostRecoveryOut)
def show_cost_recovery(
    request: StaffRequest, book_id: UUID, since: Day, on: Day
) -> CostRecoveryOut:
    """Cost recovery of each service of a book between two days."""
    book = seen(Book, request.auth_staff, book_id)
    found = cost_recovery(book, min(since, on), max(since, on))
    return CostRecoveryOut(
        since=found.since,
        on=found.on,
        services=[
            RecoveryOut(
                service_id=row.service.pk,
                code=row.service.code,
                fees=row.found.fees,
                direct=row.found.direct,
                allocated=row.found.allocated,
                full=row.found.full,
                recovery=None if row.found.recovery is None else percent_text(row.found.recovery),
            )
            for row in found.rows
        ],
        unshared=found.unshared,
    )
