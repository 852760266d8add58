"""The indicators of productivity and of standing in the market (rulings C26; see `declared`)."""

from handup.results.rules.declaring import SUM, paired
from handup.results.rules.expressions import Declared, Op, Rows, Test

A_CONTRACT = ("contract", "contract")
PRODUCTIVITY = (
    Declared(
        "MED-PRD-01",
        Rows("work_month", unit="plan", amount="value_units", opens=("plan", "plan")),
        Rows("work_month", unit="plan", amount="worker_days", opens=("plan", "plan")),
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
