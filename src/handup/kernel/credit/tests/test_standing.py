"""A loan while facts are played on it: tranches, charges, waivers, refunds, write-off."""

from datetime import date, timedelta

import pytest

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL, Charge
from handup.kernel.credit.codes import (
    AdvanceTo,
    Component,
    DayCount,
    Method,
    PenaltyKind,
    RatePer,
    Recalculation,
    Repayment,
    RowKind,
)
from handup.kernel.credit.dates import Pause, plan_due_dates
from handup.kernel.credit.early import pay_off
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.standing import SignedRow, Standing
from handup.kernel.credit.terms import Penalty, Terms
from handup.kernel.credit.tests.loans import (
    DUE,
    LENT,
    START,
    opened,
    pay,
    pay_row,
    shown,
    signed,
    terms,
)
from handup.kernel.credit.tranches import TrancheNotPlanned, at_least_paid

MARCH = date(2025, 3, 1)


def test_a_loan_just_paid_out_owes_its_schedule() -> None:
    loan = opened()
    assert loan.principal == LENT
    assert [row.begins for row in loan.plan_rows()] == [START, *DUE[:-1]]
    assert loan.arrears_days(DUE[0]) == 0
    assert loan.arrears_days(DUE[0] + timedelta(days=3)) == 3
    loan.check()


@pytest.mark.parametrize("day", [START, DUE[0], MARCH, DUE[4] + timedelta(days=1)])
@pytest.mark.parametrize(
    "of",
    [
        terms(tranches_max=3),
        terms(tranches_max=3, down_payment_ppm=100_000),
        terms(tranches_max=3, repayment=Repayment.EQUAL_PRINCIPAL),
        terms(tranches_max=3, repayment=Repayment.BULLET),
        terms(tranches_max=3, day_count=DayCount.MONTHS_12),
        terms(tranches_max=3, grace_principal=2, grace_interest_free=1),
    ],
)
def test_tranches_one_by_one_give_the_schedule_of_all(of: Terms, day: date) -> None:
    loan = opened(of)
    loan.disburse(day, 150_000)
    loan.disburse(day + timedelta(days=2), 50_000)
    handed = [
        Disbursement(START, LENT),
        Disbursement(day, 150_000),
        Disbursement(day + timedelta(days=2), 50_000),
    ]
    whole = build_schedule(of, handed, plan_due_dates(of, START))
    assert sorted((row.due_date, *row.due[2:]) for row in loan.ledger.rows) == sorted(
        (row.due_date, row.interest, row.principal) for row in whole.rows
    )
    loan.check()


def test_a_tranche_keeps_what_is_already_paid_of_a_row() -> None:
    loan = opened(terms(tranches_max=2))
    pay(loan, MARCH, 200_000)
    loan.disburse(MARCH, 100_000)
    loan.check()
    assert loan.principal == LENT - loan.paid(PRINCIPAL) + 100_000


def test_rows_changed_by_a_tranche_are_kept_as_they_were() -> None:
    loan = opened(terms(tranches_max=2))
    before = {row.number: row.due.copy() for row in loan.ledger.rows}
    loan.disburse(MARCH, 100_000)
    assert [item.row.number for item in loan.past] == [2, 3, 4, 5, 6]
    assert all(item.row.due == before[item.row.number] for item in loan.past)
    assert {item.to_date for item in loan.past} == {MARCH}
    assert [row.from_date for row in loan.ledger.rows] == [START, *[MARCH] * 5]


@pytest.mark.parametrize(
    "of",
    [
        terms(method=Method.FLAT),
        terms(rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE),
    ],
)
def test_a_tranche_that_the_terms_do_not_know_is_refused(of: Terms) -> None:
    loan = opened(of)
    with pytest.raises(TrancheNotPlanned):
        loan.disburse(MARCH, 1_000)
    assert loan.disbursed == LENT


def test_a_tranche_after_the_last_due_date_is_refused() -> None:
    loan = opened(terms(tranches_max=2))
    with pytest.raises(TrancheNotPlanned):
        loan.disburse(DUE[-1], 1_000)
    with pytest.raises(TrancheNotPlanned):
        Standing(terms=terms(tranches_max=2)).disburse(START, 1_000)


