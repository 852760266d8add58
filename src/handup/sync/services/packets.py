"""Packets arrive: opened, proved, judged against their groups' streams, and written, all of a batch
in one transaction; what this server cannot take alone is kept as it came and tried again."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from handup.groups.models import Group
from handup.groups.services.recorded import record_facts
from handup.groups.services.recorder import recorders_of
from handup.ledger.services.upkeep import is_moved
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.prepared import prepared_records
from handup.sync.errors import TooManyPackets
from handup.sync.models import Packet, PacketState, Seat
from handup.sync.rules.bodies import is_device_id
from handup.sync.rules.packets import Packet as Envelope
from handup.sync.rules.packets import UnreadablePacket, is_signed, read_packet
from handup.sync.rules.stream import Line, Reception, added
from handup.sync.rules.words import Flag, Outcome
from handup.sync.services.gaps import end_gaps
from handup.sync.services.receipts import state_of, write_receipts
from handup.sync.services.shelves import Desk, desk_for

BATCH = 50
API, FILE = "API", "FILE"
logger = logging.getLogger("handup.sync")
Opened = tuple[Envelope, Mapping[str, Any]]


@dataclass(slots=True)
class Arrival:
    """One envelope on its way in, the row that keeps it, and what became of it.

    is_new: it was not here before.
    """

    envelope: Envelope
    told: Mapping[str, Any]
    row: Packet
    is_new: bool
    lines: Sequence[Line] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a phone is told about one packet; without an id not even that could be read."""

    packet_id: UUID | None
    state: str
    lines: Sequence[Line]

    @property
    def is_unread(self) -> bool:
        """Nothing of it was stored, as it is no packet."""
        return any(Flag.UNREADABLE in line.flags for line in self.lines)


def receive_packets(
    packets: Sequence[Mapping[str, Any]], *, acting_staff: StaffUser, door: str = API
) -> list[Answer]:
    """Take packets of any devices; each is answered, in order, with a line for each meeting in it.

    `acting_staff` carries them; the right to record comes from the seat of the device that signed
    them. Nothing is refused for being late, and the same packet twice changes nothing. One packet
    of many that cannot be read or taken keeps none of the others out. Raises TooManyPackets,
    NotAllowed.
    """
    require(acting_staff, "sync.deliver_packets")
    return take_packets(packets, acting_staff, door)


def take_packets(
    packets: Sequence[Mapping[str, Any]], staff: StaffUser, door: str = API
) -> list[Answer]:
    """Take packets whose carrier has been asked for his right. Raises as receive_packets."""
    if len(packets) > BATCH:
        raise TooManyPackets(most=BATCH)
    opened: list[Opened | Answer] = []
    for told in packets:
        try:
            opened.append((read_packet(told), told))
        except UnreadablePacket:
            opened.append(_unread(told))
    readable = [item for item in opened if not isinstance(item, Answer)]
    taken = iter(_receive_all(readable, staff, door) if readable else ())
    return [item if isinstance(item, Answer) else next(taken) for item in opened]


def _unread(told: object) -> Answer:
    """The answer about what is no packet, under its id where that at least can be read: its phone
    is to know which one it need not send again."""
    id = told.get("id") if isinstance(told, Mapping) else None
    line = Line(None, Outcome.REFUSED, (Flag.UNREADABLE,))
    return Answer(UUID(str(id)) if is_device_id(id) else None, PacketState.REFUSED, (line,))


NOT_TAKEN = (Line(None, Outcome.HELD, (Flag.SERVER_FAULT,), waits=True),)


def _receive_all(opened: Sequence[Opened], staff: StaffUser, door: str) -> list[Answer]:
    """A batch in one transaction; when that fails, each packet in its own."""
    try:
        return _receive(opened, staff, door)
    except OperationalError:
        raise
    except Exception:
        logger.exception("a batch of packets failed; each is taken alone")
    return [_receive_alone(item, staff, door) for item in opened]


def _receive_alone(item: Opened, staff: StaffUser, door: str) -> Answer:
    """One packet; what waits beside it may fail without it, and it may fail and be kept."""
    for releases in (True, False):
        try:
            return _receive([item], staff, door, releases=releases)[0]
        except OperationalError:
            raise
        except Exception:
            logger.exception("packet %s failed", item[0].id)
    return _keep(item, staff, door)


