"""Intervals drawn beside each other: where each begins, ends and has its middle, from 0 to 100."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Drawn:
    """One interval in hundredths of the picture; `zero` is where nothing at all lies."""

    label: str
    text: str
    low: float
    high: float
    value: float
    zero: float

    @property
    def width(self) -> float:
        """How long the line is, never less than can be seen."""
        return max(0.6, round(self.high - self.low, 2))


def drawn(rows: Sequence[tuple[str, str, Mapping[str, Any]]]) -> list[Drawn]:
    """Put estimates with an interval on one scale that holds nothing at all. `rows`: label, words,
    and the estimate.
    """
    kept = [row for row in rows if row[2]["low"] is not None]
    if not kept:
        return []
    ends = [float(row[2][name]) for row in kept for name in ("low", "high", "value")]
    least, most = min(0.0, *ends), max(0.0, *ends)
    span = (most - least) or 1.0
    margin = span * 0.04

    def place(number: float) -> float:
        return round(100 * (number - least + margin) / (span + 2 * margin), 2)

    return [
        Drawn(
            label,
            text,
            place(float(row["low"])),
            place(float(row["high"])),
            place(float(row["value"])),
            place(0.0),
        )
        for label, text, row in kept
    ]