def test_what_was_paid_before_an_opening_counts_as_money_in() -> None:
    loan = Standing(terms=terms())
    rows = [
        SignedRow(1, DUE[0], 300_000, 9_000, paid=(0, 0, 9_000, 300_000)),
        SignedRow(2, DUE[1], 300_000, 5_000, paid=(0, 0, 5_000, 0)),
    ]
    loan.open(MARCH, rows, LENT)
    assert loan.money_in == 314_000
    assert loan.principal == 300_000
    assert loan.ledger.rows[0].settled_date == MARCH
    loan.check()


def test_an_opening_position_goes_on_by_the_real_balance() -> None:
    of = terms(recalculation=Recalculation.BALANCE)
    loan = Standing(terms=of)
    rows = [
        SignedRow(
            row.number,
            row.due_date,
            row.principal,
            row.interest,
            paid=(0, 0, row.interest, row.principal),
        )
        if row.due_date <= DUE[1]
        else row
        for row in signed(of)
    ]
    loan.open(DUE[1], rows, LENT)
    assert shown(loan, DUE[1]) == shown(opened(of), START)
    pay(loan, DUE[2], 300_000)
    assert loan.principal == LENT - loan.paid(PRINCIPAL)


def test_a_charge_is_paid_with_the_row_its_due_date_belongs_to() -> None:
    loan = opened()
    loan.charge(Charge(Component.FEE, MARCH, 700, MARCH))
    assert loan.ledger.rows[1].due[FEE] == 700
    loan.charge(Charge(Component.PENALTY, DUE[5] + timedelta(days=9), 50))
    last = loan.ledger.rows[-1]
    assert (last.kind, last.due_date) == (RowKind.CHARGES, DUE[5] + timedelta(days=9))


def test_a_waiver_lets_go_of_the_oldest_first_and_never_of_more_than_is_unpaid() -> None:
    loan = opened()
    loan.charge(Charge(Component.FEE, DUE[0], 300))
    loan.charge(Charge(Component.FEE, DUE[1], 400))
    assert loan.waive(Component.FEE, MARCH, 500) == 500
    assert [row.due[FEE] for row in loan.ledger.rows[:2]] == [0, 200]
    assert loan.waive(Component.FEE, MARCH, 500) == 200
    assert loan.waived == (0, 700, 0, 0)
    loan.check()


def test_a_waiver_may_settle_a_row() -> None:
    loan = opened()
    row = loan.ledger.rows[0]
    pay(loan, DUE[0], row.left - 5)
    loan.charge(Charge(Component.FEE, DUE[0], 20))
    pay(loan, DUE[0] + timedelta(days=1), 5)
    assert loan.waive(Component.FEE, MARCH, 20) == 15
    assert row.left == 5
    assert loan.waive(Component.INTEREST, MARCH, 1) == 1
    loan.check()


def test_penalties_are_waived_as_they_stand_on_the_day() -> None:
    loan = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000)))
    day = DUE[0] + timedelta(days=13)
    due = loan.seen_on(day).ledger.rows[0].due[PENALTY]
    assert loan.waive(Component.PENALTY, day, 10**9) == due
    assert loan.seen_on(day).ledger.rows[0].open[PENALTY] == 0
    later = loan.seen_on(day + timedelta(days=1)).ledger.rows[0].open[PENALTY]
    assert later == pytest.approx(due / 10, abs=1)


def test_overpaid_money_is_handed_back() -> None:
    loan = opened()
    owed = sum(row.left for row in loan.ledger.rows)
    pay(loan, MARCH, owed + 900)
    assert loan.refund(DUE[1], 400) == 0
    assert (loan.overpaid, loan.refunded) == (500, 400)
    loan.check()


def test_handing_back_more_than_was_overpaid_lends_it_anew() -> None:
    loan = opened()
    pay_row(loan, 0)
    assert loan.refund(MARCH, 2_500) == 2_500
    assert loan.capitalised == 2_500
    assert loan.ledger.rows[1].due[PRINCIPAL] == signed(terms())[1].principal + 2_500
    loan.check()


def test_money_lent_anew_after_the_last_row_falls_due_at_once() -> None:
    loan = opened()
    pay(loan, MARCH, sum(row.left for row in loan.ledger.rows))
    day = DUE[-1] + timedelta(days=10)
    loan.refund(day, 80)
    assert loan.principal == 80
    assert loan.arrears_days(day + timedelta(days=1)) == 1
    loan.check()


def test_money_lent_anew_joins_the_balance_that_earns_interest() -> None:
    loan = opened(terms(recalculation=Recalculation.BALANCE))
    plain = shown(loan, MARCH)
    loan.refund(MARCH, 50_000)
    after = shown(loan, MARCH)
    assert sum(row[1] for row in after) == LENT + 50_000
    assert after[1][2] > plain[1][2]


