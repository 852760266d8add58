"""What was spent on the lines of a budget: asked of whoever sees both the budget and the books.

    add_once(spending.counters, spent_of)  # results, in AppConfig.ready()

`projects` and `ledger` do not see each other (projects_and_markets.md 1).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from handup.kernel.money import round_to
from handup.org.web.money import currency_digits
from handup.projects.models import Budget, BudgetLine
from handup.projects.queries import budget_tree

Counter = Callable[[Budget], dict[UUID, int | None]]
counters: list[Counter] = []


@dataclass(frozen=True, slots=True)
class SpentLine:
    """A budget line on its level with what was spent on it (own) and on it and below it (spent), in
    whole smallest units of its currency and of the reporting currency; None where nobody can tell.

    dropped: an earlier version had it and this one has not; nothing is planned on it any more.
    """

    line: BudgetLine
    level: int
    own_units: int | None
    spent_units: int | None
    spent_reporting: int | None
    dropped: bool = False

    @property
    def planned_units(self) -> int:
        """What is planned, in the currency of the line."""
        return 0 if self.dropped else self.line.amount_units

    @property
    def planned_reporting(self) -> int:
        """What is planned, in the reporting currency."""
        return 0 if self.dropped else self.line.reporting_units

    @property
    def left_units(self) -> int | None:
        """What is left in the currency of the line, negative when overspent."""
        return None if self.spent_units is None else self.planned_units - self.spent_units

    @property
    def left_reporting(self) -> int | None:
        """What is left in the reporting currency."""
        spent = self.spent_reporting
        return None if spent is None else self.planned_reporting - spent


def spent_lines(budget: Budget) -> list[SpentLine]:
    """Return the lines of a budget, each below its parent, with what was spent; after them, each by
    itself, the lines only earlier versions had on which something was spent.

    The reporting amount of what was spent follows the rate copied on the line and no other. A
    parent tells the sum of the lines below it and of itself, in its own currency only where all of
    them have it.
    """
    tree = budget_tree(budget)
    counted = _counted(budget)
    below: dict[UUID | None, list[BudgetLine]] = {}
    for item in tree:
        below.setdefault(item.line.parent_id, []).append(item.line)
    reporting = _Reporting(budget, [row.line for row in tree if row.line.pk not in below])

    def told(line: BudgetLine) -> tuple[int | None, int | None]:
        parts = [told(child) for child in below.get(line.pk, ())]
        own = counted.get(line.pk)
        parts.append((own, reporting.of(line, own)))
        kept = {child.currency for child in below.get(line.pk, ())} <= {line.currency}
        return (
            sum_known(units for units, _reported in parts) if kept else None,
            sum_known(reported for _units, reported in parts),
        )

    found = [
        SpentLine(item.line, item.level, counted.get(item.line.pk), *told(item.line))
        for item in tree
    ]
    here = {item.line.pk for item in tree}
    others = [pk for pk, units in counted.items() if pk not in here and units != 0]
    dropped = BudgetLine.objects.filter(pk__in=others).select_related("budget").order_by("code")
    for line in dropped:
        own = counted[line.pk]
        found.append(SpentLine(line, 0, own, own, reporting.of(line, own), dropped=True))
    return found


def _counted(budget: Budget) -> dict[UUID, int | None]:
    """What all who count tell together; unknown where one of them does not know."""
    found: dict[UUID, int | None] = {}
    for count in counters:
        for pk, units in count(budget).items():
            found[pk] = sum_known((found.get(pk, 0), units))
    return found


def sum_known(parts: Iterable[int | None]) -> int | None:
    """The sum of the parts, unknown as soon as one of them is."""
    total = 0
    for part in parts:
        if part is None:
            return None
        total += part
    return total


class _Reporting:
    """What was spent in the reporting currency of a budget: the same where it is the line's own
    currency; at the rate kept on the line; without one, at the line's share of its own reporting
    amount; and where nothing was planned on it, as the lines of its currency are told together.
    """

    def __init__(self, budget: Budget, lines: Sequence[BudgetLine]) -> None:
        self.budget = budget
        self.planned: dict[str, tuple[int, int]] = {}
        for line in lines:
            units, reported = self.planned.get(line.currency, (0, 0))
            self.planned[line.currency] = (
                units + line.amount_units,
                reported + line.reporting_units,
            )

    def of(self, line: BudgetLine, units: int | None) -> int | None:
        """Units of the currency of a line, half up; None where nothing tells the rate."""
        code = self.budget.reporting_currency
        if not units or line.currency == code:
            return units
        pair = self.planned.get(line.currency, (0, 0))
        if line.budget_id == self.budget.pk or line.budget.reporting_currency == code:
            if (rate := line.rate) is not None:
                digits = currency_digits(code) - currency_digits(line.currency)
                return round_to(units / rate * Fraction(10) ** digits)
            if line.amount_units:
                pair = (line.amount_units, line.reporting_units)
        return round_to(Fraction(units * pair[1], pair[0])) if pair[0] else None


def totals_by_currency(lines: Sequence[SpentLine]) -> dict[str, tuple[int, int | None]]:
    """What was planned and spent in each currency: planned on the lines that have none below them,
    spent on these and on the others themselves; None where a part is unknown. Smallest units.
    """
    parents = {item.line.parent_id for item in lines if not item.dropped}
    found: dict[str, tuple[int, int | None]] = {}
    for item in lines:
        planned, spent = found.get(item.line.currency, (0, 0))
        if item.line.pk not in parents:
            planned += item.planned_units
        found[item.line.currency] = (planned, sum_known((spent, item.own_units)))
    return dict(sorted(found.items()))
