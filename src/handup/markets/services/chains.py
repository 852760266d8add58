"""Products and their units, value chains, their actors, and rounds of prices and costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import (
    ChainActor,
    ChainFlow,
    ChainRound,
    Commodity,
    CommodityUnit,
    ValueChain,
)
from handup.markets.models.labels import BaseUnit, Stage
from handup.markets.rules.chains import Flow, along
from handup.markets.services.store import add
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme


class NameMissing(Refusal):
    """Write the name."""


class CodeTaken(Refusal):
    """The code {code} is taken already."""


class CurrencyUnreadable(Refusal):
    """Write the currency as three letters, for example USD."""


class UnitNamedTwice(Refusal):
    """This unit is named here already."""


class UnitHoldsNothing(Refusal):
    """Say how much the unit holds, or leave it open."""


class PlaceTaken(Refusal):
    """Another actor stands at this place of the chain."""


class MoreThanAll(Refusal):
    """There are more of them than there are people."""


class ActorMissing(Refusal):
    """Give price and cost of every actor of the chain: {name} is missing."""


class NoActorYet(Refusal):
    """Name the actors of the chain first."""


class PriceBelowZero(Refusal):
    """Prices and costs are not below zero."""


class ActorOfAnotherChain(Refusal):
    """{name} is not an actor of this chain."""


class AlreadyReplaced(Refusal):
    """This round has been replaced already."""


class SourceMissing(Refusal):
    """Say where the figures come from."""


class DayAhead(Refusal):
    """This day has not come yet."""


@dataclass(frozen=True, slots=True)
class FlowIn:
    """What one actor told; prices in smallest units for the chain's quantity, loss in hundredths
    of a percent.
    """

    actor: ChainActor
    price_units: int
    own_cost_units: int = 0
    loss_bps: int = 0
    volume: int | None = None
    remark: str = ""


def not_to_come(day: date, *, field: str) -> None:
    """Refuse a day that has not come yet for what is said to have been done. Raises DayAhead."""
    if day > timezone.localdate():
        raise DayAhead(field=field)


def currency_of(text: str) -> str:
    """Return a currency code in capitals. Raises CurrencyUnreadable."""
    code = text.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise CurrencyUnreadable(field="currency")
    return code


def register_commodity(
    *,
    acting_staff: StaffUser,
    code: str,
    name: str,
    base_unit: BaseUnit,
    id: UUID | None = None,
) -> Commodity:
    """Enter a product. Raises NameMissing, CodeTaken."""
    require(acting_staff, "markets.register_commodity")
    known = already_stored(Commodity, id, acting_staff, code=code.strip())
    if known is not None:
        return known
    if not name.strip() or not code.strip():
        raise NameMissing(field="name" if code.strip() else "code")
    if Commodity._base_manager.filter(code=code.strip()).exists():
        raise CodeTaken(field="code", code=code.strip())
    row = Commodity(
        id=id or new_id(), code=code.strip(), name=name.strip(), base_unit=base_unit.value
    )
    add(acting_staff, "markets.register_commodity", row)
    return row


def name_unit(
    *,
    acting_staff: StaffUser,
    commodity: Commodity,
    name: str,
    milli: int | None = None,
    id: UUID | None = None,
) -> CommodityUnit:
    """Name a unit a product is sold in and how many thousandths of the base unit it holds; None
    when nobody knows. Raises NameMissing, UnitNamedTwice, UnitHoldsNothing.
    """
    require(acting_staff, "markets.register_commodity")
    known = already_stored(CommodityUnit, id, acting_staff, commodity=commodity, name=name.strip())
    if known is not None:
        return known
    if not name.strip():
        raise NameMissing(field="name")
    if milli is not None and milli <= 0:
        raise UnitHoldsNothing(field="milli")
    if commodity.units.filter(name__iexact=name.strip()).exists():
        raise UnitNamedTwice(field="name")
    row = CommodityUnit(id=id or new_id(), commodity=commodity, name=name.strip(), milli=milli)
    add(acting_staff, "markets.name_unit", row)
    return row


def open_chain(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    commodity: Commodity,
    code: str,
    title: str,
    currency: str = "",
    per_quantity: int = 1,
    office: Office | None = None,
    area: Area | None = None,
    summary: str = "",
    women_role: str = "",
    youth_role: str = "",
    id: UUID | None = None,
) -> ValueChain:
    """Open a value chain; without a currency it is the programme's.

    Raises NameMissing, CodeTaken, CurrencyUnreadable, UnitHoldsNothing.
    """
    row = ValueChain(
        id=id or new_id(),
        programme=programme,
        office=office,
        area=area,
        commodity=commodity,
        code=code.strip(),
        title=title.strip(),
        currency=currency_of(currency or programme.currency),
        per_quantity=per_quantity,
        summary=summary,
        women_role=women_role,
        youth_role=youth_role,
    )
    require(acting_staff, "markets.open_chain", row)
    known = already_stored(ValueChain, id, acting_staff, programme=programme, code=row.code)
    if known is not None:
        return known
    if not row.title or not row.code:
        raise NameMissing(field="title" if row.code else "code")
    if per_quantity < 1:
        raise UnitHoldsNothing(field="per_quantity")
    if ValueChain._base_manager.filter(programme=programme, code=row.code).exists():
        raise CodeTaken(field="code", code=row.code)
    add(acting_staff, "markets.open_chain", row, {"commodity": commodity.code})
    return row


def add_actor(
    *,
    acting_staff: StaffUser,
    chain: ValueChain,
    stage: Stage,
    name: str,
    position: int | None = None,
    area: Area | None = None,
    people: int | None = None,
    women: int | None = None,
    youth: int | None = None,
    constraint: str = "",
    intervention: str = "",
    id: UUID | None = None,
) -> ChainActor:
    """Name an actor at a place of the chain, the last one unless told otherwise.

    Raises NameMissing, PlaceTaken, MoreThanAll.
    """
    require(acting_staff, "markets.open_chain", chain)
    known = already_stored(ChainActor, id, acting_staff, chain=chain, name=name.strip())
    if known is not None:
        return known
    if not name.strip():
        raise NameMissing(field="name")
    for field, some in (("women", women), ("youth", youth)):
        if some is not None and people is not None and some > people:
            raise MoreThanAll(field=field)
    with transaction.atomic():
        ValueChain._base_manager.select_for_update().get(pk=chain.pk)
        last = chain.actors.order_by("-position").first()
        place = position or (1 if last is None else last.position + 1)
        if chain.actors.filter(position=place).exists():
            raise PlaceTaken(field="position")
        row = ChainActor(
            id=id or new_id(),
            chain=chain,
            position=place,
            stage=stage.value,
            name=name.strip(),
            area=area,
            people=people,
            women=women,
            youth=youth,
            constraint=constraint,
            intervention=intervention,
        )
        add(acting_staff, "markets.add_actor", row, {"chain": str(chain.pk)})
    return row


def record_round(
    *,
    acting_staff: StaffUser,
    chain: ValueChain,
    taken_date: date,
    flows: Sequence[FlowIn],
    source: str,
    today: date,
    remark: str = "",
    replaces: ChainRound | None = None,
    id: UUID | None = None,
) -> ChainRound:
    """Record what every actor of a chain sells for, spends and loses on one day.

    Every actor tells, so that margins can be worked out along the whole chain. `replaces` is an
    earlier round of the same chain that was wrong; it stays and counts no more.
    Raises NoActorYet, ActorMissing, ActorOfAnotherChain, PriceBelowZero, LossOf100Percent,
    SourceMissing, DayAhead, AlreadyReplaced.
    """
    require(acting_staff, "markets.record_round", chain)
    known = already_stored(ChainRound, id, acting_staff, chain=chain, taken_date=taken_date)
    if known is not None:
        return known
    if not source.strip():
        raise SourceMissing(field="source")
    if taken_date > today:
        raise DayAhead(field="taken_date")
    told = _in_order(chain, flows)
    along([_flow(flow) for flow in told])
    row = ChainRound(
        id=id or new_id(),
        chain=chain,
        taken_date=taken_date,
        source=source.strip(),
        remark=remark,
        taken_by=acting_staff,
        replaces=replaces,
    )
    with transaction.atomic():
        ValueChain._base_manager.select_for_update().get(pk=chain.pk)
        _refuse_replaced(chain, replaces)
        row.save(force_insert=True)
        ChainFlow.objects.bulk_create(
            [
                ChainFlow(
                    round=row,
                    actor=flow.actor,
                    price_units=flow.price_units,
                    own_cost_units=flow.own_cost_units,
                    loss_bps=flow.loss_bps,
                    volume=flow.volume,
                    remark=flow.remark,
                )
                for flow in told
            ]
        )
        audit.record(acting_staff, "markets.record_round", row, {"chain": str(chain.pk)})
    return row


def _refuse_replaced(chain: ValueChain, row: ChainRound | None) -> None:
    if row is None:
        return
    if row.chain_id != chain.pk or ChainRound._base_manager.filter(replaces=row).exists():
        raise AlreadyReplaced


def _flow(flow: FlowIn) -> Flow:
    return Flow(
        str(flow.actor.pk),
        flow.actor.name,
        flow.price_units,
        flow.own_cost_units,
        flow.loss_bps,
    )


def _in_order(chain: ValueChain, flows: Sequence[FlowIn]) -> list[FlowIn]:
    """The flows in the order of the goods, each actor of the chain once."""
    actors = list(chain.actors.order_by("position"))
    if not actors:
        raise NoActorYet
    told = {flow.actor.pk: flow for flow in flows}
    known = {actor.pk for actor in actors}
    for flow in flows:
        if flow.actor.pk not in known:
            raise ActorOfAnotherChain(name=flow.actor.name)
        if flow.price_units < 0 or flow.own_cost_units < 0 or flow.loss_bps < 0:
            raise PriceBelowZero
    for actor in actors:
        if actor.pk not in told:
            raise ActorMissing(name=actor.name)
    return [told[actor.pk] for actor in actors]
