"""Twin walks: what a hidden person's records answer is what missing records answer, at every door.

A person in a PERSON compartment exists for her case team only; for everyone else her rows, her
lists and her addresses are as if she had never come (protection.md R5).
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import Model, QuerySet
from django.test import Client

from handup.org import scope
from handup.org.models import Office, StaffUser
from handup.people.models import Person
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
