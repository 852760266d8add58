"""How many must be asked (results.md 4.6, S12 and S13)."""

from dataclasses import dataclass
from math import ceil

from scipy.special import ndtri

from handup.results.rules.impact.common import Z95

POWER = 0.8


@dataclass(frozen=True, slots=True)
class Size:
    """The answers needed, and how many to invite so that so many answer."""

    answers: float
    invite: int


def for_share(
    *,
    half_width: float,
    p: float = 0.5,
    population: int | None = None,
    design_effect: float = 1,
    response: float = 1,
) -> Size:
    """S12: for a share known to plus or minus `half_width`: n₀ = z² p (1 - p) / e² · deff, and
    n₀ / (1 + (n₀ - 1) / N) of a population.
    """
    _between(half_width=half_width, p=p, response=response)
    if p == 1:
        raise ValueError("p lies above 0 and below 1")
    if design_effect < 1 or (population is not None and population < 1):
        raise ValueError("a design effect is at least 1, a population one person")
    n = Z95**2 * p * (1 - p) / half_width**2 * design_effect
    if population is not None:
        n = n / (1 + (n - 1) / population)
    invite = ceil(n / response)
    if population is not None and invite > population:
        raise ValueError("more answers are needed than the population gives")
    return Size(n, invite)


def design_effect(cluster_size: float, icc: float) -> float:
    """1 + (m - 1) ρ: how much less each further answer of one cluster says."""
    if cluster_size < 1 or not 0 <= icc <= 1:
        raise ValueError("a cluster has one answer or more, likeness lies between 0 and 1")
    return 1 + (cluster_size - 1) * icc


def for_change(
    *,
    sd: float,
    rho: float,
    delta: float,
    retention: float,
    effect: float = 1,
    power: float = POWER,
) -> Size:
    """S13, one group twice: K² · 2σ²(1 - ρ) · deff / δ², and as many more as will be lost."""
    return _for_difference(2, sd, rho, delta, retention, effect, power)


def for_comparison(
    *,
    sd: float,
    rho: float,
    delta: float,
    retention: float,
    effect: float = 1,
    power: float = POWER,
) -> Size:
    """S13, each of two groups twice: K² · 4σ²(1 - ρ) · deff / δ²."""
    return _for_difference(4, sd, rho, delta, retention, effect, power)


def _for_difference(
    times: int,
    sd: float,
    rho: float,
    delta: float,
    retention: float,
    effect: float,
    power: float,
) -> Size:
    _between(retention=retention)
    if delta == 0:
        raise ValueError("a difference of nothing is found by nobody")
    n = _k(power) ** 2 * times * _variance(sd, rho) * effect / delta**2
    return Size(n, ceil(n / retention))


def detected_by_change(
    *,
    sd: float,
    rho: float,
    treated: int,
    comparison: int,
    effect: float = 1,
    power: float = POWER,
) -> float:
    """The least difference in differences that two groups of this size will show."""
    return _detected(2 * _variance(sd, rho), treated, comparison, effect, power)


def detected_by_ancova(
    *,
    sd: float,
    rho: float,
    treated: int,
    comparison: int,
    effect: float = 1,
    power: float = POWER,
) -> float:
    """The least difference that two groups of this size will show when the beginning is allowed
    for: σ²(1 - ρ²).
    """
    return _detected(_variance(sd, rho) * (1 + rho), treated, comparison, effect, power)


def _detected(variance: float, treated: int, comparison: int, effect: float, power: float) -> float:
    if min(treated, comparison) < 1:
        raise ValueError("each group needs a unit")
    return float(_k(power) * (variance * effect * (1 / treated + 1 / comparison)) ** 0.5)


def _k(power: float) -> float:
    _between(power=power)
    if power == 1:
        raise ValueError("power lies above 0 and below 1")
    return Z95 + float(ndtri(power))


def _variance(sd: float, rho: float) -> float:
    if sd <= 0 or not -1 <= rho <= 1:
        raise ValueError("a deviation is above nothing, a correlation between -1 and 1")
    return sd**2 * (1 - rho)


def _between(**named: float) -> None:
    for name, value in named.items():
        if not 0 < value <= 1:
            raise ValueError(f"{name} lies above 0 and not above 1")
