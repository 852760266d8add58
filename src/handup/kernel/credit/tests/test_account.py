"""An account while facts are played on it: tranches, charges, waivers, refunds, write-off."""

from datetime import date, timedelta

import pytest

from handup.kernel.credit.account import Account, SignedRow, TrancheNotPlanned
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
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Penalty, Terms
from handup.kernel.credit.tests.accounts import (
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

MARCH = date(2025, 3, 1)


def test_a_loan_just_paid_out_owes_its_schedule() -> None:
    account = opened()
    assert account.principal == LENT
    assert [row.begins for row in account.plan_rows()] == [START, *DUE[:-1]]
    assert account.arrears_days(DUE[0]) == 0
    assert account.arrears_days(DUE[0] + timedelta(days=3)) == 3
    account.check()


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
    account = opened(of)
    account.disburse(day, 150_000)
    account.disburse(day + timedelta(days=2), 50_000)
    handed = [
        Disbursement(START, LENT),
        Disbursement(day, 150_000),
        Disbursement(day + timedelta(days=2), 50_000),
    ]
    whole = build_schedule(of, handed, plan_due_dates(of, START))
    assert sorted((row.due_date, *row.due[2:]) for row in account.ledger.rows) == sorted(
        (row.due_date, row.interest, row.principal) for row in whole.rows
    )
    account.check()


def test_a_tranche_keeps_what_is_already_paid_of_a_row() -> None:
    account = opened(terms(tranches_max=2))
    pay(account, MARCH, 200_000)
    account.disburse(MARCH, 100_000)
    account.check()
    assert account.principal == LENT - account.paid(PRINCIPAL) + 100_000


def test_rows_changed_by_a_tranche_are_kept_as_they_were() -> None:
    account = opened(terms(tranches_max=2))
    before = {row.number: row.due.copy() for row in account.ledger.rows}
    account.disburse(MARCH, 100_000)
    assert [item.row.number for item in account.past] == [2, 3, 4, 5, 6]
    assert all(item.row.due == before[item.row.number] for item in account.past)
    assert {item.to_date for item in account.past} == {MARCH}
    assert [row.from_date for row in account.ledger.rows] == [START, *[MARCH] * 5]


@pytest.mark.parametrize(
    "of",
    [
        terms(method=Method.FLAT),
        terms(rate_ppm=658, rate_per=RatePer.DAY, recalculation=Recalculation.DAILY_RATE),
    ],
)
def test_a_tranche_that_the_terms_do_not_know_is_refused(of: Terms) -> None:
    account = opened(of)
    with pytest.raises(TrancheNotPlanned):
        account.disburse(MARCH, 1_000)
    assert account.disbursed == LENT


def test_a_tranche_after_the_last_due_date_is_refused() -> None:
    account = opened(terms(tranches_max=2))
    with pytest.raises(TrancheNotPlanned):
        account.disburse(DUE[-1], 1_000)
    with pytest.raises(TrancheNotPlanned):
        Account(terms=terms(tranches_max=2)).disburse(START, 1_000)


def test_what_was_paid_before_an_opening_counts_as_money_in() -> None:
    account = Account(terms=terms())
    rows = [
        SignedRow(1, DUE[0], 300_000, 9_000, paid=(0, 0, 9_000, 300_000)),
        SignedRow(2, DUE[1], 300_000, 5_000, paid=(0, 0, 5_000, 0)),
    ]
    account.open(MARCH, rows, LENT)
    assert account.money_in == 314_000
    assert account.principal == 300_000
    assert account.ledger.rows[0].settled_date == MARCH
    account.check()


def test_an_opening_position_goes_on_by_the_real_balance() -> None:
    of = terms(recalculation=Recalculation.BALANCE)
    account = Account(terms=of)
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
    account.open(DUE[1], rows, LENT)
    assert shown(account, DUE[1]) == shown(opened(of), START)
    pay(account, DUE[2], 300_000)
    assert account.principal == LENT - account.paid(PRINCIPAL)


def test_a_charge_is_paid_with_the_row_its_due_date_belongs_to() -> None:
    account = opened()
    account.charge(Charge(Component.FEE, MARCH, 700, MARCH))
    assert account.ledger.rows[1].due[FEE] == 700
    account.charge(Charge(Component.PENALTY, DUE[5] + timedelta(days=9), 50))
    last = account.ledger.rows[-1]
    assert (last.kind, last.due_date) == (RowKind.CHARGES, DUE[5] + timedelta(days=9))


def test_a_waiver_lets_go_of_the_oldest_first_and_never_of_more_than_is_unpaid() -> None:
    account = opened()
    account.charge(Charge(Component.FEE, DUE[0], 300))
    account.charge(Charge(Component.FEE, DUE[1], 400))
    assert account.waive(Component.FEE, MARCH, 500) == 500
    assert [row.due[FEE] for row in account.ledger.rows[:2]] == [0, 200]
    assert account.waive(Component.FEE, MARCH, 500) == 200
    assert account.waived == (0, 700, 0, 0)
    account.check()


def test_a_waiver_may_settle_a_row() -> None:
    account = opened()
    row = account.ledger.rows[0]
    pay(account, DUE[0], row.left - 5)
    account.charge(Charge(Component.FEE, DUE[0], 20))
    pay(account, DUE[0] + timedelta(days=1), 5)
    assert account.waive(Component.FEE, MARCH, 20) == 15
    assert row.left == 5
    assert account.waive(Component.INTEREST, MARCH, 1) == 1
    account.check()


def test_penalties_are_waived_as_they_stand_on_the_day() -> None:
    account = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000)))
    day = DUE[0] + timedelta(days=13)
    due = account.seen_on(day).ledger.rows[0].due[PENALTY]
    assert account.waive(Component.PENALTY, day, 10**9) == due
    assert account.seen_on(day).ledger.rows[0].open[PENALTY] == 0
    later = account.seen_on(day + timedelta(days=1)).ledger.rows[0].open[PENALTY]
    assert later == pytest.approx(due / 10, abs=1)


