"""What a person sees while the demonstration loads."""

import argparse

import pytest
from django.db import connection

from handup.demo import command
from handup.demo import load as loading
from handup.demo.load import NotEmpty
from handup.demo.profiles import Profile
from handup.org.models import StaffUser


def test_each_step_is_one_line_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    bar = command.Bar()
    for done in range(4):
        bar("Families", done, 3)
    bar("Loans", 0, 1)
    bar.end()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" … ")[0].strip() for line in lines] == ["Families", "Loans"]


@pytest.mark.django_db
def test_it_is_not_loaded_into_a_database_in_use() -> None:
    StaffUser.objects.create_user("officer")
    parser = argparse.ArgumentParser()
    command.add_arguments(parser)
    with pytest.raises(NotEmpty):
        command.run(parser.parse_args(["load", "--profile", "story"]))
    assert StaffUser.objects.count() == 1


@pytest.mark.django_db
def test_an_interrupted_load_leaves_nothing_behind_on_sqlite(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_told: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(loading, "load_programmes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        loading.load(Profile.STORY, lambda _title, _done, _total: None)
    assert StaffUser.objects.exists() is (connection.vendor != "sqlite")
