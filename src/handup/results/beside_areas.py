"""Breakdowns by place beside each other: whoever knows which area is a town, and which place lies
in which area, takes one from the other (protection.md 4.9).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from handup.org.models import Area
from handup.results.definitions import BY_SETTLEMENT
from handup.results.rules.engine import FactRow, Figure
from handup.results.rules.joint_attack import Cell, Told, narrow_cells

BY_AREA, BY_PLACE = "area1", "area2"
BESIDE = {BY_AREA: BY_PLACE, BY_PLACE: BY_AREA}
"""What each of areas and places is taken from."""
Count = tuple[str, int]
Lines = dict[str, list[Count]]


def tells_beside_areas(figure: Figure, k: int) -> bool:
    """Whether in any area a few stand in the town or in the countryside: of a share, a few who are
    counted, who are not, or of whom it is counted.
    """
    counted, base = (_by_area(rows) for rows in (figure.rows, figure.base_rows))
    if figure.denominator is None:
        return any(0 < len(units) < k for units in counted.values())
    return any(
        0 < number < k
        for cell in counted.keys() | base.keys()
        for number in (
            len(counted.get(cell, ())),
            len(base.get(cell, ())),
            len(base.get(cell, set()) - counted.get(cell, set())),
        )
    )


def _by_area(rows: Sequence[FactRow]) -> dict[tuple[str, str, str], set[str]]:
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for row in rows:
        for name in (BY_AREA, BY_PLACE):
            if name in row.dims:
                cell = (name, str(row.dims[name]), str(row.dims.get(BY_SETTLEMENT, "")))
                found[cell].add(row.unit)
    return found


def areas_of_places(codes: Sequence[str]) -> dict[str, str]:
    """The area of the first level that each place lies in, by code."""
    places = Area._base_manager.filter(code__in=list(codes))
    paths = dict(places.values_list("code", "path"))
    steps = {code: [one for one in path.split("/") if one] for code, path in paths.items()}
    firsts = Area._base_manager.filter(
        level=1, code__in={one for path in steps.values() for one in path}
    )
    known = set(firsts.values_list("code", flat=True))
    return {
        code: next(one for one in path if one in known)
        for code, path in steps.items()
        if known & set(path)
    }


def places_may_stand_beside(
    areas: Sequence[Count],
    places: Sequence[Count],
    shown_areas: Mapping[str, int],
    shown_places: Mapping[str, int],
    k: int,
) -> bool:
    """Whether nobody who knows the map tells of a few from what is shown of areas and of the places
    in them. Whoever has no place that is known stands in an area all the same.
    """
    above = areas_of_places([code for code, _count in places])
    inside: dict[str, list[str]] = {area: [f"{area}/"] for area, _count in areas}
    for place, area in above.items():
        inside.setdefault(area, [f"{area}/"]).append(place)
    unplaced = tuple(held[0] for held in inside.values())
    counts, unknown = dict(places), {code for code, _count in places} - above.keys()
    of_place = {place: (place,) for place in above} | dict.fromkeys(unknown, unplaced)
    cells = [
        _cell(parts, counts[code], shown_places.get(code), k) for code, parts in of_place.items()
    ]
    cells += [_cell(tuple(inside[area]), count, shown_areas.get(area), k) for area, count in areas]
    rests = [
        Cell((inside[area][0],), (), None, 0 < rest < k)
        for area, count in areas
        if (rest := count - sum(counts.get(one, 0) for one in inside[area]))
    ]
    if not any(cell.is_small for cell in (*cells, *rests)):
        return True
    whole = Cell((), (), sum(count for _area, count in areas))
    told = [Told("", ("part", ""), (whole, *cells), 1), Told("", ("part", ""), tuple(rests), 0)]
    parts = [part for held in inside.values() for part in held]
    return not narrow_cells(told, {"part": parts}, k=k)


def _cell(parts: tuple[str, ...], count: int, shown: int | None, k: int) -> Cell:
    """What is told of some parts; a zero that is not told is not there."""
    return Cell(parts, (), shown if shown is not None or count else 0, shown is None and count < k)


def beside_table(
    lines: Lines, figure: Mapping[str, Any], name: str, shown: Mapping[str, int | None], k: int
) -> Lines:
    """The lines of a figure without its areas (places) where they would tell of a few beside what
    a table told of places (areas). figure: every line of it as it was frozen.
    """
    other = BESIDE.get(name, "")
    if other not in lines or name not in figure:
        return lines
    told = {
        name: {code: count for code, count in shown.items() if count is not None},
        other: dict(lines[other]),
    }
    counts = {one: counts_in(figure[one]) for one in BESIDE}
    if places_may_stand_beside(counts[BY_AREA], counts[BY_PLACE], told[BY_AREA], told[BY_PLACE], k):
        return lines
    return {key: held for key, held in lines.items() if key != other}


def counts_in(breakdown: Mapping[str, Any]) -> list[Count]:
    """The counts of a breakdown by code, as a snapshot keeps it."""
    return [(str(line["code"]), int(line["numerator"])) for line in breakdown["lines"]]
