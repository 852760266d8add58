"""Produce sold to a buyer, raw or processed: what it comes to, what it cost, how much of what went
in came out (groups_cooperatives.md K10, processing of groups). Pure.

Quantities are thousandths of a unit: millilitres of litres, grams of kilos.
"""

from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.money import round_to

MILLI = 1000


def amount_of(quantity_milli: int, price_x100: int) -> int:
    """What a quantity comes to at a price in hundredths of the smallest unit of money for a whole
    unit, rounded half up once."""
    return round_to(Fraction(quantity_milli * price_x100, MILLI * 100))


@dataclass(frozen=True, slots=True)
class Batch:
    """What went into a batch and came out: quantities, and all it cost in smallest units."""

    input_milli: int
    output_milli: int
    cost_units: int

    @property
    def yield_share(self) -> Fraction:
        """How much came out for one of what went in."""
        return Fraction(self.output_milli, self.input_milli)

    @property
    def cost_each(self) -> Fraction:
        """What a whole unit of the product cost, in smallest units, exact."""
        return Fraction(self.cost_units * MILLI, self.output_milli)

    def margin_each(self, sold_milli: int, sold_units: int) -> Fraction | None:
        """What a unit sold brought more than it cost; None where nothing is sold yet."""
        if not sold_milli:
            return None
        return Fraction(sold_units * MILLI, sold_milli) - self.cost_each


def cost_of_part(left_units: int, left_milli: int, milli: int) -> int:
    """The cost of a part of what is in store, half up; what takes the last takes all the cost that
    is left, so that the parts sum to the whole."""
    if milli == left_milli:
        return left_units
    return min(left_units, round_to(Fraction(left_units * milli, left_milli)))
