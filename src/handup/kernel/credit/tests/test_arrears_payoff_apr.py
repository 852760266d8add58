"""Arrears, payoff and annual rates of our own loans, to the last unit and decimal."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from handup.kernel.credit import codes
from handup.kernel.credit.allocation import Amounts
from handup.kernel.credit.apr import (
    AprMethod,
    AprUnit,
    Flow,
    NoRate,
    UnitPeriod,
    apr,
    rate_per_period,
)
from handup.kernel.credit.arrears import (
    Bucket,
    DueAndPaid,
    InForce,
    NoBucket,
    arrears,
    bucket_of,
    cured_on,
)
from handup.kernel.credit.dates import plan_due_dates
from handup.kernel.credit.payoff import AfterPeriod, BeforePeriod, Unpaid, payoff
from handup.kernel.credit.presets import preset
from handup.kernel.credit.schedule import Disbursement, Schedule, build_schedule
from handup.kernel.money import Rounding

START = date(2026, 1, 15)


def loan(name: str, **fields: Any) -> Schedule:
    terms = preset(
        name, currency="XTS", rate_ppm=240_000, instalment_rounding=Rounding(100_00), **fields
    )
    handed = [Disbursement(START, 600_000_00)]
    return build_schedule(terms, handed, plan_due_dates(terms, START))


def rates(schedule: Schedule, withheld: int) -> tuple[str, str]:
    flows = [Flow(START, -600_000_00 + withheld)]
    flows += [Flow(row.due_date, row.due) for row in schedule.rows]
    return apr(AprMethod.EU_2008_48, flows).text, apr(AprMethod.US_ACTUARIAL, flows).text


def test_flat_interest_costs_nearly_twice_as_much_as_it_says() -> None:
    assert rates(loan("handup-declining"), 0) == ("26.70", "23.90")
    assert rates(loan("handup-flat"), 0) == ("50.67", "41.70")


def test_a_fee_withheld_is_part_of_the_rate() -> None:
    assert rates(loan("handup-declining"), 12_000_00) == ("31.71", "27.86")
    assert rates(loan("handup-flat"), 12_000_00) == ("56.81", "45.84")


def test_a_rate_needs_money_both_ways() -> None:
    for method in AprMethod:
        with pytest.raises(NoRate):
            apr(method, [Flow(START, -100), Flow(date(2026, 2, 15), -10)])
    with pytest.raises(NoRate):
        apr(AprMethod.XIRR_365, [])
    with pytest.raises(NoRate):
        rate_per_period([0, 0])


def test_an_internal_rate_a_period() -> None:
    assert abs(rate_per_period([-100, 110]) - Decimal("0.1")) < Decimal("1e-25")
    assert abs(rate_per_period([-100, 0, 81]) - Decimal("-0.1")) < Decimal("1e-25")
    assert rate_per_period([-1, 10**7]) > 10**6


@pytest.mark.parametrize("method", list(AprMethod))
@pytest.mark.parametrize(
    ("back", "text"),
    [
        (100_005, "0.01"),
        (99_995, "-0.01"),
        (100_015, "0.02"),
        (99_985, "-0.02"),
        (50_005, "-50.00"),
    ],
)
def test_a_rate_that_ends_in_a_half_is_rounded_away_from_zero(
    method: AprMethod, back: int, text: str
) -> None:
    flows = [Flow(date(2026, 1, 1), -100_000), Flow(date(2027, 1, 1), back)]
    assert apr(method, flows, UnitPeriod(AprUnit.YEAR)).text == text


def test_units_of_time_of_the_american_rule() -> None:
    flows = [Flow(date(2026, 1, 1), -10_000), Flow(date(2027, 1, 1), 11_000)]
    assert apr(AprMethod.US_ACTUARIAL, flows, UnitPeriod(AprUnit.MONTH, 12)).text == "10.00"
    assert apr(AprMethod.US_ACTUARIAL, flows, UnitPeriod(AprUnit.YEAR, 1)).text == "10.00"
    assert apr(AprMethod.EU_2008_48, flows).text == "10.00"


def test_paying_off_early_costs_interest_to_the_day() -> None:
    terms = preset("handup-declining", currency="XTS", rate_ppm=240_000)
    period = (date(2026, 4, 15), date(2026, 5, 15))
    result = payoff(terms, 462_734_39, period, date(2026, 5, 5))
    assert result.interest == 6_085_27
    assert result.total == 468_819_66


def test_payoff_to_the_period_end_with_fee_and_old_debts() -> None:
    terms = preset(
        "handup-declining",
        currency="XTS",
        rate_ppm=240_000,
        day_count=codes.DayCount.MONTHS_12,
        payoff_interest=codes.PayoffInterest.TO_PERIOD_END,
        early_fee_ppm=10_000,
    )
    period = (date(2026, 4, 15), date(2026, 5, 15))
    result = payoff(terms, 100_000, period, date(2026, 4, 20), Unpaid(7, 11, 13))
    assert result == (100_000, 2_007, 1_011, 13)
    assert payoff(terms, 100_000, period, period[1]).fee == 0
    with pytest.raises(BeforePeriod):
        payoff(terms, 1, period, date(2026, 4, 14))
    with pytest.raises(AfterPeriod):
        payoff(terms, 1, period, date(2026, 5, 16))


DUE = Amounts(penalty=5, fee=10, interest=50, principal=1_000)
ROWS = [
    DueAndPaid(date(2026, 2, 15), DUE, DUE),
    DueAndPaid(date(2026, 3, 15), DUE, Amounts(5, 10, 50, 400)),
    DueAndPaid(date(2026, 4, 15), DUE, Amounts()),
]


def test_arrears_count_from_the_oldest_unpaid_row() -> None:
    state = arrears(ROWS, date(2026, 4, 14))
    assert state.days == 30
    assert state.overdue == Amounts(0, 0, 0, 600)
    assert state.principal_outstanding == 1_600
    assert not state.at_risk(30)
    assert state.at_risk_balance(30) == 0
    next_day = arrears(ROWS, date(2026, 4, 15))
    assert (next_day.days, next_day.at_risk(30), next_day.at_risk_balance(30)) == (31, True, 1_600)
    assert arrears(ROWS, date(2026, 4, 16)).overdue_total == 600 + 1_065
    assert arrears(ROWS, date(2026, 3, 15)).days == 0


def test_a_small_rest_within_the_tolerance_is_not_overdue() -> None:
    assert arrears(ROWS, date(2026, 4, 14), tolerance_units=600).days == 0
    assert arrears(ROWS, date(2026, 4, 14), tolerance_units=599).days == 30


def test_the_ageing_table_has_a_line_for_every_day() -> None:
    names = [bucket_of(days) for days in (0, 1, 30, 31, 90, 180, 365, 366, 4_000)]
    assert names == [
        "CURRENT",
        "DAYS_1_30",
        "DAYS_1_30",
        "DAYS_31_60",
        "DAYS_61_90",
        "DAYS_91_180",
        "DAYS_181_365",
        "OVER_365",
        "OVER_365",
    ]
    with pytest.raises(NoBucket):
        bucket_of(31, [Bucket("A", 0, 30)])


RESTRUCTURED = date(2026, 2, 1)
CURED: dict[str, Any] = {"restructured_in_par": codes.RestructuredInPar.UNTIL_CURED}


def rows_paid(*days: date | None) -> list[InForce]:
    """Rows due on the 15th of February, March …, each paid in full on its day."""
    return [
        InForce(date(2026, month, 15), paid, RESTRUCTURED) for month, paid in enumerate(days, 2)
    ]


def cured(rows: list[InForce], **changed: Any) -> date | None:
    terms = preset("handup-declining", currency="XTS", rate_ppm=0, **changed)
    return cured_on(terms, rows, RESTRUCTURED)


def test_a_restructured_loan_counts_always_or_never_whatever_is_paid() -> None:
    paid = rows_paid(*[date(2026, 2, 3)] * 4)
    assert cured(paid) is None
    never = codes.RestructuredInPar.NEVER
    assert cured(rows_paid(None), restructured_in_par=never) == RESTRUCTURED


def test_it_is_cured_when_so_many_instalments_fell_due_and_are_paid() -> None:
    early, late = date(2026, 2, 3), date(2026, 6, 20)
    assert cured(rows_paid(early, early, None, None), **CURED) is None
    assert cured(rows_paid(early, early, early, None), **CURED) == date(2026, 4, 15)
    assert cured(rows_paid(early, early, early, None), cured_after_instalments=1, **CURED) == date(
        2026, 2, 15
    )
    assert cured(rows_paid(early, late, early, early), **CURED) == late
    assert cured(rows_paid(late, late, late, None), **CURED) is None, "the fourth is past due"


def test_what_was_due_before_what_a_change_closed_and_down_payments_do_not_heal() -> None:
    paid, day = rows_paid(date(2026, 2, 3), date(2026, 3, 3)), date(2026, 3, 10)
    before = InForce(date(2026, 1, 15), date(2026, 1, 15), date(2025, 12, 15))
    down = InForce(day, day, RESTRUCTURED, heals=False)
    assert cured([before, down, *paid], **CURED) is None
    assert cured([before, down, *paid], cured_after_instalments=2, **CURED) == date(2026, 3, 15)


def test_a_row_past_due_that_moved_later_holds_it_up_until_it_moved() -> None:
    moved = date(2026, 5, 20)
    was = InForce(date(2026, 4, 15), None, RESTRUCTURED, moved)
    now = InForce(date(2026, 8, 15), None, moved)
    paid = rows_paid(date(2026, 2, 15), date(2026, 3, 15))
    assert cured([*paid, was, now], cured_after_instalments=2, **CURED) == date(2026, 3, 15)
    late = rows_paid(date(2026, 2, 15), date(2026, 4, 20))
    assert cured([*late, was, now], cured_after_instalments=2, **CURED) == moved
