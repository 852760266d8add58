"""A member leaves mid-cycle: her savings, perhaps her gain, less what she owes."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.book import CycleNow, Loan, OwedFine, Place, RecordedBook
from handup.groups.rules.constitution import settings_for
from handup.groups.rules.leaving import LeavePay, leave
from handup.groups.rules.loans import terms_under
from handup.groups.rules.settling import by_month_ends, divide, leaving
from handup.groups.rules.share_out import OutsideDebtFirst


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


DAY = date(2026, 3, 2)


def lent_book(cash: int, *, debt: int = 0, claims: dict[int, int] | None = None) -> RecordedBook:
    """Two members hold a share of 4 000 each; a third, who never saved, owes 4 000 and its 400."""
    settings = rules()
    book = RecordedBook(
        "XTS", {no: Place(DAY - timedelta(days=90)) for no in (1, 2, 3)}, lambda _version: settings
    )
    terms = terms_under(settings, 4_000, 2)
    paid_out = DAY - timedelta(days=20)
    book.loans["loan"] = Loan(3, "LOAN", 2, terms, paid_out=paid_out)
    book.figures.principal["loan"] = 4_000
    book.figures.savings |= {1: 4_000, 2: 4_000}
    book.figures.cash["LOAN"], book.figures.outside_debt = cash, debt
    book.figures.claims |= claims or {}
    book.bought |= {1: 1, 2: 1}
    return book


def rules() -> Mapping[str, Any]:
    told = {"charge_rate_bps": 1000, "charge_basis": "FLAT_ONCE", "leave_pay": "SAVINGS_AND_GAIN"}
    return settings_for("SAVINGS", told | {"cash_unit_units": 1, "share_value_units": 4_000})


def test_the_debt_of_a_member_without_savings_is_part_of_what_is_divided() -> None:
    found = divide(lent_book(10_000), rules(), DAY)
    assert (found.whole.distributable, set(found.members)) == (14_400, {1, 2})
    told, gain, _debts = leaving(lent_book(10_000), rules(), 1, DAY)
    assert (gain, told.entitlement) == (3_000, 7_000)  # principal alone: (10 000 + 4 000) ÷ 2


def test_what_was_left_open_for_somebody_is_not_divided_again_or_lent() -> None:
    found = divide(lent_book(10_000, claims={3: 2_000}), rules(), DAY)
    assert found.whole.distributable == 12_400
    assert sum(row.paid_now for row, _debts in found.members.values()) == 8_000


def test_a_leaver_gets_her_gain_while_the_group_owes_more_outside_than_lies_in_the_box() -> None:
    book = lent_book(1_000, debt=1_500)
    told, gain, _debts = leaving(book, rules(), 1, DAY)
    assert (gain, told.paid_now, told.group_owes) == (-2_250, 1_000, 750)
    with pytest.raises(OutsideDebtFirst):
        divide(book, rules(), DAY)


def test_a_gain_is_divided_by_month_ends_by_balance_or_by_the_weights_the_group_voted() -> None:
    """Two saved 4 000 each, one on the first day, one ten days before the end; gained: 2 000."""
    book = lent_book(10_000)
    book.loans, book.figures.principal = {}, {}
    start = date(2026, 1, 1)
    book.cycle = CycleNow(1, start, is_open=True)
    book.saved_moves = lambda: [(1, start, 4_000), (2, date(2026, 2, 20), 4_000)]

    def gains(**voted: str) -> list[int]:
        found = divide(book, {**rules(), **voted}, DAY)
        return [row.gain for row, _debts in found.members.values()]

    assert gains(profit_by="BY_BALANCE") == gains(profit_by="EQUAL") == [1_000, 1_000]
    # Month ends of January, February and the day itself: 12 000 against 8 000.
    assert gains(profit_by="BY_MONTH_ENDS") == [1_200, 800]
    assert gains(profit_by="VOTED_WEIGHTS", profit_weights="1 = 1; 2 = 3") == [500, 1_500]
    book.saved_moves = lambda: [(1, start, 4_000), (1, date(2026, 2, 1), -4_000)]
    assert by_month_ends(book, DAY) == {1: 4_000}


def fined_book(cash: int) -> RecordedBook:
    """The same, and the first member owes 300 of fines, which go to the social fund."""
    book = lent_book(cash)
    book.fines["fine"] = OwedFine(1, 300)
    return book


def test_fines_of_the_social_fund_are_no_part_of_what_members_divide() -> None:
    """The case of `field/tests/settling.test.ts`: both sides come to the same."""
    apart = {**rules(), "fine_fund": "SOCIAL"}
    with_fines = divide(fined_book(10_000), rules(), DAY)
    assert with_fines.whole.distributable == 14_700
    found = divide(fined_book(10_000), apart, DAY)
    assert found.whole.distributable == 14_400
    rows = {no: (row.gross, row.net, row.to_social) for no, (row, _d) in found.members.items()}
    assert rows == {1: (7_200, 6_900, 300), 2: (7_200, 7_200, 0)}
    # 100.00 in the box: the fine goes to the social fund, the rest is paid in proportion.
    paid = {no: row.paid_now for no, (row, _debts) in found.members.items()}
    assert sum(paid.values()) == 9_700
    told, _gain, debts = leaving(fined_book(10_000), apart, 1, DAY)
    assert (told.owed, told.to_social, told.paid_now) == (300, 300, 6_700)
    assert debts.settled(told.entitlement).total == 300


def test_a_fine_of_the_social_fund_stays_owed_where_the_box_holds_nothing_for_it() -> None:
    apart = {**rules(), "fine_fund": "SOCIAL"}
    found = divide(fined_book(100), apart, DAY)
    row, debts = found.members[1]
    assert (row.to_social, row.paid_now, debts.fines) == (100, 0, (("fine", 100),))
    assert row.group_owes == row.net == row.gross - 100
    told, _gain, debts = leaving(fined_book(100), apart, 1, DAY)
    assert (told.to_social, told.paid_now, debts.on_fines) == (100, 0, 100)
