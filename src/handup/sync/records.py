"""Reads for whoever chooses: the second records of a group, each beside the first, and what waits
for facts that never came."""

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from handup.groups.models import Group, GroupFact, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.groups.queries import money_now
from handup.groups.rules.book import MOVES
from handup.groups.rules.facts import FIRST_PREVIOUS
from handup.groups.services.facts import MEETING
from handup.groups.services.record_lines import ATTENDANCE, CHOOSABLE, lines_that_stand
from handup.groups.services.records import REVERSAL
from handup.sync.models import GroupPhone, Packet, PacketState
from handup.sync.rules.branches import Pair, Record, Said, records_of, said, side_by_side
from handup.sync.rules.facts import Linked
from handup.sync.rules.packets import Packet as Envelope
from handup.sync.rules.packets import UnreadablePacket, read_packet
from handup.sync.rules.words import Flag, Outcome

logger = logging.getLogger("handup.sync")


def opened(rows: Iterable[Packet]) -> Iterator[tuple[Envelope, Packet]]:
    """Stored packets with their envelopes; one that can no longer be read keeps no other out."""
    for row in rows:
        try:
            yield read_packet(json.loads(row.told)), row
        except (UnreadablePacket, ValueError):
            logger.exception("the stored packet %s cannot be read", row.packet_id)


def _of_its_phones(group: Group, state: str, flag: Flag) -> QuerySet[Packet, Packet]:
    """Packets of a group in a state, kept as they came, of devices that are or were its phones.
    flag: what says that nothing of them was proved; those are left out."""
    phones = GroupPhone.objects.filter(group=OuterRef("group"), device=OuterRef("device_id"))
    rows = Packet.objects.filter(Exists(phones), group=group, state=state)
    return rows.exclude(told="").exclude(lines__flags=[flag.value])


def _apart(group: Group) -> list[Packet]:
    rows = _of_its_phones(group, PacketState.SET_ASIDE, Flag.UNKNOWN_DEVICE)
    return list(rows.order_by("recorded_at"))


def records_apart(group: Group) -> list[tuple[Record, list[Packet]]]:
    """The second records of a group of which nothing was said yet, with the packets they came
    in."""
    rows = list(opened(_apart(group)))
    chains = {link.chain for envelope, _row in rows for link in envelope.linked}
    known = GroupFact.objects.filter(group=group, chain_hash__in=chains)
    found = records_of(
        [envelope for envelope, _row in rows], known.values_list("chain_hash", flat=True)
    )
    return [(record, _packets_of({link.chain for link in record.links}, rows)) for record in found]


def _packets_of(chains: set[str], rows: Iterable[tuple[Envelope, Packet]]) -> list[Packet]:
    """The packets in which one of these facts came."""
    return [row for envelope, row in rows if any(link.chain in chains for link in envelope.linked)]


def place_of(group: Group, hash: str) -> int | None:
    """The number of the stored fact with this chain hash, 0 for the start, None when there is
    none."""
    if hash == FIRST_PREVIOUS:
        return 0
    rows = GroupFact.objects.filter(group=group, stream=MEETING, chain_hash=hash)
    return rows.values_list("seq", flat=True).first()


def compared(group: Group, record: Record) -> list[Pair]:
    """A second record beside what is stored of the same days, line by line."""
    facts = [link.fact for link in record.links]
    days = {fact.happened_date for fact in facts}
    rows = GroupFact.objects.filter(group=group, stream=MEETING, happened_date__in=days)
    rows = rows.filter(seq__gt=place_of(group, record.start) or 0).order_by("seq")
    numbers = {str(pk): no for pk, no in group.members.values_list("pk", "member_no")}
    first = [
        _stored(pk, (name, body, told), numbers)
        for pk, name, body, told in rows.values_list("pk", "name", "body", "told")
    ]
    return side_by_side(first, [said(fact.name, fact.body, fact.id) for fact in facts])


def _stored(
    pk: UUID,
    fact: tuple[str, Mapping[str, Any], Mapping[str, Any] | None],
    numbers: Mapping[str, int],
) -> Said:
    """A stored fact as its phone told it, or the office's in the same words."""
    name, body, told = fact
    if told is not None:
        return said(name, told["body"], str(pk))
    words = {key: value for key, value in body.items() if key not in {"member", "told"}}
    if "member" in body:
        words["member_no"] = numbers.get(str(body["member"]), 0)
    return said(name, words, str(pk))


@dataclass(frozen=True, slots=True)
class Line:
    """A line in which two records differ and of which either may be kept: as each says it (None:
    it has no such line), with the stored fact and the one of the second record."""

    pair: Pair
    first: GroupFact | None
    second: Linked | None

    @property
    def key(self) -> str:
        """What names it in a form: the ids of both facts."""
        return "_".join(
            one.hex if one else "none"
            for one in (
                self.first.pk if self.first else None,
                UUID(self.second.fact.id) if self.second else None,
            )
        )


