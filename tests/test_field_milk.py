"""The phone prices a can of milk as the office does: the same charts and cans, drawn at random,
give the same amounts, and the tests that the phone asks for are enough."""

import random
from typing import Any

from handup.groups.rules.milk import NoPrice, NotMeasured, price_can
from handup.groups.rules.rate_chart import can_of, chart_from, checked
from tests import field_program

CASES = 600
TESTS = {"fat_bps": 1500, "clr_x100": 6000, "snf_bps": 2000, "temp_c10": 450}


def drawn_chart(draw: random.Random) -> dict[str, Any]:
    """One chart of any kind, with or without constants and premiums."""
    terms: dict[str, Any] = {
        "pricing": draw.choice(["PER_LITRE", "FAT_POINTS", "TWO_AXIS", "GRID"]),
        "per_litre_x100": draw.randrange(10**5),
        "per_fat_point_x100": draw.randrange(10**4),
        "fat_per_kg_x100": draw.randrange(10**6),
        "snf_per_kg_x100": draw.randrange(10**6),
        "kg_per_litre_x10000": draw.randrange(9_800, 10_800),
        "grid": [
            {"fat_bps": fat, "snf_bps": snf, "per_litre_x100": draw.randrange(10**5)}
            for fat in draw.sample(range(0, 700, 50), 3)
            for snf in draw.sample(range(0, 1000, 50), 2)
        ],
    }
    if draw.random() < 0.5:
        terms |= {"snf_lactometer_x10000": 2_500, "snf_fat_x10000": 2_200}
        terms["snf_constant_x10000"] = draw.choice([0, 7_200])
    if draw.random() < 0.6:
        terms["premiums"] = [
            {"of": of, "bound": bound, "per_litre_x100": draw.randrange(-3_000, 3_000)}
            for of in draw.sample(["FAT", "SNF", "COLD"], draw.randrange(1, 4))
            for bound in draw.sample(range(0, 900, 20), 2)
        ]
    return checked(terms)


def drawn_can(draw: random.Random) -> dict[str, Any]:
    """One can, with the tests somebody made."""
    can: dict[str, Any] = {
        "volume_ml": draw.choice([1, 333, 5_000, draw.randrange(1, 10**8)]),
        "passed": draw.random() < 0.85,
    }
    return can | {
        name: draw.randrange(most + 1) for name, most in TESTS.items() if draw.random() < 0.8
    }


def of_the_office(terms: dict[str, Any], can: dict[str, Any]) -> str:
    told = can_of(
        volume_ml=can["volume_ml"],
        passed=can["passed"],
        fat_bps=can.get("fat_bps"),
        clr_x100=can.get("clr_x100"),
        snf_bps=can.get("snf_bps"),
        temp_c10=can.get("temp_c10"),
    )
    try:
        return str(price_can(told, chart_from(terms)).amount)
    except NotMeasured:
        return "NOT_MEASURED"
    except NoPrice:
        return "NO_PRICE"


def test_drawn_cans_are_paid_the_same_on_the_phone() -> None:
    draw = random.Random(20261128)
    told = [{"terms": drawn_chart(draw), "can": drawn_can(draw)} for _case in range(CASES)]
    answers = field_program.answers("milk", told)
    expected = [of_the_office(case["terms"], case["can"]) for case in told]
    assert [answer.get("amount", answer.get("refused")) for answer in answers] == expected
    assert {"NOT_MEASURED", "NO_PRICE"} <= set(expected)
    assert sum(text.isdecimal() and text != "0" for text in expected) > CASES // 4
    for case, answer in zip(told, answers, strict=True):
        whole = dict.fromkeys(answer["tests"], 300) | {"volume_ml": 1_000, "passed": True}
        assert of_the_office(case["terms"], whole) != "NOT_MEASURED"
