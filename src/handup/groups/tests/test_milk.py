"""A milk producer's payslip: quality first, one rounding a can, and something to take home."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.milk import (
    Can,
    NoPrice,
    NotMeasured,
    Pricing,
    RateChart,
    Taken,
    check_gate,
    make_payslip,
    price_can,
    snf_of,
)

LITRE = RateChart(Pricing.PER_LITRE, per_litre=Fraction(400))


def constants(a: str, b: str, c: str) -> RateChart:
    return RateChart(
        Pricing.TWO_AXIS, snf_lactometer=Fraction(a), snf_fat=Fraction(b), snf_constant=Fraction(c)
    )


def test_solids_depend_on_the_constants_of_the_chart() -> None:
    can = Can(Fraction(10), True, fat=Fraction(4), lactometer=Fraction(28))
    sets = [("0.25", "0.25", "0.44"), ("0.25", "0.21", "0.36"), ("0.25", "0.22", "0.72")]
    found = [snf_of(can, constants(*one)) for one in sets]
    assert found == [Fraction("8.44"), Fraction("8.20"), Fraction("8.60")]
    measured = Can(Fraction(10), True, snf=Fraction(9))
    assert snf_of(measured, constants(*sets[0])) == 9
    assert snf_of(Can(Fraction(10), True, fat=Fraction(4)), constants(*sets[0])) is None


def test_a_rejected_can_pays_nothing_and_half_units_round_up_once() -> None:
    chart = RateChart(Pricing.PER_LITRE, per_litre=Fraction("12.25"))
    assert price_can(Can(Fraction(2), False), chart).amount == 0
    assert [price_can(Can(Fraction(n), True), chart).amount for n in (2, 6, 10)] == [25, 74, 123]


def test_fat_and_solids_are_paid_by_weight() -> None:
    chart = RateChart(
        Pricing.TWO_AXIS,
        fat_per_kg=Fraction(555),
        snf_per_kg=Fraction(370),
        kg_per_litre=Fraction("1.031"),
    )
    can = Can(Fraction("22.75"), True, fat=Fraction("5.2"), snf=Fraction("8.9"))
    assert price_can(can, chart).amount == 1_449


def test_what_the_price_needs_must_be_measured_and_priced() -> None:
    points = RateChart(Pricing.FAT_POINTS, per_fat_point=Fraction(70))
    with pytest.raises(NotMeasured) as refused:
        price_can(Can(Fraction(10), True), points)
    assert refused.value.places == {"what": "fat"}
    assert price_can(Can(Fraction(10), False), points).amount == 0
    with pytest.raises(NoPrice):
        price_can(Can(Fraction(10), True), RateChart(Pricing.PER_LITRE))


def test_the_floor_of_the_document_leaves_19200() -> None:
    slip = make_payslip(
        [Can(Fraction(120), True)], LITRE, deductions=[30_000, 25_000], take_home=Fraction(4, 10)
    )
    assert (slip.gross, slip.net) == (48_000, 19_200)
    assert slip.deductions == (Taken(28_800, 1_200), Taken(0, 25_000))


def test_the_gate_counts_rejected_cans_and_is_exact_at_the_limit() -> None:
    cans = [Can(Fraction(30), True), Can(Fraction(20), False)]
    assert check_gate(cans, Fraction(51), Fraction(2)).is_within
    assert not check_gate(cans, Fraction("51.001"), Fraction(2)).is_within
    assert check_gate(cans, Fraction(49), Fraction(2)).percent == -2
    nothing = check_gate([], Fraction(1), Fraction(2))
    assert (nothing.percent, nothing.is_within) == (None, False)


@given(
    litres=st.lists(st.fractions(0, 500, max_denominator=100), max_size=6),
    deductions=st.lists(st.integers(0, 10**6), max_size=5),
    floor=st.fractions(0, 1, max_denominator=100),
)
def test_nothing_deducted_is_lost_and_the_floor_holds(
    litres: list[Fraction], deductions: list[int], floor: Fraction
) -> None:
    cans = [Can(amount, True) for amount in litres]
    slip = make_payslip(cans, LITRE, deductions=deductions, take_home=floor)
    assert slip.gross >= slip.net >= slip.gross * floor - Fraction(1, 2)
    for due, line in zip(deductions, slip.deductions, strict=True):
        assert line.taken + line.carried == due
        assert line.taken >= 0
