"""What a loan takes along that goes on under another lender: its rows, no penalty of lateness."""

from dataclasses import replace
from datetime import timedelta

from handup.kernel.credit.allocation import FEE, INTEREST, PENALTY, PRINCIPAL
from handup.kernel.credit.codes import Component
from handup.lending.rules.codes import EventKind
from handup.lending.rules.events import Event
from handup.lending.rules.going_on import opening_rows, penalty_kept
from handup.lending.rules.loan import fold, seen_on
from handup.lending.rules.state import State
from handup.lending.tests.loans import KINDS, charged, disbursed, event, repaid

OF = KINDS["penalty"]
PAID_OUT = disbursed(OF)
FIRST = PAID_OUT.rows[0]
LATE = FIRST.due_date + timedelta(days=20)


def late(*events: Event, kind: str = "penalty") -> State:
    of = KINDS[kind]
    return seen_on(fold([disbursed(of), *events], terms=of), LATE)


def test_rows_go_on_with_what_was_paid_of_them() -> None:
    rows = opening_rows(late(repaid(FIRST.due_date, FIRST.interest + 500)))
    assert rows[0] == replace(FIRST, paid=(0, 0, FIRST.interest, 500), ends=rows[0].ends)
    assert [(row.number, row.due_date) for row in rows] == [
        (row.number, row.due_date) for row in PAID_OUT.rows
    ]


def test_a_loan_goes_on_owing_the_same_and_gets_late_there_as_it_would_have_here() -> None:
    here = late(repaid(FIRST.due_date, 10_000))
    position = event(
        EventKind.OPENING_POSITION, LATE, here.principal, rows=tuple(opening_rows(here))
    )
    for day in (LATE, LATE + timedelta(days=30)):
        there = seen_on(fold([position], terms=OF), day)
        as_here = seen_on(here.live, day)
        for place in (PRINCIPAL, INTEREST, FEE, PENALTY):
            left = [sum(row.open_row.open[place] for row in at.rows) for at in (there, as_here)]
            assert left[0] == left[1], (day, place)
        assert there.arrears_days(day) == as_here.arrears_days(day) > 0


def test_the_fee_of_a_late_row_is_worked_out_anew_and_one_charged_by_hand_stays() -> None:
    assert late(kind="late fee").rows[0].due[FEE] > 0
    assert opening_rows(late(kind="late fee"))[0].fee == 0
    assert opening_rows(late(charged(FIRST.due_date, 70), kind="late fee"))[0].fee == 70


def test_only_a_penalty_that_would_come_again_may_be_left_behind() -> None:
    assert not penalty_kept(late())
    assert penalty_kept(late(charged(FIRST.due_date, 70, component=Component.PENALTY)))
    assert penalty_kept(late(repaid(LATE, 10))), "paid in part"
