"""A loan put on new terms or in other hands: what is owed goes with it, what was paid stays."""

from datetime import date, timedelta
from typing import Any

import pytest

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL, Charge
from handup.kernel.credit.changes import (
    Restructuring,
    Treatment,
    apply_hand_over,
    apply_restructure,
    owed_on,
)
from handup.kernel.credit.codes import (
    Component,
    DayCount,
    Method,
    PenaltyKind,
    RatePer,
    Recalculation,
    Repayment,
)
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.early import accrued_interest, pay_early, payoff_on
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import Standing
from handup.kernel.credit.terms import Penalty, Terms
from handup.kernel.credit.tests.loans import (
    DUE,
    LENT,
    opened,
    pay,
    pay_row,
    shown,
    signed,
    terms,
)
from handup.kernel.money import divide

MARCH = date(2025, 3, 1)
ROWS = signed(terms())
FLAT = terms(method=Method.FLAT, day_count=DayCount.MONTHS_12)
BALANCE = terms(recalculation=Recalculation.BALANCE)
DAILY = terms(rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE)


def after_one(of: Terms | None = None) -> Standing:
    """A loan with its first instalment paid on its day."""
    loan = opened(of or terms())
    pay_row(loan, 0)
    return loan


NEW = terms(instalments=4, rate_ppm=120_000)


def restructured(loan: Standing, day: date, **asked: Any) -> Standing:
    apply_restructure(loan, day, Restructuring(**{"terms": NEW, **asked}))
    loan.check()
    return loan


def test_unpaid_principal_and_interest_become_a_new_loan() -> None:
    loan = after_one()
    day = date(2025, 5, 1)
    earned = accrued_interest(loan, day) - ROWS[0].interest
    restructured(loan, day)
    principal = LENT - ROWS[0].principal + earned
    assert loan.capitalised == earned
    assert loan.principal == principal
    plan = plan_due_dates(NEW, day)
    rows = build_schedule(NEW, [Disbursement(day, principal)], plan).rows
    assert shown(loan, day) == [(row.due_date, row.principal, row.interest) for row in rows]
    assert loan.arrears_days(day + timedelta(days=1)) == 0
    assert loan.terms == NEW


def test_each_unpaid_part_is_capitalised_carried_or_waived() -> None:
    day = DUE[0] + timedelta(days=13)
    of = terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000))
    for what in Treatment:
        loan = opened(of)
        loan.charge(Charge(Component.FEE, DUE[0], 900))
        earned = accrued_interest(loan, day)
        penalty = divide(ROWS[0].principal * 10, 1_000)
        restructured(loan, day, interest=what, fee=what, penalty=what)
        first = loan.plan_rows()[0]
        plain = build_schedule(
            NEW, [Disbursement(day, loan.principal)], plan_due_dates(NEW, day)
        ).rows[0]
        carried = (first.due[PENALTY], first.due[FEE], first.due[INTEREST] - plain.interest)
        expected = (penalty, 900, earned)
        assert loan.capitalised == (sum(expected) if what is Treatment.CAPITALISE else 0)
        assert carried == (expected if what is Treatment.CARRY else (0, 0, 0))
        assert loan.waived[:3] == (expected if what is Treatment.WAIVE else (0, 0, 0))


def test_it_is_said_what_became_of_each_unpaid_part() -> None:
    loan = after_one()
    day = date(2025, 5, 1)
    loan.charge(Charge(Component.FEE, DUE[1], 900))
    owed = owed_on(loan, day)
    earned = accrued_interest(loan, day) - ROWS[0].interest
    assert owed == (0, 900, earned, LENT - ROWS[0].principal)
    settled = apply_restructure(loan, day, Restructuring(NEW))
    assert settled.capitalised == (0, 0, earned, 0)
    assert settled.carried == (0, 900, 0, 0)
    assert settled.waived == (0, 0, 0, 0)


@pytest.mark.parametrize("to", [NEW, FLAT, BALANCE, DAILY])
def test_interest_carried_over_is_owed_from_the_first_day(to: Terms) -> None:
    loan = after_one()
    day = date(2025, 5, 1)
    earned = owed_on(loan, day)[INTEREST]
    restructured(loan, day, terms=to, interest=Treatment.CARRY)
    assert owed_on(loan, day)[INTEREST] == earned
    assert payoff_on(loan, day).interest == earned
    later = day + timedelta(days=10)
    running = owed_on(loan, later)[INTEREST] - earned
    assert 0 < running < earned
    assert payoff_on(loan, later).interest == pytest.approx(earned + running, rel=0.01)


