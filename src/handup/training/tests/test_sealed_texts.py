"""Reasons told about a person lie sealed, also those that were stored before they were."""

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from tests import walking

from handup.org import triggers
from handup.org.models import Office
from handup.org.sealing import open_tables, seal_columns
from handup.training.models import Attendance, Enrolment, Placement
from handup.training.sections import erase

TOLD = "her husband does not let her come"


def stored(model: type[Model], column: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{model._meta.db_table}"')
        return {row[0] for row in cursor.fetchall()}


def write_plainly(model: type[Model], column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{column}" = %s', [TOLD])


@pytest.fixture
def samples(db: None) -> None:
    walking.samples(walking.staff_everywhere("everyone"), Office.objects.create(code="o", name="O"))


@pytest.mark.usefixtures("samples")
def test_what_lay_open_is_sealed_and_still_read() -> None:
    editor = connection.SchemaEditorClass(connection)
    columns = ((Enrolment, "reason_text"), (Placement, "reject_reason"), (Attendance, "reason"))
    names = [(model.__name__, column) for model, column in columns]
    open_tables("training", "Attendance")(apps, editor)
    for model, column in columns:
        write_plainly(model, column)
    seal_columns("training", *names)(apps, editor)
    triggers.create(connection)
    for model, column in columns:
        assert model._default_manager.exists()
        assert TOLD not in " ".join(stored(model, column))
        assert {getattr(row, column) for row in model._default_manager.all()} == {TOLD}


@pytest.mark.usefixtures("samples")
def test_a_reason_is_blanked_when_she_asks_for_it() -> None:
    row = Attendance.objects.select_related("enrolment").first()
    assert row is not None
    Attendance.objects.create(
        session=row.session,
        enrolment=row.enrolment,
        minutes=row.minutes,
        corrects=row,
        reason=TOLD,
        recorded_by=row.recorded_by,
    )
    assert TOLD not in " ".join(stored(Attendance, "reason"))
    with transaction.atomic():
        erase(row.enrolment.person_id)
    assert stored(Attendance, "reason") == {""}
