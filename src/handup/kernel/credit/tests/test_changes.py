"""Agreed changes of a running loan: what moves, what is made anew, what stays as it was."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL, Charge
from handup.kernel.credit.changes import (
    Moratorium,
    Restructuring,
    Scope,
    Treatment,
    apply_moratorium,
    apply_reschedule,
    apply_restructure,
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
from handup.kernel.credit.dates import Pause
from handup.kernel.credit.early import accrued_interest, pay_early, payoff_on
from handup.kernel.credit.rescheduling import (
    EarlierThanDue,
    NothingToReschedule,
    PastNextDue,
    Request,
)
from handup.kernel.credit.schedule import NegativeRow
from handup.kernel.credit.standing import Standing
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
from handup.kernel.dates import add_months
from handup.kernel.money import Rounding, RoundingMode, divide

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


def parts(loan: Standing, day: date) -> list[tuple[int, int]]:
    return [row[1:] for row in shown(loan, day)]


# --- reschedule -----------------------------------------------------------------------------------


def test_rows_move_with_their_figures() -> None:
    loan = after_one()
    apply_reschedule(loan, MARCH, Request(MARCH, shift_to=date(2025, 4, 20)))
    rows = shown(loan, MARCH)
    assert [row[0] for row in rows] == [
        DUE[0],
        *(add_months(date(2025, 4, 20), step) for step in range(5)),
    ]
    assert [row[1:] for row in rows] == [(row.principal, row.interest) for row in ROWS]
    assert loan.plan_rows()[1].begins == DUE[0]
    assert [item.row.due_date for item in loan.past] == list(DUE[1:])
    loan.check()


@pytest.mark.parametrize("of", [terms(), FLAT, DAILY])
def test_a_row_that_moves_alone_leaves_all_others_as_they_are(of: Terms) -> None:
    loan = after_one(of)

    def whole(on: date) -> list[tuple[date, date, date, int, int, int]]:
        return [
            (row.due_date, row.begins, row.ends, row.number, row.due[PRINCIPAL], row.due[INTEREST])
            for row in loan.seen_on(on).plan_rows()
        ]

    before = whole(MARCH)
    day = DUE[1] + timedelta(days=1)
    apply_reschedule(loan, MARCH, Request(MARCH, shift_to=day, alone=True))
    assert whole(MARCH) == [before[0], (day, *before[1][1:]), *before[2:]]
    assert [row.ends for row in loan.plan_rows()] == list(DUE)
    assert [item.row.number for item in loan.past] == [2]
    loan.check()


def test_a_row_that_moves_alone_keeps_every_period_where_interest_follows_the_balance() -> None:
    loan = after_one(BALANCE)
    day = DUE[1] + timedelta(days=1)
    apply_reschedule(loan, MARCH, Request(MARCH, shift_to=day, alone=True))
    rows = loan.plan_rows()
    assert [row.due_date for row in rows] == [DUE[0], day, *DUE[2:]]
    assert [row.ends for row in rows] == list(DUE)
    assert [row.begins for row in rows] == [START, *DUE[:-1]]
    loan.check()


def test_a_row_that_moves_onto_the_next_day_is_still_paid_first() -> None:
    loan = after_one(FLAT)
    before = loan.plan_rows()
    numbers = [row.number for row in before]
    apply_reschedule(loan, MARCH, Request(DUE[1], shift_to=DUE[2], alone=True))
    assert [row.number for row in loan.plan_rows()] == numbers
    assert [row.due_date for row in loan.plan_rows()] == [DUE[0], DUE[2], *DUE[2:]]
    assert [item.row.number for item in loan.past] == numbers[1:3]
    pay(loan, DUE[2], 112_000)
    assert [row.left for row in loan.plan_rows()][:3] == [0, 0, 112_000]
    loan.check()


def test_a_row_that_moves_alone_stays_between_its_neighbours() -> None:
    for of in (terms(), BALANCE):
        loan = after_one(of)
        before = shown(loan, MARCH)
        for wrong, why in (
            (DUE[1] - timedelta(days=1), EarlierThanDue),
            (DUE[2] + timedelta(days=1), PastNextDue),
        ):
            with pytest.raises(why):
                apply_reschedule(loan, MARCH, Request(DUE[1], shift_to=wrong, alone=True))
        assert shown(loan, MARCH) == before
        last = DUE[-1] + timedelta(days=40)
        apply_reschedule(loan, MARCH, Request(DUE[-1], shift_to=last, alone=True))
        assert [row[0] for row in shown(loan, MARCH)] == [*DUE[:-1], last]


def test_what_was_paid_of_a_row_stays_with_it() -> None:
    loan = after_one()
    pay(loan, DUE[1], 50_000)
    apply_reschedule(loan, DUE[1], Request(DUE[1], shift_to=date(2025, 5, 2)))
    stays = next(row for row in loan.ledger.rows if row.number == 2)
    assert (stays.due_date, sum(stays.due), stays.left, stays.ended) == (DUE[1], 50_000, 0, True)
    rest = loan.plan_rows()[1]
    assert rest.due_date == date(2025, 5, 2)
    assert rest.left == ROWS[1].principal + ROWS[1].interest - 50_000
    assert rest.number == 7
    loan.check()


def test_fees_and_penalties_move_with_their_row() -> None:
    loan = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000)))
    loan.charge(Charge(Component.FEE, DUE[0], 400))
    day = DUE[0] + timedelta(days=13)
    apply_reschedule(loan, day, Request(DUE[0], shift_to=date(2025, 4, 1)))
    row = loan.plan_rows()[0]
    assert (row.due_date, row.due[FEE]) == (date(2025, 4, 1), 400)
    assert row.due[PENALTY] == divide(ROWS[0].principal * 10, 1_000)
    assert loan.arrears_days(date(2025, 4, 1)) == 0
    later = loan.seen_on(date(2025, 4, 14)).plan_rows()[0]
    assert later.due[PENALTY] > row.due[PENALTY]


def test_principal_grace_and_more_rows_follow_the_signed_rule() -> None:
    loan = after_one()
    apply_reschedule(loan, MARCH, Request(MARCH, principal_grace=1, extra_instalments=2))
    rows = shown(loan, MARCH)
    assert len(rows) == 9
    assert rows[1][1:] == (0, ROWS[1].interest)
    assert sum(row[1] for row in rows) == LENT
    assert rows[-1][2] == ROWS[-1].interest
    loan.check()


def test_a_new_rate_is_fixed_again_on_the_balance() -> None:
    loan = after_one()
    apply_reschedule(loan, MARCH, Request(MARCH, new_rate_ppm=120_000))
    left = LENT - ROWS[0].principal
    rows = shown(loan, MARCH)
    assert rows[1][2] == divide(left * 120_000 * 28, 365 * 1_000_000)
    assert loan.terms.rate_ppm == 120_000
    assert len({sum(row[1:]) for row in rows[1:5]}) == 1


def test_a_new_rate_of_a_flat_loan_is_of_the_whole_principal() -> None:
    loan = after_one(FLAT)
    apply_reschedule(loan, MARCH, Request(MARCH, new_rate_ppm=120_000))
    assert {row[2] for row in shown(loan, MARCH)[1:]} == {LENT // 100}


def test_a_daily_rate_goes_on_with_the_moved_rows() -> None:
    loan = opened(DAILY)
    day = DUE[0] + timedelta(days=5)
    late = divide(loan.ledger.rows[0].due[PRINCIPAL] * 658 * 5, 1_000_000)
    apply_reschedule(loan, day, Request(DUE[0], shift_to=date(2025, 4, 1)))
    seen = loan.seen_on(day)
    assert seen.by_day is not None
    assert sum(seen.by_day.late_open(place) for place in range(6)) == late
    assert pay(loan, date(2025, 4, 1), 10**7)[-1] > 0
    loan.check()


def test_where_interest_follows_the_balance_the_plan_goes_on_from_it() -> None:
    loan = after_one(BALANCE)
    apply_reschedule(loan, MARCH, Request(MARCH, shift_to=date(2025, 4, 15)))
    rows = shown(loan, MARCH)
    left = LENT - rows[0][1]
    assert rows[1][0] == date(2025, 4, 15)
    assert rows[1][2] == divide(left * 240_000 * 14, 365 * 1_000_000) + divide(
        left * 240_000 * 45, 365 * 1_000_000
    )
    assert sum(row[1] for row in rows) == LENT


def test_what_is_overdue_joins_the_plan_again() -> None:
    loan = opened(BALANCE)
    day = DUE[1] + timedelta(days=5)
    apply_reschedule(loan, day, Request(DUE[0], shift_to=date(2025, 4, 15)))
    assert loan.arrears_days(date(2025, 4, 15)) == 0
    rows = shown(loan, day)
    assert rows[0][0] == date(2025, 4, 15)
    assert sum(row[1] for row in rows) == LENT
    assert rows[0][2] == accrued_interest(loan, day) + divide(LENT * 240_000 * 26, 365 * 1_000_000)


def test_rows_before_the_first_changed_one_keep_their_instalment() -> None:
    loan = opened(BALANCE)
    plain = parts(loan, START)
    apply_reschedule(
        loan, START, Request(DUE[2], principal_grace=1, extra_instalments=1, new_rate_ppm=60_000)
    )
    rows = parts(loan, START)
    assert rows[:2] == plain[:2]
    assert rows[2][0] == 0
    assert len(rows) == 8
    assert sum(row[0] for row in rows) == LENT
    assert rows[3][1] == pytest.approx(plain[2][1] / 4, rel=0.05)


def test_a_plan_of_principals_is_spread_over_the_rows_it_gets() -> None:
    loan = opened(terms(recalculation=Recalculation.BALANCE, repayment=Repayment.EQUAL_PRINCIPAL))
    apply_reschedule(loan, START, Request(DUE[1], extra_instalments=3))
    rows = parts(loan, START)
    assert [row[0] for row in rows] == [100_000, *[62_500] * 8]
    apply_reschedule(loan, START, Request(DUE[1], principal_grace=1))
    assert [row[0] for row in parts(loan, START)][:3] == [100_000, 0, 62_500]


def test_shares_of_a_seasonal_plan_move_as_they_are() -> None:
    shares = (0, 0, 4_000, 0, 0, 6_000)
    loan = opened(
        terms(
            recalculation=Recalculation.BALANCE,
            repayment=Repayment.PRINCIPAL_SHARES,
            shares_bps=shares,
        )
    )
    apply_reschedule(loan, START, Request(DUE[0], principal_grace=1))
    assert [row[0] for row in parts(loan, START)] == [0, 0, 0, 240_000, 0, 0, 360_000]


def test_nothing_changes_when_there_is_nothing_to_reschedule() -> None:
    for of in (terms(), BALANCE):
        loan = opened(of)
        before = shown(loan, START)
        with pytest.raises(NothingToReschedule):
            apply_reschedule(loan, START, Request(DUE[-1] + timedelta(days=1)))
        with pytest.raises(EarlierThanDue):
            apply_reschedule(loan, START, Request(DUE[1], shift_to=DUE[0]))
        assert shown(loan, START) == before


def test_overdue_rows_that_would_not_move_are_nothing_to_reschedule() -> None:
    loan = opened(BALANCE)
    with pytest.raises(NothingToReschedule):
        apply_reschedule(loan, DUE[-1] + timedelta(days=9), Request(DUE[-1], shift_to=DUE[-1]))


def test_a_change_that_would_give_a_negative_row_is_refused() -> None:
    coarse = terms(instalment_rounding=Rounding(200_000, RoundingMode.CEILING))
    loan = opened(terms())
    loan.terms = coarse
    with pytest.raises(NegativeRow):
        apply_reschedule(loan, START, Request(DUE[0], new_rate_ppm=10_000))


# --- moratorium -----------------------------------------------------------------------------------


def test_a_moratorium_moves_rows_by_whole_periods_and_lets_interest_run() -> None:
    loan = after_one()
    apply_moratorium(loan, MARCH, Moratorium(date(2025, 5, 20)))
    rows = shown(loan, MARCH)
    left = LENT - ROWS[0].principal
    waiting = divide(left * 240_000 * 92, 365 * 1_000_000)
    assert rows[1] == (date(2025, 6, 15), ROWS[1].principal, ROWS[1].interest + waiting)
    assert rows[2] == (date(2025, 7, 15), ROWS[2].principal, ROWS[2].interest)
    loan.check()


def test_interest_may_stop() -> None:
    loan = after_one()
    apply_moratorium(loan, MARCH, Moratorium(date(2025, 5, 20), interest_runs=False))
    assert parts(loan, MARCH) == [(row.principal, row.interest) for row in ROWS]


def test_a_flat_loan_waits_at_its_own_interest() -> None:
    loan = after_one(FLAT)
    apply_moratorium(loan, MARCH, Moratorium(date(2025, 5, 20)))
    assert shown(loan, MARCH)[1][2] == 4 * LENT // 50


def test_only_principal_may_wait() -> None:
    loan = after_one()
    apply_moratorium(loan, MARCH, Moratorium(date(2025, 5, 20), Scope.PRINCIPAL))
    rows = shown(loan, MARCH)
    left = LENT - ROWS[0].principal
    assert [row[1] for row in rows[1:5]] == [0, 0, 0, ROWS[1].principal]
    assert [row[2] for row in rows[1:4]] == [
        divide(left * 240_000 * days, 365 * 1_000_000) for days in (28, 31, 30)
    ]
    assert sum(row[1] for row in rows) == LENT


@pytest.mark.parametrize("runs", [True, False])
def test_where_interest_follows_the_balance_it_runs_or_pauses_by_the_day(runs: bool) -> None:
    loan = after_one(BALANCE)
    until = date(2025, 5, 20)
    apply_moratorium(loan, MARCH, Moratorium(until, interest_runs=runs))
    rows = shown(loan, MARCH)
    left = LENT - rows[0][1]
    whole = (date(2025, 6, 15) - DUE[0]).days
    paused = 0 if runs else (until - MARCH).days + 1
    expected = divide(left * 240_000 * (whole - paused), 365 * 1_000_000)
    assert rows[1][0] == date(2025, 6, 15)
    assert rows[1][2] == pytest.approx(expected, abs=2)


def test_a_daily_rate_pauses_too() -> None:
    loan = opened(DAILY)
    apply_moratorium(loan, START, Moratorium(date(2025, 2, 20), interest_runs=False))
    day = date(2025, 2, 28)
    assert accrued_interest(loan, day) == divide(LENT * 658 * 7, 1_000_000)


@pytest.mark.parametrize(("runs", "late"), [(True, 20), (False, 9)])
def test_days_late_may_be_frozen(runs: bool, late: int) -> None:
    loan = opened(terms(penalty=Penalty(PenaltyKind.PER_DAY, ppm=1_000, free_days=0)))
    start = DUE[0] + timedelta(days=5)
    apply_moratorium(loan, start, Moratorium(start + timedelta(days=10), ageing_runs=runs))
    seen = loan.seen_on(DUE[0] + timedelta(days=20))
    assert seen.arrears_days(DUE[0] + timedelta(days=20)) == late
    assert seen.ledger.rows[0].due[PENALTY] == divide(ROWS[0].principal * late, 1_000)


def test_a_short_moratorium_moves_nothing_that_falls_due_after_it() -> None:
    loan = after_one()
    apply_moratorium(loan, MARCH, Moratorium(date(2025, 3, 10)))
    assert [row[0] for row in shown(loan, MARCH)] == list(DUE)


def test_a_moratorium_without_rows_to_come_is_refused() -> None:
    loan = opened()
    with pytest.raises(NothingToReschedule):
        apply_moratorium(loan, DUE[-1] + timedelta(days=1), Moratorium(date(2026, 1, 1)))
    with pytest.raises(NothingToReschedule):
        apply_moratorium(loan, START, Moratorium(date(2140, 1, 1)))


def test_a_moratorium_agreed_ahead_moves_only_what_falls_due_in_it() -> None:
    loan = after_one()
    ahead = Moratorium(date(2025, 5, 20), begins=date(2025, 4, 1))
    apply_moratorium(loan, MARCH, ahead)
    assert [row[0] for row in shown(loan, MARCH)] == [
        *DUE[:2],
        *(add_months(date(2025, 6, 15), step) for step in range(4)),
    ]
    assert loan.frozen == [Pause(date(2025, 4, 1), date(2025, 5, 20))]
    backwards = Moratorium(date(2025, 3, 20), begins=date(2025, 4, 1))
    with pytest.raises(NothingToReschedule):
        apply_moratorium(after_one(), MARCH, backwards)


def test_days_without_interest_are_not_paid_for_when_the_loan_is_paid_off() -> None:
    day = date(2025, 5, 1)
    rests, runs = after_one(), after_one()
    apply_moratorium(rests, MARCH, Moratorium(date(2025, 5, 20), interest_runs=False))
    apply_moratorium(runs, MARCH, Moratorium(date(2025, 5, 20)))
    left = LENT - ROWS[0].principal
    assert payoff_on(rests, day).interest == divide(left * 240_000 * 14, 365 * 1_000_000)
    assert payoff_on(runs, day).interest == divide(left * 240_000 * 75, 365 * 1_000_000)
    row = rests.plan_rows()[1]
    whole = (row.ends - row.begins).days - 81
    earned = divide(row.due[INTEREST] * 14, whole)
    assert accrued_interest(rests, day) == ROWS[0].interest + earned
    pay_early(rests, "", day, 100_000)
    paid = sum(item.paid(INTEREST) for item in rests.ledger.rows) - ROWS[0].interest
    assert paid <= payoff_on(after_one(), date(2025, 3, 15)).interest


def test_moratoria_that_overlap_count_their_days_once() -> None:
    loan = after_one()
    apply_moratorium(loan, MARCH, Moratorium(date(2025, 3, 20)))
    apply_moratorium(loan, date(2025, 3, 10), Moratorium(date(2025, 4, 30)))
    apply_moratorium(loan, date(2025, 5, 1), Moratorium(date(2025, 5, 5)))
    assert loan.frozen == [Pause(MARCH, date(2025, 5, 5))]
    apply_moratorium(loan, date(2025, 7, 1), Moratorium(date(2025, 7, 2)))
    assert loan.frozen[1:] == [Pause(date(2025, 7, 1), date(2025, 7, 2))]


# --- any change -----------------------------------------------------------------------------------

NEW = terms(instalments=4, rate_ppm=120_000)

change = st.one_of(
    st.builds(
        Request,
        st.sampled_from(DUE),
        shift_to=st.none(),
        principal_grace=st.integers(0, 2),
        extra_instalments=st.integers(0, 3),
        new_rate_ppm=st.sampled_from([None, 60_000]),
    ),
    st.builds(
        Moratorium,
        st.sampled_from(DUE),
        st.sampled_from(Scope),
        st.booleans(),
        st.booleans(),
    ),
    st.builds(
        Restructuring,
        st.sampled_from([NEW, FLAT, BALANCE, DAILY]),
        st.none(),
        st.sampled_from(Treatment),
        st.sampled_from(Treatment),
        st.sampled_from(Treatment),
    ),
)


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([terms(), FLAT, BALANCE, DAILY]),
    st.lists(st.tuples(st.integers(0, 150), change, st.integers(1, 200_000)), max_size=4),
)
def test_no_change_loses_principal(
    of: Terms, steps: list[tuple[int, Request | Moratorium | Restructuring, int]]
) -> None:
    loan = opened(of)
    last = START
    for step, asked, units in sorted(steps, key=lambda item: item[0]):
        last = START + timedelta(days=step)
        try:
            if isinstance(asked, Request):
                apply_reschedule(loan, last, asked)
            elif isinstance(asked, Moratorium):
                apply_moratorium(loan, last, asked)
            else:
                apply_restructure(loan, last, asked)
        except (NothingToReschedule, NegativeRow):
            return
        pay(loan, last, units)
    seen = loan.seen_on(last)
    seen.check()
    due = sum(row.due[PRINCIPAL] for row in seen.ledger.rows)
    assert due == loan.disbursed + loan.capitalised
