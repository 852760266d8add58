"""The figures by which groups are compared: a numerator over a denominator, named once
(groups.md, figures for results; definitions of the shared kind results.indicator).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from handup.kernel.money import decimal_text_or_none, percent, ratio

ATTENDANCE_MEETINGS = 4
WEEKS_OF_A_YEAR = 52


class GroupIndicator(StrEnum):
    """What is measured."""

    ATTENDANCE = "ATTENDANCE"
    TOTAL_ASSETS = "TOTAL_ASSETS"
    MEMBERS_WITH_LOAN = "MEMBERS_WITH_LOAN"
    LOANS_WRITTEN_OFF = "LOANS_WRITTEN_OFF"
    AVERAGE_SAVINGS = "AVERAGE_SAVINGS"
    FUND_UTILISATION = "FUND_UTILISATION"
    RETURN_ON_SAVINGS_YEAR = "RETURN_ON_SAVINGS_YEAR"
    RETENTION = "RETENTION"
    PORTFOLIO_AT_RISK = "PORTFOLIO_AT_RISK"
    ARREARS_RATE = "ARREARS_RATE"
    COLLECTION_RATE = "COLLECTION_RATE"
    FUNNEL_STEP = "FUNNEL_STEP"


AMOUNTS = frozenset({GroupIndicator.TOTAL_ASSETS, GroupIndicator.AVERAGE_SAVINGS})
"""Indicators whose value is an amount in smallest units; the others are percentages."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with what it was made of.

    `denominator` is None where the figure is a plain sum; `value` is exact (percent, or smallest
    units for an amount) and None where the denominator is zero.
    """

    numerator: int
    denominator: int | None
    value: Fraction | None
    decimals: int

    @property
    def text(self) -> str | None:
        """The value as shown, half up; None when it is not defined."""
        return decimal_text_or_none(self.value, self.decimals)


def measure(indicator: GroupIndicator, inputs: Mapping[str, Any]) -> Measured:
    """Work out one figure from its inputs (counts, or amounts in smallest units)."""
    return RULES[indicator](**inputs)


def _part_of_whole(decimals: int) -> Callable[..., Measured]:
    def measured(*, part: int, whole: int) -> Measured:
        return Measured(part, whole, percent(part, whole), decimals)

    return measured


def attendance(*, members: int, attended: Sequence[int]) -> Measured:
    """Persons present in the last four meetings, or fewer, out of members times those meetings.

    `attended` holds the persons present a meeting, the oldest first.
    """
    last = attended[-ATTENDANCE_MEETINGS:]
    return _part_of_whole(1)(part=sum(last), whole=members * len(last))


def total_assets(*, loan_fund_cash: int, loans_outstanding: int, social_fund: int) -> Measured:
    """What the group owns: cash of both funds and what its members owe."""
    total = loan_fund_cash + loans_outstanding + social_fund
    return Measured(total, None, Fraction(total), 0)


def average_savings(*, savings_in_cash: int, savings_lent_out: int, members: int) -> Measured:
    """Savings a member, whether they lie in the box or are lent out."""
    savings = savings_in_cash + savings_lent_out
    return Measured(savings, members, ratio(savings, members), 0)


def fund_utilisation(*, loans_outstanding: int, loan_fund_cash: int, bank: int) -> Measured:
    """How much of the money for loans is lent out."""
    return _part_of_whole(1)(
        part=loans_outstanding, whole=loans_outstanding + loan_fund_cash + bank
    )


def return_on_savings(*, net_profit: int, savings: int, weeks: int) -> Measured:
    """Profit on what was saved, carried to a year of 52 weeks."""
    return _part_of_whole(1)(part=net_profit * WEEKS_OF_A_YEAR, whole=savings * weeks)


RULES: Mapping[GroupIndicator, Callable[..., Measured]] = {
    **{indicator: _part_of_whole(1) for indicator in GroupIndicator},
    GroupIndicator.PORTFOLIO_AT_RISK: _part_of_whole(2),
    GroupIndicator.ATTENDANCE: attendance,
    GroupIndicator.TOTAL_ASSETS: total_assets,
    GroupIndicator.AVERAGE_SAVINGS: average_savings,
    GroupIndicator.FUND_UTILISATION: fund_utilisation,
    GroupIndicator.RETURN_ON_SAVINGS_YEAR: return_on_savings,
}
