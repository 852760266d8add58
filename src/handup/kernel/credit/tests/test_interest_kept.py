"""A new rate or a moratorium changes the interest of a period, and nothing asked beside it."""

from datetime import date, timedelta

import pytest

from handup.kernel.credit.allocation import INTEREST, PRINCIPAL
from handup.kernel.credit.changes import (
    Moratorium,
    Restructuring,
    Scope,
    Treatment,
    apply_moratorium,
    apply_reschedule,
    apply_restructure,
)
from handup.kernel.credit.codes import Component, DayCount, Method, Recalculation
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.early import pay_early, payoff_on
from handup.kernel.credit.rescheduling import Request
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import SignedRow, Standing
from handup.kernel.credit.terms import Terms
from handup.kernel.credit.tests.loans import DUE, LENT, opened, pay, pay_row, signed, terms
from handup.kernel.money import divide

FLAT = terms(method=Method.FLAT, day_count=DayCount.MONTHS_12)
MONTHS = terms(day_count=DayCount.MONTHS_12)
SAME = 240_000
FEB_1 = date(2025, 2, 1)
MARCH = date(2025, 3, 1)


def interest(loan: Standing) -> list[int]:
    """What the rows of the plan ask for of interest."""
    return [row.due[INTEREST] for row in loan.plan_rows()]


def whole(loan: Standing) -> int:
    """All interest asked, and paid before."""
    return sum(row.due[INTEREST] for row in loan.ledger.rows)


def ends(loan: Standing) -> list[date]:
    return [row.ends for row in loan.plan_rows()]


# --- a new rate -----------------------------------------------------------------------------------


@pytest.mark.parametrize("of", [terms(), FLAT])
def test_the_same_rate_asks_prepaid_interest_once(of: Terms) -> None:
    loan = opened(of)
    before = whole(loan)
    for units in (1_000, 5_000):
        pay(loan, FEB_1, units)
        apply_reschedule(loan, FEB_1, Request(FEB_1, new_rate_ppm=SAME))
        assert whole(loan) == before
    loan.check()


@pytest.mark.parametrize("of", [terms(), FLAT])
def test_the_same_rate_keeps_waived_interest_off(of: Terms) -> None:
    loan = opened(of)
    loan.waive(Component.INTEREST, FEB_1, 4_000)
    before = interest(loan)
    apply_reschedule(loan, FEB_1, Request(FEB_1, new_rate_ppm=SAME))
    assert interest(loan) == before


@pytest.mark.parametrize("of", [terms(), FLAT])
def test_the_same_rate_keeps_interest_that_was_carried_over(of: Terms) -> None:
    loan = opened(of)
    apply_restructure(loan, MARCH, Restructuring(of, interest=Treatment.CARRY))
    before = interest(loan)
    assert before[0] > before[1] + 10_000
    apply_reschedule(loan, MARCH, Request(MARCH, new_rate_ppm=SAME))
    assert interest(loan) == before


def test_prepaid_interest_that_was_carried_over_is_asked_once() -> None:
    loan = opened(FLAT)
    apply_restructure(loan, MARCH, Restructuring(FLAT, interest=Treatment.CARRY))
    pay(loan, MARCH, 15_000)
    before = whole(loan)
    apply_reschedule(loan, MARCH, Request(MARCH, new_rate_ppm=SAME))
    assert whole(loan) == before


def test_the_same_rate_keeps_interest_that_waits_of_a_flat_loan() -> None:
    loan = opened(FLAT)
    apply_moratorium(loan, FEB_1, Moratorium(date(2025, 3, 20)))
    before = interest(loan)
    assert before[0] == 36_000
    apply_reschedule(loan, MARCH, Request(MARCH, new_rate_ppm=SAME))
    assert interest(loan) == before


