"""Twin walks: what a hidden person's records answer is what missing records answer, at every door.

A person in a PERSON compartment exists for her case team only; for everyone else her rows, her
lists and her addresses are as if she had never come (protection.md R5).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
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


@contextmanager
def _everyone_hidden() -> Iterator[None]:
    """Every person is hidden from everyone."""

    def hides(staff: StaffUser) -> QuerySet[Any, Any]:
        return Person.objects.values_list("pk", flat=True)

    scope.hidden_persons.append(hides)
    scope.hidden_changed()
    try:
        yield
    finally:
        scope.hidden_persons.remove(hides)
        scope.hidden_changed()


@dataclass
class Walk:
    """What was found on the way over every address."""

    shown: list[tuple[str, str]] = field(default_factory=list)
    """Route and address of each answer that showed something."""
    faults: list[tuple[str, int]] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)
    unprotected: list[str] = field(default_factory=list)
    """Pages without the policy that keeps foreign scripts out, or with a script in the page."""
    unlogged: set[str] = field(default_factory=set)
    """Routes whose answer named a person who is not in the read log."""


def _client() -> Client:
    """Who may see everything, signed in with a second factor."""
    client = Client(raise_request_exception=False)
    client.force_login(StaffUser.objects.get(username="everyone"))
    session = client.session
    session[sessions.FACTOR] = time()
    session.save()
    return client


def _over_every_address(world: dict[str, list[Model]]) -> Walk:
    """Ask every address, those of records with the likeliest until two have answered."""
    walk, log = Walk(), _ReadLog()
    told = {name for name in settings.DOMAINS if walking.tells(name)}
    client = _client()
    for route in walking.routes():
        if route.name == "account_logout":
            continue
        records: list[Model | None] = [*route.likely(world.get(route.domain, []))]
        ends = ("",) if route.names_records or route.is_api else ("", "?export=csv", "?totals=1")
        statuses: list[int] = []
        for number, record in enumerate(records if route.names_records else [None]):
            for end in ends:
                address = route.address(record) + end
                answer = client.get(address)
                statuses.append(answer.status_code)
                _note(walk, log, route, address, answer)
            if statuses.count(200) >= 2 or (number >= 7 and set(statuses) > {404}):
                break
        if route.names_records and route.domain in told and set(statuses) <= {404}:
            walk.unreached.append(route.text)
    return walk


def _note(walk: Walk, log: "_ReadLog", route: walking.Route, address: str, answer: Any) -> None:
    if answer.status_code >= 500:
        walk.faults.append((address, answer.status_code))
    if answer.status_code != 200:
        return
    walk.shown.append((route.text, address))
    text = answer.getvalue().decode(errors="replace")
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        policy = answer.headers.get("Content-Security-Policy", "")
        if "default-src 'none'" not in policy or "<script>" in text:
            walk.unprotected.append(route.text)
    if log.misses(text):
        walk.unlogged.add(route.text)


class _ReadLog:
    """What the read log gained since it was last asked."""

    def __init__(self) -> None:
        self.persons = {person.display_name: str(person.pk) for person in Person.objects.all()}
        self.seen = ReadEntry.objects.count()

    def misses(self, text: str) -> bool:
        """Whether a text names a person whom the entries written for it do not hold."""
        last = ReadEntry.objects.order_by("number")[self.seen :]
        noted = {person for entry in last for person in entry.persons}
        self.seen += len(last)
        return bool({self.persons[name] for name in self.persons if name in text} - noted)


def test_every_address_answers_and_logs_whom_it_names_and_shows_nobody_hidden(
    world: dict[str, list[Model]],
) -> None:
    """First with everyone in sight, then the same addresses with every person hidden: no page,
    list, export or paper names one.
    """
    walk = _over_every_address(world)
    assert walk.unreached == [], "add a record to the domain's tests/samples.py"
    assert (walk.faults, walk.unprotected, walk.unlogged) == ([], [], set())
    assert len(walk.shown) > 500

    with _everyone_hidden():
        marks, client = _marks(), _client()
        told = set()
        for route, address in walk.shown:
            answer = client.get(address)
            if answer.status_code == 200:
                text = answer.getvalue().decode(errors="replace")
                told |= {(route, mark) for mark in marks if mark in text and mark not in address}
        assert told == set()


def _marks() -> set[str]:
    """What would give a person away."""
    marks = {
        mark
        for person in Person.objects.all()
        for mark in (str(person.pk), person.display_name, person.registration_no)
    }
    ours = set(Household.objects.values_list("code", flat=True))
    ours |= set(Enterprise.objects.values_list("code", flat=True))
    return marks - {mark for mark in marks if any(mark in code for code in ours)}


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
    for key in keys:
        target: Any = key.related_model
        if target is Person:
            return True
        scoped = not key.null and getattr(target, "SCOPE", None) is not None
        if scoped and depth < 3 and _leads_over_required_keys(target, depth + 1):
            return True
    return False
