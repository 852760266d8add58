"""The map of a chain: its actors from left behind to right ahead, drawn one under the other so that
it fits a telephone, each with its place and price, and the loss on the way to the next.

Plain SVG without script or style sheet; the tables of the page say the same to a screen reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDTH, BOX, GAP = 340, 62, 30
MOST_LETTERS = 38
INK = "currentColor"
FILL = "#b8532f"


@dataclass(frozen=True, slots=True)
class Stop:
    """One actor on the map: who, where and what they do, its price; the part of the final price
    that is its own, 0 to 1000; what is lost before it, in words.
    """

    name: str
    place: str
    price: str = ""
    share_permille: int = 0
    lost: str = ""


def _text(x: int, y: int, words: str, *, bold: bool = False, end: bool = False) -> str:
    short = words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…"
    weight = ' font-weight="600"' if bold else ""
    anchor = ' text-anchor="end"' if end else ""
    return (
        f'<text x="{x}" y="{y}" font-size="13" fill="{INK}"{weight}{anchor}>{escape(short)}</text>'
    )


def _stop(stop: Stop, top: int) -> str:
    bar = WIDTH * max(0, min(1000, stop.share_permille)) // 1000
    frame = (
        f'<rect x="0.5" y="{top}.5" width="{WIDTH - 1}" height="{BOX - 1}" rx="4" fill="none"'
        f' stroke="{INK}" stroke-opacity="0.45"/>'
    )
    share = f'<rect x="0" y="{top + BOX - 6}" width="{bar}" height="6" fill="{FILL}"/>'
    words = (
        _text(10, top + 21, stop.name, bold=True)
        + _text(10, top + 41, stop.place)
        + _text(WIDTH - 10, top + 41, stop.price, bold=True, end=True)
    )
    return frame + (share if bar else "") + words


def _arrow(stop: Stop, top: int) -> str:
    middle = WIDTH // 2
    line = (
        f'<path d="M{middle} {top + 3}V{top + GAP - 4}M{middle - 5} {top + GAP - 10}'
        f'L{middle} {top + GAP - 4}L{middle + 5} {top + GAP - 10}" fill="none" stroke="{INK}"'
        ' stroke-width="1.5"/>'
    )
    return line + (_text(middle + 14, top + 19, stop.lost) if stop.lost else "")


def chain_map(stops: Sequence[Stop]) -> SafeString:
    """The map of a chain; empty without actors."""
    if not stops:
        return mark_safe("")
    height = len(stops) * BOX + (len(stops) - 1) * GAP
    drawn = []
    for place, stop in enumerate(stops):
        top = place * (BOX + GAP)
        if place:
            drawn.append(_arrow(stop, top - GAP))
        drawn.append(_stop(stop, top))
    return mark_safe(  # noqa: S308 (drawn here; every word in it is escaped)
        f'<svg viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="presentation"'
        f' aria-hidden="true" focusable="false">{"".join(drawn)}</svg>'
    )
