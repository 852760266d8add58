"""A group's own rules: limits, charges, votes, constitution, and the shared cases."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from handup.groups.rules.adapters import ADAPTERS
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.facts import closing_code
from handup.groups.rules.loans import (
    ChargeBasis,
    Counting,
    FirstCycle,
    FundNotLendable,
    InternalTerms,
    charge_to_date,
    periods_run,
    require_lendable,
    share_out_limit,
)
from handup.groups.rules.money import MoneyState, Owed, add_facts, owed_on, parts_of
from handup.groups.rules.savings import BelowMinimum, ShareRule, buy_shares
from handup.groups.rules.votes import Count, is_passed, needed_votes
from handup.kernel.errors import Faults, Refusal


@pytest.mark.parametrize("kind", sorted(ADAPTERS))
def test_every_shared_case_comes_out(kind: str, shared: Path) -> None:
    file = shared / "data" / "vectors" / f"{kind}.json"
    cases = json.loads(file.read_text(encoding="utf-8"))["cases"]
    assert cases
    for case in cases:
        try:
            got = ADAPTERS[kind](case["given"])
        except Refusal as refusal:
            got = {"error": refusal.code}
        assert got == case["expect"], case["id"]


def test_a_minimum_of_no_shares_alone_lets_nobody_skip() -> None:
    rule = ShareRule(share_value=500, min_shares=0, max_shares=5, zero_allowed=False)
    with pytest.raises(BelowMinimum) as refused:
        buy_shares(400, rule)
    assert refused.value.places["allowed"] == 1
    assert buy_shares(400, rule, bought_today=1).handed_back == 400
    assert buy_shares(400, replace(rule, zero_allowed=True)).shares == 0


def terms(basis: ChargeBasis) -> InternalTerms:
    return InternalTerms(4000, Fraction(10, 100), basis, 3, 30, Counting.COMPLETED)


def test_the_same_ten_percent_costs_400_1200_or_800_by_its_basis() -> None:
    charges = [charge_to_date(terms(basis), 3) for basis in ChargeBasis]
    assert charges == [400, 1200, 800]


def test_nothing_accrues_before_a_whole_period_or_after_the_term() -> None:
    flat = terms(ChargeBasis.FLAT_PER_PERIOD)
    assert [periods_run(flat, days) for days in (-1, 0, 29, 30, 89, 90, 900)] == [
        0,
        0,
        0,
        1,
        2,
        3,
        3,
    ]


def test_the_social_fund_is_lent_only_where_the_constitution_says_so() -> None:
    require_lendable(True, True)
    with pytest.raises(FundNotLendable):
        require_lendable(True, False)


def test_no_group_borrows_outside_in_its_first_cycle() -> None:
    with pytest.raises(FirstCycle):
        share_out_limit(cycle=1, previous_share_out=None)
    assert share_out_limit(cycle=2, previous_share_out=900).limit == 900


def test_half_means_more_than_half_and_a_share_is_rounded_up() -> None:
    assert [needed_votes(base, None) for base in (3, 4, 5)] == [2, 3, 3]
    assert needed_votes(15, 7500) == 12
    assert is_passed(Count(12, 2, 1, 20), base=15, majority_bps=7500, quorum_bps=5000)
    assert not is_passed(Count(11, 3, 1, 20), base=15, majority_bps=7500, quorum_bps=5000)


def test_a_constitution_is_completed_by_kind_and_refused_as_a_whole() -> None:
    shg = settings_for("SHG", {"share_value_units": 100, "charge_rate_bps": 200})
    assert (shg["savings_mode"], shg["cycle_kind"], shg["members_min"]) == (
        "FIXED",
        "CONTINUING",
        10,
    )
    with pytest.raises(Faults) as refused:
        settings_for(
            "SAVINGS",
            {"share_value_units": 0, "charge_rate_bps": "ten", "colour": 1, "keys_held": True},
        )
    assert {fault.place: fault.code for fault in refused.value.faults} == {
        "share_value_units": "SETTING_OUT_OF_RANGE",
        "charge_rate_bps": "SETTING_OUT_OF_RANGE",
        "colour": "UNKNOWN_SETTING",
        "keys_held": "SETTING_OUT_OF_RANGE",
    }


def test_a_share_is_a_whole_number_of_coins_and_the_least_is_not_above_the_most() -> None:
    base = {"share_value_units": 150, "charge_rate_bps": 0}
    with pytest.raises(Faults):
        settings_for("SAVINGS", {**base, "cash_unit_units": 100})
    with pytest.raises(Faults):
        settings_for("SAVINGS", {**base, "shares_min": 6, "shares_max": 5})


def test_a_payment_takes_the_charge_first_and_never_more_than_is_owed() -> None:
    owed = Owed(principal=1000, charge=100)
    assert (parts_of(owed, 60).charge, parts_of(owed, 60).principal) == (60, 0)
    assert (parts_of(owed, 600).charge, parts_of(owed, 600).principal) == (100, 500)
    assert parts_of(owed, 5000).units == 1100
    first = parts_of(owed, 600, charge_first=False)
    assert (first.charge, first.principal) == (0, 600)


def test_what_was_paid_of_a_charge_is_not_owed_again() -> None:
    flat = terms(ChargeBasis.FLAT_PER_PERIOD)
    assert owed_on(flat, days=60, principal_left=4000, charge_paid=300).charge == 500
    assert owed_on(flat, days=0, principal_left=4000, charge_paid=0).total == 4000


def test_facts_move_the_box_and_the_members_lines() -> None:
    state = add_facts(
        MoneyState(),
        [
            ("buy_shares", {"member": "a", "shares": 2, "units": 1000}),
            ("record_social", {"member": "a", "units": 20}),
            ("pay_out_loan", {"member": "a", "loan": "l", "units": 600}),
            ("record_repayment", {"loan": "l", "units": 110, "charge": 10, "principal": 100}),
            ("record_attendance", {"member": "a", "mark": "PRESENT"}),
        ],
    )
    assert state.cash == {"LOAN": 510, "SOCIAL": 20}
    assert state.savings == {"a": 1000}
    assert state.principal == {"l": 500}
    assert state.charge_paid == {"l": 10}
    with pytest.raises(TypeError):
        add_facts(MoneyState(), [("record_social", {"member": "a", "units": "20"})])


def test_the_closing_code_is_twelve_digits_in_four_groups() -> None:
    code = closing_code("00000000000000ff" + "0" * 48)
    assert code == "000 000 000 255"
