"""What training cost: shared pools by attended minutes, cost per participant and graduate, payback
(training.md 4.6).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from handup.kernel.money import divide, split


class CostBasis(StrEnum):
    """By what a shared pool is divided (setting training.cost_basis)."""

    MINUTES = "MINUTES"
    HEADCOUNT = "HEADCOUNT"
    EQUAL = "EQUAL"


@dataclass(frozen=True, slots=True)
class CohortCount:
    """What a cohort weighs: attended minutes of all its participants, and heads."""

    id: UUID
    minutes: int
    heads: int


@dataclass(frozen=True, slots=True)
class UnitCosts:
    """Cost per head in the smallest unit, half up; None where nobody reached the step."""

    per_participant: int | None
    per_graduate: int | None
    per_placed: int | None


def allocate(
    pool_units: int, cohorts: Sequence[CohortCount], basis: CostBasis
) -> Mapping[UUID, int]:
    """Divide a pool over cohorts by largest remainder, ties to the lowest id; the parts always sum
    to the pool.

    Returns nothing when no cohort weighs anything: the pool then stays undivided and is shown so.
    """
    rows = sorted(cohorts, key=lambda cohort: cohort.id)
    weights = [_weight(cohort, basis) for cohort in rows]
    if not sum(weights):
        return {}
    parts = split(pool_units, weights).parts
    return {cohort.id: part for cohort, part in zip(rows, parts, strict=True)}


def _weight(cohort: CohortCount, basis: CostBasis) -> int:
    if basis is CostBasis.MINUTES:
        return cohort.minutes
    return cohort.heads if basis is CostBasis.HEADCOUNT else 1


def unit_costs(cost_units: int, *, started: int, completed: int, placed: int) -> UnitCosts:
    """Divide one total; for several cohorts give the sums, never a mean of ratios."""

    def per(count: int) -> int | None:
        return divide(cost_units, count) if count else None

    return UnitCosts(per(started), per(completed), per(placed))


def at_rate(units: int, numerator: int, *, digits: int, into_digits: int) -> int:
    """Smallest units of one currency in smallest units of another, half up.

    `numerator` is the rate times 10^10, main unit to main unit; `digits` are the decimals of each.
    """
    return divide(units * numerator * 10**into_digits, 10 ** (10 + digits))


def payback_weeks(cost_units: int, extra_weekly_units: int) -> Fraction | None:
    """Weeks until the extra weekly profit has paid the cost; None without extra profit. Only with
    a comparison group.
    """
    return Fraction(cost_units, extra_weekly_units) if extra_weekly_units > 0 else None
