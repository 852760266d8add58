"""Buying together: an order opened, what members order and pay in, its vote, what came, who is
charged what (groups_cooperatives.md K8).

The money lies in a fund of its own and is each member's by name until the goods are handed out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from handup.groups.errors import NotAMember
from handup.groups.models import BulkLine, BulkOrder, Group, Member
from handup.groups.models.bulk import BulkState, Missing
from handup.groups.queries import BULK_FUND_ID, constitution_on
from handup.groups.rules.bulk import HandedOut, NothingOrdered, hand_out
from handup.groups.services.assembly import Votes, carry, stream_of
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import Moved, move_money, require_come
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money

PERMISSION = "groups.keep_bulk_orders"
MOST = 10**12
MOST_COST = 10**15
"""What a whole order may cost in smallest units, with its freight: far below what a number of the
database holds."""


class OrderNotThere(Refusal):
    """This order is {state}; that was done before, or comes later."""


class PriceMissing(Refusal):
    """An order names its item, its unit and what one unit costs; freight and the price of buying
    alone are nothing or more, and from 0 to 100 percent of the price is paid in first."""


class QuantityMissing(Refusal):
    """Write how many, from 1 to a million million."""


class OrderTooLarge(Refusal):
    """The whole order would cost more than an order can. Look at the number of noughts."""


class DepositMissing(Refusal):
    """Not everybody who ordered has paid in what must lie here before the order goes out."""


class FreightNeedsReason(Refusal):
    """The freight is above the one the members voted. Write down why."""


class NothingToReturn(Refusal):
    """At most {most} of hers can be given back now."""


class OrderedBefore(Refusal):
    """This order was opened on {opened}; nothing of it happened before."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What is bought, what one unit costs, the freight of the whole, and what one unit costs
    whoever buys alone; in smallest units. deposit_bps: the part of the price of what she orders
    that a member pays in before the order goes out, in basis points."""

    item: str
    unit: str
    price_units: int
    freight_units: int
    single_price_units: int
    deposit_bps: int = 10_000


def least_deposit(order: BulkOrder, line: BulkLine) -> int:
    """What must lie here of a member before the order goes out, at the price voted or, before the
    vote, at the price named; in smallest units, rounded up."""
    price = order.price_units if order.state == BulkState.OPEN else order.voted_price_units or 0
    return -(-price * line.quantity * order.deposit_bps // 10_000)


def require_deposits(order: BulkOrder) -> None:
    """Refuse while somebody who ordered has paid in less than must lie here. Raises
    DepositMissing."""
    lines = order.lines.filter(quantity__gt=0)
    if any(line.deposit_units < least_deposit(order, line) for line in lines):
        raise DepositMissing


def require_cost(field: str, price: int, quantity: int, freight: int) -> None:
    """Refuse a sum that no order has. Raises OrderTooLarge."""
    if price * quantity + freight > MOST_COST:
        raise OrderTooLarge(field=field)


def ordered_in(order: BulkOrder, but: Member | None = None) -> int:
    """How many units are ordered by everybody, or by everybody but one."""
    rows = order.lines.all() if but is None else order.lines.exclude(member=but)
    return int(rows.aggregate(all=Sum("quantity"))["all"] or 0)


def held_order(staff: StaffUser, order: BulkOrder, *states: BulkState) -> tuple[Stream, BulkOrder]:
    """The group's stream locked, and the order as it stands then. Raises OrderNotThere."""
    require(staff, PERMISSION, order.group)
    stream = stream_of(order.group)
    row = BulkOrder.objects.select_related("group").get(pk=order.pk)
    row.group = stream.group
    if states and row.state not in states:
        raise OrderNotThere(state=row.get_state_display())
    return stream, row


def require_day(order: BulkOrder, on: date) -> None:
    require_come(on, "on")
    if on < order.opened_date:
        raise OrderedBefore(field="on", opened=order.opened_date)


