"""Contracts, deliveries and payments over the API."""

from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.kernel.money import decimal_text_or_none
from handup.markets.api.shapes import Code, Day, Name, Units, found, named
from handup.markets.models import (
    Commodity,
    ContractGrade,
    Delivery,
    MarketPlace,
    SupplyContract,
)
from handup.markets.models.labels import PriceKind, PriceLevel
from handup.markets.queries import contracts as queries
from handup.markets.rules.contracts import Answer, Point
from handup.markets.services import contracts as services
from handup.markets.services import deliveries
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
from handup.org.permissions import may
from handup.projects.models import Organisation, Programme

router = Router()
Sentence = Annotated[Text, Field(max_length=300)]
Quantity = Annotated[int, Field(gt=0, le=10**12)]
Price = Annotated[int, Field(gt=0, lt=2**53)]


class GradeTold(Schema):
    """A grade and its price for one base unit."""

    name: Annotated[Text, Field(min_length=1, max_length=40)]
    price_units: Price


class ContractTold(Schema):
    """A contract as it is offered."""

    programme_id: UUID
    code: Code
    seller_id: UUID
    buyer_id: UUID
    commodity_id: UUID
    quantity: Quantity
    place: Annotated[Text, Field(min_length=1, max_length=200)]
    starts: Day
    ends: Day
    grades: Annotated[list[GradeTold], Field(min_length=1, max_length=20)]
    currency: Currency | None = None
    office_id: UUID | None = None
    area_id: UUID | None = None
    purpose: Sentence = ""
    schedule: Sentence = ""
    price_kind: PriceKind = PriceKind.FIXED
    market_id: UUID | None = None
    level: PriceLevel | None = None
    premium_units: Annotated[int, Field(gt=-(2**53), lt=2**53)] = 0
    floor_units: Units | None = None
    ceiling_units: Units | None = None
    inputs: Sentence = ""
    advance_units: Units = 0
    advance_cap_bps: Annotated[int, Field(ge=0, le=10_000)] = 3_000
    payment_days: Annotated[int, Field(ge=0, le=366)] = 0
    excuses: Sentence = ""
    dispute_route: Sentence = ""
    third_parties: Sentence = ""


class ContractOut(Schema):
    """A contract."""

    id: UUID
    programme_id: UUID
    code: str
    seller_id: UUID
    buyer_id: UUID
    commodity_id: UUID
    quantity: int
    currency: str
    state: str


class KeptOut(Schema):
    """How a contract was kept: percentages with one decimal, money with two, or null."""

    contracted: int
    delivered: int
    rejected: int
    accepted: int
    fulfilment_percent: str | None
    rejection_percent: str | None
    average_price: str | None
    reference_price: str | None
    captured_percent: str | None
    payment_delay_days: str | None
    advance_left_units: int


class AnswerTold(Schema):
    """Whether a point is clear in the contract; a "no" needs a note."""

    clear: bool
    note: Sentence = ""


class SignTold(Schema):
    """Who signed for the producers."""

    signed_by: Name
    signed_date: Day


class DeliveryTold(Schema):
    """Goods handed over; `slip`: the number of the paper slip, `given_by` who handed over for the
    producers, `taken_by` who took over for the buyer."""

    grade: Annotated[Text, Field(min_length=1, max_length=40)]
    delivered_date: Day
    delivered: Quantity
    rejected: Annotated[int, Field(ge=0, le=10**12)] = 0
    reject_reason: Sentence = ""
    planned_date: Day | None = None
    reason: Sentence = ""
    slip: Annotated[Text, Field(max_length=40)] = ""
    given_by: Annotated[Text, Field(max_length=120)] = ""
    taken_by: Annotated[Text, Field(max_length=120)] = ""


class DeliveryOut(Schema):
    """A delivery with what it is worth."""

    id: UUID
    contract_id: UUID
    delivered_date: date
    delivered: int
    rejected: int
    price_units: int
    value_units: int
    deduction_units: int
    payable_units: int
    pay_due_date: date
    paid_date: date | None
    paid_units: int | None


class PaidTold(Schema):
    """What was paid, and when."""

    paid_date: Day
    paid_units: Units


