"""Pairs of printed amounts, dates of known precision, statuses."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handup.projects.rules.dates import Precision, RoughDate
from handup.projects.rules.pairs import check_pair, converted
from handup.projects.rules.states import PhaseStatus, may_move

TENTH_OF_A_MILLION = 100_000
HUNDRED = 100


@pytest.mark.parametrize(
    ("local", "foreign"),
    [
        (980_000_000, 1_960_000),
        (667_300_000, 1_334_600),
        (1_525_400_000, 3_050_900),
        (1_608_200_000, 3_216_500),
        (3_157_100_000, 6_314_200),
    ],
)
def test_printed_pairs_agree_within_what_printing_hides(local: int, foreign: int) -> None:
    pair = check_pair(
        local=local,
        foreign=foreign,
        rate=500,
        step_local=TENTH_OF_A_MILLION,
        step_foreign=HUNDRED,
    )
    assert pair.agrees
    assert pair.tolerance == 75_000


def test_a_wrong_pair_is_flagged_with_the_rate_it_implies() -> None:
    pair = check_pair(
        local=3_157_100_000,
        foreign=6_364_200,
        rate=500,
        step_local=TENTH_OF_A_MILLION,
        step_foreign=HUNDRED,
    )
    assert not pair.agrees
    assert pair.implied_rate_text == "496.07"
    assert pair.difference == 25_000_000


def test_nothing_is_implied_by_a_foreign_amount_of_zero() -> None:
    pair = check_pair(local=5, foreign=0, rate=500, step_local=1, step_foreign=1)
    assert pair.implied_rate_text == ""


@given(st.integers(0, 10**12), st.fractions(Fraction(1, 1000), 1000))
def test_converting_rounds_to_the_nearest_unit(units: int, rate: Fraction) -> None:
    assert abs(converted(units, rate) - units * rate) <= Fraction(1, 2)
    assert converted(-units, rate) == -converted(units, rate)


def test_half_a_unit_is_rounded_up() -> None:
    assert converted(1, Fraction(1, 2)) == 1


@pytest.mark.parametrize(
    ("precision", "first", "last", "text"),
    [
        (Precision.DAY, date(1996, 4, 17), date(1996, 4, 17), "1996-04-17"),
        (Precision.MONTH, date(1996, 4, 1), date(1996, 4, 30), "1996-04"),
        (Precision.YEAR, date(1996, 1, 1), date(1996, 12, 31), "1996"),
    ],
)
def test_a_rough_date_means_all_its_days(
    precision: Precision, first: date, last: date, text: str
) -> None:
    rough = RoughDate(date(1996, 4, 17), precision)
    assert (rough.first, rough.last, str(rough)) == (first, last, text)


def test_a_closed_phase_stays_closed() -> None:
    assert not any(may_move(PhaseStatus.CLOSED, status) for status in PhaseStatus)
    assert may_move(PhaseStatus.SUSPENDED, PhaseStatus.ACTIVE)
