"""What a fund received and spent, told to its donor in the donor's currency (ledger.md 4.2).

By the agreement's rule: the donor's rate of each month, the mean of the period, or as the tranches
came, the oldest spent first. What was paid in the donor's currency is told as it is.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from handup.ledger.conversion import Converter
from handup.ledger.errors import NoDonorCurrency
from handup.ledger.models import AccountRole, Book, Fund, Line
from handup.ledger.rules.conversion import (
    ConvertBy,
    RateUsed,
    Spent,
    Tranche,
    first_in_first_out,
)
from handup.ledger.rules.words import CLOSING, AccountType
from handup.ledger.sums import By

RECEIVED = ("GRANT_DEFERRED", "GRANT_INCOME", "CAPITAL", "BORROWINGS")
WITHIN_BOOK = ("GRANT_EARNED", CLOSING)
"""Kinds of entries that bring a fund no money."""


@dataclass(slots=True)
class DonorRow:
    """One budget line: spent in the book's currency and in the donor's; what no tranche covers."""

    budget_line: str
    base_units: int = 0
    donor_units: int = 0
    uncovered_base: int = 0

    def add(self, base_units: int, donor_units: int, uncovered: int) -> None:
        """Add an amount spent."""
        self.base_units += base_units
        self.donor_units += donor_units
        self.uncovered_base += uncovered


@dataclass(frozen=True, slots=True)
class DonorReport:
    """A fund in one book and period, in two currencies."""

    book: Book
    fund: Fund
    since: date
    on: date
    received: tuple[Tranche, ...]
    rows: tuple[DonorRow, ...]
    rates: tuple[RateUsed, ...]

    @property
    def total(self) -> DonorRow:
        """All budget lines."""
        made = DonorRow("")
        for row in self.rows:
            made.add(row.base_units, row.donor_units, row.uncovered_base)
        return made


class Cost(NamedTuple):
    """An amount spent on a day on a budget line."""

    on: date
    budget_line: str
    currency: str
    units: int
    base_units: int


def donor_report(book: Book, fund: Fund, since: date, on: date, by: By = By.POSTED) -> DonorReport:
    """A fund's report to its donor. Raises NoDonorCurrency, RateMissing, RateTooOld."""
    if not fund.report_currency or not fund.convert_by:
        raise NoDonorCurrency(fund=fund.name)
    rule = ConvertBy(fund.convert_by)
    of_day = Converter(book.base_currency, fund.report_currency, max_age_days=31)
    tranches = list(_tranches(book, fund, on, by, of_day))
    costs = _costs(book, fund, on, by)
    if rule is ConvertBy.FIFO:
        rows, used = _by_tranches(fund, tranches, costs, since), of_day.used
    else:
        converter = Converter(book.base_currency, fund.report_currency, rule)
        within = [cost for cost in costs if cost.on >= since]
        rows = _by_rates(fund, converter, within, since, on)
        used = {**of_day.used, **converter.used}
    return DonorReport(
        book,
        fund,
        since,
        on,
        tuple(item for item in tranches if item.on >= since),
        tuple(rows[name] for name in sorted(rows)),
        tuple(used[key] for key in sorted(used)),
    )


def _tranches(book: Book, fund: Fund, on: date, by: By, of_day: Converter) -> Iterable[Tranche]:
    """What the fund received, as it came; in the book's currency, at the rate of its day."""
    day = f"entry__{by.column}"
    lines = (
        Line.objects.filter(
            entry__book=book,
            fund=fund,
            account__in=AccountRole.objects.filter(book=book, role__in=RECEIVED).values("account"),
            **{f"{day}__lte": on},
        )
        .exclude(entry__kind__in=WITHIN_BOOK)
        .order_by(day, "entry__seq", "no")
        .values_list(day, "currency", "units", "base_units")
    )
    for found, currency, units, base in lines:
        if currency == fund.report_currency:
            yield Tranche(found, -units, -base)
        else:
            yield Tranche(found, of_day.units(-base, found, found), -base)


def _costs(book: Book, fund: Fund, on: date, by: By) -> list[Cost]:
    """Everything the fund spent up to a day, in order."""
    day = f"entry__{by.column}"
    lines = (
        Line.objects.filter(
            entry__book=book,
            fund=fund,
            account__type=AccountType.EXPENSE,
            **{f"{day}__lte": on},
        )
        .exclude(entry__kind=CLOSING)
        .order_by(day, "entry__seq", "no")
    )
    return [
        Cost(*row)
        for row in lines.values_list(day, "budget_line", "currency", "units", "base_units")
    ]


def _by_tranches(
    fund: Fund, tranches: list[Tranche], costs: list[Cost], since: date
) -> dict[str, DonorRow]:
    spent = [
        Spent(cost.base_units, cost.units if cost.currency == fund.report_currency else None)
        for cost in costs
    ]
    rows: dict[str, DonorRow] = {}
    for cost, drawn in zip(costs, first_in_first_out(tranches, spent), strict=True):
        if cost.on >= since:
            row = rows.setdefault(cost.budget_line, DonorRow(cost.budget_line))
            row.add(cost.base_units, drawn.donor_units, drawn.uncovered_base)
    return rows


def _by_rates(
    fund: Fund, converter: Converter, costs: list[Cost], since: date, on: date
) -> dict[str, DonorRow]:
    """Each part of the period at its rate, summed by budget line before it is rounded."""
    rows: dict[str, DonorRow] = {}
    for first, last in converter.slices(since, on):
        sums: dict[str, int] = defaultdict(int)
        for cost in costs:
            if not first <= cost.on <= last:
                continue
            row = rows.setdefault(cost.budget_line, DonorRow(cost.budget_line))
            if cost.currency == fund.report_currency:
                row.add(cost.base_units, cost.units, 0)
            else:
                sums[cost.budget_line] += cost.base_units
        for name, units in sums.items():
            rows[name].add(units, converter.units(units, first, last), 0)
    return rows
