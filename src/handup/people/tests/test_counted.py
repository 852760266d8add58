"""What is left of an erased person counts as she did, and tells no more."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.people.rules.categories import ADULT_AGE, age_band, age_in_years
from handup.people.rules.codes import BirthPrecision
from handup.people.rules.erasure import counted_area, counted_birth, held_on

DAYS = st.lists(st.dates(date(2015, 1, 1), date(2030, 12, 31)), max_size=5)
BORN = st.dates(date(1930, 1, 1), date(2025, 12, 31))
PRECISIONS = st.sampled_from(["DAY", "MONTH", "YEAR", "AGE"])


def counts_as(born: date | None, precision: str, day: date) -> tuple[str, bool | None]:
    age = age_in_years(born, precision, day)
    return age_band(age), None if age is None else age < ADULT_AGE


@given(BORN, PRECISIONS, DAYS)
def test_she_counts_in_the_same_band_on_every_day_a_figure_looked_at(
    born: date, precision: str, days: list[date]
) -> None:
    kept = counted_birth(born, precision, days)
    for day in days:
        if age_in_years(born, precision, day) is not None:
            assert counts_as(kept, BirthPrecision.AGE, day) == counts_as(born, precision, day)


@given(BORN, BORN, st.dates(date(2015, 1, 1), date(2030, 12, 31)))
def test_two_persons_of_one_band_are_left_alike(one: date, other: date, day: date) -> None:
    if counts_as(one, "DAY", day) == counts_as(other, "DAY", day):
        assert counted_birth(one, "DAY", [day]) == counted_birth(other, "DAY", [day])


def test_who_was_counted_on_no_day_keeps_no_birth_date() -> None:
    assert counted_birth(date(1985, 5, 6), "DAY", []) is None
    assert counted_birth(None, "UNKNOWN", [date(2025, 1, 1)]) is None


@pytest.mark.parametrize(
    ("path", "level", "code"),
    [
        ("/C/", 1, ""),
        ("/C/M/", 2, ""),
        ("/C/M/V/", 3, "M"),
        ("/C/M/V/H/", 4, "M"),
        ("/V/", 3, ""),
    ],
)
def test_a_place_is_kept_to_the_second_level(path: str, level: int, code: str) -> None:
    assert counted_area(path, level) == code


def test_a_status_keeps_the_days_that_counted() -> None:
    days = [date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]
    assert held_on(date(2024, 6, 3), None, days) == (days[1], days[2])
    assert held_on(date(2023, 6, 3), date(2024, 2, 2), days) == (days[0], days[0])
    assert held_on(date(2027, 1, 1), None, days) is None
