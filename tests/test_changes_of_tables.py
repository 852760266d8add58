"""The release before still works with the tables of this one (deploy/README.md, "Changes of
tables"), so that an upgrade stands still for nobody and going back needs no change.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from importlib import import_module
from typing import Any

import pytest
from django.contrib.postgres.operations import AddConstraintNotValid, AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

from tests.source import HOUSE

RENAMED = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)
FREE_UNTIL = date(2026, 12, 1)
"""Steps written before the first release had no release before them."""
UNDATED = {
    "desk": 2,
    "groups": 3,
    "ledger": 1,
    "lending": 7,
    "markets": 3,
    "org": 4,
    "people": 1,
    "plans": 1,
    "projects": 2,
    "results": 1,
    "surveys": 1,
    "sync": 4,
    "training": 5,
}
"""Up to this number the steps of a domain that say no day are of that time too."""


def faults(operations: Sequence[Operation], new: set[str] | None = None) -> list[str]:
    """What the release before would meet and fail at. `new`: tables made in the same release, which
    it does not know; they are added to as they are met."""
    made: set[str] = set() if new is None else new
    found: list[str] = []
    for one in operations:
        if isinstance(one, migrations.CreateModel):
            made.add(one.name.lower())
            continue
        if isinstance(one, RENAMED):
            found.append(f"renames {one.describe()}")
        elif isinstance(one, migrations.AddField):
            found += _added(one, made)
        elif isinstance(one, migrations.AddConstraint):
            if one.model_name.lower() not in made and not isinstance(one, AddConstraintNotValid):
                found.append(f"{one.constraint.name} may be broken by what stands there already")
        elif isinstance(one, migrations.AddIndex) and not isinstance(one, AddIndexConcurrently):
            if one.model_name.lower() not in made:
                found.append(f"{one.index.name} shuts the table while it is made")
        elif isinstance(one, migrations.SeparateDatabaseAndState):
            found += faults(one.database_operations, made)
    return found


def _added(one: migrations.AddField, made: set[str]) -> Iterator[str]:
    field = one.field
    if one.model_name.lower() in made or field.many_to_many or field.null:
        return
    if field.db_default is NOT_PROVIDED:
        yield f"{one.model_name}.{one.name}: the release before writes rows without it"


def removals(operations: Sequence[Operation]) -> list[str]:
    """What is taken away, by table and column."""
    gone = (migrations.RemoveField, migrations.DeleteModel)
    return [one.describe() for one in operations if isinstance(one, gone)]


def steps() -> list[tuple[str, Any, date]]:
    """Every step of the house: its name, itself, the day it was written on."""
    found = []
    for path in sorted(HOUSE.glob("*/migrations/0*.py")):
        app, number = path.parts[-3], int(path.name[:4])
        step = import_module(f"handup.{app}.migrations.{path.stem}").Migration
        undated = date.min if number <= UNDATED.get(app, 0) else date.max
        day = written(path.read_text(encoding="utf-8")) or undated
        found.append((f"{app} {path.stem}", step, day))
    return found


def written(text: str) -> date | None:
    """The day in the first line of a step, if it says one."""
    _, _, told = text.partition("\n")[0].partition(" on ")
    try:
        return date.fromisoformat(told[:10])
    except ValueError:
        return None


def test_nothing_is_renamed_and_nothing_is_taken_away_that_the_release_before_reads() -> None:
    """No step has done so yet; the first that takes away names here the release that stopped
    reading it."""
    wrong = []
    for name, step, _day in steps():
        renamed = [one for one in step.operations if isinstance(one, RENAMED)]
        wrong += [f"{name}: {one.describe()}" for one in renamed]
        wrong += [f"{name}: {gone}" for gone in removals(step.operations)]
    assert wrong == []


def test_steps_since_the_first_release_only_add() -> None:
    held = [(name, step) for name, step, day in steps() if day >= FREE_UNTIL]
    assert [f"{name}: {one}" for name, step in held for one in faults(step.operations)] == []
    assert len(steps()) > 50


WHOLE = models.IntegerField()
CHECK = models.CheckConstraint(condition=models.Q(units__gt=0), name="some")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (migrations.AddField("loan", "units", WHOLE), "loan.units: the release before"),
        (migrations.AddField("loan", "units", models.IntegerField(default=0)), "loan.units: the"),
        (migrations.AddField("loan", "units", models.IntegerField(db_default=0)), ""),
        (migrations.AddField("loan", "units", models.IntegerField(null=True)), ""),
        (migrations.RenameField("loan", "sum", "units"), "renames"),
        (migrations.RenameModel("loan", "credit"), "renames"),
        (migrations.AddConstraint("loan", CHECK), "some may be broken"),
        (AddConstraintNotValid("loan", CHECK), ""),
        (migrations.AddIndex("loan", models.Index(fields=["units"], name="quick")), "quick shuts"),
        (AddIndexConcurrently("loan", models.Index(fields=["units"], name="quick")), ""),
        (
            migrations.SeparateDatabaseAndState([migrations.AddField("loan", "units", WHOLE)]),
            "loan.units: the release before",
        ),
    ],
)
def test_what_the_release_before_fails_at_is_found(operation: Operation, words: str) -> None:
    found = faults([operation])
    assert len(found) == bool(words)
    assert all(one.startswith(words) for one in found)
    own = migrations.CreateModel("loan", [("id", models.UUIDField(primary_key=True))])
    if not isinstance(operation, RENAMED):
        assert faults([own, operation]) == [], "its own new table it may build as it likes"


def test_what_is_taken_away_is_found() -> None:
    assert len(removals([migrations.RemoveField("loan", "units")])) == 1
    assert len(removals([migrations.DeleteModel("loan")])) == 1


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("# Generated by Django 5.2.1 on 2026-11-28 20:15\n", date(2026, 11, 28)),
        ("from django.db import migrations\n", None),
        ("# Generated by hand on a rainy day\n", None),
    ],
)
def test_a_step_says_when_it_was_written(text: str, day: date | None) -> None:
    assert written(text) == day
