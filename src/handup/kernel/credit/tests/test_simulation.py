"""Many schedules at once are the schedules one by one, to the last unit."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handup.kernel.credit.codes import (
    Annuity,
    DayCount,
    DueUnit,
    FeeWhen,
    Method,
    Repayment,
    Residue,
    Smoothing,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.presets import PRESETS, preset
from handup.kernel.credit.schedule import Disbursement, NegativeRow, build_schedule
from handup.kernel.credit.simulation import NotSimulated, simulate
from handup.kernel.credit.terms import Fee, Terms
from handup.kernel.money import Rounding, RoundingMode

START = date(2026, 1, 31)


def terms(**changed: Any) -> Terms:
    return Terms(**{"currency": "USD", "rate_ppm": 240_000, "instalments": 12, **changed})


def one_by_one(of: Terms, units: int, start: date) -> list[tuple[int, int]] | None:
    """The rows of one loan by the engine, None where it refuses a negative row."""
    try:
        schedule = build_schedule(of, [Disbursement(start, units)], plan_due_dates(of, start))
    except NegativeRow:
        return None
    return [(row.principal, row.interest) for row in schedule.rows]


def check(of: Terms, amounts: list[int], start: date = START) -> None:
    """Every loan of the twin is that of the engine."""
    many = simulate(of, amounts, plan_due_dates(of, start))
    for place, units in enumerate(amounts):
        rows = one_by_one(of, units, start)
        assert bool(many.refused[place]) is (rows is None), units
        if rows is not None:
            twin = zip(many.principal[place].tolist(), many.interest[place].tolist(), strict=True)
            assert list(twin) == rows, units


roundings = st.builds(Rounding, st.sampled_from([1, 1, 5, 100]), st.sampled_from(RoundingMode))
any_terms = st.builds(
    terms,
    rate_ppm=st.integers(0, 900_000),
    instalments=st.integers(4, 30),
    method=st.sampled_from(Method),
    repayment=st.sampled_from(
        [
            Repayment.EQUAL_INSTALMENTS,
            Repayment.EQUAL_INSTALMENTS,
            Repayment.EQUAL_PRINCIPAL,
            Repayment.BULLET,
            Repayment.PERCENT_OF_PRINCIPAL,
        ]
    ),
    principal_ppm=st.sampled_from([20_000, 33_333]),
    day_count=st.sampled_from(
        [DayCount.DAYS_365, DayCount.MONTHS_12, DayCount.DAYS_364, DayCount.DAYS_360]
    ),
    annuity=st.sampled_from(Annuity),
    smoothing=st.sampled_from(Smoothing),
    interest_rounding=roundings,
    principal_rounding=roundings,
    instalment_rounding=roundings,
    grace_principal=st.integers(0, 3),
    grace_interest_free=st.integers(0, 3),
    grace_interest_payment=st.integers(0, 3),
)


@settings(max_examples=150, deadline=None)
@given(
    any_terms,
    st.lists(st.integers(1_000, 10**9), min_size=1, max_size=12),
    st.dates(date(2023, 1, 1), date(2029, 12, 31)),
)
def test_the_twin_is_equal_to_the_engine(of: Terms, amounts: list[int], start: date) -> None:
    coarse = of.instalment_rounding.unit > 1
    if of.method is Method.FLAT and of.repayment is Repayment.EQUAL_INSTALMENTS and coarse:
        with pytest.raises(NotSimulated):
            simulate(of, amounts, plan_due_dates(of, start))
        return
    check(of, amounts, start)


@pytest.mark.parametrize(
    "name", ["handup-declining", "handup-flat", "fineract-progressive-days", "frappe-term"]
)
def test_presets_are_simulated_as_they_are(name: str) -> None:
    assert name in PRESETS
    of = preset(name, currency="USD", rate_ppm=180_000, instalments=24)
    check(of, list(range(100_000, 100_300)))


@pytest.mark.parametrize("method", list(Method))
def test_days_of_each_calendar_year_are_simulated(method: Method) -> None:
    of = terms(method=method, day_count=DayCount.ACTUAL_ACTUAL, rate_ppm=120_000)
    check(of, [100_000, 250_001, 90_000_000])


def test_a_weekly_loan_of_five_years() -> None:
    of = terms(unit=DueUnit.WEEK, instalments=260, instalment_rounding=Rounding(50))
    check(of, [100_000, 6_000_000, 123_456_789])


def test_no_loan_at_all_is_simulated_too() -> None:
    many = simulate(terms(), [], plan_due_dates(terms(), START))
    assert many.principal.shape == (0, 12)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"repayment": Repayment.FIXED_INSTALMENT, "fixed_units": 9_000}, "parts of its own"),
        (
            {
                "repayment": Repayment.PRINCIPAL_SHARES,
                "instalments": 1,
                "shares_bps": (10_000,),
            },
            "parts of its own",
        ),
        ({"total_rounding": Rounding(), "day_count": DayCount.MONTHS_12}, "three times"),
        ({"residue": Residue.OPEN_END}, "last row"),
        ({"down_payment_ppm": 1}, "down payment"),
        ({"fees": (Fee("A", when=FeeWhen.INSTALMENT, units=1),)}, "fee"),
        ({"rate_ppm": 9_999_999, "day_count": DayCount.ACTUAL_ACTUAL}, "64 bits"),
    ],
)
def test_terms_the_twin_is_not_made_for_are_refused(changed: dict[str, Any], reason: str) -> None:
    of = terms(**changed)
    with pytest.raises(NotSimulated, match=reason):
        simulate(of, [2**40], plan_due_dates(of, START))


@pytest.mark.parametrize("amounts", [[0], [-5], [2**41]])
def test_amounts_the_twin_is_not_made_for_are_refused(amounts: list[int]) -> None:
    with pytest.raises(NotSimulated):
        simulate(terms(), amounts, plan_due_dates(terms(), START))


def test_flat_figures_that_do_not_fit_are_refused() -> None:
    of = terms(method=Method.FLAT, rate_ppm=9_999_999, day_count=DayCount.ACTUAL_ACTUAL)
    with pytest.raises(NotSimulated, match="64 bits"):
        simulate(of, [2**40], plan_due_dates(of, START))


def test_a_whole_portfolio_adds_up() -> None:
    amounts = np.arange(100_000, 150_000, dtype=np.int64)
    many = simulate(terms(), amounts, plan_due_dates(terms(), START))
    assert not many.refused.any()
    assert (many.principal.sum(axis=1) == amounts).all()
