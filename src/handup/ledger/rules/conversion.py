"""Amounts of one currency told in another: by a rate, by a mean, by what tranches brought. Pure.

Every rate is exact (a fraction between smallest units) and carries where it comes from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from handup.kernel.money import round_to
from handup.ledger.rules.journal import RATE_ONE


class ConvertBy(StrEnum):
    """How a statement in another currency is converted.

    CLOSING: one rate, of its last day. AVERAGE: the mean of the period's rates. MONTH, DONOR: each
    month by the rate fixed for it, ours or the donor's. FIFO: as tranches were received, the oldest
    spent first.
    """

    CLOSING = "CLOSING"
    AVERAGE = "AVERAGE"
    MONTH = "MONTH"
    DONOR = "DONOR"
    FIFO = "FIFO"


BY_MONTH = frozenset({ConvertBy.MONTH, ConvertBy.DONOR})


@dataclass(frozen=True, slots=True)
class RateUsed:
    """A rate as it was applied: what one main unit of `source` was worth in `target`.

    days: of which day, or how many rates a mean is of. known: the number between main units.
    """

    source: str
    target: str
    since: date
    on: date
    known: Fraction
    rate_date: date
    of: int
    told_by: str

    def units(self, units: int, digits: int, target_digits: int) -> Fraction:
        """The amount in the target's smallest units, exact."""
        return units * self.known * Fraction(10**target_digits, 10**digits)


def rate_of(numerator: int, *, inverse: bool) -> Fraction:
    """A stored rate as an exact number between main units."""
    found = Fraction(numerator, RATE_ONE)
    return 1 / found if inverse else found


@dataclass(frozen=True, slots=True)
class Tranche:
    """Money received: what it was in the donor's currency, what in the book's."""

    on: date
    donor_units: int
    base_units: int


@dataclass(frozen=True, slots=True)
class Spent:
    """An amount spent: in the book's currency, and in the donor's where it was paid in it."""

    base_units: int
    donor_units: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one amount spent is in the donor's currency, and how much of it no tranche covers."""

    donor_units: int
    uncovered_base: int


Edges = Sequence[tuple[Fraction, Fraction]]
"""Sums of tranches: what was received so far in the book's currency, and in the donor's."""


def first_in_first_out(tranches: Sequence[Tranche], spent: Sequence[Spent]) -> list[Drawn]:
    """Tell each amount spent, in order, in the donor's currency: the oldest money first.

    What was paid in the donor's currency is told as it is, and draws on the same tranches. Rounded
    so that tranches used up give exactly what was received. A negative amount gives money back
    where it was last drawn. What goes beyond all tranches is uncovered, not guessed.
    """
    edges: list[tuple[Fraction, Fraction]] = [(Fraction(0), Fraction(0))]
    for tranche in sorted(tranches, key=lambda item: item.on):
        base, donor = edges[-1]
        edges.append((base + tranche.base_units, donor + tranche.donor_units))
    received = edges[-1][0]
    drawn: list[Drawn] = []
    at = Fraction(0)
    for item in spent:
        before = at
        if item.donor_units is None:
            at = before + item.base_units
            told = round_to(_across(edges, at)) - round_to(_across(edges, before))
        else:
            turned = [(donor, base) for base, donor in edges]
            donor_at = _across(edges, before) + item.donor_units
            at = _across(turned, donor_at) + max(Fraction(0), donor_at - edges[-1][1])
            told = item.donor_units
        over = max(Fraction(0), at - received) - max(Fraction(0), before - received)
        drawn.append(Drawn(told, round_to(over)))
    return drawn


def _across(edges: Edges, at: Fraction) -> Fraction:
    """The second sum where the first one stands at a point; beyond the last, the last."""
    for (start, told), (end, following) in pairwise(edges):
        if at <= end and end > start:
            return told + (following - told) * (at - start) / (end - start)
    return edges[-1][1]
