"""The command that checks an IATI file."""

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from handup.cli import main

GOOD = "worked/iom-armenia-med.xml"
FAULTY = "samples/worldbank-679-results-2.03.xml"


@pytest.fixture
def folder(shared: Path, settings: Settings) -> Path:
    settings.IATI_PACK = shared / "data/iati"
    return shared / "data/iati"


def test_the_command_says_what_it_found(
    folder: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["iati", "check", str(folder / GOOD)]) == 0
    assert "0 found, can be published" in capsys.readouterr().out
    assert main(["iati", "check", str(folder / FAULTY), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert len(told["findings"]) == 358 + 1 + 6 + 26 + 26 + 8 + 26
    assert (told["is_publishable"], len(told["skipped"])) == (False, 10)
    assert main(["iati", "check", str(tmp_path / "none.xml")]) == 2


def test_without_the_rules_the_command_says_how_to_get_them(
    folder: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.IATI_PACK = None
    assert main(["iati", "check", str(folder / GOOD)]) == 1
    assert "HANDUP_IATI_PACK" in capsys.readouterr().err
