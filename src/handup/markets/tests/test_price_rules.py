"""The price of several quotes and when it is doubted: the worked table of the specification."""

from datetime import date
from fractions import Fraction

import pytest

from handup.markets.rules.prices import (
    Flag,
    Limits,
    deviation,
    doubts,
    is_old,
    median,
    price_of,
    real_price,
)

BEFORE = [Fraction(price) for price in (610, 640, 620, 600)]


@pytest.mark.parametrize(
    ("price", "ln", "flags"),
    [(800, 0.263, ()), (900, 0.381, (Flag.JUMP,)), (455, -0.301, (Flag.JUMP,))],
)
def test_a_price_far_from_the_four_before_it_is_doubted(
    price: int, ln: float, flags: tuple[Flag, ...]
) -> None:
    """projects_and_markets.md 8: 600, 620, 640, 610 then 800 passes and 900 is flagged."""
    moved = deviation(Fraction(price), BEFORE)
    assert moved is not None
    assert round(moved, 3) == ln
    assert doubts(Fraction(price), 3, BEFORE, Limits()) == flags


def test_only_the_newest_four_count() -> None:
    older = [*BEFORE, *[Fraction(5_000)] * 9]
    assert doubts(Fraction(620), 3, older, Limits()) == ()
    assert doubts(Fraction(620), 3, older, Limits(look_back=13)) == (Flag.JUMP,)


def test_every_reason_to_doubt_is_told() -> None:
    assert doubts(None, 2, BEFORE, Limits()) == (Flag.FEW_QUOTES, Flag.UNKNOWN_UNIT)
    assert doubts(Fraction(900), 1, BEFORE, Limits()) == (Flag.JUMP, Flag.FEW_QUOTES)
    assert doubts(Fraction(9), 1, [], Limits(least_quotes=1)) == ()
    assert doubts(Fraction(900), 3, BEFORE, Limits(ln_milli=400)) == ()


def test_quotes_in_a_known_unit_become_a_price_per_base_unit() -> None:
    assert price_of([12_000, 13_000, 15_000], 20_000) == 650
    assert price_of([600, 700], 1_000) == 650
    assert price_of([600], None) is None
    assert price_of([], 1_000) is None
    assert median([]) is None


def test_a_price_is_old_after_thirty_days_and_real_in_money_of_the_base() -> None:
    assert not is_old(date(2026, 3, 1), date(2026, 3, 31), Limits())
    assert is_old(date(2026, 3, 1), date(2026, 4, 1), Limits())
    assert real_price(Fraction(600), 100_000, 110_000) == 660
