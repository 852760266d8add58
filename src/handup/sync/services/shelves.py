"""What packets can touch, read once for a batch: streams of groups, known ids, days, devices."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from handup.groups.models import Election, Fine, GroupFact, InternalLoan, Meeting, Resolution
from handup.groups.models.facts import VOID, MeetingStatus
from handup.groups.rules.book import Wrong
from handup.groups.services.facts import MEETING
from handup.groups.services.recorder import PhoneFact, Recorder
from handup.org import safety
from handup.org.prepared import prepared, prepared_records
from handup.sync.models import (
    Branch,
    Choice,
    DeviceKey,
    GroupPhone,
    Packet,
    PacketState,
    Seat,
)
from handup.sync.queries import IN_USE
from handup.sync.records import opened
from handup.sync.rules.facts import Linked
from handup.sync.rules.packets import Packet as Envelope
from handup.sync.rules.packets import is_signed
from handup.sync.rules.stream import Judged, Reception
from handup.sync.rules.upload import Shelf
from handup.sync.rules.vouching import held_by, led_to
from handup.sync.rules.words import Bad, Flag, RowFault

LATE_AFTER = "sync.late_upload_days"
ASIDE = frozenset({PacketState.SET_ASIDE, PacketState.NOT_KEPT})
LONG_AGO = datetime.min.replace(tzinfo=UTC)
MADE_HERE = {
    "charge_fine": "fine_id",
    "pay_out_loan": "loan_id",
    "record_vote": "resolution_id",
    "call_election": "election_id",
}
"""Facts that bring an id of a new record."""


@dataclass(slots=True)
class Desk:
    """Everything a batch is judged with. waiting: the stored packets of these groups that wait, by
    the key of the envelope they hold. beside: streams kept beside a group's main one, by the choice
    that keeps them. devices: the public key of each. phones: the devices that are or once were
    phones of a group; what any other sends under its name weighs nothing. ended: those of them that
    are out of use, and since when. vouched: chain hashes of a group older than that."""

    recorders: dict[UUID, Recorder]
    receptions: dict[UUID, Reception] = field(default_factory=dict)
    devices: dict[str, str] = field(default_factory=dict)
    waiting: dict[str, Packet] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    beside: dict[UUID, list[tuple[Branch, Reception]]] = field(default_factory=dict)
    phones: Mapping[UUID, set[str]] = field(default_factory=dict)
    ended: Mapping[UUID, Mapping[str, datetime]] = field(default_factory=dict)
    vouched: dict[UUID, set[str]] = field(default_factory=dict)

    def reception_for(self, envelope: Envelope) -> Reception | None:
        """The stream of its group a packet belongs to: one kept beside, else the main one."""
        group_id = UUID(envelope.group_id)
        for branch, reception in self.beside.get(group_id, ()):
            is_its = branch.device_id is None or str(branch.device_id) == envelope.device_id
            if is_its and reception.touches(envelope):
                return reception
        return self.receptions.get(group_id)

    def receptions_of(self, group_id: UUID) -> list[Reception]:
        """Every stream of a group, those beside first."""
        return [
            *(item for _branch, item in self.beside.get(group_id, ())),
            self.receptions[group_id],
        ]

    def vouch(self, rows: Collection[Packet]) -> None:
        """Somebody looked at these packets and chose them, whoever wrote them."""
        chosen = {row.pk for row in rows}
        for group_id, reception in self.receptions.items():
            for envelope in reception.held:
                if self.waiting[envelope.key].pk in chosen:
                    self.vouched[group_id] |= held_by(envelope)


def desk_for(recorders: dict[UUID, Recorder], envelopes: Sequence[Envelope]) -> Desk:
    """Read what these envelopes, and those that wait for the same groups, can touch. What came from
    an unknown device, or from one that never was a phone of the group, proves nothing: it is no
    branch of a group's stream."""
    known, ended = _phones(recorders)
    desk = Desk(recorders, phones=known, ended=ended)
    held: dict[UUID, list[Envelope]] = {}
    branches: list[Envelope] = []
    settled: list[Envelope] = []
    kept = [(envelope, row) for envelope, row in opened(_stored(sorted(recorders))) if row.group_id]
    _read_devices(desk, [*envelopes, *(envelope for envelope, _row in kept)])
    for group_id in recorders:
        desk.vouched[group_id] = _vouched(desk, group_id, envelopes, kept)
    for envelope, row in kept:
        if row.state in ASIDE and not _may_stand(desk, envelope, row):
            if envelope.device_id in known[UUID(envelope.group_id)]:
                (branches if row.state == PacketState.SET_ASIDE else settled).append(envelope)
        else:
            desk.waiting[envelope.key] = row
            held.setdefault(UUID(envelope.group_id), []).append(envelope)
    every = [*envelopes, *(item for items in held.values() for item in items)]
    shelf = _shelf(recorders, every)
    desk.taken = _taken(every)
    seats: dict[UUID, UUID | None] = dict(_seats(sorted(recorders)))
    for group_id, recorder in recorders.items():
        phones = frozenset(known[group_id] - ended[group_id].keys())
        desk.receptions[group_id] = Reception(
            shelf,
            late_after_days=safety.value(LATE_AFTER),
            head=recorder.stream.tip,
            seq=recorder.stream.seq,
            seat=str(seats[group_id]) if seats.get(group_id) else None,
            phones=phones,
            aside=_aside(group_id, [*branches, *settled], shelf),
            is_known=_is_known(group_id),
            judge=_judge(desk, recorder, phones),
            ended=ended[group_id],
            vouched=desk.vouched[group_id],
            held=held.get(group_id, []),
            settled=_aside(group_id, settled, shelf),
        )
    _read_branches(desk, shelf, every)
    return desk


