"""The demonstration's books earn interest and keep an allowance: nothing owed stands below zero."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from handup.demo.foundation import Ground
from handup.demo.period_end import ends_of, post_period_ends
from handup.ledger.models import Book, Run
from handup.ledger.queries import balance
from handup.lending.tests.cast import World, clean, make_world, repay, running
from handup.org.rules.access import Role

ON = date(2025, 11, 20)


@pytest.fixture
def world(db: None) -> World:
    """A loan of 15 January 2025 with its first instalment paid."""
    world = of_the_programme(make_world())
    loan = running(world)
    repay(world, loan, date(2025, 2, 15), 113_47)
    return world


def of_the_programme(world: World) -> World:
    """Its book belongs to the programme, as in the demonstration."""
    Book.objects.filter(pk=world.book.pk).update(programme_id=world.programme.pk)
    return world


def ground(world: World) -> dict[str, Ground]:
    told: Any = SimpleNamespace(
        programme=world.programme, cast={Role.ACCOUNTANT: world.cast.accountant}
    )
    return {"here": cast(Ground, told)}


def test_interest_due_is_no_longer_below_zero(world: World) -> None:
    assert balance(world.book, "INTEREST_DUE") < 0
    done: list[int] = []
    post_period_ends(ground(world), ON, done.append)
    assert balance(world.book, "INTEREST_DUE") >= 0
    assert balance(world.book, "ALLOWANCE") < 0
    assert done == [1]
    assert set(Run.objects.values_list("kind", flat=True)) == {"ACCRUAL", "PROVISION"}
    clean()


def test_years_with_loans_end_and_so_does_the_last_month(world: World) -> None:
    assert ends_of(world.book, ON) == [date(2025, 10, 31)]
    assert ends_of(world.book, date(2027, 3, 9)) == [date(2025, 12, 31), date(2027, 2, 28)]
    assert ends_of(world.book, date(2026, 1, 1)) == [date(2025, 12, 31)]


def test_a_book_without_loans_runs_nothing(db: None) -> None:
    world = of_the_programme(make_world())
    post_period_ends(ground(world), ON, lambda _count: None)
    assert not Run.objects.exists()
