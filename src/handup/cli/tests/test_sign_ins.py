"""What a newcomer is shown to sign in with."""

from argparse import Namespace
from pathlib import Path

import pytest
from django.conf import LazySettings

from handup.cli import sign_ins
from handup.org import demonstration
from handup.org.models import StaffUser


@pytest.fixture(autouse=True)
def own_data_folder(settings: LazySettings, tmp_path: Path) -> None:
    """The file of the sign-ins lies in a folder of this test."""
    settings.DATA_DIR = tmp_path


@pytest.mark.django_db
def test_each_role_is_shown_with_password_and_digits(capsys: pytest.CaptureFixture[str]) -> None:
    demonstration.mark()
    staff = StaffUser.objects.create_user("anahit", display_name="Anahit")
    made = demonstration.make_sign_ins([(staff, "LOAN_OFFICER")])
    assert sign_ins.run(Namespace(json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["role", "user", "name", "password", "six", "digits"]
    assert lines[1].split()[:4] == ["Loan", "officer", "anahit", made[0].password]
    assert len(lines[1].split()[4]) == 6


@pytest.mark.django_db
def test_a_database_with_real_work_shows_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert sign_ins.run(Namespace(json=False)) == 0
    assert "not a demonstration" in capsys.readouterr().out
