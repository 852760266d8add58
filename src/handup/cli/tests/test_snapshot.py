"""`handup snapshot` and `handup national`: what is written is counted, few are not told."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import LazySettings

from handup.cli import main
from handup.lending.tests.cast import World, make_world, running, staff
from handup.org.models import AuditLine, ReadEntry
from handup.org.rules.access import Role, ScopeKind
from handup.results.columns.writing import finished

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 31)


@pytest.fixture
def world(settings: LazySettings, tmp_path: Path) -> World:
    """Lenders, products and people in a data folder of their own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return make_world()


def test_the_commands_write_and_count(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    running(world)
    write = ["snapshot", "--as-of", DAY.isoformat(), "--staff", "manager"]
    assert main(write) == 0
    assert "rows" in capsys.readouterr().out
    folder = str(finished()[0].folder)
    words = ["national", folder, "--as-of", DAY.isoformat(), "--code", "MED-FIN-01"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["houses"] == 1
    assert told["figures"][0]["counted"] == "EXACT"
    assert told["figures"][0]["sums"] == [], "one loan is too few to be told"
    assert main([*write, "--status"]) == 0
    status = str(finished()[0].folder)
    capsys.readouterr()
    assert main(["national", folder, "--as-of", DAY.isoformat()]) == 0, "every indicator"
    told = json.loads(capsys.readouterr().out)
    assert told["not_counted"] == ["MED-TGT-01"], "target groups are not in this snapshot"
    assert not [one for one in told["figures"] if one["sums"] and one["code"].startswith("MED-FIN")]
    assert main(["national", status, "--as-of", DAY.isoformat(), "--code", "MED-TGT-01"]) == 0
    assert json.loads(capsys.readouterr().out)["not_counted"] == []
    assert main([*words, "--cluster", "spark://127.0.0.1:1"]) == 1, "no file of properties"


def test_a_snapshot_is_written_by_who_may_and_stands_in_trail_and_read_log(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    staff("here", Role.MANAGER, kind=ScopeKind.OFFICE, office=world.office)
    staff("counts", Role.ME_OFFICER)
    write = ["snapshot", "--as-of", DAY.isoformat(), "--staff"]
    for name, more in (
        ("nobody", ()),
        ("clerk", ()),
        ("officer", ()),
        ("here", ()),
        ("counts", ("--status",)),
    ):
        assert main([*write, name, *more]) == 1, name
        assert not finished(), name
    assert not AuditLine.objects.filter(action="results.write_columns").exists()
    assert not ReadEntry.objects.filter(door="COMMAND").exists()
    assert main([*write, "director", "--status"]) == 0
    [line] = AuditLine.objects.filter(action="results.write_columns")
    assert (line.staff, line.object_id) == (world.cast.director, str(world.programme.pk))
    assert (line.facts["day"], line.facts["status"]) == (DAY.isoformat(), True)
    [entry] = ReadEntry.objects.filter(door="COMMAND")
    assert (entry.staff, entry.action, entry.highest) == (world.cast.director, "EXPORT", "S")
    late = ["snapshot", "--as-of", "2999-01-01", "--staff", "director"]
    assert main(late) == 1
    said = capsys.readouterr().err
    assert "2999-01-01 has not come yet" in said


def test_without_a_name_nothing_is_written(world: World) -> None:
    with pytest.raises(SystemExit):
        main(["snapshot"])
