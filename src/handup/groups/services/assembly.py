"""Decisions of an assembly: who has a vote on a day, whether enough were there, whether it carried
(groups.md G3, groups_cooperatives.md K5, K9)."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from uuid import UUID

from django.utils import timezone

from handup.groups.errors import InTheFuture
from handup.groups.models import Group, Resolution
from handup.groups.queries import constitution_on
from handup.groups.rules.constitution import completed
from handup.groups.rules.voted import needed_for
from handup.groups.rules.votes import Count
from handup.groups.services.facts import OFFICE, FactIn, Stream
from handup.groups.services.passing import require_vote
from handup.groups.standing import votes_on
from handup.kernel.chain import Json
from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.org.models import StaffUser


class NotCarried(Refusal):
    """{yes} voted in favour; {needed} are needed."""


@dataclass(frozen=True, slots=True)
class Votes:
    """The count of an assembly: who voted how, and on which day."""

    on: date
    yes: int
    no: int = 0
    abstain: int = 0


def carry(
    staff: StaffUser,
    stream: Stream,
    *,
    decision: str,
    votes: Votes,
    subject: str = "",
    id: UUID | None = None,
) -> Resolution:
    """Count a decision under the group's lock and keep it, with its fact, when it carried.

    Raises InTheFuture, NoQuorum, NotCarried, TooFewVotes, MoreVotesThanPresent, VotesBelowZero;
    then nothing is stored. The permission is the caller's.
    """
    group = stream.group
    if votes.on > (today := timezone.localdate()):
        raise InTheFuture(field="decided_date", today=today)
    constitution = constitution_on(group, votes.on)
    registered = votes_on(group, votes.on)
    count = Count(yes=votes.yes, no=votes.no, abstain=votes.abstain, registered=registered)
    settings = completed(constitution.settings)
    needed = needed_for(settings, decision)
    refused = partial(_refused, votes.yes)
    require_vote(staff, group, votes.on, count, needed, settings["quorum_bps"], refused)
    row = Resolution.objects.create(
        id=id or new_id(),
        group=group,
        constitution=constitution,
        decision=decision,
        subject=subject[:200],
        yes=votes.yes,
        no=votes.no,
        abstain=votes.abstain,
        present=count.present,
        members=registered,
        is_secret=needed.is_secret,
        is_passed=True,
        decided_date=votes.on,
    )
    stream.constitution_version = constitution.version
    stream.append([_vote_told(row, votes.on)], staff)
    return row


def _vote_told(row: Resolution, on: date) -> FactIn:
    """The fact that tells a kept decision."""
    body: dict[str, Json] = {
        "resolution": str(row.pk),
        "decision": row.decision,
        "yes": row.yes,
        "no": row.no,
        "abstain": row.abstain,
        "present": row.present,
        "members": row.members,
    }
    return FactIn("record_vote", body, on)


def _refused(yes: int, needed: int) -> NotCarried:
    return NotCarried(field="yes", yes=yes, needed=needed)


def same_votes(row: Resolution, votes: Votes) -> bool:
    """Tell whether a kept decision was counted like this."""
    told = (votes.on, votes.yes, votes.no, votes.abstain)
    return told == (row.decided_date, row.yes, row.no, row.abstain)


def stream_of(group: Group, name: str = OFFICE) -> Stream:
    """The office's stream of a group, or another outside its meetings, locked, under the version of
    today."""
    stream = Stream.locked(group, name=name)
    stream.group = Group.objects.select_related("book").get(pk=group.pk)
    stream.constitution_version = constitution_on(group).version
    return stream
