"""What became of packets, written down for their phones to read back: a receipt is written once and
changes only when more of its packet was taken."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from uuid import UUID

from django.utils import timezone

from handup.org.bulk import insert_rows
from handup.sync.models import Packet, PacketLine, PacketState
from handup.sync.rules.stream import Line
from handup.sync.rules.words import Bad, Outcome

Told = tuple[Packet, Sequence[Line]]


def state_of(lines: Sequence[Line]) -> str:
    """Where a packet stands: what needs a person comes before what is done."""
    outcomes = {line.outcome for line in lines}
    if any(line.waits for line in lines):
        return PacketState.WAITING
    if Outcome.SET_ASIDE in outcomes:
        settled = all(line.settled for line in lines if line.outcome is Outcome.SET_ASIDE)
        return PacketState.NOT_KEPT if settled else PacketState.SET_ASIDE
    return PacketState.REFUSED if Outcome.REFUSED in outcomes else PacketState.DONE


def write_receipts(new: Iterable[Told], old: Iterable[Told]) -> None:
    """Write packets that came now, and change those that were here where more is known of them."""
    fresh, lines = [], []
    for row, told in new:
        _settle(row, told)
        fresh.append(row)
        lines += _lines_of(row, told)
    if fresh:
        insert_rows(fresh)
    stale: list[UUID] = []
    for row, told in old:
        before = list(row.lines.all())
        gone, made = _changed(before, _lines_of(row, told))
        state = row.state
        _settle(row, told)
        if gone or made or row.state != state:
            row.save(update_fields=["state", "told", "settled_at"])
        stale += [line.pk for line in gone]
        lines += made
    if stale:
        PacketLine.objects.filter(pk__in=stale).delete()
    if lines:
        insert_rows(lines)


def _changed(
    before: Sequence[PacketLine], after: Sequence[PacketLine]
) -> tuple[list[PacketLine], list[PacketLine]]:
    """The lines that no longer stand, and those that stand in their places. What was answered as
    stored stays so: that the same facts are known later says nothing new."""
    gone, made = [], []
    for old, new in zip_longest(before, after):
        if old is not None and new is not None and _says_as_much(old, new):
            continue
        gone += [old] if old is not None else []
        made += [new] if new is not None else []
    return gone, made


def _says_as_much(old: PacketLine, new: PacketLine) -> bool:
    if old.place != new.place or old.meeting_id != new.meeting_id:
        return False
    if new.outcome == Outcome.ALREADY_STORED and old.outcome == Outcome.STORED:
        return True
    return (old.outcome, old.flags, old.faults) == (new.outcome, new.flags, new.faults)


def _settle(row: Packet, lines: Sequence[Line]) -> None:
    """What is stored needs no second copy; everything else keeps what arrived."""
    row.state = state_of(lines)
    if row.state == PacketState.DONE:
        row.told, row.settled_at = "", timezone.now()


def _rows(told: Iterable[Bad]) -> list[dict[str, str]]:
    return [
        {"code": str(one.code), "fact": one.fact, "field": one.field, "value": one.value}
        for one in told
    ]


def _lines_of(row: Packet, lines: Sequence[Line]) -> list[PacketLine]:
    return [
        PacketLine(
            packet=row,
            place=place,
            meeting_id=UUID(line.meeting_id) if line.meeting_id else None,
            held_date=line.held_date,
            outcome=line.outcome.value,
            flags=[flag.value for flag in line.flags],
            faults=_rows(line.faults),
            breaches=_rows(line.breaches),
            stored=len(line.new),
            savings_total=line.savings_total,
        )
        for place, line in enumerate(lines)
    ]
