"""When a loan falls due, and what part of a year its periods are."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pytest

from handup.kernel.credit import codes
from handup.kernel.credit.codes import DueUnit, OffDayRule, Residue
from handup.kernel.credit.dates import (
    DatesNotRising,
    NoDueMonth,
    TooFewMeetings,
    WrongNumberOfDates,
    custom_due_dates,
    part_rate,
    period_rates,
    plan_due_dates,
)
from handup.kernel.credit.presets import preset
from handup.kernel.credit.terms import Terms


def terms_with(**fields: Any) -> Terms:
    return preset("handup-declining", **{"currency": "XTS", "rate_ppm": 1_000_000, **fields})


def year_part(begin: date, end: date, **fields: Any) -> Fraction:
    rates = period_rates(terms_with(**fields), [begin, end])
    return Fraction(rates.numerators[0], rates.denominator)


def test_month_ends_clip_and_come_back() -> None:
    plan = plan_due_dates(terms_with(instalments=3), date(2026, 1, 31))
    assert plan.due_dates == (date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30))
    assert plan.bounds == (date(2026, 1, 31), *plan.due_dates)


def test_an_anchor_day_waits_for_a_full_period_or_the_days_asked_for() -> None:
    full = plan_due_dates(terms_with(instalments=2, anchor_day=5), date(2026, 1, 10))
    assert full.due_dates == (date(2026, 3, 5), date(2026, 4, 5))
    soon = plan_due_dates(
        terms_with(instalments=2, anchor_day=31, first_due_min_days=15), date(2026, 1, 10)
    )
    assert soon.due_dates == (date(2026, 1, 31), date(2026, 2, 28))


def test_a_day_off_moves_the_due_date_and_not_the_interest() -> None:
    closed = {date(2026, 2, 28), date(2026, 3, 1), date(2026, 3, 31)}
    start = date(2026, 1, 31)
    by_rule = {
        codes.OffDayRule.NONE: [date(2026, 2, 28), date(2026, 3, 31)],
        codes.OffDayRule.NEXT: [date(2026, 3, 2), date(2026, 4, 1)],
        codes.OffDayRule.PREVIOUS: [date(2026, 2, 27), date(2026, 3, 30)],
        codes.OffDayRule.NEXT_SAME_MONTH: [date(2026, 2, 27), date(2026, 3, 30)],
    }
    for rule, expected in by_rule.items():
        terms = terms_with(instalments=2, off_day_rule=rule)
        plan = plan_due_dates(terms, start, closed=closed)
        assert list(plan.due_dates) == expected
        assert plan.bounds == (start, date(2026, 2, 28), date(2026, 3, 31))
    moving = terms_with(instalments=2, off_day_moves_interest=True)
    plan = plan_due_dates(moving, start, closed=closed)
    assert plan.bounds[1:] == plan.due_dates


def test_loans_of_a_group_fall_due_at_its_meetings() -> None:
    meetings = [date(2026, 1, 6) + timedelta(days=7 * week) for week in range(9)]
    terms = terms_with(unit=codes.DueUnit.MEETING, instalments=3, every=2)
    plan = plan_due_dates(terms, date(2026, 1, 6), meetings=meetings)
    assert plan.due_dates == (date(2026, 1, 20), date(2026, 2, 3), date(2026, 2, 17))
    with pytest.raises(TooFewMeetings):
        plan_due_dates(terms, date(2026, 2, 1), meetings=meetings)
    monthly = terms_with(instalments=2, off_day_rule=codes.OffDayRule.NEXT_MEETING)
    plan = plan_due_dates(monthly, date(2026, 1, 7), meetings=meetings)
    assert plan.due_dates == (date(2026, 2, 10), date(2026, 3, 7))


def test_parts_of_a_year() -> None:
    begin, end = date(2023, 12, 15), date(2024, 1, 15)
    assert year_part(begin, end) == Fraction(31, 365)
    assert year_part(begin, end, day_count=codes.DayCount.DAYS_360) == Fraction(31, 360)
    assert year_part(begin, end, day_count=codes.DayCount.DAYS_364) == Fraction(31, 364)
    assert year_part(begin, end, day_count=codes.DayCount.MONTHS_12) == Fraction(1, 12)
    assert year_part(
        begin, end, day_count=codes.DayCount.WEEKS_52, unit=codes.DueUnit.WEEK, every=4
    ) == Fraction(1, 13)
    assert year_part(begin, end, day_count=codes.DayCount.ACTUAL_ACTUAL) == (
        Fraction(16, 365) + Fraction(15, 366)
    )
    assert year_part(begin, end, day_count=codes.DayCount.ACTUAL_ACTUAL_ISDA) == (
        Fraction(17, 365) + Fraction(14, 366)
    )
    assert year_part(begin, end, day_count=codes.DayCount.DAYS_START_YEAR) == Fraction(31, 365)
    assert year_part(
        date(2023, 12, 31), date(2024, 1, 1), day_count=codes.DayCount.ACTUAL_ACTUAL
    ) == Fraction(1, 366)


def test_a_loan_disbursed_in_a_leap_year_counts_366_days_all_along() -> None:
    terms = terms_with(day_count=codes.DayCount.DAYS_START_YEAR)
    rates = period_rates(terms, [date(2024, 12, 1), date(2025, 1, 1), date(2025, 2, 1)])
    assert [Fraction(n, rates.denominator) for n in rates.numerators] == [Fraction(31, 366)] * 2


def test_rates_by_month_and_by_day() -> None:
    begin, end = date(2026, 1, 15), date(2026, 2, 15)
    monthly = year_part(
        begin,
        end,
        rate_ppm=20_000,
        rate_per=codes.RatePer.MONTH,
        day_count=codes.DayCount.MONTHS_12,
    )
    assert monthly == Fraction(2, 100)
    assert year_part(begin, end, rate_ppm=658, rate_per=codes.RatePer.DAY) == Fraction(
        658 * 31, 10**6
    )


def test_part_of_a_month_is_its_share_of_the_days() -> None:
    bounds = [date(2026, 1, 15), date(2026, 2, 15)]
    terms = terms_with(day_count=codes.DayCount.MONTHS_12)
    rate = part_rate(terms, bounds, 0, date(2026, 1, 20), date(2026, 2, 1))
    assert Fraction(rate.numerators[0], rate.denominator) == Fraction(12, 12 * 31)
    by_days = part_rate(terms_with(), bounds, 0, date(2026, 1, 20), date(2026, 2, 1))
    assert Fraction(by_days.numerators[0], by_days.denominator) == Fraction(12, 365)


def test_due_months_leave_the_others_out() -> None:
    of = terms_with(instalments=4, due_months=(6, 10))
    assert plan_due_dates(of, date(2026, 1, 31)).due_dates == (
        date(2026, 6, 30),
        date(2026, 10, 31),
        date(2027, 6, 30),
        date(2027, 10, 31),
    )


def test_a_month_that_no_due_date_reaches_is_refused() -> None:
    with pytest.raises(NoDueMonth, match="3"):
        plan_due_dates(terms_with(instalments=2, every=12, due_months=(3,)), date(2026, 1, 31))


def test_the_first_due_date_waits_for_the_least_days() -> None:
    of = terms_with(instalments=3, unit=DueUnit.WEEK, first_due_min_days=10)
    first, second, _ = plan_due_dates(of, date(2026, 1, 1)).due_dates
    assert (first, second) == (date(2026, 1, 15), date(2026, 1, 22))


def test_due_months_keep_the_day_agreed() -> None:
    of = terms_with(instalments=2, due_months=(2, 8), anchor_day=31)
    assert plan_due_dates(of, date(2026, 1, 5)).due_dates == (
        date(2026, 2, 28),
        date(2026, 8, 31),
    )


def test_a_due_date_on_a_day_without_work_moves() -> None:
    of = terms_with(instalments=2, working_days=(1, 2, 3, 4, 5))
    plan = plan_due_dates(of, date(2026, 1, 31), closed={date(2026, 3, 2)})
    assert plan.due_dates == (date(2026, 3, 3), date(2026, 3, 31))
    assert plan.bounds[1] == date(2026, 2, 28)
    back = terms_with(instalments=1, working_days=(1, 2, 3, 4, 5), off_day_rule=OffDayRule.PREVIOUS)
    assert plan_due_dates(back, date(2026, 1, 31)).due_dates == (date(2026, 2, 27),)


def test_meetings_in_the_months_allowed_only() -> None:
    meetings = [date(2026, 5, 1) + timedelta(weeks=week) for week in range(12)]
    of = terms_with(instalments=2, unit=DueUnit.MEETING, due_months=(6,), first_due_min_days=40)
    assert plan_due_dates(of, date(2026, 5, 1), meetings=meetings).due_dates == (
        date(2026, 6, 12),
        date(2026, 6, 19),
    )


def test_an_open_end_has_one_date_more() -> None:
    of = terms_with(instalments=3, residue=Residue.OPEN_END)
    assert len(plan_due_dates(of, date(2026, 1, 31)).due_dates) == 4


def test_dates_agreed_one_by_one_are_taken_as_they_are() -> None:
    of = terms_with(instalments=2, working_days=(1, 2, 3, 4, 5))
    days = (date(2026, 4, 4), date(2026, 9, 30))
    plan = custom_due_dates(of, date(2026, 1, 31), days)
    assert plan.due_dates == (date(2026, 4, 6), date(2026, 9, 30))
    assert plan.bounds == (date(2026, 1, 31), *days)


def test_dates_agreed_must_be_as_many_as_instalments_and_rise() -> None:
    of = terms_with(instalments=2)
    with pytest.raises(WrongNumberOfDates):
        custom_due_dates(of, date(2026, 1, 31), [date(2026, 4, 4)])
    with pytest.raises(DatesNotRising, match="2026-04-04"):
        custom_due_dates(of, date(2026, 1, 31), [date(2026, 4, 4), date(2026, 4, 4)])
    with pytest.raises(DatesNotRising):
        custom_due_dates(of, date(2026, 4, 4), [date(2026, 4, 4), date(2026, 4, 5)])
