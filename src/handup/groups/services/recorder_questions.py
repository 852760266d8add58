"""What the house asks of a group each time its phone sends: the same questions for every packet,
compiled once (docs/decisions/0011).
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from handup.groups.models import (
    Constitution,
    Cycle,
    Fine,
    Group,
    GroupFact,
    GroupKey,
    InternalLoan,
    Meeting,
    Member,
    OfficeTerm,
)
from handup.groups.models.facts import MeetingStatus
from handup.groups.models.group import CycleStatus
from handup.org.prepared import prepared, prepared_records


@prepared_records
def groups_locked(ids: list[UUID]) -> QuerySet[Group, Group]:
    """Groups with their books, locked in the order of their ids."""
    rows = Group.objects.select_for_update(of=("self",)).filter(pk__in=ids)
    return rows.select_related("book").order_by("pk")


@prepared
def end_of_stream(group_id: UUID, stream: str) -> QuerySet[Any, Any]:
    """Number and chain hash of the last fact of a stream."""
    rows = GroupFact.objects.filter(group_id=group_id, stream=stream).order_by("-seq")
    return rows.values_list("seq", "chain_hash")[:1]


@prepared
def last_held(group_id: UUID) -> QuerySet[Any, Any]:
    """The day of the last meeting that was closed."""
    rows = Meeting.objects.filter(group_id=group_id, status=MeetingStatus.CLOSED)
    return rows.values_list("held_date")[:1]


@prepared
def last_number(group_id: UUID) -> QuerySet[Any, Any]:
    """The highest number of a meeting."""
    return Meeting.objects.filter(group_id=group_id).order_by("-number").values_list("number")[:1]


@prepared_records
def members_ever(group_id: UUID) -> QuerySet[Member, Member]:
    """Everybody who is or was a member."""
    return Member.objects.filter(group_id=group_id).order_by("member_no")


@prepared_records
def loans_inside(group_id: UUID) -> QuerySet[InternalLoan, InternalLoan]:
    """Every loan inside a group."""
    return InternalLoan.objects.filter(group_id=group_id).order_by("paid_out_date", "id")


@prepared
def fines(group_id: UUID) -> QuerySet[Any, Any]:
    """Every fine: who owes it, how much, what was paid, whether it was waived."""
    rows = Fine.objects.filter(group_id=group_id).order_by("recorded_at")
    return rows.values_list("pk", "member_id", "units", "paid_units", "waived")


@prepared
def constitutions(group_id: UUID) -> QuerySet[Any, Any]:
    """Every version of the rules a group gave itself."""
    rows = Constitution.objects.filter(group_id=group_id).order_by()
    return rows.values_list("version", "settings")


@prepared
def terms_of_office(group_id: UUID) -> QuerySet[Any, Any]:
    """Who held an office from when to when, the latest first."""
    rows = OfficeTerm.objects.filter(group_id=group_id).order_by("-from_date")
    return rows.values_list("office", "member__member_no", "from_date", "to_date")


@prepared
def keys_of_the_box(group_id: UUID) -> QuerySet[Any, Any]:
    """Who holds and held each key of the box."""
    rows = GroupKey.objects.filter(group_id=group_id).order_by("slot", "-from_date")
    return rows.values_list("slot", "member__member_no", "to_date")


@prepared_records
def running_cycles(group_id: UUID) -> QuerySet[Cycle, Cycle]:
    """The cycle that is not closed, if any."""
    rows = Cycle.objects.filter(group_id=group_id).exclude(status=CycleStatus.CLOSED)
    return rows.order_by("-number")[:1]


@prepared_records
def last_cycles(group_id: UUID) -> QuerySet[Cycle, Cycle]:
    """The cycle that began last."""
    return Cycle.objects.filter(group_id=group_id).order_by("-number")[:1]
