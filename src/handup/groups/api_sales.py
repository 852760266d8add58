"""The API door of produce processed and sold."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import Amount, found_group, found_one
from handup.groups.models import ProcessingBatch, ProduceSale, SalePayment, StockLoss
from handup.groups.models.collection import Rejection
from handup.groups.models.dues import Place
from handup.groups.models.sales import Measure
from handup.groups.services import processing, sales
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.projects.models import Organisation

router = Router(tags=["groups"])
VIEW = "groups.view_group"
Milli = Annotated[int, Field(gt=0, le=10**10)]
Part = Annotated[int, Field(ge=0, le=10**10)]
Name = Annotated[Text, Field(max_length=40)]


class BatchTold(Schema):
    """A batch: quantities in thousandths of a unit, costs in smallest units."""

    input_product: Name
    input_measure: Measure
    input_milli: Milli
    lost_milli: Part = 0
    product: Name
    measure: Measure
    output_milli: Milli
    input_units: Amount
    packaging_units: Amount = 0
    other_units: Amount = 0
    on: date
    place: Place = Place.BOX


class BatchOut(Schema):
    """A batch, and what is in store of it."""

    id: UUID
    number: int
    made_date: date
    input_product: str
    input_milli: int
    lost_milli: int
    product: str
    measure: str
    output_milli: int
    cost_units: int
    left_milli: int
    left_units: int
    is_reversed: bool

    @staticmethod
    def resolve_left_milli(row: ProcessingBatch) -> int:
        """In store, in thousandths."""
        return processing.stock_of(row).milli

    @staticmethod
    def resolve_left_units(row: ProcessingBatch) -> int:
        """What that had cost."""
        return processing.stock_of(row).units


class SaleTold(Schema):
    """A sale; `price_x100` in 1/100 of the smallest unit for a whole unit. Of a batch, product and
    measure are the batch's."""

    buyer_id: UUID
    batch_id: UUID | None = None
    product: Name = ""
    measure: Measure = Measure.LITRE
    brought_milli: Milli
    rejected_milli: Part = 0
    reason: Rejection | None = None
    price_x100: Annotated[int, Field(gt=0, lt=2**53)]
    on: date


class SaleOut(Schema):
    """A sale, and what is still owed for it."""

    id: UUID
    number: int
    buyer_id: UUID
    batch_id: UUID | None
    product: str
    measure: str
    sold_date: date
    brought_milli: int
    rejected_milli: int
    reason: str
    price_x100: int
    amount_units: int
    cost_units: int
    owed_units: int
    is_reversed: bool

    @staticmethod
    def resolve_owed_units(row: ProduceSale) -> int:
        """What the buyer has not paid."""
        return sales.owed_of(row)


class PaymentTold(Schema):
    """What a buyer paid."""

    units: Annotated[int, Field(gt=0, lt=2**53)]
    on: date
    place: Place = Place.BOX


class PaymentOut(Schema):
    """A buyer's payment."""

    id: UUID
    units: int
    paid_date: date
    place: str
    is_reversed: bool


class LossTold(Schema):
    """What spoiled in store, in thousandths."""

    quantity_milli: Milli
    on: date


class LossOut(Schema):
    """What spoiled, and what it had cost."""

    id: UUID
    quantity_milli: int
    cost_units: int
    lost_date: date
    is_reversed: bool


class BackTold(Schema):
    """On which day something is taken back."""

    on: date


def _batches(staff: StaffUser) -> QuerySet[ProcessingBatch]:
    return ProcessingBatch.objects.visible_to(staff).select_related("group__book")


def _sales(staff: StaffUser) -> QuerySet[ProduceSale]:
    return ProduceSale.objects.visible_to(staff).select_related("group__book")


@router.get("/groups/{uuid:group_id}/batches", response=list[BatchOut])
def list_batches(request: StaffRequest, group_id: UUID) -> list[ProcessingBatch]:
    """The batches of a group, the newest first."""
    require(request.auth_staff, VIEW)
    group = found_group(request.auth_staff, group_id)
    return list(_batches(request.auth_staff).filter(group=group))


