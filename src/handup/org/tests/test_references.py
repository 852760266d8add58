"""What a test stored is proved on either database, though SQLite reads only what was written."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from handup.org.models import Area
from handup.org.tests.references import Heard, pointing_to, told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("sql", "written", "deleted", "reshaped"),
    [
        ('INSERT INTO "org_area" ("id") VALUES (%s)', {"org_area"}, set(), False),
        ('INSERT OR IGNORE INTO "org_area" SELECT 1', {"org_area"}, set(), False),
        ('UPDATE "org_area" SET "level" = 1', {"org_area"}, set(), False),
        ('DELETE FROM "org_area" WHERE 1', {"org_area"}, {"org_area"}, False),
        ("WITH one AS (SELECT 1) DELETE FROM org_area", {"org_area"}, {"org_area"}, False),
        ('SELECT "org_area"."id" FROM "org_area"', set(), set(), False),
        ("  DROP TRIGGER kept", set(), set(), True),
    ],
)
def test_a_statement_tells_what_it_writes(
    sql: str, written: set[str], deleted: set[str], reshaped: bool
) -> None:
    wrote, lost, changed = told(sql)
    assert (set(wrote), set(lost), changed) == (written, deleted, reshaped)


def test_of_rows_that_went_those_that_point_to_them_are_proved() -> None:
    heard = Heard()
    heard.hear('DELETE FROM "org_office" WHERE 1')
    tables = heard.tables()
    assert tables is not None
    assert set(tables) == pointing_to()["org_office"] | {"org_office"}
    assert len(tables) > 5
    assert heard.tables() == []
    heard.hear("CREATE TABLE x (id)")
    assert heard.tables() is None


@transaction.atomic
def proved_after(sql: str, *values: str) -> None:
    """Run a statement and prove the references; taken back where they are wrong."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
    connection.check_constraints()


def test_a_row_that_points_nowhere_is_found() -> None:
    place = Area.objects.create(code="A", names={"en": "A"}, level=1)
    connection.check_constraints()
    with pytest.raises(IntegrityError, match="org_area"):
        proved_after("UPDATE org_area SET parent_id = %s WHERE id = %s", uuid4().hex, place.pk.hex)
    connection.check_constraints()


def test_a_row_whose_parent_went_is_found() -> None:
    above = Area.objects.create(code="A", names={"en": "A"}, level=1)
    Area.objects.create(code="B", names={"en": "B"}, level=2, parent=above)
    connection.check_constraints()
    with pytest.raises(IntegrityError, match="org_area"):
        proved_after("DELETE FROM org_area WHERE id = %s", above.pk.hex)
    connection.check_constraints()