@transaction.atomic
def _keep(item: Opened, staff: StaffUser, door: str) -> Answer:
    """Keep a packet as it came, to be tried again."""
    groups = Group.objects.filter(pk=UUID(item[0].group_id)).values_list("pk", flat=True)
    (arrival,) = _arrivals([item], set(groups), staff, door)
    arrival.lines = NOT_TAKEN
    _write_rows([arrival], {}, staff)
    return Answer(arrival.row.packet_id, state_of(NOT_TAKEN), NOT_TAKEN)


@transaction.atomic
def _receive(
    opened: Sequence[Opened], staff: StaffUser, door: str, *, releases: bool = True
) -> list[Answer]:
    named = {UUID(envelope.group_id) for envelope, _told in opened}
    recorders = recorders_of(named, carrier=staff)
    arrivals = _arrivals(opened, set(recorders), staff, door)
    desk = desk_for(recorders, [arrival.envelope for arrival in arrivals])
    for arrival in arrivals:
        arrival.lines = _take(desk, arrival)
    released = _release(desk, arrivals) if releases else {}
    _write(desk, arrivals, released, staff)
    return [
        Answer(arrival.row.packet_id, state_of(arrival.lines), arrival.lines)
        for arrival in arrivals
    ]


def retry_waiting(*, acting_staff: StaffUser, group: Group) -> int:
    """Take again what waits for a group; returns how many packets found their place.

    It happens by itself when something a packet may name is recorded.
    """
    require(acting_staff, "sync.deliver_packets", group)
    return take_again(group, acting_staff)


def take_again(group: Group, staff: StaffUser) -> int:
    """Take again what waits for a group, in the transaction of whoever recorded what it may name.
    A fault of this server in it keeps nothing else from being recorded."""
    if not Packet.objects.filter(group=group, state=PacketState.WAITING).exists():
        return 0
    try:
        with transaction.atomic():
            recorders = recorders_of([group.pk], carrier=staff)
            desk = desk_for(recorders, [])
            released = release_waiting(desk)
            write_taken(desk, released, staff)
            return len(released)
    except OperationalError:
        raise
    except Exception:
        logger.exception("what waits for group %s failed", group.pk)
        return 0


def digest_of(told: Mapping[str, Any]) -> str:
    """What tells two packets of one id apart."""
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


@prepared_records
def _known(packet_ids: list[UUID]) -> QuerySet[Packet, Packet]:
    """What came under these ids before."""
    return Packet.objects.filter(packet_id__in=packet_ids)


def _arrivals(
    opened: Sequence[tuple[Envelope, Mapping[str, Any]]],
    groups: set[UUID],
    staff: StaffUser,
    door: str,
) -> list[Arrival]:
    ids = [UUID(envelope.id) for envelope, _told in opened]
    known = {(row.packet_id, row.digest): row for row in _known(ids)}
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
    reception = desk.reception_for(envelope)
    wrong = _wrong_with(desk, envelope, is_stored=arrival.row.state == PacketState.DONE)
    if wrong is not None or reception is None:
        return [wrong or UNKNOWN]
    return reception.receive(envelope, _received(arrival.row))


UNKNOWN = Line(None, Outcome.SET_ASIDE, (Flag.UNKNOWN_DEVICE,))


def _wrong_with(desk: Desk, envelope: Envelope, *, is_stored: bool = False) -> Line | None:
    """Why an envelope weighs nothing in the group it names, None when it does: its device is no
    phone of that group, did not sign it, or the group is for practice or was handed
    over, unless the packet was taken before that (`is_stored`). Asked whenever a packet is
    about to be taken, at its arrival and when it has waited."""
    key, group_id = desk.devices.get(envelope.device_id), UUID(envelope.group_id)
    if key is None or envelope.device_id not in desk.phones.get(group_id, ()):
        return UNKNOWN
    if envelope.tip and not is_signed(envelope, key):
        return Line(None, Outcome.REFUSED, (Flag.BAD_SIGNATURE,))
    if desk.recorders[group_id].group.practice:
        return Line(None, Outcome.REFUSED, (Flag.PRACTICE_NOT_ACCEPTED,))
    if is_moved(desk.recorders[group_id].group.book) and not is_stored:
        return Line(None, Outcome.REFUSED, (Flag.HANDED_OVER,))
    return None


