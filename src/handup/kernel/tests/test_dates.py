"""Days, months and ranges as the field counts them."""

from datetime import date
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.kernel import dates
from handup.kernel.dates import DateRange, PeriodUnit

days = st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 12, 31))


def test_due_dates_count_from_the_start_and_clip_to_the_end_of_the_month() -> None:
    assert dates.due_dates(date(2026, 1, 31), 4) == (
        date(2026, 2, 28),
        date(2026, 3, 31),
        date(2026, 4, 30),
        date(2026, 5, 31),
    )


def test_an_anchor_day_wins_over_the_day_of_the_start() -> None:
    assert dates.add_months(date(2026, 1, 15), 1, anchor_day=31) == date(2026, 2, 28)
    assert dates.add_months(date(2023, 12, 15), 2, anchor_day=29) == date(2024, 2, 29)


def test_weeks_days_and_years_are_periods_too() -> None:
    assert dates.add_periods(date(2026, 1, 15), 2, 2, PeriodUnit.WEEK) == date(2026, 2, 12)
    assert dates.add_periods(date(2026, 1, 15), 3, 10, PeriodUnit.DAY) == date(2026, 2, 14)
    assert dates.add_periods(date(2024, 2, 29), 1, 1, PeriodUnit.YEAR) == date(2025, 2, 28)
    assert dates.add_periods(date(2026, 3, 31), -1) == date(2026, 2, 28)


@given(start=days, months=st.integers(-600, 600))
def test_whole_months_between_undoes_adding_months(start: date, months: int) -> None:
    end = dates.add_months(start, months)
    if months >= 0:
        assert dates.whole_months_between(start, end) == months
    assert end.day == min(start.day, dates.days_in_month(end.year, end.month))


def test_someone_born_on_29_february_is_a_year_older_on_28_february() -> None:
    assert dates.age_on(date(2008, 2, 29), date(2026, 2, 27)) == 17
    assert dates.age_on(date(2008, 2, 29), date(2026, 2, 28)) == 18
    assert dates.age_on(date(2008, 6, 15), date(2026, 6, 14)) == 17


def test_ends_of_months_and_lengths_of_years() -> None:
    assert dates.month_end(date(2024, 2, 1)) == date(2024, 2, 29)
    assert dates.month_start(date(2024, 2, 29)) == date(2024, 2, 1)
    assert dates.year_days(2024) == 366
    assert dates.year_days(2100) == 365


def test_texts_that_are_no_dates_are_refused_with_what_was_written() -> None:
    assert dates.parse_date("2026-03-31") == date(2026, 3, 31)
    for wrong in ("2026-02-30", "20260331", "31.03.2026", "2026-W10-1", ""):
        with pytest.raises(dates.NotADate) as refused:
            dates.parse_date(wrong, field="birth_date")
        assert refused.value.field == "birth_date"
        assert wrong in str(refused.value)


def test_months_are_read_and_written() -> None:
    assert dates.parse_month("2026-03") == date(2026, 3, 1)
    assert dates.month_text(date(2026, 3, 31)) == "2026-03"
    with pytest.raises(dates.NotAMonth):
        dates.parse_month("2026-13")
    with pytest.raises(dates.NotAMonth):
        dates.parse_month("2026-03-01")


def test_a_range_holds_both_its_ends() -> None:
    march = dates.month_range(date(2026, 3, 12))
    assert date(2026, 3, 1) in march
    assert date(2026, 3, 31) in march
    assert date(2026, 4, 1) not in march
    assert march.days() == 31
    assert DateRange(date(2026, 3, 1)).days() is None
    assert date(2099, 1, 1) in DateRange(date(2026, 3, 1))


def test_a_range_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(dates.EndBeforeStart):
        DateRange(date(2026, 3, 2), date(2026, 3, 1))


def test_ranges_meet_in_the_days_they_share() -> None:
    first = DateRange(date(2026, 1, 1), date(2026, 3, 31))
    second = DateRange(date(2026, 3, 31))
    assert first.intersection(second) == DateRange(date(2026, 3, 31), date(2026, 3, 31))
    assert first.overlaps(second)
    assert not first.overlaps(DateRange(date(2026, 4, 1)))
    assert DateRange(date(2026, 4, 1)).intersection(first) is None
    assert second.intersection(DateRange(date(2026, 4, 1))) == DateRange(date(2026, 4, 1))


def test_the_months_of_a_range_are_named_by_their_first_day() -> None:
    quarter = DateRange(date(2026, 1, 31), date(2026, 3, 1))
    assert list(quarter.months()) == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert list(islice(DateRange(date(2026, 12, 5)).months(), 2)) == [
        date(2026, 12, 1),
        date(2027, 1, 1),
    ]
