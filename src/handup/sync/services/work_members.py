"""Somebody who joined a group, written down at its meeting away from the office."""

from collections.abc import Mapping
from typing import Any

from handup.groups.models import Group
from handup.groups.services import NewMember, admit_members
from handup.org.models import StaffUser
from handup.sync.errors import NotThatGroup
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_device_id
from handup.sync.services.work_people import known
from handup.sync.services.work_told import WorkTold

NAME = "admit_member"


def is_joining(body: Mapping[str, Any]) -> bool:
    """Whether a body names the `group` and the `person` who joins it."""
    return is_device_id(body.get("group")) and is_device_id(body.get("person"))


def join(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Admit her on the day she joined; the member has the id of the fact and the next number of the
    group. Whoever was registered on the same phone waits until the office knows her. Raises
    NotThatGroup, NotThatPerson, and what `admit_members` does."""
    group = Group.objects.visible_to(staff).filter(pk=told.body["group"]).first()
    if group is None:
        raise NotThatGroup
    row.office_id = group.office_id
    person = known(staff, told.body["person"])
    if person.erased_date is not None:
        return WorkState.LEFT_OUT
    new = NewMember(told.happened_date, person=person, id=told.id)
    admit_members(acting_staff=staff, group=group, members=[new])
    return WorkState.DONE
