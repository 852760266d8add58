"""A page that was asked for before asks the database without writing a statement again."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from handup.config import kept_statements
from handup.config.kept_statements import KeptStatements
from handup.org.models import Area, Grant, Office, StaffUser

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    kept_statements.forget()


def written(rows: QuerySet[Any, Any]) -> tuple[str, tuple[Any, ...], bool]:
    """The statement of a question, its values, and whether it was kept."""
    compiler: Any = rows.query.get_compiler(connection=connection)
    assert isinstance(compiler, KeptStatements)
    statement, values = compiler.as_sql()
    return statement, values, compiler.kept is not None


def granted(day: date) -> QuerySet[Any, Any]:
    """Offices where a role is held since a day."""
    held = Grant.objects.filter(office_id=OuterRef("pk"), starts__lte=day)
    return Office.objects.filter(Exists(held), ~Q(code="X"))


def test_the_second_question_of_a_shape_is_not_written() -> None:
    first = written(Office.objects.filter(code="A").select_related("area"))
    again = written(Office.objects.filter(code="B").select_related("area"))
    assert [first[2], again[2]] == [False, True]
    assert again[0] == first[0]
    assert [first[1], again[1]] == [("A",), ("B",)]


@pytest.mark.parametrize(
    "pair",
    [
        lambda: (Office.objects.filter(code="A"), Office.objects.filter(name="A")),
        lambda: (Office.objects.filter(code="A"), Office.objects.exclude(code="A")),
        lambda: (
            Office.objects.filter(code="A"),
            Office.objects.filter(code="A").order_by("-code"),
        ),
        lambda: (Office.objects.filter(code="A"), Office.objects.filter(code="A")[:5]),
        lambda: (Office.objects.filter(code="A")[:5], Office.objects.filter(code="A")[:6]),
        lambda: (Office.objects.filter(code="A"), Office.objects.filter(code="A").distinct()),
        lambda: (Office.objects.filter(code="A"), Office.objects.only("code").filter(code="A")),
        lambda: (Office.objects.values_list("code"), Office.objects.values_list("name")),
        lambda: (Office.objects.filter(area=None), Office.objects.exclude(area=None)),
        lambda: (Office.objects.select_related("area"), Office.objects.all()),
        lambda: (
            Office.objects.select_related("area"),
            Office.objects.select_related("area__parent"),
        ),
        lambda: (Office.objects.filter(code__in="AB"), Office.objects.filter(code__in="ABC")),
        lambda: (
            StaffUser.objects.filter(is_active=True),
            StaffUser.objects.filter(is_active=False),
        ),
        lambda: (
            Office.objects.filter(Q(code="A") | Q(name="B")),
            Office.objects.filter(Q(code="A") & Q(name="B")),
        ),
        lambda: (
            Office.objects.order_by(F("area").asc(nulls_first=True)),
            Office.objects.order_by(F("area").asc(nulls_last=True)),
        ),
        lambda: (
            Office.objects.filter(area__level=1),
            Office.objects.filter(area__parent__level=1),
        ),
        lambda: (Area.objects.filter(level=1), Area.objects.filter(level__lt=1)),
    ],
)
def test_two_shapes_are_two_statements(pair: Any) -> None:
    one, other = pair()
    assert written(one)[2] is False
    assert written(other)[2] is False
    one, other = pair()
    assert written(one)[2] is True
    assert written(other)[2] is True
    assert written(one)[0] != written(other)[0]


def test_values_inside_a_question_in_a_question_stand_in_their_order() -> None:
    first, day = date(2024, 1, 1), date(2025, 6, 30)
    assert written(granted(first))[2] is False
    _statement, values, kept = written(granted(day))
    assert kept is True
    assert str(values[1]) == "2025-06-30"
    assert (values[0], values[2]) == (1, "X")
    inside = Area.objects.filter(level=7, parent__level=8)
    written(Office.objects.filter(code="B", area__in=Area.objects.filter(level=1, parent__level=2)))
    _statement, values, kept = written(Office.objects.filter(code="A", area__in=inside))
    assert (values, kept) == ((7, 8, "A"), True)


def test_what_is_not_known_is_written_each_time() -> None:
    for _time in range(2):
        assert written(Office.objects.filter(code__icontains="A"))[2] is False
        assert written(Office.objects.extra(where=["1 = 1"]))[2] is False
        assert written(Office.objects.select_for_update().filter(code="A"))[2] is False


def test_rows_of_a_kept_statement_are_read_as_they_were() -> None:
    area = Area.objects.create(code="KEPT", names={"en": "Kept"}, level=2)
    made = Office.objects.create(code="KEPT", name="Kept", area=area)
    for _time in range(2):
        found = Office.objects.select_related("area").get(code="KEPT")
        assert (found.pk, found.area) == (made.pk, area)
        assert found.area is not None
        assert found.area.names == {"en": "Kept"}
        assert Office.objects.filter(pk=made.pk).exists()
        assert not Office.objects.filter(pk=uuid4()).exists()
        assert list(Office.objects.filter(code="NONE")) == []


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_statements, "MOST", 2)
    for rows in (Office.objects.all()[:5], Office.objects.all()[:6], Office.objects.all()[:7]):
        written(rows)
    assert written(Office.objects.all()[:7])[2] is True
    assert written(Office.objects.all()[:5])[2] is False
