"""What a collector's own phone wrote at a collection point: each delivery, each gate entry and each
taking back posts by itself, whichever phone of the point it came from."""

from collections.abc import Mapping
from typing import Any

from handup.groups.models import CollectionPoint, Delivery, Producer
from handup.groups.models.collection import Rejection, Shift
from handup.groups.services import deliveries
from handup.org.models import StaffUser
from handup.sync.errors import NotThatDelivery, NotThatPoint, NotThatProducer
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id as is_id_text
from handup.sync.rules.bodies import is_number
from handup.sync.services.work_told import WorkTold

TESTS = deliveries.TESTS


def is_delivery(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was brought; what a test can show the service asks."""
    return (
        is_id_text(body.get("point"))
        and is_id_text(body.get("producer"))
        and body.get("shift") in list(Shift)
        and is_number(body.get("volume_ml"), 1, 10**8)
        and all(is_number(body.get(name, 0), -(10**4), 10**4) for name in TESTS)
        and body.get("reason", "") in ["", *Rejection]
    )


def is_gate(body: Mapping[str, Any]) -> bool:
    """Whether a body says what arrived."""
    return is_id_text(body.get("point")) and is_number(body.get("volume_ml"), 0, 10**8)


def is_back(body: Mapping[str, Any]) -> bool:
    """Whether a body says which delivery is taken back."""
    return is_id_text(body.get("delivery"))


def _point(staff: StaffUser, row: WorkFact, pk: str) -> CollectionPoint:
    """The point a fact names. Raises NotThatPoint."""
    rows = CollectionPoint.objects.visible_to(staff).select_related("group__book")
    point = rows.filter(pk=pk).first()
    if point is None:
        raise NotThatPoint
    row.office_id = point.group.office_id
    return point


def deliver(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A delivery of one producer."""
    body = told.body
    point = _point(staff, row, body["point"])
    rows = Producer.objects.visible_to(staff).filter(group=point.group)
    producer = rows.filter(pk=body["producer"]).first()
    if producer is None:
        raise NotThatProducer
    reason = body.get("reason", "")
    deliveries.record_deliveries(
        acting_staff=staff,
        point=point,
        on=told.happened_date,
        shift=Shift(body["shift"]),
        cans=[
            deliveries.CanIn(
                producer,
                body["volume_ml"],
                **{name: body.get(name) for name in TESTS},
                reason=Rejection(reason) if reason else None,
                id=told.id,
            )
        ],
    )
    return WorkState.DONE


def arrive(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """What arrived at the gate of a day's deliveries."""
    deliveries.record_gate(
        acting_staff=staff,
        point=_point(staff, row, told.body["point"]),
        volume_ml=told.body["volume_ml"],
        on=told.happened_date,
        id=told.id,
    )
    return WorkState.DONE


def take_back(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """A delivery that was written down wrongly; taken back before, nothing changes. On its day the
    collector may, before the office had heard of it, however late it hears of both; later, or with
    a clock that is wrong, a supervisor."""
    rows = Delivery.objects.visible_to(staff).filter(pk=told.body["delivery"])
    delivery = rows.select_related("point__group").first()
    if delivery is None:
        raise NotThatDelivery
    row.office_id = delivery.point.group.office_id
    if not delivery.is_reversed:
        away = told.recorded_at < delivery.recorded_at and not told.clock_off
        deliveries.take_back_delivery(
            acting_staff=staff, delivery=delivery, on=told.happened_date, away=away
        )
    return WorkState.DONE
