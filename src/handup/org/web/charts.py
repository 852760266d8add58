"""Charts drawn on the server: a title that states the finding, units, source and the same data as a
table.

Bars are rows of words with a small plain SVG each; lines in time are drawn through Vega-Lite
(`drawn.py`). Both work without JavaScript, print, and are seen on the light and the dark sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.encoding import force_str
from django.utils.safestring import SafeString

from handup.org.web import drawn
from handup.org.web.columns import Label
from handup.org.web.money import format_number


@dataclass(frozen=True)
class Bar:
    """One bar: label, value, the value in words, where it opens."""

    label: Label
    value: float
    text: Label = ""
    href: str = ""
    part: float | None = None  # a smaller value drawn inside the bar (women of all, late of due)
    part_text: Label = ""

    @property
    def shown(self) -> str:
        """The value in words."""
        return force_str(self.text) if self.text else format_number(self.value)


@dataclass(frozen=True)
class Series:
    """One line of a line chart."""

    label: Label
    values: Sequence[float | None]


@dataclass(frozen=True)
class Chart:
    """A chart with its words. Give `bars` for horizontal bars or a funnel, or `points` with
    `series` for lines in time.

    `title` states the finding; `units` what is counted; `source` where it comes from; `part_label`
    names the inner bar.
    """

    title: Label
    units: Label = ""
    source: Label = ""
    bars: Sequence[Bar] = ()
    points: Sequence[Label] = ()
    series: Sequence[Series] = ()
    part_label: Label = ""
    value_label: Label = ""

    @property
    def kind(self) -> str:
        """Which drawing the template makes."""
        return "bars" if self.bars else "lines"

    def drawn_bars(self) -> list[dict[str, Any]]:
        """Each bar with its length and inner part in per cent of the longest."""
        longest = max((bar.value for bar in self.bars), default=0) or 1
        return [
            {
                "bar": bar,
                "width": round(100 * bar.value / longest, 2),
                "inner": None if bar.part is None else round(100 * bar.part / longest, 2),
            }
            for bar in self.bars
        ]

    def drawing(self) -> SafeString:
        """The lines in time as an SVG."""
        return drawn.lines(
            [force_str(point) for point in self.points],
            [(force_str(series.label), tuple(series.values)) for series in self.series],
        )

    def table_rows(self) -> list[tuple[str, list[str]]]:
        """The chart's data for the table under it."""
        if self.bars:
            return [
                (
                    force_str(bar.label),
                    [bar.shown]
                    + ([force_str(bar.part_text) or str(bar.part)] if self.part_label else []),
                )
                for bar in self.bars
            ]
        return [
            (force_str(label), [_shown(series.values[index]) for series in self.series])
            for index, label in enumerate(self.points)
        ]

    def table_headings(self) -> list[str]:
        """The headings over the values."""
        if self.bars:
            value = force_str(self.value_label or self.units)
            return [value, force_str(self.part_label)] if self.part_label else [value]
        return [force_str(series.label) for series in self.series]


def _shown(value: float | None) -> str:
    return "\u2013" if value is None else format_number(value)
