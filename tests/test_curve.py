"""The picture of how the engines grow is drawn from what was measured, and from nothing else."""

import json
from pathlib import Path

from bench.curve import draw, lines_of, main


def test_each_engine_is_a_line_through_what_was_measured() -> None:
    told = [
        {"name": f"all indicators on {name}", "unit": unit, "n": n, "value": value}
        for name, unit, n, value in (
            ("DuckDB, totals", "s", 1_000_000, 12.28),
            ("DuckDB, totals", "s", 100_000, 6.4),
            ("DuckDB, totals", "s processor", 100_000, 99.0),
            ("Spark, totals", "s", 100_000, 61.0),
        )
    ]
    lines = lines_of(told)
    assert lines == {
        "DuckDB, totals": [(100_000, 6.4), (1_000_000, 12.28)],
        "Spark, totals": [(100_000, 61.0)],
    }
    picture = draw(lines)
    assert [f"{one} s<" in picture for one in ("12.3", "6.4", "61.0", "99.0")] == [
        *(True, True, True),
        False,
    ]


def test_each_engine_has_a_picture_of_its_own(tmp_path: Path) -> None:
    """One takes many times the seconds of the other: on one axis nothing of the quick one shows."""
    rows = [
        {"name": f"all indicators on {name}, totals", "unit": "s", "n": n, "value": value}
        for name, n, value in (("DuckDB", 100_000, 6.4), ("Spark", 100_000, 270.5))
    ]
    measured, out = tmp_path / "bench.json", tmp_path / "engine.svg"
    measured.write_text(json.dumps(rows))
    main([measured], out)
    pictures = [out.read_text(), (tmp_path / "engine-spark.svg").read_text()]
    assert [("6.4 s<" in one, "270.5 s<" in one) for one in pictures] == [
        (True, False),
        (False, True),
    ]
