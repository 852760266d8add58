"""Shares of those asked: weighted, clustered, of a small population, and before and after
(results.md 4.6, S1 to S3 and S6)."""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from scipy.special import bdtr, betaincinv

from handup.results.rules.impact.common import LEAST_ANSWERS, Z95, Range, t_quantile
from handup.results.rules.statistics import wilson_of


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of a sample: yes or no, its weight, its cluster, its stratum."""

    yes: bool
    weight: float
    cluster: Hashable
    stratum: Hashable = None


@dataclass(frozen=True, slots=True)
class Share:
    """A share with the interval its sample allows.

    `effective` is the number of simply drawn answers that would say as much; `clusters` and
    `strata` give the degrees of freedom.
    """

    value: float
    n: int
    effective: float
    variance: float
    clusters: int
    strata: int
    range: Range | None

    @property
    def design_effect(self) -> float:
        """How many times as many answers the sample needed as a simple one."""
        return self.n / self.effective


def of_population(yes: int, n: int, population: int) -> tuple[float, Range] | None:
    """S1 for a sample that is a good part of its population: n (N - 1) / (N - n) answers.

    Returns the effective number and Wilson's interval; None under five answers. Everybody asked
    leaves nothing unsure.
    """
    if not 0 <= yes <= n <= population:
        raise ValueError("answers must lie between the yes-answers and the population")
    if n < LEAST_ANSWERS:
        return None
    p = yes / n
    if n == population:
        return float("inf"), Range(p, p)
    effective = n * (population - 1) / (population - n)
    found = wilson_of(p, effective, Z95)
    return effective, Range(found.low, found.high)


def clopper_pearson(yes: int, n: int) -> Range | None:
    """The exact interval of a share, the setting CLOPPER_PEARSON; None under five answers."""
    if not 0 <= yes <= n:
        raise ValueError("more answers of one kind than answers")
    if n < LEAST_ANSWERS:
        return None
    low = float(betaincinv(yes, n - yes + 1, 0.025)) if yes else 0.0
    high = float(betaincinv(yes + 1, n - yes, 0.975)) if yes < n else 1.0
    return Range(low, high)


def clustered(answers: Sequence[Answer]) -> Share | None:
    """S2: a weighted share of answers that came in clusters, within strata; None under five.

    p = Σwy/Σw; v = Σ_h G_h/(G_h-1) Σ(u_g - ū_h)²; Wilson's interval with
    n* = min(n, p(1-p)/v · (z/t)²). A stratum of one cluster says nothing of how clusters differ,
    and gives no interval. Where all say the same, n* = (Σw)²/Σw².
    """
    if len(answers) < LEAST_ANSWERS:
        return None
    if any(one.weight <= 0 for one in answers):
        raise ValueError("a weight must be more than nothing")
    total = sum(one.weight for one in answers)
    p = sum(one.weight for one in answers if one.yes) / total
    sums: dict[Hashable, dict[Hashable, float]] = defaultdict(lambda: defaultdict(float))
    for one in answers:
        sums[one.stratum][one.cluster] += one.weight * (one.yes - p) / total
    clusters, strata = sum(map(len, sums.values())), len(sums)
    kish = total**2 / sum(one.weight**2 for one in answers)
    if all(one.yes for one in answers) or not any(one.yes for one in answers):
        found = wilson_of(p, kish, Z95)
        return Share(p, len(answers), kish, 0.0, clusters, strata, Range(found.low, found.high))
    if min(map(len, sums.values())) < 2:
        return Share(p, len(answers), kish, float("nan"), clusters, strata, None)
    variance = sum(_between(list(of.values())) for of in sums.values())
    effective = float(len(answers))
    if variance > 0:
        shrink = (Z95 / t_quantile(clusters - strata)) ** 2
        effective = min(effective, p * (1 - p) / variance * shrink)
    found = wilson_of(p, effective, Z95)
    interval = Range(found.low, found.high)
    return Share(p, len(answers), effective, variance, clusters, strata, interval)


def _between(sums: Sequence[float]) -> float:
    count = len(sums)
    mean = sum(sums) / count
    return count / (count - 1) * sum((one - mean) ** 2 for one in sums)


@dataclass(frozen=True, slots=True)
class PairedShare:
    """The same persons before and after: both shares, the change and its interval."""

    before: float
    after: float
    change: float
    n: int
    p: float
    range: Range


def mcnemar(*, yes_yes: int, yes_no: int, no_yes: int, no_no: int) -> PairedShare | None:
    """S6: the change of a yes-or-no answer of the same persons, with the exact p and the interval
    that adds a half to both kinds of change; None under five pairs.
    """
    if min(yes_yes, yes_no, no_yes, no_no) < 0:
        raise ValueError("counts cannot be below nothing")
    n = yes_yes + yes_no + no_yes + no_no
    if n < LEAST_ANSWERS:
        return None
    b, c, wide = yes_no + 0.5, no_yes + 0.5, n + 2
    middle = (c - b) / wide
    reach = Z95 * (b + c - (c - b) ** 2 / wide) ** 0.5 / wide
    return PairedShare(
        before=(yes_yes + yes_no) / n,
        after=(yes_yes + no_yes) / n,
        change=(no_yes - yes_no) / n,
        n=n,
        p=mcnemar_p(yes_no, no_yes),
        range=Range(max(-1.0, middle - reach), min(1.0, middle + reach)),
    )


def mcnemar_p(yes_no: int, no_yes: int) -> float:
    """The exact p of S6: 1 where nobody changed."""
    changed = yes_no + no_yes
    if changed == 0:
        return 1.0
    return min(1.0, 2 * float(bdtr(min(yes_no, no_yes), changed, 0.5)))
