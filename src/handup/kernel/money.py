"""Whole smallest units: rounding where a rule names it, and division that always sums back.

No float comes near money. A quantity that is not whole is a `Fraction`, or two integers where speed
counts, until the one rounding its rule names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import lcm

from handup.kernel.errors import Refusal

WHOLE_BPS = 10_000
"""All of something, where shares are in basis points."""
MOST_DIGITS = 60


class RoundingMode(StrEnum):
    """How a quantity becomes a multiple of a unit."""

    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"
    CEILING = "CEILING"
    FLOOR = "FLOOR"


class NegativeTotal(Refusal):
    """An amount below zero cannot be divided."""


class NegativeWeight(Refusal):
    """A share cannot be below zero."""


class NoWeight(Refusal):
    """Nobody has a share, so there is nothing to divide by."""


@dataclass(frozen=True, slots=True)
class Rounding:
    """A unit in smallest units and a mode: `Rounding(100)` is whole hundreds, half up."""

    unit: int = 1
    mode: RoundingMode = RoundingMode.HALF_UP

    def __post_init__(self) -> None:
        if self.unit <= 0:
            raise ValueError("a rounding unit is at least one smallest unit")


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a whole, each a multiple of the unit, and what no unit was left for."""

    parts: tuple[int, ...]
    leftover: int


def divide(numerator: int, denominator: int, mode: RoundingMode = RoundingMode.HALF_UP) -> int:
    """Round numerator / denominator (> 0) to a whole number; HALF_UP takes ties away from zero."""
    quotient, rest = divmod(numerator, denominator)
    if not rest or mode is RoundingMode.FLOOR:
        return quotient
    if mode is RoundingMode.CEILING:
        return quotient + 1
    twice = 2 * rest
    if twice != denominator:
        return quotient + (twice > denominator)
    if mode is RoundingMode.HALF_EVEN:
        return quotient + (quotient & 1)
    return quotient + (numerator > 0)


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Round numerator / denominator (> 0) to a multiple of the rounding's unit."""
    unit = rounding.unit
    if unit == 1:
        return divide(numerator, denominator, rounding.mode)
    return divide(numerator, denominator * unit, rounding.mode) * unit


def round_to(x: Fraction | int, unit: int = 1, mode: RoundingMode = RoundingMode.HALF_UP) -> int:
    """Round x to a multiple of unit."""
    return divide(x.numerator, x.denominator * unit, mode) * unit


def split(total: int, weights: Sequence[Fraction | int], unit: int = 1) -> Split:
    """Divide a whole number of smallest units among weights by the largest remainder.

    Each part gets the whole units of its exact share; the units still left go one each to the
    largest fractions, the earlier place first. Parts and leftover add up to the total.

    Raises NegativeTotal, NegativeWeight, NoWeight (empty list or only zeros).
    """
    if total < 0:
        raise NegativeTotal()
    if any(weight < 0 for weight in weights):
        raise NegativeWeight()
    scale = lcm(*(weight.denominator for weight in weights))
    whole_weights = [weight.numerator * (scale // weight.denominator) for weight in weights]
    weight_sum = sum(whole_weights)
    if weight_sum == 0:
        raise NoWeight()
    units, leftover = divmod(total, unit)
    shares = [divmod(units * weight, weight_sum) for weight in whole_weights]
    counts = [share for share, _rest in shares]
    by_rest = sorted(range(len(shares)), key=lambda place: -shares[place][1])
    for place in by_rest[: units - sum(counts)]:
        counts[place] += 1
    return Split(parts=tuple(count * unit for count in counts), leftover=leftover)


def ratio(numerator: Fraction | int, denominator: Fraction | int) -> Fraction | None:
    """The exact quotient, or None where nothing can be divided: shown as "not defined"."""
    return None if denominator == 0 else Fraction(numerator) / Fraction(denominator)


def percent(numerator: Fraction | int, denominator: Fraction | int) -> Fraction | None:
    """The exact quotient in percent, or None where the denominator is zero."""
    quotient = ratio(numerator, denominator)
    return None if quotient is None else quotient * 100


def decimal_text(x: Fraction | int, decimals: int) -> str:
    """x with that many decimals, half up, dot as separator, no grouping: "-12.50"."""
    scaled = divide(x.numerator * 10**decimals, x.denominator)
    digits = str(abs(scaled)).rjust(decimals + 1, "0")
    sign = "-" if scaled < 0 else ""
    if not decimals:
        return sign + digits
    return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}"


def decimal_text_or_none(x: Fraction | int | None, decimals: int) -> str | None:
    """As decimal_text; None, the undefined figure, stays None."""
    return None if x is None else decimal_text(x, decimals)


def amount_text(units: int, digits: int) -> str:
    """An amount in smallest units as a decimal of a currency with that many digits."""
    return decimal_text(Fraction(units, 10**digits), digits)


def is_endless(number: Decimal) -> bool:
    """Whether a finite number takes more digits than anything that is counted here: `1e999999999`
    has eleven signs and is written out for hours.
    """
    return max(abs(number.adjusted()), abs(int(number.as_tuple().exponent))) > MOST_DIGITS


def units_from_text(text: str, digits: int) -> int:
    """A decimal text as smallest units of a currency with that many digits; exact, no rounding.

    Raises ValueError when it is no plain decimal or has more decimals than the currency.
    """
    cleaned = text.strip()
    if not cleaned.lstrip("+-").replace(".", "", 1).isdecimal():
        raise ValueError(f"{text!r} is not an amount")
    scale: int = 10**digits
    units = Fraction(cleaned) * scale
    if units.denominator != 1:
        raise ValueError(f"{text!r} has more than {digits} decimals")
    return units.numerator
