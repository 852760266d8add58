"""A member leaves mid-cycle: her savings, perhaps her gain, less what she owes."""

from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.leaving import LeavePay, leave


def test_the_case_of_the_document_pays_9000_or_9900() -> None:
    paid = [
        leave(policy=policy, saved=12_000, gain_to_date=900, owed=3_000, fund_cash=100_000).paid_now
        for policy in LeavePay
    ]
    assert paid == [9_000, 9_900]


def test_a_losing_cycle_takes_from_a_leaver_only_where_she_shares_the_gain() -> None:
    for policy, entitlement in ((LeavePay.SAVINGS_ONLY, 500), (LeavePay.SAVINGS_AND_GAIN, -100)):
        left = leave(policy=policy, saved=500, gain_to_date=-600, owed=0, fund_cash=1_000)
        assert left.entitlement == entitlement
        assert left.member_owes == max(0, -entitlement)


def test_a_box_too_small_leaves_a_claim_and_a_debt_stays_with_her() -> None:
    claim = leave(policy=LeavePay.SAVINGS_ONLY, saved=500, gain_to_date=0, owed=100, fund_cash=150)
    assert (claim.paid_now, claim.group_owes, claim.member_owes) == (150, 250, 0)
    debt = leave(policy=LeavePay.SAVINGS_ONLY, saved=500, gain_to_date=9, owed=800, fund_cash=150)
    assert (debt.paid_now, debt.group_owes, debt.member_owes) == (0, 0, 300)


amounts = st.integers(0, 10**9)


@given(
    policy=st.sampled_from(LeavePay),
    saved=amounts,
    gain=st.integers(-(10**9), 10**9),
    owed=amounts,
    cash=amounts,
)
def test_paid_claim_and_debt_add_up_to_what_is_due(
    policy: LeavePay, saved: int, gain: int, owed: int, cash: int
) -> None:
    left = leave(policy=policy, saved=saved, gain_to_date=gain, owed=owed, fund_cash=cash)
    assert left.paid_now + left.group_owes - left.member_owes == left.entitlement - owed
    assert 0 <= left.paid_now <= cash
    assert min(left.group_owes, left.member_owes) == 0
