"""Choosing from a list in rank order: whoever is passed over has a coded reason, and only those
without a conflict of interest count for the quorum (people.md 5). Pure.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handup.people.rules.codes import ParticipationState, Reason


class SelectionState(StrEnum):
    """Where a selection stands."""

    PROPOSED = "PROPOSED"
    DECIDED = "DECIDED"


class Outcome(StrEnum):
    """What the committee says of one person of the list."""

    TAKEN = "TAKEN"
    NEXT = "NEXT"
    PASSED_OVER = "PASSED_OVER"


LEAVING = frozenset(
    {
        Reason.MOVED,
        Reason.WITHDREW,
        Reason.NO_CONTACT,
        Reason.DIED,
        Reason.DUPLICATE,
        Reason.ALREADY_SERVED,
        Reason.MISCONDUCT,
    }
)
"""Reasons after which a person does not wait any longer."""
STAYING = frozenset({Reason.CONFLICT_OF_INTEREST, Reason.PERSONAL})
"""Reasons after which she stays on the waiting list."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the list, in rank order; `conflicts`: numbers of the members who may not vote
    on her.
    """

    outcome: Outcome
    reason: str = ""
    conflicts: frozenset[int] = frozenset()


def usual(count: int, places: int) -> list[Outcome]:
    """What the order alone says: the first are taken, the others are next."""
    return [Outcome.TAKEN if number < places else Outcome.NEXT for number in range(count)]


def unexplained(lines: Sequence[Line], places: int) -> list[int]:
    """The places, from 1, of those passed over without a reason: whoever stands above the last one
    taken and is not, and everyone not taken while a place stays free.
    """
    taken = [number for number, line in enumerate(lines) if line.outcome is Outcome.TAKEN]
    reach = len(lines) if len(taken) < places else taken[-1] + 1
    return [
        number + 1
        for number, line in enumerate(lines[:reach])
        if line.outcome is not Outcome.TAKEN
        and not (line.outcome is Outcome.PASSED_OVER and line.reason)
    ]


def taken_too_many(lines: Sequence[Line], places: int) -> bool:
    """Whether more are taken than there are places."""
    return sum(line.outcome is Outcome.TAKEN for line in lines) > places


def without_quorum(lines: Sequence[Line], present: Collection[int], quorum: int) -> list[int]:
    """The places, from 1, on which too few members may vote."""
    return [
        number
        for number, line in enumerate(lines, 1)
        if len(set(present) - line.conflicts) < quorum
    ]


def state_after(line: Line) -> tuple[ParticipationState, Reason]:
    """Where a person stands after the decision, and why."""
    if line.outcome is Outcome.TAKEN:
        return ParticipationState.ACTIVE, Reason.PLACE_FOUND
    if line.outcome is Outcome.NEXT:
        return ParticipationState.WAITING, Reason.NO_PLACE
    reason = Reason(line.reason)
    left = reason in LEAVING
    return (ParticipationState.EXITED if left else ParticipationState.WAITING), reason
