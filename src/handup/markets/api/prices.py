"""Markets and prices over the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from handup.kernel.money import decimal_text, decimal_text_or_none
from handup.markets.api.shapes import Code, Day, Name, found, named
from handup.markets.models import Commodity, CommodityUnit, MarketPlace, PriceObservation
from handup.markets.models.labels import Availability, PriceLevel
from handup.markets.queries import prices as queries
from handup.markets.services import prices as services
from handup.org.interface import (
    After,
    Currency,
    IdempotencyKey,
    PageOut,
    PageSize,
    StaffRequest,
    Text,
    page,
)
from handup.org.models import Area, Office
from handup.projects.models import Programme

router = Router()
Quote = Annotated[int, Field(gt=0, lt=2**53)]


class MarketTold(Schema):
    """A market to enter."""

    programme_id: UUID
    code: Code
    name: Name
    currency: Currency | None = None
    office_id: UUID | None = None
    area_id: UUID | None = None
    remark: Annotated[Text, Field(max_length=300)] = ""


class MarketOut(Schema):
    """A market."""

    id: UUID
    programme_id: UUID
    code: str
    name: str
    currency: str


class PriceTold(Schema):
    """What was asked: quotes in smallest units for one unit (null: the base unit)."""

    observed_date: Day
    commodity_id: UUID
    level: PriceLevel
    quotes: Annotated[list[Quote], Field(max_length=services.MOST_QUOTES)]
    unit_id: UUID | None = None
    unit_told: Annotated[Text, Field(max_length=60)] = ""
    variety: Annotated[Text, Field(max_length=60)] = ""
    grade: Annotated[Text, Field(max_length=40)] = ""
    availability: Availability = Availability.GOOD


class PriceOut(Schema):
    """A price; `price_milli`: thousandths of the smallest unit per base unit."""

    id: UUID
    market_id: UUID
    commodity_id: UUID
    observed_date: date
    level: str
    grade: str
    variety: str
    quotes: list[int]
    currency: str
    price_milli: int | None
    availability: str
    flags: list[str]
    state: str


class ReasonTold(Schema):
    """Why."""

    reason: Annotated[Text, Field(min_length=1, max_length=300)]


class MonthOut(Schema):
    """The median of a month at one market: smallest units per base unit with two decimals; `real`
    in money of the newest price index, null without one.
    """

    month: date
    market_id: UUID
    price: str
    real: str | None
    told: int


@router.get("/markets", response=PageOut[MarketOut])
def list_markets(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The markets the caller may see."""
    items, following = page(MarketPlace.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/markets", response={201: MarketOut})
def open_market(
    request: StaffRequest, key: IdempotencyKey, told: MarketTold
) -> Status[MarketPlace]:
    """Enter a market."""
    staff = request.auth_staff
    row = services.open_market(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        office=named(Office, staff, told.office_id),
        area=named(Area, staff, told.area_id),
        currency=told.currency or "",
        id=key,
        **told.dict(exclude={"programme_id", "office_id", "area_id", "currency"}),
    )
    return Status(201, row)


@router.get("/prices", response=PageOut[PriceOut])
def list_prices(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every price the caller may see, doubted and rejected ones among them."""
    items, following = page(PriceObservation.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/markets/{uuid:market_id}/prices", response={201: PriceOut})
def record_price(
    request: StaffRequest, market_id: UUID, key: IdempotencyKey, told: PriceTold
) -> Status[PriceObservation]:
    """Record what was asked for a product; a doubted price waits for a second person."""
    staff = request.auth_staff
    price = services.PriceIn(
        commodity=found(Commodity, staff, told.commodity_id),
        unit=named(CommodityUnit, staff, told.unit_id),
        id=key,
        **told.dict(exclude={"observed_date", "commodity_id", "unit_id"}),
    )
    row = services.record_price(
        acting_staff=staff,
        market=found(MarketPlace, staff, market_id),
        observed_date=told.observed_date,
        price=price,
        today=timezone.localdate(),
    )
    return Status(201, row)


@router.post("/prices/{uuid:price_id}/confirmation", response=PriceOut)
def confirm_price(request: StaffRequest, price_id: UUID, told: ReasonTold) -> PriceObservation:
    """Confirm a doubted price somebody else told."""
    staff = request.auth_staff
    return services.confirm_price(
        acting_staff=staff,
        price=found(PriceObservation, staff, price_id),
        on=timezone.localdate(),
        reason=told.reason,
    )


@router.post("/prices/{uuid:price_id}/rejection", response=PriceOut)
def reject_price(request: StaffRequest, price_id: UUID, told: ReasonTold) -> PriceObservation:
    """Reject a doubted price somebody else told."""
    staff = request.auth_staff
    return services.reject_price(
        acting_staff=staff,
        price=found(PriceObservation, staff, price_id),
        on=timezone.localdate(),
        reason=told.reason,
    )


@router.post("/markets/{uuid:market_id}/publication", response=list[PriceOut])
def publish_prices(request: StaffRequest, market_id: UUID) -> list[PriceObservation]:
    """Publish every price of a market that is not doubted."""
    staff = request.auth_staff
    market = found(MarketPlace, staff, market_id)
    return services.publish_prices(acting_staff=staff, market=market, on=timezone.localdate())


@router.get("/commodities/{uuid:commodity_id}/months", response=list[MonthOut])
def price_months(
    request: StaffRequest,
    commodity_id: UUID,
    since: Annotated[Day, Query()],
    level: Annotated[PriceLevel, Query()] = PriceLevel.RETAIL,
) -> list[MonthOut]:
    """The price of a product by month and market."""
    staff = request.auth_staff
    commodity = found(Commodity, staff, commodity_id)
    rows = queries.monthly(staff, commodity=commodity, level=level.value, since=since)
    return [
        MonthOut(
            month=row.month,
            market_id=row.market.pk,
            price=decimal_text(row.price, 2),
            real=decimal_text_or_none(row.real, 2),
            told=row.told,
        )
        for row in rows
    ]
