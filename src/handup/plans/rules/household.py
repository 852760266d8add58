"""What a household with its business earns, spends and can carry in a month.

The worksheet follows rural-bank practice (MABS Philippines): a month is brought together by a
stored convention, miscellaneous spending is a share of what is spent, and only part of the rest may
go into an instalment.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from handup.kernel.credit.codes import Method
from handup.kernel.errors import Refusal
from handup.kernel.money import RoundingMode, round_to


class NoCapacity(Refusal):
    """Nothing is left at the end of the month, so no instalment can be carried."""


class Section(StrEnum):
    """Where a line of the household sheet belongs."""

    SALES = "SALES"
    COST_OF_SALES = "COST_OF_SALES"
    BUSINESS_EXPENSE = "BUSINESS_EXPENSE"
    OTHER_INCOME = "OTHER_INCOME"
    HOUSEHOLD_EXPENSE = "HOUSEHOLD_EXPENSE"
    OTHER_EXPENSE = "OTHER_EXPENSE"
    DEBT_PAYMENT = "DEBT_PAYMENT"


class Span(StrEnum):
    """The span an amount is told for."""

    DAY = "DAY"
    WEEK = "WEEK"
    HALF_MONTH = "HALF_MONTH"
    MONTH = "MONTH"


class Evidence(StrEnum):
    """How the advisor knows."""

    SEEN = "SEEN"
    TOLD = "TOLD"
    ESTIMATED = "ESTIMATED"


class MonthConvention(StrEnum):
    """How a day or a week becomes a month."""

    DAYS_28 = "DAYS_28"
    CALENDAR = "CALENDAR"
    PRUDENT = "PRUDENT"


_DAYS_28 = {
    Span.DAY: Fraction(28),
    Span.WEEK: Fraction(4),
    Span.HALF_MONTH: Fraction(2),
    Span.MONTH: Fraction(1),
}
_CALENDAR = {
    **_DAYS_28,
    Span.DAY: Fraction(365, 12),
    Span.WEEK: Fraction(52, 12),
}
_SPENDING = (Section.HOUSEHOLD_EXPENSE, Section.OTHER_EXPENSE)


class SheetLine(NamedTuple):
    """One line: an amount in smallest units for a span."""

    section: Section
    span: Span
    units: int


@dataclass(frozen=True, slots=True)
class Budget:
    """Amounts of one month in smallest units."""

    sales: int
    cost_of_sales: int
    business_expenses: int
    net_business_income: int
    other_income: int
    total_income: int
    household_expenses: int
    other_expenses: int
    miscellaneous: int
    total_household: int
    debt_payments: int
    net_cash: int


def factor(convention: MonthConvention, section: Section, span: Span) -> Fraction:
    """How many of that span make a month. PRUDENT counts spending by the calendar."""
    prudent_spending = convention is MonthConvention.PRUDENT and section in _SPENDING
    by_calendar = convention is MonthConvention.CALENDAR or prudent_spending
    return (_CALENDAR if by_calendar else _DAYS_28)[span]


def month_sums(lines: Iterable[SheetLine], convention: MonthConvention) -> dict[Section, Fraction]:
    """The exact amount of a month in each section."""
    month = dict.fromkeys(Section, Fraction(0))
    for line in lines:
        month[line.section] += line.units * factor(convention, line.section, line.span)
    return month


def household_budget(
    lines: Iterable[SheetLine], convention: MonthConvention, miscellaneous_percent: Fraction
) -> Budget:
    """The month of a household sheet.

    Sums are exact and rounded once, half up; miscellaneous alone is rounded before it is used.
    """
    month = month_sums(lines, convention)
    business = month[Section.SALES] - month[Section.COST_OF_SALES] - month[Section.BUSINESS_EXPENSE]
    income = business + month[Section.OTHER_INCOME]
    spending = month[Section.HOUSEHOLD_EXPENSE] + month[Section.OTHER_EXPENSE]
    miscellaneous = round_to(spending * miscellaneous_percent / 100)
    household = spending + miscellaneous
    return Budget(
        sales=round_to(month[Section.SALES]),
        cost_of_sales=round_to(month[Section.COST_OF_SALES]),
        business_expenses=round_to(month[Section.BUSINESS_EXPENSE]),
        net_business_income=round_to(business),
        other_income=round_to(month[Section.OTHER_INCOME]),
        total_income=round_to(income),
        household_expenses=round_to(month[Section.HOUSEHOLD_EXPENSE]),
        other_expenses=round_to(month[Section.OTHER_EXPENSE]),
        miscellaneous=miscellaneous,
        total_household=round_to(household),
        debt_payments=round_to(month[Section.DEBT_PAYMENT]),
        net_cash=round_to(income - household - month[Section.DEBT_PAYMENT]),
    )


@dataclass(frozen=True, slots=True)
class Capacity:
    """The largest instalment and the largest loan it carries, in smallest units."""

    max_instalment: int
    max_loan: int


def repayment_capacity(
    net_cash: int,
    capacity_percent: Fraction,
    rate_percent: Fraction,
    method: Method,
    instalments: int,
    loan_unit: int,
) -> Capacity:
    """What a net cash per instalment period can carry; both rounded down. Raises NoCapacity.

    `rate_percent` is interest per instalment period; the loan is a multiple of `loan_unit`.
    """
    if net_cash <= 0:
        raise NoCapacity()
    down = RoundingMode.FLOOR
    instalment = round_to(net_cash * capacity_percent / 100, 1, down)
    rate = rate_percent / 100
    if method is Method.FLAT:
        loan = instalment * instalments / (1 + rate * instalments)
    elif not rate:
        loan = Fraction(instalment * instalments)
    else:
        loan = instalment * (1 - (1 + rate) ** -instalments) / rate
    return Capacity(instalment, round_to(loan, loan_unit, down))
