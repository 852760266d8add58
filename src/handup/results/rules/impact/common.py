"""What all statistics share: an estimate with its interval, quantiles, and the least answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Z95 = 1.959964
"""The normal quantile of a 95 % interval, as results.md 4.6 writes it."""

LEAST_ANSWERS = 5
"""Fewer answers give no result."""

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Range:
    """Two ends of an interval, in the unit of what it stands beside."""

    low: float
    high: float

    @property
    def holds_zero(self) -> bool:
        """Whether no change at all lies within."""
        return self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error, its interval and how likely it is where nothing changed.

    `range` and `p` are None where too little is known for an interval.
    """

    value: float
    error: float
    n: int
    freedom: int
    range: Range | None
    p: float | None


def vector(values: Sequence[float]) -> Vector:
    """The numbers as one row; anything not finite is refused."""
    found = np.asarray(values, dtype=np.float64)
    if found.ndim != 1 or not np.isfinite(found).all():
        raise ValueError("one row of finite numbers is needed")
    return found


def t_quantile(freedom: float) -> float:
    """Student's quantile of a 95 % interval."""
    return float(stdtrit(freedom, 0.975))


def two_sided(t: float, freedom: float) -> float:
    """How likely a value as far from nothing is, in both directions, by Student's distribution."""
    return float(2 * stdtr(freedom, -abs(t)))


def by_t(value: float, error: float, *, n: int, freedom: int) -> Estimate:
    """An estimate with the interval of Student's distribution; of no width where nothing
    varies, and without one where there is no freedom.
    """
    if freedom < 1:
        return Estimate(value, error, n, freedom, None, None)
    reach = t_quantile(freedom) * error
    p = two_sided(value / error, freedom) if error > 0 else None
    return Estimate(value, error, n, freedom, Range(value - reach, value + reach), p)
