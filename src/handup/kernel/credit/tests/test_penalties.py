"""What lateness costs: exact by the day, rounded once a row, never on penalties, capped."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    Instalment,
    Ledger,
    Payment,
)
from handup.kernel.credit.codes import FeeBase, FeeKind, FeeWhen, PenaltyBase, PenaltyKind
from handup.kernel.credit.dates import Pause
from handup.kernel.credit.penalties import Lateness, paused_days
from handup.kernel.credit.terms import Fee, Penalty, Terms
from handup.kernel.money import divide

DUE = date(2026, 2, 15)
NEXT = date(2026, 3, 15)
PER_DAY = Penalty(PenaltyKind.PER_DAY, ppm=1_000, free_days=3, cap_ppm=100_000)


class Loan:
    """Two rows of 100.00 principal and 10.00 interest, and what lateness costs on them."""

    def __init__(self, penalty: Penalty = PER_DAY, *fees: Fee) -> None:
        terms = Terms(currency="USD", rate_ppm=0, penalty=penalty, fees=fees)
        self.ledger = Ledger(
            terms.allocation, [Instalment(DUE, 10_000, 1_000), Instalment(NEXT, 10_000, 1_000)]
        )
        self.lateness = Lateness(terms)

    def penalty(self, days: int, row: int = 0) -> int:
        """The penalty of a row that many days after the first due date, only looked at."""
        rows = [item.copy() for item in self.ledger.rows]
        self.lateness.copied().accrue(rows, DUE + timedelta(days=days))
        return rows[row].due[PENALTY]

    def pay(self, days: int, units: int) -> None:
        day = DUE + timedelta(days=days)
        self.lateness.accrue(self.ledger.rows, day)
        self.ledger.pay(Payment(day.isoformat(), day, units))


def test_nothing_is_charged_on_free_days() -> None:
    loan = Loan()
    assert [loan.penalty(days) for days in (0, 1, 3, 4, 5)] == [0, 0, 0, 10, 20]


def test_a_day_s_base_is_what_earlier_days_left() -> None:
    loan = Loan()
    loan.pay(5, 1_000 + 20 + 4_000)
    row = loan.ledger.rows[0]
    assert row.open == [0, 0, 0, 6_000]
    assert loan.penalty(6) == 20 + 6
    assert loan.penalty(10) == 20 + 30


def test_two_payments_of_one_day_count_it_once() -> None:
    loan = Loan()
    loan.pay(5, 500)
    loan.pay(5, 500)
    assert loan.penalty(5) == 20
    assert loan.penalty(6) == 30


def test_looking_every_day_changes_nothing() -> None:
    looked, plain = Loan(), Loan()
    for days in range(1, 40):
        looked.penalty(days)
    assert looked.penalty(40) == plain.penalty(40)


def test_the_sum_is_rounded_once_not_each_day() -> None:
    loan = Loan(Penalty(PenaltyKind.PER_DAY, ppm=33, free_days=0))
    assert [loan.penalty(days) for days in (1, 2, 3)] == [0, 1, 1]
    assert loan.penalty(30) == divide(10_000 * 33 * 30, 1_000_000)


def test_the_cap_is_a_share_of_the_base_on_the_due_date() -> None:
    loan = Loan()
    assert loan.penalty(103) == 1_000
    assert loan.penalty(400) == 1_000
    loan.pay(50, 1_000 + 470 + 9_000)
    assert loan.penalty(2_000) == 1_000


def test_a_payment_before_the_free_days_end_keeps_the_cap() -> None:
    loan = Loan()
    loan.pay(2, 1_000 + 9_000)
    assert loan.penalty(10_000) == 1_000
    assert loan.penalty(13) == 10


def test_nothing_runs_on_penalties_once_the_rest_is_paid() -> None:
    loan = Loan()
    loan.ledger.rows[0].add(PENALTY, 40)
    loan.pay(0, 11_000)
    assert loan.ledger.rows[0].open == [0, 0, 0, 40]
    loan.pay(1, 40)
    plain = Loan(PER_DAY)
    plain.ledger.pay(Payment("all", DUE, 11_000))
    plain.ledger.rows[0].add(PENALTY, 40)
    assert plain.penalty(400) == 40


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (PenaltyBase.OVERDUE_PRINCIPAL, 70),
        (PenaltyBase.OVERDUE_ALL, 77),
        (PenaltyBase.INSTALMENT, 77),
    ],
)
def test_the_base_is_named_by_the_terms(base: PenaltyBase, expected: int) -> None:
    loan = Loan(Penalty(PenaltyKind.PER_DAY, base, ppm=1_000))
    assert loan.penalty(10) == expected


def test_a_part_paid_instalment_counts_whole_when_the_terms_say_so() -> None:
    loan = Loan(Penalty(PenaltyKind.PER_DAY, PenaltyBase.INSTALMENT, ppm=1_000, free_days=0))
    loan.pay(0, 10_999)
    assert loan.penalty(10) == 110
    loan.pay(10, 110 + 1)
    assert loan.penalty(30) == 110


def test_a_fixed_penalty_is_charged_once() -> None:
    loan = Loan(Penalty(PenaltyKind.FIXED, units=250))
    assert [loan.penalty(days) for days in (3, 4, 400)] == [0, 250, 250]
    assert loan.penalty(28 + 4, row=1) == 250
    loan.pay(4, 250)
    assert loan.penalty(400) == 250


def test_a_row_paid_within_the_free_days_is_never_fined() -> None:
    loan = Loan(Penalty(PenaltyKind.FIXED, units=250))
    loan.pay(3, 11_000)
    assert loan.penalty(400) == 0


def test_a_late_row_takes_the_fee_of_the_table_once() -> None:
    loan = Loan(
        Penalty(),
        Fee("CALL", when=FeeWhen.OVERDUE, units=30),
        Fee("LATE", FeeKind.PENALTY, FeeWhen.OVERDUE, FeeBase.PRINCIPAL, ppm=20_000),
    )
    loan.pay(0, 1_000 + 5_000)
    loan.lateness.accrue(loan.ledger.rows, DUE + timedelta(days=1))
    loan.lateness.accrue(loan.ledger.rows, DUE + timedelta(days=9))
    row = loan.ledger.rows[0]
    assert (row.due[FEE], row.due[PENALTY]) == (30, 100)
    assert loan.ledger.rows[1].due[FEE] == 0


def test_days_of_a_pause_do_not_count() -> None:
    loan = Loan()
    loan.lateness.pauses.append(Pause(DUE + timedelta(days=6), DUE + timedelta(days=15)))
    assert loan.penalty(5) == 20
    assert loan.penalty(15) == 20
    assert loan.penalty(20) == 70


def test_paused_days_count_both_ends() -> None:
    pauses = [Pause(date(2026, 3, 1), date(2026, 3, 10)), Pause(date(2026, 4, 1), date(2026, 4, 1))]
    assert paused_days(pauses, date(2026, 2, 28), date(2026, 4, 30)) == 11
    assert paused_days(pauses, date(2026, 3, 5), date(2026, 3, 7)) == 2
    assert paused_days(pauses, date(2026, 3, 10), date(2026, 3, 31)) == 0


def test_terms_without_penalties_cost_nothing() -> None:
    loan = Loan(Penalty())
    assert not loan.lateness.runs
    assert loan.penalty(400) == 0


money = st.lists(st.tuples(st.integers(0, 120), st.integers(1, 9_000)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(money, st.sampled_from(list(PenaltyBase)), st.integers(0, 60))
def test_a_penalty_never_falls_and_never_passes_its_cap(
    paid: list[tuple[int, int]], base: PenaltyBase, later: int
) -> None:
    loan = Loan(Penalty(PenaltyKind.PER_DAY, base, ppm=2_000, cap_ppm=50_000))
    for days, units in sorted(paid):
        loan.pay(days, units)
    last = max((days for days, _ in paid), default=0)
    seen: list[Any] = [loan.penalty(last + extra) for extra in range(later + 1)]
    assert seen == sorted(seen)
    assert seen[-1] <= 550
    row = loan.ledger.rows[0]
    assert row.open[INTEREST] <= row.due[INTEREST]


def test_a_late_fee_waits_until_frozen_days_are_over() -> None:
    terms = Terms(currency="USD", rate_ppm=0, fees=(Fee("LATE", when=FeeWhen.OVERDUE, units=700),))
    lateness, ledger = Lateness(terms), Ledger(terms.allocation, [Instalment(DUE, 10_000, 1_000)])
    lateness.pauses = [Pause(DUE + timedelta(days=1), NEXT)]
    lateness.accrue(ledger.rows, NEXT)
    assert ledger.rows[0].due[FEE] == 0
    lateness.accrue(ledger.rows, NEXT + timedelta(days=1))
    assert ledger.rows[0].due[FEE] == 700
