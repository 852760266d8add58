"""Those who took part beside those who did not (results.md 4.6, S7, S8 and S10)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from handup.results.rules.impact.common import LEAST_ANSWERS, Estimate, Vector, by_t, vector

FEW_CLUSTERS = 10
LEAST_CLUSTERS = 4


class Caution(StrEnum):
    """What a reader must know before she uses a comparison."""

    FEW_CLUSTERS = "FEW_CLUSTERS"
    TOO_FEW_CLUSTERS = "TOO_FEW_CLUSTERS"


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of two rounds: its cluster, whether it took part, and both values."""

    cluster: Hashable
    treated: bool
    baseline: float
    endline: float


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference between two groups, robust to clusters, beside the error that forgets them.

    `treated` and `comparison` are what each group shows: its mean change (S7), its mean end (S8).
    """

    treated: float
    comparison: float
    effect: Estimate
    clusters: int
    error_unclustered: float
    cautions: tuple[Caution, ...]


def difference_in_differences(units: Sequence[Unit]) -> Compared | None:
    """S7: how much more those who took part changed; None under five units of a
    group.
    """
    sides = _sides(units)
    if sides is None:
        return None
    changes = vector([one.endline - one.baseline for one in units])
    design = np.column_stack([np.ones(len(units)), sides])
    return _compared(units, sides, changes, design)


def ancova(units: Sequence[Unit]) -> Compared | None:
    """S8: the end beside the end of others with the same beginning. Only for groups that were drawn
    by lot: of groups that chose themselves it tells less than the truth or more.
    """
    sides = _sides(units)
    if sides is None:
        return None
    ends = vector([one.endline for one in units])
    starts = vector([one.baseline for one in units])
    design = np.column_stack([np.ones(len(units)), sides, starts])
    return _compared(units, sides, ends, design)


def difference_at_end(units: Sequence[Unit]) -> Compared | None:
    """The end of those who took part beside the end of the others, robust to clusters: for groups
    that were drawn by lot and asked once. None under five units of a group.
    """
    sides = _sides(units)
    if sides is None:
        return None
    ends = vector([one.endline for one in units])
    return _compared(units, sides, ends, np.column_stack([np.ones(len(units)), sides]))


def _sides(units: Sequence[Unit]) -> Vector | None:
    sides = np.array([float(one.treated) for one in units])
    took = int(sides.sum()) if len(units) else 0
    return sides if min(took, len(units) - took) >= LEAST_ANSWERS else None


def _compared(
    units: Sequence[Unit], sides: Vector, outcome: Vector, design: Vector
) -> Compared | None:
    """Least squares with V = c A (Σ_g X'ee'X) A, c = G/(G-1) (n-1)/(n-k), t with G - 1."""
    n, k = design.shape
    numbers = {one: place for place, one in enumerate(dict.fromkeys(u.cluster for u in units))}
    places = np.array([numbers[one.cluster] for one in units])
    count = len(numbers)
    if n <= k or np.linalg.matrix_rank(design) < k:
        return None
    bread = np.linalg.inv(design.T @ design)
    coefficients = bread @ design.T @ outcome
    residuals = outcome - design @ coefficients
    scores = np.zeros((count, k))
    np.add.at(scores, places, design * residuals[:, None])
    plain = float(residuals @ residuals) / (n - k) * bread
    cautions: list[Caution] = []
    least = min(len({u.cluster for u in units if u.treated is side}) for side in (True, False))
    if count < FEW_CLUSTERS:
        cautions.append(Caution.FEW_CLUSTERS)
    value = float(coefficients[1])
    if least < LEAST_CLUSTERS:
        cautions.append(Caution.TOO_FEW_CLUSTERS)
        effect = Estimate(value, float("nan"), n, count - 1, None, None)
    else:
        scale = count / (count - 1) * (n - 1) / (n - k)
        error = float(np.sqrt((scale * bread @ scores.T @ scores @ bread)[1, 1]))
        effect = by_t(value, error, n=n, freedom=count - 1)
    return Compared(
        treated=float(outcome[sides == 1].mean()),
        comparison=float(outcome[sides == 0].mean()),
        effect=effect,
        clusters=count,
        error_unclustered=float(np.sqrt(plain[1, 1])),
        cautions=tuple(cautions),
    )


def difference_of_means(treated: Sequence[float], comparison: Sequence[float]) -> Estimate | None:
    """The difference of two groups' means with the pooled error, as a trial of one round has it;
    None under five units of a group.
    """
    first, second = vector(treated), vector(comparison)
    n, freedom = len(first) + len(second), len(first) + len(second) - 2
    if min(len(first), len(second)) < LEAST_ANSWERS:
        return None
    squares = float(((first - first.mean()) ** 2).sum() + ((second - second.mean()) ** 2).sum())
    error = (squares / freedom * (1 / len(first) + 1 / len(second))) ** 0.5
    return by_t(float(first.mean() - second.mean()), error, n=n, freedom=freedom)


def holm(ps: Sequence[float]) -> list[float]:
    """S10: several outcomes at once: each sorted p times the outcomes left, never decreasing."""
    if any(not 0 <= p <= 1 for p in ps):
        raise ValueError("a p lies between 0 and 1")
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for place, at in enumerate(sorted(range(len(ps)), key=lambda one: ps[one])):
        highest = max(highest, min(1.0, ps[at] * (len(ps) - place)))
        adjusted[at] = highest
    return adjusted
