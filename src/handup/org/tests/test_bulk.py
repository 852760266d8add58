"""Rows written set-based read back as rows saved one by one; many rows cost few statements."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import IntegrityError, transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.bulk import insert_rows, insert_values, unsaved, update_rows
from handup.org.lengths import TextTooLong
from handup.org.models import Area, AuditLine, Office, Setting, StaffUser

pytestmark = pytest.mark.django_db


def test_rows_inserted_together_read_back_as_rows_saved_alone() -> None:
    at = [
        datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
        datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone(timedelta(hours=4))),
    ]
    parent = Area.objects.create(code="P", names={"hy": "Մարզ", "en": "Province"})
    alone = Area(code="A", names={"en": "Town"}, parent=parent, recorded_at=at[0])
    alone.save()
    made = [
        Area(code=f"T{place}", names={"en": "Town"}, parent=parent, recorded_at=moment)
        for place, moment in enumerate([at[0], at[1], at[1]])
    ]
    insert_rows(made)
    stored = {row.code: row for row in Area.objects.filter(parent=parent)}
    assert [stored[f"T{place}"].recorded_at for place in range(3)] == [at[0], at[1], at[1]]
    for column in Area._meta.concrete_fields:
        if column.name not in {"id", "code", "path"}:  # an area writes its path as it is saved
            name = column.attname
            assert getattr(stored["T0"], name) == getattr(stored["A"], name), name
    assert not any(row._state.adding for row in made)


def test_a_long_batch_is_stored_as_single_rows_are() -> None:
    """On PostgreSQL it goes as one stream; no text is taken for one of its signs."""
    words = ["", "N", "\\N", "a\tb", "a\nb", "\\.", 'it"s', "Ձոր", "a\\b", "{}", "NULL"]
    parent = Area.objects.create(code="P")
    count = 4 * len(words)
    rows = [
        Area(
            code=f"L{place:03}",
            names={"en": words[place % len(words)]},
            parent=parent if place % 3 else None,
        )
        for place in range(count)
    ]
    insert_rows(rows)
    stored = {row.code: row for row in Area.objects.filter(code__startswith="L")}
    assert len(stored) == count
    for row in rows:
        kept = stored[row.code]
        assert (kept.pk, kept.names, kept.parent_id) == (row.pk, row.names, row.parent_id)
        assert kept.recorded_at == row.recorded_at
    again = [Area(code=row.code) for row in rows]
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_rows(again)
    assert Area.objects.filter(code__startswith="L").count() == count


def test_bulk_create_and_bulk_update_take_the_same_way(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    rows = [Area(code=f"T{place:03}") for place in range(300)]
    with django_assert_num_queries(1):
        assert Area.objects.bulk_create(rows, batch_size=50) == rows
    for row in rows[:200]:
        row.names = {"en": row.code}
        row.parent = rows[-1]
    with django_assert_num_queries(1):
        assert Area.objects.bulk_update(rows[:200], ["names", "parent"], batch_size=10) == 200
    assert Area.objects.get(code="T007").names == {"en": "T007"}
    assert Area.objects.get(code="T007").parent_id == rows[-1].pk
    assert Area.objects.get(code="T250").names == {}
    assert Area.objects.bulk_update([], ["names"]) == 0


def test_a_long_update_is_stored_as_single_rows_are() -> None:
    """On PostgreSQL its values go as lists; no text is taken for one of their signs."""
    words = ["", "NULL", "\\N", "a,b", "{}", '"', "a\\b", "'", "Ձոր", "%s", " "]
    parent = Area.objects.create(code="P")
    rows = [Area(code=f"U{place:03}", parent=parent) for place in range(4 * len(words))]
    insert_rows(rows)
    moment = datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    for place, row in enumerate(rows):
        row.code = f"{words[place % len(words)]}{place:03}"
        row.names = {"en": words[place % len(words)]}
        row.parent = parent if place % 3 else None
        row.recorded_at = moment
    told = ("code", "names", "parent", "recorded_at")
    assert update_rows(Area, told, rows) == len(rows)
    stored = Area.objects.in_bulk([row.pk for row in rows])
    for row in rows:
        for name in ("code", "names", "parent_id", "recorded_at"):
            assert getattr(stored[row.pk], name) == getattr(row, name), name
    again = Area(pk=rows[0].pk, code="last")
    update_rows(Area, ("code",), [*rows, again])
    assert Area.objects.get(pk=rows[0].pk).code == "last"  # of one row told twice the last counts
    with pytest.raises(TextTooLong):
        update_rows(Area, ("code",), [*rows[1:], Area(pk=rows[0].pk, code="x" * 300)])


def test_an_update_of_a_row_that_is_gone_says_so() -> None:
    there, gone = Area.objects.create(code="A"), Area(code="B")
    assert update_rows(Area, ("code",), [there, gone]) == 1


def test_a_text_too_long_among_plain_values_stores_nothing(officer: StaffUser) -> None:
    before = AuditLine.objects.count()
    with pytest.raises(TextTooLong):
        audit.record_many([audit.line(officer, action, officer) for action in ("a.b", "x" * 81)])
    assert AuditLine.objects.count() == before


def test_audit_lines_of_a_batch_say_who_did_what_to_which_record(
    officer: StaffUser,
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    offices = [Office.objects.create(code=f"O{place}", name="Office") for place in range(5)]
    with django_assert_num_queries(1):
        audit.record_many(
            audit.line(officer, "org.open_office", office, {"place": place, "of": None})
            for place, office in enumerate(offices)
        )
    lines = list(AuditLine.objects.filter(action="org.open_office").order_by("id"))
    assert [line.object_id for line in lines] == [str(office.pk) for office in offices]
    assert {line.object_type for line in lines} == {"org.office"}
    assert [line.facts for line in lines] == [{"place": p, "of": None} for p in range(5)]
    assert {line.staff_id for line in lines} == {officer.pk}
    with django_assert_num_queries(0):
        audit.record_many([])


def test_values_are_stored_without_an_instance() -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    insert_values(
        Setting,
        {
            "id": [new_id(), new_id()],
            "recorded_at": [now, now],
            "key": ["a", "b"],
            "value": [{"one": 1}, []],
        },
    )
    assert Setting.objects.get(key="a").value == {"one": 1}


def test_a_row_built_from_its_columns_is_the_row_its_constructor_builds() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    same = {"id": new_id(), "recorded_at": at, "code": "T", "parent_id": new_id()}
    built, constructed = unsaved(Area, **same), Area(**same)
    for field in Area._meta.concrete_fields:
        assert getattr(built, field.attname) == getattr(constructed, field.attname), field.name
    assert built._state.adding
    assert unsaved(Area).pk != unsaved(Area).pk
    assert unsaved(Area).names is not unsaved(Area).names
    insert_rows([unsaved(Area, code="N", names={"en": "North"})])
    assert Area.objects.get(code="N").names == {"en": "North"}


def test_a_row_is_not_built_from_what_is_no_column() -> None:
    with pytest.raises(TypeError, match="Area has no column colour, parent"):
        unsaved(Area, code="T", parent=None, colour="red")
