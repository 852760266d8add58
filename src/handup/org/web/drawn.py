"""Lines in time as Vega-Lite specifications, rendered to SVG on the server and kept by content.

The SVG needs no script and no style sheet: its marks carry their own `fill` and `stroke`, chosen to
be seen on the light sheet, the dark one and paper; its words take the colour of the text around.
The chart's table says the same, so nothing in the drawing speaks to a screen reader.
"""

import json
from collections.abc import Sequence
from hashlib import sha256

from babel.numbers import get_decimal_symbol, get_group_symbol
from django.core.cache import cache
from django.utils.safestring import SafeString, mark_safe

from handup.org.web.money import current_locale

COLOURS = ("#b8532f", "#2f7f8c", "#7d6bb0", "#8a7a2c")
"""One for each line, each at least 3:1 on both sheets."""
DASHES = ((1, 0), (6, 3), (2, 3), (8, 3, 2, 3))
"""Lines differ by more than colour."""
WIDTH, HEIGHT = 340, 190
KEPT_SECONDS = 30 * 24 * 3600
Lines = Sequence[tuple[str, Sequence[float | None]]]


def lines(points: Sequence[str], series: Lines) -> SafeString:
    """An SVG of up to four lines over named points in order; None breaks a line."""
    marks: dict[str, object] = {
        "decimal": get_decimal_symbol(current_locale()),
        "thousands": get_group_symbol(current_locale()),
        "grouping": [3],
        "currency": ["", ""],
    }
    asked = json.dumps([points, list(series), marks, COLOURS, DASHES, WIDTH, HEIGHT])
    key = "drawn:" + sha256(asked.encode()).hexdigest()
    held: str | None = cache.get(key)
    if held is None:
        held = _render(specification(points, series), marks)
        cache.set(key, held, KEPT_SECONDS)
    return mark_safe(held)  # noqa: S308 (drawn here; every word in it is escaped by the renderer)


def _render(spec: str, marks: dict[str, object]) -> str:
    import vl_convert  # a second to load, so only when something is drawn

    svg: str = vl_convert.vegalite_to_svg(spec, format_locale=marks)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)


def specification(points: Sequence[str], series: Lines) -> str:
    """The Vega-Lite specification of lines, as JSON."""
    import altair as alt  # as above

    rows = [
        {"at": point, "line": name, "value": values[place]}
        for name, values in series
        for place, point in enumerate(points)
    ]
    names = [name for name, _values in series]
    dashes = [list(dash) for dash in DASHES[: len(names)]]
    room = max(1, WIDTH // (7 * max(map(len, points), default=1) + 14))
    every = max(1, -(-len(points) // room))
    chart = (
        alt.Chart({"values": rows}, width=WIDTH, height=HEIGHT, background="transparent")
        .mark_line(
            point={"filled": True, "size": 36, "aria": False},
            strokeWidth=2,
            strokeJoin="round",
            aria=False,
        )
        .encode(
            x=alt.X(
                "at:O",
                sort=list(points),
                title=None,
                axis=alt.Axis(labelAngle=0, values=list(points[::every]), labelOverlap="greedy"),
            ),
            y=alt.Y("value:Q", title=None, axis=alt.Axis(format=",d", tickCount=5, tickMinStep=1)),
            color=alt.Color(
                "line:N", scale=alt.Scale(domain=names, range=list(COLOURS)), legend=None
            ),
            strokeDash=alt.StrokeDash(
                "line:N", scale=alt.Scale(domain=names, range=dashes), legend=None
            ),
        )
        .configure(aria=False)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor="currentColor",
            labelFontSize=12,
            gridColor="currentColor",
            gridOpacity=0.2,
            domainColor="currentColor",
            domainOpacity=0.5,
            ticks=False,
            labelPadding=6,
        )
    )
    text: str = chart.to_json(indent=None)
    return text
