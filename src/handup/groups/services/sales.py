"""Produce sold to a buyer, raw or of a batch: what he took and rejected, what he owes and paid
(groups_cooperatives.md K10)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Sum

from handup.groups.models import Group, ProcessingBatch, ProduceSale, SalePayment
from handup.groups.models.collection import Rejection
from handup.groups.models.dues import Place
from handup.groups.models.sales import Measure
from handup.groups.rules.sales import amount_of
from handup.groups.services.assembly import stream_of
from handup.groups.services.outside import Moved, move_money, take_back
from handup.groups.services.processing import (
    BACK,
    BATCH,
    MOST,
    ProductMissing,
    cost_going_out,
    require_quantity,
)
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.web.money import format_money
from handup.projects.models import Organisation

SELL = "groups.sell_produce"
BUYER = "buyer"


class PriceOutOfRange(Refusal):
    """Write the price of one unit. The amount of a sale has a limit too: look at the noughts."""


class RejectedOutOfRange(Refusal):
    """What is rejected is part of what was brought, and it has a reason; where nothing is rejected
    there is none."""


class NotOfThisGroup(Refusal):
    """This batch belongs to another group, or was taken back."""


class BuyerOwesLess(Refusal):
    """{left} is still owed for this sale; more cannot be taken."""


class PaidBefore(Refusal):
    """The sale was on {day}; nothing was paid for it before."""


class PaidForAlready(Refusal):
    """Something was paid for this sale. Take that back first."""


class SaleTakenBack(Refusal):
    """This sale was taken back; nothing is owed for it."""


@dataclass(frozen=True, slots=True)
class SaleIn:
    """A sale as it is told: quantities in thousandths of a unit, the price of a whole unit in
    hundredths of the smallest unit of money. Of a batch, product and measure are the batch's."""

    brought_milli: int
    price_x100: int
    product: str = ""
    measure: Measure = Measure.LITRE
    rejected_milli: int = 0
    reason: Rejection | None = None
    batch: ProcessingBatch | None = None

    def content(self) -> dict[str, Any]:
        """The fields as they are kept. Raises ProductMissing, QuantityOutOfRange,
        RejectedOutOfRange, PriceOutOfRange."""
        product = self.batch.product if self.batch else " ".join(self.product.split())[:40]
        if not product:
            raise ProductMissing(field="product")
        require_quantity(self.brought_milli, "brought_milli")
        rejects = self.rejected_milli > 0
        if not 0 <= self.rejected_milli <= self.brought_milli or rejects != bool(self.reason):
            raise RejectedOutOfRange(field="rejected_milli")
        amount = amount_of(self.brought_milli - self.rejected_milli, self.price_x100)
        if self.price_x100 <= 0 or amount > MOST:
            raise PriceOutOfRange(field="price")
        return {
            "batch": self.batch,
            "product": product,
            "measure": self.batch.measure if self.batch else self.measure.value,
            "brought_milli": self.brought_milli,
            "rejected_milli": self.rejected_milli,
            "reason": self.reason.value if self.reason else "",
            "price_x100": self.price_x100,
            "amount_units": amount,
        }


@transaction.atomic
def sell_produce(
    *,
    acting_staff: StaffUser,
    group: Group,
    buyer: Organisation,
    sale: SaleIn,
    on: date,
    id: UUID | None = None,
) -> ProduceSale:
    """Write down what a buyer took and rejected: he owes what the rest comes to, rounded once; of a
    batch, its cost goes out of the store. What he rejected pays nothing and stays the group's. The
    same id with the same content returns it unchanged.

    Raises ProductMissing, QuantityOutOfRange, RejectedOutOfRange, PriceOutOfRange, NotOfThisGroup,
    NotInStore, BeforeMade, InTheFuture, SameIdOtherContent.
    """
    require(acting_staff, SELL, group)
    stream = stream_of(group)
    told = {"group": group, "buyer": buyer, "sold_date": on, **sale.content()}
    if (known := already_stored(ProduceSale, id, acting_staff, **told)) is not None:
        return known
    taken, cost = sale.brought_milli - sale.rejected_milli, 0
    if sale.batch is not None:
        batch = ProcessingBatch.objects.get(pk=sale.batch.pk)
        if batch.group_id != group.pk or batch.is_reversed:
            raise NotOfThisGroup(field="batch")
        cost = cost_going_out(batch, taken, on, "brought_milli", sale.brought_milli)
    pk, amount = id or new_id(), told["amount_units"]
    number = (group.produce_sales.aggregate(last=Max("number"))["last"] or 0) + 1
    body: dict[str, Json] = {
        "sale": str(pk),
        "number": number,
        "buyer": str(buyer.pk),
        "batch": str(sale.batch.pk) if sale.batch else None,
        "product": told["product"],
        "measure": told["measure"],
        "brought_milli": sale.brought_milli,
        "rejected_milli": sale.rejected_milli,
        "reason": told["reason"],
        "price_x100": sale.price_x100,
        "units": amount,
        "cost": cost,
    }
    moved = [Moved("AMOUNT", amount, debit=buyer.pk, kinds=(BUYER, BUYER))] if amount else []
    if cost and sale.batch is not None:
        moved.append(Moved("COST", cost, credit=sale.batch.pk, kinds=(BATCH, BATCH)))
    fact = move_money(
        acting_staff, stream, name="sell_produce", body=body, on=on, moved=moved, uses_box=False
    )
    row = ProduceSale.objects.create(id=pk, number=number, cost_units=cost, fact=fact, **told)
    audit.record(acting_staff, SELL, row, {"units": amount})
    return row


