"""Annual percentage rates: put back into their own equations, and refused where there is none."""

from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.apr import AprMethod, AprUnit, Flow, NoRate, UnitPeriod, apr
from handup.kernel.dates import add_months

START = date(2026, 1, 15)
MONTH = UnitPeriod(AprUnit.MONTH, 1)
FAR = 12


def rate(method: AprMethod, flows: list[Flow], period: UnitPeriod | None = MONTH) -> Decimal:
    """The rate as a fraction of 1, to twelve decimals of a percent."""
    return apr(method, flows, period, FAR).percent / 100


def loan(count: int, units: int, payment: int, step: int = 1) -> list[Flow]:
    """Money given once and paid back every month."""
    paid = [Flow(add_months(START, step * number), payment) for number in range(1, count + 1)]
    return [Flow(START, -units), *paid]


def value_at(yearly: Decimal, flows: list[tuple[Fraction, int]]) -> Decimal:
    """Σ flow · (1 + X)^−t."""
    with localcontext(prec=60):
        total = Decimal(0)
        for years, units in flows:
            time = Decimal(years.numerator) / Decimal(years.denominator)
            total += units * (1 + yearly) ** -time
        return total


counts = st.integers(1, 36)
dear = st.integers(1_010, 2_500)


@settings(max_examples=80, deadline=None)
@given(counts, dear, st.integers(1, 3))
def test_the_european_rate_brings_the_flows_to_nothing(count: int, cost: int, step: int) -> None:
    units = 1_000_000
    flows = loan(count, units, units * cost // 1_000 // count, step)
    found = rate(AprMethod.EU_2008_48, flows, UnitPeriod(AprUnit.MONTH, step))
    timed = [(Fraction(step * place, 12), flow.units) for place, flow in enumerate(flows)]
    assert abs(value_at(found, timed)) < 1


@settings(max_examples=80, deadline=None)
@given(counts, dear)
def test_the_american_rate_brings_the_flows_to_nothing(count: int, cost: int) -> None:
    units = 1_000_000
    payment = units * cost // 1_000 // count
    found = rate(AprMethod.US_ACTUARIAL, loan(count, units, payment))
    with localcontext(prec=60):
        monthly = 1 + found / 12
        total = sum((payment * monthly**-number for number in range(1, count + 1)), Decimal(0))
    assert abs(total - units) < 1


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(100, 900), min_size=1, max_size=9), dear)
def test_the_rate_by_days_brings_the_flows_to_nothing(days: list[int], cost: int) -> None:
    units = 1_000_000
    payment = units * cost // 1_000 // len(days)
    flows = [Flow(START, -units)]
    flows += [Flow(START + timedelta(days=step), payment) for step in sorted(days)]
    found = rate(AprMethod.XIRR_365, flows, None)
    timed = [(Fraction((flow.date - START).days, 365), flow.units) for flow in flows]
    assert abs(value_at(found, timed)) < 1


@pytest.mark.parametrize("method", list(AprMethod))
def test_a_loan_without_cost_has_the_rate_nought(method: AprMethod) -> None:
    assert rate(method, loan(10, 100_000, 10_000)) == pytest.approx(Decimal(0), abs=Decimal("1e-9"))


@pytest.mark.parametrize("method", list(AprMethod))
def test_dearer_payments_give_a_higher_rate(method: AprMethod) -> None:
    rates = [rate(method, loan(12, 100_000, payment)) for payment in (8_500, 9_000, 9_500)]
    assert rates == sorted(rates)
    assert len(set(rates)) == 3


@pytest.mark.parametrize(
    ("period", "days"),
    [
        (UnitPeriod(AprUnit.DAY, 1), 1),
        (UnitPeriod(AprUnit.WEEK, 1), 7),
        (UnitPeriod(AprUnit.WEEK, 2), 14),
    ],
)
def test_american_unit_periods_of_days_and_weeks(period: UnitPeriod, days: int) -> None:
    flows = [Flow(START, -100_000)]
    flows += [Flow(START + timedelta(days=days * number), 10_500) for number in range(1, 11)]
    found = rate(AprMethod.US_ACTUARIAL, flows, period)
    a_year = Fraction(365) if period.unit is AprUnit.DAY else Fraction(52, period.every)
    with localcontext(prec=60):
        one = 1 + found * a_year.denominator / a_year.numerator
        total = sum((10_500 * one**-number for number in range(1, 11)), Decimal(0))
    assert abs(total - 100_000) < 1


def test_ten_days_are_ten_american_unit_periods_of_a_day() -> None:
    flows = [Flow(START, -100_000)]
    flows += [Flow(START + timedelta(days=10 * number), 10_500) for number in range(1, 11)]
    in_tens, in_days = (
        rate(AprMethod.US_ACTUARIAL, flows, UnitPeriod(AprUnit.DAY, every)) for every in (10, 1)
    )
    assert in_tens == in_days
    with localcontext(prec=60):
        one = 1 + in_tens / 365
        total = sum((10_500 * one ** (-10 * number) for number in range(1, 11)), Decimal(0))
    assert abs(total - 100_000) < 1


