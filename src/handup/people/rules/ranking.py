"""Wealth ranking by neighbours, and the priority every kind of card gives (people.md 4.4).

Each reference group lays the households in piles, the first best off, the last poorest: 100 * pile
/ piles. The score is the mean of at least three separate rankings; where they lie further apart
than the limit, the household is ranked again. Rankings agree with each other and little with
surveyed wealth: they always stand beside a scorecard. Pure.
"""

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar
from uuid import UUID

from handup.kernel.errors import Fault, Faults, Refusal
from handup.kernel.sheet_faults import NotAChoice, NotWhole, TooHigh, TooLow
from handup.people.rules.card_parts import shown, whole_of

RANKINGS_NEEDED = 3
RERANK_ABOVE = 40
"""The usual limit of the spread, `people.rerank_above_spread`; not verified in the field."""

Key = TypeVar("Key", bound=Hashable)


class RankingStatus(StrEnum):
    """Whether a household's rankings can be used."""

    RANKED = "RANKED"
    RERANK = "RERANK"
    NEEDS_THIRD_RANKING = "NEEDS_THIRD_RANKING"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The mean of a household's rankings and how far they lie apart, both 0 to 100; None where no
    group ranked it.
    """

    status: RankingStatus
    score: Fraction | None
    spread: Fraction | None


def _pile_fault(group: str, pile: object, piles: Mapping[str, int]) -> Fault | None:
    highest = piles.get(group)
    number = whole_of(pile)
    if highest is None:
        refusal: Refusal = NotAChoice(column="group", value=group, choices=", ".join(piles))
    elif number is None:
        refusal = NotWhole(column=group, value=shown(pile))
    elif number < 1:
        refusal = TooLow(column=group, value=number, lowest=1)
    elif number > highest:
        refusal = TooHigh(column=group, value=number, highest=highest)
    else:
        return None
    return Fault(refusal.code, refusal.said(), f"pile.{group}", column=group, value=shown(pile))


def rank(
    pile: Mapping[str, object],
    piles: Mapping[str, int],
    *,
    rerank_above: Decimal | int = RERANK_ABOVE,
) -> Ranking:
    """Rank one household: `pile` is the pile each group laid it in, None where a group did not;
    `piles` how many piles each group made.

    Raises Faults naming each group that is not known and each pile that does not exist.
    """
    told = {group: number for group, number in pile.items() if number is not None}
    faults = [_pile_fault(group, number, piles) for group, number in told.items()]
    found = [fault for fault in faults if fault is not None]
    if found:
        raise Faults(found)
    ranks = [Fraction(100 * (whole_of(told[g]) or 0), piles[g]) for g in piles if g in told]
    if not ranks:
        return Ranking(RankingStatus.NEEDS_THIRD_RANKING, None, None)
    score = sum(ranks, Fraction(0)) / len(ranks)
    spread = max(ranks) - min(ranks)
    if len(ranks) < RANKINGS_NEEDED:
        status = RankingStatus.NEEDS_THIRD_RANKING
    elif spread > Fraction(rerank_above):
        status = RankingStatus.RERANK
    else:
        status = RankingStatus.RANKED
    return Ranking(status, score, spread)


def points_priority(score: int | None, cap: int) -> Fraction | None:
    """100 for a score of 0, 0 at the cap; None without a score."""
    return None if score is None else 100 - Fraction(100 * score, cap)


def ranking_priority(ranking: Ranking) -> Fraction | None:
    """The mean of the rankings, once they can be used."""
    return ranking.score if ranking.status is RankingStatus.RANKED else None


def pmt_priorities(predicted: Mapping[Key, Decimal | None]) -> dict[Key, Fraction | None]:
    """The share in percent of a run's scored households that are predicted higher."""
    known = sorted(value for value in predicted.values() if value is not None)
    count = len(known)
    return {
        key: None if value is None else Fraction(100 * (count - bisect_right(known, value)), count)
        for key, value in predicted.items()
    }


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be taken next."""

    id: UUID
    priority: Fraction | None
    applied_date: date


def in_order(candidates: Iterable[Candidate]) -> Sequence[Candidate]:
    """Highest priority first, then application date, then id; without a priority last."""
    return sorted(
        candidates,
        key=lambda c: (c.priority is None, -(c.priority or 0), c.applied_date, c.id),
    )
