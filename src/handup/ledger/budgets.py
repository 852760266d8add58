"""What may be spent on a budget line: asked of whoever knows the budgets, checked before an entry
by hand is posted (ledger.md 4.7). The books know a line by its opaque key only.

    budgets.providers.append(approved_amount)      # results, which sees the budgets
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Sum

from handup.kernel.money import WHOLE_BPS, divide
from handup.ledger.errors import BudgetExceeded
from handup.ledger.models import Line
from handup.ledger.rules.words import CLOSING, AccountType
from handup.org.models import Setting
from handup.org.web.money import format_money

TOLERANCE_KEY = "ledger.budget_tolerance_bps"
TOLERANCE_BPS = 1_000
WARN_BPS = 9_000


@dataclass(frozen=True, slots=True)
class Budgeted:
    """What a budget line holds, in units of a currency."""

    units: int
    currency: str


Provider = Callable[[str], Budgeted | None]
providers: list[Provider] = []


@dataclass(frozen=True, slots=True)
class LineState:
    """A budget line in one fund: what it holds and what is spent."""

    budget_line: str
    budgeted: Budgeted
    spent: int

    @property
    def left(self) -> int:
        """What is left, negative when overspent."""
        return self.budgeted.units - self.spent

    @property
    def warns(self) -> bool:
        """Nine tenths are spent."""
        return self.spent * WHOLE_BPS >= self.budgeted.units * WARN_BPS


def budgeted(budget_line: str) -> Budgeted | None:
    """What a budget line holds; None where nobody knows it."""
    for provider in providers:
        if (found := provider(budget_line)) is not None:
            return found
    return None


def state_of(fund: UUID, budget_line: str) -> LineState | None:
    """A budget line of a fund over all books; None where nobody knows what it holds."""
    held = budgeted(budget_line)
    if held is None:
        return None
    spent: int | None = (
        Line.objects.filter(
            fund=fund,
            budget_line=budget_line,
            currency=held.currency,
            account__type=AccountType.EXPENSE,
        )
        .exclude(entry__kind=CLOSING)
        .aggregate(total=Sum("units"))["total"]
    )
    return LineState(budget_line, held, int(spent or 0))


def tolerance_bps() -> int:
    """How far a line may be overspent, in 1/100 of a percent; set by the institution."""
    value: Any = Setting.objects.filter(key=TOLERANCE_KEY).values_list("value", flat=True).first()
    return value if isinstance(value, int) and value >= 0 else TOLERANCE_BPS


def check_spending(spent: Iterable[tuple[UUID, str, str, int]]) -> None:
    """Refuse spending (fund, budget line, currency, units) beyond what is tolerated.

    Raises BudgetExceeded.
    """
    sums: dict[tuple[UUID, str, str], int] = defaultdict(int)
    for fund, budget_line, currency, units in spent:
        if budget_line:
            sums[fund, budget_line, currency] += units
    for (fund, budget_line, currency), units in sums.items():
        state = state_of(fund, budget_line)
        if state is None or state.budgeted.currency != currency or units <= 0:
            continue
        most = state.budgeted.units + divide(state.budgeted.units * tolerance_bps(), WHOLE_BPS)
        if state.spent + units > most:
            left = format_money(max(0, most - state.spent), currency)
            raise BudgetExceeded(field="lines", budget_line=budget_line, left=left)
