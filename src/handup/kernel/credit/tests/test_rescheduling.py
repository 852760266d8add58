"""Schedules changed by agreement: what moves, what stays, and what is refused."""

from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit import adapters, codes
from handup.kernel.credit.allocation import INTEREST, PRINCIPAL
from handup.kernel.credit.changes import apply_reschedule
from handup.kernel.credit.presets import preset
from handup.kernel.credit.rescheduling import EarlierThanDue, NothingToReschedule, Request
from handup.kernel.credit.schedule import NegativeRow
from handup.kernel.credit.standing import SignedRow, Standing
from handup.kernel.credit.terms import Terms
from handup.kernel.credit.tests.loans import signed
from handup.kernel.money import divide

START = date(2026, 1, 31)
LOAN = 120_000


class Shown(NamedTuple):
    """A row as a changed schedule shows it."""

    kind: codes.RowKind
    due_date: date
    principal: int
    interest: int


def terms_of(name: str = "handup-flat", **fields: Any) -> Terms:
    return preset(name, **{"currency": "XTS", "rate_ppm": 240_000, "instalments": 6, **fields})


def rows_of(terms: Terms) -> list[Shown]:
    return [
        Shown(row.kind, row.due_date, row.principal, row.interest)
        for row in signed(terms, LOAN, START)
    ]


def reschedule(terms: Terms, request: Request) -> list[Shown]:
    """The rows of a running loan of which nothing is paid, after the change."""
    loan = Standing(terms=terms)
    loan.open(START, signed(terms, LOAN, START), LOAN)
    apply_reschedule(loan, START, request)
    loan.check()
    return [
        Shown(row.kind, row.due_date, row.due[PRINCIPAL], row.due[INTEREST])
        for row in loan.ledger.rows
    ]


def test_a_shift_moves_the_rest_by_whole_periods_from_the_new_day() -> None:
    terms = terms_of()
    rows = rows_of(terms)
    request = Request(date(2026, 4, 1), shift_to=date(2026, 6, 30))
    changed = reschedule(terms, request)
    assert changed[:2] == rows[:2]
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
    changed = reschedule(terms, Request(date(2026, 4, 1), principal_grace=2))
    assert [row.principal for row in changed] == [20_000, 20_000, 0, 0] + [20_000] * 4
    assert [row.interest for row in changed[-2:]] == [rows[-1].interest] * 2
    assert changed[-1].due_date == date(2026, 9, 30)


def test_more_instalments_divide_what_is_left_anew() -> None:
    terms = terms_of()
    request = Request(date(2026, 4, 1), extra_instalments=2)
    changed = reschedule(terms, request)
    assert [row.principal for row in changed[2:]] == [13_333] * 5 + [13_335]


def test_a_new_rate_changes_flat_interest_row_by_row_and_fixes_declining_again() -> None:
    request = Request(date(2026, 4, 1), new_rate_ppm=120_000)
    flat = reschedule(terms_of(), request)
    assert [row.interest for row in flat] == [2_400] * 2 + [1_200] * 4
    declining = terms_of("handup-declining", day_count=codes.DayCount.MONTHS_12)
    rows = rows_of(declining)
    changed = reschedule(declining, request)
    left = sum(row.principal for row in rows[2:])
    assert changed[2].interest == divide(left, 100)
    assert sum(row.principal for row in changed) == LOAN
    dues = {row.principal + row.interest for row in changed[2:-1]}
    assert len(dues) == 1
    both = Request(date(2026, 4, 1), principal_grace=1, new_rate_ppm=120_000)
    waiting = reschedule(declining, both)
    assert waiting[2].principal == 0
    assert len(waiting) == 7


def test_down_payments_stay() -> None:
    terms = terms_of(down_payment_ppm=250_000)
    rows = rows_of(terms)
    changed = reschedule(terms, Request(START, shift_to=date(2026, 5, 31)))
    assert changed[0] == rows[0]
    assert changed[0].kind is codes.RowKind.DOWN_PAYMENT
    assert changed[1].due_date == date(2026, 5, 31)


def on_days(*days: date, shift_to: date | None = None, **asked: Any) -> list[date]:
    """The due dates of a loan on days agreed one by one, changed from the second on."""
    terms = terms_of(due_dates=days, instalments=len(days))
    return [row.due_date for row in reschedule(terms, Request(days[1], shift_to, **asked))]


def test_what_is_added_to_days_agreed_one_by_one_follows_the_first_changed_one() -> None:
    days = (date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 31))
    assert on_days(*days, extra_instalments=2)[3:] == [date(2026, 4, 28), date(2026, 5, 28)]
    far = (date(2026, 2, 10), date(2026, 3, 1), date(2026, 6, 20))
    assert on_days(*far, principal_grace=1)[3:] == [date(2026, 7, 20)]


def test_a_loan_that_counts_from_its_first_day_keeps_its_day_of_the_month() -> None:
    request = Request(date(2026, 2, 28), extra_instalments=2)
    assert [row.due_date for row in reschedule(terms_of(), request)][6:] == [
        date(2026, 8, 31),
        date(2026, 9, 30),
    ]


def test_a_row_that_moves_stands_behind_a_down_payment_of_its_new_day() -> None:
    terms = terms_of(instalments=2)
    loan = Standing(terms=terms)
    down, first, last = date(2026, 3, 10), date(2026, 2, 28), date(2026, 3, 31)
    rows = [
        SignedRow(1, first, 40_000, 100),
        SignedRow(2, down, 20_000, 0, kind=codes.RowKind.DOWN_PAYMENT),
        SignedRow(3, last, 60_000, 100),
    ]
    loan.open(START, rows, LOAN)
    apply_reschedule(loan, START, Request(first, shift_to=down))
    assert [row.number for row in loan.ledger.rows] == [2, 1, 3]


def test_a_division_that_leaves_less_than_nothing_is_refused() -> None:
    case = {
        "currency_digits": 0,
        "principal": 50,
        "period": {"every": 1, "unit": "MONTH"},
        "instalment_unit": 20,
        "instalments": [
            {"kind": "INSTALMENT", "due_date": "2026-02-01", "principal": 50, "interest": 0}
        ],
        "request": {
            "from_due_date": "2026-02-01",
            "shift_to": None,
            "principal_grace": 0,
            "extra_instalments": 3,
            "new_annual_rate_percent": None,
        },
    }
    with pytest.raises(NegativeRow):
        adapters.reschedule(case)


def test_what_cannot_be_changed_is_refused() -> None:
    terms = terms_of()
    with pytest.raises(NothingToReschedule):
        reschedule(terms, Request(date(2026, 8, 1)))
    request = Request(date(2026, 4, 1), shift_to=date(2026, 4, 1))
    with pytest.raises(EarlierThanDue):
        reschedule(terms, request)


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
    changed = reschedule(terms, request)
    assert sum(row.principal for row in changed) == LOAN
    assert changed[:from_row] == rows[:from_row]
    assert len(changed) == len(rows) + grace + extra
    assert [row.due_date for row in changed] == sorted(row.due_date for row in changed)
