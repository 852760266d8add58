"""The map of a chain: its actors from left behind to right ahead, drawn one under the other so that
it fits a telephone, each with its place and price, and the loss on the way to the next.

Plain SVG without script or style sheet; the tables of the page say the same to a screen reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

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


def _text(x: int, y: int, words: str, *, bold: bool = False, end: bool = False) -> SafeString:
    return format_html(
        '<text x="{}" y="{}" font-size="13" fill="{}" font-weight="{}" text-anchor="{}">{}</text>',
        x,
        y,
        INK,
        600 if bold else 400,
        "end" if end else "start",
        words if len(words) <= MOST_LETTERS else f"{words[: MOST_LETTERS - 1]}…",
    )


def _stop(stop: Stop, top: int) -> SafeString:
    bar = WIDTH * max(0, min(1000, stop.share_permille)) // 1000
    frame = format_html(
        '<rect x="0.5" y="{}.5" width="{}" height="{}" rx="4" fill="none" stroke="{}"'
        ' stroke-opacity="0.45"/>',
        top,
        WIDTH - 1,
        BOX - 1,
        INK,
    )
    share = format_html(
        '<rect x="0" y="{}" width="{}" height="6" fill="{}"/>', top + BOX - 6, bar, FILL
    )
    words = (
        _text(10, top + 21, stop.name, bold=True)
        + _text(10, top + 41, stop.place)
        + _text(WIDTH - 10, top + 41, stop.price, bold=True, end=True)
    )
    return frame + share + words if bar else frame + words


def _arrow(stop: Stop, top: int) -> SafeString:
    middle = WIDTH // 2
    line = format_html(
        '<path d="M{} {}V{}M{} {}L{} {}L{} {}" fill="none" stroke="{}" stroke-width="1.5"/>',
        *(middle, top + 3, top + GAP - 4),
        *(middle - 5, top + GAP - 10),
        *(middle, top + GAP - 4),
        *(middle + 5, top + GAP - 10),
        INK,
    )
    return line + _text(middle + 14, top + 19, stop.lost) if stop.lost else line


def chain_map(stops: Sequence[Stop]) -> SafeString:
    """The map of a chain; empty without actors."""
    if not stops:
        return SafeString()
    height = len(stops) * BOX + (len(stops) - 1) * GAP
    drawn = []
    for place, stop in enumerate(stops):
        top = place * (BOX + GAP)
        if place:
            drawn.append(_arrow(stop, top - GAP))
        drawn.append(_stop(stop, top))
    return format_html(
        '<svg viewBox="0 0 {} {}" width="{}" height="{}" role="presentation" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        *(WIDTH, height) * 2,
        format_html_join("", "{}", ((part,) for part in drawn)),
    )