@router.post("/groups/{uuid:group_id}/batches", response={201: BatchOut})
def record_batch(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: BatchTold
) -> Status[ProcessingBatch]:
    """Write down a batch."""
    row = processing.record_batch(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        batch=processing.BatchIn(**told.dict(exclude={"on", "place"})),
        on=told.on,
        place=told.place,
        id=key,
    )
    return Status(201, row)


@router.post("/batches/{uuid:batch_id}/losses", response={201: LossOut})
def record_loss(
    request: StaffRequest, batch_id: UUID, key: IdempotencyKey, told: LossTold
) -> Status[StockLoss]:
    """Write down what spoiled of a batch."""
    staff = request.auth_staff
    batch = found_one(_batches(staff), batch_id)
    row = processing.record_stock_loss(acting_staff=staff, batch=batch, id=key, **told.dict())
    return Status(201, row)


@router.post("/batches/{uuid:batch_id}/reversal", response={201: BatchOut})
def take_back_batch(
    request: StaffRequest, batch_id: UUID, key: IdempotencyKey, told: BackTold
) -> Status[ProcessingBatch]:
    """Take a batch back of which nothing went out."""
    staff = request.auth_staff
    batch = found_one(_batches(staff), batch_id)
    return Status(201, processing.take_back_batch(acting_staff=staff, batch=batch, on=told.on))


@router.post("/stock-losses/{uuid:loss_id}/reversal", response={201: LossOut})
def take_back_loss(
    request: StaffRequest, loss_id: UUID, key: IdempotencyKey, told: BackTold
) -> Status[StockLoss]:
    """Take back what was written down as spoiled."""
    staff = request.auth_staff
    rows = StockLoss.objects.visible_to(staff).select_related("batch__group__book")
    loss = found_one(rows, loss_id)
    return Status(201, processing.take_back_loss(acting_staff=staff, loss=loss, on=told.on))


@router.get("/groups/{uuid:group_id}/sales", response=list[SaleOut])
def list_sales(request: StaffRequest, group_id: UUID) -> list[ProduceSale]:
    """What a group sold, the newest first."""
    require(request.auth_staff, VIEW)
    group = found_group(request.auth_staff, group_id)
    return list(_sales(request.auth_staff).filter(group=group))


@router.post("/groups/{uuid:group_id}/sales", response={201: SaleOut})
def sell_produce(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: SaleTold
) -> Status[ProduceSale]:
    """Write down a sale."""
    staff = request.auth_staff
    batch = found_one(_batches(staff), told.batch_id) if told.batch_id else None
    row = sales.sell_produce(
        acting_staff=staff,
        group=found_group(staff, group_id),
        buyer=found_one(Organisation.objects.visible_to(staff), told.buyer_id),
        sale=sales.SaleIn(batch=batch, **told.dict(exclude={"buyer_id", "batch_id", "on"})),
        on=told.on,
        id=key,
    )
    return Status(201, row)


@router.post("/sales/{uuid:sale_id}/payments", response={201: PaymentOut})
def take_payment(
    request: StaffRequest, sale_id: UUID, key: IdempotencyKey, told: PaymentTold
) -> Status[SalePayment]:
    """Write down what a buyer paid."""
    staff = request.auth_staff
    sale = found_one(_sales(staff), sale_id)
    row = sales.take_sale_payment(acting_staff=staff, sale=sale, id=key, **told.dict())
    return Status(201, row)


@router.post("/sales/{uuid:sale_id}/reversal", response={201: SaleOut})
def take_back_sale(
    request: StaffRequest, sale_id: UUID, key: IdempotencyKey, told: BackTold
) -> Status[ProduceSale]:
    """Take a sale back for which nothing is paid."""
    staff = request.auth_staff
    sale = found_one(_sales(staff), sale_id)
    return Status(201, sales.take_back_sale(acting_staff=staff, sale=sale, on=told.on))


@router.post("/sale-payments/{uuid:payment_id}/reversal", response={201: PaymentOut})
def take_back_payment(
    request: StaffRequest, payment_id: UUID, key: IdempotencyKey, told: BackTold
) -> Status[SalePayment]:
    """Take a buyer's payment back; it is owed again."""
    staff = request.auth_staff
    rows = SalePayment.objects.visible_to(staff).select_related("sale__group__book")
    payment = found_one(rows, payment_id)
    return Status(201, sales.take_back_payment(acting_staff=staff, payment=payment, on=told.on))
