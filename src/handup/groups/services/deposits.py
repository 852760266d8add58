"""Money of a bulk order: deposits of members taken and given back, the supplier paid, an order
cancelled (groups_cooperatives.md K8)."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from handup.groups.models import BulkLine, BulkOrder, Group, GroupFact
from handup.groups.models.bulk import BulkState
from handup.groups.models.dues import Place
from handup.groups.queries import BULK_FUND_ID
from handup.groups.services.bulk import (
    PERMISSION,
    NothingToReturn,
    held_order,
    least_deposit,
    require_day,
    set_state,
)
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import MONEY_ROLES, Moved, move_money
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.ledger.balances import balances_of_roles
from handup.ledger.rules.words import UNRESTRICTED_ID
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser
from handup.org.web.money import format_money


class DepositOutOfRange(Refusal):
    """From 1 to {most} can be paid in for this order."""


class MoreThanCost(Refusal):
    """So much is not owed to the supplier any more."""


class NotPaidInYet(Refusal):
    """So much was not paid in for this order yet. Take in first what members owe."""


def _places_of(line: BulkLine, place: Place) -> list[tuple[Place, int]]:
    """Where the money of a line was paid in, and how much; what came with it from an order before
    is given back at the place asked for.
    """
    lies: dict[Place, int] = {}
    told = GroupFact.objects.filter(
        group_id=line.order.group_id,
        name__in=("pay_deposit", "return_deposit"),
        body__line=str(line.pk),
        reversed_by=None,
    )
    for name, body in told.values_list("name", "body"):
        way = 1 if name == "pay_deposit" else -1
        where = Place(body["place"])
        lies[where] = lies.get(where, 0) + way * body["units"]
    lies[place] = lies.get(place, 0) + line.deposit_units - sum(lies.values())
    return [(where, units) for where, units in sorted(lies.items()) if units > 0]


def _lying(group: Group) -> dict[Place, int]:
    """What lies of the money for buying together, by place."""
    places = {role: where for where, role in MONEY_ROLES.items()}
    lies = dict.fromkeys(MONEY_ROLES, 0)
    for item in balances_of_roles(group.book, tuple(places), currency=group.currency):
        if item.fund == BULK_FUND_ID:
            lies[places[item.role]] += item.units
    return lies


def _given_back(line: BulkLine, place: Place, lying: dict[Place, int]) -> list[tuple[Place, int]]:
    """Where the money of a line is given back: where it was paid in as far as it still lies there,
    else where money for buying together lies; what lies nowhere is asked for at the place named.
    lying: less what this line takes, afterwards."""
    left, found = line.deposit_units, dict.fromkeys(lying, 0)
    for where, wanted in (*_places_of(line, place), *((where, left) for where in sorted(lying))):
        units = max(0, min(wanted, left, lying[where]))
        found[where] += units
        lying[where] -= units
        left -= units
    found[place] += left
    return [(where, units) for where, units in sorted(found.items()) if units]


def _known_deposit(
    line: BulkLine, name: str, units: int, on: date, place: Place, id: UUID | None
) -> BulkLine | None:
    """The line where this very movement is known already; else None. Raises SameIdOtherContent."""
    known = GroupFact.objects.filter(pk=id).first() if id else None
    if known is None:
        return None
    told = (name, on, str(line.pk), units, place.value)
    body = known.body
    if told != (
        known.name,
        known.happened_date,
        body.get("line"),
        body.get("units"),
        body.get("place"),
    ):
        raise SameIdOtherContent(field="units")
    return BulkLine.objects.get(pk=line.pk)


def _deposit(
    staff: StaffUser, line: BulkLine, name: str, units: int, on: date, place: Place, id: UUID | None
) -> BulkLine:
    """Take money in or give it back for a line, by one entry. Raises what its callers raise."""
    stream, order = held_order(staff, line.order)
    if (known := _known_deposit(line, name, units, on, place, id)) is not None:
        return known
    require_day(order, on)
    stored = BulkLine.objects.get(pk=line.pk)
    comes = name == "pay_deposit"
    if comes:
        most = _still_to_pay(order, stored)
        if not 0 < units <= most:
            raise DepositOutOfRange(field="units", most=format_money(most, order.group.currency))
    else:
        most = returnable(order, stored)
        if not 0 < units <= most:
            raise NothingToReturn(field="units", most=format_money(most, order.group.currency))
    body: dict[str, Json] = {
        "order": str(order.pk),
        "line": str(line.pk),
        "member": str(stored.member_id),
        "units": units,
        "place": place.value,
    }
    owner = stored.member_id
    moved = Moved("AMOUNT", units, credit=owner) if comes else Moved("AMOUNT", units, debit=owner)
    move_money(
        staff,
        stream,
        name=name,
        body=body,
        on=on,
        moved=[moved],
        place=place,
        fund=BULK_FUND_ID,
        id=id,
    )
    change = units if comes else -units
    BulkLine.objects.filter(pk=line.pk).update(deposit_units=F("deposit_units") + change)
    stored = BulkLine.objects.get(pk=line.pk)
    audit.record(staff, PERMISSION, stored, {"deposit": change})
    return stored


def returnable(order: BulkOrder, line: BulkLine) -> int:
    """The most that can be given back to a member now: while the goods are on their way only what
    lies above what the order needs of her."""
    stays = line.charge_units
    if order.state in (BulkState.LOCKED, BulkState.ORDERED, BulkState.RECEIVED):
        stays = least_deposit(order, line)
    return max(0, line.deposit_units - stays)


def _still_to_pay(order: BulkOrder, line: BulkLine) -> int:
    """The most a member can pay in: the whole of what she ordered at the price with all of the
    freight, or once the goods are handed out what is missing of her charge."""
    if order.state == BulkState.CANCELLED:
        return 0
    if order.state == BulkState.SETTLED:
        return max(0, -line.open_units)
    price = max(order.price_units, order.voted_price_units or 0)
    return max(0, price * line.quantity + order.freight_units - line.deposit_units)


@transaction.atomic
def pay_deposit(
    *,
    acting_staff: StaffUser,
    line: BulkLine,
    units: int,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> BulkLine:
    """Take a member's money for what she ordered. The same id with the same content changes
    nothing.

    Raises DepositOutOfRange, OrderedBefore, InTheFuture, PhoneKeepsRecord, SameIdOtherContent.
    """
    return _deposit(acting_staff, line, "pay_deposit", units, on, place, id)


@transaction.atomic
def return_deposit(
    *,
    acting_staff: StaffUser,
    line: BulkLine,
    units: int,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> BulkLine:
    """Give a member back what lies here for her and is not charged. The same id with the same
    content changes nothing.

    Raises NothingToReturn, FundOverdrawn, OrderedBefore, InTheFuture, PhoneKeepsRecord,
    SameIdOtherContent.
    """
    return _deposit(acting_staff, line, "return_deposit", units, on, place, id)


@transaction.atomic
def pay_supplier(
    *,
    acting_staff: StaffUser,
    order: BulkOrder,
    units: int,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> BulkOrder:
    """Pay the supplier out of what members paid in for this order, then out of the group's own
    money what it bears itself (goods for its store, the last coins); never more than the goods
    cost. The same id with the same content changes nothing.

    Raises OrderNotThere, MoreThanCost, NotPaidInYet, FundOverdrawn, OrderedBefore, InTheFuture,
    CashBelowZero, PhoneKeepsRecord, SameIdOtherContent.
    """
    stream, row = held_order(acting_staff, order, BulkState.SETTLED)
    told: dict[str, Json] = {"order": str(row.pk), "units": units, "place": place.value}
    known = GroupFact.objects.filter(pk=id).first() if id else None
    if known is not None:
        same = {**known.body, **told} == known.body
        if (known.name, known.happened_date, same) != ("pay_supplier", on, True):
            raise SameIdOtherContent(field="units")
        return row
    require_day(row, on)
    if not 0 < units <= row.cost_units - row.paid_units:
        raise MoreThanCost(field="units")
    borne = _borne(row, units)
    moved = [
        Moved("AMOUNT", units),
        Moved("BORNE_OUT", borne, fund=UNRESTRICTED_ID),
        Moved("BORNE_IN", borne),
    ]
    move_money(
        acting_staff,
        stream,
        name="pay_supplier",
        body={**told, "borne": borne},
        on=on,
        moved=moved,
        place=place,
        fund=BULK_FUND_ID,
        id=id,
    )
    return set_state(
        acting_staff,
        row,
        BulkState.SETTLED,
        paid_units=row.paid_units + units,
        borne_units=row.borne_units + borne,
    )


def _borne(order: BulkOrder, units: int) -> int:
    """How much of a payment the group bears itself: what is beyond the members' money that lies
    here for this order. Raises NotPaidInYet beyond the store and the last coins."""
    paid_in = sum(min(line.deposit_units, line.charge_units) for line in order.lines.all())
    lies = paid_in + order.borne_units - order.paid_units
    borne = max(0, units - max(0, lies))
    if order.borne_units + borne > order.stock_units + order.rounding_units:
        raise NotPaidInYet(field="units")
    return borne


@transaction.atomic
def cancel_bulk(
    *, acting_staff: StaffUser, order: BulkOrder, on: date | None = None, place: Place = Place.BOX
) -> BulkOrder:
    """Cancel an order before anything came, and give every deposit back where it was paid in, as
    far as it lies there.

    Raises OrderNotThere, OrderedBefore, InTheFuture, FundOverdrawn, CashBelowZero,
    PhoneKeepsRecord.
    """
    states = (BulkState.OPEN, BulkState.LOCKED, BulkState.ORDERED)
    stream, row = held_order(acting_staff, order, *states)
    on = on or timezone.localdate()
    require_day(row, on)
    row = set_state(acting_staff, row, BulkState.CANCELLED)
    lying = _lying(row.group)
    for line in row.lines.filter(deposit_units__gt=0).order_by("member__member_no"):
        for where, units in _given_back(line, place, lying):
            _deposit(acting_staff, line, "return_deposit", units, on, where, None)
    stream = Stream.read(stream.group, version=stream.constitution_version)
    stream.append([FactIn("cancel_bulk", {"order": str(row.pk)}, on)], acting_staff)
    return row
