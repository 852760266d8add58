"""Rows made without Django's constructor are the rows Django would have made."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.db.models.signals import post_init

from handup.kernel.ids import new_id
from handup.org import making
from handup.org.models import Area, AuditLine, Grant, House, Office, StaffUser


def by_django(model: type[House], **given: Any) -> Any:
    row = model.__new__(model)
    models.Model.__init__(row, **given)
    return row


def state_of(row: Any) -> dict[str, Any]:
    kept = {name: value for name, value in vars(row).items() if name != "_state"}
    state = row._state
    return kept | {"adding": state.adding, "db": state.db, "related": dict(state.fields_cache)}


@pytest.fixture
def area(db: None) -> Area:
    return Area.objects.create(code="A", names={"en": "Area"}, level=1)


def test_a_row_is_what_django_would_have_made(area: Area, officer: StaffUser) -> None:
    fixed = {"id": new_id(), "recorded_at": datetime(2026, 1, 2, tzinfo=UTC)}
    told: list[tuple[type[House], dict[str, Any]]] = [
        (Office, {"code": "O", "name": "Office", "area": area}),
        (Office, {"code": "O", "name": "Office", "area_id": area.pk}),
        (Grant, {"staff": officer, "role": "CLERK", "office": None, "starts": date(2026, 1, 1)}),
        (Area, {}),
    ]
    for model, given in told:
        assert state_of(model(**fixed, **given)) == state_of(by_django(model, **fixed, **given))


def test_defaults_are_made_for_each_row() -> None:
    first, second = AuditLine(), AuditLine()
    assert first.id != second.id
    assert first.recorded_at <= second.recorded_at
    assert first.recorded_at.tzinfo is UTC
    assert first.facts == second.facts == {}
    assert first.facts is not second.facts


@pytest.mark.parametrize("given", [{"unknown": 1}, {"code": "O", "area": "not an area"}])
def test_what_django_refuses_is_refused_as_it_does(given: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)) as django:
        by_django(Office, **given)
    with pytest.raises((TypeError, ValueError)) as ours:
        Office(**given)
    assert str(ours.value) == str(django.value)


def test_what_is_no_column_is_set_as_django_does(area: Area) -> None:
    key = new_id()
    assert Office(pk=key).id == key
    assert Office(area=None, area_id=area.pk).area_id == area.pk


def test_a_relation_is_at_hand_and_may_be_changed(area: Area) -> None:
    other = Area.objects.create(code="B", names={"en": "Other"}, level=1)
    row = Office(code="O", name="Office", area=area)
    assert row.area is area
    row.area = other
    assert row.area_id == other.pk
    row.save()
    assert Office.objects.get().area == other


def test_a_loaded_row_reads_the_rest_when_it_is_asked_for(area: Area) -> None:
    Office.objects.create(code="O", name="Office", area=area)
    row = Office.objects.only("code").get()
    assert {"recorded_at", "name", "area_id"} <= row.get_deferred_fields()
    assert (row._state.adding, row._state.db) == (False, "default")
    assert row.name == "Office"
    assert row.area == area
    whole = Office.objects.select_related("area").get()
    assert whole._state.fields_cache["area"] == area


@pytest.fixture
def listener() -> Iterator[list[object]]:
    """Somebody who listens to the signal Django sends when a row was made."""
    heard: list[object] = []

    def hear(instance: object, **_: object) -> None:
        heard.append(instance)

    post_init.connect(hear, sender=Office)
    yield heard
    post_init.disconnect(hear, sender=Office)


def test_who_listens_to_the_making_of_rows_hears_of_it(listener: list[object], area: Area) -> None:
    row = Office(code="O", name="Office", area=area)
    row.save()
    assert listener[-1] is row
    assert Office.objects.get() in listener


def test_every_model_of_the_house_is_made_the_short_way() -> None:

    long_way = [
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, House) and making._of(model) is None
    ]
    assert long_way == []
