"""Snapshots in columns: nobody's identity, the same loans as lending's own rules count, and the
view of a country."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from pyarrow import parquet

from handup.kernel.errors import Refusal
from handup.kernel.ids import new_id
from handup.lending.rules.loan import fold
from handup.lending.tests.cast import World, make_world, running
from handup.lending.tests.loans import KINDS, START
from handup.lending.tests.test_accrual_changed import MORE
from handup.lending.tests.test_changed_rows import (
    CHANGES,
    MARCH,
    MAY,
    OFFERED,
    paid_out,
    store,
    stored_loan,
)
from handup.org.models import ReadEntry
from handup.org.scope import hidden_changed
from handup.people.models import Compartment, Participation
from handup.people.queries.persons import hidden_from_all
from handup.results.columns import cluster, duck, keyed, national, night, writing
from handup.results.columns.asking import ask
from handup.results.columns.writing import read_manifest, write_snapshot
from handup.results.computing import compute
from handup.results.definitions import catalogue
from handup.results.gathering import Source
from handup.results.rules.declared import DECLARED
from handup.results.rules.expressions import Asked
from handup.results.rules.fact_tables import STORED

pytestmark = pytest.mark.django_db
LENT = [code for code in DECLARED if code.startswith("MED-FIN")]
DAY = date(2026, 1, 31)
DAYS = (START, date(2025, 2, 16), MARCH, MAY, date(2025, 6, 30), date(2026, 3, 1))

PARTS = 3
"""The kinds of loans, dealt out to as many questions as are asked side by side."""


@pytest.fixture
def world() -> World:
    """Lenders, products and people, nothing lent yet."""
    return make_world()


@pytest.fixture(autouse=True)
def place(settings: LazySettings, tmp_path: Path) -> LazySettings:
    """A data folder of its own."""
    settings.DATA_DIR = tmp_path / "data"
    return settings


@pytest.mark.parametrize("part", range(PARTS))
def test_each_changed_loan_counts_as_lending_counts_it(
    world: World, tmp_path: Path, part: int
) -> None:
    kinds = OFFERED[part::PARTS]
    for of in kinds:
        for change in {**CHANGES, **MORE}.values():
            happened = [replace(item, id=new_id()) for item in (paid_out(KINDS[of]), *change)]
            try:
                fold(happened, terms=KINDS[of])
            except Refusal:
                continue  # such terms know no such change
            store(world, stored_loan(world, KINDS[of], world.direct), happened)
    written = write_snapshot(DAYS[-1], folder=tmp_path / "facts")
    source = Source(world.programme, DAYS[-1])
    assert written.rows["loan"] > 5 * len(kinds)
    since = date(2025, 2, 1)
    with duck.opened([written.folder]) as (lake, fetch):
        for asked in (*map(Asked, DAYS), Asked(MARCH, since), Asked(DAYS[-1], since)):
            lake.derived.clear()
            found = ask(lake, fetch, LENT, asked, (), at_once=len(LENT))
            for code in LENT:
                figure = compute(DECLARED[code], catalogue(), source, asked, ())
                counted = (found[code].only.numerator, found[code].only.denominator)
                assert counted == (figure.numerator, figure.denominator), (code, asked, kinds)


def facts(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every row of a snapshot with the name of its table."""
    for table in STORED:
        for row in parquet.read_table(folder / f"{table.name}.parquet").to_pylist():
            yield table.name, row


def test_a_snapshot_holds_declared_columns_and_nobodys_identity(
    world: World, tmp_path: Path
) -> None:
    running(world)
    Participation.objects.create(
        person=world.person,
        programme=world.programme,
        state="ACTIVE",
        applied_date=START,
        started_date=START,
    )
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    for table in STORED:
        held = set(parquet.read_schema(written.folder / f"{table.name}.parquet").names)
        assert held == {
            column.name for column in table.columns.values() if column.data_class != "S"
        }
    text = json.dumps([row for _table, row in facts(written.folder)], default=str)
    person = world.person
    for told in (str(person.pk), person.registration_no, person.display_name, person.phone):
        assert not told or told not in text
    assert written.rows["service"] > 0
    assert not written.sensitive
    told = json.loads((written.folder / "snapshot.json").read_text())
    assert told["columns"]["loan"]["person"] == "P"
    assert "displacement" not in told["columns"]["loan"]
    with_status = write_snapshot(DAY, sensitive=True, folder=tmp_path / "status")
    assert "displacement" in parquet.read_schema(with_status.folder / "loan.parquet").names


def test_nobody_who_is_hidden_is_in_a_snapshot(world: World, tmp_path: Path) -> None:
    running(world)
    before = write_snapshot(DAY, folder=tmp_path / "before")
    Compartment.objects.create(
        person=world.person, kind="PERSON", opened_by=world.cast.director, opened_date=DAY
    )
    hidden_changed()
    assert world.person.pk in hidden_from_all()
    after = write_snapshot(DAY, folder=tmp_path / "after")
    hidden = keyed.number(keyed.house_key(), str(world.person.pk))
    assert any(row.get("person") == hidden for _table, row in facts(before.folder))
    assert not any(row.get("person") == hidden for _table, row in facts(after.folder))
    assert (before.rows["loan"], after.rows["loan"]) == (1, 0)
    assert (before.rows["due"] > 0, after.rows["due"]) == (True, 0)


