"""Quorum and majority of a group's decision (groups.md G3)."""

from dataclasses import dataclass

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


def require_fair(count: Count, *, there: int, interested: int = 0) -> None:
    """Check a count against the roll: `there` are the members present or late, who alone vote.

    `interested` of them have an interest in the matter and abstain. Raises VotesBelowZero,
    MoreVotesThanPresent, ConflictOfInterest.
    """
    for name, votes in (("yes", count.yes), ("no", count.no), ("abstain", count.abstain)):
        if votes < 0:
            raise VotesBelowZero(field=name)
    if count.present > there:
        raise MoreVotesThanPresent(field="yes", votes=count.present, there=there)
    if count.abstain < interested:
        raise ConflictOfInterest(field="abstain")


def needed_votes(base: int, majority_bps: int | None) -> int:
    """Votes needed out of `base`: more than half when no share is given, else the share rounded
    up."""
    return base // 2 + 1 if majority_bps is None else -(-base * majority_bps // 10_000)


def is_passed(count: Count, *, base: int, majority_bps: int | None, quorum_bps: int) -> bool:
    """Tell whether a decision passed. Raises NoQuorum before any counting."""
    if count.present * 10_000 < quorum_bps * count.registered:
        raise NoQuorum(
            present=count.present,
            registered=count.registered,
            needed=-(-count.registered * quorum_bps // 10_000),
        )
    return base > 0 and count.yes >= needed_votes(base, majority_bps)
