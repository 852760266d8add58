"""Key holders and supervisor choose between two records of a meeting, or go on over facts that
never came (groups_meeting.md 5, upload rules 3 and 4).

The choice is a fact of the OFFICE stream, so that no phone's chain is cut and every code that was
read aloud stays valid.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from handup.groups.errors import LineNotFit, PartsInsideMeeting
from handup.groups.models import Group, GroupFact, Meeting
from handup.groups.services.facts import MEETING, Stream
from handup.groups.services.record_lines import ATTENDANCE, exchange_lines
from handup.groups.services.recorder import recorders_of
from handup.groups.services.records import (
    beside,
    post_gap,
    require_keys,
    take_back_record,
    write_choice,
)
from handup.kernel.chain import Json
from handup.org import audit, safety
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.sync.errors import NotASecondRecord, NothingWaits, RecordNotFit, WaitLonger
from handup.sync.models import Branch, Choice, Packet, PacketState
from handup.sync.records import (
    Lines,
    lines_apart,
    place_of,
    records_apart,
    waiting_behind_gap,
)
from handup.sync.rules.branches import Record
from handup.sync.rules.facts import Linked
from handup.sync.rules.stream import Line
from handup.sync.rules.words import Flag, Outcome, in_order
from handup.sync.services.packets import release_waiting, write_taken
from handup.sync.services.shelves import Desk, desk_for, phone_fact

HELD_DAYS = "sync.held_days"
Keys = Sequence[Mapping[str, int]]


@transaction.atomic
def accept_branch(
    *, acting_staff: StaffUser, group: Group, tip: str, choice: Choice, confirmed_by: Keys
) -> Branch:
    """Say which of two records of a meeting stands: the one stored, the second, or both.

    `tip` names the second record by the hash of its last fact, so that nothing is chosen that
    nobody has looked at. `confirmed_by` is the slot and member number of each key holder who
    agreed. What is not kept stays readable, and what its phone sends later follows it. Raises
    NotASecondRecord, NotAgreed, PartsInsideMeeting, CannotBeTakenBack, RecordNotFit.
    """
    require(acting_staff, "sync.choose_record", group)
    Group.objects.select_for_update().get(pk=group.pk)
    found = [item for item in records_apart(group) if item[0].tip == tip]
    if not found or choice not in {Choice.KEEP_FIRST, Choice.KEEP_SECOND, Choice.BOTH}:
        raise NotASecondRecord
    require_keys(group, confirmed_by)
    record, rows = found[0]
    end = Stream.read(group, name=MEETING)
    body: dict[str, Json] = {
        "tip": tip,
        "choice": choice.value,
        "from": record.start,
        "first": end.tip,
        "device_id": record.device_id,
        "confirmed_by": [dict(key) for key in confirmed_by],
    }
    fact = write_choice(acting_staff=acting_staff, group=group, name="accept_branch", body=body)
    branch = _branch(group, fact, choice, acting_staff, tip)
    branch.device_id, branch.start, branch.other_tip = UUID(record.device_id), record.start, end.tip
    if choice == Choice.KEEP_SECOND:
        branch.stream = MEETING
    branch.save(force_insert=True)
    audit.record(acting_staff, "sync.choose_record", group, {"choice": choice.value})
    if choice == Choice.KEEP_FIRST:
        Packet.objects.filter(pk__in=[row.pk for row in rows]).update(state=PacketState.NOT_KEPT)
        return branch
    _make_room(group, record, choice, acting_staff)
    Packet.objects.filter(pk__in=[row.pk for row in rows]).update(state=PacketState.WAITING)
    desk = desk_for(recorders_of([group.pk], carrier=acting_staff), [])
    if choice == Choice.KEEP_SECOND:
        _go_on_from(desk, group, record.start, record.device_id)
    _take_in(desk, rows, acting_staff)
    return branch


@transaction.atomic
def accept_lines(
    *,
    acting_staff: StaffUser,
    group: Group,
    tip: str,
    drop: Collection[UUID],
    take: Collection[UUID],
    confirmed_by: Keys,
    reason: str = "",
) -> Branch:
    """Keep the first of two records of a meeting, but for single lines: those of it in `drop` are
    reversed, those of the second in `take` are written down anew, both by the ids of their facts.

    The first record stays the chain of its phone and the box as it was counted; where the lines
    come to something else, a signed difference with the `reason` says so. Raises NotASecondRecord
    (also for a line that is not to be chosen, or not any more), NotAgreed, MeetingGoesOn,
    CycleIsOver, LineNotFit, DifferenceNeedsReason; nothing is changed then.
    """
    require(acting_staff, "sync.choose_record", group)
    Group.objects.select_for_update().get(pk=group.pk)
    found = [item for item in records_apart(group) if item[0].tip == tip]
    apart = lines_apart(group, found[0][0]) if found else None
    if apart is None:
        raise NotASecondRecord
    record, rows = found[0]
    dropped, taken = _lines_named(apart, set(drop), {str(id) for id in take})
    require_keys(group, confirmed_by)
    end = Stream.read(group, name=MEETING)
    body: dict[str, Json] = {
        "tip": tip,
        "choice": Choice.LINES.value,
        "from": record.start,
        "first": end.tip,
        "device_id": record.device_id,
        "meeting": str(apart.meeting.pk),
        "dropped": [str(fact.pk) for fact in dropped],
        "taken": [link.fact.id for link in taken],
        "confirmed_by": [dict(key) for key in confirmed_by],
    }
    fact = write_choice(acting_staff=acting_staff, group=group, name="accept_branch", body=body)
    branch = _branch(group, fact, Choice.LINES, acting_staff, tip)
    branch.device_id, branch.start, branch.other_tip = UUID(record.device_id), record.start, end.tip
    branch.save(force_insert=True)
    exchange_lines(
        acting_staff=acting_staff,
        meeting=apart.meeting,
        dropped=dropped,
        taken=[phone_fact(link) for link in taken],
        reason=reason,
    )
    Packet.objects.filter(pk__in=[row.pk for row in rows]).update(state=PacketState.NOT_KEPT)
    told: audit.Facts = {"choice": Choice.LINES.value, "dropped": len(dropped), "taken": len(taken)}
    audit.record(acting_staff, "sync.choose_record", group, told)
    return branch


def _lines_named(
    apart: Lines, drop: set[UUID], take: set[str]
) -> tuple[list[GroupFact], list[Linked]]:
    """The lines that were chosen, each record's in its order. Raises NotASecondRecord, and
    LineNotFit where a member would be marked twice or not at all."""
    firsts = {line.first.pk: line.first for line in apart.lines if line.first}
    seconds = {line.second.fact.id: line.second for line in apart.lines if line.second}
    if not (drop <= firsts.keys() and take <= seconds.keys()):
        raise NotASecondRecord
    for line in apart.lines:
        if line.pair.name != ATTENDANCE or line.first is None or line.second is None:
            continue
        if (line.first.pk in drop) != (line.second.fact.id in take):
            raise LineNotFit(faults="NOT_MARKED")
    return (
        sorted((firsts[pk] for pk in drop), key=lambda fact: fact.seq),
        sorted((seconds[pk] for pk in take), key=lambda link: link.seq),
    )


def _branch(group: Group, fact: GroupFact, choice: Choice, staff: StaffUser, tip: str) -> Branch:
    return Branch(
        group=group,
        choice=choice,
        stream=beside(tip),
        tip=tip,
        fact=fact,
        decided_by=staff,
    )


def _make_room(group: Group, record: Record, choice: Choice, staff: StaffUser) -> None:
    """Take the first record back, or see that the second holds meetings of its own."""
    after = place_of(group, record.start)
    if choice == Choice.KEEP_SECOND:
        if after is None:
            raise NotASecondRecord
        take_back_record(acting_staff=staff, group=group, after_seq=after)
        return
    ids = {link.fact.meeting_id for link in record.links if link.fact.meeting_id}
    shared = Meeting.objects.filter(group=group, pk__in=ids).first()
    if shared is not None:
        raise PartsInsideMeeting(number=shared.number)


def _go_on_from(desk: Desk, group: Group, hash: str, device_id: str | None = None) -> None:
    """Let a group's stream go on behind another hash than its end, as the office's fact says. The
    device whose record was chosen goes on with it; the seat itself moves only to a phone of the
    group that is still in use."""
    main = desk.receptions[group.pk]
    main.head = hash
    if device_id is not None:
        main.seat = device_id
        if device_id not in main.phones:
            main.first_seat = device_id


def _take_in(
    desk: Desk, rows: Sequence[Packet], staff: StaffUser, flag: Flag | None = None
) -> None:
    """Take the chosen packets; when one of them does not stand in the book, nothing is changed.
    Raises RecordNotFit."""
    desk.vouch(rows)
    released = release_waiting(desk)
    faults: list[str] = []
    for row in rows:
        _row, lines = released.get(row.pk, (row, []))
        if not lines or any(not _is_in(line) for line in lines):
            faults += [str(fault.code) for line in lines for fault in line.faults] or ["HELD"]
        if flag is not None and lines:
            flagged = [replace(line, flags=in_order({*line.flags, flag})) for line in lines]
            released[row.pk] = (row, flagged)
    if faults:
        raise RecordNotFit(faults=", ".join(dict.fromkeys(faults)))
    write_taken(desk, released, staff)


def _is_in(line: Line) -> bool:
    return line.outcome in {Outcome.STORED, Outcome.ALREADY_STORED}


@transaction.atomic
def accept_gap(*, acting_staff: StaffUser, group: Group, confirmed_by: Keys) -> Branch:
    """Go on with a meeting whose forerunner has not come for `sync.held_days`: what its box held
    above the book posts on one named line a fund, and goes back when the missing meeting turns up.

    Raises NothingWaits, WaitLonger, NotAgreed, RecordNotFit; nothing is changed then.
    """
    require(acting_staff, "sync.choose_record", group)
    Group.objects.select_for_update().get(pk=group.pk)
    waiting = waiting_behind_gap(group)
    if waiting is None:
        raise NothingWaits
    if waiting.days < (needed := safety.value(HELD_DAYS)):
        raise WaitLonger(days=waiting.days, needed=needed)
    require_keys(group, confirmed_by)
    end = Stream.read(group, name=MEETING)
    body: dict[str, Json] = {
        "from": end.tip,
        "to": waiting.to,
        "amounts": dict(waiting.amounts),
        "confirmed_by": [dict(key) for key in confirmed_by],
    }
    fact = write_choice(acting_staff=acting_staff, group=group, name="accept_gap", body=body)
    branch = _branch(group, fact, Choice.GAP, acting_staff, waiting.to)
    branch.start = branch.other_tip = end.tip
    branch.save(force_insert=True)
    post_gap(acting_staff=acting_staff, group=group, fact=fact, amounts=waiting.amounts)
    desk = desk_for(recorders_of([group.pk], carrier=acting_staff), [])
    _go_on_from(desk, group, waiting.to)
    _take_in(desk, waiting.packets, acting_staff, Flag.CHAIN_GAP)
    audit.record(acting_staff, "sync.accept_gap", group, {"days": waiting.days})
    return branch
