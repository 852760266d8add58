"""Statements of the house's compilers are those Django's own would write."""

from typing import Any

import pytest
from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.db.models.expressions import Col
from django.db.models.functions import Lower

from handup.config.quick_compiler import QuickColumns
from handup.org.models import Area, Grant, Office

pytestmark = pytest.mark.django_db


def questions() -> list[QuerySet[Any, Any]]:
    plain = Office.objects.order_by().values_list("code", "name")
    codes = plain.order_by("code")
    return [
        Office.objects.order_by("area__parent__code", "-name", "id"),
        Office.objects.select_related("area__parent").order_by(F("code").desc(), Lower("name")),
        Grant.objects.all(),
        codes,
        codes.order_by("-name").distinct(),
        plain.filter(code="A").union(plain.filter(code="B")).order_by("name"),
        Office.objects.annotate(many=Count("area")).order_by("-many", "code"),
        Office.objects.filter(Q(area__in=Area.objects.filter(level=1)) | Q(code="X"))[:5],
        Office.objects.order_by("-code").reverse().distinct(),
    ]


@pytest.mark.parametrize("number", range(9))
def test_it_writes_what_django_writes(number: int) -> None:
    compiler: Any = questions()[number].query.get_compiler(connection=connection)
    assert QuickColumns in type(compiler).__mro__
    plain: Any = next(one for one in type(compiler).__mro__ if one.__module__.startswith("django."))
    rows = questions()[number]
    assert compiler.as_sql() == plain(rows.query, connection, "default").as_sql()
    assert "ORDER BY" in compiler.as_sql()[0]


def test_columns_of_whole_records_are_looked_up_by_nothing_they_are_made_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up: list[Col] = []
    hashed = Col.__hash__

    def counted(self: Col) -> int:
        looked_up.append(self)
        return hashed(self)

    monkeypatch.setattr(Col, "__hash__", counted)
    Office.objects.order_by("code").query.get_compiler(connection=connection).as_sql()
    assert looked_up == []
