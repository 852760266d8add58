"""The fold over loan events: rows, splits and balances as of any day, whatever the order of
arrival.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.ids import new_id
from handup.lending.rules.codes import EventKind, LoanState
from handup.lending.rules.loan import (
    FEE,
    INTEREST,
    PRINCIPAL,
    Event,
    EventNotApplied,
    PlannedRow,
    State,
    apply_event,
    effective,
    fold,
    rows_from_json,
    rows_to_json,
)

START = date(2025, 1, 15)
NOON = datetime(2025, 1, 15, 12, tzinfo=UTC)


def plan(months: int = 4, principal: int = 2500, interest: int = 100) -> tuple[PlannedRow, ...]:
    """Equal rows, due on the 15th of each month after the start."""
    return tuple(
        PlannedRow(number, date(2025, 1 + number, 15), principal, interest)
        for number in range(1, months + 1)
    )


def event(kind: EventKind, day: date, units: int = 0, **fields: object) -> Event:
    """An event recorded and received at noon of its own day."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    base = Event(new_id(), kind, day, at, at, units)
    return replace(base, **fields)  # type: ignore[arg-type]  # fields are named by the test


def disbursed(units: int = 10_000, **fields: object) -> Event:
    return event(EventKind.DISBURSED, START, units, **{"rows": plan(), **fields})


def repaid(day: date, units: int, **fields: object) -> Event:
    return event(EventKind.REPAID, day, units, **fields)


def reversal(target: Event, day: date) -> Event:
    return event(EventKind.REVERSED, day, reverses=target.id)


def seen(state: State) -> tuple[object, ...]:
    """What two folds must agree on."""
    return (
        state.state,
        state.disbursed,
        state.overpaid,
        state.written_off,
        state.recovered,
        state.settled_date,
        [(row.number, tuple(row.due), tuple(row.paid), row.settled_date) for row in state.rows],
        state.splits,
    )


def test_a_loan_on_the_day_it_is_paid_out_owes_everything_and_is_not_late() -> None:
    state = fold([disbursed()])
    assert state.state is LoanState.ACTIVE
    assert state.principal == 10_000
    assert state.last_due_date == date(2025, 5, 15)
    assert state.arrears_days(START) == 0
    assert state.overdue(START) == (0, 0, 0, 0)


def test_a_payment_settles_interest_before_principal_of_the_oldest_row() -> None:
    state = fold([disbursed(), repaid(date(2025, 2, 15), 1100)])
    (split,) = state.splits
    assert (split.number, split.parts) == (1, (0, 0, 100, 1000))
    assert state.principal == 9000
    assert state.next_row is not None
    assert state.next_row.unpaid == 1500


def test_a_fee_is_settled_before_interest() -> None:
    rows = (PlannedRow(1, date(2025, 2, 15), 10_000, 100, fee=30),)
    state = fold([disbursed(rows=rows), repaid(date(2025, 2, 15), 50)])
    assert state.splits[0].parts == (0, 30, 20, 0)
    assert state.paid(FEE) == 30
    assert state.paid(INTEREST) == 20
    assert state.paid(PRINCIPAL) == 0


def test_money_beyond_a_row_goes_to_the_next_and_counts_as_early() -> None:
    state = fold([disbursed(), repaid(date(2025, 2, 15), 3000)])
    assert [(item.number, item.parts) for item in state.splits] == [
        (1, (0, 0, 100, 2500)),
        (2, (0, 0, 100, 300)),
    ]
    assert [(row.open_row.early, row.open_row.late) for row in state.rows[:2]] == [(0, 0), (400, 0)]


def test_the_day_after_the_due_date_is_one_day_in_arrears() -> None:
    state = fold([disbursed()])
    assert state.arrears_days(date(2025, 2, 15)) == 0
    assert state.arrears_days(date(2025, 2, 16)) == 1
    assert state.overdue(date(2025, 2, 16)) == (0, 0, 100, 2500)
    assert state.overdue(date(2025, 3, 16)) == (0, 0, 200, 5000)


def test_a_partly_paid_row_keeps_the_loan_in_arrears_from_its_own_due_date() -> None:
    state = fold([disbursed(), repaid(date(2025, 2, 20), 2599)])
    assert state.arrears_days(date(2025, 2, 25)) == 10
    assert state.overdue(date(2025, 2, 25)) == (0, 0, 0, 1)
    assert state.rows[0].open_row.late == 2599