def test_interest_carried_over_is_collected_by_money_paid_early() -> None:
    loan = after_one()
    day = date(2025, 5, 1)
    earned = owed_on(loan, day)[INTEREST]
    restructured(loan, day, interest=Treatment.CARRY)
    pay_early(loan, "", day + timedelta(days=10), 100_000)
    paid = sum(row.paid(INTEREST) for row in loan.ledger.rows)
    due = sum(row.due[INTEREST] for row in loan.ledger.rows)
    assert due - paid > 0
    first = next(row for row in loan.plan_rows() if row.due_date > day)
    assert first.due[INTEREST] >= earned


def test_a_row_that_keeps_what_was_paid_ahead_ends_with_the_change() -> None:
    loan = after_one()
    pay(loan, MARCH, ROWS[1].principal + ROWS[1].interest + 7_000)
    day = date(2025, 3, 5)
    restructured(loan, day)
    closed = [row for row in loan.ledger.rows if row.ended and any(row.due)]
    assert [row.due_date for row in closed] == [DUE[0], day, day]
    assert max(row.due_date for row in closed) <= min(row.due_date for row in loan.plan_rows())


def test_days_agreed_are_taken_instead_of_those_of_the_terms() -> None:
    days = (date(2025, 7, 31), date(2025, 8, 31), date(2025, 11, 30), date(2025, 12, 31))
    loan = restructured(after_one(), MARCH, plan=DuePlan.of(MARCH, days))
    assert [row[0] for row in shown(loan, MARCH)] == list(days)


def test_charges_to_come_are_asked_on_the_new_rows() -> None:
    loan = after_one()
    loan.charge(Charge(Component.FEE, date(2025, 4, 10), 333))
    restructured(loan, MARCH, terms=NEW)
    assert loan.plan_rows()[1].due[FEE] == 333


@pytest.mark.parametrize("to", [FLAT, BALANCE, DAILY, terms(repayment=Repayment.BULLET)])
@pytest.mark.parametrize("of", [terms(), FLAT, BALANCE, DAILY])
def test_any_loan_may_go_on_under_any_terms(of: Terms, to: Terms) -> None:
    loan = after_one(of)
    restructured(loan, MARCH, terms=to)
    due = sum(row.left for row in loan.seen_on(MARCH).ledger.rows)
    pay(loan, MARCH + timedelta(days=200), due * 3)
    assert not loan.seen_on(MARCH + timedelta(days=200)).anything_left
    assert loan.overpaid > 0


def test_a_loan_may_be_restructured_twice_and_numbers_never_repeat() -> None:
    loan = restructured(after_one(), MARCH)
    pay(loan, date(2025, 4, 1), 1_000)
    restructured(loan, date(2025, 4, 15))
    numbers = [row.number for row in loan.ledger.rows]
    assert len(set(numbers)) == len(numbers)


# --- handing over ---------------------------------------------------------------------------------


def test_another_lender_takes_on_all_that_is_owed() -> None:
    loan = after_one()
    day = date(2025, 5, 1)
    owed = owed_on(loan, day)
    assert apply_hand_over(loan, day) == owed
    assert owed[PRINCIPAL] == LENT - ROWS[0].principal
    assert (loan.principal, loan.anything_left, loan.arrears_days(day)) == (0, False, 0)
    assert {row.due_date for row in loan.ledger.rows} == {DUE[0], DUE[1], DUE[2], day}
    assert [item.row.left > 0 for item in loan.past] == [True] * 5
    loan.check()


def test_a_loan_written_off_is_handed_over_with_nothing_owed_here() -> None:
    loan = after_one()
    loan.write_off(MARCH)
    before = loan.written_off
    assert apply_hand_over(loan, date(2025, 5, 1)) == (0, 0, 0, 0)
    assert (loan.principal, loan.written_off) == (0, before)
    loan.check()


@pytest.mark.parametrize("of", [FLAT, BALANCE, DAILY])
def test_any_loan_may_be_handed_over(of: Terms) -> None:
    loan = after_one(of)
    owed = apply_hand_over(loan, MARCH)
    assert owed[PRINCIPAL] + loan.paid(PRINCIPAL) == LENT
    assert 0 < owed[INTEREST] < LENT
    loan.check()


def test_what_was_charged_and_is_due_later_goes_to_another_lender_too() -> None:
    loan, plain = opened(), opened()
    loan.charge(Charge(Component.FEE, date(2025, 3, 10), 5_000, date(2025, 1, 20)))
    loan.charge(Charge(Component.PENALTY, date(2025, 3, 10), 300, date(2025, 1, 20)))
    day = date(2025, 2, 1)
    handed = apply_hand_over(loan, day)
    other = apply_hand_over(plain, day)
    assert handed[FEE] == 5_000
    assert handed[PENALTY] == 300
    assert handed[INTEREST:] == other[INTEREST:]
    loan.check()
