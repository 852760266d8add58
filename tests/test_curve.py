"""The picture of how the engines grow is drawn from what was measured, and from nothing else."""

from bench.curve import draw, lines_of


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
