"""Joint liability: who stands in one joint group with whom, and how late the latest of them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from handup.lending.facts import WRITTEN_OFF_DAYS
from handup.lending.models import Application, JointMember, Loan
from handup.lending.rules.codes import LoanState
from handup.org.prepared import prepared


@dataclass(frozen=True, slots=True)
class JointLateness:
    """How many days the latest member of an applicant's joint groups is late, and how many that
    group allows before new loans stop. Of several groups the one furthest beyond counts.
    """

    days: int
    allowed: int


def joint_lateness(
    rows: Sequence[Application], on: Mapping[UUID, date]
) -> dict[UUID, JointLateness]:
    """Lateness in the open joint groups of who asks, each as of its own day; applications without
    a joint group are left out. `on`: application id → day.
    """
    keys = [key for row in rows for key in _names(row)]
    members = _open_members(keys) if keys else []
    if not members:
        return {}
    groups: dict[UUID, set[UUID]] = {}
    for group_id, *ids in members:
        for key in ids:
            if key is not None:
                groups.setdefault(key, set()).add(group_id)
    late = _loans_of({group_id for group_id, *_ids in members})
    found = {}
    for row in rows:
        mine = {group for key in _names(row) for group in groups.get(key, ())}
        each = [_lateness(late[group], on[row.pk]) for group in sorted(mine) if group in late]
        if each:
            found[row.pk] = max(each, key=lambda item: item.days - item.allowed)
    return found


def _names(row: Application) -> list[UUID]:
    """The application and who asks: ids never collide, so one list serves every column."""
    return [key for key in (row.pk, row.person_id, row.enterprise_id, row.group_id) if key]


@prepared
def _open_members(keys: list[UUID]) -> QuerySet[Any, Any]:
    named = (
        Q(application_id__in=keys)
        | Q(application__person_id__in=keys)
        | Q(application__enterprise_id__in=keys)
        | Q(application__group_id__in=keys)
    )
    rows = JointMember.objects.filter(named, joint_group__closed_date=None)
    return rows.order_by().values_list(
        "joint_group_id",
        "application_id",
        "application__person_id",
        "application__enterprise_id",
        "application__group_id",
    )


@dataclass(slots=True)
class _Group:
    stop_days: int
    next_dues: list[tuple[date | None, str]]


def _loans_of(group_ids: set[UUID]) -> dict[UUID, _Group]:
    found: dict[UUID, _Group] = {}
    path = "agreement__application__joint__joint_group"
    rows = Loan.objects.filter(**{f"{path}__in": group_ids}).order_by()
    states = (LoanState.ACTIVE.value, LoanState.WRITTEN_OFF.value)
    for group_id, stop_days, next_due, state in rows.filter(state__in=states).values_list(
        f"{path}_id", f"{path}__stop_days", "next_due_date", "state"
    ):
        group = found.setdefault(group_id, _Group(stop_days, []))
        group.next_dues.append((next_due, state))
    return found


def _lateness(group: _Group, on: date) -> JointLateness:
    days = 0
    for next_due, state in group.next_dues:
        if state == LoanState.WRITTEN_OFF:
            days = WRITTEN_OFF_DAYS
        elif next_due is not None:
            days = max(days, (on - next_due).days)
    return JointLateness(days, group.stop_days)
