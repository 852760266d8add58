"""The engine agrees with the same rules written down a second time, day by day, in fractions."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.allocation import (
    FEE,
    INTEREST,
    PENALTY,
    PRINCIPAL,
    Instalment,
    Ledger,
    Payment,
)
from handup.kernel.credit.codes import (
    Annuity,
    Component,
    DayCount,
    EarlyEffect,
    Method,
    PenaltyKind,
    RatePer,
    Recalculation,
    Repayment,
)
from handup.kernel.credit.daily_rate import DailyRate
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.penalties import Lateness
from handup.kernel.credit.recalculation import BalancePlan
from handup.kernel.credit.schedule import Disbursement, NegativeRow, build_schedule
from handup.kernel.credit.terms import Penalty, Terms, matrix
from handup.kernel.credit.tests.oracles import (
    BalanceOracle,
    DailyOracle,
    DailyRow,
    declining,
    equal_principal,
    flat_by_months,
    half_even,
    half_up,
    penalty_by_day,
)
from handup.kernel.dates import due_dates
from handup.kernel.money import Rounding, RoundingMode

EVEN = RoundingMode.HALF_EVEN
starts = st.dates(date(2023, 1, 1), date(2029, 12, 31))
money = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 300_000)), max_size=7).map(sorted)


def test_the_oracles_round_as_the_words_say() -> None:
    assert [half_up(Fraction(x, 2)) for x in (1, 3, -1, -3, 4)] == [1, 2, -1, -2, 2]
    assert [half_even(Fraction(x, 2)) for x in (1, 3, 5, -1)] == [0, 2, 2, 0]
    assert half_up(Fraction(149), 100) == 100
    assert half_even(Fraction(150), 100) == 200


@settings(max_examples=300, deadline=None)
@given(
    starts,
    st.integers(3, 12),
    st.integers(50_000, 900_000),
    st.integers(0, 600_000),
    st.sampled_from([1, 50, 100]),
    st.sampled_from(EarlyEffect),
    money,
    st.integers(0, 200),
)
def test_interest_on_the_real_balance_is_that_of_each_day(
    start: date,
    count: int,
    principal: int,
    ppm: int,
    unit: int,
    effect: EarlyEffect,
    paid: list[tuple[int, int]],
    later: int,
) -> None:
    days = due_dates(start, count)
    payments = _below(principal, [(start + timedelta(days=step), units) for step, units in paid])
    as_of = max([start, *(day for day, _ in payments)]) + timedelta(days=later)
    terms = Terms(
        currency="USD",
        rate_ppm=ppm,
        instalments=count,
        annuity=Annuity.FIRST_PERIOD_RATE,
        interest_rounding=Rounding(1, EVEN),
        instalment_rounding=Rounding(unit, EVEN),
        recalculation=Recalculation.BALANCE,
        early_effect=effect,
    )
    plan = BalancePlan.begin(
        terms, Ledger(terms.allocation, ()), DuePlan.of(start, days), principal
    )
    for number, (day, units) in enumerate(payments):
        plan.pay(Payment(str(number), day, units))
    oracle = BalanceOracle(start, days, principal, ppm, unit, effect.value, payments, as_of)
    assert [
        (row.due[PRINCIPAL], row.due[INTEREST], row.paid(PRINCIPAL), row.paid(INTEREST))
        for row in plan.plan_on(as_of)
    ] == [
        (row.principal, row.interest, row.principal_paid, row.interest_paid) for row in oracle.run()
    ]


def _below(principal: int, payments: list[tuple[date, int]]) -> list[tuple[date, int]]:
    """As many payments as stay below the loan together: what is overpaid is another matter."""
    kept, total = [], 0
    for day, units in payments:
        if total + units < principal:
            total += units
            kept.append((day, units))
    return kept


@settings(max_examples=300, deadline=None)
@given(
    starts,
    st.integers(1, 5_000),
    st.lists(
        st.tuples(st.integers(10_000, 90_000), st.integers(0, 6_000), st.integers(0, 500)),
        min_size=1,
        max_size=7,
    ),
    money,
    st.integers(0, 120),
)
def test_a_daily_rate_is_that_of_each_day(
    start: date,
    ppm: int,
    planned: list[tuple[int, int, int]],
    paid: list[tuple[int, int]],
    later: int,
) -> None:
    days = due_dates(start, len(planned))
    terms = Terms(
        currency="USD",
        rate_ppm=ppm,
        rate_per=RatePer.DAY,
        recalculation=Recalculation.DAILY_RATE,
    )
    rows = [Instalment(day, *parts) for day, parts in zip(days, planned, strict=True)]
    ledger = Ledger(terms.allocation, rows)
    loan = DailyRate(terms, ledger, ledger.rows, start)
    oracle = DailyOracle(
        start, ppm, [DailyRow(day, *parts) for day, parts in zip(days, planned, strict=True)]
    )
    last = start
    for step, units in paid:
        last = start + timedelta(days=step)
        loan.pay(Payment(str(step), last, units))
        oracle.pay(last, units)
    as_of = last + timedelta(days=later)
    seen = loan.plan_on(as_of)
    assert loan.payoff(as_of) == oracle.payoff(as_of)
    assert sum(split.overpaid for split in ledger.splits) == oracle.over
    for place, (row, other) in enumerate(zip(seen.rows, oracle.rows, strict=True)):
        assert row.paid(PRINCIPAL) == other.principal_paid
        assert row.paid(FEE) == other.fee_paid
        assert (seen.late[place], seen.late_paid[place]) == (other.late, other.late_paid)
        assert row.paid(INTEREST) == other.interest_paid + other.late_paid
        assert row.open[INTEREST] == other.interest + other.late - other.late_paid


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 20_000),
    st.integers(0, 10),
    st.integers(1, 400_000),
    st.lists(st.tuples(st.integers(-5, 60), st.integers(1, 40_000)), max_size=6).map(sorted),
    st.integers(0, 90),
)
def test_a_penalty_is_that_of_each_day(
    ppm: int, free_days: int, cap_ppm: int, paid: list[tuple[int, int]], later: int
) -> None:
    due, base = date(2026, 2, 15), 100_000
    penalty = Penalty(PenaltyKind.PER_DAY, ppm=ppm, free_days=free_days, cap_ppm=cap_ppm)
    order = (Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.PENALTY)
    terms = Terms(currency="USD", rate_ppm=0, penalty=penalty, allocation=matrix(*order))
    ledger, lateness = Ledger(terms.allocation, [Instalment(due, base, 0)]), Lateness(terms)
    row = ledger.rows[0]
    last, taken = due, []
    for step, units in paid:
        last = due + timedelta(days=step)
        lateness.accrue(ledger.rows, last)
        before = row.paid(PRINCIPAL)
        ledger.pay(Payment(str(step), last, units))
        taken.append((last, row.paid(PRINCIPAL) - before))
    day = max(last, due) + timedelta(days=later)
    lateness.accrue(ledger.rows, day)
    settled = next((when for when, _ in taken if _paid_by(taken, when) == base), day)
    asked = penalty_by_day(due, min(day, settled), ppm, free_days, cap_ppm, base, taken)
    assert row.due[PENALTY] == asked


def _paid_by(taken: list[tuple[date, int]], day: date) -> int:
    return sum(units for when, units in taken if when <= day)


def rates_of(terms: Terms, start: date) -> list[Fraction]:
    """The rate of each period by its own words."""
    bounds = plan_due_dates(terms, start).bounds
    if terms.day_count is DayCount.MONTHS_12:
        return [Fraction(terms.rate_ppm, 12_000_000)] * terms.instalments
    return [
        Fraction(terms.rate_ppm * (end - begin).days, 365_000_000)
        for begin, end in pairwise(bounds)
    ]


@settings(max_examples=200, deadline=None)
@given(
    starts,
    st.integers(1, 24),
    st.integers(10_000, 10**8),
    st.integers(0, 900_000),
    st.sampled_from([1, 5, 100]),
    st.sampled_from(Annuity),
    st.sampled_from([DayCount.DAYS_365, DayCount.MONTHS_12]),
)
def test_equal_instalments_are_those_of_the_formula(
    start: date,
    count: int,
    principal: int,
    ppm: int,
    unit: int,
    annuity: Annuity,
    day_count: DayCount,
) -> None:
    terms = Terms(
        currency="USD",
        rate_ppm=ppm,
        instalments=count,
        annuity=annuity,
        day_count=day_count,
        instalment_rounding=Rounding(unit),
    )
    rates = rates_of(terms, start)
    expected = declining(principal, rates, unit, first_rate=annuity is Annuity.FIRST_PERIOD_RATE)
    _compare(terms, start, principal, expected)


def _compare(terms: Terms, start: date, principal: int, expected: list[tuple[int, int]]) -> None:
    try:
        schedule = build_schedule(
            terms, [Disbursement(start, principal)], plan_due_dates(terms, start)
        )
    except NegativeRow:
        assert any(min(parts) < 0 for parts in expected)
        return
    assert [(row.principal, row.interest) for row in schedule.rows] == expected


@settings(max_examples=100, deadline=None)
@given(starts, st.integers(1, 36), st.integers(10_000, 10**8), st.integers(0, 900_000))
def test_equal_principal_is_that_of_the_formula(
    start: date, count: int, principal: int, ppm: int
) -> None:
    terms = Terms(
        currency="USD", rate_ppm=ppm, instalments=count, repayment=Repayment.EQUAL_PRINCIPAL
    )
    _compare(terms, start, principal, equal_principal(principal, rates_of(terms, start)))


@settings(max_examples=100, deadline=None)
@given(starts, st.integers(1, 36), st.integers(10_000, 10**8), st.integers(0, 900_000))
def test_flat_interest_is_that_of_the_formula(
    start: date, count: int, principal: int, ppm: int
) -> None:
    terms = Terms(
        currency="USD",
        rate_ppm=ppm,
        instalments=count,
        method=Method.FLAT,
        day_count=DayCount.MONTHS_12,
    )
    _compare(terms, start, principal, flat_by_months(principal, ppm, count))
