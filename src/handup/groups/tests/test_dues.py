"""When yearly dues fall due, who may vote and who may be dropped."""

from datetime import date, timedelta

import pytest

from handup.groups.rules.dues import Standing, standing_on


def standing(joined: date, today: date, paid: int = 0) -> Standing:
    return standing_on(today, joined=joined, day_limit=15, years_paid=paid, drop_after_days=90)


@pytest.mark.parametrize(
    ("joined", "due"),
    [
        (date(2017, 7, 10), date(2018, 7, 1)),
        (date(2017, 7, 15), date(2018, 7, 1)),
        (date(2017, 7, 16), date(2018, 8, 1)),
        (date(2017, 7, 20), date(2018, 8, 1)),
        (date(2017, 12, 20), date(2019, 1, 1)),
        (date(2024, 2, 29), date(2025, 3, 1)),
    ],
)
def test_dues_count_from_the_first_of_a_month(joined: date, due: date) -> None:
    assert standing(joined, joined).due_date == due


def test_arrears_begin_the_day_after_and_dropping_after_ninety_days() -> None:
    due = date(2018, 7, 1)
    for days, vote, drop in ((0, True, False), (1, False, False), (90, False, False)):
        found = standing(date(2017, 7, 10), due + timedelta(days))
        assert (found.days_overdue, found.may_vote, found.may_be_dropped) == (days, vote, drop)
    assert standing(date(2017, 7, 10), due + timedelta(91)).may_be_dropped


def test_dues_paid_ahead_move_the_day() -> None:
    ahead = standing(date(2024, 6, 1), date(2025, 6, 15), paid=2)
    assert (ahead.due_date, ahead.days_overdue) == (date(2027, 6, 1), 0)
