"""Printed pairs of amounts and rates: agree within what printing hides, else flagged, never
corrected. Pure.

Source: projects_and_markets.md 4.1. Amounts are exact numbers in any one unit; the rate says how
many local units one foreign unit is worth.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from handup.kernel.money import round_to

RATE_SCALE = 10**10
MOST_KEPT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PairCheck:
    """What comparing a local and a foreign amount at a stated rate gives."""

    agrees: bool
    difference: Fraction
    tolerance: Fraction
    implied_rate: Fraction | None

    @property
    def implied_rate_text(self) -> str:
        """The implied rate with two decimals, half up; empty when the foreign amount is 0."""
        if self.implied_rate is None:
            return ""
        exact = Decimal(self.implied_rate.numerator) / Decimal(self.implied_rate.denominator)
        return str(exact.quantize(Decimal("0.01"), ROUND_HALF_UP))


def check_pair(
    *,
    local: Fraction | int,
    foreign: Fraction | int,
    rate: Fraction | int,
    step_local: Fraction | int,
    step_foreign: Fraction | int,
) -> PairCheck:
    """Compare |local − foreign × rate| with ½·step_local + ½·step_foreign·rate."""
    difference = abs(Fraction(local) - Fraction(foreign) * rate)
    tolerance = Fraction(step_local) / 2 + Fraction(step_foreign) * rate / 2
    implied = Fraction(local) / Fraction(foreign) if foreign else None
    return PairCheck(difference <= tolerance, difference, tolerance, implied)


def as_kept(rate: Fraction) -> tuple[int, int]:
    """A rate above and below the line: over 10^10 where that is exact, else as it was told (the
    other way round, a mean); what is longer than a line keeps is rounded to 10^10.
    """
    scaled = rate * RATE_SCALE
    if scaled.denominator == 1 and scaled <= MOST_KEPT:
        return scaled.numerator, RATE_SCALE
    if max(rate.numerator, rate.denominator) <= MOST_KEPT:
        return rate.numerator, rate.denominator
    return round_to(scaled), RATE_SCALE


def converted(amount_units: int, rate: Fraction) -> int:
    """Convert smallest units into smallest units at `rate`, half up, sign kept."""
    exact = abs(amount_units) * rate
    whole = (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)
    return whole if amount_units >= 0 else -whole
