"""Packets arrive: opened, proved, judged against their groups' streams, and written, all of a batch
in one transaction."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.groups.models import Group
from handup.groups.services.recorded import record_facts
from handup.groups.services.recorder import recorders_of
from handup.org import audit
from handup.org.bulk import insert_rows
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.sync.errors import TooManyPackets
from handup.sync.models import Packet, PacketLine, PacketState, Seat
from handup.sync.rules.packets import Packet as Envelope
from handup.sync.rules.packets import is_signed, read_packet
from handup.sync.rules.stream import Line, Reception
from handup.sync.rules.words import Flag, Outcome
from handup.sync.services.shelves import Desk, desk_for

BATCH = 50
API, FILE = "API", "FILE"


@dataclass(slots=True)
class Arrival:
    """One envelope on its way in, the row that keeps it, and what became of it.

    is_new: it was not here before. was: the state the row had.
    """

    envelope: Envelope
    told: Mapping[str, Any]
    row: Packet
    is_new: bool
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a phone is told about one packet."""

    packet_id: UUID
    state: str
    lines: Sequence[Line]


def receive_packets(
    packets: Sequence[Mapping[str, Any]], *, acting_staff: StaffUser, door: str = API
) -> list[Answer]:
    """Take packets of any devices; each is answered, with a line for each meeting in it.

    `acting_staff` carries them; the right to record comes from the seat of the device that signed
    them. Nothing is refused for being late, and the same packet twice changes nothing. Raises
    UnreadablePacket, TooManyPackets, NotAllowed; then nothing is stored.
    """
    require(acting_staff, "sync.deliver_packets")
    if len(packets) > BATCH:
        raise TooManyPackets(most=BATCH)
    opened = [(read_packet(told), told) for told in packets]
    with transaction.atomic():
        named = {UUID(envelope.group_id) for envelope, _told in opened}
        recorders = recorders_of(named, carrier=acting_staff)
        arrivals = _arrivals(opened, set(recorders), acting_staff, door)
        desk = desk_for(recorders, [arrival.envelope for arrival in arrivals])
        for arrival in arrivals:
            arrival.lines = _take(desk, arrival)
        released = _release(desk, arrivals)
        _write(desk, arrivals, released, acting_staff)
    return [
        Answer(arrival.row.packet_id, state_of(arrival.lines), arrival.lines)
        for arrival in arrivals
    ]


@transaction.atomic
def retry_waiting(*, acting_staff: StaffUser, group: Group) -> int:
    """Take again what waits for a group, after something it names was recorded; returns how many
    packets found their place."""
    require(acting_staff, "sync.deliver_packets", group)
    recorders = recorders_of([group.pk], carrier=acting_staff)
    desk = desk_for(recorders, [])
    released = _release(desk, [])
    _write(desk, [], released, acting_staff)
    return len(released)


def digest_of(told: Mapping[str, Any]) -> str:
    """What tells two packets of one id apart."""
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _arrivals(
    opened: Sequence[tuple[Envelope, Mapping[str, Any]]],
    groups: set[UUID],
    staff: StaffUser,
    door: str,
) -> list[Arrival]:
    ids = [UUID(envelope.id) for envelope, _told in opened]
    known = {(row.packet_id, row.digest): row for row in Packet.objects.filter(packet_id__in=ids)}
    arrivals = []
    for envelope, told in opened:
        key = (UUID(envelope.id), digest_of(told))
        row = known.get(key)
        is_new = row is None
        if row is None:
            group_id = UUID(envelope.group_id)
            row = known[key] = Packet(
                packet_id=key[0],
                device_id=UUID(envelope.device_id),
                group_id=group_id if group_id in groups else None,
                delivered_by=staff,
                door=door,
                first_seq=envelope.first_seq,
                last_seq=envelope.last_seq,
                tip=envelope.tip,
                state=PacketState.WAITING,
                told=json.dumps(told),
                digest=key[1],
            )
        arrivals.append(Arrival(envelope, told, row, is_new))
    return arrivals


def _take(desk: Desk, arrival: Arrival) -> Sequence[Line]:
    """Prove one envelope and hand it to its group's reception."""
    envelope = arrival.envelope
    device = desk.devices.get(envelope.device_id)
    reception = desk.receptions.get(UUID(envelope.group_id))
    if device is None or reception is None:
        return [Line(None, Outcome.SET_ASIDE, (Flag.UNKNOWN_DEVICE,))]
    if envelope.tip and not is_signed(envelope, device.public_key):
        return [Line(None, Outcome.REFUSED, (Flag.BAD_SIGNATURE,))]
    if desk.recorders[UUID(envelope.group_id)].group.practice:
        return [Line(None, Outcome.REFUSED, (Flag.PRACTICE_NOT_ACCEPTED,))]
    return reception.receive(envelope, _received(arrival.row))


