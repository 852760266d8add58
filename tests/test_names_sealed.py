"""The whole house walked with names sealed at rest (`HANDUP_ENCRYPT_NAMES=1`, protection.md 4.4):
every address that can be read answers, every list is searched, sorted, counted and exported;
nothing shows what lies sealed, and no name of a person lies readable in the database.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from django.apps import apps
from django.conf import settings as house
from django.core.cache import cache
from django.db import connection
from django.db.models import Model
from django.test import Client
from pytest_django import Settings

from handup.kernel.names import normal_form
from handup.org import statements
from handup.org.models import Office, StaffUser
from handup.org.web.filters import Search
from handup.org.web.lists import ListPage
from handup.people.models import Person, PersonName
from tests import walking
from tests.walking import Route

LEAVING = {"account_logout"}
SEALED_SHOWN = ("Sealed(", "•••)", ":gAAAA")
"""What a page shows that does not open what it reads, or writes out what lies in the database."""


@dataclass
class World:
    """Sample records of every domain whose persons bear names that stand nowhere else."""

    samples: dict[str, list[Model]]
    client: Client
    names: list[tuple[str, str]]
    faults: list[str] = field(default_factory=list)
    answered: int = 0

    def ask(self, address: str, words: str = "") -> int:
        """One question; what is wrong with its answer is remembered."""
        cache.clear()  # who walks looks for more in a minute than a person may
        answer = (
            self.client.post(address, {"q": words}, follow=True)
            if words
            else self.client.get(address)
        )
        if answer.status_code >= 500:
            self.faults.append(f"{answer.status_code} {address}")
        if answer.status_code == 200:
            self.answered += 1
            text = answer.getvalue().decode(errors="replace")
            self.faults += [f"{sign} {address}" for sign in SEALED_SHOWN if sign in text]
        return answer.status_code


@pytest.fixture
def world(db: None, settings: Settings) -> Iterator[World]:
    settings.ENCRYPT_NAMES = True
    settings.RATELIMIT_ENABLE = False
    logging.disable(logging.CRITICAL)
    everyone = walking.staff_everywhere("everyone")
    samples = walking.samples(everyone, Office.objects.create(code="here", name="Here"))
    names = []
    for number, person in enumerate(Person.objects.order_by("pk")):
        first, last = f"Zzq{number}ani", f"Wwx{number}mark"
        person.display_name, person.father_name = f"{first} {last}", f"Ffa{number}ther"
        person.save()
        for name in PersonName.objects.filter(person=person):
            name.first_name, name.last_name = first, last
            name.save()
        names.append((first, last))
    yield World(samples, client_of(everyone), names)
    logging.disable(logging.NOTSET)


def client_of(staff: StaffUser) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def list_of(route: Route) -> type[ListPage] | None:
    view = getattr(route.callback, "view_class", None)
    return view if isinstance(view, type) and issubclass(view, ListPage) else None


def ends(page: type[ListPage]) -> Iterator[str]:
    """A list as it comes, counted, taken out, sorted every way it offers."""
    yield from ("", "?totals=1", "?export=csv", "?export=xlsx")
    for column in page.columns:
        if column.sort:
            yield f"?sort={column.sort}"
            yield f"?sort=-{column.sort}"


def readable(names: list[tuple[str, str]]) -> list[str]:
    """Tables in which a name of a person, or a form of one, can be read."""
    words = {word.lower() for pair in names for word in pair}
    words |= {normal_form(word) for word in words}
    found = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            columns = tuple(str(f.column) for f in model._meta.local_concrete_fields)
            cursor.execute(statements.select(model._meta.db_table, columns))
            text = repr(cursor.fetchall()).lower()
            if any(word in text for word in words):
                found.append(model._meta.label)
    return found


def test_every_page_and_list_works_with_names_sealed_and_shows_none_of_the_seal(
    world: World,
) -> None:
    told = {name for name in house.DOMAINS if walking.tells(name)}
    assert len(world.names) > 5
    for route in walking.routes():
        if route.name in LEAVING or not route.can_be_read:
            continue
        page = list_of(route)
        if not route.names_records:
            for end in ends(page) if page else ("",):
                world.ask(route.address() + end)
            if page and any(isinstance(one, Search) for one in page.filters):
                for words in ("Zzq0ani", "Zzq0ani Wwx0mark", "Wwx", "\u0540"):
                    world.ask(route.address(), words)
            continue
        records = route.likely(world.samples.get(route.domain, []))
        for record in records if route.domain in told else records[:3]:
            if world.ask(route.address(record)) == 200:
                break
    for first, last in world.names[:2]:
        for address in ("/search/", "/people/persons/"):
            assert world.ask(address, f"{first} {last}") == 200, address
        found = world.client.post(
            "/api/v1/people/persons/search", {"text": f"{first} {last}"}, "application/json"
        )
        assert found.status_code == 200
    assert world.faults == []
    assert world.answered > 500
    assert readable(world.names) == []


def test_a_name_that_lies_readable_is_found(world: World) -> None:
    first = world.names[0][0]
    Office.objects.create(code="named", name=f"Office of {first}")
    assert readable(world.names) == ["org.Office"]
