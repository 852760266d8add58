"""Prices told at a market: the price of several quotes, when it is doubted, what it is worth in
money of another month.

Source: projects_and_markets.md 4.5. Prices are exact smallest units of one currency for one base
unit (kg, l, piece).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

MILLI = 1_000


class Flag(StrEnum):
    """Why a price is doubted."""

    JUMP = "JUMP"
    FEW_QUOTES = "FEW_QUOTES"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"


@dataclass(frozen=True, slots=True)
class Limits:
    """From where a price is doubted; how many before it it is held against; when it is old."""

    ln_milli: int = 300
    least_quotes: int = 3
    look_back: int = 4
    old_days: int = 30


def median(values: Sequence[Fraction]) -> Fraction | None:
    """The middle one, or halfway between the two in the middle; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def price_of(quotes: Sequence[int], unit_milli: int | None) -> Fraction | None:
    """The median of quotes for one unit that holds `unit_milli` thousandths of a base unit, per
    base unit; None where nobody knows how much it holds.
    """
    if unit_milli is None:
        return None
    return median([Fraction(quote * MILLI, unit_milli) for quote in quotes])


def deviation(price: Fraction, before: Sequence[Fraction]) -> float | None:
    """ln(price / median of those before it); None without any, or of nothing."""
    usual = median(before)
    if usual is None or usual <= 0 or price <= 0:
        return None
    return math.log(price / usual)


def doubts(
    price: Fraction | None, quotes: int, before: Sequence[Fraction], limits: Limits
) -> tuple[Flag, ...]:
    """Every reason to doubt a price; `before` are the ones before it, the newest first."""
    found = []
    if price is not None:
        moved = deviation(price, before[: limits.look_back])
        if moved is not None and abs(moved) * MILLI > limits.ln_milli:
            found.append(Flag.JUMP)
    if quotes < limits.least_quotes:
        found.append(Flag.FEW_QUOTES)
    if price is None:
        found.append(Flag.UNKNOWN_UNIT)
    return tuple(found)


def is_old(observed: date, on: date, limits: Limits) -> bool:
    """Whether a price is too old to be used on a day."""
    return (on - observed).days > limits.old_days


def real_price(price: Fraction, index: int, base: int) -> Fraction:
    """The price in money of the month whose consumer price index is `base`."""
    return price * Fraction(base, index)
