"""What shares and savings earn: whoever held longer gets more, and parts add up to the pool."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.dividend import (
    Dividend,
    Method,
    Move,
    NoHolders,
    NoRateByHeads,
    Period,
    Terms,
    at_rate,
    from_pool,
)

YEAR = Period(date(2024, 1, 1), date(2024, 12, 31))


def weights(method: Method, *moves: tuple[date, int], min_months: int | None = None) -> int:
    own = [Move(day, change) for day, change in moves]
    other = [Move(date(2023, 1, 1), 1)]
    terms = Terms(method, YEAR, min_months=min_months)
    return from_pool(100, [own, other], terms).earnings[0].weight


def test_a_share_held_on_every_day_counts_every_day() -> None:
    assert weights(Method.BY_DAYS, (date(2023, 12, 31), 10)) == 3_660
    assert weights(Method.BY_DAYS, (date(2024, 1, 1), 10)) == 3_660
    assert weights(Method.BY_DAYS, (date(2024, 12, 31), 10)) == 10
    assert weights(Method.BY_DAYS, (date(2024, 3, 1), 10), (date(2024, 3, 1), -10)) == 0


def test_a_deposit_earns_from_its_own_month_or_from_the_next() -> None:
    assert weights(Method.BY_MONTH_ENDS, (date(2024, 5, 20), 10)) == 80
    assert weights(Method.BY_MONTH_STARTS, (date(2024, 5, 20), 10)) == 70
    assert weights(Method.BY_MONTH_STARTS, (date(2024, 5, 1), 10)) == 70
    assert weights(Method.BY_MONTH_ENDS, (date(2024, 5, 31), 10)) == 80


def test_what_moves_after_the_period_changes_nothing() -> None:
    for method in Method:
        held = weights(method, (date(2023, 1, 1), 10))
        assert weights(method, (date(2023, 1, 1), 10), (date(2025, 1, 1), -10)) == held


def test_months_of_holding_are_months_of_the_calendar() -> None:
    assert weights(Method.BY_BALANCE, (date(2024, 7, 1), 10), min_months=6) == 10
    assert weights(Method.BY_BALANCE, (date(2024, 7, 2), 10), min_months=6) == 0
    late = ((date(2023, 1, 1), 10), (date(2024, 11, 1), 5), (date(2024, 12, 1), -12))
    assert weights(Method.BY_BALANCE, *late, min_months=6) == 0


def holders(*balances: int) -> list[list[Move]]:
    return [[Move(date(2023, 1, 1), balance)] for balance in balances]


def test_a_cap_on_the_capital_leaves_the_rest_undistributed() -> None:
    terms = Terms(Method.BY_BALANCE, YEAR, share_price=1_000)
    result = from_pool(30_000, holders(120, 80), terms, cap=Fraction(8, 100))
    assert (result.pool, result.not_distributed) == (16_000, 14_000)
    assert from_pool(500, holders(120, 80), terms, cap=Fraction(8, 100)).not_distributed == 0


def test_a_rate_is_rounded_for_each_member_and_taxed() -> None:
    terms = Terms(Method.BY_BALANCE, YEAR, tax=Fraction(5, 100))
    result = at_rate(Fraction("0.112"), holders(2_000_000, 5), terms)
    assert (result.pool, result.not_distributed) == (224_001, None)
    first = result.earnings[0]
    assert (first.amount, first.tax, first.net) == (224_000, 11_200, 212_800)


def test_nobody_who_holds_and_no_rate_by_heads() -> None:
    terms = Terms(Method.EQUAL, YEAR)
    with pytest.raises(NoHolders):
        from_pool(100, holders(0, 0), terms)
    with pytest.raises(NoHolders):
        from_pool(100, [], terms)
    with pytest.raises(NoRateByHeads):
        at_rate(Fraction(1, 10), holders(5), terms)
    with pytest.raises(NoHolders):
        at_rate(Fraction(1, 10), holders(0), Terms(Method.BY_DAYS, YEAR))


moves = st.lists(
    st.builds(Move, st.dates(date(2023, 6, 1), date(2025, 3, 1)), st.integers(-50, 200)),
    max_size=8,
)


def plain(own: list[Move], day: date) -> int:
    return max(0, sum(move.change for move in own if move.day <= day))


@given(st.lists(moves, min_size=1, max_size=5), st.integers(0, 10**7), st.sampled_from(Method))
def test_parts_add_up_to_the_pool_and_days_are_counted_one_by_one(
    members: list[list[Move]], available: int, method: Method
) -> None:
    result: Dividend | None
    try:
        result = from_pool(available, members, Terms(method, YEAR))
    except NoHolders:
        result = None
    days = [YEAR.first + timedelta(n) for n in range(366)]
    if method is Method.BY_DAYS:
        counted = [sum(plain(own, day) for day in days) for own in members]
        if result is None:
            assert not any(counted)
        else:
            assert [line.weight for line in result.earnings] == counted
    if result is not None:
        assert sum(line.amount for line in result.earnings) == available == result.pool
