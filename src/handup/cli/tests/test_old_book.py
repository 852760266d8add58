"""`handup import --old-book`: lists are taken, each loan is tried, nothing is signed."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from handup.cli import main
from handup.lending.models import Loan, OldBook
from handup.lending.services.old_books import open_old_book
from handup.lending.tests.cast import World, make_world
from handup.lending.tests.old_books import book_of, half_even


@pytest.fixture
def world(db: None) -> World:
    """Everything a loan needs."""
    return make_world()


def begun(world: World) -> OldBook:
    today = timezone.localdate()
    return open_old_book(
        acting_staff=world.cast.accountant,
        code="OLD",
        name="Old system",
        lender=world.direct,
        programme=world.programme,
        terms={"preset": "fineract-cumulative-months"},
        cutover_date=today - timedelta(days=1),
        on=today,
    )


def test_lists_are_tried_on_the_command_line(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lists, _people = book_of(world, half_even, loans=2)
    begun(world)
    path = tmp_path / "old.zip"
    path.write_bytes(lists.zipped())
    words = ["import", str(path), "--old-book", "OLD", "--staff", "accountant"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["loans"], told["equal"], told["differing"]) == (2, 2, [])
    lists.schedules[0][3:7] = ["74.55", "19.01", "74.55", "19.01"]
    lists.schedules[1][3:7] = ["75.02", "18.54", "75.02", "18.54"]
    path.write_bytes(lists.zipped())
    assert main(words) == 1
    assert "principal" in capsys.readouterr().out
    assert not Loan.objects.exists()


def test_a_portfolio_nobody_began_is_refused_by_name(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "old.csv"
    path.write_text("loan\n1\n")
    assert main(["import", str(path), "--old-book", "NONE", "--staff", "accountant"]) == 1
    assert "There is no portfolio NONE" in capsys.readouterr().err
