"""The arithmetic of a plan: a tailoring workshop, a dairy household, a household sheet."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit.codes import Method, Repayment
from handup.kernel.money import decimal_text, round_to
from handup.plans.rules.evaluate import ENGINE_VERSION, PlanResult, evaluate
from handup.plans.rules.finance import fits, loan_rows, smallest_loan
from handup.plans.rules.household import (
    MonthConvention,
    Section,
    SheetLine,
    Span,
    household_budget,
    repayment_capacity,
)
from handup.plans.rules.inputs import (
    BadPlan,
    CostIn,
    CostKind,
    DrawingsFrom,
    Finance,
    HorizonTooShort,
    Investment,
    PlanInputs,
    ProductIn,
    Source,
    as_json,
    fingerprint,
    from_json,
)
from handup.plans.rules.measures import worth

UNIFORMS = (10, 15, 20, 25, 30, 60, 60, 25, 25, 25, 30, 40)


def thousandths(*pieces: int) -> tuple[int, ...]:
    return tuple(1000 * piece for piece in pieces)


TAILORING = PlanInputs(
    currency="XTS",
    digits=2,
    months=12,
    own_cash_units=150_000_00,
    opening_stock_units=50_000_00,
    drawings_from=DrawingsFrom.LINES,
    investments=(
        Investment("machines", 0, 306_000_00, life_months=54),
        Investment("licence", 0, 25_000_00),
    ),
    products=(
        ProductIn("uniform", 6_000_00, 2_800_00, 800_00, thousandths(*UNIFORMS), 3_000),
        ProductIn("repair", 1_000_00, 150_00, 0, thousandths(*[60] * 12)),
    ),
    costs=(
        CostIn("rent and light", CostKind.FIXED, (38_000_00,) * 12),
        CostIn("living", CostKind.DRAWINGS, (40_000_00,) * 12),
    ),
    finance=Finance(
        300_000_00, 150, 12, multiple_units=1_000_00, most_units=600_000_00, most_grace=6
    ),
)


def with_finance(**fields: Any) -> PlanResult:
    assert TAILORING.finance is not None
    return evaluate(replace(TAILORING, finance=replace(TAILORING.finance, **fields)))


def shown(figure: Fraction | None) -> str:
    return "–" if figure is None else decimal_text(figure, 4)


def test_the_year_looks_good_and_the_cash_runs_out_in_month_two() -> None:
    result = evaluate(TAILORING)
    assert result.start_up_capital == 402_000_00
    assert result.gap == 252_000_00
    assert result.months_in_red == (2, 3, 4, 5)
    assert result.cash.lowest_cash == -26_016_00
    assert shown(result.cash.plan_dscr) == "1.4543"
    assert shown(result.lowest_dscr) == "-0.7635"
    assert result.loan_rows[0].due == 27_504_00


@pytest.mark.parametrize(
    ("flows", "percent"),
    [  # the same figures stand in field/tests/plans.test.ts
        ([-2_000_000, 2_000_001], "0.0001"),
        ([-2_000_000, 1_999_999], "-0.0001"),
        ([2_000_000, -1_999_999], "-0.0001"),
        ([-2_000_000, 2_000_003], "0.0002"),
        ([-2_000_000, 1_999_997], "-0.0002"),
        ([-4_000_000_000_000, 0, 3_999_988_000_009], "-0.0002"),
        ([-2_000_000, 1_000_001], "-50.0000"),
    ],
)
def test_an_internal_rate_that_ends_in_a_half_is_rounded_away_from_zero(
    flows: list[int], percent: str
) -> None:
    found = worth(flows, Fraction(0)).irr_percent
    assert found is not None
    assert shown(Fraction(found)) == percent


def test_what_the_workshop_is_worth() -> None:
    result = evaluate(TAILORING)
    assert shown(result.worth.payback_periods) == "9.6364"
    assert result.worth.irr_percent is not None
    assert shown(Fraction(result.worth.irr_percent)) == "8.6372"
    assert result.worth.npv == 345_685_89
    assert result.break_even.fixed is not None
    assert result.break_even.fixed.sales == 891_774_20
    assert result.break_even.with_depreciation is not None
    assert result.break_even.with_depreciation.sales == 1_024_758_07
    assert result.break_even.cash is not None
    assert result.break_even.cash.sales == 2_475_940_57


def test_what_ifs_change_one_thing_and_keep_the_rest() -> None:
    lines = {line.code: line for line in evaluate(TAILORING).what_ifs}
    price = lines["PRICE_MINUS_10"]
    assert (price.lowest_cash, price.lowest_month) == (-103_224_00, 6)
    assert price.months_in_red == tuple(range(2, 13))
    assert shown(price.plan_dscr) == "0.5945"
    best = lines["BEST_MONTH_LOST"]
    assert (best.lowest_cash, best.lowest_month) == (-87_528_00, 7)
    assert best.months_in_red == tuple(range(2, 11))
    assert shown(best.plan_dscr) == "0.8635"
    rate = lines["RATE_PLUS_50_BPS"]
    assert (rate.lowest_cash, shown(rate.plan_dscr)) == (-29_471_52, "1.4100")


def test_a_dearer_loan() -> None:
    result = with_finance(rate_bps=200)
    assert result.loan_rows[0].due == 28_367_88
    assert result.cash.lowest_cash == -29_471_52
    assert shown(result.cash.plan_dscr) == "1.4100"


def test_the_smallest_loan_that_fits_shrinks_with_grace() -> None:
    fits = [with_finance(grace_instalments=grace).smallest_loan for grace in range(4)]
    assert fits == [342_000_00, 315_000_00, 287_000_00, 260_000_00]


def test_the_smallest_loan_is_really_the_smallest() -> None:
    for loan, is_red in ((341_000_00, True), (342_000_00, False)):
        assert bool(with_finance(loan_units=loan).months_in_red) is is_red
    assert with_finance(most_units=341_000_00).smallest_loan is None


def test_the_smallest_loan_is_found_however_little_is_asked() -> None:
    """3 000 asked, instalments in whole hundreds: rounding says nothing about what she needs."""
    asked = Finance(3_000, 300, 9, grace_instalments=1, instalment_unit=100, multiple_units=100)
    cash = [Fraction(17_972 * abs(month - 2) - 29_156) for month in range(1, 13)]
    most = replace(asked, most_units=200_000)
    assert smallest_loan(cash, most, 0) == 35_300
    assert not fits(cash, replace(most, loan_units=35_200), 0)
    assert smallest_loan(cash, replace(most, most_units=35_200), 0) is None


def test_the_shortest_grace_that_fits() -> None:
    assert evaluate(TAILORING).shortest_grace == 2
    assert with_finance(grace_instalments=2).cash.lowest_cash == 9_939_50
    assert with_finance(grace_instalments=3).cash.lowest_cash == 34_617_05
    assert with_finance(most_grace=1).shortest_grace is None


def test_a_fee_withheld_makes_the_loan_dearer_than_it_says() -> None:
    with_fee = with_finance(fee_withheld_units=6_000_00).effective_cost
    assert with_fee is not None
    assert [decimal_text(with_fee[0], 6), shown(with_fee[1])] == ["1.825823", "24.2496"]
    without = evaluate(TAILORING).effective_cost
    assert without is not None
    assert shown(without[1]) == "19.5618"


OTHER = (-190, -320, 20, 240, 490, 890, 1090, 900, 350, 270, -30, -160)
DAIRY = PlanInputs(
    currency="XTS",
    digits=0,
    months=12,
    own_cash_units=650_000 - 2_400_000,
    drawings_from=DrawingsFrom.LINES,
    costs=(CostIn("milk", CostKind.OTHER_INCOME, tuple(1000 * units for units in OTHER)),),
    finance=Finance(2_400_000, 200, 12),
)


def test_equal_instalments_break_a_dairy_household_in_winter() -> None:
    result = evaluate(DAIRY)
    assert result.loan_rows[0].due == 226_943
    assert shown(result.cash.plan_dscr) == "1.3036"
    assert result.months_in_red == (2, 3, 4, 5)
    assert result.cash.lowest_cash == -520_829


SHEET = (
    SheetLine(Section.SALES, Span.DAY, 750_00),
    SheetLine(Section.SALES, Span.DAY, 6_000_00),
    SheetLine(Section.COST_OF_SALES, Span.DAY, 375_00),
    SheetLine(Section.COST_OF_SALES, Span.DAY, 4_800_00),
    SheetLine(Section.BUSINESS_EXPENSE, Span.WEEK, 400_00),
    SheetLine(Section.OTHER_INCOME, Span.HALF_MONTH, 12_500_00),
    SheetLine(Section.HOUSEHOLD_EXPENSE, Span.DAY, 200_00),
    SheetLine(Section.HOUSEHOLD_EXPENSE, Span.MONTH, 2_500_00),
    SheetLine(Section.HOUSEHOLD_EXPENSE, Span.DAY, 50_00),
    SheetLine(Section.OTHER_EXPENSE, Span.MONTH, 2_000_00),
    SheetLine(Section.OTHER_EXPENSE, Span.MONTH, 2_000_00),
    SheetLine(Section.OTHER_EXPENSE, Span.DAY, 494_04),
)


@pytest.mark.parametrize(
    ("convention", "net_cash"),
    [
        (MonthConvention.DAYS_28, 37_433_57),
        (MonthConvention.PRUDENT, 35_455_66),
        (MonthConvention.CALENDAR, 39_128_58),
    ],
)
def test_a_month_depends_on_how_days_are_counted(
    convention: MonthConvention, net_cash: int
) -> None:
    budget = household_budget(SHEET, convention, Fraction(10))
    assert budget.net_cash == net_cash
    if convention is MonthConvention.CALENDAR:
        assert budget.net_business_income == 46_172_92


def test_what_the_household_can_carry() -> None:
    carried = [
        repayment_capacity(37_433_57, Fraction(35), Fraction(2), method, 6, 1)
        for method in (Method.DECLINING, Method.FLAT)
    ]
    assert {item.max_instalment for item in carried} == {13_101_74}
    assert [item.max_loan for item in carried] == [73_388_49, 70_187_89]


LIGHT = PlanInputs(
    currency="XTS",
    digits=2,
    months=6,
    sheet=SHEET,
    season_bps=(10_000, 5_000, 0, 10_000, 15_000, 10_000),
    own_cash_units=20_000_00,
    capital_units=100_000_00,
    investments=(
        Investment("oven", 0, 60_000_00, Source.LOAN, life_months=60),
        Investment("table", 0, 5_000_00, Source.IN_KIND),
    ),
    finance=Finance(60_000_00, 200, 6, multiple_units=1_000_00, most_units=80_000_00),
)


def test_a_light_plan_lives_on_the_household_sheet_and_its_seasons() -> None:
    result = evaluate(LIGHT)
    assert result.budget is not None
    assert result.budget.net_cash == 37_433_57
    assert result.capacity is not None
    assert result.capacity.max_loan == 73_000_00
    sales = [round_to(row.sales) for row in result.cash.rows]
    assert sales == [189_000_00, 94_500_00, 0, 189_000_00, 283_500_00, 189_000_00]
    first = result.cash.rows[0]
    assert round_to(first.available_for_debt) == 37_433_57
    assert result.months_in_red == ()
    assert result.affordability.indebtedness == Fraction(60_000_00 * 100, 125_000_00)


def test_a_household_that_spends_all_it_earns_has_no_capacity() -> None:
    poor = replace(LIGHT, sheet=(*SHEET, SheetLine(Section.DEBT_PAYMENT, Span.MONTH, 40_000_00)))
    result = evaluate(poor)
    assert result.capacity is None
    assert result.budget is not None
    assert result.budget.net_cash < 0


def test_a_plan_without_loan_or_sheet_is_still_worked_out() -> None:
    bare = PlanInputs(currency="XTS", digits=2, months=3)
    result = evaluate(bare)
    assert result.budget is None
    assert result.cash.plan_dscr is None
    assert result.break_even.fixed is None
    assert result.smallest_loan is None
    assert result.effective_cost is None
    assert [row.closing_cash for row in result.cash.rows] == [0, 0, 0]


def test_frozen_inputs_come_back_and_their_fingerprint_holds() -> None:
    for inputs in (TAILORING, DAIRY, LIGHT):
        assert from_json(as_json(inputs)) == inputs
    print_ = fingerprint(TAILORING, ENGINE_VERSION)
    assert print_ == fingerprint(from_json(as_json(TAILORING)), ENGINE_VERSION)
    assert print_ != fingerprint(replace(TAILORING, buffer_units=1), ENGINE_VERSION)
    assert print_ != fingerprint(TAILORING, "plans-0")


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("months", {"months": 0}),
        ("months", {"months": 11, "costs": (), "products": ()}),
        ("season_bps", {"season_bps": (1,)}),
        ("capacity_bps", {"capacity_bps": 6_000}),
        ("quantities", {"products": (ProductIn("x", 1, 1, 0, (1,)),)}),
        ("products", {"products": (ProductIn("x", -1, 1, 0, (1,) * 12),)}),
        ("products", {"products": (ProductIn("x", 1, 1, 0, (1,) * 12, 10_001),)}),
        ("costs", {"costs": (CostIn("x", CostKind.TAX, (1,)),)}),
        ("grace_instalments", {"finance": Finance(1, 1, 3, grace_instalments=3)}),
        ("loan_units", {"finance": Finance(-1, 1, 3)}),
    ],
)
def test_bad_plans_are_refused_at_their_field(field: str, fields: dict[str, Any]) -> None:
    with pytest.raises((BadPlan, HorizonTooShort)) as refused:
        replace(TAILORING, **fields)
    assert refused.value.field == field


def test_a_flat_loan_with_equal_principal_is_possible_too() -> None:
    rows = loan_rows(
        Finance(120_000, 100, 12, method=Method.FLAT, repayment=Repayment.EQUAL_PRINCIPAL)
    )
    assert {(row.principal, row.interest) for row in rows} == {(10_000, 1_200)}


@given(
    price=st.integers(0, 10_000),
    rise=st.integers(1, 5_000),
    quantities=st.lists(st.integers(0, 9_000), min_size=12, max_size=12),
    credit=st.integers(0, 10_000),
    loan=st.just(0) | st.integers(10**5, 10**7),
)
def test_a_higher_price_never_lowers_a_closing_and_all_money_is_counted(
    price: int, rise: int, quantities: list[int], credit: int, loan: int
) -> None:
    def plan(at_price: int) -> PlanResult:
        product = ProductIn("x", at_price, 100, 50, tuple(quantities), credit)
        return evaluate(
            PlanInputs(
                currency="XTS",
                digits=0,
                months=12,
                products=(product,),
                own_cash_units=5_000,
                finance=Finance(loan, 150, 12),
            )
        )

    before, after = plan(price), plan(price + rise)
    for low, high in zip(before.cash.rows, after.cash.rows, strict=True):
        assert high.closing_cash >= low.closing_cash
    moved = sum(row.available_for_debt - row.debt_service for row in before.cash.rows)
    assert before.cash.rows[-1].closing_cash == 5_000 + loan + moved
    assert sum(row.principal for row in before.loan_rows) == loan
