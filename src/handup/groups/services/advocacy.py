"""A group votes to stand behind an issue of policy; whom the issue affects is counted once, however
many groups she belongs to (groups_cooperatives.md 2.10, K10)."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from handup.groups.models import Group, GroupIssue, Member
from handup.groups.services.assembly import Votes, carry, same_votes, stream_of
from handup.groups.services.facts import FactIn
from handup.groups.services.outside import take_back
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.markets.models import PolicyIssue
from handup.org import audit
from handup.org.devices import SameIdOtherContent, already_stored
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import without_opened

TAKE_UP = "groups.take_up_issue"


class PositionMissing(Refusal):
    """Write what the group asks for."""


class BehindAlready(Refusal):
    """The group stands behind this issue since {since}."""


@transaction.atomic
def take_up_issue(
    *,
    acting_staff: StaffUser,
    group: Group,
    issue: PolicyIssue,
    position: str,
    votes: Votes,
    id: UUID | None = None,
) -> GroupIssue:
    """Keep the vote by which a group stands behind an issue, and what it asks for. The same id with
    the same content returns it unchanged.

    Raises PositionMissing, BehindAlready, NoQuorum, NotCarried, MoreVotesThanPresent, InTheFuture,
    SameIdOtherContent.
    """
    require(acting_staff, TAKE_UP, group)
    stream = stream_of(group)
    said = " ".join(position.split())[:300]
    told = {"group": group, "issue": issue, "position": said, "since_date": votes.on}
    if (known := already_stored(GroupIssue, id, acting_staff, **told)) is not None:
        if not same_votes(known.resolution, votes):
            raise SameIdOtherContent(field="yes")
        return known
    if not said:
        raise PositionMissing(field="position")
    if (there := group.issues.filter(issue=issue, is_reversed=False).first()) is not None:
        raise BehindAlready(field="issue", since=there.since_date)
    resolution = carry(acting_staff, stream, decision="ISSUE", votes=votes, subject=issue.title)
    body: dict[str, Json] = {
        "issue": str(issue.pk),
        "position": said,
        "resolution": str(resolution.pk),
    }
    (fact,) = stream.append([FactIn("open_issue", body, votes.on)], acting_staff)
    row = GroupIssue.objects.create(id=id or new_id(), resolution=resolution, fact=fact, **told)
    audit.record(acting_staff, TAKE_UP, row)
    return row


@transaction.atomic
def take_back_issue(*, acting_staff: StaffUser, row: GroupIssue, on: date) -> GroupIssue:
    """Take back that a group stands behind an issue, where that was written down wrongly; its
    assembly may vote on it anew. Raises TakenBackAlready, TakenBackBefore, InTheFuture."""
    require(acting_staff, "groups.reverse_fact", row.group)
    stream = stream_of(row.group)
    stored = GroupIssue.objects.select_related("fact").get(pk=row.pk)
    take_back(acting_staff, stream, stored.fact, on)
    stored.is_reversed = True
    stored.save(update_fields=("is_reversed",))
    audit.record(acting_staff, "groups.take_back_issue", stored)
    return stored


def issues_seen(staff: StaffUser, group: Group) -> list[GroupIssue]:
    """The issues a group stands behind that a reader may see, the newest first."""
    seen = PolicyIssue.objects.visible_to(staff).values("pk")
    rows = GroupIssue.objects.visible_to(staff).filter(group=group, issue__in=seen)
    rows = rows.filter(is_reversed=False)
    return list(rows.select_related("issue").order_by("-since_date"))


def members_affected(staff: StaffUser, issue: PolicyIssue, on: date) -> int:
    """How many persons whom a reader may see are, on a day, members of groups that stand behind an
    issue: each once, in whichever groups she is, in all tiers below a federation as well. Whom she
    opened in an emergency is left out, as in all that is counted."""
    new = set(issue.groups_behind.filter(is_reversed=False).values_list("group", flat=True))
    behind: set[UUID] = set()
    while new:
        behind |= new
        below = _on(Member.objects.filter(group__in=new).exclude(member_group=None), on)
        new = set(below.values_list("member_group", flat=True)) - behind
    seen = Member.objects.visible_to(without_opened(staff))
    rows = seen.filter(group__in=behind).exclude(person=None)
    counted = _on(rows, on).order_by().aggregate(n=Count("person", distinct=True))
    return int(counted["n"])


def _on(rows: QuerySet[Member], on: date) -> QuerySet[Member]:
    there = Q(left_date=None) | Q(left_date__gt=on)
    return rows.filter(there, joined_date__lte=on)
