"""Quorum and majority of a group's decision (groups.md G3)."""

from dataclasses import dataclass

from handup.kernel.errors import Refusal


class NoQuorum(Refusal):
    """{present} of {registered} members are present; {needed} are needed."""


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
