"""Buying together: what one unit costs landed, what each member gets and is charged
(groups_cooperatives.md K8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from handup.kernel.errors import Refusal
from handup.kernel.money import split


class NothingReceived(Refusal):
    """Nothing was received, so nothing can be handed out. Cancel the order instead."""


class NothingOrdered(Refusal):
    """Nobody ordered anything."""


@dataclass(frozen=True, slots=True)
class Handed:
    """One member: what she ordered and gets, and what she is charged in smallest units."""

    ordered: int
    received: int
    charge: int

    @property
    def missing(self) -> int:
        """What she ordered and does not get."""
        return self.ordered - self.received


@dataclass(frozen=True, slots=True)
class HandedOut:
    """A delivery divided. What nobody ordered goes to the store at the same landed cost; leftover
    is what no coin divides, and the group bears it."""

    members: tuple[Handed, ...]
    total: int
    received: int
    stock: int
    stock_units: int
    leftover: int

    @property
    def landed(self) -> Fraction:
        """What one unit costs with its freight, exact."""
        return Fraction(self.total, self.received)


def landed_cost(price: int, freight: int, quantity: int) -> Fraction | None:
    """What one unit costs with its part of the freight, exact; None where there is nothing."""
    return Fraction(price * quantity + freight, quantity) if quantity else None


def hand_out(
    ordered: Sequence[int], received: int, *, price: int, freight: int, cash_unit: int
) -> HandedOut:
    """Divide what was received among those who ordered, in the order of their numbers, and charge
    each for what she gets: charge = split(price x received + freight, received of each, coin).

    A short delivery is split by what was ordered; goods beyond the orders go to the store, never to
    a member unasked. Raises NothingReceived, NothingOrdered.
    """
    if received < 1:
        raise NothingReceived(field="quantity")
    if not sum(ordered):
        raise NothingOrdered
    to_members = min(received, sum(ordered))
    given = split(to_members, ordered).parts
    stock = received - to_members
    total = price * received + freight
    charged = split(total, [*given, stock], cash_unit)
    members = tuple(
        Handed(asked, got, charge)
        for asked, got, charge in zip(ordered, given, charged.parts, strict=False)
    )
    return HandedOut(members, total, received, stock, charged.parts[-1], charged.leftover)
