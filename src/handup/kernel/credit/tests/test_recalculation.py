"""Interest that follows the real balance: what early, late and extra money changes in the plan."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.allocation import INTEREST, PRINCIPAL, Ledger, Payment
from handup.kernel.credit.codes import (
    Annuity,
    DayCount,
    EarlyEffect,
    Recalculation,
    Repayment,
)
from handup.kernel.credit.dates import DuePlan
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.schedule import Disbursement, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.money import Rounding, RoundingMode

START = date(2025, 1, 15)
DUE = tuple(date(2025, 1 + number, 15) for number in range(1, 7))
PLAN = DuePlan.of(START, DUE)
EVEN = RoundingMode.HALF_EVEN


def terms(**fields: Any) -> Terms:
    """Six months, 24 % a year by days of 365, instalment to the whole hundred."""
    given: dict[str, Any] = {
        "currency": "USD",
        "rate_ppm": 240_000,
        "instalments": 6,
        "instalment_rounding": Rounding(100, EVEN),
        "interest_rounding": Rounding(1, EVEN),
        "annuity": Annuity.FIRST_PERIOD_RATE,
        "recalculation": Recalculation.BALANCE,
        "early_effect": EarlyEffect.KEEP_INSTALMENT,
        **fields,
    }
    return Terms(**given)


def loan(of: Terms, principal: int = 600_000) -> BalancePlan:
    return BalancePlan.begin(of, Ledger(of.allocation, ()), PLAN, principal)


def pay(balance: BalancePlan, day: date, units: int) -> tuple[int, int, int]:
    """Interest, principal and overpayment one payment settled."""
    split = balance.pay(Payment(day.isoformat(), day, units))
    return split.parts.interest, split.parts.principal, split.overpaid


def figures(balance: BalancePlan, day: date) -> list[tuple[int, int]]:
    """Principal and interest of each row as planned on a day."""
    return [(row.due[PRINCIPAL], row.due[INTEREST]) for row in balance.plan_on(day)]


def days(balance: int, count: int, ppm: int = 240_000) -> int:
    """Interest of some days by hand, half even."""
    return round(Fraction(balance * ppm * count, 365 * 1_000_000))


def test_a_plan_kept_to_the_day_is_the_schedule() -> None:
    of = terms()
    rows = build_schedule(of, [Disbursement(START, 600_000)], PLAN).rows
    assert figures(loan(of), START) == [(row.principal, row.interest) for row in rows]


def test_late_money_keeps_earning_interest_until_it_comes() -> None:
    on_time, late = loan(terms()), loan(terms())
    first = figures(late, START)[0]
    pay(on_time, DUE[0], sum(first))
    pay(late, DUE[0] + timedelta(days=10), sum(first))
    plain = figures(on_time, DUE[1])[1]
    longer = figures(late, DUE[1])[1]
    left = 600_000 - first[0]
    assert plain[1] == days(left, 28)
    assert longer[1] == days(600_000, 10) + days(left, 18)
    assert sum(longer) == sum(plain)


def test_early_money_stops_earning_interest_on_its_day() -> None:
    balance = loan(terms())
    day = START + timedelta(days=11)
    assert pay(balance, day, 50_000) == (0, 50_000, 0)
    (principal, interest), *_ = figures(balance, day)
    assert interest == days(600_000, 11) + days(550_000, 20)
    assert principal == balance.instalment - interest


def test_from_the_day_asked_on_what_is_overdue_is_supposed_to_be_settled() -> None:
    balance = loan(terms())
    day = DUE[0] + timedelta(days=7)
    rows = figures(balance, day)
    left = 600_000 - rows[0][0]
    assert rows[1][1] == days(600_000, 7) + days(left, 21)
    assert rows[2][1] == days(left - rows[1][0], 31)


def test_asking_changes_nothing_for_a_later_day() -> None:
    balance = loan(terms())
    before = figures(balance, DUE[2])
    for day in (START, DUE[0], DUE[0] + timedelta(days=3), DUE[5], DUE[5] + timedelta(days=90)):
        balance.plan_on(day)
        balance.accrued(day)
    assert figures(balance, DUE[2]) == before


@pytest.mark.parametrize("effect", list(EarlyEffect))
def test_whatever_money_ahead_changes_the_principal_adds_up(effect: EarlyEffect) -> None:
    balance = loan(terms(early_effect=effect))
    pay(balance, DUE[0], 300_000)
    rows = figures(balance, DUE[0])
    assert sum(principal for principal, _ in rows) == 600_000
    assert all(principal >= 0 and interest >= 0 for principal, interest in rows)


def test_a_smaller_instalment_is_fixed_over_the_rows_left() -> None:
    balance = loan(terms(early_effect=EarlyEffect.REDUCE_INSTALMENT))
    agreed = balance.instalment
    pay(balance, DUE[0], 300_000)
    rows = figures(balance, DUE[0])
    assert balance.instalment < agreed
    assert len(rows) == 6
    assert {sum(row) for row in rows[1:5]} == {balance.instalment}


def test_fewer_instalments_keep_their_amount_and_end_sooner() -> None:
    balance = loan(terms(early_effect=EarlyEffect.REDUCE_NUMBER))
    agreed = balance.instalment
    pay(balance, DUE[0], 300_000)
    rows = figures(balance, DUE[0])
    assert len(rows) < 6
    assert {sum(row) for row in rows[1:-1]} == {agreed}
    assert sum(rows[-1]) <= agreed


def test_rows_that_fall_away_earn_nothing_even_when_the_last_one_is_late() -> None:
    balance = loan(terms(early_effect=EarlyEffect.REDUCE_NUMBER))
    pay(balance, DUE[0], 590_000)
    rows = figures(balance, DUE[0])
    assert len(rows) == 2
    assert figures(balance, DUE[5] + timedelta(days=60)) == rows
    assert balance.accrued(DUE[5]) == 0


def test_the_next_principals_are_skipped_until_the_extra_is_used_up() -> None:
    balance = loan(terms(early_effect=EarlyEffect.SKIP_NEXT))
    agreed = figures(balance, START)
    pay(balance, DUE[0], sum(agreed[0]) + 120_000)
    rows = figures(balance, DUE[0])
    assert rows[1][0] == 0
    assert 0 < rows[2][0] < agreed[2][0]
    assert sum(rows[3]) == balance.instalment


def test_keeping_the_instalment_changes_only_the_last_row() -> None:
    balance = loan(terms())
    agreed = figures(balance, START)
    pay(balance, DUE[0], sum(agreed[0]) + 50_000)
    rows = figures(balance, DUE[0])
    assert {sum(row) for row in rows[1:5]} == {balance.instalment}
    assert sum(rows[5]) < sum(agreed[5]) - 50_000


def test_money_ahead_that_a_row_would_have_taken_anyway_changes_no_later_row() -> None:
    balance = loan(terms(early_effect=EarlyEffect.REDUCE_INSTALMENT))
    agreed = balance.instalment
    pay(balance, START + timedelta(days=20), 40_000)
    assert balance.instalment == agreed
    rows = balance.plan_on(START + timedelta(days=20))
    assert rows[0].paid(PRINCIPAL) == 40_000
    assert sum(rows[0].due) == agreed


def test_money_beyond_all_principal_pays_the_interest_earned_then_is_overpaid() -> None:
    balance = loan(terms())
    day = START + timedelta(days=5)
    earned = days(600_000, 5)
    assert pay(balance, day, 700_000) == (earned, 600_000, 100_000 - earned)
    assert sum(sum(row.open) for row in balance.plan_on(day)) == 0


def test_periods_without_debt_are_left_out_when_money_is_lent_again() -> None:
    balance = loan(terms(early_effect=EarlyEffect.REDUCE_NUMBER))
    pay(balance, DUE[0], 700_000)
    assert balance.ended
    day = DUE[2] + timedelta(days=10)
    balance.add_principal(day, 90_000)
    rows = figures(balance, day)
    assert sum(principal for principal, _ in rows) == 690_000
    assert balance.cut == day
    assert rows[-1][1] == days(90_000, 20)


def test_after_the_last_due_date_nothing_more_is_earned() -> None:
    balance = loan(terms())
    at_end = figures(balance, DUE[5])
    assert figures(balance, DUE[5] + timedelta(days=400)) == at_end
    assert balance.accrued(DUE[5] + timedelta(days=1)) == 0
    owed = sum(map(sum, at_end))
    assert pay(balance, DUE[5] + timedelta(days=1), owed + 1)[2] == 1


def test_money_on_the_day_of_disbursement_is_paid_ahead() -> None:
    balance = loan(terms())
    assert pay(balance, START, 100_000) == (0, 100_000, 0)
    assert figures(balance, START)[0][1] == days(500_000, 31)


def test_interest_to_a_day_follows_each_payment() -> None:
    balance = loan(terms())
    assert balance.accrued(START + timedelta(days=11)) == days(600_000, 11)
    pay(balance, START + timedelta(days=11), 50_000)
    expected = days(600_000, 11) + days(550_000, 9)
    assert balance.accrued(START + timedelta(days=20)) == expected


def test_a_second_tranche_is_fixed_from_its_own_row() -> None:
    of = terms(annuity=Annuity.EACH_PERIOD_RATE, tranches_max=2)
    balance = loan(of, 300_000)
    day = DUE[1] + timedelta(days=9)
    for due, row in zip(DUE[:2], figures(balance, START)[:2], strict=True):
        pay(balance, due, sum(row))
    balance.disburse(day, 300_000)
    handed = [Disbursement(START, 300_000), Disbursement(day, 300_000)]
    rows = build_schedule(of, handed, PLAN).rows
    assert figures(balance, day) == [(row.principal, row.interest) for row in rows]


@pytest.mark.parametrize(
    "repayment",
    [
        Repayment.EQUAL_PRINCIPAL,
        Repayment.PERCENT_OF_PRINCIPAL,
        Repayment.PRINCIPAL_SHARES,
        Repayment.BULLET,
    ],
)
@pytest.mark.parametrize("effect", list(EarlyEffect))
def test_a_plan_of_principals_follows_the_balance_too(
    repayment: Repayment, effect: EarlyEffect
) -> None:
    of = terms(
        repayment=repayment,
        early_effect=effect,
        principal_ppm=100_000,
        shares_bps=(0, 0, 4000, 0, 0, 6000) if repayment is Repayment.PRINCIPAL_SHARES else (),
    )
    balance = loan(of)
    rows = build_schedule(of, [Disbursement(START, 600_000)], PLAN).rows
    assert figures(balance, START) == [(row.principal, row.interest) for row in rows]
    pay(balance, DUE[1], 250_000)
    after = figures(balance, DUE[1])
    assert sum(principal for principal, _ in after) == 600_000
    assert after[2][1] == days(balance.left, 31)


def test_a_given_instalment_stays_until_fewer_are_asked_for() -> None:
    of = terms(
        repayment=Repayment.FIXED_INSTALMENT,
        fixed_units=110_000,
        early_effect=EarlyEffect.REDUCE_INSTALMENT,
    )
    balance = loan(of)
    assert sum(figures(balance, START)[0]) == 110_000
    pay(balance, DUE[0], 300_000)
    assert balance.instalment < 110_000
    assert {sum(row) for row in figures(balance, DUE[0])[1:5]} == {balance.instalment}


def test_grace_is_kept_where_interest_follows_the_balance() -> None:
    of = terms(grace_principal=2, grace_interest_payment=1)
    rows = build_schedule(of, [Disbursement(START, 600_000)], PLAN).rows
    assert figures(loan(of), START) == [(row.principal, row.interest) for row in rows]
    free = terms(grace_interest_free=2)
    assert [interest for _, interest in figures(loan(free), DUE[5])[:3]] == [
        0,
        0,
        days(600_000, 28 + 3),
    ]


def test_parts_of_a_month_count_by_days_under_twelfths() -> None:
    balance = loan(terms(day_count=DayCount.MONTHS_12))
    pay(balance, START + timedelta(days=10), 100_000)
    month = Fraction(240_000, 12 * 1_000_000)
    expected = round(600_000 * month * 10 / 31) + round(500_000 * month * 21 / 31)
    assert figures(balance, DUE[0])[0][1] == expected


money = st.lists(st.tuples(st.integers(0, 200), st.integers(1, 250_000)), min_size=1, max_size=8)


@settings(max_examples=80, deadline=None)
@given(money, st.sampled_from(list(EarlyEffect)), st.integers(0, 60))
def test_nothing_is_lost_whatever_is_paid_and_when(
    paid: list[tuple[int, int]], effect: EarlyEffect, later: int
) -> None:
    balance = loan(terms(early_effect=effect))
    for step, units in sorted(paid):
        assert sum(pay(balance, START + timedelta(days=step), units)) == units
    last = START + timedelta(days=max(step for step, _ in paid) + later)
    rows = balance.plan_on(last)
    assert sum(row.due[PRINCIPAL] for row in rows) == 600_000
    assert all(
        0 <= still <= due for row in rows for still, due in zip(row.open, row.due, strict=True)
    )
    assert balance.unpaid == sum(row.open[PRINCIPAL] for row in rows)
