"""Groups come to be: registration with a book of its own, constitution, cycles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from handup.groups.errors import (
    ConstitutionOrder,
    CycleBefore,
    CycleOpen,
    InTheFuture,
    ResolutionNotFit,
)
from handup.groups.models import Constitution, Cycle, Group, Resolution
from handup.groups.models.facts import VOID
from handup.groups.models.group import CycleStatus, GroupKind, GroupStatus
from handup.groups.phones import tell_arrived
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import (
    NeverBackwards,
    completed,
    require_unfrozen,
    settings_for,
)
from handup.groups.rules.voted import needed_for
from handup.groups.rules.votes import Count
from handup.groups.services.facts import FactIn, Stream
from handup.groups.standing import seen_members
from handup.kernel.ids import new_id
from handup.ledger.rules.words import BookKind
from handup.ledger.services import open_book
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
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


def register_group(*, acting_staff: StaffUser, programme: Programme, group: NewGroup) -> Group:
    """Register one group: the batch form with one."""
    return register_groups(acting_staff=acting_staff, programme=programme, groups=[group])[0]


@transaction.atomic
def register_groups(
    *, acting_staff: StaffUser, programme: Programme, groups: Sequence[NewGroup]
) -> list[Group]:
    """Register groups with their first constitution, first cycle and an own book each.

    A device's id that is already registered with the same content returns that group unchanged.
    Raises InTheFuture, SameIdOtherContent, and Faults for settings outside their range or settings
    that need a vote and have none; then nothing is stored.
    """
    require(acting_staff, "groups.register_group", programme)
    Programme.objects.select_for_update().get(pk=programme.pk)  # two at once get two codes
    return [
        _known(acting_staff, programme, new) or _register(acting_staff, programme, new)
        for new in groups
    ]


def _known(staff: StaffUser, programme: Programme, new: NewGroup) -> Group | None:
    """The group registered under this id. Raises SameIdOtherContent."""
    known = already_stored(
        Group,
        new.id,
        staff,
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
    voted = settings_for(known.kind, new.settings)
    if any(voted.get(name) != value for name, value in first.settings.items()):
        raise SameIdOtherContent(field="settings")
    return known


def _free_code(programme: Programme) -> str:
    """The next code no group bears yet."""
    number = Group.objects.filter(programme=programme).count() + 1
    while Group.objects.filter(code=f"{programme.code}-G{number}").exists():
        number += 1
    return f"{programme.code}-G{number}"


def _register(staff: StaffUser, programme: Programme, new: NewGroup) -> Group:
    settings = settings_for(new.kind.value, new.settings)
    group_id = new.id or new_id()
    if new.formed_date > (today := timezone.localdate()):
        raise InTheFuture(field="formed_date", today=today)
    code = new.code or _free_code(programme)
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
    Cycle.objects.create(
        group=group,
        number=1,
        start_date=new.formed_date,
        planned_end_date=_planned_end(settings, new.formed_date),
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
    _check_resolution(acting_staff, group, last, resolution)
    _check_effect(group, last, effective_date, resolution)
    complete = settings_for(group.kind, {**completed(last.settings), **settings})
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
    tell_arrived(group, acting_staff)
    return adopted


def _check_resolution(
    staff: StaffUser, group: Group, last: Constitution, resolution: Resolution
) -> None:
    """The vote is this group's own, on its constitution, passed, and used once."""
    members = resolution.members
    count = Count(resolution.yes, resolution.no, resolution.abstain, members)
    rule = needed_for(completed(last.settings), "CONSTITUTION")
    needed = rule.votes_of(count)
    fit = (
        resolution.group_id == group.pk
        and resolution.decision == "CONSTITUTION"
        and resolution.is_passed
        and resolution.yes >= needed > 0
        and (resolution.meeting is None or resolution.meeting.status not in VOID)
        and not Constitution.objects.filter(resolution=resolution).exists()
    )
    if not fit:
        seen = seen_members(staff, resolution)
        told = rule.votes_of(replace(count, registered=seen))
        raise ResolutionNotFit(field="resolution", needed=told, members=seen)


def _check_effect(
    group: Group, last: Constitution, effective_date: date, resolution: Resolution
) -> None:
    """A version takes effect after its vote and after every meeting already held."""
    held = group.meetings.exclude(status__in=VOID).aggregate(last=Max("held_date"))
    days = [held["last"], resolution.meeting.held_date if resolution.meeting else None]
    after = max((day for day in days if day is not None), default=None)
    if after is not None and effective_date <= after:
        raise NeverBackwards(field="effective_date", last=after)
    if effective_date < last.effective_date:
        raise NeverBackwards(field="effective_date", last=last.effective_date)


@transaction.atomic
def start_cycle(*, acting_staff: StaffUser, group: Group, start_date: date) -> Cycle:
    """Start the next cycle once the one before is closed. Raises CycleOpen, CycleBefore."""
    require(acting_staff, "groups.start_cycle", group)
    stream = Stream.locked(group)
    constitution = constitution_on(group, start_date)
    stream.constitution_version = constitution.version
    if (still_open := group.cycles.exclude(status=CycleStatus.CLOSED).first()) is not None:
        raise CycleOpen(number=still_open.number)
    last = group.cycles.first()
    held = group.meetings.exclude(status__in=VOID).aggregate(last=Max("held_date"))
    days = [held["last"], last.start_date if last else None]
    after = max((day for day in days if day is not None), default=group.formed_date)
    if start_date < after:
        raise CycleBefore(field="start_date", last=after)
    cycle = Cycle.objects.create(
        group=group,
        number=last.number + 1 if last else 1,
        start_date=start_date,
        planned_end_date=_planned_end(constitution.settings, start_date),
        status=CycleStatus.OPEN,
    )
    stream.append([FactIn("start_cycle", {"number": cycle.number}, start_date)], acting_staff)
    audit.record(acting_staff, "groups.start_cycle", group, {"number": cycle.number})
    tell_arrived(group, acting_staff)
    return cycle


def _planned_end(settings: Mapping[str, Any], start_date: date) -> date | None:
    """When a cycle should end; a group that goes on without a share-out plans no end."""
    if settings["cycle_kind"] != "SHARE_OUT":
        return None
    return start_date + timedelta(weeks=settings["cycle_weeks"])
