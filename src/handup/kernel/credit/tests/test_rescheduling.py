"""Schedules changed by agreement: what moves, what stays, and what is refused."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit import codes
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.presets import preset
from handup.kernel.credit.rescheduling import (
    EarlierThanDue,
    NothingToReschedule,
    PlannedRow,
    Request,
    reschedule,
)
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.money import divide

START = date(2026, 1, 31)
LOAN = 120_000


def terms_of(name: str = "handup-flat", **fields: Any) -> Terms:
    return preset(name, **{"currency": "XTS", "rate_ppm": 240_000, "instalments": 6, **fields})


def rows_of(terms: Terms) -> list[PlannedRow]:
    plan = plan_due_dates(terms, START)
    rows = build_schedule(terms, [Disbursement(START, LOAN)], plan).rows
    return [PlannedRow(row.kind, row.due_date, row.principal, row.interest) for row in rows]


def test_a_shift_moves_the_rest_by_whole_periods_from_the_new_day() -> None:
    terms = terms_of()
    rows = rows_of(terms)
    request = Request(date(2026, 4, 1), shift_to=date(2026, 6, 30))
    changed = reschedule(terms, LOAN, rows, request)
    assert changed[:2] == tuple(rows[:2])
    assert [row.due_date for row in changed[2:]] == [
        date(2026, 6, 30),
        date(2026, 7, 30),
        date(2026, 8, 30),
        date(2026, 9, 30),
    ]
    assert [row.principal for row in changed] == [row.principal for row in rows]


def test_grace_moves_principal_and_adds_rows_with_the_last_interest() -> None:
    terms = terms_of()
    rows = rows_of(terms)
    changed = reschedule(terms, LOAN, rows, Request(date(2026, 4, 1), principal_grace=2))
    assert [row.principal for row in changed] == [20_000, 20_000, 0, 0] + [20_000] * 4
    assert [row.interest for row in changed[-2:]] == [rows[-1].interest] * 2
    assert changed[-1].due_date == date(2026, 9, 30)


def test_more_instalments_divide_what_is_left_anew() -> None:
    terms = terms_of()
    request = Request(date(2026, 4, 1), extra_instalments=2)
    changed = reschedule(terms, LOAN, rows_of(terms), request)
    assert [row.principal for row in changed[2:]] == [13_333] * 5 + [13_335]


def test_a_new_rate_changes_flat_interest_row_by_row_and_fixes_declining_again() -> None:
    request = Request(date(2026, 4, 1), new_rate_ppm=120_000)
    flat = reschedule(terms_of(), LOAN, rows_of(terms_of()), request)
    assert [row.interest for row in flat] == [2_400] * 2 + [1_200] * 4
    declining = terms_of("handup-declining", day_count=codes.DayCount.MONTHS_12)
    rows = rows_of(declining)
    changed = reschedule(declining, LOAN, rows, request)
    left = sum(row.principal for row in rows[2:])
    assert changed[2].interest == divide(left, 100)
    assert sum(row.principal for row in changed) == LOAN
    dues = {row.principal + row.interest for row in changed[2:-1]}
    assert len(dues) == 1
    both = Request(date(2026, 4, 1), principal_grace=1, new_rate_ppm=120_000)
    waiting = reschedule(declining, LOAN, rows, both)
    assert waiting[2].principal == 0
    assert len(waiting) == 7


def test_down_payments_stay() -> None:
    terms = terms_of(down_payment_ppm=250_000)
    rows = rows_of(terms)
    changed = reschedule(terms, LOAN, rows, Request(START, shift_to=date(2026, 5, 31)))
    assert changed[0] == rows[0]
    assert changed[0].kind is codes.RowKind.DOWN_PAYMENT
    assert changed[1].due_date == date(2026, 5, 31)


def test_what_cannot_be_changed_is_refused() -> None:
    terms = terms_of()
    with pytest.raises(NothingToReschedule):
        reschedule(terms, LOAN, rows_of(terms), Request(date(2026, 8, 1)))
    request = Request(date(2026, 4, 1), shift_to=date(2026, 4, 1))
    with pytest.raises(EarlierThanDue):
        reschedule(terms, LOAN, rows_of(terms), request)


@given(
    grace=st.integers(0, 4),
    extra=st.integers(0, 4),
    from_row=st.integers(0, 5),
    rate=st.none() | st.integers(0, 400_000),
    name=st.sampled_from(["handup-flat", "handup-declining"]),
)
def test_no_principal_is_lost_and_earlier_rows_stay(
    grace: int, extra: int, from_row: int, rate: int | None, name: str
) -> None:
    terms = terms_of(name)
    rows = rows_of(terms)
    request = Request(rows[from_row].due_date, None, grace, extra, rate)
    changed = reschedule(terms, LOAN, rows, request)
    assert sum(row.principal for row in changed) == LOAN
    assert changed[:from_row] == tuple(rows[:from_row])
    assert len(changed) == len(rows) + grace + extra
    assert [row.due_date for row in changed] == sorted(row.due_date for row in changed)
