"""The portfolio through the API: ratios with both numbers, and the shares set aside for losses."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from ninja import Query, Schema, Status
from pydantic import Field

from handup.lending import reported, services
from handup.lending.api.access import router, seen
from handup.lending.models import Lender, Loan, ProvisionTable
from handup.lending.rules.provisioning import Bucket
from handup.lending.services.ratios import books_for
from handup.org.interface import Currency, IdempotencyKey, StaffRequest
from handup.org.permissions import require

Day = Annotated[date, Field(ge=date(1950, 1, 1), le=date(2150, 12, 31))]
LenderAsked = Annotated[UUID | None, Query(None)]
Days = Annotated[int, Field(ge=0, le=99_999)]


class RatioOut(Schema):
    """A ratio: definition id, exact numerator and denominator, percent with one decimal."""

    code: str
    ratio: str
    parameter: int | None
    numerator: int
    denominator: int
    percent: str
    numerator_loans: int
    loans: int


class AgeOut(Schema):
    """Outstanding principal between two numbers of days late; to_days null: no end."""

    from_days: int
    to_days: int | None
    loans: int
    principal_units: int


class PortfolioOut(Schema):
    """A portfolio of one currency at the end of a day. copied_at: where it stands (ageing, PAR,
    arrears rate) is from what was known then; null: from what is known now.
    """

    since: date
    on: date
    currency: str
    copied_at: datetime | None
    loans: int
    principal_units: int
    ageing: list[AgeOut]
    ratios: list[RatioOut]


class BucketTold(Schema):
    """Days late, both included, and the share of principal in 1/100 of a percent."""

    from_days: Days
    to_days: Days | None = None
    rate_bps: Annotated[int, Field(ge=0, le=10_000)]


class TableTold(Schema):
    """The shares a lender sets aside from a day on; buckets tile 0 days to no end."""

    effective_date: Day
    buckets: Annotated[list[BucketTold], Field(min_length=1, max_length=40)]


class TableOut(Schema):
    """A stated table."""

    id: UUID
    lender_id: UUID
    effective_date: date
    buckets: list[list[int | None]]


@router.get("/portfolio", response=PortfolioOut)
def show_portfolio(
    request: StaffRequest,
    since: Day,
    on: Day,
    currency: Currency,
    lender_id: LenderAsked = None,
) -> PortfolioOut:
    """Ageing and every ratio of the loans she may see, of one currency."""
    require(request.auth_staff, "lending.view_loan")
    loans = Loan.objects.visible_to(request.auth_staff)
    lender = None
    if lender_id is not None:
        lender = seen(Lender, request, lender_id)
        loans = loans.filter(lender=lender)
    books = books_for(request.auth_staff, lender)
    found = reported.report(min(since, on), on, loans, currency, books, reader=request.auth_staff)
    return PortfolioOut(
        since=found.since,
        on=found.on,
        currency=currency,
        copied_at=found.cube.copied_at,
        loans=found.standing.loans,
        principal_units=found.standing.principal,
        ageing=[
            AgeOut(
                from_days=bucket.from_days,
                to_days=bucket.to_days,
                loans=bucket.loans,
                principal_units=bucket.principal_units,
            )
            for bucket in found.standing.ageing()
        ],
        ratios=[
            RatioOut(
                code=item.code,
                ratio=item.ratio.id.value,
                parameter=item.ratio.parameter,
                numerator=item.ratio.numerator,
                denominator=item.ratio.denominator,
                percent=item.ratio.percent_text,
                numerator_loans=item.ratio.numerator_loans,
                loans=item.ratio.loans,
            )
            for item in found.ratios
        ],
    )


@router.post("/lenders/{uuid:lender_id}/provision-tables", response={201: TableOut})
def set_provision_table(
    request: StaffRequest, lender_id: UUID, key: IdempotencyKey, told: TableTold
) -> Status[ProvisionTable]:
    """State by which shares a lender sets aside from a day on."""
    lender = seen(Lender, request, lender_id)
    table = services.set_provision_table(
        acting_staff=request.auth_staff,
        lender=lender,
        effective_date=told.effective_date,
        buckets=[Bucket(item.from_days, item.to_days, item.rate_bps) for item in told.buckets],
        id=key,
    )
    return Status(201, table)
