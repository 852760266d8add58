"""Charts drawn on the server as plain SVG: a title that states the finding, units, source and the
same data as a table.

They work without JavaScript, print, and follow the reading direction and the light or dark sheet,
because every part is coloured by a class of the house's style sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.encoding import force_str

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
    `series` for columns in time.

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

    WIDTH = 480
    HEIGHT = 220
    LEFT = 48
    BOTTOM = 28
    TOP = 12

    def top_value(self) -> float:
        """The round number the value axis ends at."""
        highest = max((v for s in self.series for v in s.values if v is not None), default=0)
        if highest <= 0:
            return 1
        step = float(10 ** (len(str(int(highest))) - 1))
        for factor in (1, 2, 2.5, 5, 10):
            if highest <= step * factor:
                return step * factor
        return step * 10

    def _y(self, value: float) -> float:
        height = self.HEIGHT - self.BOTTOM - self.TOP
        return round(self.TOP + height * (1 - value / self.top_value()), 1)

    def _x(self, index: int) -> float:
        count = max(len(self.points), 1)
        step = (self.WIDTH - self.LEFT - 12) / count
        return round(self.LEFT + step * (index + 0.5), 1)

    def drawn_lines(self) -> list[dict[str, Any]]:
        """Each series as the points of a polyline; a gap breaks the line."""
        drawn = []
        for number, series in enumerate(self.series):
            runs: list[list[tuple[float, float]]] = [[]]
            for index, value in enumerate(series.values):
                if value is None:
                    runs.append([])
                else:
                    runs[-1].append((self._x(index), self._y(value)))
            drawn.append(
                {
                    "number": number + 1,
                    "label": force_str(series.label),
                    "lines": [" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1],
                    "dots": [dot for run in runs for dot in run],
                }
            )
        return drawn

    def grid(self) -> list[dict[str, Any]]:
        """The lines of the value axis."""
        top = self.top_value()
        marks = (0.0, top / 4, top / 2, top * 3 / 4, top)
        return [{"y": self._y(mark), "text": format_number(mark)} for mark in marks]

    def ticks(self) -> list[dict[str, Any]]:
        """The labels of the time axis, thinned so that they never overlap."""
        every = max(1, -(-len(self.points) // 7))
        return [
            {"x": self._x(index), "text": force_str(label)}
            for index, label in enumerate(self.points)
            if index % every == 0
        ]

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
