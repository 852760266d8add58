"""The stream of a group's meetings as packets reach it: in any order, twice, cut anywhere, forked,
carried by anyone (groups_meeting.md 5, Upload).

A `Reception` knows as much of the stream as its packets can touch. It decides and notes; whoever
calls it writes what `Line.new` holds. Facts are appended only behind the head, so that an unforked
stream gives the same book and head however its packets arrive.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hmac import compare_digest
from itertools import groupby

from handup.groups.rules.facts import FIRST_PREVIOUS, closing_code
from handup.sync.rules.facts import Linked
from handup.sync.rules.packets import Packet
from handup.sync.rules.upload import Row, Shelf, Upload, Verdict, keep, look
from handup.sync.rules.words import Bad, Flag, Outcome, RowFault, in_order

SAVINGS = frozenset({"buy_shares", "record_saving"})


@dataclass(frozen=True, slots=True)
class Judged:
    """What the group's own book says of new facts: what makes them wrong, what is to be told, and
    which rule of the group each of them broke that stands all the same."""

    faults: tuple[Bad, ...] = ()
    flags: frozenset[Flag] = frozenset()
    breaches: tuple[Bad, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """The answer about the facts of one meeting in one packet; `new` are the facts to append.

    waits: it is taken again by itself when more arrives, as its gap may close or what it names may
    come. settled: it was said before that another record is kept. breaches: the rules of the group
    that facts broke which stand, each with the name of its fact in `field`."""

    meeting_id: str | None
    outcome: Outcome
    flags: tuple[Flag, ...] = ()
    held_date: date | None = None
    faults: tuple[Bad, ...] = ()
    new: tuple[Linked, ...] = ()
    savings_total: int | None = None
    waits: bool = False
    settled: bool = False
    breaches: tuple[Bad, ...] = ()


def _nothing_wrong(_run: Sequence[Linked]) -> Judged:
    return Judged()


@dataclass(slots=True)
class Reception:
    """One group's stream while packets are received.

    head, seq: the end of what is stored. seat: the device that may append. phones: devices that may
    take the stream over with the code of the last slip. aside: chain hashes of
    branches that were set aside; what follows them follows their fate. is_known: whether a chain
    hash is stored somewhere behind the head. judge: what the group's book says of facts about to be
    appended; it takes them in when it finds no fault. ended: devices out of use, and since when. Of
    them stands by itself what leads to a hash in `vouched`, which is older than their end whatever
    their clock says, and what says itself that it was written before (groups_meeting.md 5); the
    rest waits until somebody chose. held: packets whose gap is still
    open, the oldest first. settled: hashes of records that were not kept; what follows them is not
    asked about again. beside: these facts are kept beside the main stream. leads: of a gap, the
    hashes that lead to where the main stream goes on; they prove themselves, whoever wrote them,
    and nothing else belongs there.
    """

    shelf: Shelf
    late_after_days: int
    head: str = FIRST_PREVIOUS
    seq: int = 0
    seat: str | None = None
    phones: frozenset[str] = frozenset()
    aside: set[str] = field(default_factory=set)
    is_known: Callable[[str], bool] = lambda _hash: False
    judge: Callable[[Sequence[Linked]], Judged] = _nothing_wrong
    ended: Mapping[str, datetime] = field(default_factory=dict)
    vouched: set[str] = field(default_factory=set)
    held: list[Packet] = field(default_factory=list)
    first_seat: str | None = None
    settled: set[str] = field(default_factory=set)
    beside: bool = False
    leads: set[str] | None = None

    def __post_init__(self) -> None:
        """Keep who had the seat before anything arrived."""
        self.first_seat = self.seat

    def receive(self, packet: Packet, received: date) -> list[Line]:
        """Take one packet whose signature is good; a line for each meeting in it, in order."""
        if not packet.linked:
            faults = tuple(fault for fact in packet.facts for fault in fact.faults)
            return [Line(None, Outcome.REFUSED, (Flag.INVALID_ROW,), faults=faults)]
        lines = []
        waits = False
        for run in _runs(packet.linked):
            line = replace(self._take(packet, run, received), held_date=run[0].fact.happened_date)
            lines.append(line)
            waits = waits or line.waits
        if waits and packet.key not in {other.key for other in self.held}:
            self.held.append(packet)
        return lines

    def release(self, received: Callable[[Packet], date]) -> Iterator[tuple[Packet, list[Line]]]:
        """Take again what waited, until nothing more finds its place; yields what was decided."""
        moved = True
        while moved:
            moved = False
            for packet in tuple(self.held):
                before = self.head
                self.held.remove(packet)
                lines = self.receive(packet, received(packet))
                still = any(line.waits for line in lines)
                if not still or self.head != before:
                    moved = True
                    yield packet, lines

    def _take(self, packet: Packet, run: Sequence[Linked], received: date) -> Line:
        upload = _upload(packet, run, received)
        verdict = look(upload, self.shelf, late_after_days=self.late_after_days, beside=self.beside)
        meeting_id = run[0].fact.meeting_id
        if verdict.outcome is Outcome.SET_ASIDE:
            return self._set_aside(meeting_id, run, set(verdict.flags))
        if verdict.outcome is Outcome.REFUSED:
            return Line(meeting_id, verdict.outcome, verdict.flags, faults=verdict.faults)
        fresh = {row.id for row in verdict.new}
        new = [link for link in run if link.fact.id in fresh]
        place, flags = self._place(packet, new)
        if place is Outcome.SET_ASIDE:
            return self._set_aside(meeting_id, run, flags)
        if place is Outcome.HELD:
            return Line(meeting_id, place, in_order(flags), waits=True)
        return self._append(packet, upload, verdict, new)

    def _append(
        self, packet: Packet, upload: Upload, verdict: Verdict, new: Sequence[Linked]
    ) -> Line:
        meeting_id = upload.meeting or None
        if faults := self._meetings_twice(new):
            return Line(meeting_id, Outcome.REFUSED, (Flag.INVALID_ROW,), faults=faults)
        judged = self.judge(new) if new else Judged()
        if judged.faults:
            flags = (Flag.INVALID_ROW,)
            return Line(meeting_id, Outcome.REFUSED, flags, faults=judged.faults, waits=True)
        if new:
            keep(upload, verdict, self.shelf)
            self._advance(packet, new)
        told = {*verdict.flags, *judged.flags}
        if new and packet.device_id in self.ended:
            told.add(Flag.DEVICE_REVOKED)
        return Line(
            meeting_id,
            Outcome.STORED if new else Outcome.ALREADY_STORED,
            in_order(told),
            new=tuple(new),
            savings_total=verdict.savings_total,
            breaches=judged.breaches,
        )

    def _meetings_twice(self, new: Sequence[Linked]) -> tuple[Bad, ...]:
        """Openings under the id of a meeting that is stored already."""
        return tuple(
            Bad(RowFault.BAD_ID, link.fact.id, "meeting_id", str(link.fact.meeting_id))
            for link in new
            if link.fact.name == "open_meeting" and link.fact.meeting_id in self.shelf.meetings
        )

    def _set_aside(self, meeting_id: str | None, run: Sequence[Linked], flags: set[Flag]) -> Line:
        new = [link for link in run if link.fact.id not in self.shelf.contents]
        self.aside.update(link.chain for link in new)
        settled = bool(new) and new[0].prev in self.settled
        if settled:
            self.settled.update(link.chain for link in new)
        return Line(meeting_id, Outcome.SET_ASIDE, in_order(flags), settled=settled)

    def touches(self, packet: Packet) -> bool:
        """Tell whether the new facts of a packet go on in this stream."""
        new = (link for link in packet.linked if link.fact.id not in self.shelf.contents)
        first = next(new, None)
        return first is not None and (first.prev == self.head or self.is_known(first.prev))

    def _place(self, packet: Packet, new: Sequence[Linked]) -> tuple[Outcome, set[Flag]]:
        """Where the new facts stand: behind the head (STORED), on a branch (SET_ASIDE), or behind
        facts that have not arrived (HELD)."""
        head, seat = self.head, self.seat
        revoked = {Flag.DEVICE_REVOKED} if packet.device_id in self.ended else set()
        is_recorder = True
        for link in new:
            if self._restores(packet, link, head):
                seat = packet.device_id
            elif link.prev != head:
                if link.prev in self.aside:
                    return Outcome.SET_ASIDE, revoked or {Flag.CHAIN_FORK}
                if self._is_behind(link.prev):
                    return Outcome.SET_ASIDE, {Flag.CHAIN_FORK, *revoked}
                return Outcome.HELD, revoked
            is_recorder = is_recorder and seat == packet.device_id
            head = link.chain
            seat = _seat_after(link, seat)
        if self.leads is not None:
            return (Outcome.STORED if _ends_in(new, self.leads) else Outcome.HELD), set()
        if not is_recorder:
            return Outcome.SET_ASIDE, {Flag.NOT_THE_RECORDER}
        if revoked and not (_ends_in(new, self.vouched) or self._is_older(packet, new)):
            return Outcome.SET_ASIDE, revoked
        return Outcome.STORED, set()

    def _is_older(self, packet: Packet, new: Sequence[Linked]) -> bool:
        """Tell whether all of it says that it was written before its phone went out of use."""
        end = self.ended[packet.device_id]
        return all(datetime.fromisoformat(link.fact.recorded_at) < end for link in new)

    def _restores(self, packet: Packet, link: Linked, head: str) -> bool:
        """Tell whether a fact takes the stream over by naming the code of its head."""
        if link.fact.name != "restore_group" or packet.device_id not in self.phones:
            return False
        told = str(link.fact.body.get("code")).encode()
        return compare_digest(told, closing_code(head).encode())

    def _is_behind(self, hash: str) -> bool:
        """Tell whether a hash is one of the stream's own, or its start, but no longer its end."""
        return hash == FIRST_PREVIOUS or self.is_known(hash)

    def _advance(self, packet: Packet, new: Sequence[Linked]) -> None:
        for link in new:
            if self._restores(packet, link, self.head):
                self.seat = packet.device_id
            self.head = link.chain
            self.seq += 1
            self.seat = _seat_after(link, self.seat)
            if link.fact.name == "cancel_meeting":
                held = new[0].fact.happened_date
                self.shelf.drop_meeting(str(link.fact.meeting_id), packet.group_id, held)