@prepared_records
def _stored(group_ids: list[UUID]) -> QuerySet[Packet, Packet]:
    """Packets of groups kept as they came, that were not answered for good."""
    rows = Packet.objects.filter(group__in=group_ids).exclude(told="")
    rows = rows.exclude(lines__flags=[Flag.UNKNOWN_DEVICE.value])
    rows = rows.exclude(state__in=(PacketState.DONE, PacketState.REFUSED))
    return rows.order_by("recorded_at")


@prepared
def _seats(group_ids: list[UUID]) -> QuerySet[Any, Any]:
    """Which device holds the seat of a group."""
    return Seat.objects.filter(group__in=group_ids).values_list("group_id", "device_id")


@prepared_records
def _branches(group_ids: list[UUID]) -> QuerySet[Branch, Branch]:
    """What was chosen of records that part, with the facts that say so, in order."""
    rows = Branch.objects.filter(group__in=group_ids).select_related("fact")
    return rows.order_by("recorded_at")


def _read_branches(desk: Desk, shelf: Shelf, came: Sequence[Envelope]) -> None:
    """What was chosen of records that part: streams kept beside, and ends nobody follows."""
    for branch in _branches(sorted(desk.recorders)):
        if branch.choice == Choice.KEEP_SECOND:
            desk.receptions[branch.group_id].settled.add(branch.other_tip)
        elif branch.choice in {Choice.BOTH, Choice.GAP} and branch.ended_at is None:
            beside = desk.beside.setdefault(branch.group_id, [])
            beside.append((branch, _reception_beside(desk, branch, shelf, came)))


def _reception_beside(
    desk: Desk, branch: Branch, shelf: Shelf, came: Sequence[Envelope]
) -> Reception:
    """The stream a choice keeps beside the main one of its group; `came`: what is here."""
    recorder = desk.recorders[branch.group_id]
    end = recorder.end_of(branch.stream)
    is_gap = branch.choice == Choice.GAP
    return Reception(
        shelf,
        late_after_days=safety.value(LATE_AFTER),
        head=end.tip if end.seq else branch.start,
        seq=end.seq,
        seat=None if is_gap else str(branch.device_id),
        is_known=_is_known(branch.group_id, branch.stream),
        judge=_judge(desk, recorder, frozenset(), branch.stream),
        ended=desk.ended[branch.group_id],
        vouched=desk.vouched[branch.group_id],
        beside=True,
        leads=led_to({branch.tip}, came) if is_gap else None,
    )


