"""Breakdowns by place beside each other, attacked by who knows the map."""

from datetime import date
from random import Random
from typing import Any

import pytest

from handup.org.models import Area
from handup.people.models import Person
from handup.results import services as s
from handup.results.beside_areas import areas_of_places, tells_beside_areas
from handup.results.exchange.figures import leaving, lines_that_are_safe
from handup.results.models import ExchangeFile, FrozenFigure, PublicTable
from handup.results.rules.engine import FactRow, Figure, ValueKind
from handup.results.rules.joint_attack import Cell, Told, narrow_cells
from handup.results.services.public_tables import TellsTogether, geography
from handup.results.tests.test_public_tables import Counted, counted

__all__ = ["counted"]
MARCH = date(2025, 3, 31)
DAY = date(2026, 1, 31)
PLACES = {"A": ("A1", "A2", "A3"), "B": ("B1", "B2"), "C": ("C1",)}


@pytest.fixture
def register(db: None) -> None:
    """Three areas with the places in them."""
    for code, inside in PLACES.items():
        area = Area.objects.create(code=code, names={"en": code}, level=1)
        for place in inside:
            Area.objects.create(code=place, names={"en": place}, level=2, parent=area)


def lines_of(counts: dict[str, int]) -> dict[str, Any]:
    """A breakdown as a snapshot keeps it."""
    told = [{"code": code, "numerator": n, "denominator": None} for code, n in counts.items()]
    return {"overlapping": False, "lines": told}


def safe(places: dict[str, int], rest: dict[str, int] | None = None) -> dict[str, dict[str, int]]:
    """What a file tells of counts by place; rest: who has an area, and no place that is known."""
    rest = rest or {}
    by_area = {
        code: sum(places.get(one, 0) for one in inside) + rest.get(code, 0)
        for code, inside in PLACES.items()
    }
    unknown = {"NOT_RECORDED": sum(rest.values())} if rest else {}
    lines = {"area1": lines_of(by_area), "area2": lines_of(places | unknown)}
    found = lines_that_are_safe(lines, sum(by_area.values()), 5)
    return {name: dict(told) for name, told in found.items()}


def test_a_place_that_follows_from_its_area_is_not_told(register: None) -> None:
    """Hidden alone in its area: the area less the other places is its count."""
    told = safe({"A1": 20, "A2": 30, "A3": 3, "B1": 9, "B2": 40, "C1": 12})
    assert "area2" not in told
    assert told["area1"] == {"A": 53, "B": 49, "C": 12}
    even = safe({"A1": 20, "A2": 30, "A3": 13, "B1": 9, "B2": 40, "C1": 12})
    assert even["area2"] == {"A1": 20, "A2": 30, "A3": 13, "B1": 9, "B2": 40, "C1": 12}


def test_a_few_without_a_place_follow_from_their_area_too(register: None) -> None:
    places = {"A1": 20, "A2": 30, "A3": 13, "B1": 9, "B2": 40, "C1": 12}
    assert "area2" not in safe(places, {"A": 3, "B": 4})
    assert "area2" in safe(places, {"A": 30, "B": 40})


def test_an_area_that_is_hidden_does_not_follow_from_its_places(register: None) -> None:
    """C and its one place are the same persons: whichever is told tells the other."""
    told = safe({"A1": 20, "A2": 30, "A3": 13, "B1": 9, "B2": 40, "C1": 3})
    assert "C" not in told["area1"]
    assert "area2" not in told or "C1" not in told["area2"]


def test_no_attack_on_areas_and_places_together_tells_of_a_few(register: None) -> None:
    draw, held = Random(7), 0
    above = areas_of_places([one for inside in PLACES.values() for one in inside])
    apart = [(area, place) for place, inside in above.items() for area in PLACES if area != inside]
    for _at in range(60):
        counts = {
            place: draw.choice((0, 1, 2, 3, 4, 6, 8, 12, 25, 60))
            for inside in PLACES.values()
            for place in inside
        }
        told = safe(counts)
        if {"area1", "area2"} - told.keys():
            continue
        held += 1
        by_area = {code: sum(counts[one] for one in inside) for code, inside in PLACES.items()}
        tables = [
            Told("d", (name, ""), tuple(_cells(whole, told[name])), 1)
            for name, whole in (("area1", by_area), ("area2", counts))
        ]
        empty = tuple(Cell((area,), (place,), 0) for area, place in apart)
        tables.append(Told("d", ("area1", "area2"), empty, 0))
        domains = {"area1": list(by_area), "area2": list(counts)}
        assert narrow_cells(tables, domains, k=5) == [], (counts, told)
    assert held > 5


