"""What is brought to a point, each delivery posted by itself, and what the gate of the plant counts
(groups_cooperatives.md K6, K10).

Every point is a stream of its own, so that several phones collect at once; the server chains it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from handup.groups.errors import GroupClosed, NotAMember, NumberGivenUp
from handup.groups.models import (
    CollectionPoint,
    Delivery,
    GateEntry,
    Group,
    PayslipRun,
    Producer,
    RateChart,
)
from handup.groups.models.collection import Finding, GateState, Rejection, Shift
from handup.groups.models.group import GroupStatus
from handup.groups.queries import FUND_IDS
from handup.groups.rules.milk import Can, check_gate, price_can
from handup.groups.rules.money import LOAN
from handup.groups.rules.rate_chart import VOLUME_MOST, TestOutOfRange, can_of, chart_from
from handup.groups.rules.statutes import NUMBERS
from handup.groups.services.assembly import stream_of
from handup.groups.services.collection import KEEP
from handup.groups.services.facts import FactIn, Stream
from handup.groups.services.outside import KINDS, PRODUCER, require_come, take_back
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.ledger.rules.posting_rules import Part
from handup.ledger.services import EntryIn, Source, fact_lines, post_entries
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import may, require

COLLECT = "groups.collect_produce"
NAME = "record_delivery"


class NotYourPoint(Refusal):
    """At this point only its collector takes produce in."""


class PointClosed(Refusal):
    """This point was closed on {day}."""


class PointNotOpen(Refusal):
    """This point opened on {day}; nothing was taken in here before."""


class DeliversSince(Refusal):
    """Producer {number} delivers since {day}."""


class ExplainedBefore(Refusal):
    """It arrived on {day}; it cannot be explained before."""


class NoChart(Refusal):
    """No rate chart holds on {day}. Publish one first."""


class NoDelivery(Refusal):
    """Write down at least one delivery."""


class GateKnown(Refusal):
    """The gate entry of this point and day is written down already. Take it back first."""


class OnPayslip(Refusal):
    """This delivery is on payslip run {number}. Drop that draft, or take the run back, first."""


class NothingToExplain(Refusal):
    """This gate entry is within the tolerance, or was explained before."""


@dataclass(frozen=True, slots=True)
class CanIn:
    """One delivery as it is told: volume in ml, tests in the whole numbers of `rules.rate_chart`;
    with a reason it was rejected. id: made by the device."""

    producer: Producer
    volume_ml: int
    fat_bps: int | None = None
    clr_x100: int | None = None
    snf_bps: int | None = None
    temp_c10: int | None = None
    reason: Rejection | None = None
    id: UUID | None = None

    def read(self) -> Can:
        """As the rule reads it. Raises TestOutOfRange."""
        return can_of(
            volume_ml=self.volume_ml,
            passed=self.reason is None,
            fat_bps=self.fat_bps,
            clr_x100=self.clr_x100,
            snf_bps=self.snf_bps,
            temp_c10=self.temp_c10,
        )


TESTS = ("fat_bps", "clr_x100", "snf_bps", "temp_c10")


def stream_name(point: CollectionPoint) -> str:
    """The stream of a point."""
    return f"POINT:{point.pk}"


def chart_on(group: Group, on: date) -> RateChart:
    """The rate chart of a day. Raises NoChart."""
    found = group.rate_charts.filter(from_date__lte=on).order_by("-from_date").first()
    if found is None:
        raise NoChart(field="on", day=on)
    return found


def require_point(staff: StaffUser, point: CollectionPoint) -> None:
    """Whoever keeps the collection of a group may collect anywhere; others at their own point, or
    at one of nobody. Raises NotAllowed, NotYourPoint."""
    require(staff, COLLECT, point.group)
    if point.collector_id not in (None, staff.pk) and not may(staff, KEEP, point.group):
        raise NotYourPoint


def id_of_line(sheet: UUID, producer: Producer) -> UUID:
    """The id of a producer's line on a sheet that has an id: the same sheet sent twice is kept
    once."""
    return uuid5(sheet, str(producer.pk))


@transaction.atomic
def record_deliveries(
    *,
    acting_staff: StaffUser,
    point: CollectionPoint,
    on: date,
    shift: Shift,
    cans: Sequence[CanIn],
) -> list[Delivery]:
    """Write down what was brought to a point in one shift: each can is priced by the chart of its
    day, rounded once, and posted by an entry of its own; a rejected one is kept without an amount.
    A can whose id is known already changes nothing.

    Returns the deliveries in the order of the cans. Raises NotYourPoint, PointNotOpen, PointClosed,
    DeliversSince, NumberGivenUp, NoDelivery, NoChart, NotMeasured, NoPrice, TestOutOfRange,
    NotAMember, InTheFuture, GroupClosed, SameIdOtherContent.
    """
    require_point(acting_staff, point)
    group = point.group
    stream = stream_of(group, stream_name(point))
    require_come(on, "on")
    if not cans:
        raise NoDelivery
    _require_open(point, on)
    chart = chart_on(stream.group, on)
    rows: list[Delivery] = []
    new: list[Delivery] = []
    for can in cans:
        told = _told(point, on, shift, can)
        known = already_stored(Delivery, can.id, acting_staff, **told) or _met(new, can.id, told)
        if known is None:
            if can.producer.group_id != group.pk:
                raise NotAMember(field="producer", member=can.producer.number)
            _require_delivering(can.producer, on)
            known = _priced(point, on, shift, can, chart)
            new.append(known)
        rows.append(known)
    if new:
        if stream.group.status == GroupStatus.CLOSED:
            raise GroupClosed
        _keep(acting_staff, stream, new)
        _look_again(point, on)
    return rows


def _require_open(point: CollectionPoint, on: date) -> None:
    """Raises PointNotOpen, PointClosed."""
    if on < (opened := point.fact.happened_date):
        raise PointNotOpen(field="on", day=opened)
    if point.ended_date is not None and on >= point.ended_date:
        raise PointClosed(day=point.ended_date)


def _require_delivering(producer: Producer, on: date) -> None:
    """Her number holds on the day, as it stands under the lock. Raises DeliversSince,
    NumberGivenUp."""
    since, ended = Producer.objects.values_list("from_date", "ended_date").get(pk=producer.pk)
    if on < since:
        raise DeliversSince(field="on", number=producer.number, day=since)
    if ended is not None and on >= ended:
        raise NumberGivenUp(field="on", number=producer.number, day=ended)


def _met(rows: Iterable[Delivery], id: UUID | None, told: dict[str, Any]) -> Delivery | None:
    """The delivery of this id among those that come with it. Raises SameIdOtherContent."""
    known = next((row for row in rows if row.pk == id), None)
    for name, value in told.items() if known is not None else ():
        if getattr(known, name) != value:
            raise SameIdOtherContent(field=name)
    return known


def _told(point: CollectionPoint, on: date, shift: Shift, can: CanIn) -> dict[str, Any]:
    return {
        "group": point.group,
        "point": point,
        "producer": can.producer,
        "delivered_date": on,
        "shift": shift.value,
        "volume_ml": can.volume_ml,
        "reason": can.reason.value if can.reason else "",
        **{name: getattr(can, name) for name in TESTS},
    }


def _priced(
    point: CollectionPoint, on: date, shift: Shift, can: CanIn, chart: RateChart
) -> Delivery:
    """The delivery with its amount; not stored. A refusal names the field of this producer."""
    try:
        amount = price_can(can.read(), chart_from(chart.terms)).amount
    except Refusal as refusal:
        refusal.field = f"{refusal.field or 'volume_ml'}_{can.producer.pk}"
        raise
    told = _told(point, on, shift, can)
    return Delivery(id=can.id or new_id(), chart=chart, amount_units=amount, **told)


def _keep(staff: StaffUser, stream: Stream, rows: Sequence[Delivery]) -> None:
    """Store deliveries with their facts and entries."""
    group = stream.group
    facts = stream.append([FactIn(NAME, _body(row), row.delivered_date) for row in rows], staff)
    entries = []
    for row, fact in zip(rows, facts, strict=True):
        row.fact = fact
        if not row.amount_units:
            continue
        part = Part(row.amount_units, credit_subject=(PRODUCER, row.producer_id))
        entries.append(
            EntryIn(
                book=group.book,
                kind=KINDS[NAME],
                source=Source("groups", NAME, fact.pk),
                lines=fact_lines(
                    KINDS[NAME],
                    {"AMOUNT": part},
                    currency=group.currency,
                    fund=FUND_IDS[LOAN],
                ),
                happened_date=row.delivered_date,
                branch=group.office_id,
            )
        )
    Delivery.objects.bulk_create(rows)
    if entries:
        post_entries(entries, acting_staff=staff)
    audit.record_many(audit.line(staff, COLLECT, row, {"ml": row.volume_ml}) for row in rows)


def _body(row: Delivery) -> dict[str, Json]:
    body: dict[str, Json] = {
        "delivery": str(row.pk),
        "point": str(row.point_id),
        "producer": str(row.producer_id),
        "shift": row.shift,
        "volume_ml": row.volume_ml,
        "test": "FAIL" if row.reason else "PASS",
        "chart": str(row.chart_id),
        "units": row.amount_units,
    }
    if row.reason:
        body["reason"] = row.reason
    return body | {name: value for name in TESTS if (value := getattr(row, name)) is not None}


def same_shift_twice(rows: Iterable[Delivery]) -> set[UUID]:
    """The deliveries of producers who brought several in one shift of one day: it is told, not
    refused (SAME_SHIFT_TWICE)."""
    met: dict[tuple[UUID, date, str], list[UUID]] = {}
    for row in rows:
        if not row.is_reversed:
            key = (row.producer_id, row.delivered_date, row.shift)
            met.setdefault(key, []).append(row.pk)
    return {pk for pks in met.values() if len(pks) > 1 for pk in pks}


@transaction.atomic
def take_back_delivery(
    *, acting_staff: StaffUser, delivery: Delivery, on: date, away: bool = False
) -> Delivery:
    """Take a delivery back that was written down wrongly: its entry is reversed, and the right one
    is written down anew. On its own day whoever collects there may, later a supervisor. `away`: it
    was taken back at the point on that day, and the office hears of it only now.

    Raises NotAllowed, NotYourPoint, OnPayslip, TakenBackAlready, TakenBackBefore, InTheFuture.
    """
    stored = Delivery.objects.select_related("fact", "point__group").get(pk=delivery.pk)
    if stored.delivered_date == on and (away or on == timezone.localdate()):
        require_point(acting_staff, stored.point)
    else:
        require(acting_staff, "groups.reverse_fact", stored.point.group)
    stream = stream_of(stored.point.group, stream_name(stored.point))
    run = PayslipRun.objects.filter(slips__deliveries=stored).first()
    if run is not None:
        raise OnPayslip(number=run.number)
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    _look_again(stored.point, stored.delivered_date)
    audit.record(acting_staff, "groups.take_back_delivery", stored, {"ml": stored.volume_ml})
    return stored


def declared_ml(point: CollectionPoint, on: date) -> int:
    """All that was declared at a point on a day, rejected cans included."""
    rows = point.deliveries.filter(delivered_date=on, is_reversed=False)
    return int(rows.aggregate(all=Sum("volume_ml"))["all"] or 0)


def _state(volume_ml: int, declared: int, tolerance_bps: int) -> GateState:
    gate = check_gate(
        [Can(Fraction(declared, 1000), True)],
        Fraction(volume_ml, 1000),
        Fraction(tolerance_bps, 100),
    )
    return GateState.WITHIN_TOLERANCE if gate.is_within else GateState.OUT_OF_TOLERANCE


@transaction.atomic
def record_gate(
    *,
    acting_staff: StaffUser,
    point: CollectionPoint,
    volume_ml: int,
    on: date,
    id: UUID | None = None,
) -> GateEntry:
    """Write down what arrived of a point's cans of a day; outside the tolerance of the statutes it
    opens a case. The same id with the same content returns it unchanged.

    Raises NotYourPoint, PointNotOpen, TestOutOfRange, GateKnown, InTheFuture, SameIdOtherContent.
    """
    require_point(acting_staff, point)
    stream = stream_of(point.group, stream_name(point))
    told = {"point": point, "arrived_date": on, "volume_ml": volume_ml}
    if (known := already_stored(GateEntry, id, acting_staff, **told)) is not None:
        return known
    require_come(on, "on")
    if on < (opened := point.fact.happened_date):
        raise PointNotOpen(field="on", day=opened)
    if not 0 <= volume_ml <= VOLUME_MOST:
        raise TestOutOfRange(field="volume_ml", what="Litres at the gate", least=0, most=100_000)
    if point.gate_entries.filter(arrived_date=on, is_reversed=False).exists():
        raise GateKnown(field="on")
    statutes = stream.group.statutes.filter(from_date__lte=on).order_by("-version").first()
    tolerance = (
        statutes.settings["gate_tolerance_bps"] if statutes else NUMBERS["gate_tolerance_bps"][0]
    )
    assert tolerance is not None
    declared = declared_ml(point, on)
    body: dict[str, Json] = {"point": str(point.pk), "volume_ml": volume_ml}
    (fact,) = stream.append([FactIn("record_gate", body, on)], acting_staff)
    row = GateEntry.objects.create(
        id=id or new_id(),
        group=point.group,
        declared_ml=declared,
        tolerance_bps=tolerance,
        state=_state(volume_ml, declared, tolerance),
        fact=fact,
        **told,
    )
    audit.record(acting_staff, COLLECT, row, {"state": row.state})
    return row


def _look_again(point: CollectionPoint, on: date) -> None:
    """A delivery of a day whose gate was counted came, or went: what was declared changes, and with
    it whether it fits; what was explained before stays so only while the difference does."""
    row = point.gate_entries.filter(arrived_date=on, is_reversed=False).first()
    if row is None or (declared := declared_ml(point, on)) == row.declared_ml:
        return
    row.declared_ml, row.finding = declared, ""
    row.state = _state(row.volume_ml, declared, row.tolerance_bps)
    row.save(update_fields=("declared_ml", "state", "finding"))


@transaction.atomic
def explain_gate(
    *, acting_staff: StaffUser, entry: GateEntry, finding: Finding, on: date
) -> GateEntry:
    """Close the case of a gate entry outside the tolerance with what was found. Raises
    NothingToExplain, ExplainedBefore, InTheFuture."""
    require(acting_staff, KEEP, entry.group)
    stream = stream_of(entry.group, stream_name(entry.point))
    stored = GateEntry.objects.get(pk=entry.pk)
    if stored.state == GateState.EXPLAINED and stored.finding == finding:
        return stored
    if stored.state != GateState.OUT_OF_TOLERANCE or stored.is_reversed:
        raise NothingToExplain
    require_come(on, "on")
    if on < stored.arrived_date:
        raise ExplainedBefore(field="on", day=stored.arrived_date)
    body: dict[str, Json] = {"gate": str(stored.pk), "finding": finding.value}
    stream.append([FactIn("explain_gate", body, on)], acting_staff)
    stored.state, stored.finding = GateState.EXPLAINED, finding.value
    stored.save(update_fields=("state", "finding"))
    audit.record(acting_staff, KEEP, stored, {"finding": finding.value})
    return stored


@transaction.atomic
def take_back_gate(*, acting_staff: StaffUser, entry: GateEntry, on: date) -> GateEntry:
    """Take a gate entry back that was counted wrongly; it is written down anew. Raises
    TakenBackAlready, InTheFuture."""
    require(acting_staff, "groups.reverse_fact", entry.group)
    stream = stream_of(entry.group, stream_name(entry.point))
    stored = GateEntry.objects.select_related("fact").get(pk=entry.pk)
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_gate", stored)
    return stored
