"""What a virus scanner knows is never kept, and while it is silent nothing is taken."""

import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from handup.org import scanning
from handup.org.models import StaffUser, StoredFile
from handup.org.tests.test_house_services import PDF, store

SCANNER = (
    "import sys; told = sys.stdin.buffer.read();"
    " sys.exit(1 if b'HARMFUL' in told else 2 if b'UNSURE' in told else 0)"
)


@pytest.fixture
def installed(settings: Settings) -> Settings:
    settings.SCANNER = [sys.executable, "-c", SCANNER]
    return settings


def test_a_clean_file_is_kept_and_a_harmful_one_is_not(
    officer: StaffUser, installed: Settings
) -> None:
    kept = store(officer, content=PDF)
    with pytest.raises(scanning.FileHarmful) as refused:
        store(officer, content=PDF + b" HARMFUL")
    assert refused.value.field == "file"
    assert list(StoredFile.objects.all()) == [kept]
    assert len([path for path in Path(installed.MEDIA_ROOT).rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("command", [["/no/such/scanner"], [sys.executable, "-c", SCANNER]])
def test_a_scanner_that_says_neither_lets_nothing_in(
    officer: StaffUser, settings: Settings, command: list[str]
) -> None:
    settings.SCANNER = command
    with pytest.raises(scanning.NotScanned):
        store(officer, content=PDF + b" UNSURE")
    assert not StoredFile.objects.exists()


def test_a_scanner_that_never_ends_lets_nothing_in(
    officer: StaffUser, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "SECONDS", 0.2)
    settings.SCANNER = [sys.executable, "-c", "import time; time.sleep(30)"]
    with pytest.raises(scanning.NotScanned):
        store(officer, content=PDF)
    assert not StoredFile.objects.exists()


def test_without_a_scanner_files_are_kept(officer: StaffUser, settings: Settings) -> None:
    settings.SCANNER = []
    kept = store(officer, content=PDF + b" HARMFUL")
    assert list(StoredFile.objects.all()) == [kept]
