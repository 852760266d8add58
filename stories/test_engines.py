"""Every indicator of the three programmes gives the same on every engine: over rows in memory, over
a snapshot in columns by DuckDB, and by a cluster of Spark of separate processes."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from handup.people.queries.persons import hidden_from_all
from handup.projects.models import Programme
from handup.results.columns import cluster, duck, spark
from handup.results.columns.asking import Answer, ask
from handup.results.columns.writing import Written, write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source
from handup.results.report import reporting_day
from handup.results.rules.declared import DECLARED
from handup.results.rules.engine import Figure
from handup.results.rules.expressions import Asked

pytestmark = pytest.mark.django_db
AFTER_ALL = date(2006, 1, 31)
SPLIT = ("sex", "age_band", "displacement", "woman_head")


@pytest.fixture
def written(tmp_path: Path) -> Written:
    """A snapshot of the three programmes, with status."""
    return write_snapshot(AFTER_ALL, sensitive=True, folder=tmp_path / "snapshot")


def same(found: Answer, figure: Figure) -> None:
    """Both counts and every line are the same."""
    code = found.code
    assert (found.only.numerator, found.only.denominator) == (
        figure.numerator,
        figure.denominator,
    ), code
    assert found.estimate == figure.estimate, code
    for breakdown in figure.breakdowns:
        if found.lines:
            lines = found.lines[breakdown.dimension]
            assert {key: (one.numerator, one.denominator) for key, one in lines.items()} == {
                line.code: (line.numerator, line.denominator) for line in breakdown.lines
            }, (code, breakdown.dimension)


def questions() -> Iterator[tuple[Source, Asked]]:
    """Each programme up to its day; one of them for a year as well."""
    without = hidden_from_all()
    for programme in Programme.objects.order_by("code"):
        day = reporting_day(programme)
        assert day is not None
        yield Source(programme, day, without), Asked(day)
    ours = Programme.objects.get(code="IOM-AM")
    yield Source(ours, date(2005, 3, 31), without), Asked(date(2005, 3, 31), date(2004, 4, 1))


def test_duckdb_counts_every_indicator_and_line_as_the_pages_do(written: Written) -> None:
    counted = 0
    for source, asked in questions():
        with duck.opened([written.folder], programme=source.programme.code) as (lake, fetch):
            found = ask(lake, fetch, DECLARED, asked, at_once=8)
        for code, item in DECLARED.items():
            figure = compute(item, catalogue(), source, asked)
            same(found[code], figure)
            counted += figure.numerator != 0
    assert counted > 50


@pytest.mark.once
def test_spark_counts_every_indicator_as_duckdb_does(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the Java of the package: a machine without one needs nothing more."""
    monkeypatch.setattr(cluster, "_major", lambda _home: 0)
    asked = Asked(date(2005, 6, 30))
    with duck.opened([written.folder]) as (lake, fetch):
        ours = ask(lake, fetch, DECLARED, asked, SPLIT, at_once=spark.AT_ONCE)
    with cluster.running() as started:
        assert len({process.pid for process in started.processes}) == 3
        assert started.environment["JAVA_HOME"] == str(started.folder / "java")
        place = (started.address, started.secret, started.environment)
        with spark.opened([written.folder], *place) as (lake, fetch):
            theirs = ask(lake, fetch, DECLARED, asked, SPLIT, at_once=spark.AT_ONCE)
    assert theirs == ours
    assert sum(one.only.numerator != 0 for one in ours.values()) > 25
    assert all(process.poll() is not None for process in started.processes)