def test_paying_everything_settles_the_loan_on_that_day() -> None:
    state = fold([disbursed(), repaid(date(2025, 3, 1), 10_400)])
    assert state.state is LoanState.SETTLED
    assert state.settled_date == date(2025, 3, 1)
    assert state.principal == 0
    assert state.next_row is None


def test_money_that_finds_no_row_is_overpaid_not_lost() -> None:
    state = fold([disbursed(), repaid(date(2025, 3, 1), 10_450)])
    assert state.overpaid == 50
    assert state.splits[-1].number is None
    assert sum(item.total for item in state.splits) == 10_450


def test_as_of_a_day_later_events_do_not_exist() -> None:
    events = [disbursed(), repaid(date(2025, 2, 15), 2600), repaid(date(2025, 3, 15), 2600)]
    assert fold(events, as_of=date(2025, 3, 14)).principal == 7500
    assert fold(events, as_of=date(2025, 3, 15)).principal == 5000
    assert fold(events, as_of=date(2025, 1, 14)).state is LoanState.AGREED


def test_a_back_dated_payment_is_applied_before_the_later_ones() -> None:
    early = repaid(date(2025, 2, 15), 2600, received_at=NOON + timedelta(days=90))
    later = repaid(date(2025, 3, 15), 2600)
    state = fold([disbursed(), later, early])
    assert [(item.event_id, item.number) for item in state.splits] == [(early.id, 1), (later.id, 2)]
    assert state.arrears_days(date(2025, 3, 16)) == 0


def test_known_at_leaves_out_what_arrived_later() -> None:
    late = repaid(date(2025, 2, 15), 2600, received_at=datetime(2025, 4, 1, tzinfo=UTC))
    events = [disbursed(), late]
    assert fold(events, known_at=datetime(2025, 3, 1, tzinfo=UTC)).principal == 10_000
    assert fold(events, known_at=datetime(2025, 4, 2, tzinfo=UTC)).principal == 7500


def test_a_reversed_payment_never_was_whatever_the_date_of_the_reversal() -> None:
    wrong = repaid(date(2025, 2, 15), 2600)
    events = [disbursed(), wrong, reversal(wrong, date(2025, 6, 1))]
    assert seen(fold(events)) == seen(fold(events[:1]))
    assert seen(fold(events, as_of=date(2025, 3, 1))) == seen(fold(events[:1]))


def test_before_the_reversal_was_known_the_payment_stood() -> None:
    wrong = repaid(date(2025, 2, 15), 2600)
    events = [disbursed(), wrong, reversal(wrong, date(2025, 6, 1))]
    assert fold(events, known_at=datetime(2025, 5, 1, tzinfo=UTC)).principal == 7500


def test_a_write_off_takes_the_outstanding_principal_out_of_the_portfolio() -> None:
    events = [
        disbursed(),
        repaid(date(2025, 2, 15), 2600),
        event(EventKind.WRITTEN_OFF, date(2025, 12, 1), 7500),
    ]
    state = fold(events)
    assert state.state is LoanState.WRITTEN_OFF
    assert state.principal == 0
    assert state.written_off == 7500
    assert state.written_off_parts == (0, 0, 300, 7500)
    assert state.arrears_days(date(2025, 12, 2)) == 0
    assert fold(events, as_of=date(2025, 11, 30)).principal == 7500


def test_a_recovery_after_a_write_off_is_kept_apart_from_repayments() -> None:
    state = fold(
        [
            disbursed(),
            event(EventKind.WRITTEN_OFF, date(2025, 12, 1), 10_000),
            event(EventKind.RECOVERED, date(2026, 1, 5), 4000),
        ]
    )
    assert state.recovered == 4000
    assert state.paid(PRINCIPAL) == 0
    state.check()


def test_an_opening_position_brings_what_was_paid_before() -> None:
    rows = (
        PlannedRow(1, date(2025, 2, 15), 5000, 100, paid=(0, 0, 100, 5000)),
        PlannedRow(2, date(2025, 3, 15), 5000, 100),
    )
    state = fold([event(EventKind.OPENING_POSITION, date(2025, 3, 1), 10_000, rows=rows)])
    assert state.principal == 5000
    assert state.money_in == 5100
    assert state.next_row is not None
    assert state.next_row.number == 2
    state.check()


