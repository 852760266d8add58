"""Intervals and bounds that stand beside a sampled share (results.md 4.6, S1 and S3)."""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Interval:
    """Two ends between 0 and 1."""

    low: float
    high: float


def wilson(yes: int, n: int, z: float = Z95) -> Interval | None:
    """Return the 95 % Wilson interval of a share of `n` answers; None when nobody answered."""
    if n <= 0:
        return None
    if not 0 <= yes <= n:
        raise ValueError("more answers of one kind than answers")
    return wilson_of(yes / n, n, z)


def wilson_of(p: float, n: float, z: float = Z95) -> Interval:
    """Return Wilson's interval of a share that says as much as `n` simply drawn answers."""
    centre = p + z * z / (2 * n)
    reach = z * sqrt(max(0.0, p * (1 - p)) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Interval(max(0.0, (centre - reach) / scale), min(1.0, (centre + reach) / scale))


def bounds_for_unreached(yes: int, answers: int, population: int) -> tuple[Fraction, Fraction]:
    """Return the lowest and highest share possible among all, whatever those not reached would say.

    `yes` of `answers` in a `population` at least as large as the answers; nothing is assumed
    about the rest.
    """
    if not 0 <= yes <= answers <= population or population == 0:
        raise ValueError("answers must lie between the yes-answers and the population")
    return Fraction(yes, population), Fraction(yes + population - answers, population)


def percent_text(share: float) -> str:
    """Show a share as percent with one decimal, half up."""
    return f"{int(share * 1000 + 0.5) / 10:.1f}"
