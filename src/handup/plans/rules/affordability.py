"""A loan against the cash flow of each month, without counting the loan as income."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.errors import Refusal
from handup.kernel.money import percent


class InstalmentOutsidePeriod(Refusal):
    """The instalment of {month} falls in a month without cash flow."""


class Concern(StrEnum):
    """What speaks against a loan, in the order in which it is told."""

    CUMULATIVE_NOT_POSITIVE = "CUMULATIVE_NOT_POSITIVE"
    MONTH_ABOVE_LIMIT = "MONTH_ABOVE_LIMIT"
    CAPACITY_TOO_LOW = "CAPACITY_TOO_LOW"
    TOO_INDEBTED = "TOO_INDEBTED"


class MonthCash(NamedTuple):
    """Income and expense of one month (YYYY-MM)."""

    month: str
    income: Fraction | int
    expense: Fraction | int


class MonthDue(NamedTuple):
    """An instalment in a month; a month may have several."""

    month: str
    units: int


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a loan is warned of, in percent."""

    monthly_percent: Fraction
    min_capacity_percent: Fraction
    max_indebtedness_percent: Fraction


class MonthTest(NamedTuple):
    """One month; `share` = instalments in percent of the running cash, None when that is ≤ 0."""

    month: str
    cumulative: Fraction | int
    due: int
    left: Fraction | int
    share: Fraction | None


@dataclass(frozen=True, slots=True)
class Affordability:
    """The test of all months; ratios in percent, unrounded, None where not defined."""

    months: tuple[MonthTest, ...]
    capacity: Fraction | None
    indebtedness: Fraction | None
    concerns: tuple[Concern, ...]


def affordability(
    months: Sequence[MonthCash],
    loan: int,
    loan_month: str,
    instalments: Iterable[MonthDue],
    *,
    capital: int,
    liabilities: int,
    limits: Limits,
    count_loan_as_income: bool = False,
) -> Affordability:
    """Whether each month carries its instalments. Raises InstalmentOutsidePeriod.

    Counting the loan as income reproduces older practice and is off by default.
    """
    due = {cash.month: 0 for cash in months}
    for item in instalments:
        if item.month not in due:
            raise InstalmentOutsidePeriod(month=item.month)
        due[item.month] += item.units
    tests: list[MonthTest] = []
    cumulative: Fraction | int = 0
    for cash in months:
        cumulative += cash.income - cash.expense
        if count_loan_as_income and cash.month == loan_month:
            cumulative += loan
        share = percent(due[cash.month], cumulative) if cumulative > 0 else None
        left = cumulative - due[cash.month]
        tests.append(MonthTest(cash.month, cumulative, due[cash.month], left, share))
    total = sum(cash.income - cash.expense for cash in months)
    total += loan if count_loan_as_income else 0
    capacity = percent(total, sum(due.values()))
    indebtedness = percent(liabilities + loan, capital)
    return Affordability(
        tuple(tests), capacity, indebtedness, _concerns(tests, capacity, indebtedness, limits)
    )


def _concerns(
    tests: Sequence[MonthTest],
    capacity: Fraction | None,
    indebtedness: Fraction | None,
    limits: Limits,
) -> tuple[Concern, ...]:
    found = {
        Concern.CUMULATIVE_NOT_POSITIVE: any(test.cumulative <= 0 for test in tests),
        Concern.MONTH_ABOVE_LIMIT: any(
            test.share is not None and test.share > limits.monthly_percent for test in tests
        ),
        Concern.CAPACITY_TOO_LOW: capacity is not None and capacity < limits.min_capacity_percent,
        Concern.TOO_INDEBTED: indebtedness is None
        or indebtedness >= limits.max_indebtedness_percent,
    }
    return tuple(concern for concern, is_there in found.items() if is_there)
