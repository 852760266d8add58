"""When what a figure counts happened: steps without a gap, every unit once."""

from datetime import date

import pytest

from handup.results.rules.engine import FactRow
from handup.results.rules.timeline import Step, added, counted, periods, step_for


def row(unit: str, day: date) -> FactRow:
    return FactRow(unit, day, "person", unit)


@pytest.mark.parametrize(
    ("first", "last", "step"),
    [
        (date(2003, 1, 1), date(2004, 12, 31), Step.MONTH),
        (date(2003, 1, 31), date(2005, 1, 1), Step.QUARTER),
        (date(2000, 1, 1), date(2005, 12, 31), Step.QUARTER),
        (date(2000, 1, 1), date(2006, 1, 1), Step.YEAR),
        (date(2003, 5, 5), date(2003, 5, 5), Step.MONTH),
    ],
)
def test_the_finest_step_that_stays_readable_is_taken(first: date, last: date, step: Step) -> None:
    assert step_for(first, last) is step
    if step is not Step.YEAR:
        assert len(periods(first, last, step)) <= 24


def test_steps_follow_each_other_without_a_gap() -> None:
    assert [p.code for p in periods(date(2003, 11, 30), date(2004, 2, 1), Step.MONTH)] == [
        "2003-11",
        "2003-12",
        "2004-01",
        "2004-02",
    ]
    assert [p.code for p in periods(date(2003, 9, 1), date(2004, 4, 1), Step.QUARTER)] == [
        "2003-Q3",
        "2003-Q4",
        "2004-Q1",
        "2004-Q2",
    ]
    assert [p.code for p in periods(date(1999, 12, 31), date(2001, 1, 1), Step.YEAR)] == [
        "1999",
        "2000",
        "2001",
    ]


def test_a_unit_is_counted_once_when_it_first_came() -> None:
    steps = periods(date(2001, 1, 1), date(2003, 12, 31), Step.YEAR)
    rows = [
        row("a", date(2003, 1, 1)),
        row("a", date(2001, 12, 31)),
        row("b", date(2001, 1, 1)),
        row("c", date(2003, 12, 31)),
    ]
    assert counted(rows, steps) == [2, 0, 1]
    assert sum(counted(rows, steps)) == len({item.unit for item in rows})
    assert counted([], steps) == [0, 0, 0]


def test_amounts_of_all_steps_add_up_to_the_sum_of_the_rows() -> None:
    steps = periods(date(2001, 1, 1), date(2002, 12, 31), Step.YEAR)
    rows = [
        FactRow("a", date(2001, 5, 1), "loan", "a", 700, "USD"),
        FactRow("a", date(2002, 5, 1), "loan", "a", 50, "USD"),
        FactRow("b", date(2002, 12, 31), "loan", "b", 1, "USD"),
    ]
    assert added(rows, steps) == [700, 51]
    assert sum(added(rows, steps)) == sum(item.amount for item in rows)
