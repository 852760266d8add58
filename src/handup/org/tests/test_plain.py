"""Rows read plainly are the rows the ORM reads."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, timedelta

import pytest
from django.db import models, transaction

from handup.kernel.ids import new_id
from handup.org.models import Area, Grant, StaffUser, StoredFile
from handup.org.plain import named, rows_where
from handup.org.rules.access import Role, ScopeKind

pytestmark = pytest.mark.django_db


def held(row: models.Model) -> dict[str, object]:
    """What an instance holds of its columns, sealed values as they lie there."""
    return {field.attname: row.__dict__[field.attname] for field in row._meta.concrete_fields}


def everything(model: type[models.Model]) -> None:
    rows = {row.pk: row for row in model._base_manager.all()}
    assert rows
    read = {row.pk: row for row in rows_where(model, "id", list(rows))}
    assert read == rows
    for pk, row in rows.items():
        assert held(read[pk]) == held(row)
        assert not read[pk]._state.adding
        assert read[pk]._state.db == row._state.db


def test_texts_days_instants_numbers_and_json_read_as_the_orm_reads_them(
    officer: StaffUser,
) -> None:
    parent = Area.objects.create(code="P", names={"hy": "Մարզ"}, valid_from=date(2020, 2, 29))
    Area.objects.create(code="C", parent=parent)
    for model in (Area, StaffUser, Grant):
        everything(model)


def test_a_sealed_text_stays_sealed_and_opens_for_its_reader(officer: StaffUser) -> None:
    file = StoredFile.objects.create(
        name="Ani.pdf",
        content_type="application/pdf",
        size=3,
        sha256="0" * 64,
        klass="P",
        stored_name="a" * 32,
        object_type="org.area",
        object_id="1",
        added_by=officer,
    )
    everything(StoredFile)
    (read,) = rows_where(StoredFile, "id", [file.pk])
    assert "Ani" not in repr(read.__dict__["name"])
    assert read.name == "Ani.pdf"
    assert rows_where(Grant, "staff_id", [officer.pk], also="AND 1 = 0") == []


def test_more_of_a_condition_orders_and_narrows_and_a_lock_changes_nothing(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    areas = [Area.objects.create(code=f"A{place}", level=place % 2) for place in range(6)]
    ids = [area.pk for area in areas]
    with django_assert_num_queries(1):
        odd = rows_where(Area, "id", ids, also='AND "level" = 1 ORDER BY "code" DESC')
    assert [area.code for area in odd] == ["A5", "A3", "A1"]
    with transaction.atomic():
        assert len(rows_where(Area, "id", ids[:2], lock=True)) == 2
    with django_assert_num_queries(0):
        assert rows_where(Area, "id", []) == []
    assert rows_where(Area, "id", [new_id()]) == []


def test_a_row_read_plainly_is_saved_like_any_other(officer: StaffUser) -> None:
    grant = Grant.objects.create(
        staff=officer,
        role=Role.CASHIER,
        scope=ScopeKind.ALL,
        starts=date(2026, 1, 1),
        ends=date(2026, 6, 1),
    )
    (read,) = rows_where(Grant, "id", [grant.pk])
    assert read.staff == officer
    read.ends += timedelta(days=1)
    read.save()
    assert Grant.objects.get(pk=grant.pk).ends == date(2026, 6, 2)


def test_columns_left_out_are_read_when_they_are_asked_for(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    area = Area.objects.create(code="A", names={"en": "North"}, valid_from=date(2020, 2, 29))
    with django_assert_num_queries(1):
        (read,) = rows_where(Area, "id", [area.pk], only=("id", "code"))
        assert read.code == "A"
    with django_assert_num_queries(1):
        assert read.names == {"en": "North"}
    with django_assert_num_queries(0):
        stand_in = named(Area, area.pk)
        assert stand_in == area
    with django_assert_num_queries(1):
        assert stand_in.code == "A"
