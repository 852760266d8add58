"""A daily rate on the balance, with simple interest on what is late."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.adapters import ADAPTERS
from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Charge,
    Instalment,
    Ledger,
    Payment,
)
from handup.kernel.credit.codes import Component, DueUnit, RatePer, Recalculation
from handup.kernel.credit.daily_rate import DailyRate
from handup.kernel.credit.dates import period_rates
from handup.kernel.credit.terms import BadTerms, Terms
from handup.kernel.money import divide

START = date(2025, 3, 1)
DUE = (date(2025, 3, 31), date(2025, 4, 30), date(2025, 5, 30))
PPM = 1000
TERMS = Terms(
    currency="USD",
    rate_ppm=PPM,
    rate_per=RatePer.DAY,
    instalments=3,
    recalculation=Recalculation.DAILY_RATE,
)
ROWS = (
    Instalment(DUE[0], 30_000, 2_700),
    Instalment(DUE[1], 30_000, 1_800, fee=200),
    Instalment(DUE[2], 30_000, 900),
)


def loan() -> DailyRate:
    ledger = Ledger(TERMS.allocation, ROWS)
    return DailyRate(TERMS, ledger, ledger.rows, START)


def pay(of: DailyRate, day: date, units: int) -> tuple[int, ...]:
    """Penalty, fee, interest, principal and overpayment of one payment."""
    split = of.pay(Payment(day.isoformat(), day, units))
    return (*split.parts, split.overpaid)


def interest(balance: int, count: int) -> int:
    return divide(balance * PPM * count, 1_000_000)


def test_paid_to_the_day_the_schedule_holds() -> None:
    of = loan()
    assert pay(of, DUE[0], 32_700) == (0, 0, 2_700, 30_000, 0)
    assert [row.open[INTEREST] for row in of.rows] == [0, 1_800, 900]
    assert of.payoff(DUE[0]) == 60_000 + 200


def test_late_principal_earns_interest_from_the_day_after() -> None:
    of = loan()
    assert of.plan_on(DUE[0]).late == [0, 0, 0]
    assert of.plan_on(DUE[0] + timedelta(days=1)).late == [0, interest(30_000, 1), 0]
    assert of.late == [0, 0, 0]


def test_late_interest_is_paid_on_the_following_row_before_its_interest() -> None:
    of = loan()
    day = DUE[0] + timedelta(days=4)
    late = interest(30_000, 4)
    assert pay(of, day, 32_700 + late + 10) == (0, 0, 2_700 + late + 10, 30_000, 0)
    assert of.late_paid == [0, late, 0]
    assert of.rows[1].open[INTEREST] == interest(60_000, 26)


def test_the_last_row_carries_its_own_late_interest() -> None:
    of = loan()
    seen = of.plan_on(DUE[2] + timedelta(days=10))
    assert seen.late[2] == interest(30_000, 40) + interest(30_000, 10)
    assert seen.late[1] == interest(30_000, 70)


def test_late_interest_is_added_up_at_each_payment() -> None:
    of = loan()
    first, second = DUE[0] + timedelta(days=3), DUE[0] + timedelta(days=8)
    pay(of, first, 2_700 + 10_001)
    left = 30_000 - 10_001
    seen = of.plan_on(second)
    assert seen.late[1] == interest(30_000, 3) + interest(left, 5)


def test_money_before_the_due_date_pays_interest_to_its_day() -> None:
    of = loan()
    day = START + timedelta(days=10)
    assert pay(of, day, 10_000) == (0, 0, interest(90_000, 10), 10_000 - interest(90_000, 10), 0)
    left = 90_000 - 10_000 + interest(90_000, 10)
    assert of.rows[0].open[INTEREST] == interest(left, 20)
    assert of.accrued(day) == 0
    assert of.accrued(day + timedelta(days=5)) == interest(left, 5)
    assert of.payoff(day + timedelta(days=5)) == left + interest(left, 5)


def test_principal_ahead_lowers_the_interest_of_the_rows_it_touches_only() -> None:
    of = loan()
    pay(of, START, 40_000)
    assert [row.open[PRINCIPAL] for row in of.rows] == [0, 20_000, 30_000]
    assert [row.open[INTEREST] for row in of.rows] == [
        interest(50_000, 30),
        interest(50_000, 30),
        900,
    ]


def test_the_fee_of_a_row_to_come_is_not_taken_ahead() -> None:
    of = loan()
    assert pay(of, DUE[0], 93_000) == (0, 0, 2_700, 90_000, 300)
    assert of.rows[1].open[FEE] == 200
    assert pay(of, DUE[1], 500) == (0, 200, 0, 0, 300)


def test_a_penalty_comes_before_the_fee_of_a_row_due() -> None:
    of = loan()
    of.ledger.charge(Charge(Component.PENALTY, DUE[0], 150))
    assert pay(of, DUE[0], 200) == (150, 0, 50, 0, 0)
    assert of.rows[0].open[PENALTY] == 0


def test_charges_after_the_last_row_are_paid_when_they_fall_due() -> None:
    of = loan()
    of.ledger.charge(Charge(Component.FEE, DUE[2] + timedelta(days=5), 70))
    owed = sum(row.left for row in of.plan_on(DUE[2]).rows)
    assert pay(of, DUE[2], owed + 70)[-1] == 70
    assert pay(of, DUE[2] + timedelta(days=5), 70) == (0, 70, 0, 0, 0)


def test_the_payoff_closes_the_loan() -> None:
    for step in range(0, 120, 7):
        of = loan()
        day = START + timedelta(days=step)
        due = of.payoff(day)
        current = of.current(day)
        fee = of.rows[current].open[FEE] if current is not None else 0
        assert pay(of, day, due)[-1] == fee
        assert sum(row.open[PRINCIPAL] for row in of.rows) == 0


def test_after_the_last_due_date_no_row_is_current() -> None:
    of = loan()
    assert of.current(DUE[1]) == 2
    assert of.current(DUE[2]) is None
    assert of.accrued(DUE[2]) == 0


def test_looking_ahead_leaves_the_loan_alone() -> None:
    of = loan()
    before = [row.open.copy() for row in of.rows]
    of.plan_on(DUE[2] + timedelta(days=100))
    of.payoff(DUE[1])
    assert [row.open for row in of.rows] == before


money = st.lists(st.tuples(st.integers(0, 150), st.integers(1, 40_000)), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None)
@given(money)
def test_money_is_never_made_or_lost(paid: list[tuple[int, int]]) -> None:
    of = loan()
    for step, units in sorted(paid):
        assert sum(pay(of, START + timedelta(days=step), units)) == units
    for place, row in enumerate(of.rows):
        assert all(0 <= still <= due for still, due in zip(row.open, row.due, strict=True))
        assert row.left == sum(row.open)
        assert 0 <= of.late_paid[place] <= of.late[place]
    assert sum(row.due[PRINCIPAL] for row in of.rows) == 90_000


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 60), st.integers(1, 30_000))
def test_late_interest_is_exactly_simple(step: int, units: int) -> None:
    of = loan()
    day = DUE[0] + timedelta(days=step)
    exact = Fraction(30_000 * PPM * step, 1_000_000)
    booked = (
        of.plan_on(day).late[1]
        + of.plan_on(day).late[2]
        - sum(interest(30_000, max((day - due).days, 0)) for due in DUE[1:])
    )
    assert abs(booked - exact) <= 1
    assert sum(pay(of, day, units)) == units


def test_a_rate_finer_than_millionths_is_counted_in_full() -> None:
    rate = "0.0006575342"
    case = {
        "currency_digits": 2,
        "daily_rate": rate,
        "disbursed_date": "2025-03-01",
        "instalments": [
            {"due_date": "2025-04-01", "principal": 100_000_000, "interest": 0, "fee": 0}
        ],
        "payments": [],
        "as_of": "2025-03-31",
    }
    asked = 100_000_000 + divide(100_000_000 * 6_575_342 * 30, 10**10)
    found: Any = ADAPTERS["lending.daily_interest"](case)
    assert found["payoff"] == asked == 101_972_603
    with pytest.raises(BadTerms):
        Terms(currency="USD", rate_ppm=10**7 * 7 + 1, rate_parts=7)


def test_a_yearly_rate_finer_than_millionths_is_counted_in_full() -> None:
    rates = period_rates(
        Terms(currency="USD", rate_ppm=1_000_000, rate_parts=3, unit=DueUnit.MONTH),
        [date(2025, 1, 1), date(2026, 1, 1)],
    )
    assert Fraction(rates.numerators[0], rates.denominator) == Fraction(1, 3)
