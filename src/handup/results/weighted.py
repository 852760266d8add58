"""What a sample says of everybody who was eligible: each answer counts for as many as it stands
for, by the draw and for those not reached (results.md 4.6, S2), and what it leaves open (S3).
"""

from dataclasses import dataclass
from fractions import Fraction

from handup.results.rules.engine import Figure, ValueKind
from handup.results.rules.impact.shares import Answer, Share, clustered
from handup.results.rules.statistics import bounds_for_unreached


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lowest and highest share possible of so many, whatever those without an answer would
    say.
    """

    low: Fraction
    high: Fraction
    everybody: int


def bounds_of_all(figure: Figure) -> Bounds | None:
    """What a sampled share leaves open; None where everybody answered or no sample was drawn."""
    if figure.interval is None or figure.value_kind is not ValueKind.RATIO:
        return None
    answers = figure.denominator or 0
    stands_for = sum((row.weight for row in figure.base_rows), Fraction(0))
    everybody = int(stands_for + Fraction(1, 2))
    if everybody <= answers:
        return None
    return Bounds(*bounds_for_unreached(figure.numerator, answers, everybody), everybody)


def share_of_all(figure: Figure) -> Share | None:
    """The weighted share of a sampled figure with its interval; None where no sample was drawn, all
    stand for as many, or fewer than five answered.
    """
    base = figure.base_rows
    if figure.interval is None or len({row.weight for row in base}) < 2:
        return None
    yes = {row.unit for row in figure.rows}
    return clustered(
        [
            Answer(row.unit in yes, float(row.weight), row.cluster or row.unit, row.stratum)
            for row in base
        ]
    )
