"""Schedules of our own products to the last unit, and what every schedule must hold."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel.credit import amortise, codes, schedule
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.presets import UnknownPreset, preset
from handup.kernel.credit.schedule import Disbursement, Schedule, build_schedule
from handup.kernel.credit.terms import BadTerms, Terms
from handup.kernel.money import Rounding, RoundingMode

START = date(2026, 1, 15)
HUNDREDS = Rounding(100_00)


def loan(
    units: int, name: str = "handup-declining", start: date = START, **fields: Any
) -> Schedule:
    fields.setdefault("rate_ppm", 240_000)
    terms = preset(name, currency="XTS", **fields)
    return build_schedule(terms, [Disbursement(start, units)], plan_due_dates(terms, start))


def test_a_monthly_loan_by_days_has_equal_instalments_of_whole_hundreds() -> None:
    rows = loan(600_000_00, instalment_rounding=HUNDREDS).rows
    assert [row.due for row in rows[:-1]] == [56_700_00] * 11
    assert rows[0].interest == 12_230_14
    assert rows[1].interest == 10_227_84
    assert rows[-1].due == 56_782_59
    assert rows[2].balance == 462_734_39
    assert sum(row.interest for row in rows) == 80_482_59
    assert rows[0].due_date == date(2026, 2, 15)
    assert rows[-1].due_date == date(2027, 1, 15)


def test_the_same_at_two_percent_a_month_counts_months() -> None:
    result = loan(
        600_000_00,
        rate_ppm=20_000,
        rate_per=codes.RatePer.MONTH,
        day_count=codes.DayCount.MONTHS_12,
        instalment_rounding=HUNDREDS,
    )
    assert result.rows[0].due == 56_700_00
    assert result.rows[-1].due == 57_179_59
    assert result.total_interest == 80_879_59


def test_a_weekly_loan_of_half_a_year() -> None:
    result = loan(60_000_00, "handup-weekly", instalments=26, instalment_rounding=Rounding(100))
    assert result.rows[0].due == 2_454_00
    assert result.rows[0].interest == 276_16
    assert result.rows[-1].due == 2_449_23
    assert result.total_interest == 3_799_23
    assert result.rows[1].due_date - result.rows[0].due_date == timedelta(days=7)


def test_a_flat_loan_charges_the_first_principal_to_the_end() -> None:
    result = loan(600_000_00, "handup-flat")
    assert {row.due for row in result.rows} == {62_000_00}
    assert result.total_interest == 144_000_00


def test_an_interest_free_loan_spreads_what_rounding_leaves() -> None:
    result = loan(100_000, "handup-interest-free", rate_ppm=0, instalments=7)
    assert [row.principal for row in result.rows] == [
        14286,
        14286,
        14286,
        14286,
        14286,
        14285,
        14285,
    ]
    assert result.total_interest == 0


def test_parts_handed_out_on_one_day_are_paid_down_in_their_order() -> None:
    terms = preset(
        "handup-declining",
        currency="XTS",
        rate_ppm=240_000,
        tranches_max=2,
        down_payment_ppm=100_000,
    )
    handed = [Disbursement(START, units) for units in (90_000, 40_000)]
    rows = build_schedule(terms, handed, plan_due_dates(terms, START)).rows
    assert [row.principal for row in rows[:2]] == [9_000, 4_000]


def test_equal_principal_pays_less_interest_each_month() -> None:
    result = loan(
        120_000,
        repayment=codes.Repayment.EQUAL_PRINCIPAL,
        day_count=codes.DayCount.MONTHS_12,
    )
    assert {row.principal for row in result.rows} == {10_000}
    assert [row.interest for row in result.rows[:3]] == [2_400, 2_200, 2_000]


def test_principal_falls_due_after_the_harvest_only() -> None:
    result = loan(
        100_000,
        "handup-seasonal",
        instalments=4,
        shares_bps=(0, 0, 2_500, 7_500),
        day_count=codes.DayCount.MONTHS_12,
    )
    assert [row.principal for row in result.rows] == [0, 0, 25_000, 75_000]
    assert [row.interest for row in result.rows] == [2_000, 2_000, 2_000, 1_500]


def test_a_bullet_loan_pays_interest_until_the_end() -> None:
    result = loan(
        100_000,
        repayment=codes.Repayment.BULLET,
        instalments=3,
        day_count=codes.DayCount.MONTHS_12,
    )
    assert [row.due for row in result.rows] == [2_000, 2_000, 102_000]


def test_a_flat_instalment_on_a_coarse_unit_keeps_principal_and_interest_whole() -> None:
    rows = loan(
        5_000_00,
        "handup-flat",
        rate_ppm=30_000,
        instalment_rounding=Rounding(20_00, RoundingMode.HALF_UP),
    ).rows
    assert rows[0].interest == 12_50
    assert rows[0].principal == 427_50


def test_down_payments_of_several_tranches_are_rows_of_their_own() -> None:
    terms = preset(
        "fineract-progressive-months",
        currency="XTS",
        rate_ppm=120_000,
        instalments=4,
        down_payment_ppm=250_000,
        tranches_max=2,
    )
    plan = plan_due_dates(terms, START)
    handed = [Disbursement(date(2026, 2, 15), 40_000), Disbursement(START, 80_000)]
    rows = build_schedule(terms, handed, plan).rows
    downs = [row for row in rows if row.kind is codes.RowKind.DOWN_PAYMENT]
    assert [(row.due_date, row.principal) for row in downs] == [
        (START, 20_000),
        (date(2026, 2, 15), 10_000),
    ]
    assert [row.n for row in rows] == [1, 2, 3, 4, 5, 6]
    assert rows[2].due_date == rows[1].due_date == date(2026, 2, 15)
    assert rows[1].kind is codes.RowKind.DOWN_PAYMENT
    assert sum(row.principal for row in rows) == 120_000
    assert rows[-1].balance == 0


def test_a_tranche_inside_a_period_earns_interest_from_its_day() -> None:
    terms = preset(
        "handup-declining", currency="XTS", rate_ppm=365_000, instalments=3, tranches_max=2
    )
    plan = plan_due_dates(terms, START)
    handed = [Disbursement(START, 100_000), Disbursement(date(2026, 1, 25), 50_000)]
    first = build_schedule(terms, handed, plan).rows[0]
    assert first.interest == 100_000 * 10 // 1000 + 150_000 * 21 // 1000


def test_coarse_rounding_that_overshoots_is_refused() -> None:
    with pytest.raises(schedule.NegativeRow) as refused:
        loan(
            1_000,
            rate_ppm=120_000,
            instalments=40,
            instalment_rounding=Rounding(50, RoundingMode.CEILING),
        )
    assert refused.value.code == "NEGATIVE_ROW"


def test_an_instalment_below_the_interest_is_refused() -> None:
    with pytest.raises(amortise.InstalmentBelowInterest):
        loan(100_000, repayment=codes.Repayment.FIXED_INSTALMENT, fixed_units=2_000)
    with pytest.raises(schedule.TooManyInstalments):
        loan(100_000, rate_ppm=0, repayment=codes.Repayment.FIXED_INSTALMENT, fixed_units=10)


def test_a_given_instalment_runs_until_nothing_is_left() -> None:
    rows = loan(1_000, rate_ppm=0, repayment=codes.Repayment.FIXED_INSTALMENT, fixed_units=300).rows
    assert [row.due for row in rows] == [300, 300, 300, 100]


def test_interest_that_no_instalment_would_collect_is_refused() -> None:
    fixed: dict[str, Any] = {"repayment": codes.Repayment.FIXED_INSTALMENT, "fixed_units": 600}
    with pytest.raises(BadTerms) as refused:
        loan(1_000, grace_interest_payment=2, **fixed)
    assert refused.value.field == "grace_interest_payment"
    rows = loan(1_000, grace_interest_payment=1, **fixed).rows
    assert [row.interest > 0 for row in rows] == [False, True]


def test_no_schedule_without_money_or_after_its_end() -> None:
    terms = preset("handup-declining", currency="XTS", rate_ppm=0, instalments=2)
    plan = plan_due_dates(terms, START)
    with pytest.raises(schedule.NothingDisbursed):
        build_schedule(terms, [], plan)
    with pytest.raises(schedule.NothingDisbursed):
        build_schedule(terms, [Disbursement(START, 0)], plan)
    with pytest.raises(schedule.DisbursedTooLate):
        build_schedule(terms, [Disbursement(date(2026, 3, 15), 100)], plan)


def test_tranches_need_equal_instalments_at_each_rate() -> None:
    terms = preset("handup-flat", currency="XTS", rate_ppm=0)
    handed = [Disbursement(START, 100), Disbursement(START + timedelta(days=40), 100)]
    with pytest.raises(BadTerms):
        build_schedule(terms, handed, plan_due_dates(terms, START))


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("rate_ppm", {"rate_ppm": -1}),
        ("instalments", {"instalments": 601}),
        ("grace_principal", {"instalments": 3, "grace_principal": 3}),
        ("anchor_day", {"anchor_day": 32}),
        ("shares_bps", {"repayment": codes.Repayment.PRINCIPAL_SHARES, "shares_bps": (1,)}),
        ("day_count", {"unit": codes.DueUnit.WEEK, "day_count": codes.DayCount.MONTHS_12}),
        ("annuity", {"tranches_max": 2, "annuity": codes.Annuity.FIRST_PERIOD_RATE}),
    ],
)
def test_terms_that_do_not_fit_are_refused_at_their_field(
    field: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(BadTerms) as refused:
        preset("handup-declining", **{"currency": "XTS", "rate_ppm": 0, **fields})
    assert refused.value.field == field


def test_an_unknown_preset_is_refused() -> None:
    with pytest.raises(UnknownPreset):
        preset("no-such-preset", currency="XTS", rate_ppm=0)


any_terms = st.builds(
    Terms,
    currency=st.just("XTS"),
    rate_ppm=st.integers(0, 600_000),
    instalments=st.integers(4, 40),
    every=st.integers(1, 3),
    repayment=st.sampled_from(
        [
            codes.Repayment.EQUAL_INSTALMENTS,
            codes.Repayment.EQUAL_PRINCIPAL,
            codes.Repayment.BULLET,
        ]
    ),
    method=st.sampled_from(codes.Method),
    day_count=st.sampled_from(
        [
            codes.DayCount.DAYS_365,
            codes.DayCount.MONTHS_12,
            codes.DayCount.ACTUAL_ACTUAL,
            codes.DayCount.ACTUAL_ACTUAL_ISDA,
            codes.DayCount.DAYS_START_YEAR,
            codes.DayCount.DAYS_364,
        ]
    ),
    annuity=st.sampled_from(codes.Annuity),
    smoothing=st.sampled_from(codes.Smoothing),
    residue=st.sampled_from([codes.Residue.LAST, codes.Residue.SPREAD]),
    interest_rounding=st.builds(Rounding, st.just(1), st.sampled_from(RoundingMode)),
    instalment_rounding=st.builds(
        Rounding, st.sampled_from([1, 10, 100]), st.sampled_from(RoundingMode)
    ),
    grace_principal=st.integers(0, 3),
    grace_interest_payment=st.integers(0, 3),
    grace_interest_free=st.integers(0, 3),
    down_payment_ppm=st.sampled_from([0, 100_000, 250_000]),
)


@given(
    terms=any_terms,
    units=st.integers(100_000, 10**10),
    start=st.dates(date(2019, 1, 1), date(2032, 12, 31)),
)
def test_every_schedule_pays_back_exactly_what_was_disbursed(
    terms: Terms, units: int, start: date
) -> None:
    plan = plan_due_dates(terms, start)
    try:
        result = build_schedule(terms, [Disbursement(start, units)], plan)
    except schedule.NegativeRow:
        return
    assert result.total_principal == units
    assert result.rows[-1].balance == 0
    assert result.total_due == sum(row.due for row in result.rows)
    assert all(row.principal >= 0 and row.interest >= 0 for row in result.rows)
    assert [row.n for row in result.rows] == list(range(1, len(result.rows) + 1))
    dates_in_order = [row.due_date for row in result.rows]
    assert dates_in_order == sorted(dates_in_order)
    grace = [row for row in result.rows if row.kind is codes.RowKind.INSTALMENT]
    if terms.repayment is not codes.Repayment.BULLET:
        assert all(row.principal == 0 for row in grace[: terms.grace_principal])


@given(
    units=st.integers(100_000, 10**9),
    tranche=st.integers(0, 10**9),
    days=st.integers(0, 150),
    rate=st.integers(0, 400_000),
)
def test_tranches_on_any_day_add_up(units: int, tranche: int, days: int, rate: int) -> None:
    terms = preset("handup-declining", currency="XTS", rate_ppm=rate, instalments=6, tranches_max=2)
    plan = plan_due_dates(terms, START)
    handed = [Disbursement(START, units), Disbursement(START + timedelta(days=days), tranche)]
    result = build_schedule(terms, handed, plan)
    assert result.total_principal == units + tranche
    assert result.rows[-1].balance == 0


def test_a_plan_of_given_dates_starts_interest_where_it_says() -> None:
    terms = preset("handup-declining", currency="XTS", rate_ppm=365_000, instalments=1)
    plan = DuePlan.of(date(2026, 1, 20), [date(2026, 1, 30)])
    row = build_schedule(terms, [Disbursement(START, 100_000)], plan).rows[0]
    assert row.interest == 1_000


@pytest.mark.parametrize("days", [0, 10, 31, 45])
def test_money_handed_over_in_two_sums_on_one_day_is_one_disbursement(days: int) -> None:
    terms = preset(
        "handup-declining", currency="XTS", rate_ppm=240_000, instalments=6, tranches_max=3
    )
    plan = plan_due_dates(terms, START)
    day = START + timedelta(days=days)
    whole = build_schedule(terms, [Disbursement(day, 90_000)], plan)
    halves = [Disbursement(day, 40_000), Disbursement(day, 50_000)]
    assert build_schedule(terms, halves, plan) == whole
    before = Disbursement(START, 10_000)
    assert build_schedule(terms, [before, *halves], plan) == build_schedule(
        terms, [before, Disbursement(day, 90_000)], plan
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"repayment": codes.Repayment.EQUAL_PRINCIPAL},
        {"repayment": codes.Repayment.BULLET},
        {"repayment": codes.Repayment.PERCENT_OF_PRINCIPAL, "principal_ppm": 100_000},
        {
            "repayment": codes.Repayment.PRINCIPAL_SHARES,
            "shares_bps": (0, 0, 4_000, 0, 0, 6_000),
        },
    ],
)
def test_a_tranche_joins_a_plan_of_principals(fields: dict[str, Any]) -> None:
    terms = preset(
        "handup-declining",
        currency="XTS",
        rate_ppm=240_000,
        instalments=6,
        tranches_max=2,
        **fields,
    )
    plan = plan_due_dates(terms, START)
    first, second = Disbursement(START, 60_000), Disbursement(plan.due_dates[1], 40_000)
    alone = build_schedule(terms, [first], plan).rows
    both = build_schedule(terms, [first, second], plan).rows
    assert [row.due for row in both[:2]] == [row.due for row in alone[:2]]
    assert sum(row.principal for row in both) == 100_000
    assert both[2].interest > alone[2].interest


def test_an_open_end_puts_what_rounding_leaves_in_one_row_more() -> None:
    down = Rounding(1_000_00, RoundingMode.FLOOR)
    rows = loan(600_000_00, instalment_rounding=down, residue=codes.Residue.OPEN_END).rows
    assert len(rows) == 13
    assert {row.due for row in rows[:12]} == {56_000_00}
    assert 0 < rows[12].due < 56_000_00
    assert rows[12].due_date == date(2027, 2, 15)
    assert rows[12].interest > 0


def test_an_open_end_stops_when_nothing_is_left() -> None:
    up = Rounding(10_000_00, RoundingMode.CEILING)
    rows = loan(600_000_00, instalment_rounding=up, residue=codes.Residue.OPEN_END).rows
    assert len(rows) == 12
    assert rows[-1].due < 60_000_00
    assert rows[-1].balance == 0


def test_an_open_end_that_never_ends_is_refused() -> None:
    with pytest.raises(amortise.InstalmentBelowInterest):
        loan(
            600_000_00,
            instalment_rounding=Rounding(10_000_000, RoundingMode.FLOOR),
            residue=codes.Residue.OPEN_END,
        )


@pytest.mark.parametrize(
    "fields", [{"method": codes.Method.FLAT}, {"repayment": codes.Repayment.BULLET}]
)
def test_an_open_end_needs_equal_parts_of_one_balance(fields: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        loan(600_000_00, residue=codes.Residue.OPEN_END, **fields)


@given(
    units=st.integers(100_000, 10**9),
    unit=st.sampled_from([1, 100, 10_000]),
    mode=st.sampled_from(RoundingMode),
    grace=st.integers(0, 3),
    repayment=st.sampled_from([codes.Repayment.EQUAL_INSTALMENTS, codes.Repayment.EQUAL_PRINCIPAL]),
)
def test_an_open_end_pays_back_exactly_what_was_disbursed(
    units: int, unit: int, mode: RoundingMode, grace: int, repayment: codes.Repayment
) -> None:
    try:
        result = loan(
            units,
            residue=codes.Residue.OPEN_END,
            repayment=repayment,
            grace_principal=grace,
            instalment_rounding=Rounding(unit, mode),
            principal_rounding=Rounding(unit, mode),
        )
    except amortise.InstalmentBelowInterest:
        return
    assert result.total_principal == units
    assert result.rows[-1].balance == 0
    assert len(result.rows) <= 13