def test_overpaid_money_is_handed_back() -> None:
    account = opened()
    owed = sum(row.left for row in account.ledger.rows)
    pay(account, MARCH, owed + 900)
    assert account.refund(DUE[1], 400) == 0
    assert (account.overpaid, account.refunded) == (500, 400)
    account.check()


def test_handing_back_more_than_was_overpaid_lends_it_anew() -> None:
    account = opened()
    pay_row(account, 0)
    assert account.refund(MARCH, 2_500) == 2_500
    assert account.capitalised == 2_500
    assert account.ledger.rows[1].due[PRINCIPAL] == signed(terms())[1].principal + 2_500
    account.check()


def test_money_lent_anew_after_the_last_row_falls_due_at_once() -> None:
    account = opened()
    pay(account, MARCH, sum(row.left for row in account.ledger.rows))
    day = DUE[-1] + timedelta(days=10)
    account.refund(day, 80)
    assert account.principal == 80
    assert account.arrears_days(day + timedelta(days=1)) == 1
    account.check()


def test_money_lent_anew_joins_the_balance_that_earns_interest() -> None:
    account = opened(terms(recalculation=Recalculation.BALANCE))
    plain = shown(account, MARCH)
    account.refund(MARCH, 50_000)
    after = shown(account, MARCH)
    assert sum(row[1] for row in after) == LENT + 50_000
    assert after[1][2] > plain[1][2]


def test_a_write_off_keeps_every_part_and_stops_the_clock() -> None:
    account = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000)))
    day = DUE[1]
    owed = account.seen_on(day)
    account.write_off(day)
    assert account.principal == 0
    assert account.written_off == LENT
    assert account.written_off_parts[PENALTY] == owed.ledger.rows[0].open[PENALTY] > 0
    assert (
        account.seen_on(day + timedelta(days=90)).ledger.rows[0].due == account.ledger.rows[0].due
    )
    assert account.arrears_days(day + timedelta(days=90)) == 0
    account.check()


def test_no_more_is_recovered_than_was_written_off() -> None:
    account = opened(terms(recalculation=Recalculation.BALANCE))
    account.write_off(MARCH)
    most = sum(account.written_off_parts)
    assert account.recover(1_000) == 0
    assert account.recover(most) == 1_000
    assert account.recovered == most
    assert account.recover(5) == 5


def test_money_ahead_goes_where_the_terms_or_the_payer_say() -> None:
    account = opened(terms(advance_to=AdvanceTo.LAST_INSTALMENT))
    pay(account, START, 1_000)
    assert account.ledger.rows[-1].left == sum(account.ledger.rows[-1].due) - 1_000
    account.pay("2", START, 1_000, AdvanceTo.NEXT_INSTALMENT)
    assert account.ledger.rows[0].left == sum(account.ledger.rows[0].due) - 1_000


def test_frozen_days_do_not_count_as_late() -> None:
    account = opened()
    account.frozen.append(Pause(DUE[0] + timedelta(days=3), DUE[0] + timedelta(days=7)))
    assert account.arrears_days(DUE[0] + timedelta(days=2)) == 2
    assert account.arrears_days(DUE[0] + timedelta(days=10)) == 5


@pytest.mark.parametrize("recalculation", list(Recalculation))
def test_looking_at_a_day_changes_nothing(recalculation: Recalculation) -> None:
    account = opened(
        terms(
            rate_ppm=658,
            rate_per=RatePer.DAY,
            recalculation=recalculation,
            penalty=Penalty(PenaltyKind.PER_DAY, ppm=500),
        )
    )
    pay(account, MARCH, 20_000)
    before = shown(account, DUE[3])
    for step in range(0, 400, 50):
        account.seen_on(MARCH + timedelta(days=step))
    assert shown(account, DUE[3]) == before


def test_a_row_charged_again_after_it_was_settled_is_late_from_then_on_only() -> None:
    account = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=100_000, free_days=0)))
    row = account.ledger.rows[0]
    late = DUE[0] + timedelta(days=1)
    account.move_to(late)
    pay(account, late, row.left)
    assert row.left == 0
    penalty = row.due[PENALTY]
    again = DUE[0] + timedelta(days=20)
    account.charge(Charge(Component.FEE, DUE[0], 100, again))
    account.move_to(again + timedelta(days=5))
    assert row.due[PENALTY] == penalty
    assert row.due[INTEREST] == signed(terms())[0].interest
