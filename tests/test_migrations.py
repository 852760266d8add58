"""Every table is as its model says: no migration is missing, on either database."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    out = StringIO()
    call_command("makemigrations", check_changes=True, dry_run=True, stdout=out, verbosity=1)
    assert "No changes detected" in out.getvalue()


@pytest.mark.django_db
def test_every_model_has_its_table() -> None:
    tables = set(connection.introspection.table_names())
    ours = [model for model in apps.get_models() if model.__module__.startswith("handup.")]
    wanted = {model._meta.db_table for model in ours if model._meta.managed}
    assert wanted <= tables, wanted - tables
