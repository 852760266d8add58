"""Produce made into another: a batch goes into store at what it cost; what spoils there goes out
(processing of groups)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum

from handup.groups.models import Group, ProcessingBatch, StockLoss
from handup.groups.models.dues import Place
from handup.groups.models.sales import Measure
from handup.groups.rules.sales import cost_of_part
from handup.groups.services.assembly import stream_of
from handup.groups.services.outside import Moved, move_money, take_back
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.queries import debited
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_number

PROCESS = "groups.process_produce"
BACK = "groups.reverse_fact"
BATCH = "batch"
MOST = 10**12
MOST_MILLI = 10**10


class ProductMissing(Refusal):
    """Write what it was made of, and what was made."""


class QuantityOutOfRange(Refusal):
    """Write how much, more than nothing and {most} at most."""


class MoreLostThanPut(Refusal):
    """Less was lost than went in."""


class CostOutOfRange(Refusal):
    """A cost is nothing or more. What went into the batch had a cost."""


class NotInStore(Refusal):
    """{left} of this batch is in store; more cannot go out."""


class BeforeMade(Refusal):
    """The batch was made on {day}; nothing of it went out before."""


class GoneAlready(Refusal):
    """Something of this batch was sold or spoiled. Take that back first."""


@dataclass(frozen=True, slots=True)
class BatchIn:
    """A batch as it is told: quantities in thousandths of a unit, costs in smallest units.
    input_units: what the produce that went in had cost; packaging and other costs are paid now."""

    input_product: str
    input_measure: Measure
    input_milli: int
    product: str
    measure: Measure
    output_milli: int
    input_units: int
    packaging_units: int = 0
    other_units: int = 0
    lost_milli: int = 0

    def content(self) -> dict[str, Any]:
        """The fields as they are kept. Raises ProductMissing, QuantityOutOfRange, CostOutOfRange,
        MoreLostThanPut."""
        made_of, product = (
            " ".join(text.split())[:40] for text in (self.input_product, self.product)
        )
        if not made_of or not product:
            raise ProductMissing(field="product" if made_of else "input_product")
        for name in ("input_milli", "output_milli"):
            require_quantity(getattr(self, name), name)
        if not 0 <= self.lost_milli < self.input_milli:
            raise MoreLostThanPut(field="lost_milli")
        for name in ("input_units", "packaging_units", "other_units"):
            least = 1 if name == "input_units" else 0
            if not least <= getattr(self, name) <= MOST:
                raise CostOutOfRange(field=name)
        return {
            "input_product": made_of,
            "input_measure": self.input_measure.value,
            "input_milli": self.input_milli,
            "product": product,
            "measure": self.measure.value,
            "output_milli": self.output_milli,
            "lost_milli": self.lost_milli,
            "input_units": self.input_units,
            "packaging_units": self.packaging_units,
            "other_units": self.other_units,
        }


def require_quantity(milli: int, field: str) -> None:
    """Raises QuantityOutOfRange."""
    if not 0 < milli <= MOST_MILLI:
        raise QuantityOutOfRange(field=field, most=MOST_MILLI // 1000)


@transaction.atomic
def record_batch(
    *,
    acting_staff: StaffUser,
    group: Group,
    batch: BatchIn,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> ProcessingBatch:
    """Write down a batch: what it cost goes from the purchases, and what was paid for packaging and
    else from the money at `place`, into the goods in store. The same id with the same content
    returns it unchanged.

    Raises ProductMissing, QuantityOutOfRange, CostOutOfRange, MoreLostThanPut, InTheFuture,
    PhoneKeepsRecord, FundOverdrawn, CashBelowZero, SameIdOtherContent.
    """
    require(acting_staff, PROCESS, group)
    stream = stream_of(group)
    told = {"group": group, "made_date": on, **batch.content()}
    if (known := already_stored(ProcessingBatch, id, acting_staff, **told)) is not None:
        if known.fact.body.get("place", place.value) != place.value:
            raise SameIdOtherContent(field="place")
        return known
    pk = id or new_id()
    number = (group.batches.aggregate(last=Max("number"))["last"] or 0) + 1
    paid = batch.packaging_units + batch.other_units
    body: dict[str, Json] = {"batch": str(pk), "number": number, **batch.content()}
    if paid:
        body["place"] = place.value
    fact = move_money(
        acting_staff,
        stream,
        name="process_batch",
        body=body,
        on=on,
        moved=[
            Moved("INPUT", batch.input_units, debit=pk, kinds=(BATCH, BATCH)),
            Moved("PAID", paid, debit=pk, kinds=(BATCH, BATCH)),
        ],
        place=place,
        uses_box=paid > 0,
    )
    row = ProcessingBatch.objects.create(id=pk, number=number, fact=fact, **told)
    audit.record(acting_staff, PROCESS, row, {"number": number})
    return row


def costs_more_than_bought(batch: ProcessingBatch) -> bool:
    """Whether the produce in the batches so far is said to have cost more than the group ever
    bought: noughts too many, or produce that was there before its books.
    """
    group = batch.group
    until = group.batches.filter(number__lte=batch.number, is_reversed=False)
    said: int = until.aggregate(n=Sum("input_units"))["n"] or 0
    return said > debited(group.book, "PURCHASES")


@dataclass(frozen=True, slots=True)
class Stock:
    """What is in store of a batch, in thousandths, what that had cost, and what was sold of it, for
    how much."""

    milli: int
    units: int
    sold_milli: int
    sold_units: int


def stock_of(batch: ProcessingBatch) -> Stock:
    """What is left of a batch after what was sold and what spoiled."""
    sold = batch.sales.filter(is_reversed=False).aggregate(
        brought=Sum("brought_milli"),
        rejected=Sum("rejected_milli"),
        cost=Sum("cost_units"),
        amount=Sum("amount_units"),
    )
    lost = batch.losses.filter(is_reversed=False).aggregate(
        milli=Sum("quantity_milli"), cost=Sum("cost_units")
    )
    gone = int(sold["brought"] or 0) - int(sold["rejected"] or 0)
    if batch.is_reversed:
        return Stock(0, 0, gone, int(sold["amount"] or 0))
    return Stock(
        batch.output_milli - gone - int(lost["milli"] or 0),
        batch.cost_units - int(sold["cost"] or 0) - int(lost["cost"] or 0),
        gone,
        int(sold["amount"] or 0),
    )


def cost_going_out(
    batch: ProcessingBatch, milli: int, on: date, field: str, brought: int = 0
) -> int:
    """What a part of a batch had cost that goes out of the store; `brought`: how much was shown to
    a buyer, who rejected the rest. Raises NotInStore, BeforeMade."""
    left = stock_of(batch)
    if max(milli, brought) > left.milli:
        raise NotInStore(field=field, left=format_number(Decimal(left.milli) / 1000))
    if on < batch.made_date:
        raise BeforeMade(field="on", day=batch.made_date)
    return cost_of_part(left.units, left.milli, milli) if milli else 0


@transaction.atomic
def record_stock_loss(
    *,
    acting_staff: StaffUser,
    batch: ProcessingBatch,
    quantity_milli: int,
    on: date,
    id: UUID | None = None,
) -> StockLoss:
    """Write down what spoiled of a batch in store; what it had cost is a cost of the group. The
    same id with the same content returns it unchanged.

    Raises QuantityOutOfRange, NotInStore, BeforeMade, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, PROCESS, batch.group)
    stream = stream_of(batch.group)
    told = {"batch": batch, "quantity_milli": quantity_milli, "lost_date": on}
    if (known := already_stored(StockLoss, id, acting_staff, **told)) is not None:
        return known
    require_quantity(quantity_milli, "quantity_milli")
    cost = cost_going_out(
        ProcessingBatch.objects.get(pk=batch.pk), quantity_milli, on, "quantity_milli"
    )
    pk = id or new_id()
    body: dict[str, Json] = {
        "loss": str(pk),
        "batch": str(batch.pk),
        "quantity_milli": quantity_milli,
        "units": cost,
    }
    fact = move_money(
        acting_staff,
        stream,
        name="lose_stock",
        body=body,
        on=on,
        moved=[Moved("AMOUNT", cost, credit=batch.pk, kinds=(BATCH, BATCH))] if cost else [],
        uses_box=False,
    )
    row = StockLoss.objects.create(id=pk, cost_units=cost, fact=fact, **told)
    audit.record(acting_staff, PROCESS, row, {"milli": quantity_milli})
    return row


@transaction.atomic
def take_back_loss(*, acting_staff: StaffUser, loss: StockLoss, on: date) -> StockLoss:
    """Take back what was written down as spoiled. Raises TakenBackAlready, TakenBackBefore,
    InTheFuture."""
    require(acting_staff, BACK, loss.batch.group)
    stream = stream_of(loss.batch.group)
    stored = StockLoss.objects.select_related("fact").get(pk=loss.pk)
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_stock", stored)
    return stored


@transaction.atomic
def take_back_batch(
    *, acting_staff: StaffUser, batch: ProcessingBatch, on: date
) -> ProcessingBatch:
    """Take a batch back of which nothing went out. Raises GoneAlready, TakenBackAlready,
    TakenBackBefore, InTheFuture, PhoneKeepsRecord."""
    require(acting_staff, BACK, batch.group)
    stream = stream_of(batch.group)
    stored = ProcessingBatch.objects.select_related("fact").get(pk=batch.pk)
    out = (stored.sales, stored.losses)
    if any(rows.filter(is_reversed=False).exists() for rows in out):
        raise GoneAlready
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_stock", stored)
    return stored
