"""A prepared question answers as its queryset does, and is built once for each shape."""

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db.models import Q, QuerySet

from handup.kernel.ids import new_id
from handup.org.models import Area, AuditLine, Office, StaffUser
from handup.org.prepared import LARGEST, prepared, prepared_records

pytestmark = pytest.mark.django_db
built: list[int] = []


@prepared
def offices(ids: list[Any], code: str) -> QuerySet[Any, Any]:
    built.append(len(ids))
    rows = Office.objects.filter(pk__in=ids).exclude(code=code)
    return rows.order_by("code").values_list("pk", "code", "area__valid_from", "recorded_at")


@prepared
def areas_from(day: date, parent: Any) -> QuerySet[Any, Any]:
    within = Q(parent=None) if parent is None else Q(parent_id=parent)
    rows = Area.objects.filter(within, valid_from__gte=day).order_by("code")
    return rows.values_list("code", "names")


@prepared
def recorded_since(moment: datetime) -> QuerySet[Any, Any]:
    return Office.objects.filter(recorded_at__gt=moment).values_list("pk", "recorded_at")


@prepared_records
def offices_with_areas(ids: list[Any]) -> QuerySet[Office, Office]:
    built.append(len(ids))
    return Office.objects.filter(pk__in=ids).select_related("area__parent").order_by("code")


def test_it_answers_as_the_queryset_does_and_is_built_once_for_a_shape() -> None:
    made = [Office.objects.create(code=f"O{number}", name=f"O{number}") for number in range(7)]
    built.clear()
    for count in (3, 4, 4, 3, 1, 7, 5, 8):
        ids = [office.pk for office in made[:count]]
        rows = Office.objects.filter(pk__in=ids).exclude(code="O1").order_by("code")
        expected = list(rows.values_list("pk", "code", "area__valid_from", "recorded_at"))
        assert offices(ids, "O1") == expected
        assert len(expected) == len(ids) - (count > 1)
    assert built == [4, 1, 8]  # lists are filled up to a power of two


def test_an_instant_is_asked_for_to_its_last_part() -> None:
    office = Office.objects.create(code="N", name="North")
    at = office.recorded_at
    (read,) = recorded_since(at - timedelta(microseconds=1))
    assert read == (office.pk, at)
    assert recorded_since(at) == []
    assert recorded_since(at.astimezone(timezone(timedelta(hours=4)))) == []


def test_nothing_and_very_much_are_asked_as_they_are() -> None:
    built.clear()
    assert offices([], "") == []
    assert offices([new_id() for _ in range(LARGEST + 1)], "") == []
    assert built == [0, LARGEST + 1]


def test_none_is_part_of_the_question() -> None:
    day = date(2020, 1, 1)
    top = Area.objects.create(code="A", level=1, names={"en": "North"}, valid_from=day)
    Area.objects.create(code="B", level=2, names={}, valid_from=day, parent=top)
    assert areas_from(day, None) == [("A", {"en": "North"})]
    assert areas_from(day, top.pk) == [("B", {})]
    assert areas_from(day + timedelta(days=1), None) == []


def test_a_value_it_does_not_know_or_does_not_use_is_refused() -> None:
    @prepared
    def changed(code: str) -> QuerySet[Any, Any]:
        return Office.objects.filter(code=code.upper()).values_list("pk")

    with pytest.raises(TypeError, match="no value of a prepared question"):
        offices(3.5, "")  # type: ignore[arg-type]  # what it refuses
    with pytest.raises(AssertionError, match="by place"):
        offices(ids=[], code="")
    with pytest.raises(AssertionError, match="not used as it is given"):
        changed("x")


def test_a_constant_that_looks_like_a_value_stays_a_constant() -> None:
    @prepared
    def acts(staff: Any, action: str) -> QuerySet[Any, Any]:
        own = Q(staff_id=staff, action=action) | Q(action="X")
        return AuditLine.objects.filter(own).order_by("action").values_list("action", "staff_id")

    staff = StaffUser.objects.create(username="one")
    for action in ("A", "B", "X"):
        AuditLine.objects.create(
            staff=staff, action=action, object_type="t", object_id=str(new_id()), facts={}
        )
    assert acts(staff.pk, "A") == [("A", staff.pk), ("X", staff.pk)]
    assert acts(staff.pk, "X") == [("X", staff.pk)]


def test_whole_records_come_with_those_beside_them_and_are_built_once(
    django_assert_num_queries: Any,
) -> None:
    top = Area.objects.create(code="A", level=1, names={"en": "North"})
    below = Area.objects.create(code="B", level=2, names={"en": "Dale"}, parent=top)
    made = [
        Office.objects.create(code=f"O{number}", name=f"Office {number}", area=area)
        for number, area in enumerate((below, top, None))
    ]
    built.clear()
    for _time in range(2):
        with django_assert_num_queries(1):
            rows = offices_with_areas([office.pk for office in made])
            assert [row.area and row.area.names for row in rows] == [
                {"en": "Dale"},
                {"en": "North"},
                None,
            ]
            assert rows[0].area is not None
            assert rows[0].area.parent == top
    assert rows == made
    assert [row.recorded_at for row in rows] == [office.recorded_at for office in made]
    rows[0].name = "Another"
    rows[0].save()
    assert Office.objects.get(pk=made[0].pk).name == "Another"
    assert built == [4]
    assert offices_with_areas([]) == []


def test_a_question_for_whole_records_names_no_columns() -> None:
    @prepared_records
    def codes(code: str) -> QuerySet[Any, Any]:
        return Office.objects.filter(code=code).values_list("code")

    with pytest.raises(AssertionError, match="names no columns"):
        codes("A")
