"""What was spent on the lines of a budget: asked of whoever sees both the budget and the books.

    add_once(spending.counters, spent_of)  # results, in AppConfig.ready()

`projects` and `ledger` do not see each other (projects_and_markets.md 1).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from handup.kernel.money import round_to
from handup.projects.models import Budget, BudgetLine
from handup.projects.queries import budget_tree

Counter = Callable[[Budget], dict[UUID, int]]
counters: list[Counter] = []


@dataclass(frozen=True, slots=True)
class SpentLine:
    """A budget line on its level with what was spent on it and below it, in whole smallest units
    of its currency and of the reporting currency; None where nobody can tell.
    """

    line: BudgetLine
    level: int
    spent_units: int | None
    spent_reporting: int | None

    @property
    def left_units(self) -> int | None:
        """What is left in the currency of the line, negative when overspent."""
        return None if self.spent_units is None else self.line.amount_units - self.spent_units

    @property
    def left_reporting(self) -> int | None:
        """What is left in the reporting currency."""
        spent = self.spent_reporting
        return None if spent is None else self.line.reporting_units - spent


def spent_lines(budget: Budget) -> list[SpentLine]:
    """Return the lines of a budget, each below its parent, with what was spent.

    The reporting amount of what was spent is its share of the line's own reporting amount, half
    up, so that the rate copied on the line is used and no other. A parent tells the sum of the
    lines below it and of itself, in its own currency only where all of them have it.
    """
    tree = budget_tree(budget)
    counted: dict[UUID, int] = {}
    for count in counters:
        for pk, units in count(budget).items():
            counted[pk] = counted.get(pk, 0) + units
    below: dict[UUID | None, list[BudgetLine]] = {}
    for item in tree:
        below.setdefault(item.line.parent_id, []).append(item.line)

    def told(line: BudgetLine) -> tuple[int | None, int | None]:
        parts = [told(child) for child in below.get(line.pk, ())]
        own = counted.get(line.pk)
        parts.append((own, _reporting(line, own)))
        kept = {child.currency for child in below.get(line.pk, ())} <= {line.currency}
        return (
            _sum([units for units, _reported in parts]) if kept else None,
            _sum([reported for _units, reported in parts]),
        )

    return [SpentLine(item.line, item.level, *told(item.line)) for item in tree]


def _sum(parts: Sequence[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None


def _reporting(line: BudgetLine, units: int | None) -> int | None:
    """What was spent, at the rate of the line itself."""
    if not units:
        return units
    if line.amount_units == 0:
        return None
    return round_to(Fraction(units * line.reporting_units, line.amount_units))


def totals_by_currency(lines: Sequence[SpentLine]) -> dict[str, tuple[int, int]]:
    """What was planned and spent in each currency: of the lines that have none below them, and what
    was spent on the others themselves. Smallest units.
    """
    parents = {item.line.parent_id for item in lines}
    found: dict[str, tuple[int, int]] = {}
    for item in lines:
        if item.line.pk in parents:
            continue
        planned, spent = found.get(item.line.currency, (0, 0))
        found[item.line.currency] = (
            planned + item.line.amount_units,
            spent + (item.spent_units or 0),
        )
    return dict(sorted(found.items()))
