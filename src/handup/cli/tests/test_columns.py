"""`handup columns` makes the copy of the loans in columns and says where it lies."""

from pathlib import Path

import pytest
from django.conf import LazySettings

from handup.cli import main
from handup.lending.columns import place


@pytest.mark.django_db
def test_the_command_makes_a_copy_and_says_where_it_lies(
    settings: LazySettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DATA_DIR = tmp_path
    assert place.current() is None
    assert main(["columns"]) == 0
    found = place.current()
    assert found is not None
    assert found.folder.name in capsys.readouterr().out