def test_a_cancelled_loan_owes_nothing() -> None:
    state = fold(
        [event(EventKind.AGREED, START), event(EventKind.CANCELLED, START + timedelta(days=3))]
    )
    assert state.state is LoanState.CANCELLED
    assert state.principal == 0


def test_a_kind_the_engine_does_not_know_is_refused_not_ignored() -> None:
    with pytest.raises(EventNotApplied, match="MORATORIUM"):
        fold([disbursed(), event(EventKind.MORATORIUM, date(2025, 3, 1))])


@pytest.mark.parametrize(
    "kind",
    [
        EventKind.GUARANTOR_PAID,
        EventKind.MEMBER_PAID_FOR,
        EventKind.INSURANCE_PAID,
        EventKind.SAVINGS_SET_OFF,
    ],
)
def test_whoever_pays_the_split_is_the_same(kind: EventKind) -> None:
    own = fold([disbursed(), repaid(date(2025, 2, 15), 3000)])
    other = fold([disbursed(), event(kind, date(2025, 2, 15), 3000)])
    assert [item.parts for item in own.splits] == [item.parts for item in other.splits]


def test_on_one_day_paying_out_comes_before_paying_back() -> None:
    same_day = repaid(START, 100, recorded_at=NOON - timedelta(hours=5))
    state = fold([same_day, disbursed()])
    assert state.splits[0].number == 1


def test_rows_keep_their_figures_through_json() -> None:
    rows = (
        PlannedRow(1, date(2025, 2, 15), 5000, 100, fee=7, paid=(0, 7, 100, 5000)),
        PlannedRow(2, date(2025, 3, 15), 5000, 100),
    )
    assert rows_from_json(rows_to_json(rows)) == rows


days = st.dates(min_value=START, max_value=date(2025, 9, 30))
payments = st.lists(st.tuples(days, st.integers(1, 4000)), max_size=8)


def history(paid: list[tuple[date, int]]) -> list[Event]:
    return [disbursed(), *(repaid(day, units) for day, units in paid)]


@settings(max_examples=60, deadline=None)
@given(payments, st.randoms(use_true_random=False))
def test_the_order_of_arrival_never_matters(paid: list[tuple[date, int]], chance: object) -> None:
    events = history(paid)
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' Random
    assert seen(fold(shuffled)) == seen(fold(events))


@settings(max_examples=60, deadline=None)
@given(payments, st.tuples(days, st.integers(1, 4000)), days)
def test_an_event_and_its_reversal_leave_no_trace(
    paid: list[tuple[date, int]], wrong: tuple[date, int], day: date
) -> None:
    events = history(paid)
    mistake = repaid(*wrong)
    assert seen(fold([*events, mistake, reversal(mistake, day)])) == seen(fold(events))


@settings(max_examples=60, deadline=None)
@given(payments, days)
def test_a_fold_as_of_a_day_ignores_later_events(paid: list[tuple[date, int]], on: date) -> None:
    events = history(paid)
    kept = [item for item in events if item.value_date <= on]
    assert seen(fold(events, as_of=on)) == seen(fold(kept))


@settings(max_examples=60, deadline=None)
@given(payments)
def test_money_is_never_made_or_lost(paid: list[tuple[date, int]]) -> None:
    state = fold(history(paid))
    state.check()
    assert state.money_in == sum(units for _, units in paid)
    owed = 10_400 - sum(sum(row.paid) for row in state.rows)
    assert owed + state.money_in - state.overpaid == 10_400


@settings(max_examples=60, deadline=None)
@given(payments)
def test_step_by_step_gives_what_the_replay_gives(paid: list[tuple[date, int]]) -> None:
    events = history(paid)
    state = State()
    for item in effective(events):
        apply_event(state, item)
    assert seen(state) == seen(fold(events))


def test_ids_are_what_orders_two_payments_of_one_instant() -> None:
    first = replace(repaid(date(2025, 2, 15), 100), id=UUID(int=1))
    second = replace(repaid(date(2025, 2, 15), 200), id=UUID(int=2))
    assert [item.event_id for item in fold([disbursed(), second, first]).splits] == [
        first.id,
        second.id,
    ]