def _put_out(desk: Desk) -> "Released":
    """Take what proves nothing out of what waits: this server kept it when it failed at it, before
    it had asked who wrote it."""
    out: Released = {}
    for reception in desk.receptions.values():
        for envelope in tuple(reception.held):
            row = desk.waiting.get(envelope.key)
            if row is not None and (wrong := _wrong_with(desk, envelope)) is not None:
                reception.held.remove(envelope)
                out[row.pk] = (row, [wrong])
    return out


def _received(row: Packet) -> date:
    return timezone.localdate(row.recorded_at)


def _release(desk: Desk, arrivals: Sequence[Arrival]) -> dict[UUID, tuple[Packet, list[Line]]]:
    """Take again what waits for the groups of a batch; the rows that found their place."""
    rows = {arrival.envelope.key: arrival.row for arrival in arrivals} | desk.waiting
    mine: dict[str, list[Arrival]] = defaultdict(list)
    for arrival in arrivals:
        mine[arrival.envelope.key].append(arrival)
    moved = _put_out(desk)

    def received(envelope: Envelope) -> date:
        return _received(rows[envelope.key])

    for envelope, lines in _released(desk, received):
        row = rows[envelope.key]
        _row, before = moved.get(row.pk, (row, []))
        moved[row.pk] = (row, added(before, lines))
        for arrival in mine[envelope.key]:
            arrival.lines = added(arrival.lines, lines)
    return moved


Released = dict[UUID, tuple[Packet, list[Line]]]


def release_waiting(desk: Desk) -> Released:
    """Take again what waits; the rows that found their place, by their ids."""
    return _release(desk, [])


def write_taken(desk: Desk, released: Released, staff: StaffUser) -> None:
    """Write what was taken again, inside the transaction in which the groups were locked."""
    _write(desk, [], released, staff)


def _released(
    desk: Desk, received: Callable[[Envelope], date]
) -> Iterator[tuple[Envelope, list[Line]]]:
    """What finds its place in any stream of its group; what a stream beside has brought may be
    what the main one waits for, and the other way round."""
    for group_id in desk.receptions:
        moved = True
        while moved:
            moved = False
            for envelope, lines in _released_once(desk, group_id, received):
                moved = moved or any(line.new for line in lines)
                yield envelope, lines


def _released_once(
    desk: Desk, group_id: UUID, received: Callable[[Envelope], date]
) -> Iterator[tuple[Envelope, list[Line]]]:
    main = desk.receptions[group_id]
    for envelope in tuple(main.held):
        reception = desk.reception_for(envelope)
        if reception is not None and reception is not main:
            main.held.remove(envelope)
            reception.held.append(envelope)
    for reception in desk.receptions_of(group_id):
        yield from reception.release(received)


def _write(
    desk: Desk,
    arrivals: Sequence[Arrival],
    released: Mapping[UUID, tuple[Packet, list[Line]]],
    staff: StaffUser,
) -> None:
    """Write facts, seats and receipts."""
    busy = [recorder for recorder in desk.recorders.values() if recorder.accepted]
    record_facts(acting_staff=staff, recorders=busy)
    _write_rows(arrivals, released, staff)
    _move_seats(desk.receptions)
    end_gaps(desk, staff)


def _write_rows(
    arrivals: Sequence[Arrival],
    released: Mapping[UUID, tuple[Packet, list[Line]]],
    staff: StaffUser,
) -> None:
    """Write what became of packets; one that was answered for good before stays as it is."""
    new: dict[UUID, tuple[Packet, Sequence[Line]]] = {}
    old: dict[UUID, tuple[Packet, Sequence[Line]]] = dict(released)
    for arrival in arrivals:
        if arrival.is_new:
            new[arrival.row.pk] = (arrival.row, arrival.lines)
        elif arrival.row.state != PacketState.DONE:
            old[arrival.row.pk] = (arrival.row, arrival.lines)
    for pk in new:
        old.pop(pk, None)
    write_receipts(new.values(), old.values())
    audit.record_many(
        audit.line(staff, "sync.receive_packet", row, {"state": row.state})
        for row, _lines in new.values()
    )


def _move_seats(receptions: Mapping[UUID, Reception]) -> None:
    """Where the stream itself moved the seat, keep that."""
    for group_id, reception in receptions.items():
        if reception.seat is not None and reception.seat != reception.first_seat:
            Seat.objects.update_or_create(
                group_id=group_id, defaults={"device_id": UUID(reception.seat)}
            )
