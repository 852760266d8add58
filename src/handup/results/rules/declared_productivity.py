"""The indicators of productivity and of standing in the market (rulings C26; see `declared`)."""

from handup.results.rules.declaring import SUM, paired
from handup.results.rules.expressions import KNOWN_BY, Declared, Op, Rows, Test

A_CONTRACT, A_PLAN = ("contract", "contract"), ("plan", "plan")
STANDS = Test("replaced", Op.NOT_BY, KNOWN_BY)
"""Not corrected, or only after the instant up to which is known what is asked."""
PRODUCTIVITY = (
    Declared(
        "MED-PRD-01",
        Rows("work_month", (STANDS,), "plan", amount="value_units", opens=A_PLAN),
        Rows("work_month", (STANDS,), "plan", amount="worker_days", opens=A_PLAN),
        counted_as=SUM,
        money="currency",
        dimensions=("sex", "area1", "enterprise_sector"),
        method="VALUE_PER_DAY",
        over_one=True,
        base_is_money=False,
    ),
    Declared(
        "MED-PRD-02",
        Rows(
            "delivery",
            (Test("market_units", Op.OVER, 0),),
            "seller",
            amount="value_units",
            opens=A_CONTRACT,
        ),
        Rows(
            "delivery",
            (Test("market_units", Op.OVER, 0),),
            "seller",
            amount="market_units",
            opens=A_CONTRACT,
        ),
        counted_as=SUM,
        money="currency",
        dimensions=("area1", "commodity"),
        over_one=True,
    ),
    Declared(
        "MED-PRD-03",
        Rows("delivery", (), "seller", amount="value_units", opens=A_CONTRACT),
        Rows("delivery", (), "seller", amount="offered_units", opens=A_CONTRACT),
        counted_as=SUM,
        money="currency",
        dimensions=("area1", "commodity"),
    ),
    Declared(
        "MED-PRD-04",
        paired("market_share", after=(Test("real_change", Op.OVER, 0),)),
        paired("market_share"),
        dimensions=("sex", "area1"),
    ),
)