def added(before: Sequence[Line], after: Sequence[Line]) -> list[Line]:
    """What is known of a packet that was taken again: what was stored before stays so."""
    if [line.meeting_id for line in before] != [line.meeting_id for line in after]:
        return list(after)
    return [
        old if (old.outcome, new.outcome) == (Outcome.STORED, Outcome.ALREADY_STORED) else new
        for old, new in zip(before, after, strict=True)
    ]


def _ends_in(new: Sequence[Linked], hashes: set[str]) -> bool:
    """Tell whether the last of these facts is among some hashes; where there is none, yes."""
    return not new or new[-1].chain in hashes


def _seat_after(link: Linked, seat: str | None) -> str | None:
    """Who may append after a fact."""
    if link.fact.name == "hand_over_recorder":
        return str(link.fact.body["to_device_id"])
    return seat


def _runs(linked: Sequence[Linked]) -> Iterator[list[Linked]]:
    """The facts of a packet, meeting by meeting."""
    for _meeting, run in groupby(linked, key=lambda link: link.fact.meeting_id):
        yield list(run)


def _upload(packet: Packet, run: Sequence[Linked], received: date) -> Upload:
    """The facts of one meeting as the rule of uploads sees them. The sum the device showed is
    compared here where the whole meeting is in the packet; where it came in parts, the book
    compares it when it is settled."""
    told = None
    is_whole = run[0].fact.name == "open_meeting"
    for link in run:
        if link.fact.name == "close_meeting":
            shown = link.fact.body.get("savings_units")
            told = shown if is_whole and isinstance(shown, int) else None
    return Upload(
        meeting=run[0].fact.meeting_id or "",
        group=packet.group_id,
        held_date=run[0].fact.happened_date,
        received_date=received,
        rows=tuple(
            Row(link.fact.id, link.fact.content, _saved(link), link.fact.faults) for link in run
        ),
        told_savings=told,
    )


def _saved(link: Linked) -> int:
    units = link.fact.body.get("units")
    return units if link.fact.name in SAVINGS and isinstance(units, int) else 0
