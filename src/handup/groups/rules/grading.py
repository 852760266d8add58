"""A scorecard's points, percentage and grade (groups.md G7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from handup.kernel.errors import Refusal
from handup.kernel.money import percent, round_to

WHOLE = Fraction(100)


class BandsGap(Refusal):
    """Not every percentage from 0 to 100 has a grade."""


class BandsOverlap(Refusal):
    """Some percentage has two grades."""


class NothingScored(Refusal):
    """No criterion of this card applies."""


class MoreThanAllPoints(Refusal):
    """A criterion gets between none and all of its points."""


class Mark(StrEnum):
    """What became of a criterion."""

    SCORED = "SCORED"
    UNANSWERED = "UNANSWERED"
    NOT_APPLICABLE = "NOT_APPLICABLE"


class CardRounding(StrEnum):
    """Whether each criterion is rounded to whole points before adding."""

    TOTAL = "TOTAL"
    EACH_CRITERION = "EACH_CRITERION"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion with its points, when it has any."""

    most: Fraction
    points: Fraction | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class Band:
    """A grade from one percentage to another; each end belongs to it or not."""

    grade: str
    low: Fraction
    high: Fraction
    low_included: bool
    high_included: bool

    def holds(self, value: Fraction) -> bool:
        """Tell whether a percentage has this grade."""
        above = value > self.low or (self.low_included and value == self.low)
        below = value < self.high or (self.high_included and value == self.high)
        return above and below


@dataclass(frozen=True, slots=True)
class Graded:
    """A scored card; the percentage is exact, only its print is rounded."""

    points: Fraction
    most: Fraction
    percent: Fraction
    grade: str
    is_eligible: bool


def require_bands(bands: Sequence[Band]) -> None:
    """Every percentage from 0 to 100 has one grade. Raises BandsGap, BandsOverlap."""
    ends = {end for band in bands for end in (band.low, band.high) if 0 < end < WHOLE}
    points = sorted({Fraction(0), WHOLE, *ends})
    between = [(low + high) / 2 for low, high in pairwise(points)]
    grades = [sum(band.holds(value) for band in bands) for value in [*points, *between]]
    if 0 in grades:
        raise BandsGap
    if max(grades) > 1:
        raise BandsOverlap


def grade_card(
    criteria: Sequence[Criterion],
    bands: Sequence[Band],
    *,
    rounding: CardRounding,
    eligible_from: Fraction,
) -> Graded:
    """Score a card. What does not apply leaves it, what is not answered scores nothing and stays.

    Raises BandsGap, BandsOverlap before any scoring, NothingScored, MoreThanAllPoints.
    """
    require_bands(bands)
    applying = [item for item in criteria if item.mark is not Mark.NOT_APPLICABLE]
    points, most = Fraction(0), Fraction(0)
    for item in applying:
        most += item.most
        scored = item.points if item.mark is Mark.SCORED and item.points is not None else 0
        if not 0 <= scored <= item.most:
            raise MoreThanAllPoints
        points += round_to(scored) if rounding is CardRounding.EACH_CRITERION else scored
    share = percent(points, most)
    if share is None:
        raise NothingScored
    read_at = min(share, WHOLE)  # whole points of a criterion may round up to more than its own
    grade = next(band.grade for band in bands if band.holds(read_at))
    return Graded(points, most, share, grade, share >= eligible_from)
