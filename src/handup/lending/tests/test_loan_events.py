"""Each kind of event on a loan: what the fold makes of it, refuses, and how it is stored."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from handup.kernel.credit.allocation import Charge, Instalment, Payment
from handup.kernel.credit.booking import Reversal, allocate_as_booked
from handup.kernel.credit.codes import (
    AdvanceTo,
    ChargeVisibility,
    Component,
    DueUnit,
    EarlyEffect,
    Recalculation,
    RowKind,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.early import payoff_on
from handup.kernel.credit.rescheduling import NothingToReschedule
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.credit.tranches import TrancheNotPlanned
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.events import (
    Event,
    order,
)
from handup.lending.rules.loan import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    AfterWriteOff,
    EventNotApplied,
    PlannedRow,
    fold,
    resume,
    run,
    seen_on,
)
from handup.lending.rules.snapshot import restored, snapshot
from handup.lending.tests.loans import (
    KINDS,
    LENT,
    START,
    charged,
    disbursed,
    event,
    moratorium,
    repaid,
    rescheduled,
    restructured,
    reversal,
    terms,
    waived,
)

TERMS = terms()
PAID_OUT = disbursed(TERMS)
ROWS = PAID_OUT.rows
DUE = [row.due_date for row in ROWS]
MARCH = date(2025, 3, 1)


def instalment(place: int) -> Event:
    row = ROWS[place]
    return repaid(row.due_date, row.principal + row.interest)


# --- tranches -------------------------------------------------------------------------------------


def test_a_second_payment_to_the_borrower_fixes_the_rows_that_follow() -> None:
    of = terms(tranches_max=2)
    state = fold([disbursed(of), event(EventKind.DISBURSED, MARCH, 100_000)], terms=of)
    handed = [Disbursement(START, LENT), Disbursement(MARCH, 100_000)]
    rows = build_schedule(of, handed, plan_due_dates(of, START)).rows
    assert [(row.due[PRINCIPAL], row.due[INTEREST]) for row in state.rows] == [
        (row.principal, row.interest) for row in rows
    ]
    assert state.disbursed == LENT + 100_000


def test_a_tranche_that_arrives_late_stands_before_later_payments() -> None:
    of = terms(tranches_max=2)
    tranche = event(EventKind.DISBURSED, MARCH, 100_000)
    pay = repaid(DUE[1], 150_000)
    assert fold([disbursed(of), pay, tranche], terms=of).splits[0].number == 1
    assert fold([disbursed(of), pay, tranche], terms=of).principal == (
        LENT + 100_000 - fold([disbursed(of), pay, tranche], terms=of).paid(PRINCIPAL)
    )


def test_a_tranche_the_terms_do_not_know_is_refused() -> None:
    of = KINDS["flat"]
    with pytest.raises(TrancheNotPlanned):
        fold([disbursed(of), event(EventKind.DISBURSED, MARCH, 100_000)], terms=of)


def test_a_fee_added_to_the_loan_is_principal_that_was_never_handed_over() -> None:
    paid_out = replace(disbursed(TERMS, LENT + 6_000), units=LENT, capitalised=6_000)
    state = fold([paid_out], terms=TERMS)
    assert (state.disbursed, state.capitalised, state.principal) == (LENT, 6_000, LENT + 6_000)
    state.check()


def test_a_down_payment_is_a_row_of_its_own() -> None:
    of = KINDS["down payment"]
    paid_out = disbursed(of)
    assert paid_out.rows[0].kind is RowKind.DOWN_PAYMENT
    state = fold([paid_out, repaid(START, 60_000)], terms=of)
    assert state.rows[0].unpaid == 0
    assert state.rows[0].kind is RowKind.DOWN_PAYMENT
    assert state.principal == LENT - 60_000


# --- penalties ------------------------------------------------------------------------------------


def test_a_penalty_is_worked_out_to_the_day_asked_and_paid_first() -> None:
    of = KINDS["penalty"]
    paid_out = disbursed(of)
    day = DUE[0] + timedelta(days=13)
    first = paid_out.rows[0].principal
    due = first * 10 // 1_000
    assert fold([paid_out], day, terms=of).overdue(day)[PENALTY] == pytest.approx(due, abs=1)
    state = fold([paid_out, repaid(day, 500)], terms=of)
    assert state.splits[0].parts == (500, 0, 0, 0)


def test_a_back_dated_payment_takes_the_penalty_away_again() -> None:
    of = KINDS["penalty"]
    paid_out = disbursed(of)
    row = paid_out.rows[0]
    on_time = repaid(DUE[0], row.principal + row.interest)
    late = repaid(DUE[0] + timedelta(days=30), 20_000)
    assert fold([paid_out, late], terms=of).splits[0].parts[PENALTY] > 0
    assert all(not item.parts[PENALTY] for item in fold([paid_out, late, on_time], terms=of).splits)


# --- charges, waivers, refunds --------------------------------------------------------------------


def test_a_charge_counts_from_the_earlier_of_its_two_days() -> None:
    charge = charged(MARCH, 700, DUE[0])
    assert order(charge)[0] == DUE[0]
    pay = repaid(DUE[0], 700)
    state = fold([PAID_OUT, pay, charge], terms=TERMS)
    assert state.splits[0].parts == (0, 700, 0, 0)


def test_a_charge_reopens_a_loan_that_was_repaid() -> None:
    everything = repaid(MARCH, sum(row.principal + row.interest for row in ROWS))
    state = fold([PAID_OUT, everything], terms=TERMS)
    assert state.state is LoanState.SETTLED
    state = fold([PAID_OUT, everything, charged(DUE[1], 30)], terms=TERMS)
    assert (state.state, state.settled_date) == (LoanState.ACTIVE, None)


def test_what_is_waived_is_not_owed() -> None:
    state = fold([PAID_OUT, charged(MARCH, 700), waived(MARCH, 500, Component.FEE)], terms=TERMS)
    assert sum(row.due[FEE] for row in state.rows) == 200
    assert state.waived == (0, 500, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        event(EventKind.CHARGED, MARCH, 5),
        event(EventKind.WAIVED, MARCH, 5),
        waived(MARCH, 5, Component.PRINCIPAL),
        event(EventKind.RESCHEDULED, MARCH),
        event(EventKind.RESTRUCTURED, MARCH),
        event(EventKind.MORATORIUM, MARCH),
    ],
)
def test_an_event_that_says_too_little_is_refused(wrong: Event) -> None:
    with pytest.raises(EventNotApplied, match=wrong.kind.value):
        fold([PAID_OUT, wrong], terms=TERMS)


def test_overpaid_money_handed_back_leaves_the_loan_repaid() -> None:
    owed = sum(row.principal + row.interest for row in ROWS)
    events = [PAID_OUT, repaid(MARCH, owed + 90), event(EventKind.REFUNDED, DUE[1], 90)]
    state = fold(events, terms=TERMS)
    assert (state.overpaid, state.refunded, state.state) == (0, 90, LoanState.SETTLED)
    state.check()


def test_a_refund_that_a_back_dated_charge_leaves_uncovered_becomes_principal() -> None:
    owed = sum(row.principal + row.interest for row in ROWS)
    events = [PAID_OUT, repaid(MARCH, owed + 90), event(EventKind.REFUNDED, DUE[1], 90)]
    state = fold([*events, charged(MARCH, 40)], terms=TERMS)
    assert (state.capitalised, state.principal, state.state) == (40, 40, LoanState.ACTIVE)
    state.check()


# --- early money ----------------------------------------------------------------------------------


def test_early_money_changes_the_plan_once() -> None:
    early = event(EventKind.EARLY_REPAID, MARCH, 200_000, effect=EarlyEffect.REDUCE_INSTALMENT)
    state = fold([PAID_OUT, instalment(0), early], terms=TERMS)
    assert len(state.rows) == 6
    assert state.rows[2].due[PRINCIPAL] < ROWS[2].principal
    assert {row.from_date for row in state.rows[1:]} == {MARCH}
    state.check()


def test_paying_off_settles_at_the_quote_of_the_day() -> None:
    before = fold([PAID_OUT, instalment(0)], MARCH, terms=TERMS)
    quote = payoff_on(before, MARCH)
    state = fold(
        [PAID_OUT, instalment(0), event(EventKind.PAID_OFF, MARCH, quote.total)], terms=TERMS
    )
    assert (state.state, state.settled_date, state.overpaid) == (LoanState.SETTLED, MARCH, 0)
    assert [row.number for row in state.rows] == [1, 2]


def test_a_refinanced_loan_is_closed_by_the_new_one() -> None:
    quote = payoff_on(fold([PAID_OUT], MARCH, terms=TERMS), MARCH)
    state = fold([PAID_OUT, event(EventKind.REFINANCED, MARCH, quote.total)], terms=TERMS)
    assert state.state is LoanState.REFINANCED
    assert state.arrears_days(date(2026, 1, 1)) == 0
    short = fold([PAID_OUT, event(EventKind.REFINANCED, MARCH, quote.total - 1)], terms=TERMS)
    assert short.state is LoanState.ACTIVE


def test_a_loan_that_follows_its_balance_is_settled_when_nothing_is_owed_any_more() -> None:
    of = KINDS["balance REDUCE_NUMBER"]
    paid_out = disbursed(of)
    day = START + timedelta(days=10)
    quote = payoff_on(fold([paid_out], day, terms=of), day)
    assert fold([paid_out, repaid(day, quote.total - 1)], terms=of).state is LoanState.ACTIVE
    assert fold([paid_out, repaid(day, quote.total)], terms=of).state is LoanState.SETTLED


def test_what_a_payer_asks_for_wins_over_the_terms() -> None:
    last = repaid(START, 1_000, advance_to=AdvanceTo.LAST_INSTALMENT)
    assert fold([PAID_OUT, last], terms=TERMS).splits[0].number == 6


# --- changes by agreement -------------------------------------------------------------------------


def test_a_rescheduled_loan_is_not_late_before_its_new_days() -> None:
    change = rescheduled(MARCH, from_date=DUE[1], shift_to=date(2025, 5, 2))
    state = fold([PAID_OUT, instalment(0), change], date(2025, 5, 1), terms=TERMS)
    assert state.arrears_days(date(2025, 5, 1)) == 0
    assert state.principal == LENT - ROWS[0].principal
    earlier = fold([PAID_OUT, change], date(2025, 2, 28), terms=TERMS)
    assert [row.due_date for row in earlier.rows] == DUE


def test_a_change_that_finds_nothing_is_refused_whole() -> None:
    with pytest.raises(NothingToReschedule):
        fold([PAID_OUT, rescheduled(MARCH, from_date=date(2026, 1, 1))], terms=TERMS)


def test_a_moratorium_freezes_days_late_until_it_ends() -> None:
    pause = moratorium(DUE[0] + timedelta(days=3), date(2025, 4, 20))
    state = fold([PAID_OUT, pause], date(2025, 4, 25), terms=TERMS)
    assert state.arrears_days(date(2025, 4, 25)) == 2 + 5
    plain = fold([PAID_OUT], date(2025, 4, 25), terms=TERMS)
    assert plain.arrears_days(date(2025, 4, 25)) == 69


def test_a_restructured_loan_keeps_how_late_it_was() -> None:
    change = restructured(date(2025, 4, 1), terms(instalments=9))
    state = fold([PAID_OUT, change], terms=TERMS)
    assert (state.restructured, state.arrears_before) == (True, 45)
    assert state.arrears_days(date(2025, 4, 2)) == 0
    assert state.last_due_date == date(2026, 1, 1)
    state.check()


# --- the end --------------------------------------------------------------------------------------


def test_after_a_write_off_only_recoveries_follow() -> None:
    events = [PAID_OUT, event(EventKind.WRITTEN_OFF, date(2025, 12, 1))]
    for late in (
        charged(date(2025, 12, 5), 5),
        waived(date(2025, 12, 5), 5, Component.FEE),
        event(EventKind.DISBURSED, date(2025, 12, 5), 5),
        event(EventKind.WRITTEN_OFF, date(2025, 12, 5)),
        rescheduled(date(2025, 12, 5)),
    ):
        with pytest.raises(AfterWriteOff):
            fold([*events, late], terms=TERMS)


def test_money_that_comes_after_a_write_off_is_recovered_whatever_it_was_called() -> None:
    events = [
        PAID_OUT,
        event(EventKind.WRITTEN_OFF, date(2025, 12, 1)),
        repaid(date(2025, 12, 5), 1_000),
        event(EventKind.RECOVERED, date(2025, 12, 6), 10_000_000),
    ]
    state = fold(events, terms=TERMS)
    owed = sum(state.written_off_parts)
    assert owed == sum(row.principal + row.interest for row in ROWS)
    assert state.recovered == owed
    assert state.overpaid == 10_001_000 - owed
    assert state.state is LoanState.WRITTEN_OFF
    state.check()


def test_a_write_off_of_a_balance_loan_shows_its_plan_as_it_stood() -> None:
    of = KINDS["balance KEEP_INSTALMENT"]
    state = fold([disbursed(of), event(EventKind.WRITTEN_OFF, MARCH)], terms=of)
    assert sum(row.due[PRINCIPAL] for row in state.rows) == LENT
    state.check()


def test_a_transferred_loan_is_no_longer_ours_to_chase() -> None:
    state = fold([PAID_OUT, event(EventKind.TRANSFERRED, MARCH)], terms=TERMS)
    assert state.state is LoanState.TRANSFERRED
    assert state.arrears_days(date(2026, 1, 1)) == 0
    assert state.overdue(date(2026, 1, 1)) == (0, 0, 0, 0)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_change_reversed_leaves_no_trace(kind: str) -> None:
    of = KINDS[kind]
    events = [disbursed(of), repaid(DUE[0], 100_000)]
    plain = fold(events, date(2025, 9, 1), terms=of)
    day = date(2025, 4, 1)
    for change in (
        charged(day, 500),
        waived(day, 500, Component.INTEREST),
        rescheduled(day, extra_instalments=2),
        restructured(day, terms(instalments=3)),
        moratorium(day, date(2025, 6, 1)),
        event(EventKind.PAID_OFF, day, 700_000),
        event(EventKind.WRITTEN_OFF, day),
    ):
        state = fold(
            [*events, change, reversal(change, date(2025, 8, 1))], date(2025, 9, 1), terms=of
        )
        assert [(row.due, row.paid) for row in state.rows] == [
            (row.due, row.paid) for row in plain.rows
        ]


# --- going on, and imported history ---------------------------------------------------------------


def test_a_state_goes_on_only_with_what_comes_after_it() -> None:
    state = run([PAID_OUT, instalment(1)], terms=TERMS)
    assert resume(state, [repaid(DUE[0], 100)]) is None
    wrong = instalment(2)
    assert resume(state, [wrong, reversal(wrong, DUE[3])]) is None
    went_on = resume(state, [instalment(2)])
    assert went_on is not None
    assert went_on.money_in == state.money_in + instalment(2).units
    assert len(state.splits) < len(went_on.splits)


def test_a_snapshot_of_another_engine_is_not_gone_on_with() -> None:
    data = snapshot(run([PAID_OUT], terms=TERMS))
    assert restored(data) is not None
    assert restored({**data, "engine": "0"}) is None


def test_a_state_without_events_stands_as_agreed() -> None:
    state = run([], terms=TERMS)
    assert seen_on(state, None) is state
    kept = restored(json.loads(json.dumps(snapshot(state))))
    assert kept is not None
    assert kept.state is LoanState.AGREED


def test_imported_history_takes_what_is_no_payment_at_its_day() -> None:
    by_date, booked = terms(), terms(charge_visibility=ChargeVisibility.BY_BOOKING)
    paid = repaid(DUE[0], ROWS[0].principal + ROWS[0].interest, seq=2)
    fee = charged(START, 500, START + timedelta(days=5), seq=3)
    let_go = replace(waived(START + timedelta(days=6), 500, Component.FEE), seq=4)
    lost = event(EventKind.WRITTEN_OFF, date(2025, 9, 1), seq=5)
    found = [fold([disbursed(of), lost, let_go, fee, paid], terms=of) for of in (by_date, booked)]
    for state in found:
        assert state.written_off == LENT - ROWS[0].principal
        assert (state.recovered, state.overpaid, state.waived[FEE]) == (0, 0, 500)
        state.check()
    assert fold([disbursed(booked), paid, lost], MARCH, terms=booked).written_off == 0


def test_imported_history_hands_back_what_was_overpaid_before() -> None:
    of = terms(charge_visibility=ChargeVisibility.BY_BOOKING)
    much = repaid(DUE[0], 700_000, seq=2)
    back = event(EventKind.REFUNDED, DUE[0] + timedelta(days=5), 10_000, seq=3)
    state = fold([disbursed(of), much, back], terms=of)
    assert (state.refunded, state.capitalised) == (10_000, 0)


def test_imported_history_is_split_as_it_was_booked() -> None:
    of = terms(charge_visibility=ChargeVisibility.BY_BOOKING)
    first = DUE[0] + timedelta(days=40)
    booked: list[Event] = [
        repaid(DUE[0], 100_000, seq=2),
        charged(MARCH, 4_000, DUE[1], seq=3),
        repaid(DUE[1], 90_000, seq=4),
        charged(DUE[2], 2_000, DUE[0], seq=5),
        repaid(MARCH, 30_000, seq=6),
        charged(DUE[2], 1_000, first + timedelta(days=9), seq=7),
        repaid(first, 50_000, seq=8),
    ]
    wrong = repaid(MARCH, 9_000, seq=9)
    booked += [wrong, replace(reversal(wrong, DUE[3]), seq=10)]
    booked += [repaid(first, 60_000, seq=11), charged(first, 700, first, seq=12)]
    state = fold([disbursed(of), *reversed(booked)], terms=of)
    expected = allocate_as_booked(
        of.allocation,
        [Instalment(row.due_date, row.principal, row.interest) for row in ROWS],
        [
            Reversal(item.reverses.hex)
            if item.reverses is not None
            else Charge(Component.FEE, item.due_date, item.units)
            if item.due_date is not None
            else Payment(item.id.hex, item.value_date, item.units)
            for item in booked
        ],
    )
    made = {split.key: split.parts for split in expected.splits}
    for key, parts in made.items():
        own = [item.parts for item in state.splits if item.event_id.hex == key]
        assert tuple(map(sum, zip(*own, strict=True))) == tuple(parts)
    assert [tuple(row.due) for row in state.rows] == [tuple(row.due) for row in expected.rows]


def test_a_long_weekly_loan_replays_in_order_of_date() -> None:
    of = terms(instalments=260, unit=DueUnit.WEEK, recalculation=Recalculation.BALANCE)
    paid_out = disbursed(of)
    row = paid_out.rows[0]
    events = [paid_out] + [
        repaid(START + timedelta(weeks=week), row.principal + row.interest)
        for week in range(1, 200)
    ]
    assert fold(reversed(events), terms=of).principal == fold(events, terms=of).principal > 0


def test_the_order_of_a_day_is_by_rank_then_by_time() -> None:
    at = datetime(2025, 3, 1, 8, tzinfo=UTC)
    pay = replace(repaid(MARCH, 5), recorded_at=at)
    kinds = [
        event(EventKind.DISBURSED, MARCH),
        rescheduled(MARCH),
        charged(MARCH, 5),
        waived(MARCH, 5, Component.FEE),
        pay,
        repaid(MARCH, 5),
        event(EventKind.REFUNDED, MARCH),
        event(EventKind.WRITTEN_OFF, MARCH),
        event(EventKind.RECOVERED, MARCH),
        event(EventKind.TRANSFERRED, MARCH),
    ]
    assert sorted({item.id: item for item in kinds}.values(), key=order) == kinds


def test_terms_of_a_loan_of_which_only_rows_are_known_split_by_the_allocation() -> None:
    rows = (PlannedRow(1, DUE[0], 1_000, 50),)
    state = fold([event(EventKind.DISBURSED, START, 1_000, rows=rows), repaid(DUE[0], 60)])
    assert state.splits[0].parts == (0, 0, 50, 10)
    made: Terms = state.terms
    assert made.rate_ppm == 0
