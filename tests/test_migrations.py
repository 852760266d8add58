"""Migrations lead to the tables the models describe.

Tests on SQLite make their tables from the models, which is quicker (`--nomigrations` in
pyproject.toml); the run on PostgreSQL makes them by migrations, and this file compares the two.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from tests.source import ROOT

LIST_COLUMNS = """
import json, django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    names = connection.introspection.table_names(cursor)
    describe = connection.introspection.get_table_description
    columns = {name: sorted(item.name for item in describe(cursor, name)) for name in names}
print(json.dumps(columns))
"""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An empty SQLite database in a folder of its own."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("HANDUP_")}
    return env | {
        "HANDUP_DATA": str(tmp_path_factory.mktemp("migrated")),
        "PYTHONPATH": str(ROOT / "src"),
        "DJANGO_SETTINGS_MODULE": "handup.config.settings",
    }


def django(env: dict[str, str], *words: str) -> str:
    """Run Django's command line; its output."""
    done = subprocess.run(
        [sys.executable, "-m", "django", *words], env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_no_migration_is_missing(surroundings: dict[str, str]) -> None:
    assert "No changes detected" in django(surroundings, "makemigrations", "--check", "--dry-run")


def test_migrations_lead_to_the_columns_of_the_models(surroundings: dict[str, str]) -> None:
    django(surroundings, "migrate", "--no-input", "-v", "0")
    assert Path(surroundings["HANDUP_DATA"], "handup.sqlite3").exists()
    listed = subprocess.run(
        [sys.executable, "-c", LIST_COLUMNS], env=surroundings, capture_output=True, text=True
    )
    tables = json.loads(listed.stdout)
    for model in apps.get_models(include_auto_created=True):
        if model._meta.managed and not model._meta.proxy:
            columns = sorted(str(field.column) for field in model._meta.concrete_fields)
            assert tables.get(model._meta.db_table) == columns, model._meta.label


@pytest.mark.django_db
def test_every_model_has_its_table_in_the_database_of_the_tests() -> None:
    tables = set(connection.introspection.table_names())
    wanted = {model._meta.db_table for model in apps.get_models() if model._meta.managed}
    assert wanted <= tables, wanted - tables
