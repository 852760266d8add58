"""What stands behind a loan: who is called for how much, and what the collateral covers
(lending.md 4.3).

A shortfall is called of guarantors in their order or pro rata to their caps, of the members of a
joint group by what each still owes. Nobody is ever called for more than her cap; what no cap
reaches stays uncalled and is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from handup.kernel.money import WHOLE_BPS, Split, divide, split

K = TypeVar("K")

CALL_DAYS = 30
"""Days late from which the others may be called (4.3, unverified: a joint group may differ)."""
STOP_DAYS = 30
"""More days late than this of one member stop new loans of the joint group (4.3, unverified)."""


class CallOrder(StrEnum):
    """How several guarantors of one loan are called."""

    IN_ORDER = "IN_ORDER"
    PRO_RATA = "PRO_RATA"


class CollateralKind(StrEnum):
    """What is pledged."""

    LAND = "LAND"
    BUILDING = "BUILDING"
    VEHICLE = "VEHICLE"
    MACHINE = "MACHINE"
    LIVESTOCK = "LIVESTOCK"
    STOCK = "STOCK"
    DEPOSIT = "DEPOSIT"
    OTHER = "OTHER"


class TieKind(StrEnum):
    """Why somebody of ours keeps out of an application."""

    RELATIVE = "RELATIVE"
    CO_BORROWER = "CO_BORROWER"
    GUARANTOR = "GUARANTOR"
    BUSINESS = "BUSINESS"


@dataclass(frozen=True, slots=True)
class Party(Generic[K]):
    """Somebody who may be called. left_units: what remains of her cap after earlier calls, None
    when she has no cap; owes_units: what she owes herself, for members of a joint group.
    """

    key: K
    left_units: int | None
    owes_units: int = 0


@dataclass(frozen=True, slots=True)
class Called(Generic[K]):
    """How a shortfall is shared out; parts of zero are left out. Σ parts + uncalled = shortfall."""

    parts: tuple[tuple[K, int], ...]
    uncalled_units: int


def cap_units(cap: int | None, share_bps: int | None, lent_units: int) -> int:
    """The most a guarantor answers for: her cap, or her share of the amount lent, rounded down."""
    if cap is not None:
        return cap
    return lent_units * (share_bps or 0) // WHOLE_BPS


def call_guarantors(
    shortfall: int, parties: Sequence[Party[K]], order: CallOrder = CallOrder.IN_ORDER
) -> Called[K]:
    """Share a shortfall among guarantors, given in their order; each has a cap."""
    left = [party.left_units or 0 for party in parties]
    if order is CallOrder.IN_ORDER:
        parts, rest = [], shortfall
        for most in left:
            parts.append(min(max(most, 0), rest))
            rest -= parts[-1]
        return _called(parties, parts, rest)
    return call_by_weight(shortfall, parties, left)


def call_members(shortfall: int, parties: Sequence[Party[K]]) -> Called[K]:
    """Share a shortfall among the members of a joint group by what each owes, never above a cap.

    What a cap cuts off is shared anew among the others.
    """
    return call_by_weight(shortfall, parties, [party.owes_units for party in parties])


def call_by_weight(
    shortfall: int, parties: Sequence[Party[K]], weights: Sequence[int]
) -> Called[K]:
    """Split by weight; who reaches her cap stays there and the others share the rest."""
    parts = [0] * len(parties)
    open_places = [place for place, weight in enumerate(weights) if weight > 0]
    rest = shortfall
    while rest and open_places:
        shared: Split = split(rest, [weights[place] for place in open_places])
        still = []
        for place, units in zip(open_places, shared.parts, strict=True):
            most = parties[place].left_units
            room = units if most is None else min(units, max(most, 0) - parts[place])
            parts[place] += room
            rest -= room
            if room == units:
                still.append(place)
        if len(still) == len(open_places):
            break
        open_places = still
    return _called(parties, parts, rest)


def _called(parties: Sequence[Party[K]], parts: Sequence[int], rest: int) -> Called[K]:
    pairs = zip(parties, parts, strict=True)
    return Called(tuple((party.key, units) for party, units in pairs if units), rest)


def covered_units(value: int, haircut_bps: int) -> int:
    """What a pledge counts for: its value less the haircut, rounded down."""
    return value * (WHOLE_BPS - haircut_bps) // WHOLE_BPS


def cover_ppm(covered: int, balance: int) -> int | None:
    """Σ value x (1 - haircut) ÷ balance in parts per million; None when nothing is owed."""
    return divide(covered * 1_000_000, balance) if balance > 0 else None
