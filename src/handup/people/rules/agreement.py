"""How rankings of one village are put together and how far they agree (people.md 4.4).

Where a household's rankings lie too far apart it is laid again by three groups or more; then the
later piles stand for it. How far groups agree is the intra-class correlation of one-way random
effects (Shrout and Fleiss 1979, case 1): groups need not have laid the same households. How far the
ranking agrees with a scorecard is Spearman's rank correlation. Pure.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from handup.people.rules.card_parts import whole_of
from handup.people.rules.ranking import RERANK_ABOVE, Ranking, RankingStatus, rank

LEAST_PILES, MOST_PILES = 2, 20
Piles = Mapping[str, int]


def counted(
    rounds: Sequence[Mapping[str, int]],
    piles: Piles,
    *,
    rerank_above: Decimal | int = RERANK_ABOVE,
) -> Mapping[str, int]:
    """The piles that stand for a household: `rounds` hold, one after the other, the pile each group
    laid it in. Laid again because its rankings lay too far apart, the earlier ones stand no more;
    ranked by too few, the later ones come on top.
    """
    standing: dict[str, int] = {}
    for laid in rounds:
        if not laid:
            continue
        before = rank(standing, piles, rerank_above=rerank_above)
        standing = {**laid} if before.status is RankingStatus.RERANK else {**standing, **laid}
    return standing


def ranked(
    rounds: Sequence[Mapping[str, int]],
    piles: Piles,
    *,
    rerank_above: Decimal | int = RERANK_ABOVE,
) -> Ranking:
    """What the rankings of a household come to by the piles that stand for it."""
    standing = counted(rounds, piles, rerank_above=rerank_above)
    return rank(standing, piles, rerank_above=rerank_above)


def height(pile: int, piles: int) -> Fraction:
    """Where a pile lies, 0 to 100; the last one, of the poorest, at 100."""
    return Fraction(100 * (whole_of(pile) or 0), piles)


def intraclass(heights: Sequence[Sequence[Fraction]]) -> Fraction | None:
    """How far rankings agree, at most 1: for each household where the groups laid it, 0 to 100.
    Households one group alone laid tell nothing; None where nothing can be compared.

    ICC(1) = (MSB - MSW) / (MSB + (k0 - 1) MSW), k0 the mean number of rankings a household, less
    their variance (Searle, unequal numbers).
    """
    homes = [list(laid) for laid in heights if len(laid) > 1]
    number, whole = len(homes), sum(map(len, homes))
    if number < 2:
        return None
    grand = sum((sum(laid, Fraction(0)) for laid in homes), Fraction(0)) / whole
    means = [sum(laid, Fraction(0)) / len(laid) for laid in homes]
    between = sum(
        (len(laid) * (mean - grand) ** 2 for laid, mean in zip(homes, means, strict=True)),
        Fraction(0),
    ) / (number - 1)
    within = sum(
        ((one - mean) ** 2 for laid, mean in zip(homes, means, strict=True) for one in laid),
        Fraction(0),
    ) / (whole - number)
    size = (whole - Fraction(sum(len(laid) ** 2 for laid in homes), whole)) / (number - 1)
    below = between + (size - 1) * within
    return None if below == 0 else (between - within) / below


def rank_correlation(pairs: Sequence[tuple[Fraction, Fraction]]) -> Decimal | None:
    """Spearman's rank correlation of two figures of the same households, -1 to 1, equal ones at the
    middle of their places; None for fewer than three or where one figure is everywhere the same.
    """
    if len(pairs) < 3:
        return None
    first, second = (_places([pair[side] for pair in pairs]) for side in (0, 1))
    middle = Fraction(len(pairs) + 1, 2)
    both = sum(
        ((a - middle) * (b - middle) for a, b in zip(first, second, strict=True)), Fraction(0)
    )
    spreads = [sum(((one - middle) ** 2 for one in side), Fraction(0)) for side in (first, second)]
    product = spreads[0] * spreads[1]
    if product == 0:
        return None
    squared = both**2 / product
    root = (Decimal(squared.numerator) / Decimal(squared.denominator)).sqrt()
    return root if both >= 0 else -root


def _places(values: Sequence[Fraction]) -> list[Fraction]:
    """The place of each value from 1, equal ones at the middle of theirs."""
    order = sorted(values)
    first = {value: order.index(value) for value in set(values)}
    count = {value: order.count(value) for value in first}
    return [Fraction(2 * first[value] + count[value] + 1, 2) for value in values]
