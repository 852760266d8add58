"""A group's vote on its rules, written down at its meeting away from the office."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from handup.groups.models import Group
from handup.groups.services import change_rules
from handup.org.models import StaffUser
from handup.sync.errors import NotThatGroup
from handup.sync.models import WorkFact, WorkState
from handup.sync.rules.bodies import is_day, is_device_id, is_number
from handup.sync.rules_voted import CHANGED
from handup.sync.services.work_told import WorkTold

NAME = "adopt_constitution"
MOST_VOTES, MOST_UNITS = 100_000, 10**12


def is_voted(body: Mapping[str, Any]) -> bool:
    """Whether a body says what was voted: `group`, the `version` it becomes, the `settings` that
    change as whole numbers, `effective_date`, and how many said `yes`, `no` or nothing."""
    settings = body.get("settings")
    return (
        is_device_id(body.get("group"))
        and is_number(body.get("version"), 2)
        and is_day(body.get("effective_date"))
        and isinstance(settings, Mapping)
        and 0 < len(settings) <= len(CHANGED)
        and all(name in CHANGED and is_number(settings[name], 0, MOST_UNITS) for name in settings)
        and all(is_number(body.get(name), 0, MOST_VOTES) for name in ("yes", "no", "abstain"))
    )


def adopt(told: WorkTold, staff: StaffUser, row: WorkFact) -> WorkState:
    """Adopt the next version by its vote. Raises NotThatGroup, and what `change_rules` does: a vote
    that did not carry, or rules that were changed since, wait and change nothing."""
    body = told.body
    group = Group.objects.visible_to(staff).filter(pk=body["group"]).first()
    if group is None:
        raise NotThatGroup
    row.office_id = group.office_id
    change_rules(
        acting_staff=staff,
        group=group,
        version=body["version"],
        settings=dict(body["settings"]),
        effective_date=date.fromisoformat(body["effective_date"]),
        yes=body["yes"],
        no=body["no"],
        abstain=body["abstain"],
        id=told.id,
    )
    return WorkState.DONE