def test_a_write_off_keeps_every_part_and_stops_the_clock() -> None:
    loan = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000)))
    day = DUE[1]
    owed = loan.seen_on(day)
    loan.write_off(day)
    assert loan.principal == 0
    assert loan.written_off == LENT
    assert loan.written_off_parts[PENALTY] == owed.ledger.rows[0].open[PENALTY] > 0
    assert loan.seen_on(day + timedelta(days=90)).ledger.rows[0].due == loan.ledger.rows[0].due
    assert loan.arrears_days(day + timedelta(days=90)) == 0
    loan.check()


def test_no_more_is_recovered_than_was_written_off() -> None:
    loan = opened(terms(recalculation=Recalculation.BALANCE))
    loan.write_off(MARCH)
    most = sum(loan.written_off_parts)
    assert loan.recover(1_000) == 0
    assert loan.recover(most) == 1_000
    assert loan.recovered == most
    assert loan.recover(5) == 5


def test_money_ahead_goes_where_the_terms_or_the_payer_say() -> None:
    loan = opened(terms(advance_to=AdvanceTo.LAST_INSTALMENT))
    pay(loan, START, 1_000)
    assert loan.ledger.rows[-1].left == sum(loan.ledger.rows[-1].due) - 1_000
    loan.pay("2", START, 1_000, AdvanceTo.NEXT_INSTALMENT)
    assert loan.ledger.rows[0].left == sum(loan.ledger.rows[0].due) - 1_000


def test_frozen_days_do_not_count_as_late() -> None:
    loan = opened()
    loan.frozen.append(Pause(DUE[0] + timedelta(days=3), DUE[0] + timedelta(days=7)))
    assert loan.arrears_days(DUE[0] + timedelta(days=2)) == 2
    assert loan.arrears_days(DUE[0] + timedelta(days=10)) == 5


@pytest.mark.parametrize("recalculation", list(Recalculation))
def test_looking_at_a_day_changes_nothing(recalculation: Recalculation) -> None:
    loan = opened(
        terms(
            rate_ppm=658,
            rate_per=RatePer.DAY,
            recalculation=recalculation,
            penalty=Penalty(PenaltyKind.PER_DAY, ppm=500),
        )
    )
    pay(loan, MARCH, 20_000)
    before = shown(loan, DUE[3])
    for step in range(0, 400, 50):
        loan.seen_on(MARCH + timedelta(days=step))
    assert shown(loan, DUE[3]) == before


def test_a_row_charged_again_after_it_was_settled_is_late_from_then_on_only() -> None:
    loan = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=100_000, free_days=0)))
    row = loan.ledger.rows[0]
    late = DUE[0] + timedelta(days=1)
    loan.move_to(late)
    pay(loan, late, row.left)
    assert row.left == 0
    penalty = row.due[PENALTY]
    again = DUE[0] + timedelta(days=20)
    loan.charge(Charge(Component.FEE, DUE[0], 100, again))
    loan.move_to(again + timedelta(days=5))
    assert row.due[PENALTY] == penalty
    assert row.due[INTEREST] == signed(terms())[0].interest


@pytest.mark.parametrize(
    ("planned", "paid", "found"),
    [
        ([100, 100, 100], [0, 0, 0], [100, 100, 100]),
        ([100, 100, 100], [101, 0, 0], [101, 100, 99]),
        ([100, 100, 100], [0, 0, 150], [100, 50, 150]),
        ([100, 100, 100], [300, 0, 0], [300, 0, 0]),
    ],
)
def test_a_plan_fixed_again_asks_no_less_of_a_row_than_was_paid_of_it(
    planned: list[int], paid: list[int], found: list[int]
) -> None:
    assert at_least_paid(planned, paid) == found


def test_a_tranche_after_early_money_conserves_the_principal() -> None:
    """Early money leaves the first row with more principal than the new plan would ask of it."""
    loan = opened(terms(tranches_max=3))
    pay_off(loan, "early", START, 94_809)  # less than the payoff: money paid early
    loan.disburse(START + timedelta(days=1), 1)
    first = loan.plan_rows()[0]
    assert first.due[PRINCIPAL] == first.paid(PRINCIPAL) == 94_809
    assert sum(row.due[PRINCIPAL] for row in loan.plan_rows()) == LENT + 1
    loan.check()