def set_state(staff: StaffUser, row: BulkOrder, state: BulkState, **told: Any) -> BulkOrder:
    row.state = state
    for name, value in told.items():
        setattr(row, name, value)
    row.save(update_fields=("state", *told))
    audit.record(staff, PERMISSION, row, {"state": state.value})
    return row


@transaction.atomic
def open_bulk_order(
    *, acting_staff: StaffUser, group: Group, offer: Offer, on: date, id: UUID | None = None
) -> BulkOrder:
    """Open an order of one item. The same id with the same content returns it unchanged.

    Raises PriceMissing, OrderTooLarge, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, PERMISSION, group)
    stream = stream_of(group)
    told = {name: getattr(offer, name) for name in Offer.__slots__} | {"opened_date": on}
    if (known := already_stored(BulkOrder, id, acting_staff, group=group, **told)) is not None:
        return known
    require_come(on, "on")
    amounts = (offer.freight_units, offer.single_price_units)
    fits = all(0 <= units <= MOST for units in amounts) and 0 < offer.price_units <= MOST
    fits = fits and 0 <= offer.deposit_bps <= 10_000
    if not (fits and offer.item.strip() and offer.unit.strip()):
        raise PriceMissing(field="price_units")
    return _opened(acting_staff, stream, offer, on, id)


def _opened(
    staff: StaffUser,
    stream: Stream,
    offer: Offer,
    on: date,
    id: UUID | None = None,
    follows: BulkOrder | None = None,
) -> BulkOrder:
    told = {name: getattr(offer, name) for name in Offer.__slots__}
    body: dict[str, Json] = {**told, "follows": str(follows.pk) if follows else ""}
    (fact,) = stream.append([FactIn("open_bulk_order", body, on)], staff)
    row = BulkOrder.objects.create(
        id=id or new_id(),
        group=stream.group,
        opened_date=on,
        follows=follows,
        fact=fact,
        **told,
    )
    audit.record(staff, PERMISSION, row, {"state": BulkState.OPEN.value})
    return row


@transaction.atomic
def order_bulk(
    *,
    acting_staff: StaffUser,
    order: BulkOrder,
    member: Member,
    quantity: int,
    if_missing: Missing = Missing.REFUND,
    on: date,
) -> BulkLine:
    """Write down how much a member orders; written again, the newer number holds, and 0 takes her
    out once her deposit is given back.

    Raises OrderNotThere, NotAMember, QuantityMissing, OrderTooLarge, NothingToReturn, InTheFuture,
    OrderedBefore.
    """
    stream, row = held_order(acting_staff, order, BulkState.OPEN)
    require_day(row, on)
    if member.group_id != row.group_id or (member.left_date and member.left_date <= on):
        raise NotAMember(field="member", member=member.member_no)
    if not 0 <= quantity <= MOST:
        raise QuantityMissing(field="quantity")
    everybody = quantity + ordered_in(row, but=member)
    require_cost("quantity", row.price_units, everybody, row.freight_units)
    line = BulkLine.objects.filter(order=row, member=member).first()
    if line is None and not quantity:
        raise QuantityMissing(field="quantity")
    if line is not None and not quantity and line.deposit_units:
        raise NothingToReturn(
            field="quantity", most=format_money(line.deposit_units, row.group.currency)
        )
    body: dict[str, Json] = {
        "order": str(row.pk),
        "member": str(member.pk),
        "quantity": quantity,
        "if_missing": if_missing.value,
    }
    stream.append([FactIn("order_bulk", body, on)], acting_staff)
    line, _made = BulkLine.objects.update_or_create(
        order=row, member=member, defaults={"quantity": quantity, "if_missing": if_missing}
    )
    audit.record(acting_staff, PERMISSION, line, {"quantity": quantity})
    return line


@transaction.atomic
def lock_bulk(*, acting_staff: StaffUser, order: BulkOrder, votes: Votes) -> BulkOrder:
    """Keep the vote on the order at its price and freight; from here on the orders stand, and what
    must lie here before it goes out is not given back.

    Raises OrderNotThere, NothingOrdered, DepositMissing, OrderedBefore, NoQuorum, NotCarried.
    """
    stream, row = held_order(acting_staff, order, BulkState.OPEN)
    require_day(row, votes.on)
    lines = row.lines.filter(quantity__gt=0)
    if not lines.exists():
        raise NothingOrdered
    require_deposits(row)
    subject = f"{row.item} {row.price_units} + {row.freight_units}"
    resolution = carry(acting_staff, stream, decision="BULK_ORDER", votes=votes, subject=subject)
    body: dict[str, Json] = {
        "order": str(row.pk),
        "price": row.price_units,
        "freight": row.freight_units,
        "resolution": str(resolution.pk),
    }
    stream.append([FactIn("lock_bulk", body, votes.on)], acting_staff)
    row.resolution = resolution
    row.save(update_fields=("resolution",))
    return set_state(
        acting_staff,
        row,
        BulkState.LOCKED,
        voted_price_units=row.price_units,
        voted_freight_units=row.freight_units,
    )


@transaction.atomic
def place_bulk(
    *, acting_staff: StaffUser, order: BulkOrder, price_units: int, freight_units: int, on: date
) -> BulkOrder:
    """Order from the supplier at the price and freight of the day; a price or a freight above the
    one voted opens the order again instead, to be voted anew.

    Raises OrderNotThere, PriceMissing, OrderTooLarge, DepositMissing, OrderedBefore, InTheFuture.
    """
    stream, row = held_order(acting_staff, order, BulkState.LOCKED)
    require_day(row, on)
    if not 0 < price_units <= MOST or not 0 <= freight_units <= MOST:
        raise PriceMissing(field="price_units")
    require_cost("price_units", price_units, ordered_in(row), freight_units)
    dearer = price_units > (row.voted_price_units or 0)
    dearer = dearer or freight_units > (row.voted_freight_units or 0)
    if not dearer:
        require_deposits(row)
    body: dict[str, Json] = {
        "order": str(row.pk),
        "price": price_units,
        "freight": freight_units,
        "opens_again": dearer,
    }
    stream.append([FactIn("place_bulk", body, on)], acting_staff)
    state = BulkState.OPEN if dearer else BulkState.ORDERED
    return set_state(acting_staff, row, state, price_units=price_units, freight_units=freight_units)


@transaction.atomic
def receive_bulk(
    *,
    acting_staff: StaffUser,
    order: BulkOrder,
    quantity: int,
    freight_units: int,
    on: date,
    freight_reason: str = "",
) -> BulkOrder:
    """Write down how much came and what the freight was in the end; above the one voted with the
    reason, as the goods are here already.

    Raises OrderNotThere, QuantityMissing, PriceMissing, OrderTooLarge, FreightNeedsReason,
    OrderedBefore, InTheFuture.
    """
    stream, row = held_order(acting_staff, order, BulkState.ORDERED)
    require_day(row, on)
    if not 0 < quantity <= MOST:
        raise QuantityMissing(field="quantity")
    if not 0 <= freight_units <= MOST:
        raise PriceMissing(field="freight_units")
    require_cost("quantity", row.price_units, max(quantity, ordered_in(row)), freight_units)
    freight_reason = freight_reason.strip()[:200]
    if freight_units <= (row.voted_freight_units or 0):
        freight_reason = ""
    elif not freight_reason:
        raise FreightNeedsReason(field="freight_reason")
    body: dict[str, Json] = {
        "order": str(row.pk),
        "quantity": quantity,
        "freight": freight_units,
        "reason": freight_reason,
    }
    stream.append([FactIn("receive_bulk", body, on)], acting_staff)
    return set_state(
        acting_staff,
        row,
        BulkState.RECEIVED,
        received_quantity=quantity,
        freight_units=freight_units,
        freight_reason=freight_reason,
    )


def rehearse(order: BulkOrder) -> tuple[list[BulkLine], HandedOut]:
    """Work out who gets and is charged what, without storing anything: the lines in the order of
    the members' numbers. Raises NothingReceived, NothingOrdered."""
    rows = order.lines.filter(quantity__gt=0).order_by("member__member_no")
    lines = list(rows.select_related("member__person", "member__member_group"))
    coin = constitution_on(order.group).settings["cash_unit_units"]
    handed = hand_out(
        [line.quantity for line in lines],
        order.received_quantity,
        price=order.price_units,
        freight=order.freight_units,
        cash_unit=coin,
    )
    return lines, handed


