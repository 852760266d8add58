"""A cooperative's year: the voted table within the law, and refunds by use to the last unit."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.groups.rules.surplus import (
    FundAboveMaximum,
    FundBelowMinimum,
    NoPool,
    NoSurplus,
    NoUse,
    OverOneHundredPercent,
    Patron,
    SurplusRow,
    allocate_surplus,
    refund_by_use,
)

LAW = (Fraction(10), None, Fraction(50), 5)


def row(percent: str, fund: str = "RESERVE") -> SurplusRow:
    return SurplusRow(fund, Fraction(percent), *LAW)


def test_the_case_of_the_document_leaves_200000() -> None:
    education = SurplusRow("EDUCATION", Fraction(10), most=Fraction(10))
    result = allocate_surplus(500_000, 3, [row("50"), education])
    assert (result.amounts, result.remaining) == ((250_000, 50_000), 200_000)


def test_the_law_asks_more_in_the_first_years() -> None:
    with pytest.raises(FundBelowMinimum) as refused:
        allocate_surplus(1_000, 5, [row("49.99")])
    assert refused.value.code == "BELOW_MINIMUM"
    assert allocate_surplus(1_000, 6, [row("10")]).remaining == 900
    with pytest.raises(FundBelowMinimum):
        allocate_surplus(1_000, 6, [row("9.99")])


def test_no_row_is_above_its_maximum_nor_the_table_above_the_whole() -> None:
    with pytest.raises(FundAboveMaximum):
        allocate_surplus(1_000, 9, [SurplusRow("A", Fraction(11), most=Fraction(10))])
    with pytest.raises(OverOneHundredPercent) as refused:
        allocate_surplus(1_000, 9, [row("60"), row("40.01")])
    assert refused.value.code == "OVER_100_PERCENT"
    for nothing in (0, -5):
        with pytest.raises(NoSurplus):
            allocate_surplus(nothing, 9, [row("10")])


def refunds(pool: int, cash: str, *patrons: Patron) -> list[tuple[int, int, int, int]]:
    result = refund_by_use(
        net_surplus=pool, from_non_members=0, cash_share=Fraction(cash), patrons=patrons
    )
    return [(line.refund, line.to_shares, line.cash, line.kept) for line in result.refunds]


def test_a_refund_pays_unpaid_shares_first_and_the_rest_partly_in_cash() -> None:
    two = [Patron(Fraction(1), 100), Patron(Fraction(1), 10_000)]
    assert refunds(1_001, "0.5", *two) == [(501, 100, 201, 200), (500, 500, 0, 0)]


def test_nothing_is_refunded_of_what_others_brought_or_without_use() -> None:
    for surplus in (100, 99, -1):
        with pytest.raises(NoPool):
            refund_by_use(
                net_surplus=surplus,
                from_non_members=100,
                cash_share=Fraction(1),
                patrons=[Patron(Fraction(1))],
            )
    with pytest.raises(NoUse):
        refunds(100, "1", Patron(Fraction(0)))
    with pytest.raises(NoUse):
        refunds(100, "1")


@given(
    pool=st.integers(1, 10**9),
    uses=st.lists(st.fractions(0, 1000, max_denominator=100), min_size=1, max_size=9),
    unpaid=st.integers(0, 10**6),
    cash=st.fractions(0, 1, max_denominator=100),
)
def test_refunds_add_up_to_the_pool_and_each_to_its_parts(
    pool: int, uses: list[Fraction], unpaid: int, cash: Fraction
) -> None:
    patrons = [Patron(use, unpaid) for use in [*uses, Fraction(1)]]
    result = refund_by_use(net_surplus=pool, from_non_members=0, cash_share=cash, patrons=patrons)
    assert sum(line.refund for line in result.refunds) == pool
    for line in result.refunds:
        assert min(line.to_shares, line.cash, line.kept) >= 0
        assert line.to_shares + line.cash + line.kept == line.refund
