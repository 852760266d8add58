"""What a row asks beside the interest of its own period survives when the plan is made anew."""

from datetime import date, timedelta

import pytest

from handup.kernel.credit.allocation import INTEREST, PRINCIPAL
from handup.kernel.credit.changes import apply_reschedule
from handup.kernel.credit.codes import (
    Component,
    DayCount,
    EarlyEffect,
    Method,
    OffDayRule,
    PayoffInterest,
    RatePer,
    Recalculation,
    Repayment,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.early import pay_early, pay_off, payoff_on
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.tests.loans import DUE, LENT, START, opened, pay, shown, signed, terms
from handup.kernel.money import divide

WEEKDAYS = (1, 2, 3, 4, 5)
FIRST = signed(terms())[0].interest
FIRST_DAILY = divide(LENT * 658 * 31, 1_000_000)
JAN_25 = date(2025, 1, 25)


def by_days(balance: int, days: int) -> int:
    return divide(balance * 240_000 * days, 365 * 1_000_000)


# --- a due date moved by a day off ----------------------------------------------------------------


@pytest.mark.parametrize("recalculation", [Recalculation.NONE, Recalculation.BALANCE])
def test_a_payoff_asks_each_day_until_a_moved_due_date(recalculation: Recalculation) -> None:
    loan = opened(terms(working_days=WEEKDAYS, recalculation=recalculation))
    row = loan.plan_rows()[0]
    assert (row.ends, row.due_date) == (date(2025, 2, 15), date(2025, 2, 17))
    asked = [payoff_on(loan, date(2025, 2, day)).interest for day in range(14, 18)]
    left = LENT if loan.by_balance else LENT - signed(terms())[0].principal
    running = [FIRST + by_days(left, days) for days in range(3)]
    assert asked == [by_days(LENT, 30), *running]


def test_money_below_the_payoff_of_the_day_a_period_ends_leaves_the_loan_open() -> None:
    of = terms(working_days=WEEKDAYS)
    loan = opened(of)
    pay_off(loan, "x", date(2025, 2, 15), LENT)
    assert loan.anything_left
    paid = opened(of)
    assert pay_off(paid, "x", date(2025, 2, 15), LENT + FIRST).overpaid == 0
    assert not paid.anything_left
    assert paid.paid(INTEREST) == FIRST
    paid.check()


def test_a_row_due_before_its_period_ends_is_asked_once() -> None:
    loan = opened(terms(working_days=WEEKDAYS, off_day_rule=OffDayRule.PREVIOUS))
    row = loan.plan_rows()[0]
    assert (row.due_date, row.ends) == (date(2025, 2, 14), date(2025, 2, 15))
    assert payoff_on(loan, row.due_date).interest == FIRST
    pay(loan, row.due_date, row.left)
    assert payoff_on(loan, row.due_date).interest == 0


def test_a_payoff_to_the_period_s_end_takes_the_first_period_from_its_first_day() -> None:
    loan = opened(terms(payoff_interest=PayoffInterest.TO_PERIOD_END))
    assert payoff_on(loan, START).interest == FIRST


# --- interest let go ------------------------------------------------------------------------------


def test_waived_interest_stays_off_the_payoff() -> None:
    loan = opened()
    loan.waive(Component.INTEREST, START, 5_000)
    assert payoff_on(loan, START + timedelta(days=5)).interest == 0
    assert payoff_on(loan, date(2025, 2, 14)).interest == by_days(LENT, 30) - 5_000
    assert payoff_on(loan, DUE[0]).interest == FIRST - 5_000


def test_waived_interest_stays_off_a_flat_payoff() -> None:
    loan = opened(terms(method=Method.FLAT, day_count=DayCount.MONTHS_12))
    before = payoff_on(loan, DUE[1]).interest
    loan.waive(Component.INTEREST, DUE[0], 12_000)
    assert payoff_on(loan, DUE[1]).interest == before - 12_000


@pytest.mark.parametrize("effect", list(EarlyEffect))
def test_waived_interest_stays_off_when_money_is_paid_early(effect: EarlyEffect) -> None:
    plain, waived = opened(), opened()
    waived.waive(Component.INTEREST, START, FIRST)
    for loan in (plain, waived):
        pay_early(loan, "x", JAN_25, 1_000, effect)
    rows = shown(plain, JAN_25)
    first = (rows[0][0], rows[0][1], 0)
    assert shown(waived, JAN_25) == [first, *rows[1:]]
    waived.check()


def test_waived_interest_stays_off_when_a_tranche_follows() -> None:
    plain, waived = opened(terms(tranches_max=2)), opened(terms(tranches_max=2))
    waived.waive(Component.INTEREST, START, 5_000)
    for loan in (plain, waived):
        loan.disburse(date(2025, 2, 1), 50_000)
    rows = shown(plain, DUE[0])
    first = (rows[0][0], rows[0][1], rows[0][2] - 5_000)
    assert shown(waived, DUE[0]) == [first, *rows[1:]]


DAILY = terms(rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE)


def test_waived_interest_stays_off_under_a_daily_rate() -> None:
    plain, waived = opened(DAILY), opened(DAILY)
    waived.waive(Component.INTEREST, START, 3_000)
    for day in (JAN_25, DUE[0] - timedelta(days=1), DUE[0]):
        assert payoff_on(waived, day).interest == payoff_on(plain, day).interest - 3_000
    for loan, units in ((plain, 50_000), (waived, 47_000)):
        pay(loan, JAN_25, units)
    assert shown(waived, JAN_25)[1:] == shown(plain, JAN_25)[1:]
    assert waived.principal == plain.principal
    assert payoff_on(waived, DUE[0]) == payoff_on(plain, DUE[0])


def test_late_interest_let_go_is_not_asked_again() -> None:
    loan = opened(DAILY)
    day = date(2025, 3, 1)
    before = payoff_on(loan, day).interest
    pay(loan, day, 1)
    assert loan.by_day is not None
    late = sum(loan.by_day.late_left().values())
    loan.waive(Component.INTEREST, day, loan.plan_rows()[0].open[INTEREST])
    loan.waive(Component.INTEREST, day, late)
    assert sum(loan.by_day.late_left().values()) == 0
    assert payoff_on(loan, day).interest == before - FIRST_DAILY - late


# --- grace and shares agreed anew -----------------------------------------------------------------


def test_paying_early_keeps_a_grace_that_was_agreed() -> None:
    loan = opened()
    apply_reschedule(loan, START, Request(DUE[0], principal_grace=3))
    pay_early(loan, "x", JAN_25, 1_000)
    rows = loan.plan_rows()
    assert [row.due[PRINCIPAL] for row in rows[:3]] == [1_000, 0, 0]
    assert rows[3].due[PRINCIPAL] > 0
    loan.check()


def test_a_tranche_keeps_a_grace_that_was_agreed() -> None:
    loan = opened(terms(tranches_max=2))
    apply_reschedule(loan, START, Request(DUE[0], principal_grace=2))
    loan.disburse(JAN_25, 1_000)
    rows = loan.plan_rows()
    assert [row.due[PRINCIPAL] for row in rows[:2]] == [0, 0]
    assert rows[2].due[PRINCIPAL] > 0
    loan.check()


SHARES = terms(
    repayment=Repayment.PRINCIPAL_SHARES, shares_bps=(0, 0, 5_000, 0, 0, 5_000), tranches_max=2
)


@pytest.mark.parametrize(
    "asked", [Request(DUE[0], principal_grace=2), Request(DUE[0], extra_instalments=2)]
)
def test_shares_follow_the_rows_when_there_are_more_of_them(asked: Request) -> None:
    loan = opened(SHARES)
    apply_reschedule(loan, START, asked)
    before = [row.due[PRINCIPAL] for row in loan.plan_rows()]
    loan.disburse(JAN_25, 60_000)
    after = [row.due[PRINCIPAL] for row in loan.plan_rows()]
    assert after == [divide(units * (LENT + 60_000), LENT) for units in before]
    for effect in EarlyEffect:
        each = opened(SHARES)
        apply_reschedule(each, START, asked)
        pay_early(each, "x", JAN_25, 1_000, effect)
        assert sum(row.due[PRINCIPAL] for row in each.plan_rows()) == LENT
        each.check()


# --- interest collected later ---------------------------------------------------------------------


@pytest.mark.parametrize("day", [date(2025, 2, 1), DUE[0], date(2025, 3, 1), date(2025, 3, 16)])
def test_a_tranche_keeps_the_interest_that_is_collected_later(day: date) -> None:
    of = terms(grace_interest_payment=2, tranches_max=2)
    loan = opened(of)
    loan.disburse(day, 100_000)
    lent = [Disbursement(START, LENT), Disbursement(day, 100_000)]
    built = build_schedule(of, lent, plan_due_dates(of, START))
    assert shown(loan, day) == [(row.due_date, row.principal, row.interest) for row in built.rows]


def test_the_payoff_asks_what_is_collected_later() -> None:
    loan = opened(terms(grace_interest_payment=2))
    left = LENT - loan.plan_rows()[0].due[PRINCIPAL]
    assert payoff_on(loan, date(2025, 3, 14)).interest == FIRST + by_days(left, 27)
    loan.waive(Component.INTEREST, START, 2_000)
    assert payoff_on(loan, date(2025, 3, 14)).interest == FIRST + by_days(left, 27) - 2_000
