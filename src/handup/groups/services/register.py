"""Groups come to be: registration with a book of its own, members, constitution, offices,
cycles."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from handup.groups.errors import AlreadyAMember, ConstitutionOrder, NotAMember, ResolutionNotFit
from handup.groups.models import Constitution, Cycle, Group, Member, OfficeTerm, Resolution
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import CycleStatus, GroupKind, GroupStatus, MemberStatus
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import NeverBackwards, require_unfrozen, settings_for
from handup.groups.rules.votes import CONSTITUTION_BPS, needed_votes
from handup.groups.services.facts import FactIn, Stream
from handup.kernel.ids import new_id
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.projects.models import Programme


@dataclass(frozen=True, slots=True)
class NewGroup:
    """What is known when a group is registered; `settings` holds only what the group voted."""

    name: str
    kind: GroupKind
    area: Area
    formed_date: date
    currency: str
    settings: Mapping[str, Any]
    code: str = ""
    office: Office | None = None
    officer: StaffUser | None = None
    registration_no: str = ""
    registration_date: date | None = None
    id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewMember:
    """A person or a group of a lower tier joining; the number follows on when none is given."""

    joined_date: date
    person: Person | None = None
    member_group: Group | None = None
    member_no: int | None = None
    id: UUID | None = field(default=None)


def register_group(*, acting_staff: StaffUser, programme: Programme, group: NewGroup) -> Group:
    """Register one group: the batch form with one."""
    return register_groups(acting_staff=acting_staff, programme=programme, groups=[group])[0]


@transaction.atomic
def register_groups(
    *, acting_staff: StaffUser, programme: Programme, groups: Sequence[NewGroup]
) -> list[Group]:
    """Register groups with their first constitution, first cycle and an own book each.

    A device's id that is already registered with the same content returns that group unchanged.
    Raises SameIdOtherContent, and Faults for settings outside their range or settings that need a
    vote and have none; then nothing is stored.
    """
    require(acting_staff, "groups.register_group", programme)
    return [_known(programme, new) or _register(acting_staff, programme, new) for new in groups]


def _known(programme: Programme, new: NewGroup) -> Group | None:
    """The group registered under this id. Raises SameIdOtherContent."""
    known = already_stored(
        Group,
        new.id,
        programme=programme,
        name=new.name,
        kind=new.kind.value,
        area=new.area,
        formed_date=new.formed_date,
        currency=new.currency,
    )
    if known is None:
        return None
    first = known.constitutions.get(version=1)
    if first.settings != settings_for(known.kind, new.settings):
        raise SameIdOtherContent(field="settings")
    return known


def _register(staff: StaffUser, programme: Programme, new: NewGroup) -> Group:
    settings = settings_for(new.kind.value, new.settings)
    group_id = new.id or new_id()
    code = new.code or f"{programme.code}-G{Group.objects.filter(programme=programme).count() + 1}"
    book = open_book(
        acting_staff=staff,
        code=f"GROUP-{code}",
        name=new.name,
        kind=BookKind.GROUP,
        base_currency=new.currency,
        owner=("group", group_id),
        programme_id=programme.pk,
        office=new.office,
    )
    group = Group.objects.create(
        id=group_id,
        code=code,
        name=new.name,
        kind=new.kind,
        programme=programme,
        area=new.area,
        office=new.office,
        officer=new.officer,
        currency=new.currency,
        formed_date=new.formed_date,
        registration_no=new.registration_no,
        registration_date=new.registration_date,
        status=GroupStatus.ACTIVE,
        book=book,
    )
    Constitution.objects.create(
        group=group, version=1, settings=settings, effective_date=new.formed_date
    )
    weeks = settings["cycle_weeks"] if settings["cycle_kind"] == "SHARE_OUT" else None
    Cycle.objects.create(
        group=group,
        number=1,
        start_date=new.formed_date,
        planned_end_date=new.formed_date + timedelta(weeks=weeks) if weeks else None,
    )
    Stream.locked(group, version=1).append(
        [
            FactIn(
                "register_group",
                {"kind": new.kind.value, "name": new.name, "area": new.area.code},
                new.formed_date,
            ),
            FactIn("adopt_constitution", {"version": 1, "settings": settings}, new.formed_date),
            FactIn("start_cycle", {"number": 1}, new.formed_date),
        ],
        staff,
    )
    audit.record(staff, "groups.register_group", group, {"code": code, "kind": new.kind.value})
    return group


@transaction.atomic
def admit_members(
    *, acting_staff: StaffUser, group: Group, members: Iterable[NewMember]
) -> list[Member]:
    """Admit persons or member groups; numbers are never used again.

    A device's id that is already admitted with the same content returns that member unchanged.
    Raises AlreadyAMember, SameIdOtherContent.
    """
    require(acting_staff, "groups.admit_member", group)
    stream = Stream.locked(group)
    stream.constitution_version = constitution_on(group).version
    next_no = (group.members.aggregate(last=Max("member_no"))["last"] or 0) + 1
    present: set[tuple[UUID | None, UUID | None]] = set(
        group.members.filter(left_date=None).values_list("person_id", "member_group_id")
    )
    rows, facts, found = [], [], []
    for new in members:
        if (known := _known_member(group, new)) is not None:
            found.append(known)
            continue
        key = (
            new.person.pk if new.person else None,
            new.member_group.pk if new.member_group else None,
        )
        if key in present:
            raise AlreadyAMember(field="person")
        present.add(key)
        number = new.member_no or next_no
        next_no = max(next_no, number) + 1
        row = Member(
            id=new.id or new_id(),
            group=group,
            member_no=number,
            person=new.person,
            member_group=new.member_group,
            joined_date=new.joined_date,
        )
        rows.append(row)
        found.append(row)
        facts.append(
            FactIn("admit_member", {"member": str(row.pk), "member_no": number}, new.joined_date)
        )
    Member.objects.bulk_create(rows)
    stream.append(facts, acting_staff)
    audit.record_many(audit.line(acting_staff, "groups.admit_member", row) for row in rows)
    return found


def _known_member(group: Group, new: NewMember) -> Member | None:
    """The member admitted under this id. Raises SameIdOtherContent."""
    content: dict[str, Any] = {
        "group": group,
        "person": new.person,
        "member_group": new.member_group,
        "joined_date": new.joined_date,
    }
    if new.member_no is not None:
        content["member_no"] = new.member_no
    return already_stored(Member, new.id, **content)


@transaction.atomic
def end_membership(
    *, acting_staff: StaffUser, member: Member, left_date: date, reason: str, died: bool = False
) -> Member:
    """End a membership; her number is not used again. Raises NotAMember when it has already
    ended."""
    require(acting_staff, "groups.end_membership", member.group)
    if member.left_date is not None:
        raise NotAMember(member=member.member_no)
    Stream.locked(member.group, version=constitution_on(member.group).version).append(
        [FactIn("end_membership", {"member": str(member.pk), "reason": reason}, left_date)],
        acting_staff,
    )
    member.left_date = left_date
    member.status = MemberStatus.DIED if died else MemberStatus.LEFT
    member.save(update_fields=("left_date", "status"))
    audit.record(acting_staff, "groups.end_membership", member, {"reason": reason})
    return member


@transaction.atomic
def adopt_constitution(
    *,
    acting_staff: StaffUser,
    group: Group,
    version: int,
    settings: Mapping[str, Any],
    effective_date: date,
    resolution: Resolution,
) -> Constitution:
    """Adopt the next voted version; it takes effect from the meeting after its vote.

    Raises ConstitutionOrder, ResolutionNotFit, NeverBackwards, FixedInCycle, Faults for settings
    out of range.
    """
    require(acting_staff, "groups.adopt_constitution", group)
    stream = Stream.locked(group, version=version)
    last = constitution_on(group)
    if version != last.version + 1:
        raise ConstitutionOrder(field="version", expected=last.version + 1)
    _check_resolution(group, resolution)
    _check_effect(group, last, effective_date, resolution)
    complete = settings_for(group.kind, {**last.settings, **settings})
    if group.cycles.exclude(status=CycleStatus.CLOSED).exists():
        require_unfrozen(last.settings, complete)
    stream.append(
        [FactIn("adopt_constitution", {"version": version, "settings": complete}, effective_date)],
        acting_staff,
    )
    adopted = Constitution.objects.create(
        group=group,
        version=version,
        settings=complete,
        effective_date=effective_date,
        resolution=resolution,
    )
    audit.record(acting_staff, "groups.adopt_constitution", group, {"version": version})
    return adopted


def _check_resolution(group: Group, resolution: Resolution) -> None:
    """The vote is this group's own, on its constitution, passed, and used once."""
    members = resolution.members
    needed = needed_votes(members, CONSTITUTION_BPS)
    fit = (
        resolution.group_id == group.pk
        and resolution.decision == "CONSTITUTION"
        and resolution.is_passed
        and resolution.yes >= needed > 0
        and (resolution.meeting is None or resolution.meeting.status != MeetingStatus.CANCELLED)
        and not Constitution.objects.filter(resolution=resolution).exists()
    )
    if not fit:
        raise ResolutionNotFit(field="resolution", needed=needed, members=members)


