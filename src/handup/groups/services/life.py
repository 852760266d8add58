"""How far a group has come: at rest when it stops meeting, awake again when it meets, graduated, or
closed with its books at zero (groups.md 5)."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from handup.groups.models import Delegate, Group, Member, Representative
from handup.groups.models.facts import VOID
from handup.groups.models.group import CycleStatus, GroupStatus, LeaveReason, MemberStatus
from handup.groups.phones import require_office
from handup.groups.queries import constitution_on, open_meeting_of
from handup.groups.services.assembly import Votes, carry, stream_of
from handup.groups.services.elections import GOING, cancel_going
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import require_come
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.ledger.balances import balances_of_roles
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require

GRADUATE = "groups.graduate_group"
CLOSE = "groups.close_group"
INTERVALS = 3
"""So many intervals without a meeting, and a group is at rest."""
OPEN_ROLES = (
    *("CASH", "BANK", "MOBILE", "LOANS", "SAVINGS", "OVERPAID", "MEMBERS_DUE", "CLAIMS"),
    *("DEPOSITS", "PAYABLE", "OUTSIDE_DEBT", "SHARE_CAPITAL"),
    *("PRODUCERS", "INPUTS_DUE", "RECEIVABLE", "STOCK"),
)
"""What must be nothing before a group ends: its money, what it is owed and what it owes."""


class StillMeeting(Refusal):
    """A meeting is still open. Close it first."""


class BooksNotZero(Refusal):
    """The books are not at zero yet: pay out what members have coming, collect what they owe, and
    empty the box, the bank and the phone account first."""


class MetSince(Refusal):
    """The group met on {last}; it cannot have ended or graduated before."""


class BegunSince(Refusal):
    """On {last} an election, an office or somebody's vote for others began here; the group cannot
    have ended before."""


class GraduatedAlready(Refusal):
    """Only a group that is active or at rest graduates."""


def wake(group_ids: Collection[UUID]) -> None:
    """Groups at rest that met are active again."""
    rows = Group.objects.filter(pk__in=group_ids, status=GroupStatus.DORMANT)
    rows.update(status=GroupStatus.ACTIVE)


def let_rest(on: date) -> int:
    """Put to rest every active group whose last meeting lies more than three of its intervals
    back; a group that never met here is left as it is. Returns how many.
    """
    kept = Max("meetings__held_date", filter=~Q(meetings__status__in=VOID))
    rows = Group.objects.filter(status=GroupStatus.ACTIVE).annotate(last=kept)
    tired = []
    for group in rows.exclude(last=None).order_by("pk").iterator(500):
        interval = constitution_on(group, on).settings["meeting_interval_days"]
        if group.last < on - timedelta(days=INTERVALS * interval):
            tired.append(group.pk)
    for start in range(0, len(tired), 500):
        part = tired[start : start + 500]
        Group.objects.filter(pk__in=part, status=GroupStatus.ACTIVE).update(
            status=GroupStatus.DORMANT
        )
    return len(tired)


def _require_after_meetings(group: Group, on: date) -> None:
    if open_meeting_of(group) is not None:
        raise StillMeeting
    require_come(on, "on")
    held = group.meetings.exclude(status__in=VOID).filter(held_date__lte=timezone.localdate())
    last = held.aggregate(last=Max("held_date"))["last"]
    if last is not None and on < last:
        raise MetSince(field="on", last=last)


def _require_after_begun(group: Group, on: date) -> None:
    """Refuse a day before what would end with the group began."""
    sent = Delegate.objects.filter(Q(group=group) | Q(member__group=group), to_date=None)
    speaking = Representative.objects.filter(member__group=group, to_date=None)
    begun = [
        *group.elections.filter(state__in=GOING).values_list("called_date", flat=True),
        *group.office_terms.filter(to_date=None).values_list("from_date", flat=True),
        *sent.values_list("from_date", flat=True),
        *speaking.values_list("from_date", flat=True),
    ]
    if begun and on < (last := max(begun)):
        raise BegunSince(field="on", last=last)


@transaction.atomic
def graduate_group(*, acting_staff: StaffUser, group: Group, on: date) -> Group:
    """Keep that a group goes on without the programme. Raises GraduatedAlready, StillMeeting,
    MetSince, InTheFuture."""
    require(acting_staff, GRADUATE, group)
    stream = stream_of(group)
    row = stream.group
    if row.status not in (GroupStatus.ACTIVE, GroupStatus.DORMANT):
        raise GraduatedAlready(field="on")
    _require_after_meetings(row, on)
    stream.append([FactIn("graduate_group", {}, on)], acting_staff)
    row.status = GroupStatus.GRADUATED
    row.save(update_fields=("status",))
    audit.record(acting_staff, GRADUATE, row, {"status": row.status})
    return row


@transaction.atomic
def close_group(*, acting_staff: StaffUser, group: Group, votes: Votes) -> Group:
    """End a group by the vote of four fifths of its members, once its books are at zero; its
    memberships, offices and cycle end that day. A phone that keeps its record gives it back before:
    it may hold a meeting nobody has seen yet.

    Raises GroupClosed, PhoneKeepsRecord, StillMeeting, MetSince, BegunSince, BooksNotZero,
    NoQuorum, NotCarried, InTheFuture.
    """
    require(acting_staff, CLOSE, group)
    stream = stream_of(group)
    row, on = stream.group, votes.on
    require_office(row.pk)
    _require_after_meetings(row, on)
    _require_after_begun(row, on)
    if any(item.units for item in balances_of_roles(row.book, OPEN_ROLES)):
        raise BooksNotZero
    resolution = carry(acting_staff, stream, decision="CLOSE_GROUP", votes=votes)
    body: dict[str, Json] = {"resolution": str(resolution.pk)}
    stream.append([FactIn("close_group", body, on)], acting_staff)
    present = Member.objects.filter(group=row, left_date=None)
    present.filter(joined_date__lte=on).update(
        left_date=on, left_reason=LeaveReason.OTHER, status=MemberStatus.LEFT
    )
    row.office_terms.filter(to_date=None).update(to_date=on)
    ending = Q(group=row) | Q(member__group=row)
    Delegate.objects.filter(ending, to_date=None).update(to_date=on)
    Representative.objects.filter(member__group=row, to_date=None).update(to_date=on)
    cancel_going(stream, acting_staff=acting_staff, on=on)
    row.cycles.exclude(status=CycleStatus.CLOSED).update(status=CycleStatus.CLOSED)
    row.status = GroupStatus.CLOSED
    row.save(update_fields=("status",))
    audit.record(acting_staff, CLOSE, row, {"status": row.status})
    return row
