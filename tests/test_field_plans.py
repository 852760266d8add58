"""The phone works a plan out as the office does: the same plans, drawn at random, give the same
figures.
"""

import json
import random
from typing import Any

from handup.kernel.credit.codes import Method, Repayment
from handup.kernel.errors import Refusal
from handup.plans.freezing import results_of
from handup.plans.rules.evaluate import ENGINE_VERSION, evaluate
from handup.plans.rules.household import MonthConvention, Section, SheetLine, Span
from handup.plans.rules.inputs import (
    CostIn,
    CostKind,
    DrawingsFrom,
    Finance,
    Investment,
    OwnWhatIf,
    PlanInputs,
    ProductIn,
    Source,
    as_json,
)
from handup.plans.rules.told import differing
from tests import field_program

PLANS = 150
OF_THE_OFFICE = ("loan_cost_month_percent", "loan_cost_year_percent")


def drawn(seed: int) -> PlanInputs:
    """One plan, with seasons, credit, grace, things bought and what-ifs of her own."""
    draw = random.Random(seed)
    months = draw.choice([6, 12, 13, 24])
    large = draw.choice([1, 1, 1, 10**9])

    def units(most: int) -> int:
        return draw.randrange(most) * large

    sheet = tuple(
        SheetLine(draw.choice(list(Section)), draw.choice(list(Span)), units(90_000))
        for _line in range(draw.choice([0, 4, 12]))
    )
    costs = tuple(
        CostIn(f"line {place}", kind, tuple(units(20_000) for _month in range(months)))
        for place, kind in enumerate(draw.sample(list(CostKind), 3))
    )
    things = tuple(
        Investment(
            f"thing {place}",
            draw.randrange(4),
            units(200_000),
            draw.choice(list(Source)),
            draw.choice([0, 24, 60]),
        )
        for place in range(draw.randrange(4))
    )
    return PlanInputs(
        currency="XTS",
        digits=2,
        months=months,
        own_cash_units=units(300_000),
        grant_units=units(100_000),
        opening_stock_units=units(50_000),
        buffer_units=draw.choice([0, 5_000]),
        capital_units=units(500_000),
        liabilities_units=units(200_000),
        convention=draw.choice(list(MonthConvention)),
        miscellaneous_bps=draw.choice([0, 1_000, 1_333]),
        capacity_bps=draw.choice([2_000, 3_500, 5_000]),
        drawings_from=draw.choice(list(DrawingsFrom)),
        season_bps=draw.choice([(), tuple(draw.randrange(5_000, 15_000) for _ in range(months))]),
        sheet=sheet,
        investments=things,
        products=_products(draw, months, large),
        costs=costs,
        finance=_finance(draw, months, large),
        scenarios=(OwnWhatIf("flood", 5_000, 9_000, 12_000, draw.randrange(3), draw.randrange(4)),),
    )


def _products(draw: random.Random, months: int, large: int) -> tuple[ProductIn, ...]:
    return tuple(
        ProductIn(
            f"product {place}",
            draw.randrange(9_000) * large,
            draw.randrange(4_000) * large,
            draw.randrange(900) * large,
            tuple(draw.randrange(90_000) for _month in range(months)),
            draw.choice([0, 0, 2_500, 10_000]),
            draw.choice([1, 1, 2, 3]),
            draw.choice([0, 700]),
        )
        for place in range(draw.choice([0, 1, 3]))
    )


def _finance(draw: random.Random, months: int, large: int) -> Finance | None:
    if not draw.randrange(6):
        return None
    instalments = draw.randrange(3, months + 1)
    multiple = draw.choice([1, 100, 10_000])
    return Finance(
        loan_units=draw.randrange(20) * 10_000 * large,
        rate_bps=draw.choice([0, 150, 233, 500]),
        instalments=instalments,
        grace_instalments=draw.randrange(min(3, instalments)),
        method=draw.choice([Method.DECLINING, Method.DECLINING, Method.FLAT]),
        repayment=draw.choice(
            [Repayment.EQUAL_INSTALMENTS, Repayment.EQUAL_PRINCIPAL, Repayment.BULLET]
        ),
        fee_withheld_units=draw.choice([0, 2_000]),
        multiple_units=multiple * large,
        least_units=draw.choice([0, 30_000]) * large,
        most_units=draw.choice([0, 900_000]) * large,
        most_grace=draw.randrange(5),
        instalment_unit=draw.choice([1, 1, 100]),
    )


def here(inputs: PlanInputs) -> dict[str, Any]:
    """What the office makes of it, without what only the office works out."""
    try:
        results = json.loads(json.dumps(results_of(evaluate(inputs))))
    except Refusal as refusal:
        return {"error": refusal.code}
    return {name: value for name, value in results.items() if name not in OF_THE_OFFICE}


def test_drawn_plans_come_to_the_same_on_the_phone() -> None:
    plans = [drawn(seed) for seed in range(PLANS)]
    theirs = field_program.answers("plans", [as_json(inputs) for inputs in plans])
    worked = 0
    for inputs, told in zip(plans, theirs, strict=True):
        ours, there = here(inputs), told.get("results", told)
        for name in {*ours, *there}:
            assert there.get(name) == ours.get(name), (name, inputs)
        if "error" not in ours:
            assert told["engine"] == ENGINE_VERSION
            assert not differing(told["figures"], ours)
            worked += 1
    assert worked > PLANS // 2
    found = [told["results"] for told in theirs if "results" in told]
    for name in ("smallest_loan", "shortest_grace", "irr_percent"):  # the drawing reaches each
        assert sum(plan[name] is not None for plan in found) > 5, name
