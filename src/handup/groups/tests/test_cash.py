"""What should lie in the box, and what two people who cannot see it find."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.cash import (
    OF_SOCIAL,
    OUT,
    BlindCount,
    CountersDisagree,
    FundOverdrawn,
    Movement,
    TooFewCounters,
    count_cash,
    expected_cash,
)

OPENING = {"LOAN": 1_000, "SOCIAL": 100}


def count(counter: str, loan: int, social: int) -> BlindCount:
    return BlindCount(counter, {"LOAN": [(1, loan)], "SOCIAL": [(1, social)]})


def test_money_taken_to_the_bank_leaves_the_box() -> None:
    moved = [(Movement.SHARES, 500), (Movement.TO_BANK, 1_500)]
    assert expected_cash(OPENING, moved) == {"LOAN": 0, "SOCIAL": 100}
    assert OPENING == {"LOAN": 1_000, "SOCIAL": 100}


def test_no_fund_pays_for_another_and_none_lends_what_comes_later() -> None:
    with pytest.raises(FundOverdrawn) as refused:
        expected_cash(OPENING, [(Movement.SOCIAL_GRANT, 101)])
    assert refused.value.places == {"fund": "SOCIAL", "cash": 100, "asked": 101}
    with pytest.raises(FundOverdrawn):
        expected_cash(OPENING, [(Movement.LOAN_GIVEN, 1_001), (Movement.SHARES, 5_000)])


def test_counts_are_of_different_people_and_agree_in_every_fund() -> None:
    with pytest.raises(TooFewCounters):
        count_cash(OPENING, [count("A", 1_000, 100)], 2)
    with pytest.raises(TooFewCounters):
        count_cash(OPENING, [count("A", 1_000, 100), count("A", 1_000, 100)], 2)
    with pytest.raises(CountersDisagree):
        count_cash(OPENING, [count("A", 1_000, 100), count("B", 900, 200)], 2)
    assert count_cash(OPENING, [count("A", 1_000, 100), count("B", 1_000, 100)], 2).is_balanced


def test_one_fund_up_and_one_down_is_not_balanced() -> None:
    result = count_cash(OPENING, [count("A", 900, 200)], 1)
    assert result.difference == {"LOAN": -100, "SOCIAL": 100}
    assert result.box == 1_100
    assert not result.is_balanced


@given(
    st.lists(st.tuples(st.sampled_from(Movement), st.integers(0, 2_000)), max_size=20),
)
def test_cash_is_opening_and_in_less_out_and_never_below_zero(
    moves: list[tuple[Movement, int]],
) -> None:
    try:
        cash = expected_cash(OPENING, moves)
    except FundOverdrawn:
        return
    assert min(cash.values()) >= 0
    for fund, opening in OPENING.items():
        own = [
            -amount if kind in OUT else amount
            for kind, amount in moves
            if (kind in OF_SOCIAL) == (fund == "SOCIAL")
        ]
        assert cash[fund] == opening + sum(own)
