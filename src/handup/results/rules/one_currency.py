"""Amounts of several currencies in the one a programme reports in, each at the rate of its own day
(results.md 4.1). Each amount is rounded half up to the smallest unit before it is added, so that
lines still add up to the total.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Protocol

from handup.kernel.money import round_to
from handup.results.rules.engine import Conversion, FactRow, Rate, SumIn


class Known(Protocol):
    """A rate of the register."""

    @property
    def rate(self) -> Fraction:
        """Units of a currency for one of the report."""

    @property
    def rate_date(self) -> date:
        """Its day."""

    @property
    def source(self) -> str:
        """Where it was read."""


RateOn = Callable[[str, date], Known | None]
DigitsOf = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Converted:
    """Both sides in one currency, and what each was; rows without a rate stay as they are."""

    rows: tuple[FactRow, ...]
    base: tuple[FactRow, ...] | None
    told: Conversion


def currencies_of(rows: Iterable[FactRow]) -> set[str]:
    """The currencies amounts are in."""
    return {row.currency for row in rows if row.currency}


def in_one_currency(
    rows: Sequence[FactRow],
    base: Sequence[FactRow] | None,
    reporting: str,
    rate_on: RateOn,
    digits: DigitsOf,
) -> Converted:
    """Tell both sides of a figure in the currency of the report."""
    used: dict[tuple[str, date], Rate] = {}
    gaps: set[tuple[str, date]] = set()

    def turned(row: FactRow) -> FactRow:
        if row.currency in ("", reporting):
            return row
        known = rate_on(row.currency, row.on)
        if known is None:
            gaps.add((row.currency, row.on))
            return row
        used[row.currency, known.rate_date] = Rate(
            row.currency, known.rate_date, known.rate, known.source
        )
        scale = Fraction(10 ** digits(reporting), 10 ** digits(row.currency))
        units = round_to(Fraction(row.amount) * scale / known.rate)
        return replace(row, amount=units, currency=reporting)

    counted = tuple(turned(row) for row in rows)
    of = None if base is None else tuple(turned(row) for row in base)
    told = Conversion(
        currency=reporting,
        sums=_sums(rows, base),
        rates=tuple(used[key] for key in sorted(used)),
        gaps=tuple(sorted(gaps)),
        numerator=None if gaps else sum(row.amount for row in counted),
    )
    return Converted(counted, of, told)


def _sums(rows: Sequence[FactRow], base: Sequence[FactRow] | None) -> tuple[SumIn, ...]:
    tops, bottoms = Counter[str](), Counter[str]()
    for row in rows:
        tops[row.currency] += row.amount
    for row in base or ():
        bottoms[row.currency] += row.amount
    of_money = base is not None and all(row.currency for row in base)
    return tuple(
        SumIn(code, tops[code], bottoms[code] if of_money else None)
        for code in sorted(currencies_of((*rows, *(base or ()))))
    )
