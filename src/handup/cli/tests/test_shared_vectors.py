"""The shared calculation vectors of every kind that is finished: all cases equal."""

from pathlib import Path

import pytest

from handup.cli import vectors

FINISHED = [
    "kernel.split",
    "lending.allocation",
    "lending.apr",
    "lending.arrears",
    "lending.payoff",
    "lending.reschedule",
    "lending.rounded_schedule",
    "lending.schedule",
    "plans.affordability",
    "plans.break_even",
    "plans.cash_flow",
    "plans.chain_margins",
    "plans.household_budget",
    "plans.npv_irr",
    "plans.price_check",
    "plans.repayment_capacity",
]


@pytest.mark.parametrize("kind", FINISHED)
def test_every_case_of_a_finished_kind_is_equal(kind: str, shared: Path) -> None:
    result = vectors.run_file(shared / "data" / "vectors" / f"{kind}.json")
    assert result.total > 0
    assert vectors.as_text(result) == f"{kind} {result.total}/{result.total}"
