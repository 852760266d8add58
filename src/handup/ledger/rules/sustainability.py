"""Whether lending pays for itself: OSS and FSS (ledger.md 4.8; CGAP definitions 2003). Pure.

OSS = operating revenue / (financial + impairment + operating expense); grants are no revenue.
FSS = the same revenue / (those expenses + inflation + subsidised funds + what was given in kind).
A figure that lacks an input is not computed, never taken as zero.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from handup.kernel.money import decimal_text_or_none, percent, round_to

PPM = 1_000_000
GRANT_ROLES = frozenset({"GRANT_INCOME"})
LOAN_INCOME_ROLES = frozenset({"INTEREST_INCOME", "FEE_INCOME", "PENALTY_INCOME"})
FINANCIAL_ROLES = frozenset({"FINANCIAL_COST"})
IMPAIRMENT_ROLES = frozenset({"IMPAIRMENT"})


@dataclass(frozen=True, slots=True)
class Figures:
    """Revenue and expenses of a period in units of the book's currency."""

    revenue: int
    financial: int
    impairment: int
    operating: int

    @property
    def expenses(self) -> int:
        """All three expenses."""
        return self.financial + self.impairment + self.operating


@dataclass(frozen=True, slots=True)
class Inputs:
    """What FSS takes from outside the books; None where nobody stated it for every day.

    Rates are ppm for the whole period; averages are means of opening and month ends.
    """

    inflation_ppm: Fraction | None
    market_rate_ppm: Fraction | None
    in_kind_units: Fraction | None
    average_equity: Fraction
    average_fixed_assets: Fraction
    average_borrowings: Fraction
    interest_paid: int

    @property
    def missing(self) -> tuple[str, ...]:
        """Which inputs nobody stated."""
        stated = {
            "INFLATION": self.inflation_ppm,
            "MARKET_RATE": self.market_rate_ppm,
            "IN_KIND": self.in_kind_units,
        }
        return tuple(name for name, value in stated.items() if value is None)


@dataclass(frozen=True, slots=True)
class Adjustments:
    """What FSS adds to the expenses, in whole units for reading; the ratio uses the exact parts."""

    inflation: Fraction
    subsidised_funds: Fraction
    in_kind: Fraction

    @property
    def total(self) -> Fraction:
        """All three."""
        return self.inflation + self.subsidised_funds + self.in_kind

    def whole(self) -> tuple[int, int, int]:
        """Each in whole units, half up."""
        return (round_to(self.inflation), round_to(self.subsidised_funds), round_to(self.in_kind))


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure stated for some days, both included: a rate or an amount for all of them."""

    starts: date
    ends: date
    value: int


def over(stated: Sequence[Stated], since: date, on: date) -> Fraction | None:
    """What was stated comes to for a period, each day its share of the figure it lies in; the later
    one of several counts. None where a day has none: nothing is guessed.
    """
    total = Fraction(0)
    day = since
    while day <= on:
        figure = next((f for f in reversed(stated) if f.starts <= day <= f.ends), None)
        if figure is None:
            return None
        total += Fraction(figure.value, (figure.ends - figure.starts).days + 1)
        day += timedelta(days=1)
    return total


def average(values: Sequence[int]) -> Fraction:
    """The mean of an opening and of month ends."""
    return Fraction(sum(values), len(values))


def oss(figures: Figures) -> Fraction | None:
    """Operating self-sufficiency in percent; None where there were no expenses."""
    return percent(figures.revenue, figures.expenses) if figures.expenses > 0 else None


def adjustments(inputs: Inputs) -> Adjustments | None:
    """What FSS adds; None while an input is missing."""
    if inputs.inflation_ppm is None or inputs.market_rate_ppm is None:
        return None
    if inputs.in_kind_units is None:
        return None
    equity = inputs.average_equity - inputs.average_fixed_assets
    market = inputs.average_borrowings * inputs.market_rate_ppm / PPM
    return Adjustments(
        inflation=equity * inputs.inflation_ppm / PPM,
        subsidised_funds=max(Fraction(0), market - inputs.interest_paid),
        in_kind=inputs.in_kind_units,
    )


def fss(figures: Figures, added: Adjustments | None) -> Fraction | None:
    """Financial self-sufficiency in percent; None while an input is missing."""
    if added is None or figures.expenses + added.total <= 0:
        return None
    return percent(figures.revenue, figures.expenses + added.total)


def percent_text(value: Fraction | None) -> str:
    """One decimal, half up; a dash where it is not defined."""
    return decimal_text_or_none(value, 1) or "\u2013"
