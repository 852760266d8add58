"""Named lists of the hand-over: what the domains above tell of a successor's readiness.

    add_once(handover.facts, ReadinessFact("PAR30", portfolio_at_risk))  # in AppConfig.ready()

`projects` owns the gates; a higher domain adds what it counts (rulings 19b).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handup.projects.models import Organisation, Programme
from handup.projects.movers import Mover


@dataclass(frozen=True, slots=True)
class Told:
    """What the records say of one item: a figure in words, and whether it is enough.

    `enough` is None where the records can only be read, not judged.
    """

    text: str
    enough: bool | None = None


@dataclass(frozen=True, slots=True)
class ReadinessFact:
    """One count a domain brings to one item of the checklist, as of a day."""

    item: str
    count: Callable[[Programme, date], Told | None]


facts: list[ReadinessFact] = []


def told(programme: Programme, item: str, *, on: date) -> list[Told]:
    """What the records of every domain say of one item."""
    said = (fact.count(programme, on) for fact in facts if fact.item == item)
    return [one for one in said if one is not None]


@dataclass(frozen=True, slots=True)
class Answers:
    """Who of a programme's persons agreed to be handed over, who did not, and who was not asked.

    Whoever nobody may know of is in none of them: she is never handed over, and never listed.
    """

    going: frozenset[UUID]
    refused: frozenset[UUID] = frozenset()
    not_asked: frozenset[UUID] = frozenset()


# What each domain carries over (rulings 19b); see movers.py.
movers: list[Mover] = []
# `people` tells who agreed, to this successor, on a day.
askers: list[Callable[[Programme, Organisation, date], Answers]] = []


def answers(programme: Programme, successor: Organisation, *, on: date) -> Answers:
    """Who goes and who stays."""
    told = [ask(programme, successor, on) for ask in askers]
    return Answers(
        frozenset().union(*(one.going for one in told)),
        frozenset().union(*(one.refused for one in told)),
        frozenset().union(*(one.not_asked for one in told)),
    )