def _received(row: Packet) -> date:
    return timezone.localdate(row.recorded_at)


def _release(desk: Desk, arrivals: Sequence[Arrival]) -> dict[UUID, tuple[Packet, list[Line]]]:
    """Take again what waits for the groups of a batch; the rows that found their place."""
    rows = dict(desk.waiting)
    mine = {arrival.envelope.id: arrival for arrival in arrivals}
    rows.update({id: arrival.row for id, arrival in mine.items() if arrival.is_new})
    moved: dict[UUID, tuple[Packet, list[Line]]] = {}

    def received(envelope: Envelope) -> date:
        return _received(rows[envelope.id])

    for reception in desk.receptions.values():
        for envelope, lines in reception.release(received):
            row = rows[envelope.id]
            moved[row.pk] = (row, lines)
            if envelope.id in mine:
                mine[envelope.id].lines = lines
    return moved


def state_of(lines: Iterable[Line]) -> str:
    """Where a packet stands: what needs a person comes before what is done."""
    outcomes = {line.outcome for line in lines}
    if any(line.waits for line in lines):
        return PacketState.WAITING
    if Outcome.SET_ASIDE in outcomes:
        return PacketState.SET_ASIDE
    return PacketState.REFUSED if Outcome.REFUSED in outcomes else PacketState.DONE


def _write(
    desk: Desk,
    arrivals: Sequence[Arrival],
    released: Mapping[UUID, tuple[Packet, list[Line]]],
    staff: StaffUser,
) -> None:
    """Write facts, receipts and seats; a packet answered for good before stays as it is."""
    busy = [recorder for recorder in desk.recorders.values() if recorder.accepted]
    record_facts(acting_staff=staff, recorders=busy)
    new: dict[UUID, tuple[Packet, Sequence[Line]]] = {}
    old: dict[UUID, tuple[Packet, Sequence[Line]]] = dict(released)
    for arrival in arrivals:
        if arrival.is_new:
            new[arrival.row.pk] = (arrival.row, arrival.lines)
        elif arrival.row.state != PacketState.DONE:
            old[arrival.row.pk] = (arrival.row, arrival.lines)
    for pk in new:
        old.pop(pk, None)
    for row, lines in (*new.values(), *old.values()):
        _settle(row, lines)
    if new:
        insert_rows([row for row, _lines in new.values()])
    for row, _lines in old.values():
        row.save(update_fields=["state", "told", "settled_at"])
    if old:
        PacketLine.objects.filter(packet__in=list(old)).delete()
    lines_made = [
        line for row, lines in (*new.values(), *old.values()) for line in _lines_of(row, lines)
    ]
    if lines_made:
        insert_rows(lines_made)
    _move_seats(desk.receptions)
    audit.record_many(
        audit.line(staff, "sync.receive_packet", row, {"state": row.state})
        for row, _lines in new.values()
    )


def _settle(row: Packet, lines: Sequence[Line]) -> None:
    """What is stored needs no second copy; everything else keeps what arrived."""
    row.state = state_of(lines)
    if row.state == PacketState.DONE:
        row.told, row.settled_at = "", timezone.now()


def _lines_of(row: Packet, lines: Sequence[Line]) -> list[PacketLine]:
    return [
        PacketLine(
            packet=row,
            place=place,
            meeting_id=UUID(line.meeting_id) if line.meeting_id else None,
            held_date=line.held_date,
            outcome=line.outcome.value,
            flags=[flag.value for flag in line.flags],
            faults=[
                {
                    "code": str(fault.code),
                    "fact": fault.fact,
                    "field": fault.field,
                    "value": fault.value,
                }
                for fault in line.faults
            ],
            stored=len(line.new),
            savings_total=line.savings_total,
        )
        for place, line in enumerate(lines)
    ]


def _move_seats(receptions: Mapping[UUID, Reception]) -> None:
    """Where the stream itself moved the seat, keep that."""
    for group_id, reception in receptions.items():
        if reception.seat is not None and reception.seat != reception.first_seat:
            Seat.objects.update_or_create(
                group_id=group_id, defaults={"device_id": UUID(reception.seat)}
            )
