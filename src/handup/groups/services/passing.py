"""A vote counts every member of the group; whoever writes it down is told of those alone she may
know of (protection.md R5, docs/decisions/0020)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from handup.groups.models import Group
from handup.groups.rules.voted import Needed
from handup.groups.rules.votes import Count, NoQuorum, require_fair
from handup.groups.standing import seen_votes
from handup.kernel.errors import Refusal
from handup.org.models import StaffUser


class TooFewVotes(Refusal):
    """Too few votes for this decision. Look into the group's own book."""


def require_vote(
    staff: StaffUser,
    group: Group,
    on: date,
    count: Count,
    needed: Needed,
    quorum_bps: int,
    refusal: Callable[[int], Refusal],
) -> None:
    """Refuse the vote of an assembly that cannot be true or did not pass. Raises VotesBelowZero,
    MoreVotesThanPresent, and what `require_passed` does."""
    seen = seen_votes(staff, group, count.registered, on)
    require_fair(count, there=count.registered, told=seen)
    require_passed(count, seen=seen, needed=needed, quorum_bps=quorum_bps, refusal=refusal)


def require_passed(
    count: Count,
    *,
    seen: int,
    needed: Needed,
    quorum_bps: int,
    refusal: Callable[[int], Refusal],
) -> None:
    """Refuse a vote that did not pass. `seen`: the votes there are as the reader counts them, of
    which a refusal tells where they are too few already; `refusal` makes it from how many must say
    yes. A vote that would have passed among them is refused without a number.

    Raises NoQuorum, TooFewVotes, what `refusal` makes.
    """
    _require(replace(count, registered=seen), needed, quorum_bps, refusal)
    try:
        _require(count, needed, quorum_bps, refusal)
    except Refusal:
        raise TooFewVotes(field="yes") from None


def _require(
    count: Count, needed: Needed, quorum_bps: int, refusal: Callable[[int], Refusal]
) -> None:
    if not needed.is_passed(count, quorum_bps):
        raise refusal(needed.votes_of(count))


def require_present(ballots: int, *, there: int, seen: int, quorum_bps: int) -> None:
    """Refuse ballots that are fewer than the quorum of all votes `there`, of which the reader
    counts `seen`. Raises NoQuorum, TooFewVotes."""
    if _is_short(ballots, seen, quorum_bps):
        needed = max(1, -(-seen * quorum_bps // 10_000))
        raise NoQuorum(field="ballots_1", present=ballots, registered=seen, needed=needed)
    if _is_short(ballots, there, quorum_bps):
        raise TooFewVotes(field="ballots_1")


def _is_short(ballots: int, there: int, quorum_bps: int) -> bool:
    return not ballots or ballots * 10_000 < quorum_bps * there