def paid_of(sale: ProduceSale) -> int:
    """What was paid for a sale."""
    rows = sale.payments.filter(is_reversed=False)
    return int(rows.aggregate(units=Sum("units"))["units"] or 0)


def owed_of(sale: ProduceSale) -> int:
    """What is still owed for a sale."""
    return 0 if sale.is_reversed else sale.amount_units - paid_of(sale)


@transaction.atomic
def take_sale_payment(
    *,
    acting_staff: StaffUser,
    sale: ProduceSale,
    units: int,
    on: date,
    place: Place = Place.BOX,
    id: UUID | None = None,
) -> SalePayment:
    """Write down what a buyer paid for a sale, all of it or a part. The same id with the same
    content returns it unchanged.

    Raises SaleTakenBack, BuyerOwesLess, PaidBefore, InTheFuture, PhoneKeepsRecord,
    SameIdOtherContent.
    """
    require(acting_staff, SELL, sale.group)
    stream = stream_of(sale.group)
    told = {"sale": sale, "units": units, "paid_date": on, "place": place.value}
    if (known := already_stored(SalePayment, id, acting_staff, **told)) is not None:
        return known
    stored = ProduceSale.objects.get(pk=sale.pk)
    if stored.is_reversed:
        raise SaleTakenBack
    left = owed_of(stored)
    if not 0 < units <= left:
        raise BuyerOwesLess(field="units", left=format_money(left, sale.group.currency))
    if on < stored.sold_date:
        raise PaidBefore(field="on", day=stored.sold_date)
    pk = id or new_id()
    body: dict[str, Json] = {
        "payment": str(pk),
        "sale": str(sale.pk),
        "units": units,
        "place": place.value,
    }
    fact = move_money(
        acting_staff,
        stream,
        name="take_sale_payment",
        body=body,
        on=on,
        moved=[Moved("AMOUNT", units, credit=stored.buyer_id, kinds=(BUYER, BUYER))],
        place=place,
    )
    row = SalePayment.objects.create(id=pk, fact=fact, **told)
    audit.record(acting_staff, SELL, row, {"units": units})
    return row


@transaction.atomic
def take_back_payment(*, acting_staff: StaffUser, payment: SalePayment, on: date) -> SalePayment:
    """Take a buyer's payment back that was written down wrongly; it is owed again. Raises
    TakenBackAlready, TakenBackBefore, InTheFuture, PhoneKeepsRecord, FundOverdrawn."""
    require(acting_staff, BACK, payment.sale.group)
    stream = stream_of(payment.sale.group)
    stored = SalePayment.objects.select_related("fact").get(pk=payment.pk)
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_sale", stored, {"units": stored.units})
    return stored


@transaction.atomic
def take_back_sale(*, acting_staff: StaffUser, sale: ProduceSale, on: date) -> ProduceSale:
    """Take a sale back for which nothing is paid; of a batch, the goods are in store again. Raises
    PaidForAlready, TakenBackAlready, TakenBackBefore, InTheFuture."""
    require(acting_staff, BACK, sale.group)
    stream = stream_of(sale.group)
    stored = ProduceSale.objects.select_related("fact").get(pk=sale.pk)
    if paid_of(stored):
        raise PaidForAlready
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_sale", stored, {"units": stored.amount_units})
    return stored
