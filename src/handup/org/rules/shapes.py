"""Shapes of areas out of a GeoJSON file (RFC 7946): a feature an area, known by its code. Pure."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

Position: TypeAlias = list[float]
MOST_POINTS = 200_000
MOST_FEATURES = 20_000
DIGITS = 5
"""Decimals of a degree that are kept: about one metre."""
LONGEST_CODE = 60
"""Letters of the code of an area."""
DEPTHS = {"Point": 0, "Polygon": 2, "MultiPolygon": 3}
"""How deep the positions of each kind lie."""


@dataclass(frozen=True, slots=True)
class ShapeIn:
    """One area's shape as it was read: its code, a GeoJSON geometry in degrees."""

    code: str
    geometry: dict[str, Any]


class NotShapes(ValueError):
    """It cannot be read; `code` says why, `feature` in which feature (from 1; 0: the file)."""

    def __init__(self, code: str, feature: int = 0) -> None:
        super().__init__(code)
        self.code, self.feature = code, feature


def read_shapes(content: bytes) -> list[ShapeIn]:
    """Read a FeatureCollection whose features have a property `code`. Raises NotShapes: NO_JSON,
    NO_COLLECTION, TOO_MANY, NO_CODE, TWICE, KIND, POSITION, RING.
    """
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise NotShapes("NO_JSON") from None
    features = told.get("features") if isinstance(told, dict) else None
    if not isinstance(features, list) or not features:
        raise NotShapes("NO_COLLECTION")
    if len(features) > MOST_FEATURES:
        raise NotShapes("TOO_MANY")
    found: dict[str, ShapeIn] = {}
    left = MOST_POINTS
    for number, feature in enumerate(features, start=1):
        shape, points = _shape(feature, number, left)
        left -= points
        if shape.code in found:
            raise NotShapes("TWICE", number)
        found[shape.code] = shape
    return list(found.values())


def _shape(feature: Any, number: int, left: int) -> tuple[ShapeIn, int]:
    """One feature, and of how many positions it is."""
    told = feature if isinstance(feature, dict) else {}
    properties, geometry = told.get("properties"), told.get("geometry")
    code = properties.get("code") if isinstance(properties, dict) else None
    if not isinstance(code, str) or not code.strip() or not _is_written(code):
        raise NotShapes("NO_CODE", number)
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or not isinstance(kind, str) or kind not in DEPTHS:
        raise NotShapes("KIND", number)
    depth = DEPTHS[kind]
    placed = _placed(geometry.get("coordinates"), depth, number)
    points = sum(1 for _one in _positions(placed, depth))
    if points > left:
        raise NotShapes("TOO_MANY", number)
    return ShapeIn(code.strip(), {"type": kind, "coordinates": placed}), points


def _is_written(code: str) -> bool:
    """Whether a code can be looked for and told: of letters that can be written, not too many."""
    return code.isprintable() and len(code) <= LONGEST_CODE


def _placed(told: Any, depth: int, number: int) -> Any:
    """Coordinates with every position looked at and rounded, every ring closed."""
    if depth == 0:
        return _position(told, number)
    if not isinstance(told, list) or not told:
        raise NotShapes("POSITION", number)
    placed = [_placed(one, depth - 1, number) for one in told]
    if depth == 1 and (len(placed) < 4 or placed[0] != placed[-1]):
        raise NotShapes("RING", number)
    return placed


def _position(told: Any, number: int) -> Position:
    if not isinstance(told, list) or len(told) < 2:
        raise NotShapes("POSITION", number)
    for value, most in zip(told, (180, 90), strict=False):
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not (fits and -most <= value <= most):  # what is no number is not between them either
            raise NotShapes("POSITION", number)
    return [round(float(value), DIGITS) for value in told[:2]]


def _positions(placed: Any, depth: int) -> Iterator[Position]:
    if depth == 0:
        yield placed
        return
    for one in placed:
        yield from _positions(one, depth - 1)


def together(shapes: list[dict[str, Any]]) -> dict[str, Any] | None:
    """One geometry of several: their surfaces as one; points only where there is no surface."""
    surfaces: list[Any] = []
    for shape in shapes:
        if shape["type"] == "Polygon":
            surfaces.append(shape["coordinates"])
        elif shape["type"] == "MultiPolygon":
            surfaces += shape["coordinates"]
    if len(surfaces) == 1:
        return {"type": "Polygon", "coordinates": surfaces[0]}
    if surfaces:
        return {"type": "MultiPolygon", "coordinates": surfaces}
    points = [shape["coordinates"] for shape in shapes]
    if len(points) == 1:
        return {"type": "Point", "coordinates": points[0]}
    return {"type": "MultiPoint", "coordinates": points} if points else None
