"""The API door of collecting produce: points, producers, rate charts, deliveries, the gate."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_group, found_member, found_one
from handup.groups.models import (
    CollectionPoint,
    Delivery,
    GateEntry,
    Producer,
    RateChart,
)
from handup.groups.models.collection import Finding, Rejection, Shift
from handup.groups.queries import days_not_whole
from handup.groups.services import collection, deliveries
from handup.org import reads
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.models import StaffUser
from handup.org.permissions import OutOfSight
from handup.people.models import Person

router = Router(tags=["groups"])
Volume = Annotated[int, Field(gt=0, le=10**8)]
Small = Annotated[int, Field(ge=-50, le=6000)]


class PointIn(Schema):
    """A collection point; `collector` is the user name of whose it is."""

    name: Text
    collector: Annotated[Text, Field(max_length=150)] = ""
    on: date


class PointOut(Schema):
    """A collection point."""

    id: UUID
    name: str
    ended_date: date | None


class ProducerIn(Schema):
    """Whoever delivers: a member, or a person who is none."""

    member_id: UUID | None = None
    person_id: UUID | None = None
    from_date: date


class ProducerOut(Schema):
    """A producer."""

    id: UUID
    number: int
    member_id: UUID | None
    person_id: UUID | None
    ended_date: date | None


class ChartIn(Schema):
    """A rate chart: whole numbers, prices in 1/100 of the smallest unit (`_x100`), constants in
    1/10 000 (`_x10000`), steps of `grid` and `premiums` (rules of groups, rate_chart)."""

    from_date: date
    terms: Annotated[dict[str, Any], Field(max_length=20)]


class ChartOut(Schema):
    """A rate chart."""

    id: UUID
    from_date: date
    pricing: str
    terms: dict[str, Any]


class CanIn(Schema):
    """One delivery: volume in ml; fat and solids in 1/100 percent, lactometer in 1/100, temperature
    in 1/10 degree; with a `reason` it was rejected. `id` is made by the device."""

    id: UUID
    producer_id: UUID
    volume_ml: Volume
    fat_bps: Small | None = None
    clr_x100: Small | None = None
    snf_bps: Small | None = None
    temp_c10: Small | None = None
    reason: Rejection | None = None


class ShiftIn(Schema):
    """What was brought in one shift of a day."""

    on: date
    shift: Shift
    cans: Annotated[list[CanIn], Field(min_length=1, max_length=500)]


class DeliveryOut(Schema):
    """A delivery with its amount in smallest units."""

    id: UUID
    producer_id: UUID
    delivered_date: date
    shift: str
    volume_ml: int
    fat_bps: int | None
    clr_x100: int | None
    snf_bps: int | None
    temp_c10: int | None
    reason: str
    amount_units: int
    is_reversed: bool


class GateIn(Schema):
    """What arrived at the gate of a day's deliveries, in ml."""

    on: date
    volume_ml: Annotated[int, Field(ge=0, le=10**8)]


class GateOut(Schema):
    """What arrived against what was declared; `declared_ml` is null where somebody delivered whom
    the reader does not see."""

    id: UUID
    arrived_date: date
    volume_ml: int
    declared_ml: int | None
    tolerance_bps: int
    state: str
    finding: str


class FindingIn(Schema):
    """What was found of a difference."""

    finding: Finding
    on: date


class OnIn(Schema):
    """On which day something is taken back."""

    on: date


def _point(staff: StaffUser, pk: UUID) -> CollectionPoint:
    rows = CollectionPoint.objects.visible_to(staff).select_related("group__book")
    return found_one(rows, pk)


def _note(request: StaffRequest, rows: list[Producer]) -> None:
    persons = [row.person_id for row in rows if row.person_id]
    reads.note(request, persons=persons, action="LIST", highest="P")


def _gate(staff: StaffUser, row: GateEntry) -> GateOut:
    """A gate entry as a reader may see it."""
    hidden = (row.point_id, row.arrived_date) in days_not_whole(staff, row.group)
    return GateOut(
        id=row.pk,
        arrived_date=row.arrived_date,
        volume_ml=row.volume_ml,
        declared_ml=None if hidden else row.declared_ml,
        tolerance_bps=row.tolerance_bps,
        state=row.state,
        finding=row.finding,
    )


@router.get("/groups/{uuid:group_id}/points", response=list[PointOut])
def list_points(request: StaffRequest, group_id: UUID) -> list[CollectionPoint]:
    """The collection points of a group."""
    group = found_group(request.auth_staff, group_id)
    return list(CollectionPoint.objects.visible_to(request.auth_staff).filter(group=group))


@router.post("/groups/{uuid:group_id}/points", response={201: PointOut})
def open_point(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: PointIn
) -> Status[CollectionPoint]:
    """Open a collection point."""
    named = StaffUser.objects.filter(username=told.collector, is_active=True).first()
    if told.collector and named is None:
        raise OutOfSight
    row = collection.open_point(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        name=told.name,
        collector=named,
        on=told.on,
        id=key,
    )
    return Status(201, row)


@router.get("/groups/{uuid:group_id}/producers", response=list[ProducerOut])
def list_producers(request: StaffRequest, group_id: UUID) -> list[Producer]:
    """Those who deliver to a group, as far as the reader may see them."""
    group = found_group(request.auth_staff, group_id)
    rows = list(Producer.objects.visible_to(request.auth_staff).filter(group=group))
    _note(request, rows)
    return rows


