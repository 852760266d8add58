"""A rate chart for milk: the table, premiums, what is kept of it, and tests that cannot be."""

from fractions import Fraction
from typing import Any

import pytest

from handup.groups.rules.milk import (
    Can,
    GridStep,
    Measure,
    NoPrice,
    NotMeasured,
    Premium,
    Pricing,
    RateChart,
    price_can,
)
from handup.groups.rules.rate_chart import TestOutOfRange as OutOfRange
from handup.groups.rules.rate_chart import can_of, chart_from, checked
from handup.kernel.errors import Faults

AXES = {
    "pricing": "TWO_AXIS",
    "fat_per_kg_x100": 55_500,
    "snf_per_kg_x100": 37_000,
    "kg_per_litre_x10000": 10_310,
    "snf_lactometer_x10000": 2_500,
    "snf_fat_x10000": 2_100,
    "snf_constant_x10000": 3_600,
}


def test_a_table_pays_the_step_at_or_below() -> None:
    steps = [
        GridStep(Fraction(fat), Fraction(snf), Fraction(price))
        for fat, snf, price in (
            ("3.5", "8.0", 400),
            ("3.5", "8.5", 420),
            ("4.0", "8.0", 440),
        )
    ]
    chart = RateChart(Pricing.GRID, grid=tuple(steps))

    def paid(fat: str, snf: str) -> int:
        can = Can(Fraction(10), True, fat=Fraction(fat), snf=Fraction(snf))
        return price_can(can, chart).amount

    assert paid("3.5", "8.49") == 4_000
    assert paid("3.99", "9") == 4_200
    assert paid("4.0", "9") == 4_400, "the highest step of fat is reached first"
    for low in (("3.49", "9"), ("3.6", "7.99")):
        with pytest.raises(NoPrice):
            paid(*low)
    with pytest.raises(NotMeasured):
        price_can(Can(Fraction(10), True, fat=Fraction(4)), chart)


def test_premiums_count_the_furthest_bound_and_round_once() -> None:
    chart = RateChart(
        Pricing.PER_LITRE,
        per_litre=Fraction(400),
        premiums=(
            Premium(Measure.FAT, Fraction(4), Fraction(10)),
            Premium(Measure.FAT, Fraction("4.5"), Fraction("20.25")),
            Premium(Measure.COLD, Fraction(10), Fraction(5)),
            Premium(Measure.SNF, Fraction(0), Fraction(-3)),
        ),
    )

    def paid(**tests: str) -> int:
        told = {name: Fraction(value) for name, value in tests.items()}
        return price_can(Can(Fraction(2), True, **told), chart).amount

    assert paid() == 800, "what was not measured earns nothing"
    assert paid(fat="4.49") == 820
    assert paid(fat="4.5") == 841, "840.5 rounds half up once"
    assert paid(celsius="10") == 810
    assert paid(celsius="10.1") == 800
    assert paid(snf="8") == 794
    assert price_can(Can(Fraction(2), False, fat=Fraction(5)), chart).amount == 0


def test_a_chart_names_every_number_that_is_wrong() -> None:
    with pytest.raises(Faults) as refused:
        checked(
            {
                "pricing": "GRID",
                "grid": [
                    {"fat_bps": 350, "snf_bps": 800, "per_litre_x100": 1},
                    {"fat_bps": 350, "snf_bps": 800, "per_litre_x100": 2},
                ],
                "premiums": [{"of": "SUGAR", "bound": 1, "per_litre_x100": 1}],
                "per_litre_x100": -1,
                "snf_fat_x10000": 1,
                "colour": 1,
            }
        )
    told = {(fault.code, fault.place) for fault in refused.value.faults}
    assert told == {
        ("UNKNOWN_SETTING", "colour"),
        ("NO_PRICE", "snf_lactometer_x10000"),
        ("SETTING_OUT_OF_RANGE", "per_litre_x100"),
        ("STEP_TWICE", "grid"),
        ("SETTING_OUT_OF_RANGE", "premiums"),
    }
    for terms in ({}, {"pricing": "BY_COLOUR"}, {"pricing": "FAT_POINTS"}):
        with pytest.raises(Faults):
            checked(terms)
    kept = checked(AXES | {"premiums": [{"of": "COLD", "bound": 40, "per_litre_x100": 500}]})
    chart = chart_from(kept)
    assert (chart.kg_per_litre, chart.snf_constant) == (Fraction("1.031"), Fraction("0.36"))
    assert chart.premiums == (Premium(Measure.COLD, Fraction(4), Fraction(5)),)


@pytest.mark.parametrize(
    ("field", "value"),
    [("fat_bps", 1501), ("fat_bps", -1), ("temp_c10", 451), ("temp_c10", -51), ("volume_ml", 0)],
)
def test_a_test_outside_what_milk_can_be_is_refused(field: str, value: int) -> None:
    told: dict[str, Any] = dict.fromkeys(("fat_bps", "clr_x100", "snf_bps", "temp_c10"))
    told |= {"volume_ml": 1_000, "passed": True, field: value}
    with pytest.raises(OutOfRange) as refused:
        can_of(**told)
    assert refused.value.field == field


def test_the_dearest_chart_and_the_largest_can_stay_within_what_money_holds() -> None:
    largest = {name: 100_000 for name in AXES if name.endswith("_x10000")}
    dearest = {name: 10**12 for name in AXES if name.endswith("_x100")}
    chart = chart_from(checked(AXES | largest | dearest))
    can = can_of(
        volume_ml=10**8, passed=True, fat_bps=1500, clr_x100=6000, snf_bps=None, temp_c10=None
    )
    assert price_can(can, chart).amount < 2**63
    with pytest.raises(Faults):
        checked(AXES | {"kg_per_litre_x10000": 100_001})