@dataclass(frozen=True, slots=True)
class Lines:
    """A closed meeting that two records tell differently, and its lines to choose."""

    meeting: Meeting
    lines: tuple[Line, ...]


def lines_apart(group: Group, record: Record) -> Lines | None:
    """The lines in which a second record of a group differs from its closed meeting of that day;
    None: there is no such meeting, or the record has no place behind the stream's start. What a
    record reversed itself is no line of it; who came can be said otherwise, never left out."""
    day = record.links[0].fact.happened_date
    after = place_of(group, record.start)
    held = group.meetings.filter(held_date=day, status=MeetingStatus.CLOSED)
    meeting = held.select_related("group", "cycle").order_by("of_day").first()
    if after is None or meeting is None:
        return None
    mine = {str(pk): fact for pk, fact in lines_that_stand(meeting, after).items()}
    back = {link.fact.body.get("fact_id") for link in record.links if link.fact.name == REVERSAL}
    theirs = {
        link.fact.id: link
        for link in record.links
        if link.fact.happened_date == day
        and link.fact.name in CHOOSABLE
        and link.fact.id not in back
        and not link.fact.faults
    }
    lines = []
    for pair in compared(group, record):
        first = mine.get(pair.first.id) if pair.first else None
        second = theirs.get(pair.second.id) if pair.second else None
        whole = pair.name != ATTENDANCE or (first is not None and second is not None)
        if not pair.is_same and whole and (first is not None or second is not None):
            lines.append(Line(pair, first, second))
    return Lines(meeting, tuple(lines))


@dataclass(frozen=True, slots=True)
class Waiting:
    """The first meeting that waits for facts before it: the hash it goes on from, how many days it
    has waited, and by how much each box was above the book when it began."""

    to: str
    days: int
    amounts: Mapping[str, int]
    packets: tuple[Packet, ...]


def waiting_behind_gap(group: Group) -> Waiting | None:
    """What of a group waits for facts before it, the earliest, as far as it hangs together: what
    waits behind another gap is another question. None: nothing does."""
    rows = _of_its_phones(group, PacketState.WAITING, Flag.SERVER_FAULT)
    rows = rows.filter(lines__outcome=Outcome.HELD.value).distinct()
    held = sorted(opened(rows), key=lambda item: (item[1].first_seq, item[1].recorded_at))
    stored = _stored_ids(envelope for envelope, _row in held)
    links = [
        link for envelope, _row in held for link in envelope.linked if link.fact.id not in stored
    ]
    chains = {link.chain for link in links}
    begins = (link for link in links if link.prev not in chains)
    first = next((link for link in begins if place_of(group, link.prev) is None), None)
    if first is None:
        return None
    links = _behind(first.prev, links)
    packets = _packets_of({link.chain for link in links}, held)
    days = (timezone.now() - min(row.recorded_at for row in packets)).days
    return Waiting(first.prev, days, _above_the_book(group, first, links), tuple(packets))


def _behind(start: str, links: Iterable[Linked]) -> list[Linked]:
    """Those of these facts that follow a hash, one behind the other."""
    behind: dict[str, dict[str, Linked]] = {}
    for link in links:
        behind.setdefault(link.prev, {})[link.chain] = link
    found: list[Linked] = []
    ends = [start]
    while ends:
        following = behind.get(ends.pop(), {})
        found += following.values()
        ends += following
    return found


def _stored_ids(envelopes: Iterable[Envelope]) -> set[str]:
    ids = [fact.id for envelope in envelopes for fact in envelope.facts if not fact.faults]
    return {str(pk) for pk in GroupFact.objects.filter(pk__in=ids).values_list("pk", flat=True)}


def _above_the_book(group: Group, first: Linked, links: Iterable[Linked]) -> dict[str, int]:
    """By how much each box was above the book when the meeting that waits began: as it was counted
    at its opening, else its totals at the close less what moved in it."""
    facts = [link.fact for link in links if link.fact.meeting_id == first.fact.meeting_id]
    box: dict[str, int] = {}
    for fact in facts:
        if fact.name == "close_meeting":
            box |= {fund: units - _moved(facts, fund) for fund, units in _totals(fact.body)}
    for fact in facts:
        if fact.name == "record_count" and fact.body["way"] == "IN":
            box[str(fact.body["fund"])] = _units(fact.body, "total_units")
    cash = money_now(group).cash
    return {fund: box[fund] - cash.get(fund, 0) for fund in sorted(box)}


def _totals(body: Mapping[str, Any]) -> list[tuple[str, int]]:
    return list(body["totals"].items())


def _units(body: Mapping[str, Any], name: str) -> int:
    return int(body.get(name, 0))


def _moved(facts: Iterable[Any], fund: str) -> int:
    total = 0
    for fact in facts:
        if fact.name in MOVES:
            usual, sign = MOVES[fact.name]
            name = "difference" if fact.name == "record_difference" else "units"
            if fact.body.get("fund", usual) == fund:
                total += sign * _units(fact.body, name)
    return total
