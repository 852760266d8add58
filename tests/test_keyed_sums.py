"""Whoever holds a copy of a file of persons learns nowhere in the database that it was handed over
here: its sum is keyed, and no change of the index key makes a file unknown."""

import hashlib
from datetime import date
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.apps import apps
from django.db import connection
from pytest_django import Settings

from handup.lending.models import OldBook
from handup.org import keys, triggers
from handup.org.models import Office
from handup.org.services.files import sum_of_sealed
from tests import walking
from tests.factory import Factory

KEYED = {
    "desk.ImportBatch": "desk.migrations.0002_keyed_sums_of_files",
    "org.EditedList": "org.migrations.0004_keyed_sums_of_files",
    "lending.BankFile": "lending.migrations.0004_keyed_sums_of_files",
    "lending.BankList": "lending.migrations.0004_keyed_sums_of_files",
    "lending.BankStatement": "lending.migrations.0004_keyed_sums_of_files",
    "lending.OldBook": "lending.migrations.0004_keyed_sums_of_files",
    "lending.PaymentBatch": "lending.migrations.0004_keyed_sums_of_files",
}
CONTENT = b"name,number\nAni Sargsyan,AB123456\n"


def test_files_taken_before_are_known_again_by_their_keyed_sum(db: None) -> None:
    staff = walking.staff_everywhere("everyone")
    factory = Factory(staff, Office.objects.create(code="here", name="Here"))
    editor = SimpleNamespace(connection=connection)
    plain = hashlib.sha256(CONTENT).hexdigest()
    lender: Any = factory.row(apps.get_model("lending.Lender"))
    programme: Any = factory.row(apps.get_model("projects.Programme"))
    factory.made[OldBook] = OldBook.objects.create(
        code="OLD",
        name="Old book",
        lender=lender,
        programme=programme,
        officer=staff,
        opened_by=staff,
        terms={},
        contra_role="CASH",
        cutover_date=date(2026, 1, 5),
    )
    rows: dict[str, Any] = {label: factory.row(apps.get_model(label)) for label in KEYED}
    triggers.lift(connection, "lending_banklist")
    for label, row in rows.items():
        assert row is not None, label
        type(row)._base_manager.filter(pk=row.pk).update(sha256=plain)
    for name in dict.fromkeys(KEYED.values()):
        import_module(f"handup.{name}").key_sums(apps, editor)
    triggers.create(connection)
    for label, row in rows.items():
        row.refresh_from_db()
        assert (label, row.sha256) == (label, sum_of_sealed(CONTENT))
    assert sum_of_sealed(CONTENT) != plain


def test_a_change_of_the_index_key_changes_no_sum(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    before = sum_of_sealed(CONTENT)
    keys.add_index_key()
    assert sum_of_sealed(CONTENT) == before


def test_no_table_of_files_is_forgotten() -> None:
    """A new table with a sum says here that it is keyed, or why it may be plain."""
    plain = {
        "org.StoredFile",  # keyed where sealed
        "people.Disclosure",  # that of its stored file
        "plans.PlanVersion",
        "projects.TransferBatch",  # of the sealed package, which whoever carries it reckons anew
        "results.ExchangeFile",  # of what is published
        "results.ImportedActivity",  # of what others published
        "results.Snapshot",  # of counts and of digests of rows, no file
        "projects.Document",  # of class I, not sealed
        "surveys.QuestionnaireVersion",
        "surveys.Submission",
    }
    found = {
        model._meta.label
        for model in apps.get_models()
        if any(field.name == "sha256" for field in model._meta.fields)
    }
    assert found - plain == set(KEYED)
