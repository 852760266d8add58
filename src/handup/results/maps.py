"""Counts on a map: areas with their shapes and what was published of them, as GeoJSON that QGIS and
other programs of maps open (RFC 7946).

Only published tables are in it: a hidden count stays hidden, areas that were put together in a
table are one shape here too. Nobody can be told from it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from handup.org.models import Area, AreaShape
from handup.org.rules.shapes import together
from handup.results.definitions import DEFINITIONS
from handup.results.models import PublicTable
from handup.results.services.public_tables import as_rows
from handup.results.wording import AREAS


def collection(tables: Iterable[PublicTable]) -> dict[str, Any]:
    """Every area of the register once, without a count; then each area of each published table."""
    areas = {area.code: area for area in Area.objects.order_by("path")}
    shapes = dict(AreaShape.objects.values_list("area__code", "geometry").order_by("pk"))
    plain = [
        _feature([code], areas, shapes, {"level": area.level, "parent": _above(area, areas)})
        for code, area in areas.items()
    ]
    counted = [
        _feature(group, areas, shapes, {**_of(row), "count": count, "hidden": count is None})
        for row in tables
        for group, count in _groups(row)
    ]
    return {"type": "FeatureCollection", "features": [*plain, *counted]}


def _above(area: Area, areas: Mapping[str, Area]) -> str:
    codes = area.path.strip("/").split("/")
    return codes[-2] if len(codes) > 1 else ""


def _groups(row: PublicTable) -> Iterator[tuple[Sequence[str], int | None]]:
    """The areas of a table with their counts; of one that names none, and of a share, which is no
    count, nothing.
    """
    if row.is_share:
        return
    if row.row_dimension in AREAS:
        for line in as_rows(row):
            yield line["row"], line["total"]
    elif row.column_dimension in AREAS:
        yield from zip(row.table["columns"], row.table["column_totals"], strict=True)


def _of(row: PublicTable) -> dict[str, Any]:
    known = DEFINITIONS.get(row.code)
    return {
        "programme": row.programme.code,
        "indicator": row.code,
        "indicator_name": known.indicator.name if known else row.code,
        "day": row.day.isoformat(),
        "table": str(row.pk),
    }


def _feature(
    codes: Sequence[str],
    areas: Mapping[str, Area],
    shapes: Mapping[str, dict[str, Any]],
    told: Mapping[str, Any],
) -> dict[str, Any]:
    names = [str(areas[code]) if code in areas else code for code in codes]
    return {
        "type": "Feature",
        "geometry": together([shapes[code] for code in codes if code in shapes]),
        "properties": {"code": "+".join(codes), "name": " + ".join(names), **told},
    }
