"""Rounding and division of money: nothing is lost, nothing is made."""

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel import money
from handup.kernel.money import Rounding, RoundingMode

weights = st.lists(
    st.fractions(min_value=0, max_value=10_000, max_denominator=1000), min_size=1, max_size=20
)


@given(total=st.integers(0, 10**15), weights=weights, unit=st.integers(1, 5000))
def test_parts_and_leftover_of_a_split_are_the_whole(
    total: int, weights: list[Fraction], unit: int
) -> None:
    if not any(weights):
        with pytest.raises(money.NoWeight):
            money.split(total, weights, unit)
        return
    result = money.split(total, weights, unit)
    assert sum(result.parts) + result.leftover == total
    assert 0 <= result.leftover < unit
    assert all(part % unit == 0 for part in result.parts)
    divisible = total - result.leftover
    for part, weight in zip(result.parts, weights, strict=True):
        exact = divisible * weight / sum(weights)
        assert abs(part - exact) < unit
        assert part == 0 or weight > 0


@given(total=st.integers(0, 10**12), weights=weights)
def test_more_weight_never_gives_less(total: int, weights: list[Fraction]) -> None:
    if not any(weights):
        return
    by_weight = sorted(
        zip(weights, money.split(total, weights).parts, strict=True), key=lambda pair: pair[0]
    )
    for (light, less), (heavy, more) in itertools.pairwise(by_weight):
        assert less <= more or light == heavy


def test_a_tie_goes_to_the_earlier_place() -> None:
    assert money.split(10, [1, 1, 1]).parts == (4, 3, 3)
    assert money.split(5, [1, 1]).parts == (3, 2)


def test_coins_too_small_to_pay_out_stay_over() -> None:
    result = money.split(1_234, [1, 2], unit=50)
    assert result.parts == (400, 800)
    assert result.leftover == 34


def test_a_split_is_refused_by_name() -> None:
    with pytest.raises(money.NegativeTotal) as refused:
        money.split(-1, [1])
    assert refused.value.code == "NEGATIVE_TOTAL"
    with pytest.raises(money.NegativeWeight):
        money.split(1, [1, -1])
    with pytest.raises(money.NoWeight):
        money.split(1, [])
    with pytest.raises(money.NegativeTotal):
        money.split(-1, [-1])


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (RoundingMode.HALF_UP, [-3, -2, -1, 1, 2, 3]),
        (RoundingMode.HALF_EVEN, [-2, -2, 0, 0, 2, 2]),
        (RoundingMode.CEILING, [-2, -1, 0, 1, 2, 3]),
        (RoundingMode.FLOOR, [-3, -2, -1, 0, 1, 2]),
    ],
)
def test_halves_go_where_the_mode_says(mode: RoundingMode, expected: list[int]) -> None:
    halves = [Fraction(n, 2) for n in (-5, -3, -1, 1, 3, 5)]
    assert [money.round_to(x, 1, mode) for x in halves] == expected
    assert [money.divide(x.numerator, 2, mode) for x in halves] == expected


def test_rounding_to_a_unit_counts_ties_in_units() -> None:
    assert money.round_to(Fraction(150), 100, RoundingMode.HALF_EVEN) == 200
    assert money.round_to(Fraction(250), 100, RoundingMode.HALF_EVEN) == 200
    assert money.round_to(250, 100) == 300
    assert money.round_ratio(1249, 5, Rounding(100, RoundingMode.CEILING)) == 300
    assert money.round_ratio(1249, 5, Rounding(1)) == 250


@given(
    x=st.fractions(min_value=-(10**9), max_value=10**9, max_denominator=10**6),
    unit=st.integers(1, 1000),
    mode=st.sampled_from(RoundingMode),
)
def test_a_rounded_figure_is_a_multiple_within_one_unit(
    x: Fraction, unit: int, mode: RoundingMode
) -> None:
    rounded = money.round_to(x, unit, mode)
    assert rounded % unit == 0
    assert abs(rounded - x) < unit
    assert money.round_ratio(x.numerator, x.denominator, Rounding(unit, mode)) == rounded


def test_a_rounding_unit_of_zero_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="rounding unit"):
        Rounding(0)


def test_a_ratio_without_denominator_is_not_defined() -> None:
    assert money.ratio(1, 0) is None
    assert money.percent(0, 0) is None
    assert money.percent(1, 3) == Fraction(100, 3)
    assert money.decimal_text_or_none(None, 2) is None
    assert money.decimal_text_or_none(money.percent(2, 3), 1) == "66.7"


def test_decimals_are_shown_half_up() -> None:
    assert money.decimal_text(Fraction(1, 8), 2) == "0.13"
    assert money.decimal_text(Fraction(-1, 8), 2) == "-0.13"
    assert money.decimal_text(Fraction(-1, 1000), 2) == "0.00"
    assert money.decimal_text(5, 0) == "5"
    assert money.amount_text(-1250, 2) == "-12.50"
    assert money.amount_text(5, 3) == "0.005"
    assert money.amount_text(1250, 0) == "1250"


def test_a_typed_amount_is_exact_or_refused() -> None:
    assert money.units_from_text(" 12.5 ", 2) == 1250
    assert money.units_from_text("-3", 0) == -3
    for wrong in ("12.505", "1e3", "", "1/2", "1,5", "1.2.3", "+-1"):
        with pytest.raises(ValueError, match=r".+"):
            money.units_from_text(wrong, 2)
