"""Places on a plain sheet: no map behind them, north is up, one length holds in both directions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

KM_A_DEGREE = 111.32
LEAST_KM = 0.2
NICE = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Dot:
    """Where a place stands on the sheet, from its upper left corner."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """Places laid out on a sheet of this size, and a line of a round length to measure by."""

    width: int
    height: int
    dots: Sequence[Dot]
    scale_km: float
    scale_width: float


def laid_out(places: Sequence[tuple[float, float]], *, width: int, edge: int) -> Sheet:
    """Lay places (degrees north, degrees east) out inside an edge; the sheet is as high as it is
    wide at most. One place alone, or all at one, stand in the middle.
    """
    if not places:
        return Sheet(width, width // 2, (), 0, 0)
    middle = sum(north for north, _east in places) / len(places)
    shrunk = max(0.05, math.cos(math.radians(middle)))
    points = [(east * shrunk * KM_A_DEGREE, north * KM_A_DEGREE) for north, east in places]
    left, right = min(x for x, _y in points), max(x for x, _y in points)
    low, high = min(y for _x, y in points), max(y for _x, y in points)
    inner = width - 2 * edge
    a_km = inner / max(right - left, high - low, LEAST_KM)
    height = round(max((high - low) * a_km, inner / 4)) + 2 * edge
    x0 = width / 2 - (left + right) / 2 * a_km
    y0 = height / 2 + (low + high) / 2 * a_km
    dots = tuple(Dot(round(x0 + x * a_km, 1), round(y0 - y * a_km, 1)) for x, y in points)
    length = _nice(inner / 4 / a_km)
    return Sheet(width, height, dots, length, round(length * a_km, 1))


def _nice(most: float) -> float:
    """The longest of 1, 2, 5, 10 … kilometres (or metres) that is not above it."""
    power = math.floor(math.log10(most))
    for step in reversed(NICE):
        if step * 10.0**power <= most:
            return step * 10.0**power
    return 10.0**power
