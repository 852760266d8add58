"""A household whose members are registered in different areas is reached once, in one of them."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from handup.results.facts import Facts
from handup.results.rules.engine import FactRow

ANI, GOR, LUSINE = (UUID(int=number) for number in (1, 2, 3))


class Reached(Facts):
    """Three persons who began: two of one household in two regions, one alone."""

    def __init__(self) -> None:
        """Nothing is read."""

    def reached(self) -> list[FactRow]:
        """The later one is listed first."""
        told = ((GOR, 9, "Lori"), (ANI, 2, "Shirak"), (LUSINE, 3, "Lori"))
        return [
            FactRow(str(who), date(2026, 3, day), "person", str(who), dims={"area1": area})
            for who, day, area in told
        ]

    def household_of(self, person: UUID) -> str:
        """Ani and Gor live together."""
        return "home" if person in (ANI, GOR) else str(person)


def test_a_household_in_two_areas_counts_in_the_first_reached() -> None:
    rows = Reached().households_reached()
    homes: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        homes[str(row.dims["area1"])].add(row.unit)
    assert homes == {"Shirak": {"home"}, "Lori": {str(LUSINE)}}
    assert len({row.unit for row in rows}) == sum(len(part) for part in homes.values()) == 2
    assert [row.record for row in rows] == [str(GOR), str(ANI), str(LUSINE)], "each still opens"
