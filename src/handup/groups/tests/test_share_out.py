"""The end of a cycle to the last coin: what comes out, what the box can pay, who still owes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.share_out import (
    Funds,
    Holder,
    NoShares,
    OutsideDebtFirst,
    ShareOut,
    ShareOutRounding,
    SocialAtEnd,
    pay_what_fits,
    share_out,
)

LARGEST, WHOLE = ShareOutRounding
FORWARD, EQUAL = SocialAtEnd


def out(funds: Funds, *holders: Holder, rounding: ShareOutRounding = LARGEST) -> ShareOut:
    return share_out(funds, holders, rounding=rounding, social_at_end=FORWARD)


def test_the_full_case_of_the_document_comes_out_to_the_last_coin() -> None:
    owed = (0, 30_000, 0, 5_000, 0)
    shares = (37, 52, 18, 60, 41)
    holders = [Holder(n, n * 5_000, debt) for n, debt in zip(shares, owed, strict=True)]
    result = out(Funds(1_234_567, 0, 100_000, 50), *holders)
    assert result.distributable == 1_169_567
    assert [line.gross for line in result.members] == [208_050, 292_400, 101_200, 337_350, 230_550]
    assert result.leftover == 17
    assert sum(line.net for line in result.members) == 1_134_550


def test_outside_debt_comes_first_and_somebody_holds_a_share() -> None:
    with pytest.raises(OutsideDebtFirst) as refused:
        out(Funds(99, 0, 100, 1), Holder(1, 10, 500))
    assert refused.value.places == {"debt": 100, "cash": 99}
    assert out(Funds(100, 0, 100, 1), Holder(1, 10, 0)).distributable == 0
    with pytest.raises(NoShares):
        out(Funds(100, 0, 0, 1), Holder(0, 0, 50))
    with pytest.raises(NoShares):
        out(Funds(100, 0, 0, 1))


def test_what_others_owe_is_divided_too_and_what_is_promised_is_not() -> None:
    holders = (Holder(1, 4_000, 0), Holder(1, 4_000, 0))
    besides = out(Funds(10_000, 0, 0, 1, owed_besides=4_400), *holders)
    assert besides.distributable == 14_400
    assert [(line.paid_now, line.group_owes) for line in besides.members] == [(5_000, 2_200)] * 2
    kept = out(Funds(10_000, 0, 1_000, 1, promised=2_000), *holders)
    assert (kept.distributable, [line.paid_now for line in kept.members]) == (7_000, [3_500] * 2)
    with pytest.raises(OutsideDebtFirst):
        out(Funds(1_000, 0, 0, 1, promised=2_000), *holders)


def test_a_rehearsal_asks_only_that_the_whole_covers_the_debt_outside() -> None:
    def rehearse(debt: int) -> ShareOut:
        funds = Funds(10_000, 0, debt, 1)
        holders = [Holder(1, 20_000, 80_000), Holder(1, 20_000, 0)]
        return share_out(funds, holders, rounding=LARGEST, social_at_end=FORWARD, rehearsed=True)

    assert [line.gain for line in rehearse(50_000).members] == [0, 0]
    with pytest.raises(OutsideDebtFirst):
        rehearse(90_001)


def test_a_member_who_owes_more_than_comes_out_stays_in_debt_and_another_in_claim() -> None:
    first, second = out(Funds(300, 0, 0, 1), Holder(1, 100, 300), Holder(1, 100, 0)).members
    assert (first.gross, first.net, first.paid_now, first.member_owes) == (300, 0, 0, 0)
    assert second.paid_now == 300
    first, second = out(Funds(100, 0, 0, 1), Holder(1, 100, 300), Holder(1, 100, 0)).members
    assert (first.net, first.member_owes) == (-100, 100)
    assert (second.net, second.paid_now, second.group_owes) == (200, 100, 100)


def test_a_whole_share_value_leaves_its_rest_in_the_box() -> None:
    result = out(Funds(45_001, 0, 0, 5), Holder(13, 0, 0), Holder(11, 0, 0), rounding=WHOLE)
    assert (result.value_per_share, result.leftover) == (1_875, 1)


def test_the_social_fund_is_shared_equally_and_its_rest_stays() -> None:
    holders = [Holder(n, n, 0) for n in (20, 15, 22)]
    result = share_out(Funds(61_000, 5_003, 0, 20), holders, rounding=LARGEST, social_at_end=EQUAL)
    assert [line.social for line in result.members] == [1_680, 1_660, 1_660]
    assert result.social_kept == 3


def test_a_coin_larger_than_a_due_is_not_paid_for_it() -> None:
    assert pay_what_fits([30, 30, 30], 80, 50) == (30, 0, 0)
    assert pay_what_fits([10, -5, 20], 30, 50) == (10, 0, 20)


people = st.lists(
    st.builds(
        Holder,
        shares=st.integers(0, 200),
        saved=st.integers(0, 10**6),
        owed=st.integers(0, 10**6),
    ),
    min_size=1,
    max_size=12,
).filter(lambda rows: any(row.shares for row in rows))


@given(
    holders=people,
    cash=st.integers(0, 10**7),
    social=st.integers(0, 10**5),
    debt=st.integers(0, 10**6),
    unit=st.sampled_from((1, 5, 50, 500)),
    rounding=st.sampled_from(ShareOutRounding),
    at_end=st.sampled_from(SocialAtEnd),
)
def test_nothing_is_lost_or_made_and_the_box_is_never_overdrawn(
    holders: list[Holder],
    cash: int,
    social: int,
    debt: int,
    unit: int,
    rounding: ShareOutRounding,
    at_end: SocialAtEnd,
) -> None:
    funds = Funds(cash + debt, social, debt, unit)
    result = share_out(funds, holders, rounding=rounding, social_at_end=at_end)
    lines = result.members
    paid_social = sum(line.social for line in lines)
    assert result.social_kept + paid_social == social
    nets = sum(line.net for line in lines)
    assert nets + result.leftover + debt == funds.loan_cash + paid_social
    paid = sum(line.paid_now for line in lines)
    assert 0 <= paid <= max(0, cash - result.leftover + paid_social)
    for line in lines:
        assert 0 <= line.paid_now <= max(0, line.net)
        assert line.net == line.paid_now + line.group_owes - line.member_owes
