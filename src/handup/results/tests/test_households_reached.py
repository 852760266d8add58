"""A household whose members are registered in different areas is reached once, in one of them."""

from datetime import date

from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked, Row

DAY = date(2026, 3, 31)


class Reached(Source):
    """Three persons who were served: two of one household in two regions, one alone."""

    def __init__(self) -> None:
        """Nothing is read."""

    def table(self, name: str, asked: Asked | None = None) -> list[Row]:
        """The later one is listed first."""
        assert name == "service"
        told = (("gor", 9, "Lori"), ("ani", 2, "Shirak"), ("lusine", 3, "Lori"))
        return [
            {
                "record": who,
                "person": who,
                "household": who if who == "lusine" else "home",
                "day": date(2026, 3, day),
                "area1": area,
                "received": 0,
            }
            for who, day, area in told
        ]


def test_a_household_in_two_areas_counts_in_the_first_reached() -> None:
    figure = compute(
        DECLARED["MED-OUT-02"], catalogue(), Reached(), Asked(DAY), dimensions=["area1"]
    )
    assert figure.numerator == 2
    [by_area] = figure.breakdowns
    assert {line.code: line.numerator for line in by_area.lines} == {"Shirak": 1, "Lori": 1}
    assert {row.record for row in figure.rows} == {"ani", "lusine"}, "the first one opens"


def test_a_person_counts_once_in_each_period_and_by_what_came_in_time() -> None:
    first, last = date(2026, 3, 3), date(2026, 3, 9)
    counted = DECLARED["MED-OUT-01"]
    found = compute(counted, catalogue(), Reached(), Asked(last, first), dimensions=[])
    assert {row.unit for row in found.rows} == {"gor", "lusine"}
    late = Asked(last, first, known_at=-1)
    assert compute(counted, catalogue(), Reached(), late, dimensions=[]).numerator == 0
