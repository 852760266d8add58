"""What may be spent on a budget line: asked of whoever knows the budgets, checked before an entry
by hand is posted (ledger.md 4.7). The books know a line by its opaque key only.

    budgets.providers.append(approved_amount)      # results, which sees the budgets
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from handup.kernel.money import WHOLE_BPS, divide
from handup.ledger.errors import BudgetExceeded, RateMissing
from handup.ledger.models import Line
from handup.ledger.rates import RateBook
from handup.ledger.rules.journal import to_base
from handup.ledger.rules.words import CLOSING, AccountType
from handup.org.models import Setting
from handup.org.models.records import RateKind
from handup.org.web.money import currency_digits, format_money

TOLERANCE_KEY = "ledger.budget_tolerance_bps"
TOLERANCE_BPS = 1_000
WARN_BPS = 9_000
SPOT = RateKind.SPOT.value
ANY_AGE = 36_525
MOST_KEYS = 500


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
    return LineState(budget_line, held, _spent(fund, budget_line, held.currency))


def _spent(fund: UUID, budget_line: str, currency: str) -> int:
    """What was spent on a line by one fund, told in its currency. Raises RateMissing."""
    of_fund = Line.objects.filter(fund=fund)
    return _told_sum(_expenses([budget_line], of_fund)[budget_line], currency)


def spent_on(lines: Mapping[str, str], until: date | None = None) -> dict[str, int]:
    """Return what all books and funds spent on budget lines, by their keys, each told in the
    currency named with it: smallest units. A line that no rate can tell is left out. `until`: the
    last day that counts; None for all.
    """
    found: dict[str, int] = {}
    rows = Line.objects.all()
    expenses = _expenses(
        lines, rows if until is None else rows.filter(entry__happened_date__lte=until)
    )
    for key, currency in lines.items():
        with suppress(RateMissing):
            found[key] = _told_sum(expenses[key], currency)
    return found


Expense = tuple[str, str, date, int, int]


def _expenses(keys: Iterable[str], among: QuerySet[Line]) -> dict[str, list[Expense]]:
    """What was spent on each line: currency, currency of the book, day, units, units of the book;
    one question for five hundred lines. Books for exercises spend nothing."""
    found: dict[str, list[Expense]] = defaultdict(list)
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), MOST_KEYS):
        rows = (
            among.filter(
                budget_line__in=wanted[start : start + MOST_KEYS],
                account__type=AccountType.EXPENSE,
                entry__book__practice=False,
            )
            .exclude(entry__kind=CLOSING)
            .order_by()
            .values_list(
                "budget_line", "currency", "entry__book__base_currency", "entry__happened_date"
            )
            .annotate(total=Sum("units"), base=Sum("base_units"))
        )
        for key, *expense in rows:
            found[key].append((*expense[:3], int(expense[3]), int(expense[4])))
    return found


def _told_sum(expenses: Iterable[Expense], currency: str) -> int:
    """The sum of expenses in one currency: what was paid in another one by the books' own amounts
    where they are kept in it, else at the rate of each day. Raises RateMissing.
    """
    told, rest = 0, []
    for code, base_currency, on, units, base_units in expenses:
        if code == currency:
            told += units
        elif base_currency == currency:
            told += base_units
        else:
            rest.append((units, code, on))
    rates = RateBook((code, currency, on, SPOT) for _units, code, on in rest)
    return told + sum(_told(units, code, currency, on, rates) for units, code, on in rest)


def _told(units: int, code: str, currency: str, on: date, rates: RateBook) -> int:
    """An amount in another currency. Raises RateMissing where none was ever known by that day."""
    if code == currency:
        return units
    rate = rates.rate(code, currency, on, SPOT, ANY_AGE)
    return to_base(units, rate, currency_digits(code), currency_digits(currency))


def tolerance_bps() -> int:
    """How far a line may be overspent, in 1/100 of a percent; set by the institution."""
    value: Any = Setting.objects.filter(key=TOLERANCE_KEY).values_list("value", flat=True).first()
    return value if isinstance(value, int) and value >= 0 else TOLERANCE_BPS


def check_spending(spent: Iterable[tuple[UUID, str, str, int]], on: date) -> None:
    """Refuse spending (fund, budget line, currency, units) of a day beyond what is tolerated.

    Raises BudgetExceeded, and RateMissing where it cannot be told in the line's currency.
    """
    sums: dict[tuple[UUID, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for fund, budget_line, currency, units in spent:
        if budget_line:
            sums[fund, budget_line][currency] += units
    for (fund, budget_line), by_currency in sums.items():
        state = state_of(fund, budget_line)
        if state is None:
            continue
        held = state.budgeted
        rates = RateBook((code, held.currency, on, SPOT) for code in by_currency)
        units = sum(
            _told(amount, code, held.currency, on, rates) for code, amount in by_currency.items()
        )
        most = held.units + divide(held.units * tolerance_bps(), WHOLE_BPS)
        if units > 0 and state.spent + units > most:
            left = format_money(max(0, most - state.spent), held.currency)
            raise BudgetExceeded(field="lines", budget_line=budget_line, left=left)
