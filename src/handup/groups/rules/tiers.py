"""Money lent between tiers stands in two books: each side's fact is matched with its mirror
(groups_cooperatives.md K5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

FLAGGED_AFTER = timedelta(days=14)


class Match(StrEnum):
    """How the two sides stand to each other."""

    MATCHED = "MATCHED"
    ONE_SIDED = "ONE_SIDED"
    DIFFERENT = "DIFFERENT"


class Way(StrEnum):
    """Which way the money went."""

    LENT = "LENT"
    REPAID = "REPAID"


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a tier loan: the fact, which one it mirrors (empty: it names none), the lending
    and the borrowing group, the amount, and when."""

    id: str
    mirror_of: str
    way: Way
    lender: str
    borrower: str
    units: int
    currency: str
    on: date


@dataclass(frozen=True, slots=True)
class Pair:
    """What the lender wrote and what the borrower wrote, one of them missing where it is
    one-sided."""

    lender: Side | None
    borrower: Side | None

    @property
    def known(self) -> Side:
        """A side that is there."""
        found = self.lender or self.borrower
        assert found is not None
        return found

    @property
    def match(self) -> Match:
        """Whether both say the same: the way, the parties, the amount and the currency."""
        if self.lender is None or self.borrower is None:
            return Match.ONE_SIDED
        same = all(
            getattr(self.lender, name) == getattr(self.borrower, name)
            for name in ("way", "lender", "borrower", "units", "currency")
        )
        return Match.MATCHED if same else Match.DIFFERENT

    def is_flagged(self, today: date) -> bool:
        """Tell whether somebody must look: the sides differ, or one is missing for over two
        weeks."""
        if self.match is Match.ONE_SIDED:
            return today - self.known.on > FLAGGED_AFTER
        return self.match is Match.DIFFERENT


def pair_up(lent: Sequence[Side], owed: Sequence[Side]) -> list[Pair]:
    """Put the sides together by the fact that one names of the other, each used once; the newest
    first. What names a fact that is not there, or is taken by another, stays one-sided."""
    left = {side.id: side for side in lent}
    by_mirror = {side.mirror_of: side for side in lent if side.mirror_of}
    pairs = []
    for side in sorted(owed, key=lambda one: (one.on, one.id)):
        other = left.get(side.mirror_of) or by_mirror.get(side.id)
        if other is not None and other.id not in left:
            other = None
        if other is not None:
            del left[other.id]
        pairs.append(Pair(other, side))
    pairs += [Pair(side, None) for side in left.values()]
    return sorted(pairs, key=lambda pair: (pair.known.on, pair.known.id), reverse=True)