@pytest.mark.parametrize(
    ("period", "first", "months"),
    [
        (UnitPeriod(AprUnit.YEAR, 1), 12, 12),
        (UnitPeriod(AprUnit.MONTH, 12), 12, 12),
        (UnitPeriod(AprUnit.MONTH, 3), 3, 3),
    ],
)
def test_american_unit_periods_of_months_and_years(
    period: UnitPeriod, first: int, months: int
) -> None:
    flows = [Flow(START, -100_000)]
    flows += [Flow(add_months(START, first + months * number), 40_000) for number in range(3)]
    found = rate(AprMethod.US_ACTUARIAL, flows, period)
    with localcontext(prec=60):
        one = 1 + found * months / 12
        total = sum((40_000 * one ** -(number + 1) for number in range(3)), Decimal(0))
    assert abs(total - 100_000) < 1


def test_a_payment_moved_off_a_day_off_keeps_its_american_unit_period() -> None:
    moved = [date(2026, 4, 6), date(2026, 5, 4), date(2026, 6, 4), date(2026, 7, 6)]
    flows = [Flow(date(2026, 3, 4), -100_000), *(Flow(day, 26_000) for day in moved)]
    month = rate(AprMethod.US_ACTUARIAL, flows) / 12
    weekly = [Flow(START + timedelta(days=7 * number), 26_000) for number in range(1, 5)]
    early = weekly[-1]._replace(date=weekly[-1].date - timedelta(days=1))
    told = {
        rate(AprMethod.US_ACTUARIAL, [Flow(START, -100_000), *paid], UnitPeriod(AprUnit.WEEK))
        for paid in (weekly, [*weekly[:-1], early])
    }
    with localcontext(prec=60):
        odd = 1 + month * 2 / 30
        total = sum((26_000 / odd * (1 + month) ** -number for number in range(1, 5)), Decimal(0))
    assert abs(total - 100_000) < 1
    assert len(told) == 1


def test_a_rate_of_nothing_has_no_minus() -> None:
    flows = [Flow(START, -1_000_000), Flow(add_months(START, 12), 999_999)]
    assert apr(AprMethod.XIRR_365, flows, None, 2).text == "0.00"


def test_half_months_count_fifteen_days() -> None:
    flows = [Flow(START, -100_000)]
    flows += [Flow(add_months(START, number), 18_000) for number in range(1, 7)]
    half = rate(AprMethod.US_ACTUARIAL, flows, UnitPeriod(AprUnit.HALF_MONTH, 1))
    with localcontext(prec=60):
        total = sum(
            (18_000 * (1 + half / 24) ** (-2 * number) for number in range(1, 7)), Decimal(0)
        )
    assert abs(total - 100_000) < 1


@pytest.mark.parametrize(
    "flows",
    [
        [],
        [Flow(START, -1_000)],
        [Flow(START, 1_000), Flow(add_months(START, 1), 1_000)],
        [Flow(START, -1_000), Flow(add_months(START, 1), -1_000)],
    ],
)
@pytest.mark.parametrize("method", list(AprMethod))
def test_money_that_flows_one_way_has_no_rate(method: AprMethod, flows: list[Flow]) -> None:
    with pytest.raises(NoRate):
        apr(method, flows, MONTH, 2)


def test_the_american_rule_knows_one_advance() -> None:
    flows = [Flow(START, -500), Flow(add_months(START, 1), -500), Flow(add_months(START, 2), 1_100)]
    with pytest.raises(NoRate):
        apr(AprMethod.US_ACTUARIAL, flows, MONTH, 2)


def test_a_longer_first_period_makes_the_rate_lower() -> None:
    usual = loan(12, 100_000, 9_000)
    first = add_months(START, 1) + timedelta(days=20)
    later = [usual[0], *(Flow(add_months(first, number), 9_000) for number in range(12))]
    for method in AprMethod:
        assert rate(method, later) < rate(method, usual)


def test_the_percentage_is_printed_with_the_decimals_asked_for() -> None:
    flows = loan(12, 100_000, 9_000)
    texts = [apr(AprMethod.EU_2008_48, flows, MONTH, places).text for places in (1, 2, 4)]
    assert [len(text.partition(".")[2]) for text in texts] == [1, 2, 4]


def test_a_loss_in_several_parts_has_its_rate_below_zero() -> None:
    """4,583 and three days later 591 are lent, 179 comes back five times: almost half is lost a
    year. No rate above zero brings that to nothing.
    """
    flows = [Flow(date(2023, 11, 15), -4_583), Flow(date(2023, 11, 17), 179)]
    flows += [Flow(date(2023, 11, 18), -591)]
    flows += [Flow(date(year, 11, 17), 179) for year in range(2024, 2028)]
    assert apr(AprMethod.EU_2008_48, flows, UnitPeriod(AprUnit.YEAR), 1).text == "-48.8"


def test_a_rate_of_more_digits_than_are_counted_is_no_rate() -> None:
    """A third more after one night is 10^47 in a hundred a year."""
    overnight = [Flow(START, -92_874), Flow(START + timedelta(days=1), 124_840)]
    with pytest.raises(NoRate):
        apr(AprMethod.XIRR_365, overnight, None, 4)