def test_numbers_are_the_same_in_one_house_and_others_in_another(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(world)

    def persons(name: str) -> set[Any]:
        written = write_snapshot(DAY, folder=tmp_path / name)
        return {row["person"] for table, row in facts(written.folder) if table == "loan"}

    first, again = persons("first"), persons("again")
    other_house(monkeypatch, b"another house")
    assert first == again
    assert not first & persons("other")


def other_house(monkeypatch: pytest.MonkeyPatch, key: bytes) -> None:
    """From now on everything is written as another house would."""
    monkeypatch.setattr(keyed, "house_key", lambda: key)
    monkeypatch.setattr(writing, "house_key", lambda: key)
    monkeypatch.setattr(writing, "key_for", lambda recipient: key + recipient.bytes)


def test_what_is_no_snapshot_or_was_changed_or_stands_twice_is_refused(
    world: World, tmp_path: Path
) -> None:
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    copied = write_snapshot(DAY, folder=tmp_path / "again")
    asked = Asked(DAY)
    with pytest.raises(national.MadeForNobody):
        national.houses_of([written.folder, copied.folder], asked)
    with pytest.raises(national.EndsBeforeItBegins):
        national.houses_of([written.folder], Asked(DAY, date(2026, 2, 1)))
    with pytest.raises(national.DayNotKnown):
        national.houses_of([written.folder], Asked(date(2026, 2, 1)))
    with pytest.raises(national.NothingToCount):
        national.houses_of([], asked)
    (tmp_path / "empty").mkdir()
    with pytest.raises(writing.NotASnapshot):
        read_manifest(tmp_path / "empty")
    (written.folder / "loan.parquet").write_bytes(b"something else")
    with pytest.raises(writing.SnapshotChanged):
        national.houses_of([written.folder], asked)


def test_what_was_received_later_is_not_counted_as_known_then(world: World, tmp_path: Path) -> None:
    running(world)
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    source = Source(world.programme, DAY)
    received = max(int(str(row["received"])) for row in source.table("loan"))
    with duck.opened([written.folder]) as (lake, fetch):
        for known_at, expected in ((received, 1), (received - 1, 0)):
            asked = Asked(DAY, known_at=known_at)
            found = ask(lake, fetch, ["MED-FIN-01"], asked, ())["MED-FIN-01"]
            figure = compute(DECLARED["MED-FIN-01"], catalogue(), source, asked, ())
            assert found.only.numerator == figure.numerator == expected


def test_only_the_last_snapshots_stay_and_the_night_writes_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "KEPT", 2)
    for _time in range(3):
        night.snapshot_of_yesterday.func()
    assert len(writing.finished()) == len(list(writing.base().iterdir())) == 2
    assert ReadEntry.objects.filter(door="JOB", action="EXPORT").count() == 3


def test_the_embedded_engine_fetches_nothing(world: World, tmp_path: Path) -> None:
    written = write_snapshot(DAY, folder=tmp_path / "facts")
    with duck.opened([written.folder]) as (lake, _fetch):
        engine = lake.stored["loan"].get_backend()
        for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
            [(value,)] = engine.raw_sql(f"SELECT current_setting('{name}')").fetchall()
            assert value is False


def test_a_packaged_java_is_started_without_the_part_it_has_not(tmp_path: Path) -> None:
    runtime = tmp_path / "runtime/bin"
    runtime.mkdir(parents=True)
    (runtime / "java").write_text('#!/bin/sh\nfor one do echo "[$one]"; done\n')
    (runtime / "java").chmod(0o700)
    home = cluster.packaged_java(tmp_path / "runtime", tmp_path)
    words = [str(home / "bin/java"), "-cp", "a b", cluster.NOT_THERE, "Main"]
    told = subprocess.run(words, capture_output=True, text=True, check=True)
    assert told.stdout.split("\n") == ["[-cp]", "[a b]", "[Main]", ""]


def test_the_secret_of_a_cluster_is_read_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / cluster.PROPERTIES
    with pytest.raises(cluster.SecretMissing):
        cluster.secret_of(file)
    file.write_text("spark.authenticate true\nspark.authenticate.secret abc\n")
    assert cluster.secret_of(file) == "abc"


@pytest.mark.parametrize(
    ("release", "wanted"),
    [('JAVA_VERSION="17.0.15"\n', True), ('JAVA_VERSION="11.0.2"\n', False), (None, False)],
)
def test_the_java_of_the_machine_is_taken_where_it_is_new_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str | None, wanted: bool
) -> None:
    home = tmp_path / "jdk"
    (home / "bin").mkdir(parents=True)
    (home / "bin/java").write_text("")
    if release is not None:
        (home / "release").write_text('IMPLEMENTOR="Debian"\n' + release)
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (cluster.java_home(tmp_path) == home) is wanted