@transaction.atomic
def settle_bulk(*, acting_staff: StaffUser, order: BulkOrder, on: date) -> BulkOrder:
    """Hand out what came: each member is charged for what she gets, by one entry; what she still
    has here is given back or goes with the next order, as she chose.

    Raises OrderNotThere, NothingReceived, NothingOrdered, OrderedBefore, InTheFuture.
    """
    stream, row = held_order(acting_staff, order, BulkState.RECEIVED)
    require_day(row, on)
    lines, handed = rehearse(row)
    pairs = list(zip(lines, handed.members, strict=True))
    moved = [Moved("CHARGED", one.charge, debit=line.member_id) for line, one in pairs]
    moved += [Moved("STORED", handed.stock_units), Moved("LEFT_OVER", handed.leftover)]
    told: list[Json] = [
        {
            "line": str(line.pk),
            "member": str(line.member_id),
            "received": one.received,
            "charge": one.charge,
        }
        for line, one in pairs
    ]
    body: Mapping[str, Json] = {
        "order": str(row.pk),
        "cost": handed.total,
        "stock": handed.stock,
        "stock_units": handed.stock_units,
        "leftover": handed.leftover,
        "lines": told,
    }
    move_money(
        acting_staff,
        stream,
        name="settle_bulk",
        body=body,
        on=on,
        moved=moved,
        uses_box=False,
        fund=BULK_FUND_ID,
    )
    for line, one in pairs:
        line.received_quantity, line.charge_units = one.received, one.charge
        line.save(update_fields=("received_quantity", "charge_units"))
    _carry_on(acting_staff, stream, row, lines, on)
    return set_state(
        acting_staff,
        row,
        BulkState.SETTLED,
        cost_units=handed.total,
        stock_quantity=handed.stock,
        stock_units=handed.stock_units,
        rounding_units=handed.leftover,
    )


