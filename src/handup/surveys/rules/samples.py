"""Who is asked: a draw anyone can repeat from its seed, with the chance each had (surveys.md
4.2).
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256

from handup.kernel.money import split
from handup.surveys.rules.codes import SamplePlan

CENSUS_UP_TO = 400
LEAST_A_STRATUM = 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn id with its probability of being drawn; the design weight is its inverse."""

    id: str
    stratum: str
    probability: Fraction

    @property
    def weight(self) -> Fraction:
        """How many eligible this one stands for."""
        return 1 / self.probability


def order(ids: Sequence[str], seed: str) -> list[str]:
    """Sort ids by HMAC-SHA256 (key: the seed, message: the id) as hexadecimal, ties by id."""

    def key(one: str) -> tuple[str, str]:
        return hmac.new(seed.encode(), one.encode(), sha256).hexdigest(), one

    return sorted(ids, key=key)


def simple(ids: Sequence[str], seed: str, n: int) -> list[Drawn]:
    """Take the first n of the draw; everybody when n reaches the number eligible."""
    size = min(n, len(ids))
    return [Drawn(one, "", Fraction(size, len(ids))) for one in order(ids, seed)[:size]]


def pool(plan: str, stratum: str, cluster: str) -> str:
    """Among whom somebody was drawn: her stratum or cluster where the plan draws by them, else
    everybody.
    """
    if plan == SamplePlan.STRATIFIED:
        return stratum
    return cluster if plan == SamplePlan.CLUSTER else ""


def strata_sizes(counts: Mapping[str, int], n: int) -> dict[str, int]:
    """Divide a sample over strata in proportion, at least two (or all) in each.

    What the least takes is taken from the largest shares, so the sum stays n where it can.
    """
    names = sorted(counts)
    if not names:
        return {}
    parts = dict(zip(names, split(n, [counts[name] for name in names]).parts, strict=True))
    least = {name: min(LEAST_A_STRATUM, counts[name]) for name in names}
    sizes = {name: min(counts[name], max(parts[name], least[name])) for name in names}
    spare = sum(sizes.values()) - n
    for name in sorted(names, key=lambda one: (-sizes[one], one)):
        give = max(0, min(spare, sizes[name] - least[name]))
        sizes[name] -= give
        spare -= give
    return sizes


def stratified(strata: Mapping[str, Sequence[str]], seed: str, n: int) -> list[Drawn]:
    """Draw simply inside each stratum, proportionally to its size."""
    sizes = strata_sizes({name: len(ids) for name, ids in strata.items()}, n)
    drawn = []
    for name in sorted(strata):
        ids = strata[name]
        size = sizes[name]
        chance = Fraction(size, len(ids)) if ids else Fraction(1)
        drawn += [Drawn(one, name, chance) for one in order(ids, seed)[:size]]
    return drawn


def clustered(clusters: Mapping[str, Sequence[str]], seed: str, m: int, n_each: int) -> list[Drawn]:
    """Draw m of M clusters with equal probability, then simply inside each."""
    chosen = order(sorted(clusters), seed)[:m]
    if not chosen:
        return []
    first = Fraction(len(chosen), len(clusters))
    return [
        Drawn(one.id, name, first * one.probability)
        for name in chosen
        for one in simple(clusters[name], seed, n_each)
    ]
