"""A meeting recorded on the web: opened, who came, what each paid in, step by step as facts."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from handup.groups.errors import (
    FutureMeeting,
    MeetingBeforeCycle,
    MeetingBeforeLast,
    MeetingOpen,
    NoOpenCycle,
    SameGroupAndDate,
)
from handup.groups.models import (
    Cycle,
    Group,
    GroupFact,
    Meeting,
)
from handup.groups.models.facts import VOID, MeetingKind
from handup.groups.models.group import CycleStatus
from handup.groups.phones import require_office
from handup.groups.queries import constitution_on, open_meeting_of
from handup.groups.services.facts import MEETING, FactIn, Held, Stream, told_before
from handup.groups.services.life import wake
from handup.groups.services.sheet import MeetingLine, Sheet
from handup.kernel.chain import digest
from handup.kernel.ids import new_id
from handup.ledger.services.upkeep import refuse_if_moved
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require


@transaction.atomic
def open_meeting(
    *,
    acting_staff: StaffUser,
    group: Group,
    held_date: date,
    place: str = "",
    kind: MeetingKind = MeetingKind.ORDINARY,
    id: UUID | None = None,
) -> Meeting:
    """Open a meeting. Raises MeetingOpen, SameGroupAndDate, MeetingBeforeLast,
    MeetingBeforeCycle, FutureMeeting, NoOpenCycle, BookMoved, SameIdOtherContent."""
    require(acting_staff, "groups.open_meeting", group)
    stream = Stream.locked(group, name=MEETING)
    known = already_stored(
        Meeting, id, acting_staff, group=group, held_date=held_date, place=place, kind=kind.value
    )
    if known is not None:
        return known
    require_office(group.pk)
    wake((group.pk,))
    refuse_if_moved(group.book)
    cycle = _open_cycle(group)
    if held_date < cycle.start_date:
        raise MeetingBeforeCycle(field="held_date", start=cycle.start_date)
    _check_date(group, held_date)
    number = (group.meetings.aggregate(last=Max("number"))["last"] or 0) + 1
    meeting = Meeting.objects.create(
        id=id or new_id(),
        group=group,
        cycle=cycle,
        number=number,
        kind=kind,
        held_date=held_date,
        place=place,
    )
    stream.meeting = meeting
    stream.constitution_version = constitution_on(group, held_date).version
    stream.append(
        [FactIn("open_meeting", {"number": number, "kind": kind.value}, held_date)], acting_staff
    )
    audit.record(acting_staff, "groups.open_meeting", meeting, {"number": number})
    return meeting


def _open_cycle(group: Group) -> Cycle:
    cycle = group.cycles.exclude(status=CycleStatus.CLOSED).first()
    if cycle is None:
        raise NoOpenCycle
    return cycle


def _check_date(group: Group, held_date: date) -> None:
    today = timezone.localdate()
    if held_date > today:
        raise FutureMeeting(field="held_date", today=today)
    if (still_open := open_meeting_of(group)) is not None:
        raise MeetingOpen(field="held_date", number=still_open.number, date=still_open.held_date)
    # One of a day to come was told by a phone whose clock is wrong; it keeps nobody from meeting.
    held = group.meetings.exclude(status__in=VOID).filter(held_date__lte=today)
    last = held.order_by("-held_date").first()
    if last is None:
        return
    if last.held_date == held_date:
        raise SameGroupAndDate(field="held_date", date=held_date)
    if last.held_date > held_date:
        raise MeetingBeforeLast(field="held_date", date=last.held_date)


@transaction.atomic
def record_meeting_lines(
    *,
    acting_staff: StaffUser,
    meeting: Meeting,
    lines: Sequence[MeetingLine],
    id: UUID | None = None,
) -> list[GroupFact]:
    """Record who came and what each paid in; `id` makes sending the same sheet twice change
    nothing.

    Raises MeetingNotOpen, NotAMember, NotPresent, NothingOwed, MoneyOfTheAbsent, VotedByMore,
    AboveMaximum, BelowMinimum, SameIdOtherContent; then nothing is recorded.
    """
    require(acting_staff, "groups.record_in_meeting", meeting.group)
    held = Held.of(meeting)
    told = digest([line.as_json() for line in lines])
    if told_before(held, id, "", told) is not None:
        return []
    held.require_open()
    sheet = Sheet(held)
    for line in lines:
        sheet.add(line)
    sheet.check_roll()
    facts = sheet.facts
    if id and not facts:
        sheet.restate(lines)
    if id and facts:
        first = facts[0]
        facts[0] = FactIn(first.name, {**first.body, "told": told}, first.happened_date, id)
    rows = held.stream.append(facts, acting_staff)
    sheet.project(rows)
    audit.record(acting_staff, "groups.record_in_meeting", held.meeting, {"facts": len(rows)})
    return rows
