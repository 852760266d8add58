"""What is earned to a day, what closes a loan, paying early and paying off."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.allocation import FEE, INTEREST, PRINCIPAL, Charge
from handup.kernel.credit.codes import (
    Component,
    DayCount,
    EarlyEffect,
    FeeWhen,
    FlatRebate,
    Method,
    PayoffInterest,
    PenaltyKind,
    RatePer,
    Recalculation,
    Repayment,
    Strategy,
)
from handup.kernel.credit.early import accrued_interest, pay_early, pay_off, payoff_on
from handup.kernel.credit.standing import Standing
from handup.kernel.credit.terms import Allocation, Fee, Penalty, Terms
from handup.kernel.credit.tests.loans import (
    DUE,
    LENT,
    START,
    opened,
    owed,
    pay,
    pay_row,
    shown,
    signed,
    terms,
)
from handup.kernel.money import Rounding, divide

MARCH = date(2025, 3, 1)
DAILY = terms(rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE)
BALANCE = terms(recalculation=Recalculation.BALANCE)
ROWS = signed(terms())


def by_days(balance: int, days: int) -> int:
    return divide(balance * 240_000 * days, 365 * 1_000_000)


def test_interest_is_earned_day_by_day_within_a_period() -> None:
    loan = opened()
    assert accrued_interest(loan, START) == 0
    assert accrued_interest(loan, DUE[0]) == ROWS[0].interest
    half = accrued_interest(loan, START + timedelta(days=15))
    assert half == divide(ROWS[0].interest * 15, 31)
    assert accrued_interest(loan, DUE[-1] + timedelta(days=99)) == sum(row.interest for row in ROWS)


def test_waived_interest_is_not_earned() -> None:
    loan = opened()
    loan.waive(Component.INTEREST, MARCH, 1_000)
    assert accrued_interest(loan, DUE[0]) == ROWS[0].interest - 1_000


def test_earned_interest_follows_the_real_balance() -> None:
    loan = opened(BALANCE)
    pay(loan, START + timedelta(days=10), 100_000)
    expected = by_days(LENT, 10) + by_days(LENT - 100_000, 6)
    assert accrued_interest(loan, START + timedelta(days=16)) == expected


def test_under_a_daily_rate_late_interest_is_earned_too() -> None:
    loan = opened(DAILY)
    first = loan.ledger.rows[0]
    day = DUE[0] + timedelta(days=4)
    late = divide(first.due[PRINCIPAL] * 658 * 4, 1_000_000)
    running = divide((LENT - first.due[PRINCIPAL]) * 658 * 4, 1_000_000)
    assert accrued_interest(loan, day) == first.due[INTEREST] + late + running


def test_the_payoff_is_principal_and_interest_to_the_day() -> None:
    loan = opened()
    pay_row(loan, 0)
    quote = payoff_on(loan, MARCH)
    left = LENT - ROWS[0].principal
    assert quote == (left, by_days(left, 14), 0, 0)


def test_the_payoff_of_the_house_example_to_the_unit() -> None:
    of = terms(instalments=12, instalment_rounding=Rounding(100_00))
    loan = Standing(terms=of)
    start = date(2026, 1, 15)
    loan.open(start, signed(of, 600_000_00, start), 600_000_00)
    for row in loan.plan_rows()[:3]:
        pay(loan, row.due_date, row.left)
    quote = payoff_on(loan, date(2026, 5, 5))
    assert (quote.principal, quote.interest, quote.total) == (462_734_39, 6_085_27, 468_819_66)


def test_the_payoff_to_the_period_s_end_takes_the_whole_period() -> None:
    loan = opened(terms(payoff_interest=PayoffInterest.TO_PERIOD_END))
    pay_row(loan, 0)
    assert payoff_on(loan, MARCH).interest == ROWS[1].interest
    assert payoff_on(loan, DUE[0]).interest == 0


def test_an_early_fee_is_due_before_the_period_ends_only() -> None:
    loan = opened(terms(early_fee_ppm=10_000))
    pay_row(loan, 0)
    left = LENT - ROWS[0].principal
    assert payoff_on(loan, MARCH).fee == divide(left, 100)
    assert payoff_on(loan, DUE[1]).fee == 0


def test_what_is_overdue_is_part_of_the_payoff() -> None:
    loan = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000)))
    loan.charge(Charge(Component.FEE, DUE[0], 250))
    quote = payoff_on(loan, MARCH)
    assert quote.principal == LENT
    assert quote.interest == ROWS[0].interest + by_days(LENT - ROWS[0].principal, 14)
    assert quote.fee == 250
    assert quote.penalty == divide(ROWS[0].principal * 11, 1_000)


def test_after_the_last_due_date_only_what_is_overdue_is_left() -> None:
    loan = opened(terms(early_fee_ppm=10_000))
    day = DUE[-1] + timedelta(days=40)
    quote = payoff_on(loan, day)
    assert quote.total == owed(loan, day)


def test_after_the_last_due_date_a_charge_due_later_is_asked_too() -> None:
    loan = opened()
    loan.charge(Charge(Component.FEE, DUE[-1] + timedelta(days=47), 5_000, DUE[-1]))
    day = DUE[-1] + timedelta(days=17)
    quote = payoff_on(loan, day)
    assert (quote.fee, quote.total) == (5_000, owed(loan, day))
    pay_off(loan, "x", day, quote.total)
    assert not loan.anything_left
    loan.check()


@pytest.mark.parametrize(
    ("rebate", "days", "share"),
    [(FlatRebate.BY_DAYS, 45, (45, 181)), (FlatRebate.NONE, 45, (1, 1))],
)
def test_a_flat_loan_gives_interest_back_by_days_or_not_at_all(
    rebate: FlatRebate, days: int, share: tuple[int, int]
) -> None:
    of = terms(method=Method.FLAT, day_count=DayCount.MONTHS_12, flat_rebate=rebate)
    loan = opened(of)
    pay_row(loan, 0)
    total = sum(row.interest for row in signed(of))
    paid = signed(of)[0].interest
    quote = payoff_on(loan, START + timedelta(days=days))
    assert quote.interest == divide(total * share[0], share[1]) - paid


def test_interest_paid_ahead_is_taken_off_the_payoff() -> None:
    loan = opened()
    pay_row(loan, 0)
    pay(loan, MARCH, ROWS[1].principal + ROWS[1].interest)
    assert payoff_on(loan, MARCH).interest == 0


def test_paying_off_closes_the_loan_and_drops_the_rows_to_come() -> None:
    loan = opened()
    pay_row(loan, 0)
    quote = payoff_on(loan, MARCH)
    split = pay_off(loan, "x", MARCH, quote.total)
    assert split.overpaid == 0
    assert not loan.anything_left
    assert loan.principal == 0
    assert len(loan.plan_rows()) == 2
    assert loan.ledger.rows[1].settled_date == MARCH
    assert {item.row.number for item in loan.past} == {2, 3, 4, 5, 6}
    loan.check()


def test_more_than_the_payoff_is_overpaid_and_less_is_money_paid_early() -> None:
    loan = opened()
    quote = payoff_on(loan, MARCH)
    assert pay_off(loan, "x", MARCH, quote.total + 70).overpaid == 70
    short = opened()
    pay_off(short, "x", MARCH, payoff_on(short, MARCH).total - 1)
    assert short.anything_left
    assert short.overpaid == 0
    short.check()


def test_a_flat_payoff_below_what_is_overdue_lets_interest_go() -> None:
    of = terms(method=Method.FLAT, day_count=DayCount.MONTHS_12, rate_ppm=900_000)
    loan = opened(of)
    day = DUE[2]
    quote = payoff_on(loan, day)
    due = sum(row.open[INTEREST] for row in loan.ledger.rows if row.due_date <= day)
    assert quote.interest < due
    pay_off(loan, "x", day, quote.total)
    assert not loan.anything_left
    assert loan.paid(INTEREST) == quote.interest
    loan.check()


@pytest.mark.parametrize("effect", list(EarlyEffect))
def test_paying_early_once_changes_the_plan_by_its_effect(effect: EarlyEffect) -> None:
    loan = opened(terms(early_effect=effect))
    pay_row(loan, 0)
    pay_early(loan, "x", MARCH, 200_000)
    rows = shown(loan, MARCH)
    assert sum(row[1] for row in rows) == LENT
    left = LENT - ROWS[0].principal
    assert rows[1][1:] == (200_000, by_days(left, 14) + by_days(left - 200_000, 14))
    if effect is EarlyEffect.REDUCE_NUMBER:
        assert len(rows) < 6
    else:
        assert len(rows) == 6
    if effect is EarlyEffect.SKIP_NEXT:
        assert rows[2][1] < ROWS[2].principal - 90_000
    assert loan.by_balance is None
    loan.check()


def test_after_paying_early_the_schedule_stands_again() -> None:
    loan = opened()
    pay_early(loan, "x", START + timedelta(days=5), 100_000)
    before = shown(loan, START)
    pay(loan, MARCH, 50_000)
    assert shown(loan, MARCH) == before


def test_the_effect_asked_for_wins_over_the_terms() -> None:
    loan = opened(terms(early_effect=EarlyEffect.REDUCE_NUMBER))
    pay_early(loan, "x", START, 300_000, EarlyEffect.KEEP_INSTALMENT)
    assert len(loan.plan_rows()) == 6


def test_paying_early_on_a_due_date_adds_to_the_row_of_that_day() -> None:
    loan = opened(terms(early_effect=EarlyEffect.REDUCE_INSTALMENT))
    pay_early(loan, "x", DUE[0], ROWS[0].principal + ROWS[0].interest + 100_000)
    rows = shown(loan, DUE[0])
    assert rows[0][1:] == (ROWS[0].principal + 100_000, ROWS[0].interest)
    assert rows[1][2] == by_days(LENT - ROWS[0].principal - 100_000, 28)


def test_a_flat_loan_paid_early_settles_its_last_instalments() -> None:
    loan = opened(terms(method=Method.FLAT, day_count=DayCount.MONTHS_12))
    total = sum(row[2] for row in shown(loan, START))
    pay_early(loan, "x", MARCH, 300_000)
    rows = loan.ledger.rows
    assert rows[-1].left == 0
    assert rows[0].left == 0
    assert rows[2].left == sum(rows[2].due)
    assert sum(row[2] for row in shown(loan, MARCH)) == total


def test_a_flat_loan_with_a_list_of_parts_is_paid_forward() -> None:
    parts = Allocation(Strategy.ONE_BY_ONE, components=tuple(Component))
    loan = opened(terms(method=Method.FLAT, day_count=DayCount.MONTHS_12, allocation=parts))
    pay_early(loan, "x", START, 50_000)
    assert loan.ledger.rows[0].paid(PRINCIPAL) > 0


def test_under_a_daily_rate_early_money_is_a_plain_payment() -> None:
    one, two = opened(DAILY), opened(DAILY)
    pay_early(one, "x", MARCH, 250_000)
    pay(two, MARCH, 250_000)
    assert shown(one, MARCH) == shown(two, MARCH)


def test_the_fee_of_an_instalment_that_falls_away_is_not_asked() -> None:
    of = terms(fees=(Fee("BOOK", when=FeeWhen.INSTALMENT, units=300),))
    loan = opened(of)
    pay_early(loan, "x", START, 400_000)
    assert loan.paid(PRINCIPAL) == 400_000
    rows = loan.plan_rows()
    assert len(rows) < 6
    assert {row.due[FEE] for row in rows} == {300}
    loan.check()


def test_paying_early_after_the_last_due_date_is_a_plain_payment() -> None:
    loan = opened()
    day = DUE[-1] + timedelta(days=3)
    pay_early(loan, "x", day, owed(loan, day) + 9)
    assert loan.overpaid == 9


KINDS = {
    "schedule": terms(),
    "penalty": terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=800)),
    "flat": terms(method=Method.FLAT, day_count=DayCount.MONTHS_12),
    "bullet": terms(repayment=Repayment.BULLET),
    "grace": terms(grace_principal=2, grace_interest_payment=2, grace_interest_free=1),
    "balance": BALANCE,
    "daily": DAILY,
    "to the end": terms(payoff_interest=PayoffInterest.TO_PERIOD_END, early_fee_ppm=5_000),
}


@settings(max_examples=120, deadline=None)
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 200_000)), max_size=5),
    st.integers(0, 120),
)
def test_the_payoff_of_any_day_closes_any_loan(
    kind: str, paid: list[tuple[int, int]], later: int
) -> None:
    of: Terms = KINDS[kind]
    loan = opened(of)
    last = START
    for step, units in sorted(paid):
        last = START + timedelta(days=step)
        pay(loan, last, units)
    day = last + timedelta(days=later)
    quote = payoff_on(loan, day)
    assert min(quote) >= 0
    split = pay_off(loan, "x", day, quote.total)
    assert split.overpaid == 0
    assert not loan.anything_left
    assert loan.principal == 0
    loan.check()
