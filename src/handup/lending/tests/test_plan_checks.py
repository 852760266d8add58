"""A loan beside its plan: the pure rule by itself, and its words."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from handup.lending.rules.eligibility import (
    ApplicantFacts,
    AskedLoan,
    Preconditions,
    Stop,
    stops,
)
from handup.lending.rules.plan_checks import (
    Compared,
    LoanAsked,
    PlanCheck,
    Verdict,
    due_by_month,
    plan_checks,
)
from handup.lending.views.behind import check_text
from handup.plans.rules.figures import MonthFigures, VersionFigures

PLAN = VersionFigures(
    plan_id=UUID(int=1),
    version_id=UUID(int=2),
    plan_number="000000001",
    version_number=1,
    sha256="",
    engine_version="plans-1",
    currency="USD",
    start_month=date(2025, 1, 1),
    advised_by_id=None,
    reviewed_by_id=None,
    loan_units=300,
    instalments=3,
    withheld_units=0,
    net_cash_units=400,
    max_instalment_units=100,
    max_loan_units=300,
    smallest_loan_units=200,
    gap_units=300,
    lowest_cash_units=50,
    buffer_units=0,
    months_in_red=(),
    plan_dscr=None,
    lowest_dscr=None,
    indebtedness_percent=None,
    months=tuple(
        MonthFigures(number, available, 100 if number < 4 else 0, closing)
        for number, available, closing in ((1, 150, 100), (2, 50, 50), (3, 150, 100), (4, 300, 400))
    ),
)


def loan(units: int, *due: tuple[date, int], start: date = date(2025, 1, 15)) -> LoanAsked:
    return LoanAsked(units=units, withheld_units=0, start=start, due=due)


def monthly(*amounts: int) -> tuple[tuple[date, int], ...]:
    return tuple((date(2025, 2 + place, 15), units) for place, units in enumerate(amounts))


def found(plan: VersionFigures, asked: LoanAsked) -> dict[Compared, PlanCheck]:
    return {check.compared: check for check in plan_checks(plan, asked)}


def test_the_loan_of_the_plan_fits_it() -> None:
    checks = found(PLAN, loan(300, *monthly(100, 100, 100)))
    assert [check.verdict for check in checks.values()] == [Verdict.FITS] * 3
    assert (checks[Compared.CASH].plan, checks[Compared.CASH].loan) == (50, 50)


@pytest.mark.parametrize(
    ("units", "verdict"),
    [
        (300, Verdict.FITS),
        (301, Verdict.AGAINST),
        (299, Verdict.LOOK),
        (200, Verdict.LOOK),
        (199, Verdict.AGAINST),
    ],
)
def test_the_amount_is_that_of_the_plan_and_never_below_what_works(
    units: int, verdict: Verdict
) -> None:
    assert found(PLAN, loan(units))[Compared.AMOUNT].verdict is verdict


def test_a_plan_that_counts_on_no_loan_is_to_be_looked_at() -> None:
    check = found(replace(PLAN, loan_units=None), loan(300))[Compared.AMOUNT]
    assert (check.verdict, check.plan) == (Verdict.LOOK, None)
    assert check_text(check, "USD").startswith("The plan counts on no loan")


@pytest.mark.parametrize(
    ("able", "net", "due", "verdict"),
    [
        (100, 400, (100, 100, 100), Verdict.FITS),
        (99, 400, (100, 100, 100), Verdict.AGAINST),
        (100, 400, (40, 40, 40, 220), Verdict.LOOK),  # the season's money carries it
        (100, 400, (40, 220, 40), Verdict.AGAINST),  # it does not in a lean month
        (None, 0, (100,), Verdict.AGAINST),
        (None, None, (100,), Verdict.LOOK),
    ],
)
def test_the_dearest_month_is_held_against_what_can_be_carried(
    able: int | None, net: int | None, due: tuple[int, ...], verdict: Verdict
) -> None:
    plan = replace(PLAN, max_instalment_units=able, net_cash_units=net)
    check = found(plan, loan(300, *monthly(*due)))[Compared.INSTALMENT]
    assert check.verdict is verdict
    assert check.loan == max(due)
    assert "%(" not in check_text(check, "USD")


def test_an_even_schedule_leaves_red_months_where_a_seasonal_one_leaves_none() -> None:
    lean = replace(
        PLAN, months=tuple(m._replace(closing_units=m.closing_units - 60) for m in PLAN.months)
    )
    even = found(lean, loan(300, *monthly(100, 100, 100)))[Compared.CASH]
    assert (even.verdict, even.months, even.loan) == (Verdict.AGAINST, (2,), -10)
    seasonal = found(lean, loan(300, *monthly(20, 20, 20, 250)))[Compared.CASH]
    assert (seasonal.verdict, seasonal.months) == (Verdict.FITS, ())


def test_cash_that_must_stay_is_counted() -> None:
    check = found(replace(PLAN, buffer_units=51), loan(300, *monthly(100, 100, 100)))
    assert check[Compared.CASH].months == (2,)


def test_weeks_and_holidays_fall_into_the_months_of_the_loan() -> None:
    start = date(2025, 1, 15)
    weekly = loan(300, *((start + timedelta(days=7 * n), 1) for n in range(1, 53)))
    by_month = due_by_month(PLAN, weekly)
    assert (min(by_month), max(by_month), sum(by_month.values())) == (1, 12, 52)
    assert set(by_month.values()) <= {4, 5}
    moved = loan(300, (date(2025, 2, 17), 1), (date(2025, 3, 17), 1), (date(2026, 1, 19), 1))
    assert due_by_month(PLAN, moved) == {1: 1, 2: 1, 12: 1}


def test_money_that_comes_later_than_the_plan_begins_is_paid_back_later() -> None:
    late = loan(300, (date(2025, 4, 20), 100), (date(2025, 7, 20), 100), start=date(2025, 3, 20))
    assert due_by_month(PLAN, late) == {3: 100, 6: 100}
    horizon = found(PLAN, late)[Compared.HORIZON]
    assert (horizon.verdict, horizon.plan, horizon.loan) == (Verdict.LOOK, 4, 1)
    assert "1 month after the end" in check_text(horizon, "USD")


@pytest.mark.parametrize(
    ("limit", "owed", "by_plan", "stopped"),
    [
        (150, 150, True, False),
        (150, 151, False, True),
        (150, None, True, True),
        (150, -40, False, True),
        (None, None, True, True),
        (None, 99, False, False),
        (0, 0, False, False),
    ],
)
def test_debts_against_nothing_are_the_most_of_all(
    limit: int | None, owed: int | None, by_plan: bool, stopped: bool
) -> None:
    """The product's limit counts, else the plan's own; nothing owned against debts is too much."""
    facts = ApplicantFacts(has_plan=True, indebtedness_x100=owed, too_indebted=by_plan)
    pre = Preconditions(indebtedness_max_x100=limit)
    missing = [item.stop for item in stops(pre, facts, AskedLoan(1_000_00))]
    found = [stop for stop in missing if stop is Stop.TOO_INDEBTED]
    assert found == ([Stop.TOO_INDEBTED] if stopped else [])