@prepared
def _contents(fact_ids: list[UUID]) -> QuerySet[Any, Any]:
    """What was hashed of facts that are here."""
    rows = GroupFact.objects.filter(pk__in=fact_ids).order_by()
    return rows.values_list("pk", "content_hash")


@prepared
def _meetings(ids: list[UUID], group_ids: list[UUID], days: list[date]) -> QuerySet[Any, Any]:
    """These meetings, and those of groups on these days."""
    rows = Meeting.objects.filter(Q(pk__in=ids) | Q(group__in=group_ids, held_date__in=days))
    return rows.values_list("pk", "group_id", "held_date", "status")


def _shelf(groups: Mapping[UUID, Recorder], envelopes: Sequence[Envelope]) -> Shelf:
    facts = [fact for envelope in envelopes for fact in envelope.facts if not fact.faults]
    ids = {UUID(fact.id) for fact in facts}
    shelf = Shelf({str(pk): content for pk, content in _contents(list(ids))})
    meetings = {UUID(fact.meeting_id) for fact in facts if fact.meeting_id}
    days = {fact.happened_date for fact in facts}
    rows = _meetings(list(meetings), list(groups), list(days))
    for pk, group_id, held, status in rows:
        shelf.put_meeting(str(pk), str(group_id), held)
        if status in VOID:
            shelf.drop_meeting(str(pk), str(group_id), held)
    return shelf


@prepared
def _keys(device_ids: list[UUID]) -> QuerySet[Any, Any]:
    """The keys devices sign with."""
    rows = DeviceKey.objects.filter(device__in=device_ids)
    return rows.values_list("device_id", "public_key")


def _read_devices(desk: Desk, envelopes: Iterable[Envelope]) -> None:
    ids = {UUID(envelope.device_id) for envelope in envelopes}
    for device_id, key in _keys(list(ids)):
        desk.devices[str(device_id)] = key


def _taken(envelopes: Iterable[Envelope]) -> set[str]:
    """Ids of new fines, loans and votes that some record bears already, or will when a meeting that
    is open now closes."""
    ids = {
        UUID(str(fact.body[MADE_HERE[fact.name]]))
        for envelope in envelopes
        for fact in envelope.facts
        if fact.name in MADE_HERE and not fact.faults and MADE_HERE[fact.name] in fact.body
    }
    found: set[str] = set()
    if not ids:
        return found
    for model in (Election, Fine, InternalLoan, Resolution):
        rows: Any = model._base_manager.filter(pk__in=ids)
        found.update(str(pk) for pk in rows.values_list("pk", flat=True))
    told = GroupFact.objects.filter(
        name__in=MADE_HERE, meeting__status=MeetingStatus.OPEN, told__isnull=False
    )
    for name, body in told.values_list("name", "told__body"):
        found.add(str(body[MADE_HERE[name]]))
    return found


Phones = defaultdict[UUID, set[str]]
Ends = defaultdict[UUID, dict[str, datetime]]


@prepared
def _phones_ever(group_ids: list[UUID]) -> QuerySet[Any, Any]:
    """Every phone groups have or had."""
    rows = GroupPhone.objects.filter(group__in=group_ids)
    names = ("group_id", "device_id", "ended_at", "device__state", "device__ended_at")
    return rows.values_list(*names)


def _phones(groups: Iterable[UUID]) -> tuple[Phones, Ends]:
    """Every phone groups have or had, and since when those are out of use that are: taken off the
    group, or out of all use."""
    known, ends = Phones(set), Ends(dict)
    for group_id, device_id, taken_off, state, ended in _phones_ever(sorted(groups)):
        known[group_id].add(str(device_id))
        if taken_off is not None or state not in IN_USE:
            told = [moment for moment in (taken_off, ended) if moment is not None]
            ends[group_id][str(device_id)] = min(told, default=LONG_AGO)
    return known, ends