def _cells(whole: dict[str, int], shown: dict[str, int]) -> list[Cell]:
    """A line of categories as a reader has it."""
    cells = [
        Cell((code,), (), shown.get(code), code not in shown and count < 5)
        for code, count in whole.items()
    ]
    return [Cell((), (), sum(whole.values())), *cells]


def test_two_tables_by_area_and_by_place_are_attacked_with_the_map(register: None) -> None:
    areas = Told(
        "2026-01-31", ("area1", ""), tuple(_cells({"A": 53, "B": 49}, {"A": 53, "B": 49})), 1
    )
    counts = {"A1": 20, "A2": 30, "A3": 3, "B1": 9, "B2": 40}
    places = Told(
        "2026-01-31", ("area2", ""), tuple(_cells(counts, {"A1": 20, "A2": 30, "B2": 40})), 1
    )
    domains = {"area1": ["A", "B"], "area2": list(counts)}
    assert narrow_cells([areas, places], domains, k=5) == [], "who does not know the map"
    known = geography([PublicTable(day=DAY)], domains)
    [found] = narrow_cells([areas, places, *known], domains, k=5)
    assert (found.cell.row, found.low, found.high) == (("A3",), 3, 3)


def row(who: int, area: str, kind: str) -> FactRow:
    """Somebody served in an area, in a town or the countryside."""
    return FactRow(str(who), DAY, "person", str(who), dims={"area1": area, "urban_rural": kind})


def test_a_few_in_the_towns_of_an_area_keep_the_breakdown_inside() -> None:
    rows = [row(at, "A", "URBAN") for at in range(20)]
    rows += [row(at, "B", "RURAL") for at in range(20, 50)]
    whole = Figure(ValueKind.COUNT_DISTINCT, 50, None, "", (), tuple(rows), ())
    assert not tells_beside_areas(whole, 5)
    few = (*rows, *(row(at, "B", "URBAN") for at in range(50, 53)))
    assert tells_beside_areas(Figure(ValueKind.COUNT_DISTINCT, 53, None, "", (), few, ()), 5)
    of_some = Figure(ValueKind.RATIO, 46, 50, "", (), tuple(rows[:46]), tuple(rows))
    assert tells_beside_areas(of_some, 5), "four of the countryside are not counted"
    lines = {"urban_rural": lines_of({"URBAN": 23, "RURAL": 30})}
    assert lines_that_are_safe(lines, 53, 5)["urban_rural"] == [("URBAN", 23), ("RURAL", 30)]
    lines["urban_rural"]["may_leave"] = False
    assert lines_that_are_safe(lines, 53, 5) == {}


@pytest.mark.parametrize("in_file", [False, True])
def test_a_file_by_area_and_a_table_by_place_are_held_against_each_other(
    register: None, counted: Counted, in_file: bool
) -> None:
    """Whichever comes second is not told where the two together tell of the three of A3."""
    house, code = counted.house, "MED-OUT-02"
    for place, count in {"A1": 20, "A2": 30, "A3": 3, "B1": 9, "B2": 40}.items():
        some = counted.add("F", "25-34", count)
        Person.objects.filter(pk__in=[one.pk for one in some]).update(
            area=Area.objects.get(code=place)
        )
    s.choose_indicators(
        acting_staff=house.world.cast.manager, programme=house.programme, codes=[code]
    )
    row = s.compute_snapshot(acting_staff=house.officer, programme=house.programme, day=MARCH)
    FrozenFigure.objects.filter(snapshot=row).update(note="looked at")
    s.check_figures(acting_staff=house.checker, snapshot=row, codes=[code])
    s.approve_figures(acting_staff=house.director, snapshot=row, codes=[code])
    snapshot = s.freeze_snapshot(acting_staff=house.director, snapshot=row)
    [told] = leaving(snapshot).told
    assert (dict(told.lines["area1"]), "area2" in told.lines) == ({"A": 53, "B": 49}, False)
    if not in_file:
        counted.publish(snapshot, "area2", code=code)
        [after] = leaving(snapshot).told
        assert "area1" not in after.lines
        return
    ExchangeFile.objects.create(
        programme=snapshot.programme,
        snapshot=snapshot,
        kind="ADX",
        number=1,
        state="PUBLISHED",
        content="<adx/>",
        sha256="0" * 64,
        figures=leaving(snapshot).as_json(),
        built_by=house.officer,
    )
    with pytest.raises(TellsTogether):
        counted.publish(snapshot, "area2", code=code)
    assert not PublicTable.objects.exists()
