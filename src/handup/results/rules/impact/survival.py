"""How long enterprises live (results.md 4.6, S11)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, inf, log, sqrt

from handup.results.rules.impact.common import LEAST_ANSWERS, Z95, Range


@dataclass(frozen=True, slots=True)
class Survival:
    """The share still open at a month, its error and interval, and how many were still watched."""

    month: float
    share: float
    error: float
    range: Range | None
    still_observed: int


def kaplan_meier(months: Sequence[float], closed: Sequence[bool], at: float) -> Survival | None:
    """Return the share open at month `at`, of units watched for `months` each that closed then or
    were only not watched any longer. None under five units, or when nobody was watched so long
    and some were still open when the watching ended.

    The interval is exp(-exp(ln(-ln S) ± z √Σ d/(r(r-d)) / |ln S|)); none when S is 0 or 1.
    """
    if len(months) != len(closed) or any(month < 0 for month in months):
        raise ValueError("every unit needs its months, and whether it closed")
    if len(months) < LEAST_ANSWERS:
        return None
    is_watched = max(months) >= at or all(
        ended for month, ended in zip(months, closed, strict=True) if month == max(months)
    )
    if not is_watched:
        return None
    share, total = 1.0, 0.0
    for time in sorted({m for m, ended in zip(months, closed, strict=True) if ended and m <= at}):
        at_risk = sum(month >= time for month in months)
        ends = sum(ended and month == time for month, ended in zip(months, closed, strict=True))
        share *= 1 - ends / at_risk
        total += ends / (at_risk * (at_risk - ends)) if at_risk > ends else inf
    still = sum(month >= at for month in months)
    if not 0 < share < 1:
        return Survival(at, share, 0.0, None, still)
    reach = Z95 * sqrt(total) / abs(log(share))
    middle = log(-log(share))
    ends_at = Range(exp(-exp(middle + reach)), exp(-exp(middle - reach)))
    return Survival(at, share, share * sqrt(total), ends_at, still)
