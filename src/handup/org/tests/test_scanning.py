"""What a virus scanner knows is never kept, and while it is silent nothing is taken."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.forms import FileField
from pytest_django import Settings

from handup.org import scanning
from handup.org.models import StaffUser, StoredFile
from handup.org.tests.test_house_services import PDF, store
from handup.org.web.forms import HouseForm

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


class PaperForm(HouseForm):
    """A form with a paper that need not be there."""

    paper = FileField(required=False)


def test_a_form_refuses_a_harmful_file_beside_its_field(installed: Settings) -> None:
    def form(content: bytes) -> PaperForm:
        return PaperForm({}, {"paper": SimpleUploadedFile("paper.pdf", content)})

    harmful = form(PDF + b" HARMFUL")
    assert not harmful.is_valid()
    assert list(harmful.errors) == ["paper"]
    read_before = form(PDF + b" HARMFUL")
    paper = read_before.files["paper"]
    assert isinstance(paper, SimpleUploadedFile)
    paper.read()  # as a form does that looks into its file itself
    assert not read_before.is_valid()
    clean = form(PDF)
    assert clean.is_valid()
    assert clean.cleaned_data["paper"].read() == PDF
    assert PaperForm({}, {}).is_valid()


def test_what_was_found_clean_is_not_looked_through_again_within_the_transaction(
    officer: StaffUser, installed: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    run = subprocess.run

    def watched(*args: Any, **options: Any) -> Any:
        seen.append(len(connection.savepoint_ids))
        return run(*args, **options)

    monkeypatch.setattr(subprocess, "run", watched)
    outside, content = len(connection.savepoint_ids), PDF + b" looked through before"
    scanning.require_clean(content)
    with transaction.atomic():
        store(officer, content=content)
    assert seen == [outside]
    for _again in range(2):  # what is refused is asked about each time
        with pytest.raises(scanning.FileHarmful):
            scanning.require_clean(PDF + b" HARMFUL")
    assert len(seen) == 3
    monkeypatch.setattr(scanning, "REMEMBERED_SECONDS", 0)
    scanning.require_clean(content)
    assert len(seen) == 4


def test_only_so_much_is_remembered(installed: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanning, "REMEMBERED_MOST", 2)
    monkeypatch.setattr(scanning, "_found_clean", {})
    for number in range(3):
        scanning._remember((str(number),))
    assert list(scanning._found_clean) == [("1",), ("2",)]
