"""What a laptop takes along of one area, for weeks without the office: the groups, courses and
persons there whom its holder may see. What is too much for a device is told before it is fetched.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from handup.groups.models import Group, Member
from handup.groups.models.group import GroupStatus
from handup.org.models import Area, Device, StaffUser
from handup.org.scope import without_opened
from handup.people.forms.fields import areas_for
from handup.people.models import Person
from handup.sync.caseload import MOST_PERSONS, persons_told
from handup.sync.errors import AreaTooLarge, NotThatArea
from handup.sync.queries import area_chosen
from handup.sync.snapshot_life import snapshot_days
from handup.sync.tests_carried import enrolled_in
from handup.sync.work_queries import OVER, sessions_of
from handup.training.models import Cohort

MOST_GROUPS, MOST_COHORTS = 100, 40
"""And no more persons than a device may carry of a caseload."""


@dataclass(frozen=True, slots=True)
class AreaSize:
    """How much an area holds for somebody."""

    persons: int
    groups: int
    cohorts: int

    @property
    def fits(self) -> bool:
        """Whether a device may carry it."""
        return (
            self.persons <= MOST_PERSONS
            and self.groups <= MOST_GROUPS
            and self.cohorts <= MOST_COHORTS
        )


def area_wanted(device: Device) -> dict[str, Any] | None:
    """The area the office chose last for a device, as its phone is told; None where it chose
    nothing ever."""
    row = area_chosen(device)
    if row is None:
        return None
    return {"id": row.area_id, "name": str(row), "chosen_at": row.recorded_at}


def area_of(reader: StaffUser, area_id: UUID) -> Area:
    """An area the reader may name. Raises NotThatArea."""
    found: Area | None = areas_for(reader).filter(pk=area_id).first()
    if found is None:
        raise NotThatArea
    return found


def size_of(reader: StaffUser, area: Area) -> AreaSize:
    """How many persons, groups and courses of an area the reader may see. Of what is beyond the
    bounds, members and participants from elsewhere are not counted any more."""
    groups, cohorts = _groups(reader, area), _cohorts(reader, area)
    counted = groups.count(), cohorts.count()
    residents = _residents(reader, area)
    persons = residents.count()
    if AreaSize(persons, *counted).fits:
        others = _others(reader, list(groups), list(cohorts))
        persons += len(others) - residents.filter(pk__in=others).count()
    return AreaSize(persons, *counted)


def refuse_too_large(reader: StaffUser, area: Area) -> None:
    """Raise AreaTooLarge where an area holds more than a device carries."""
    size = size_of(reader, area)
    if size.fits:
        return
    raise AreaTooLarge(
        area=area,
        persons=size.persons,
        groups=size.groups,
        cohorts=size.cohorts,
        most_persons=MOST_PERSONS,
        most_groups=MOST_GROUPS,
        most_cohorts=MOST_COHORTS,
    )


def pack_of(reader: StaffUser, area: Area) -> tuple[dict[str, Any], list[UUID]]:
    """The area as a device carries it, and the persons it names. Raises AreaTooLarge."""
    refuse_too_large(reader, area)
    groups = list(_groups(reader, area))
    cohorts = list(_cohorts(reader, area))
    members = list(_members(reader, groups))
    residents = list(_residents(reader, area).order_by("sort_key", "id"))
    sessions, attending = sessions_of(reader, {cohort.pk for cohort in cohorts})
    told = {
        "area_id": area.pk,
        "name": str(area),
        "as_of": timezone.localdate(),
        "keep_days": snapshot_days(reader),
        "groups": [
            {"id": group.pk, "name": group.name, "members": _told(members, group)}
            for group in groups
        ],
        "sessions": sessions,
        "persons": persons_told(reader, residents),
    }
    joined = [row.person_id for row in members if row.person_id]
    return told, [*(row.pk for row in residents), *joined, *attending]


def _told(members: list[Member], group: Group) -> list[dict[str, Any]]:
    """The members of a group by their numbers: who they are, and nothing of their money."""
    return [
        {"member_no": row.member_no, "name": row.shown_name}
        for row in members
        if row.group_id == group.pk
    ]


def _groups(reader: StaffUser, area: Area) -> Any:
    rows = Group.objects.visible_to(reader).filter(area__path__startswith=area.path, practice=False)
    return rows.exclude(status=GroupStatus.CLOSED).order_by("name", "id")


def _members(reader: StaffUser, groups: list[Group]) -> Any:
    rows = Member.objects.visible_to(reader).filter(group__in=groups, left_date=None)
    return rows.select_related("person", "member_group").order_by("group", "member_no")


def _cohorts(reader: StaffUser, area: Area) -> Any:
    rows = Cohort.objects.visible_to(reader).filter(area__path__startswith=area.path)
    return rows.exclude(state__in=OVER).order_by("starts_date", "id")


def _residents(reader: StaffUser, area: Area) -> Any:
    rows = Person.objects.visible_to(without_opened(reader)).select_related("area")
    return rows.filter(area__path__startswith=area.path, erased_date=None, merged_date=None)


def _others(reader: StaffUser, groups: list[Group], cohorts: list[Cohort]) -> set[UUID]:
    """Members of the groups and participants of the courses, wherever they live."""
    joined = {row.person_id for row in _members(reader, groups) if row.person_id}
    enrolled = enrolled_in(reader, {cohort.pk for cohort in cohorts})
    return joined | {row.person_id for rows in enrolled.values() for row in rows}