def test_the_same_rate_keeps_interest_that_is_collected_later() -> None:
    loan = opened(terms(grace_interest_payment=2))
    before = interest(loan)
    day = date(2025, 2, 20)
    apply_reschedule(loan, day, Request(MARCH, new_rate_ppm=SAME))
    assert interest(loan) == before
    apply_reschedule(loan, day, Request(MARCH, new_rate_ppm=SAME // 2))
    asked = interest(loan)
    second = divide((LENT - signed(terms())[0].principal) * SAME * 28, 2 * 365 * 1_000_000)
    assert asked[:2] == [0, 0]
    assert asked[2] > signed(terms())[0].interest + second


def test_a_new_rate_of_a_flat_loan_on_new_terms_is_of_what_was_owed_then() -> None:
    loan = opened(FLAT)
    for place in range(3):
        pay_row(loan, place)
    day = date(2025, 4, 16)
    apply_restructure(loan, day, Restructuring(FLAT))
    owed = loan.principal
    apply_reschedule(loan, day, Request(day, new_rate_ppm=120_000))
    assert set(interest(loan)) == {divide(owed, 100)}


def test_a_new_rate_counts_from_the_days_that_periods_end_on() -> None:
    of = terms(working_days=(1, 2, 3, 4, 5))
    loan = opened(of)
    before = interest(loan)
    pay(loan, date(2025, 2, 17), loan.plan_rows()[0].left)
    apply_reschedule(loan, date(2025, 2, 20), Request(MARCH, new_rate_ppm=SAME))
    assert interest(loan) == before
    assert ends(loan) == list(DUE)


# --- a moratorium ---------------------------------------------------------------------------------


def test_a_moratorium_of_principal_keeps_carried_and_prepaid_interest() -> None:
    loan = opened()
    apply_restructure(loan, MARCH, Restructuring(terms(), interest=Treatment.CARRY))
    carried = loan.carried.copy()
    first = loan.plan_rows()[0].due[INTEREST]
    pay(loan, MARCH, 3_000)
    apply_moratorium(loan, date(2025, 3, 5), Moratorium(date(2025, 4, 10), Scope.PRINCIPAL))
    assert sum(carried.values()) > 0
    assert interest(loan)[0] == first - 3_000


def test_two_moratoria_of_a_flat_loan_ask_one_period_s_interest_each() -> None:
    one, two = opened(FLAT), opened(FLAT)
    apply_moratorium(one, FEB_1, Moratorium(date(2025, 3, 20)))
    apply_moratorium(two, FEB_1, Moratorium(date(2025, 2, 20)))
    apply_moratorium(two, MARCH, Moratorium(date(2025, 3, 20)))
    assert interest(two) == interest(one) == [36_000, *[12_000] * 5]


def test_a_moratorium_of_a_flat_loan_counts_no_interest_that_was_carried_over() -> None:
    loan = opened(FLAT)
    apply_restructure(loan, MARCH, Restructuring(FLAT, interest=Treatment.CARRY))
    first = loan.plan_rows()[0].due[INTEREST]
    apply_moratorium(loan, date(2025, 3, 5), Moratorium(date(2025, 4, 10)))
    assert interest(loan)[0] == first + 12_000


def test_by_whole_months_the_payoff_asks_what_waits_too() -> None:
    loan = opened(MONTHS)
    apply_moratorium(loan, FEB_1, Moratorium(date(2025, 3, 20)))
    assert loan.plan_rows()[0].due[INTEREST] == 36_000
    for day, days in ((date(2025, 2, 14), 30), (date(2025, 4, 14), 89)):
        assert payoff_on(loan, day).interest == divide(36_000 * days, 90)
    pay_early(loan, "x", date(2025, 2, 20), 1_000)
    assert loan.plan_rows()[0].due[INTEREST] > 35_900
    loan.check()


def test_by_whole_months_interest_on_the_balance_waits_too() -> None:
    loan = opened(terms(day_count=DayCount.MONTHS_12, recalculation=Recalculation.BALANCE))
    apply_moratorium(loan, FEB_1, Moratorium(date(2025, 3, 20)))
    first = loan.seen_on(FEB_1).plan_rows()[0]
    assert first.due[INTEREST] == divide(12_000 * 17, 31) + divide(36_000 * 73, 90)


def test_a_moratorium_of_principal_keeps_a_row_whose_interest_is_collected_later() -> None:
    loan = opened(terms(grace_interest_payment=2))
    apply_moratorium(loan, FEB_1, Moratorium(date(2025, 2, 20), Scope.PRINCIPAL))
    assert ends(loan) == [*DUE, date(2025, 8, 15)]
    first = signed(terms())[0].interest
    second = divide(LENT * SAME * 28, 365 * 1_000_000)
    assert interest(loan)[:2] == [0, 0]
    assert interest(loan)[2] > first + second
    assert next(row.due[PRINCIPAL] for row in loan.plan_rows()) == 0
    loan.check()


def test_rows_move_from_the_unmoved_day_and_off_days_without_work() -> None:
    loan = opened(terms(working_days=(1, 2, 3, 4, 5)))
    apply_moratorium(loan, FEB_1, Moratorium(date(2025, 2, 20)))
    assert ends(loan) == [*DUE[1:], date(2025, 8, 15)]
    due = [row.due_date for row in loan.plan_rows()]
    assert due[:4] == [date(2025, 3, 17), date(2025, 4, 15), date(2025, 5, 15), date(2025, 6, 16)]
    assert all(day.isoweekday() < 6 for day in due)


def test_rows_of_a_month_s_last_day_stay_there() -> None:
    start = date(2025, 1, 31)
    plan = plan_due_dates(terms(), start)
    schedule = build_schedule(terms(), [Disbursement(start, LENT)], plan)
    loan = Standing(terms=terms())
    rows = [SignedRow(row.n, row.due_date, row.principal, row.interest) for row in schedule.rows]
    loan.open(start, rows, LENT)
    apply_moratorium(loan, FEB_1, Moratorium(date(2025, 2, 28)))
    assert ends(loan) == [*plan.bounds[2:], date(2025, 8, 31)]
    apply_reschedule(loan, MARCH, Request(MARCH, extra_instalments=1))
    assert ends(loan)[-1] == date(2025, 9, 30)


# --- flat rows that a change split ----------------------------------------------------------------


def test_a_flat_payoff_counts_what_was_paid_on_a_row_that_a_change_split() -> None:
    plain, split = opened(FLAT), opened(FLAT)
    for loan in (plain, split):
        pay_row(loan, 0)
        pay(loan, MARCH, 12_000)
    apply_reschedule(split, MARCH, Request(DUE[1], shift_to=DUE[1]))
    for day in (date(2025, 3, 10), date(2025, 4, 20)):
        assert payoff_on(split, day) == payoff_on(plain, day)


@pytest.mark.parametrize("of", [terms(), FLAT, MONTHS])
def test_the_payoff_never_falls_when_interest_is_paid_ahead_and_rows_are_split(of: Terms) -> None:
    loan = opened(of)
    pay(loan, FEB_1, 6_000)
    plain = [payoff_on(loan, FEB_1 + timedelta(days=step)).interest for step in range(40)]
    apply_reschedule(loan, FEB_1, Request(DUE[0], shift_to=DUE[0]))
    assert [payoff_on(loan, FEB_1 + timedelta(days=step)).interest for step in range(40)] == plain
    assert sum(row.due[PRINCIPAL] for row in loan.ledger.rows) == LENT
