"""The default last test of a business course: four practical tasks, each of five points
(training.md 4.3). Two forms of the same difficulty, so that a first and a last test can be linked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

TASK_POINTS = 5
ABLE_FROM = 3
"""From these points of a task a person is told as able to do it."""

PAIR = "FOUR_TASKS"
"""The name both forms are linked by."""


class Task(StrEnum):
    """The four tasks, in the order they are set."""

    COST_PRICE = "COST_PRICE"
    SELLING_PRICE = "SELLING_PRICE"
    PROFIT = "PROFIT"
    LOAN_REQUEST = "LOAN_REQUEST"


TASKS = tuple(Task)
MOST_POINTS = TASK_POINTS * len(TASKS)


class TaskForm(StrEnum):
    """Which figures the tasks are set with."""

    __test__ = False

    A = "A"
    B = "B"


@dataclass(frozen=True, slots=True)
class Figures:
    """What the tasks tell; money in whole units of whatever the people in the room count in."""

    pieces: int
    material: int
    fuel: int
    transport: int
    added_percent: int
    sales: int
    goods: int
    rent: int
    wages: int
    household: int

    @property
    def unit_cost(self) -> Fraction:
        """What one piece costs: everything that was spent on them, over the pieces."""
        return Fraction(self.material + self.fuel + self.transport, self.pieces)

    @property
    def price(self) -> Fraction:
        """The cost price with the share added to it."""
        return self.unit_cost * (100 + self.added_percent) / 100

    @property
    def profit(self) -> int:
        """Sales less what the business spent; what the household took is no cost of it."""
        return self.sales - self.goods - self.rent - self.wages


FIGURES = {
    TaskForm.A: Figures(50, 6000, 1000, 500, 20, 90000, 60000, 8000, 7000, 5000),
    TaskForm.B: Figures(40, 7000, 600, 400, 25, 80000, 52000, 6000, 9000, 4000),
}


def is_marked(points: Sequence[int]) -> bool:
    """Tell whether these can be the points of the four tasks, in their order."""
    return len(points) == len(TASKS) and all(0 <= one <= TASK_POINTS for one in points)


def able(sheets: Iterable[Sequence[int]]) -> tuple[dict[Task, int], int]:
    """Count for each task how many could do it, and how many were marked task by task."""
    counts, marked = dict.fromkeys(TASKS, 0), 0
    for points in sheets:
        marked += 1
        for task, reached in zip(TASKS, points, strict=True):
            counts[task] += reached >= ABLE_FROM
    return counts, marked
