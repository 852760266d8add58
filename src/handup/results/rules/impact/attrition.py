"""Who was not found again, and what that may hide (results.md 4.6, S9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from handup.results.rules.impact.common import LEAST_ANSWERS, Range, vector

WARN_ABOVE = Fraction(10, 100)
MOST_FOR_A_CAUSE = Fraction(30, 100)
DIFFERENT = 0.25
"""A standardised difference above which stayers and leavers are told apart (a setting)."""


def standardised_difference(stayed: Sequence[float], left: Sequence[float]) -> float | None:
    """(mean stayed - mean left) / sqrt((s² + s²) / 2); None under five of all, under two on a
    side, or where nothing varies.
    """
    first, second = vector(stayed), vector(left)
    if min(len(first), len(second)) < 2 or len(first) + len(second) < LEAST_ANSWERS:
        return None
    spread = ((first.var(ddof=1) + second.var(ddof=1)) / 2) ** 0.5
    return float((first.mean() - second.mean()) / spread) if spread > 0 else None


@dataclass(frozen=True, slots=True)
class Lee:
    """Bounds of a difference when one group was found again better than the other."""

    retained_treated: Fraction
    retained_comparison: Fraction
    share: Fraction
    trimmed: int
    untrimmed: float
    range: Range


def lee_bounds(
    *,
    treated: Sequence[float],
    treated_eligible: int,
    comparison: Sequence[float],
    comparison_eligible: int,
) -> Lee | None:
    """Trim the group that was kept better, from the top and then from the bottom, until both were
    kept alike: the difference lies between. None under five answers of a group.
    """
    first, second = sorted(vector(treated)), sorted(vector(comparison))
    if len(first) > treated_eligible or len(second) > comparison_eligible:
        raise ValueError("more answers than persons who could answer")
    if min(len(first), len(second)) < LEAST_ANSWERS:
        return None
    kept_first = Fraction(len(first), treated_eligible)
    kept_second = Fraction(len(second), comparison_eligible)
    is_first = kept_first >= kept_second
    better = first if is_first else second
    high, low = max(kept_first, kept_second), min(kept_first, kept_second)
    share = (high - low) / high
    trimmed = floor(share * len(better) + Fraction(1, 2))
    if trimmed >= len(better):
        return None
    without_top = _mean(better[: len(better) - trimmed])
    without_bottom = _mean(better[trimmed:])
    if is_first:
        ends = Range(without_top - _mean(second), without_bottom - _mean(second))
    else:
        ends = Range(_mean(first) - without_bottom, _mean(first) - without_top)
    untrimmed = _mean(first) - _mean(second)
    return Lee(kept_first, kept_second, share, trimmed, untrimmed, ends)


def _mean(values: Sequence[float]) -> float:
    return float(sum(values) / len(values))