def _carry_on(
    staff: StaffUser, stream: Stream, order: BulkOrder, lines: list[BulkLine], on: date
) -> None:
    """Open the next order with what is missing to those who wait for it, and the money they have
    here. In the book it stays theirs: nothing moves."""
    waiting = [
        line
        for line in lines
        if line.if_missing == Missing.BACK_ORDER and line.quantity > line.received_quantity
    ]
    if not waiting:
        return
    offer = Offer(
        order.item,
        order.unit,
        order.price_units,
        order.freight_units,
        order.single_price_units,
        order.deposit_bps,
    )
    following = _opened(staff, stream, offer, on, follows=order)
    for line in waiting:
        carried = max(0, line.open_units)
        body: dict[str, Json] = {
            "order": str(following.pk),
            "member": str(line.member_id),
            "quantity": line.quantity - line.received_quantity,
            "if_missing": Missing.BACK_ORDER.value,
            "carried": carried,
        }
        stream.append([FactIn("order_bulk", body, on)], staff)
        BulkLine.objects.create(
            order=following,
            member_id=line.member_id,
            quantity=line.quantity - line.received_quantity,
            if_missing=Missing.BACK_ORDER,
            deposit_units=carried,
        )
        line.deposit_units -= carried
        line.save(update_fields=("deposit_units",))
