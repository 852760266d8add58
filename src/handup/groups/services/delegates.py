"""Delegates: the members a group sends to the tier above, as many as its size gives it
(groups_cooperatives.md K5)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.groups.errors import NotAMember, TermBefore
from handup.groups.models import Delegate, Member
from handup.groups.services.assembly import stream_of
from handup.groups.services.elections import ELECT
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import require_come
from handup.groups.standing import delegates_rule, sizes_on
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require


class NotATier(Refusal):
    """Only a group that is a member of a tier above sends delegates."""


class WrongNumber(Refusal):
    """By its size this group sends {allowed}. Choose as many, each once, or fewer."""


class TermBackwards(Refusal):
    """Delegates are elected until a day after {since}."""


def allowed_of(sender: Member, on: date) -> int:
    """How many delegates a member group sends on a day."""
    if sender.member_group_id is None:
        return 0
    members = sizes_on([sender.member_group_id], on).get(sender.member_group_id, 0)
    return delegates_rule(sender.group, on).votes_of(members)


@transaction.atomic
def elect_delegates(
    *,
    acting_staff: StaffUser,
    sender: Member,
    members: Sequence[Member],
    from_date: date,
    until_date: date,
) -> list[Delegate]:
    """Write down whom a group sends to the tier above from a day on, and until when; whoever it
    sent before and is not among them ends that day. The same again changes nothing.

    Raises NotATier, WrongNumber, NotAMember, TermBackwards, TermBefore, InTheFuture.
    """
    require(acting_staff, ELECT, sender.group)
    stream = stream_of(sender.group)
    stored = Member.objects.select_related("member_group").get(pk=sender.pk)
    stored.group = stream.group
    if stored.member_group_id is None:
        raise NotATier
    wanted = {member.pk: member for member in members}
    now = list(stored.delegates.filter(to_date=None).select_related("member"))
    same = {row.member_id for row in now} == set(wanted)
    if (
        same
        and now
        and all((row.from_date, row.until_date) == (from_date, until_date) for row in now)
    ):
        return now
    require_come(from_date, "from_date")
    _check(stored, list(members), from_date, until_date, now)
    body: dict[str, Json] = {
        "group": str(stored.member_group_id),
        "sender": str(stored.pk),
        "persons": [str(pk) for pk in wanted],
        "until": until_date.isoformat(),
    }
    (fact,) = stream.append([FactIn("elect_delegates", body, from_date)], acting_staff)
    stored.delegates.filter(to_date=None).update(to_date=from_date)
    rows = Delegate.objects.bulk_create(
        Delegate(
            group=stream.group,
            sender=stored,
            member=member,
            from_date=from_date,
            until_date=until_date,
            fact=fact,
        )
        for member in wanted.values()
    )
    audit.record(acting_staff, "groups.elect_delegates", stream.group, {"delegates": len(rows)})
    return rows


def _check(
    sender: Member,
    members: Sequence[Member],
    from_date: date,
    until_date: date,
    now: Sequence[Delegate],
) -> None:
    if until_date <= from_date:
        raise TermBackwards(field="until_date", since=from_date)
    gone = sender.left_date is not None and sender.left_date <= from_date
    if gone or sender.joined_date > from_date:
        raise NotAMember(field="from_date", member=sender.member_no)
    since = max((row.from_date for row in now), default=from_date)
    if from_date < since:
        raise TermBefore(field="from_date", since=since)
    ids: set[UUID] = {member.pk for member in members}
    allowed = allowed_of(sender, from_date)
    if not 0 < len(ids) == len(members) <= allowed:
        raise WrongNumber(field="members", allowed=allowed)
    for member in members:
        left = member.left_date is not None and member.left_date <= from_date
        if member.group_id != sender.member_group_id or left or member.joined_date > from_date:
            raise NotAMember(field="members", member=member.member_no)
