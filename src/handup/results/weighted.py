"""What a sample says of everybody who was eligible: each answer counts for as many as it stands
for, by the draw and for those not reached (results.md 4.6, S2).
"""

from handup.results.rules.engine import Figure
from handup.results.rules.impact.shares import Answer, Share, clustered


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
