"""How much the same persons gained or lost between two rounds (results.md 4.6, S4 and S5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from scipy.special import bdtr

from handup.results.rules.impact.common import (
    LEAST_ANSWERS,
    Estimate,
    Range,
    Vector,
    by_t,
    vector,
)
from handup.results.rules.statistics import wilson

DRAWS = 9_999
EXACT_UP_TO = 50
"""So many differences without ties are ranked exactly; more, or ties, by the normal curve."""


@dataclass(frozen=True, slots=True)
class Median:
    """The middle change, between the changes of rank r and n + 1 - r, and what that covers."""

    value: float
    rank: int | None
    range: Range | None
    coverage: float | None


@dataclass(frozen=True, slots=True)
class Ratio:
    """End over beginning, the geometric mean of the pairs above nothing; `left_out` the others."""

    value: float
    range: Range
    n: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Ranks:
    """Wilcoxon's signed ranks: the smaller sum (exact), the sum above nothing, z by the curve."""

    smaller: float
    above: float
    n: int
    z: float | None
    p: float


@dataclass(frozen=True, slots=True)
class PairedChange:
    """S4: what changed for those who answered twice, in money of the first round."""

    n: int
    mean: Estimate
    deviation: float
    resampled: Range | None
    median: Median
    ratio: Ratio | None
    rose: int
    rose_range: Range
    ranks: Ranks | None


def paired_change(
    baseline: Sequence[float],
    endline: Sequence[float],
    *,
    prices: tuple[float, float] = (1, 1),
    seed: int,
) -> PairedChange | None:
    """Return the change between two rounds of the same units, in money of the first.

    `prices` are the price index of the first and of the last round; `seed` is kept with the
    figure, so that drawing again draws the same. None under five pairs.
    """
    before, nominal = vector(baseline), vector(endline)
    if before.shape != nominal.shape:
        raise ValueError("every unit needs both rounds")
    if min(prices) <= 0:
        raise ValueError("a price index must be more than nothing")
    if len(before) < LEAST_ANSWERS:
        return None
    after = nominal * (prices[0] / prices[1])
    changes = after - before
    n = len(changes)
    deviation = float(changes.std(ddof=1))
    rose = int((changes > 0).sum())
    found = wilson(rose, n)
    assert found is not None
    return PairedChange(
        n=n,
        mean=by_t(float(changes.mean()), deviation / n**0.5, n=n, freedom=n - 1),
        deviation=deviation,
        resampled=_resampled(changes, seed),
        median=median_change(changes),
        ratio=_ratio(before, after),
        rose=rose,
        rose_range=Range(found.low, found.high),
        ranks=wilcoxon(changes),
    )


def _resampled(changes: Vector, seed: int) -> Range | None:
    """The interval of the mean by drawing again (BCa); None where all changed alike."""
    from scipy import stats  # a second to load, so only when changes are worked out

    if np.ptp(changes) == 0:
        return None
    # Numbers of a whole draw stay below a few hundred megabytes.
    batch = max(1, 5_000_000 // len(changes))
    found = stats.bootstrap(
        (changes,), np.mean, n_resamples=DRAWS, batch=batch, method="BCa", rng=seed
    ).confidence_interval
    return Range(float(found.low), float(found.high))


def median_change(changes: Sequence[float] | Vector) -> Median:
    """The median with the ranks r and n + 1 - r, r the largest with 2 B(r - 1; n, 1/2) <= 0.05;
    under six changes no rank is far enough out.
    """
    ordered = np.sort(vector(list(changes)))
    n = len(ordered)
    value = float(np.median(ordered))
    rank = 0
    while 2 * float(bdtr(rank, n, 0.5)) <= 0.05:
        rank += 1
    if rank == 0:
        return Median(value, None, None, None)
    found = Range(float(ordered[rank - 1]), float(ordered[n - rank]))
    return Median(value, rank, found, 1 - 2 * float(bdtr(rank - 1, n, 0.5)))


def _ratio(before: Vector, after: Vector) -> Ratio | None:
    kept = (before > 0) & (after > 0)
    n = int(kept.sum())
    if n < LEAST_ANSWERS:
        return None
    logs = np.log(after[kept] / before[kept])
    found = by_t(float(logs.mean()), float(logs.std(ddof=1)) / n**0.5, n=n, freedom=n - 1)
    assert found.range is not None
    ends = Range(exp(found.range.low), exp(found.range.high))
    return Ratio(exp(found.value), ends, n, len(before) - n)


def wilcoxon(changes: Sequence[float] | Vector) -> Ranks | None:
    """S5: whether gains outweigh losses; unchanged units are dropped, equal ones share a rank.

    Exact up to 50 changes without ties, else by the normal curve with the correction for ties and
    none for continuity. None when nothing changed.
    """
    from scipy import stats  # a second to load, so only when changes are worked out

    moved = vector([one for one in changes if one != 0])
    if len(moved) == 0:
        return None
    ranks = stats.rankdata(np.abs(moved))
    above, below = float(ranks[moved > 0].sum()), float(ranks[moved < 0].sum())
    has_ties = len(np.unique(np.abs(moved))) < len(moved)
    is_exact = len(moved) <= EXACT_UP_TO and not has_ties
    found = stats.wilcoxon(moved, correction=False, method="exact" if is_exact else "asymptotic")
    # The sign the library gives depends on the sum it takes; here above nothing is above 0.
    z = None if is_exact else abs(float(found.zstatistic)) * (1 if above >= below else -1)
    return Ranks(min(above, below), above, len(moved), z, float(found.pvalue))
