"""Shapes of the areas, for maps: loaded from a file of the office of statistics or of maps."""

from django.db import transaction

from handup.kernel.errors import Refusal
from handup.org import audit
from handup.org.models import Area, AreaShape, StaffUser
from handup.org.permissions import require
from handup.org.rules.shapes import NotShapes, ShapeIn, read_shapes

ADD = "org.add_area"
LONGEST = 200


class NoShapes(Refusal):
    """This is no GeoJSON file with a list of features. Nothing was loaded."""


class TooManyShapes(Refusal):
    """The shapes have too many points. Make them simpler (QGIS: Simplify), then load them again."""


class ShapeWithoutCode(Refusal):
    """Feature {number} has no property `code`: it says which area it is. Nothing was loaded."""


class ShapeTwice(Refusal):
    """Feature {number} has the code of one before it. Nothing was loaded."""


class ShapeWrong(Refusal):
    """Feature {number} is no surface or point in degrees (WGS 84). Nothing was loaded."""


class AreasUnknown(Refusal):
    """There is no area with the code {codes}. Add it first. Nothing was loaded."""


class SourceMissing(Refusal):
    """Write where the shapes come from."""


REFUSALS: dict[str, type[Refusal]] = {
    "NO_JSON": NoShapes,
    "NO_COLLECTION": NoShapes,
    "TOO_MANY": TooManyShapes,
    "NO_CODE": ShapeWithoutCode,
    "TWICE": ShapeTwice,
}


def load_shapes(*, acting_staff: StaffUser, content: bytes, source: str) -> int:
    """Keep the shapes of a file, in place of those the same areas had; how many there are. The same
    file again changes nothing.

    Raises NotAllowed, SourceMissing, NoShapes, TooManyShapes, ShapeWithoutCode, ShapeTwice,
    ShapeWrong, AreasUnknown.
    """
    require(acting_staff, ADD)
    source = source.strip()
    if not source:
        raise SourceMissing(field="source")
    shapes = _read(content)
    with transaction.atomic():
        areas = Area.objects.select_for_update().in_bulk(
            [shape.code for shape in shapes], field_name="code"
        )
        unknown = [shape.code for shape in shapes if shape.code not in areas]
        if unknown:
            raise AreasUnknown(field="file", codes=", ".join(unknown[:5]))
        _store(acting_staff, areas, shapes, source)
    return len(shapes)


def _store(staff: StaffUser, areas: dict[str, Area], shapes: list[ShapeIn], source: str) -> None:
    held = {row.area_id: row for row in AreaShape.objects.filter(area__in=areas.values())}
    changed = []
    for shape in shapes:
        area = areas[shape.code]
        row = held.get(area.pk) or AreaShape(area=area)
        if (row.geometry, row.source) == (shape.geometry, source):
            continue
        row.geometry, row.source, row.loaded_by = shape.geometry, source, staff
        row.save()
        changed.append(area)
    audit.record_many(
        audit.line(staff, "org.load_shape", area, {"code": area.code}) for area in changed
    )


def _read(content: bytes) -> list[ShapeIn]:
    try:
        return read_shapes(content)
    except NotShapes as fault:
        raise REFUSALS.get(fault.code, ShapeWrong)(field="file", number=fault.feature) from fault
