"""Appends facts to a group's stream: gapless numbers, one hash chain, nothing ever edited."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from handup.groups.errors import GroupClosed, MeetingNotOpen
from handup.groups.models import Constitution, Group, GroupFact, Meeting
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import GroupStatus
from handup.groups.phones import require_office
from handup.groups.queries import constitution_on
from handup.groups.rules.facts import FIRST_PREVIOUS, FactContent, chain_hash, content_hash
from handup.groups.services.recorder_questions import end_of_stream
from handup.kernel.chain import Json, digest
from handup.kernel.ids import new_id
from handup.ledger.services.upkeep import refuse_if_moved
from handup.org.devices import SameIdOtherContent
from handup.org.models import StaffUser

OFFICE = "OFFICE"
MEETING = "MEETING"


@dataclass(frozen=True, slots=True)
class FactIn:
    """One fact to append; `id` is the device's own, or made here for the office."""

    name: str
    body: Mapping[str, Json]
    happened_date: date
    id: UUID | None = None


@dataclass(slots=True)
class Stream:
    """The end of a group's stream while facts are appended to it inside one transaction."""

    group: Group
    name: str
    meeting: Meeting | None
    constitution_version: int
    seq: int
    tip: str

    @classmethod
    def locked(
        cls, group: Group, *, name: str = OFFICE, meeting: Meeting | None = None, version: int = 0
    ) -> "Stream":
        """Take the end of a stream; the group's row is locked so that two writers cannot fork
        it. What the office writes of a group ends with the group; a phone's late meeting does not.
        Raises GroupClosed."""
        row = Group.objects.select_for_update().get(pk=group.pk)
        if name == OFFICE and row.status == GroupStatus.CLOSED:
            raise GroupClosed
        return cls.read(group, name=name, meeting=meeting, version=version)

    @classmethod
    def read(
        cls, group: Group, *, name: str = OFFICE, meeting: Meeting | None = None, version: int = 0
    ) -> "Stream":
        """The end of a stream as it is now, to look at."""
        found = end_of_stream(group.pk, name)
        seq, tip = found[0] if found else (0, FIRST_PREVIOUS)
        return cls(group, name, meeting, version, seq, tip)

    def build(self, facts: Sequence[FactIn], staff: StaffUser) -> list[GroupFact]:
        """Chain facts behind the tip without storing them."""
        received = timezone.now()
        rows = []
        for fact in facts:
            content = FactContent(
                id=fact.id or new_id(),
                name=fact.name,
                group_id=self.group.pk,
                stream=self.name,
                meeting_id=self.meeting.pk if self.meeting else None,
                happened_date=fact.happened_date,
                recorded_by=staff.pk,
                currency=self.group.currency,
                constitution_version=self.constitution_version,
                body=fact.body,
            )
            hashed = content_hash(content)
            chained = chain_hash(self.tip, hashed)
            self.seq += 1
            rows.append(
                GroupFact(
                    id=content.id,
                    group=self.group,
                    meeting=self.meeting,
                    stream=self.name,
                    seq=self.seq,
                    name=fact.name,
                    happened_date=fact.happened_date,
                    received_at=received,
                    recorded_by=staff,
                    currency=self.group.currency,
                    constitution_version=self.constitution_version,
                    body=dict(fact.body),
                    content_hash=hashed,
                    prev_hash=self.tip,
                    chain_hash=chained,
                )
            )
            self.tip = chained
        return rows

    def append(self, facts: Sequence[FactIn], staff: StaffUser) -> list[GroupFact]:
        """Chain and store facts."""
        rows = self.build(facts, staff)
        GroupFact.objects.bulk_create(rows)
        return rows


@dataclass(frozen=True, slots=True)
class Held:
    """A meeting held for writing: its group is locked, so what is read here stays true until the
    transaction ends."""

    meeting: Meeting
    constitution: Constitution
    stream: Stream

    @classmethod
    def of(cls, meeting: Meeting) -> "Held":
        """Lock the group, then read the meeting again: the caller's copy may be older than the
        lock."""
        stream = Stream.locked(meeting.group, name=MEETING)
        stored = (
            Meeting.objects.select_for_update(of=("self",))
            .select_related("group__book", "cycle")
            .get(pk=meeting.pk)
        )
        constitution = constitution_on(stored.group, stored.held_date)
        stream.group, stream.meeting = stored.group, stored
        stream.constitution_version = constitution.version
        return cls(stored, constitution, stream)

    def require_open(self) -> None:
        """Refuse to write into a meeting that is closed or cancelled, or that a phone keeps. Raises
        MeetingNotOpen, PhoneKeepsRecord, BookMoved."""
        refuse_if_moved(self.meeting.group.book)
        if self.meeting.status != MeetingStatus.OPEN:
            raise MeetingNotOpen
        require_office(self.meeting.group_id)


def told_before(held: Held, id: UUID | None, name: str, told: str) -> GroupFact | None:
    """Return the fact a device already sent under this id with the same content.

    `told` is the digest of what was sent, kept in the fact's body; `name` limits the facts that may
    bear the id (empty: any). Raises SameIdOtherContent.
    """
    if id is None:
        return None
    fact = GroupFact.objects.filter(pk=id).first()
    if fact is None:
        return None
    same = fact.meeting_id == held.meeting.pk and fact.body.get("told") == told
    if not same or (name and fact.name != name):
        raise SameIdOtherContent(field="id")
    return fact


def hash_of(fact: GroupFact) -> str:
    """Work out the content hash of a stored fact anew, for checks of the chain."""
    return content_hash(content_of(fact)) if fact.told is None else digest(fact.told)


def content_of(fact: GroupFact) -> FactContent:
    return FactContent(
        id=fact.pk,
        name=fact.name,
        group_id=fact.group_id,
        stream=fact.stream,
        meeting_id=fact.meeting_id,
        happened_date=fact.happened_date,
        recorded_by=fact.recorded_by_id,
        currency=fact.currency,
        constitution_version=fact.constitution_version,
        body=fact.body,
    )
