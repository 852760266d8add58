"""Jobs: when a placement is asked after, who stayed, and how jobs divide by kind.

Source: rulings 21. A placement is due for a look 6 and 12 months after its first day.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from handup.kernel.dates import add_months

MARKS = (6, 12)


@dataclass(frozen=True, slots=True)
class Placed:
    """One placement: its first day, and at which mark she was or was not in the job."""

    started: date
    looks: tuple[tuple[int, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Stayed:
    """Of placements whose mark has come: how many there are, were looked at, are still there."""

    month: int
    due: int
    looked: int
    still: int


def due_on(started: date, month: int) -> date:
    """The day a placement is to be looked at."""
    return add_months(started, month)


def stayed(placements: Iterable[Placed], *, on: date) -> tuple[Stayed, ...]:
    """Count who stayed at each mark, of those whose mark has come by a day."""
    rows = list(placements)
    found = []
    for month in MARKS:
        due = [row for row in rows if due_on(row.started, month) <= on]
        looks = [still for row in due for mark, still in row.looks if mark == month]
        found.append(Stayed(month, len(due), len(looks), sum(looks)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Balance:
    """How many jobs of a kind there are of all, beside the share that was aimed at."""

    kind: str
    jobs: int
    all_jobs: int
    target_bps: int | None

    @property
    def reached(self) -> bool | None:
        """Whether the aimed share is reached; None without an aim or without jobs."""
        if self.target_bps is None or not self.all_jobs:
            return None
        return self.jobs * 10_000 >= self.target_bps * self.all_jobs


def balance(
    kinds: Sequence[str], jobs: Iterable[str], targets: dict[str, int]
) -> tuple[Balance, ...]:
    """Divide jobs by kind, every kind told even where it has none."""
    told = list(jobs)
    return tuple(Balance(kind, told.count(kind), len(told), targets.get(kind)) for kind in kinds)
