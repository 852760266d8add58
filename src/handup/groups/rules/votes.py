"""Quorum and majority of a group's decision (groups.md G3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from handup.kernel.errors import Refusal

CONSTITUTION_BPS = 8000
"""Of all registered members; a constitution never passes with less (groups.md G1)."""


class NoQuorum(Refusal):
    """{present} of {registered} members are present; {needed} are needed."""


class ConflictOfInterest(Refusal):
    """Whoever the matter concerns votes neither yes nor no; she is counted among those who
    abstain."""


class MoreVotesThanPresent(Refusal):
    """{votes} votes are counted, but {there} members with a vote are there."""


class VotesBelowZero(Refusal):
    """A number of votes cannot be below zero."""


@dataclass(frozen=True, slots=True)
class Count:
    """A count of hands or ballots."""

    yes: int
    no: int
    abstain: int
    registered: int

    @property
    def present(self) -> int:
        """Everybody who took part, abstaining included."""
        return self.yes + self.no + self.abstain


def require_fair(count: Count, *, there: int, interested: int = 0, told: int | None = None) -> None:
    """Check a count against the roll: `there` are the votes of those present or late, who alone
    vote; `interested` of them have an interest in the matter, and are neither yes nor no. A refusal
    tells `told` votes there, which are those the reader knows of.

    Raises VotesBelowZero, MoreVotesThanPresent, ConflictOfInterest.
    """
    for name, votes in (("yes", count.yes), ("no", count.no), ("abstain", count.abstain)):
        if votes < 0:
            raise VotesBelowZero(field=name)
    if count.present > there:
        known = there if told is None else told
        raise MoreVotesThanPresent(field="yes", votes=count.present, there=known)
    if interested and (not count.abstain or count.yes + count.no > there - interested):
        raise ConflictOfInterest(field="abstain")


def needed_of(base: int, share: Fraction, *, more_than: bool) -> int:
    """Votes needed out of `base`: a share of it rounded up, or strictly more than the share."""
    exact = base * share
    whole = exact.numerator // exact.denominator
    if more_than:
        return whole + 1
    return whole + (exact.denominator > 1)


def needed_votes(base: int, majority_bps: int | None) -> int:
    """Votes needed out of `base`: more than half when no share is given, else the share rounded
    up."""
    if majority_bps is None:
        return needed_of(base, Fraction(1, 2), more_than=True)
    return needed_of(base, Fraction(majority_bps, 10_000), more_than=False)


def is_passed(count: Count, *, base: int, majority_bps: int | None, quorum_bps: int) -> bool:
    """Tell whether a decision passed. Raises NoQuorum before any counting."""
    if count.present * 10_000 < quorum_bps * count.registered:
        raise NoQuorum(
            present=count.present,
            registered=count.registered,
            needed=-(-count.registered * quorum_bps // 10_000),
        )
    return base > 0 and count.yes >= needed_votes(base, majority_bps)


class VoteBase(StrEnum):
    """Of whom a majority is asked."""

    REGISTERED = "REGISTERED"
    PRESENT = "PRESENT"
    CAST = "CAST"


class Ballot(StrEnum):
    """What a voter says, or that she is not there."""

    YES = "YES"
    NO = "NO"
    ABSTAIN = "ABSTAIN"
    ABSENT = "ABSENT"


@dataclass(frozen=True, slots=True)
class Delegates:
    """Votes of one voter: one each, or by the members behind her, one for each started `size`."""

    size: int | None = None
    least: int = 1
    most: int | None = None

    def votes_of(self, members: int) -> int:
        """Votes of one voter with so many members behind her."""
        if self.size is None:
            return 1
        votes = max(self.least, -(-members // self.size))
        return votes if self.most is None else min(self.most, votes)


@dataclass(frozen=True, slots=True)
class VoteRule:
    """What a decision needs; shares are fractions of 1."""

    majority: Fraction
    more_than: bool
    base: VoteBase
    quorum: Fraction
    delegates: Delegates = Delegates()


@dataclass(frozen=True, slots=True)
class Voters:
    """Voters who said the same: how many, the members behind each, and whether the matter concerns
    them."""

    count: int
    members: int
    ballot: Ballot
    has_interest: bool


@dataclass(frozen=True, slots=True)
class VoteResult:
    """A counted decision; `votes` in the order of the voters."""

    votes: tuple[int, ...]
    registered: int
    present: int
    yes: int
    needed: int
    is_passed: bool


def hold_vote(rule: VoteRule, voters: Sequence[Voters]) -> VoteResult:
    """Count a decision. Raises ConflictOfInterest, NoQuorum."""
    if any(line.has_interest and line.ballot in (Ballot.YES, Ballot.NO) for line in voters):
        raise ConflictOfInterest
    votes = tuple(line.count * rule.delegates.votes_of(line.members) for line in voters)
    said = dict.fromkeys(Ballot, 0)
    for line, weight in zip(voters, votes, strict=True):
        said[line.ballot] += weight
    registered = sum(votes)
    present = registered - said[Ballot.ABSENT]
    if present < rule.quorum * registered:
        needed = needed_of(registered, rule.quorum, more_than=False)
        raise NoQuorum(present=present, registered=registered, needed=needed)
    base = {
        VoteBase.REGISTERED: registered,
        VoteBase.PRESENT: present,
        VoteBase.CAST: said[Ballot.YES] + said[Ballot.NO],
    }[rule.base]
    needed = needed_of(base, rule.majority, more_than=rule.more_than)
    passed = base > 0 and said[Ballot.YES] >= needed
    return VoteResult(votes, registered, present, said[Ballot.YES], needed, passed)
