"""Migrations lead to the tables the models describe.

Tests on SQLite make their tables from the models, which is quicker (`--nomigrations` in
pyproject.toml); the run on PostgreSQL makes them by migrations, and this file compares the two.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from tests.migrated import migrated_house, surroundings

CONTENTS = """
import json, django
django.setup()
from django.db import connection
describe = connection.introspection.get_table_description
with connection.cursor() as cursor:
    columns = {
        name: sorted(item.name for item in describe(cursor, name))
        for name in connection.introspection.table_names(cursor)
    }
    rows = {}
    for name in columns:
        cursor.execute(f'SELECT count(*) FROM "{name}"')
        rows[name] = cursor.fetchone()[0]
    cursor.execute("SELECT type, tbl_name, count(*) FROM sqlite_master GROUP BY 1, 2")
    things = sorted(map(list, cursor.fetchall()))
print(json.dumps({"columns": columns, "rows": rows, "things": things}))
"""

FORGET = """
import sys, django
django.setup()
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
steps = MigrationLoader(None).disk_migrations.values()
apps = sys.argv[2:] or [step.app_label for step in steps if step.replaces]
rows = MigrationRecorder.Migration.objects.filter(app__in=apps, name=sys.argv[1])
print(rows.delete()[0])
"""


def python(env: dict[str, str], *words: str) -> str:
    """Run Python; its output."""
    done = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is in a database that went through every migration."""
    folder = tmp_path_factory.mktemp("migrated")
    migrated_house(folder)

    contents: dict[str, Any] = json.loads(python(surroundings(folder), "-c", CONTENTS))
    return contents


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The surroundings of a database that `handup migrate` made at once."""
    env = surroundings(tmp_path_factory.mktemp("quick"))
    python(env, "-m", "handup.cli", "migrate")
    return env


def test_no_migration_is_missing(tmp_path: Path) -> None:
    words = ("-m", "django", "makemigrations", "--check", "--dry-run")
    assert "No changes detected" in python(surroundings(tmp_path), *words)


def test_migrations_lead_to_the_columns_of_the_models(migrated: dict[str, Any]) -> None:
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            columns = sorted(str(field.column) for field in model._meta.concrete_fields)
            assert migrated["columns"].get(model._meta.db_table) == columns, model._meta.label


def test_the_quick_way_makes_the_same_database(
    migrated: dict[str, Any], quick: dict[str, str]
) -> None:
    """Tables, indexes, triggers and rows; `handup migrate` in an empty database."""
    assert python(quick, "-m", "handup.cli", "migrate", "--check") == ""
    made = json.loads(python(quick, "-c", CONTENTS))
    assert made["columns"] == migrated["columns"]
    assert made["things"] == migrated["things"]
    assert made["rows"] == migrated["rows"]


def test_a_database_of_before_is_known(quick: dict[str, str]) -> None:
    """One step an application stands for all its older ones; a part of them is not enough."""
    assert int(python(quick, "-c", FORGET, "0001_tables")) > 9
    assert python(quick, "-m", "handup.cli", "migrate", "--check") == ""
    for name in ("0001_tables", "0044_told_again"):
        python(quick, "-c", FORGET, name, "lending")
    words = (sys.executable, "-m", "handup.cli", "migrate")
    done = subprocess.run(words, env=quick, capture_output=True, text=True)
    assert done.returncode == 1
    assert "the last version that has lending/migrations/0044_told_again.py" in done.stderr


@pytest.mark.soak
def test_django_itself_goes_the_same_way(migrated: dict[str, Any], tmp_path: Path) -> None:
    """Without the shortcut of tools/migrations.py."""
    env = surroundings(tmp_path)
    python(env, "-m", "django", "migrate", "--no-input", "-v", "0")
    assert json.loads(python(env, "-c", CONTENTS)) == migrated


@pytest.mark.django_db
def test_every_model_has_its_table_in_the_database_of_the_tests() -> None:
    tables = set(connection.introspection.table_names())
    wanted = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    assert wanted <= tables, wanted - tables