@router.get("/contracts", response=PageOut[ContractOut])
def list_contracts(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The contracts the caller may see."""
    items, following = page(SupplyContract.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/contracts", response={201: ContractOut})
def offer_contract(
    request: StaffRequest, key: IdempotencyKey, told: ContractTold
) -> Status[SupplyContract]:
    """Write a contract down as it is offered."""
    staff = request.auth_staff
    apart = {
        "programme_id",
        "code",
        "seller_id",
        "buyer_id",
        "commodity_id",
        "grades",
        "currency",
        "office_id",
        "area_id",
        "market_id",
    }
    row = services.offer_contract(
        acting_staff=staff,
        programme=found(Programme, staff, told.programme_id),
        code=told.code,
        seller=found(Organisation, staff, told.seller_id),
        buyer=found(Organisation, staff, told.buyer_id),
        commodity=found(Commodity, staff, told.commodity_id),
        office=named(Office, staff, told.office_id),
        area=named(Area, staff, told.area_id),
        currency=told.currency or "",
        grades={grade.name: grade.price_units for grade in told.grades},
        terms=services.Terms(
            market=named(MarketPlace, staff, told.market_id), **told.dict(exclude=apart)
        ),
        id=key,
    )
    return Status(201, row)


@router.post("/contracts/{uuid:contract_id}/checklist", response=ContractOut)
def check_contract(
    request: StaffRequest, contract_id: UUID, told: dict[Point, AnswerTold]
) -> SupplyContract:
    """Answer every point that is looked at before anybody signs."""
    staff = request.auth_staff
    return services.check_contract(
        acting_staff=staff,
        contract=found(SupplyContract, staff, contract_id),
        answers={point.value: Answer(one.clear, one.note) for point, one in told.items()},
        on=timezone.localdate(),
    )


@router.post("/contracts/{uuid:contract_id}/signature", response=ContractOut)
def sign_contract(request: StaffRequest, contract_id: UUID, told: SignTold) -> SupplyContract:
    """Record that the producers' representative signed before the caller."""
    staff = request.auth_staff
    return services.sign_contract(
        acting_staff=staff,
        contract=found(SupplyContract, staff, contract_id),
        today=timezone.localdate(),
        **told.dict(),
    )


@router.get("/contracts/{uuid:contract_id}/kept", response=KeptOut)
def contract_kept(request: StaffRequest, contract_id: UUID) -> KeptOut:
    """How a contract was kept so far."""
    contract = found(SupplyContract, request.auth_staff, contract_id)
    rows = queries.deliveries_of(contract)
    told = queries.kept_of(contract, rows)
    reference = None
    if may(request.auth_staff, "markets.view_price"):
        reference = queries.reference_of(contract, rows, request.auth_staff)
    price = reference.price if reference else None
    return KeptOut(
        contracted=told.contracted,
        delivered=told.delivered,
        rejected=told.rejected,
        accepted=told.accepted,
        fulfilment_percent=decimal_text_or_none(told.fulfilment_percent, 1),
        rejection_percent=decimal_text_or_none(told.rejection_percent, 1),
        average_price=decimal_text_or_none(told.average_price, 2),
        reference_price=decimal_text_or_none(price, 2),
        captured_percent=decimal_text_or_none(told.captured_percent(price), 1),
        payment_delay_days=decimal_text_or_none(queries.delay_of(rows), 1),
        advance_left_units=queries.advance_left(contract, rows),
    )


@router.post("/contracts/{uuid:contract_id}/deliveries", response={201: DeliveryOut})
def record_delivery(
    request: StaffRequest, contract_id: UUID, key: IdempotencyKey, told: DeliveryTold
) -> Status[Delivery]:
    """Record goods handed over under a contract."""
    staff = request.auth_staff
    contract = found(SupplyContract, staff, contract_id)
    grade = contract.grades.filter(name=told.grade).first()
    if grade is None:
        raise deliveries.GradeOfAnotherContract(field="grade")
    row = deliveries.record_delivery(
        acting_staff=staff,
        contract=contract,
        grade=grade,
        today=timezone.localdate(),
        on_paper=deliveries.HandedOver(told.slip, told.given_by, told.taken_by),
        id=key,
        **told.dict(exclude={"grade", "slip", "given_by", "taken_by"}),
    )
    return Status(201, row)


@router.post("/deliveries/{uuid:delivery_id}/payment", response=DeliveryOut)
def pay_delivery(request: StaffRequest, delivery_id: UUID, told: PaidTold) -> Delivery:
    """Record what the buyer paid for a delivery."""
    staff = request.auth_staff
    return deliveries.pay_delivery(
        acting_staff=staff,
        delivery=found(Delivery, staff, delivery_id),
        today=timezone.localdate(),
        **told.dict(),
    )


@router.get("/contracts/{uuid:contract_id}/grades", response=list[GradeTold])
def list_grades(request: StaffRequest, contract_id: UUID) -> list[ContractGrade]:
    """The grades of a contract with their prices."""
    return list(found(SupplyContract, request.auth_staff, contract_id).grades.all())
