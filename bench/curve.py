"""Draws the growth of the engines from measured figures: `python -m bench.curve` reads
`build/bench.json`, or the files that are named, and writes `docs/images/engine.svg` and, of Spark,
`docs/images/engine-spark.svg` (deploy/scale.md)."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tools.steps import BUILD, ROOT

OUT = ROOT / "docs/images/engine.svg"
WIDTH, HEIGHT, LEFT, BASE, TOP = 640, 380, 64, 300, 48
DRAWN = ("DuckDB, totals", "DuckDB, with lines by four", "Spark, totals")
COLOURS = ("#1f4e5f", "#b5651d", "#5b3a7a")
Points = Sequence[tuple[int, float]]


def lines_of(figures: Sequence[Mapping[str, Any]]) -> dict[str, Points]:
    """Seconds by the clock by number of persons, of each engine that was measured."""
    found = {}
    for title in DRAWN:
        name = f"all indicators on {title}"
        found[title] = sorted(
            (int(row["n"]), float(row["value"]))
            for row in figures
            if row["name"] == name and row["unit"] == "s"
        )
    return {title: points for title, points in found.items() if points}


def draw(lines: Mapping[str, Points]) -> str:
    """The picture: axes, a line for each, every point with its seconds."""
    most_n = max(n for points in lines.values() for n, _seconds in points)
    most = max(seconds for points in lines.values() for _n, seconds in points) * 1.1

    def place(n: int, seconds: float) -> tuple[float, float]:
        across = LEFT + (WIDTH - LEFT - 40) * n / most_n
        return round(across, 1), round(BASE - (BASE - TOP) * seconds / most, 1)

    title = "All indicators of a nation on two cores: seconds by number of persons"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="13"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15">{escape(title)}</text>',
        f'<path d="M{LEFT} {TOP}V{BASE}H{WIDTH - 30}" fill="none" stroke="#555555"/>',
    ]
    for n in sorted({n for points in lines.values() for n, _seconds in points}):
        x, _y = place(n, 0)
        parts.append(f'<text x="{x}" y="{BASE + 20}" text-anchor="middle">{n:,}</text>')
    for number, (name, points) in enumerate(lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        where = [place(*point) for point in points]
        path = "L".join(f"{x} {y}" for x, y in where)
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for (x, y), (_n, seconds) in zip(where, points, strict=True):
            parts.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')
            parts.append(
                f'<text x="{x}" y="{y - 10}" text-anchor="middle" fill="{colour}">'
                f"{seconds:.1f} s</text>"
            )
        parts.append(
            f'<text x="{LEFT}" y="{BASE + 40 + 16 * number}" fill="{colour}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main(measured: Iterable[Path] = (BUILD / "bench.json",), out: Path = OUT) -> None:
    """Draw what was measured last: each engine on axes of its own, for one takes many times the
    seconds of the other.
    """
    lines = lines_of([row for path in measured for row in json.loads(path.read_text())])
    for engine, place in (("DuckDB", out), ("Spark", out.with_stem(f"{out.stem}-spark"))):
        own = {name: points for name, points in lines.items() if name.startswith(engine)}
        if own:
            place.write_text(draw(own))


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or (BUILD / "bench.json",))
