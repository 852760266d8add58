"""Products, value chains and their rounds over the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.kernel.money import decimal_text, decimal_text_or_none
from handup.markets import queries, services
from handup.markets.api.shapes import Code, Count, Day, Line, Name, Units, found, named
from handup.markets.models import ChainActor, ChainRound, Commodity, CommodityUnit, ValueChain
from handup.markets.models.labels import BaseUnit, Stage
from handup.markets.queries import RoundMargins
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
from handup.org.models import Area, Office
from handup.projects.models import Programme

router = Router()


class CommodityTold(Schema):
    """A product to enter."""

    code: Code
    name: Name
    base_unit: BaseUnit


class CommodityOut(Schema):
    """A product."""

    id: UUID
    code: str
    name: str
    base_unit: str


class UnitTold(Schema):
    """A unit a product is sold in; `milli`: thousandths of the base unit, null when unknown."""

    name: Annotated[Text, Field(max_length=60, min_length=1)]
    milli: Annotated[int, Field(gt=0, lt=2**53)] | None = None


class UnitOut(Schema):
    """A unit."""

    id: UUID
    commodity_id: UUID
    name: str
    milli: int | None


class ChainTold(Schema):
    """A value chain to open; every price of it is for `per_quantity` base units."""

    programme_id: UUID
    commodity_id: UUID
    code: Code
    title: Annotated[Text, Field(max_length=200, min_length=1)]
    currency: Currency | None = None
    per_quantity: Annotated[int, Field(ge=1, le=100_000)] = 1
    office_id: UUID | None = None
    area_id: UUID | None = None
    summary: LongText = ""
    women_role: LongText = ""
    youth_role: LongText = ""


class ChainOut(Schema):
    """A value chain."""

    id: UUID
    programme_id: UUID
    commodity_id: UUID
    code: str
    title: str
    currency: str
    per_quantity: int


class ActorTold(Schema):
    """An actor of a chain."""

    stage: Stage
    name: Name
    position: Annotated[int, Field(ge=1, le=99)] | None = None
    area_id: UUID | None = None
    people: Count | None = None
    women: Count | None = None
    youth: Count | None = None
    constraint: LongText = ""
    intervention: LongText = ""


class ActorOut(Schema):
    """An actor."""

    id: UUID
    chain_id: UUID
    position: int
    stage: str
    name: str


class FlowTold(Schema):
    """What one actor told; loss in hundredths of a percent."""

    actor_id: UUID
    price_units: Units
    own_cost_units: Units = 0
    loss_bps: Annotated[int, Field(ge=0, le=10_000)] = 0
    volume: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    remark: Annotated[Text, Field(max_length=300)] = ""


class RoundTold(Schema):
    """A round: what every actor of the chain told on one day."""

    taken_date: Day
    source: Annotated[Text, Field(max_length=300)]
    flows: Annotated[list[FlowTold], Field(min_length=1, max_length=99)]
    remark: Line = ""
    replaces_id: UUID | None = None


class MarginOut(Schema):
    """One actor's margins: smallest units with two decimals, percentages with one."""

    actor_id: UUID
    name: str
    price_units: int
    own_cost_units: int
    loss_bps: int
    buying_cost: str
    net_margin: str
    net_margin_percent: str | None
    marketing_margin: str
    share_of_final_percent: str | None


class RoundOut(Schema):
    """A round with the margins along the chain."""

    id: UUID
    chain_id: UUID
    taken_date: date
    source: str
    lost_percent: str
    margins: list[MarginOut]


def round_out(told: RoundMargins) -> RoundOut:
    """Write a round out."""
    return RoundOut(
        id=told.round.pk,
        chain_id=told.round.chain_id,
        taken_date=told.round.taken_date,
        source=told.round.source,
        lost_percent=decimal_text(told.along.lost_percent, 1),
        margins=[
            MarginOut(
                actor_id=UUID(link.flow.key),
                name=link.flow.name,
                price_units=link.flow.price_units,
                own_cost_units=link.flow.own_cost_units,
                loss_bps=link.flow.loss_bps,
                buying_cost=decimal_text(link.margin.buying_cost, 2),
                net_margin=decimal_text(link.margin.net_margin, 2),
                net_margin_percent=decimal_text_or_none(link.margin.net_margin_percent, 1),
                marketing_margin=decimal_text(link.margin.marketing_margin, 2),
                share_of_final_percent=decimal_text_or_none(link.margin.share_of_final_percent, 1),
            )
            for link in told.along.links
        ],
    )