def _vouched(
    desk: Desk,
    group_id: UUID,
    arriving: Sequence[Envelope],
    kept: Sequence[tuple[Envelope, Packet]],
) -> set[str]:
    """Chain hashes of a group that are older than the end of its phones out of use: what had come
    of them before, what a phone in use goes on from, and all that leads there. Nothing where no
    phone out of use has sent anything."""
    ended = desk.ended[group_id]
    came: list[tuple[Envelope, datetime | None]] = [
        (envelope, row.recorded_at) for envelope, row in kept if row.group_id == group_id
    ]
    came += [(envelope, None) for envelope in arriving if envelope.group_id == str(group_id)]
    if not any(envelope.device_id in ended for envelope, _at in came):
        return set()
    older: set[str] = set()
    for envelope, at in came:
        end = ended.get(envelope.device_id)
        if (end is None or (at is not None and at < end)) and _is_its_own(desk, envelope):
            older |= held_by(envelope)
    return led_to(older, [envelope for envelope, _at in came])


def _is_its_own(desk: Desk, envelope: Envelope) -> bool:
    """Tell whether a phone of the group signed an envelope."""
    key = desk.devices.get(envelope.device_id)
    is_phone = envelope.device_id in desk.phones[UUID(envelope.group_id)]
    return is_phone and key is not None and is_signed(envelope, key)


def _may_stand(desk: Desk, envelope: Envelope, row: Packet) -> bool:
    """Tell whether what was set aside, as its phone was out of use, has shown to be older."""
    vouched = desk.vouched[UUID(envelope.group_id)]
    if row.state != PacketState.SET_ASIDE or not any(
        link.chain in vouched for link in envelope.linked
    ):
        return False
    return any(Flag.DEVICE_REVOKED in line.flags for line in row.lines.all())


def _aside(group_id: UUID, branches: Iterable[Envelope], shelf: Shelf) -> set[str]:
    """Chain hashes of this group's branches."""
    return {
        link.chain
        for envelope in branches
        if envelope.group_id == str(group_id)
        for link in envelope.linked
        if link.fact.id not in shelf.contents
    }


def _is_known(group_id: UUID, stream: str = MEETING) -> Callable[[str], bool]:
    def is_known(hash: str) -> bool:
        """Tell whether a chain hash is stored in a stream of the group."""
        rows = GroupFact.objects.filter(group=group_id, stream=stream, chain_hash=hash)
        return bool(rows.exists())

    return is_known


def _judge(
    desk: Desk, recorder: Recorder, phones: frozenset[str], stream: str = MEETING
) -> Callable[[Sequence[Linked]], Judged]:
    def judge(new: Sequence[Linked]) -> Judged:
        """Ask the group's book about new facts."""
        made = [(link, _made_id(link)) for link in new]
        faults = [
            Bad(RowFault.BAD_ID, link.fact.id, f"body.{MADE_HERE[link.fact.name]}", id)
            for link, id in made
            if id in desk.taken
        ]
        for link in new:
            to = link.fact.body.get("to_device_id")
            if link.fact.name == "hand_over_recorder" and to not in phones:
                faults.append(Bad(RowFault.BAD_CONTENT, link.fact.id, "body.to_device_id", str(to)))
        if faults:
            return Judged(tuple(faults))
        broken: list[Wrong] = []
        wrong, flags = recorder.judge([phone_fact(link, stream) for link in new], broken)
        if not wrong:
            desk.taken.update(id for _link, id in made if id)
        return Judged(
            tuple(Bad(item.code, item.fact, item.field, item.value) for item in wrong),
            frozenset(Flag(flag) for flag in flags),
            tuple(Bad(item.code, item.fact, item.field) for item in broken),
        )

    return judge


def _made_id(link: Linked) -> str:
    return str(link.fact.body.get(MADE_HERE.get(link.fact.name, ""), ""))


def phone_fact(link: Linked, stream: str = MEETING) -> PhoneFact:
    """A fact in its place, as the domain of groups takes it."""
    return PhoneFact(
        id=link.fact.id,
        name=link.fact.name,
        meeting_id=link.fact.meeting_id,
        happened_date=link.fact.happened_date,
        device_id=str(link.fact.told["device_id"]),
        content=link.fact.told,
        content_hash=link.fact.content,
        prev_hash=link.prev,
        chain_hash=link.chain,
        stream=stream,
    )
