"""Named lists of the hand-over: what the domains above tell of a successor's readiness.

    add_once(handover.facts, ReadinessFact("PAR30", portfolio_at_risk))  # in AppConfig.ready()

`projects` owns the gates; a higher domain adds what it counts (rulings 19b).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from handup.projects.models import Programme


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