@router.post("/groups/{uuid:group_id}/producers", response={201: ProducerOut})
def register_producer(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: ProducerIn
) -> Status[Producer]:
    """Give a member, or somebody who is none, a producer number."""
    staff = request.auth_staff
    persons = Person.objects.visible_to(staff)
    row = collection.register_producer(
        acting_staff=staff,
        group=found_group(staff, group_id),
        member=found_member(staff, told.member_id) if told.member_id else None,
        person=found_one(persons, told.person_id) if told.person_id else None,
        from_date=told.from_date,
        id=key,
    )
    return Status(201, row)


@router.post("/producers/{uuid:producer_id}/end", response={201: ProducerOut})
def give_up_number(
    request: StaffRequest, producer_id: UUID, key: IdempotencyKey, told: OnIn
) -> Status[Producer]:
    """End a producer number, once everything under it is settled."""
    staff = request.auth_staff
    rows = Producer.objects.visible_to(staff).select_related("group__book")
    row = collection.give_up_number(
        acting_staff=staff, producer=found_one(rows, producer_id), on=told.on
    )
    return Status(201, row)


@router.get("/groups/{uuid:group_id}/rate-charts", response=list[ChartOut])
def list_charts(request: StaffRequest, group_id: UUID) -> list[RateChart]:
    """The rate charts of a group, the newest first."""
    return list(found_group(request.auth_staff, group_id).rate_charts.all())


@router.post("/groups/{uuid:group_id}/rate-charts", response={201: ChartOut})
def publish_chart(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: ChartIn
) -> Status[RateChart]:
    """Publish what deliveries are paid from a day on."""
    row = collection.publish_rate_chart(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        from_date=told.from_date,
        terms=told.terms,
        id=key,
    )
    return Status(201, row)


@router.get("/points/{uuid:point_id}/deliveries", response=list[DeliveryOut])
def list_deliveries(request: StaffRequest, point_id: UUID, on: date) -> list[Delivery]:
    """What was brought to a point on a day, by those the reader may see."""
    point = _point(request.auth_staff, point_id)
    rows = Delivery.objects.visible_to(request.auth_staff).filter(point=point, delivered_date=on)
    found = list(rows.select_related("producer"))
    _note(request, [row.producer for row in found])
    return found


@router.post("/points/{uuid:point_id}/deliveries", response={201: list[DeliveryOut]})
def record_deliveries(
    request: StaffRequest, point_id: UUID, key: IdempotencyKey, told: ShiftIn
) -> Status[list[Delivery]]:
    """Write down what was brought in one shift; each delivery has the id of its device and posts by
    itself, so that what is sent twice changes nothing."""
    staff = request.auth_staff
    point = _point(staff, point_id)
    wanted = {can.producer_id for can in told.cans}
    seen = Producer.objects.visible_to(staff).filter(group=point.group, pk__in=wanted).in_bulk()
    if wanted - set(seen):
        raise OutOfSight
    cans = [
        deliveries.CanIn(seen[can.producer_id], **can.dict(exclude={"producer_id"}))
        for can in told.cans
    ]
    rows = deliveries.record_deliveries(
        acting_staff=staff, point=point, on=told.on, shift=told.shift, cans=cans
    )
    _note(request, list(seen.values()))
    return Status(201, rows)


@router.post("/deliveries/{uuid:delivery_id}/reversal", response=DeliveryOut)
def take_back_delivery(
    request: StaffRequest, delivery_id: UUID, key: IdempotencyKey, told: OnIn
) -> Delivery:
    """Take a delivery back that was written down wrongly."""
    staff = request.auth_staff
    row = found_one(Delivery.objects.visible_to(staff), delivery_id)
    return deliveries.take_back_delivery(acting_staff=staff, delivery=row, on=told.on)


@router.post("/points/{uuid:point_id}/gate", response={201: GateOut})
def record_gate(
    request: StaffRequest, point_id: UUID, key: IdempotencyKey, told: GateIn
) -> Status[GateOut]:
    """Write down what arrived at the gate."""
    row = deliveries.record_gate(
        acting_staff=request.auth_staff,
        point=_point(request.auth_staff, point_id),
        volume_ml=told.volume_ml,
        on=told.on,
        id=key,
    )
    return Status(201, _gate(request.auth_staff, row))


@router.post("/gate/{uuid:gate_id}/finding", response=GateOut)
def explain_gate(
    request: StaffRequest, gate_id: UUID, key: IdempotencyKey, told: FindingIn
) -> GateOut:
    """Close the case of a gate entry outside the tolerance."""
    staff = request.auth_staff
    row = found_one(GateEntry.objects.visible_to(staff).select_related("group", "point"), gate_id)
    row = deliveries.explain_gate(acting_staff=staff, entry=row, finding=told.finding, on=told.on)
    return _gate(staff, row)


@router.post("/gate/{uuid:gate_id}/reversal", response=GateOut)
def take_back_gate(
    request: StaffRequest, gate_id: UUID, key: IdempotencyKey, told: OnIn
) -> GateOut:
    """Take a gate entry back that was counted wrongly."""
    staff = request.auth_staff
    row = found_one(GateEntry.objects.visible_to(staff).select_related("group", "point"), gate_id)
    return _gate(staff, deliveries.take_back_gate(acting_staff=staff, entry=row, on=told.on))
