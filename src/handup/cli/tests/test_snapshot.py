"""`handup snapshot` and `handup national`: what is written is counted, few are not told."""

import json
from datetime import date
from pathlib import Path

import pytest
from django.conf import LazySettings

from handup.cli import main
from handup.lending.tests.cast import World, make_world, running

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 31)


@pytest.fixture
def world(settings: LazySettings, tmp_path: Path) -> World:
    """Lenders, products and people in a data folder of their own."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    return make_world()


def test_the_commands_write_and_count(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running(world)
    folder = str(tmp_path / "facts")
    assert main(["snapshot", "--as-of", DAY.isoformat(), "--to", folder]) == 0
    assert "rows" in capsys.readouterr().out
    words = ["national", folder, "--as-of", DAY.isoformat(), "--code", "MED-FIN-01"]
    assert main(words) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["houses"] == 1
    assert told["figures"][0]["counted"] == "EXACT"
    assert told["figures"][0]["sums"] == [], "one loan is too few to be told"