@router.get("/commodities", response=PageOut[CommodityOut])
def list_commodities(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Every product."""
    items, following = page(Commodity.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/commodities", response={201: CommodityOut})
def register_commodity(
    request: StaffRequest, key: IdempotencyKey, told: CommodityTold
) -> Status[Commodity]:
    """Enter a product."""
    row = services.register_commodity(acting_staff=request.auth_staff, id=key, **told.dict())
    return Status(201, row)


@router.post("/commodities/{uuid:commodity_id}/units", response={201: UnitOut})
def name_unit(
    request: StaffRequest, commodity_id: UUID, key: IdempotencyKey, told: UnitTold
) -> Status[CommodityUnit]:
    """Name a unit a product is sold in."""
    staff = request.auth_staff
    row = services.name_unit(
        acting_staff=staff,
        commodity=found(Commodity, staff, commodity_id),
        id=key,
        **told.dict(),
    )
    return Status(201, row)


@router.get("/chains", response=PageOut[ChainOut])
def list_chains(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The value chains the caller may see."""
    items, following = page(ValueChain.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/chains", response={201: ChainOut})
def open_chain(request: StaffRequest, key: IdempotencyKey, told: ChainTold) -> Status[ValueChain]:
    """Open a value chain."""
    staff = request.auth_staff
    row = services.open_chain(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        commodity=found(Commodity, staff, told.commodity_id),
        office=named(Office, staff, told.office_id),
        area=named(Area, staff, told.area_id),
        currency=told.currency or "",
        id=key,
        **told.dict(exclude={"programme_id", "commodity_id", "office_id", "area_id", "currency"}),
    )
    return Status(201, row)


@router.post("/chains/{uuid:chain_id}/actors", response={201: ActorOut})
def add_actor(
    request: StaffRequest, chain_id: UUID, key: IdempotencyKey, told: ActorTold
) -> Status[ChainActor]:
    """Name an actor of a chain."""
    staff = request.auth_staff
    row = services.add_actor(
        acting_staff=staff,
        chain=found(ValueChain, staff, chain_id),
        area=named(Area, staff, told.area_id),
        id=key,
        **told.dict(exclude={"area_id"}),
    )
    return Status(201, row)


@router.get("/chains/{uuid:chain_id}/rounds", response=list[RoundOut])
def list_rounds(request: StaffRequest, chain_id: UUID) -> list[RoundOut]:
    """The rounds of a chain that count, the newest first, with the margins of every actor."""
    chain = found(ValueChain, request.auth_staff, chain_id)
    rounds = list(queries.rounds_that_count(chain)[:200])
    return [round_out(told) for told in queries.margins_of(rounds)]


@router.post("/chains/{uuid:chain_id}/rounds", response={201: RoundOut})
def record_round(
    request: StaffRequest, chain_id: UUID, key: IdempotencyKey, told: RoundTold
) -> Status[RoundOut]:
    """Record prices and costs of every actor of a chain on one day."""
    staff = request.auth_staff
    row = services.record_round(
        acting_staff=staff,
        chain=found(ValueChain, staff, chain_id),
        taken_date=told.taken_date,
        source=told.source,
        remark=told.remark,
        flows=[
            services.FlowIn(
                found(ChainActor, staff, flow.actor_id), **flow.dict(exclude={"actor_id"})
            )
            for flow in told.flows
        ],
        today=timezone.localdate(),
        replaces=named(ChainRound, staff, told.replaces_id),
        id=key,
    )
    return Status(201, round_out(queries.margins_of([row])[0]))
