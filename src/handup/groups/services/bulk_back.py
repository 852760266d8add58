"""Taking back what was recorded of a bulk order, newest first: a fact that says so, and the
mirrored entry where money moved (groups_meeting.md M6)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from handup.groups.models import BulkLine, BulkOrder, GroupFact
from handup.groups.models.bulk import BulkState
from handup.groups.services.assembly import stream_of
from handup.groups.services.bulk import set_state
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import take_back
from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require

BACK = "groups.reverse_fact"
ACT = "groups.take_back_bulk"
STEPS: Mapping[str, tuple[str, BulkState]] = {
    BulkState.OPEN: ("place_bulk", BulkState.LOCKED),
    BulkState.LOCKED: ("lock_bulk", BulkState.OPEN),
    BulkState.ORDERED: ("place_bulk", BulkState.LOCKED),
    BulkState.RECEIVED: ("receive_bulk", BulkState.ORDERED),
    BulkState.SETTLED: ("settle_bulk", BulkState.RECEIVED),
}
"""The fact that brought an order into a state, and the state it goes back to."""
DEPOSITS = ("pay_deposit", "return_deposit")


class NotTheNewest(Refusal):
    """Something was recorded after this. Take the newest back first."""


class PaidSince(Refusal):
    """The supplier was paid since. Take the payments back first."""


class FollowedSince(Refusal):
    """What was missing went into a following order, and that order has moved on."""


class DepositUsed(Refusal):
    """So much of hers does not lie here any more; take back first what came after."""


def step_of(order: BulkOrder) -> GroupFact | None:
    """The fact that brought an order where it is; None where no step can be taken back. What opened
    an order again is one as long as nothing followed it."""
    name, _before = STEPS.get(order.state, ("", None))
    rows = GroupFact.objects.filter(group_id=order.group_id, reversed_by=None)
    rows = rows.filter(body__order=str(order.pk)).order_by("-seq")
    if order.state != BulkState.OPEN:
        return rows.filter(name=name).first()
    last = rows.first() if order.voted_price_units is not None else None
    return last if last is not None and last.name == name else None


def payments_of(order: BulkOrder) -> QuerySet[GroupFact]:
    """What was paid to the supplier and not taken back, the newest first."""
    rows = GroupFact.objects.filter(group_id=order.group_id, name="pay_supplier", reversed_by=None)
    return rows.filter(body__order=str(order.pk)).order_by("-seq")


def deposits_of(line: BulkLine) -> QuerySet[GroupFact]:
    """What was paid in and given back for a line and not taken back, the newest first."""
    rows = GroupFact.objects.filter(
        group_id=line.order.group_id, name__in=DEPOSITS, reversed_by=None
    )
    return rows.filter(body__line=str(line.pk)).order_by("-seq")


@transaction.atomic
def take_back_bulk(
    *, acting_staff: StaffUser, order: BulkOrder, fact: GroupFact, on: date
) -> BulkOrder:
    """Take back a payment to the supplier, or the step that brought an order where it is: its vote,
    what was ordered, what came, what was handed out.

    Raises NotTheNewest, PaidSince, FollowedSince, TakenBackAlready, TakenBackBefore, InTheFuture,
    PhoneKeepsRecord, FundOverdrawn, CashBelowZero.
    """
    require(acting_staff, BACK, order.group)
    stream = stream_of(order.group)
    row = BulkOrder.objects.select_related("group").get(pk=order.pk)
    row.group = stream.group
    told = GroupFact.objects.get(pk=fact.pk)
    if told.name == "pay_supplier" and told.body["order"] == str(row.pk):
        take_back(acting_staff, stream, told, on)
        row.paid_units -= told.body["units"]
        row.borne_units -= told.body.get("borne", 0)
        row.save(update_fields=("paid_units", "borne_units"))
        audit.record(acting_staff, ACT, row, {"units": told.body["units"]})
        return row
    if told != step_of(row):
        raise NotTheNewest
    if row.paid_units:
        raise PaidSince
    if told.name == "settle_bulk":
        _unsettle(acting_staff, stream, row, on)
        stream = stream_of(order.group)
    take_back(acting_staff, stream, told, on)
    audit.record(acting_staff, ACT, row, {"fact": told.name})
    return set_state(acting_staff, row, STEPS[row.state][1], **_as_before(row, told.name))


def _as_before(order: BulkOrder, name: str) -> dict[str, Any]:
    """What an order said before a step, by the facts that stand."""
    if name == "lock_bulk":
        return {"resolution": None, "voted_price_units": None, "voted_freight_units": None}
    if name == "place_bulk":
        return {"price_units": order.voted_price_units, "freight_units": order.voted_freight_units}
    if name == "receive_bulk":
        placed = GroupFact.objects.filter(
            group_id=order.group_id, name="place_bulk", reversed_by=None, body__order=str(order.pk)
        ).latest("seq")
        return {
            "received_quantity": 0,
            "freight_units": placed.body["freight"],
            "freight_reason": "",
        }
    return dict.fromkeys(("cost_units", "stock_quantity", "stock_units", "rounding_units"), 0)


def _unsettle(staff: StaffUser, stream: Stream, order: BulkOrder, on: date) -> None:
    """Bring the money of the following order back and close it; then nobody is charged. Raises
    FollowedSince where that order is no more as it was opened."""
    for following in order.followed_by.exclude(state=BulkState.CANCELLED):
        facts = GroupFact.objects.filter(group_id=order.group_id, body__order=str(following.pk))
        carried = dict(facts.filter(name="order_bulk").values_list("body__member", "body__carried"))
        lines = list(following.lines.select_related("member"))
        untouched = following.state == BulkState.OPEN and facts.count() == len(lines)
        if not untouched or any(
            line.deposit_units != carried.get(str(line.member_id)) for line in lines
        ):
            raise FollowedSince
        for line in lines:
            hers = order.lines.get(member=line.member)
            hers.deposit_units += line.deposit_units
            hers.save(update_fields=("deposit_units",))
            line.deposit_units = 0
            line.save(update_fields=("deposit_units",))
        told = FactIn("cancel_bulk", {"order": str(following.pk), "carried_back": True}, on)
        stream.append([told], staff)
        set_state(staff, following, BulkState.CANCELLED)
    order.lines.update(received_quantity=0, charge_units=0)


@transaction.atomic
def take_back_deposit(
    *, acting_staff: StaffUser, line: BulkLine, fact: GroupFact, on: date
) -> BulkLine:
    """Take back that a member's money came in or went back to her; its entry is reversed.

    Raises NotTheNewest for another line's fact, DepositUsed, PaidSince, TakenBackAlready,
    TakenBackBefore, InTheFuture, PhoneKeepsRecord, FundOverdrawn, CashBelowZero.
    """
    require(acting_staff, BACK, line.order.group)
    stream = stream_of(line.order.group)
    stored = BulkLine.objects.select_related("order").get(pk=line.pk)
    told = GroupFact.objects.get(pk=fact.pk)
    if told.name not in DEPOSITS or told.body.get("line") != str(stored.pk):
        raise NotTheNewest
    way = -1 if told.name == "pay_deposit" else 1
    left = stored.deposit_units + way * told.body["units"]
    if left < 0:
        raise DepositUsed
    stored.deposit_units = left
    stored.save(update_fields=("deposit_units",))
    _require_paid_out_of(stored.order)
    take_back(acting_staff, stream, told, on)
    audit.record(acting_staff, ACT, stored, {"deposit": way * told.body["units"]})
    return stored


def _require_paid_out_of(order: BulkOrder) -> None:
    """What the supplier got still lies within what came in for the order and what the group bears
    itself. Raises PaidSince."""
    paid_in = sum(min(line.deposit_units, line.charge_units) for line in order.lines.all())
    if order.paid_units > paid_in + order.borne_units:
        raise PaidSince
