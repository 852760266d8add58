"""What a person sees while the demonstration loads."""

import pytest

from handup import cli
from handup.cli import demo
from handup.demo.profiles import Profile
from handup.org.models import StaffUser


def test_each_step_is_one_line_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    bar = demo.Bar()
    for done in range(4):
        bar("Families", done, 3)
    bar("Loans", 0, 1)
    bar.end()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(" … ")[0].strip() for line in lines] == ["Families", "Loans"]


@pytest.mark.django_db
def test_it_is_not_loaded_into_a_database_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    StaffUser.objects.create_user("officer")
    assert cli.main(["demo", "load", "--profile", Profile.STORY.value]) == 1
    assert "only into an empty one" in capsys.readouterr().err
    assert StaffUser.objects.count() == 1
