"""Figures from rows: exact numbers of the shared worked cases."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from handup.results.rules.catalogue import read_catalogue
from handup.results.rules.engine import (
    FactRow,
    LinesDiffer,
    PeriodKind,
    SeveralCurrencies,
    ValueKind,
    measure,
    within,
)
from handup.results.rules.statistics import bounds_for_unreached, percent_text, wilson

DAY = date(2026, 1, 31)


def worked(shared: Path, name: str) -> Any:
    return json.loads((shared / "data" / "results" / name).read_text(encoding="utf-8"))


def row(unit: str, on: date = DAY, amount: int = 1, currency: str = "", **dims: Any) -> FactRow:
    return FactRow(unit, on, "person", unit, amount, currency, dims=dims)


def test_wilson_interval_of_every_worked_case(shared: Path) -> None:
    for case in worked(shared, "impact_statistics.json")["wilson"]:
        interval = wilson(case["yes"], case["n"])
        assert interval is not None
        assert interval.low == pytest.approx(case["low"], abs=1e-6)
        assert interval.high == pytest.approx(case["high"], abs=1e-6)


def test_wilson_interval_is_shown_as_the_monitoring_report_prints_it() -> None:
    income, life = wilson(368, 400), wilson(364, 400)
    assert income is not None
    assert life is not None
    assert (percent_text(income.low), percent_text(income.high)) == ("88.9", "94.3")
    assert (percent_text(life.low), percent_text(life.high)) == ("87.8", "93.4")


def test_nobody_asked_gives_no_interval_and_impossible_counts_are_refused() -> None:
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="more answers"):
        wilson(5, 4)


def test_bounds_for_those_not_reached_assume_nothing() -> None:
    low, high = bounds_for_unreached(368, 400, 3400)
    assert percent_text(float(low)) == "10.8"
    assert percent_text(float(high)) == "99.1"
    assert bounds_for_unreached(3, 3, 3) == (Fraction(1), Fraction(1))
    with pytest.raises(ValueError, match="between"):
        bounds_for_unreached(5, 4, 10)


def test_distinct_persons_over_periods_are_counted_once(shared: Path) -> None:
    data = worked(shared, "indicator_engine.json")
    persons = {person["id"]: person for person in data["persons"]}
    rows = [
        FactRow(
            service["person"],
            date.fromisoformat(service["date"]),
            "person",
            service["person"],
            dims={
                key: "" if value == "NOT_RECORDED" else value
                for key in ("sex", "displacement", "woman_head")
                for value in [persons[service["person"]][key]]
            },
        )
        for service in data["services"]
    ]
    for period, expected in data["expected"].items():
        if period not in data["periods"] or "MED_OUT_01" not in expected:
            continue
        start, end = (date.fromisoformat(day) for day in data["periods"][period])
        kept = within(rows, PeriodKind.FLOW, start, end)
        figure = measure(
            ValueKind.COUNT_DISTINCT, kept, None, ["sex", "displacement", "woman_head"]
        )
        assert figure.numerator == expected["MED_OUT_01"]
        assert {item.unit for item in figure.rows} == set(expected["persons"])
        for breakdown in figure.breakdowns:
            lines = {line.code: line.numerator for line in breakdown.lines}
            assert lines == expected[f"by_{breakdown.dimension}"]


def test_a_ratio_keeps_its_two_counts_and_shows_one_decimal_half_up() -> None:
    base = [row(str(number), sex="F" if number % 2 else "M") for number in range(16)]
    figure = measure(ValueKind.RATIO, base[:1], base, ["sex"])
    assert (figure.numerator, figure.denominator) == (1, 16)
    assert figure.percent_text() == "6.3"
    women = next(line for line in figure.breakdowns[0].lines if line.code == "F")
    assert (women.numerator, women.denominator, women.share) == (0, 8, Fraction(0))


def test_a_ratio_over_nothing_is_not_defined() -> None:
    figure = measure(ValueKind.RATIO, [], [], ["sex"], sample=True)
    assert figure.denominator == 0
    assert figure.percent is None
    assert figure.percent_text() is None
    assert figure.interval is None


def test_percentages_are_never_averaged() -> None:
    base = [row(f"a{number}") for number in range(10)] + [row(f"b{number}") for number in range(80)]
    figure = measure(ValueKind.RATIO, base[:9] + base[10:50], base, [])
    assert figure.percent_text() == "54.4"


def test_a_unit_in_two_lines_of_an_exclusive_dimension_is_a_fault() -> None:
    with pytest.raises(LinesDiffer) as refused:
        measure(ValueKind.COUNT_DISTINCT, [row("p", sex="F"), row("p", sex="M")], None, ["sex"])
    assert refused.value.places == {"dimension": "sex", "lines": 2, "total": 1}


def test_overlapping_target_groups_are_each_counted_and_never_added() -> None:
    rows = [
        row("p1", target=frozenset({"REFUGEE", "WOMAN_HEAD"})),
        row("p2", target=frozenset({"REFUGEE"})),
        row("p3", target=frozenset()),
    ]
    breakdown = measure(ValueKind.COUNT_DISTINCT, rows, None, ["target"]).breakdowns[0]
    assert breakdown.overlapping
    assert [(line.code, line.numerator) for line in breakdown.lines] == [
        ("REFUGEE", 2),
        ("WOMAN_HEAD", 1),
        ("NOT_RECORDED", 1),
    ]


def test_what_was_not_recorded_keeps_its_line_at_the_end() -> None:
    lines = (
        measure(ValueKind.COUNT_DISTINCT, [row("p1"), row("p2", sex="M")], None, ["sex"])
        .breakdowns[0]
        .lines
    )
    assert [(line.code, line.numerator) for line in lines] == [("M", 1), ("NOT_RECORDED", 1)]


def test_amounts_of_two_currencies_are_not_added() -> None:
    with pytest.raises(SeveralCurrencies):
        measure(
            ValueKind.SUM,
            [row("a", amount=5, currency="USD"), row("b", amount=5, currency="XTS")],
            None,
            [],
        )
    figure = measure(
        ValueKind.SUM,
        [row("a", amount=5, currency="USD"), row("a", amount=7, currency="USD")],
        None,
        [],
    )
    assert (figure.numerator, figure.currency) == (12, "USD")


def test_rows_after_the_cut_off_or_before_a_flow_period_do_not_count() -> None:
    rows = [row("a", date(2025, 12, 31)), row("b", date(2026, 1, 1)), row("c", date(2026, 2, 1))]
    start = date(2026, 1, 1)
    assert [item.unit for item in within(rows, PeriodKind.FLOW, start, DAY)] == ["b"]
    assert [item.unit for item in within(rows, PeriodKind.CUMULATIVE, start, DAY)] == ["a", "b"]


def test_the_shipped_catalogue_has_fifty_definitions_and_refuses_a_double() -> None:
    text = (Path(__file__).parents[1] / "data" / "indicators.csv").read_text(encoding="utf-8")
    catalogue = read_catalogue(text.splitlines(keepends=True))
    assert len(catalogue) == 50
    repaid = catalogue["MED-FIN-05a"]
    assert (repaid.value_kind, repaid.period_kind, repaid.is_sample) == (
        ValueKind.RATIO,
        PeriodKind.CUMULATIVE,
        False,
    )
    assert catalogue["MED-IMP-01"].is_sample
    header, first, *_rest = text.splitlines(keepends=True)
    with pytest.raises(ValueError, match="defined twice"):
        read_catalogue([header, first, first])


def test_the_shipped_catalogue_is_the_shared_one(shared: Path) -> None:
    path = shared / "data" / "indicators.csv"
    shipped = Path(__file__).parents[1] / "data" / "indicators.csv"
    assert shipped.read_bytes() == path.read_bytes()