def _check_effect(
    group: Group, last: Constitution, effective_date: date, resolution: Resolution
) -> None:
    """A version takes effect after its vote and after every meeting already held."""
    held = group.meetings.exclude(status=MeetingStatus.CANCELLED).aggregate(last=Max("held_date"))
    days = [held["last"], resolution.meeting.held_date if resolution.meeting else None]
    after = max((day for day in days if day is not None), default=None)
    if after is not None and effective_date <= after:
        raise NeverBackwards(field="effective_date", last=after)
    if effective_date < last.effective_date:
        raise NeverBackwards(field="effective_date", last=last.effective_date)


@transaction.atomic
def elect_officer(
    *, acting_staff: StaffUser, group: Group, office: str, member: Member, from_date: date
) -> OfficeTerm:
    """Let a member take an office; the holder before her ends that day. Raises NotAMember."""
    require(acting_staff, "groups.elect_officer", group)
    if member.group_id != group.pk or member.left_date is not None:
        raise NotAMember(field="member", member=member.member_no)
    group.office_terms.filter(office=office, to_date=None).update(to_date=from_date)
    term = OfficeTerm.objects.create(group=group, office=office, member=member, from_date=from_date)
    Stream.locked(group, version=constitution_on(group).version).append(
        [FactIn("elect_officer", {"office": office, "member": str(member.pk)}, from_date)],
        acting_staff,
    )
    audit.record(acting_staff, "groups.elect_officer", group, {"office": office})
    return term


@transaction.atomic
def start_cycle(*, acting_staff: StaffUser, group: Group, start_date: date) -> Cycle:
    """Start the next cycle; the database refuses a second open one."""
    require(acting_staff, "groups.start_cycle", group)
    number = (group.cycles.aggregate(last=Max("number"))["last"] or 0) + 1
    weeks = constitution_on(group).settings["cycle_weeks"]
    cycle = Cycle.objects.create(
        group=group,
        number=number,
        start_date=start_date,
        planned_end_date=start_date + timedelta(weeks=weeks),
        status=CycleStatus.OPEN,
    )
    Stream.locked(group, version=constitution_on(group).version).append(
        [FactIn("start_cycle", {"number": number}, start_date)], acting_staff
    )
    audit.record(acting_staff, "groups.start_cycle", group, {"number": number})
    return cycle
