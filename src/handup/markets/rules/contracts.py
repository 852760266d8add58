"""Contracts between producers and a buyer: deductions, what was kept of them, the price that
follows a market, and the points to look at before anybody signs.

Source: projects_and_markets.md 4.6; the checklist of the FAO/UNIDROIT/IFAD legal guide on contract
farming. Amounts are smallest units of one currency, quantities whole base units.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from handup.kernel.money import percent, ratio, round_to

BPS = 10_000
MORE_THAN_AGREED = Fraction(110, 100)


class ContractState(StrEnum):
    """Where a contract stands."""

    OFFER = "OFFER"
    CHECKED = "CHECKED"
    SIGNED = "SIGNED"
    RUNNING = "RUNNING"
    FULFILLED = "FULFILLED"
    ENDED = "ENDED"
    IN_DISPUTE = "IN_DISPUTE"


MOVES: Mapping[ContractState, frozenset[ContractState]] = {
    ContractState.OFFER: frozenset({ContractState.ENDED}),
    ContractState.CHECKED: frozenset({ContractState.ENDED}),
    ContractState.SIGNED: frozenset({ContractState.ENDED, ContractState.IN_DISPUTE}),
    ContractState.RUNNING: frozenset(
        {ContractState.FULFILLED, ContractState.ENDED, ContractState.IN_DISPUTE}
    ),
    ContractState.IN_DISPUTE: frozenset(
        {ContractState.RUNNING, ContractState.FULFILLED, ContractState.ENDED}
    ),
    ContractState.FULFILLED: frozenset(),
    ContractState.ENDED: frozenset(),
}
TAKES_GOODS = frozenset({ContractState.SIGNED, ContractState.RUNNING, ContractState.IN_DISPUTE})


class Point(StrEnum):
    """What is looked at before a contract is signed, in its order."""

    PARTIES = "PARTIES"
    PURPOSE = "PURPOSE"
    PLACE = "PLACE"
    TIME = "TIME"
    QUANTITY = "QUANTITY"
    QUALITY = "QUALITY"
    INSPECTION = "INSPECTION"
    PRICE = "PRICE"
    PAYMENT = "PAYMENT"
    INPUTS = "INPUTS"
    DELIVERY = "DELIVERY"
    EXCUSES = "EXCUSES"
    BREACH = "BREACH"
    DISPUTE = "DISPUTE"
    SIGNING = "SIGNING"


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a point is clear in the contract; a "no" says why."""

    clear: bool
    note: str = ""


def unanswered(answers: Mapping[str, Answer]) -> tuple[Point, ...]:
    """The points that are not answered, or answered "no" without a note."""
    return tuple(
        point
        for point in Point
        if point.value not in answers
        or not (answers[point.value].clear or answers[point.value].note.strip())
    )


@dataclass(frozen=True, slots=True)
class Delivered:
    """One delivery: goods, price of its grade, when it was due and paid."""

    delivered: int
    rejected: int
    price_units: int
    pay_due: date | None = None
    paid: date | None = None

    @property
    def accepted(self) -> int:
        """What the buyer took."""
        return self.delivered - self.rejected

    @property
    def value(self) -> int:
        """What the goods are worth."""
        return self.accepted * self.price_units


def deduction(value_units: int, advance_left: int, cap_bps: int) -> int:
    """What is kept back of a delivery for an advance: never more than is left of it, nor than the
    agreed part of the value.
    """
    return min(advance_left, round_to(Fraction(value_units * cap_bps, BPS)))


@dataclass(frozen=True, slots=True)
class Kept:
    """How a contract was kept; None where there is nothing to divide by."""

    contracted: int
    delivered: int
    rejected: int
    accepted: int
    value_units: int

    @property
    def fulfilment_percent(self) -> Fraction | None:
        """Accepted of contracted."""
        return percent(self.accepted, self.contracted)

    @property
    def rejection_percent(self) -> Fraction | None:
        """Rejected of delivered."""
        return percent(self.rejected, self.delivered)

    @property
    def average_price(self) -> Fraction | None:
        """Value of accepted goods for one base unit."""
        return ratio(self.value_units, self.accepted)

    def captured_percent(self, reference: Fraction | None) -> Fraction | None:
        """The average price in percent of a reference price."""
        average = self.average_price
        return None if average is None or not reference else percent(average, reference)


def kept(contracted: int, deliveries: Sequence[Delivered]) -> Kept:
    """Add up the deliveries of a contract."""
    return Kept(
        contracted,
        sum(row.delivered for row in deliveries),
        sum(row.rejected for row in deliveries),
        sum(row.accepted for row in deliveries),
        sum(row.value for row in deliveries),
    )


def payment_delay(deliveries: Sequence[Delivered]) -> Fraction | None:
    """Days between due and paid, weighted by value; below zero: paid early. None when none is
    paid.
    """
    paid = [
        ((row.paid - row.pay_due).days, row.value)
        for row in deliveries
        if row.paid is not None and row.pay_due is not None and row.value > 0
    ]
    weight = sum(value for _days, value in paid)
    return Fraction(sum(days * value for days, value in paid), weight) if weight else None


def linked_price(
    market: Fraction, premium_units: int, floor_units: int | None, ceiling_units: int | None
) -> int:
    """A price that follows a market: its price and a premium, between floor and ceiling; however
    far the market falls, nobody pays for handing goods over.
    """
    price = max(0, round_to(market + premium_units))
    if floor_units is not None:
        price = max(price, floor_units)
    return price if ceiling_units is None else min(price, ceiling_units)


def is_too_much(contracted: int, before: int, delivered: int) -> bool:
    """Whether a delivery takes a contract over 110 % of what was agreed."""
    return before + delivered > contracted * MORE_THAN_AGREED


def normal_slip(number: str) -> str:
    """The number of a paper slip as it is compared: capitals, digits and spaces as one writes
    them.
    """
    return "".join(unicodedata.normalize("NFKC", number).split()).casefold()
