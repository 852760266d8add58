"""`handup replay-loans` works older loans out anew and says what it could not."""

from typing import Any

import pytest

from handup.cli import main
from handup.lending.errors import FutureDate
from handup.lending.models import Loan
from handup.lending.services import older_engine
from handup.lending.tests.cast import START, make_world, running


@pytest.mark.django_db
def test_the_command_says_what_changed_and_what_it_could_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = make_world()
    loan = running(world)
    Loan.objects.update(engine_version="1")

    def refuse(*_told: Any) -> bool:
        raise FutureDate(field="value_date", date=START)

    with monkeypatch.context() as patched:
        patched.setattr(older_engine, "_replay", refuse)
        assert main(["replay-loans", "--staff", "director"]) == 1
    assert f"{loan.code}  not replayed:" in capsys.readouterr().out
    assert main(["replay-loans", "--staff", "director"]) == 0
    assert "1 loans replayed, 0 of them changed." in capsys.readouterr().out
    assert main(["replay-loans", "--staff", "nobody"]) != 0
