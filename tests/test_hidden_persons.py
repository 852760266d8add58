"""Twin walks: what a hidden person's records answer is what missing records answer, at every door.

A person in a PERSON compartment exists for her case team only; for everyone else her rows, her
lists and her addresses are as if she had never come (protection.md R5).
"""

from collections.abc import Iterator
from time import time
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet
from django.test import Client
from pytest_django import Settings

from handup.org import scope, sessions
from handup.org.models import Office, ReadEntry, StaffUser
from handup.people.models import (
    Enterprise,
    Household,
    Person,
    PersonName,
)
from tests import walking
from tests.test_routes import bare


@pytest.fixture
def people(db: None) -> list[Model]:
    """The samples of people, all about one person."""
    staff = walking.staff_everywhere("everyone")
    return walking.samples(staff, Office.objects.create(code="here", name="Here"))["people"]


@pytest.fixture
def hidden(people: list[Model]) -> Iterator[Person]:
    """One person whom nobody may know of."""
    person = next(row for row in people if isinstance(row, Person))

    def everyone_hidden(staff: StaffUser) -> QuerySet[Any, Any]:
        return Person.objects.filter(pk=person.pk).values_list("pk", flat=True)

    scope.hidden_persons.append(everyone_hidden)
    scope.hidden_changed()
    yield person
    scope.hidden_persons.remove(everyone_hidden)
    scope.hidden_changed()


def test_a_hidden_persons_rows_are_in_no_list(people: list[Model], hidden: Person) -> None:
    everyone = StaffUser.objects.get(username="everyone")
    about_her = [row for row in people if _leads_to(row, hidden)]
    assert len(about_her) > 1
    assert [row._meta.label for row in about_her if walking.sees(everyone, row)] == []


def _leads_to(row: Any, person: Person) -> bool:
    scope_of_row = getattr(row, "SCOPE", None)
    path = scope_of_row.person if scope_of_row is not None else ""
    manager: Any = type(row)._default_manager
    return bool(path) and bool(manager.filter(pk=row.pk, **{path: person.pk}).exists())


def test_her_addresses_answer_as_missing_ones(people: list[Model], hidden: Person) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(StaffUser.objects.get(username="everyone"))
    told = []
    for route in walking.routes():
        if route.domain != "people" or not route.names_records:
            continue
        there = client.get(route.address(hidden))
        nowhere = client.get(route.address(Person(pk=uuid4())))
        if there.status_code != nowhere.status_code or bare(there) != bare(nowhere):
            told.append((route.text, there.status_code, nowhere.status_code))
    assert told == []


@pytest.fixture
def world(db: None, settings: Settings) -> dict[str, list[Model]]:
    """The samples of every domain; each person bears a name that stands nowhere else."""
    settings.RATELIMIT_ENABLE = False
    staff = walking.staff_everywhere("everyone")
    samples = walking.samples(staff, Office.objects.create(code="here", name="Here"))
    for number, person in enumerate(Person.objects.order_by("pk")):
        name = f"Zzq{number}mark"
        Person.objects.filter(pk=person.pk).update(display_name=name, sort_key=name.lower())
        PersonName.objects.filter(person=person).update(first_name=name, last_name=name)
    return samples


@pytest.fixture
def all_hidden() -> Iterator[None]:
    """Every person is hidden from everyone."""

    def hides(staff: StaffUser) -> QuerySet[Any, Any]:
        return Person.objects.values_list("pk", flat=True)

    scope.hidden_persons.append(hides)
    scope.hidden_changed()
    yield
    scope.hidden_persons.remove(hides)
    scope.hidden_changed()


def _pages(world: dict[str, list[Model]]) -> Iterator[tuple[str, str, str]]:
    """Each answer of 200: its route, its address, what it says."""
    client = Client(raise_request_exception=False)
    client.force_login(StaffUser.objects.get(username="everyone"))
    session = client.session
    session[sessions.FACTOR] = time()
    session.save()
    for route in walking.routes():
        if route.name == "account_logout":
            continue
        named = route.likely(world.get(route.domain, []))[:8] if route.names_records else [None]
        shown: list[Model | None] = [*named]
        ends = ("",) if route.names_records or route.is_api else ("", "?export=csv", "?totals=1")
        answered = 0
        for record in shown:
            for end in ends:
                answer = client.get(route.address(record) + end)
                if answer.status_code == 200:
                    answered += 1
                    body = answer.getvalue()
                    yield route.text, route.address(record) + end, body.decode(errors="replace")
            if answered >= 2:
                break


def test_no_page_list_export_or_paper_of_any_domain_shows_a_hidden_person(
    world: dict[str, list[Model]], all_hidden: None
) -> None:
    marks = {
        mark
        for person in Person.objects.all()
        for mark in (str(person.pk), person.display_name, person.registration_no)
    }
    ours = set(Household.objects.values_list("code", flat=True))
    ours |= set(Enterprise.objects.values_list("code", flat=True))
    marks -= {mark for mark in marks if any(mark in code for code in ours)}
    told = {
        (route, mark)
        for route, address, text in _pages(world)
        for mark in marks
        if mark in text and mark not in address
    }
    assert told == set()


def test_every_page_that_names_a_person_writes_her_into_the_read_log(
    world: dict[str, list[Model]],
) -> None:
    persons = {person.display_name: str(person.pk) for person in Person.objects.all()}
    missing, before = set(), ReadEntry.objects.count()
    for route, _address, text in _pages(world):
        last = ReadEntry.objects.order_by("number")[before:]
        noted = {person for entry in last for person in entry.persons}
        before += len(last)
        named = {persons[name] for name in persons if name in text}
        if named - noted:
            missing.add(route)
    assert missing == set()


def test_a_model_that_leads_to_one_person_says_so_in_its_scope() -> None:
    """Else her rows stay in sight of those who may not know of her."""
    open_ones = []
    for model in apps.get_models():
        paths: scope.ScopePaths | None = getattr(model, "SCOPE", None)
        if paths is None or hasattr(model, "instance_type"):
            continue
        if _leads_over_required_keys(model) and not paths.person and not paths.shared:
            open_ones.append(model._meta.label)
    assert open_ones == SEEN_WITHOUT_HER


SEEN_WITHOUT_HER = ["people.BreakGlass"]
"""Whoever reviews an emergency access sees that somebody hidden was opened, and nothing of her."""


def _leads_over_required_keys(model: type[Model], depth: int = 0) -> bool:
    keys = [f for f in model._meta.concrete_fields if f.is_relation and f.name != "replaces"]
    for field in keys:
        target: Any = field.related_model
        if target is Person:
            return True
        scoped = not field.null and getattr(target, "SCOPE", None) is not None
        if scoped and depth < 3 and _leads_over_required_keys(target, depth + 1):
            return True
    return False
