"""What the address of the next page of a list of persons says of them: nothing but an id
(protection.md 4.10). Addresses lie in the histories of shared computers and in logs of others.
"""

import base64
import json
import re
from datetime import date
from uuid import UUID

import pytest
from django.test import Client
from lxml import html

from handup.org.models import StaffUser
from handup.org.web.keyset import is_open
from handup.people.models import Household, Person
from handup.people.services import register_person
from handup.people.tests.conftest import person_in
from handup.people.views.persons import PersonList
from handup.projects.models import Programme

LIST = "/people/persons/"
FIVE = ("Anahit", "Բելլա", "Gayane", "Мариам", "Zaruhi")


@pytest.fixture
def five(clerk: StaffUser, programme: Programme, monkeypatch: pytest.MonkeyPatch) -> list[Person]:
    """Five women, two on a page, of whom one has no known birth date."""
    monkeypatch.setattr(PersonList, "page_size", 2)
    return [
        register_person(
            acting_staff=clerk,
            person=person_in(
                programme,
                first,
                "Petrosyan",
                birth_date=None if n == 2 else date(1990 - n, 3, 1 + n),
                registered_date=date(2026, 3, 1 + n % 2),
            ),
        ).person
        for n, first in enumerate(FIVE)
    ]


def marks(page: str) -> list[list[object]]:
    """What the marks in the addresses of a page hold, opened as anybody can open them."""
    return [
        json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        for mark in re.findall(r"[?&;](?:after|before)=([\w-]+)", page)
    ]


def shown(page: str, persons: list[Person]) -> list[Person]:
    """Which of the persons stand on a page, in its order."""
    text = html.fromstring(page).text_content()
    return sorted((p for p in persons if p.registration_no in text),
                  key=lambda p: text.index(p.registration_no))  # fmt: skip


def way(page: str, rel: str) -> str:
    """The address of the neighbouring page; empty where there is none."""
    found = html.fromstring(page).xpath(f"//a[@rel='{rel}']/@href")
    return str(found[0]) if found else ""


@pytest.mark.parametrize("sort", ["sort_key", "-sort_key", "registration_no", "birth_date"])
def test_the_way_to_the_next_page_holds_an_id_and_shows_everybody_once(
    desk: Client, five: list[Person], sort: str
) -> None:
    address, seen, pages = f"{LIST}?sort={sort}", list[Person](), list[str]()
    while address:
        pages.append(desk.get(address).content.decode())
        seen += shown(pages[-1], five)
        for mark in marks(pages[-1]):
            assert [UUID(str(told)) for told in mark] == [UUID(str(mark[0]))], "an id and no more"
        address = (LIST + way(pages[-1], "next")) if way(pages[-1], "next") else ""
    assert (len(pages), len(seen), len(set(seen))) == (3, 5, 5)
    if sort != "birth_date":
        field = sort.lstrip("-")
        assert seen == sorted(
            five, key=lambda p: str(getattr(p, field)), reverse=sort.startswith("-")
        )
    else:
        assert [p.birth_date for p in seen] == [
            date(1986, 3, 5), date(1987, 3, 4), date(1989, 3, 2), date(1990, 3, 1), None,
        ]  # fmt: skip
    back = desk.get(LIST + way(pages[2], "prev")).content.decode()
    assert shown(back, five) == seen[2:4]


def test_a_day_that_tells_of_nobody_may_stand_there(desk: Client, five: list[Person]) -> None:
    page = desk.get(f"{LIST}?sort=registered_date").content.decode()
    (mark,) = marks(page)
    assert mark[0] == "2026-03-01"


def test_the_mark_of_a_record_that_is_gone_or_not_to_be_seen_shows_the_first_page(
    desk: Client, outsider: StaffUser, five: list[Person]
) -> None:
    first = desk.get(f"{LIST}?sort=sort_key").content.decode()
    for told in (["0198c0de-0000-7000-8000-000000000000"], ["Petrosyan", "no id"], ["a", "b", "c"]):
        mark = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
        page = desk.get(f"{LIST}?sort=sort_key&after={mark}").content.decode()
        assert shown(page, five) == shown(first, five)


def test_a_value_written_into_a_mark_by_hand_is_not_looked_up(
    desk: Client, five: list[Person]
) -> None:
    told = json.dumps(["zzzz", str(five[0].pk)]).encode()
    mark = base64.urlsafe_b64encode(told).decode().rstrip("=")
    page = desk.get(f"{LIST}?sort=sort_key&after={mark}").content.decode()
    whole = sorted(five, key=lambda p: p.sort_key)
    place = whole.index(five[0])
    assert shown(page, five) == whole[place + 1 : place + 3]


@pytest.mark.parametrize(
    ("path", "may"),
    [
        ("pk", True),
        ("registered_date", True),
        ("office__name", True),
        ("sort_key", False),
        ("birth_date", False),
        ("registration_no", False),
        ("worked_out_by_the_query", False),
    ],
)
def test_what_may_stand_in_an_address_goes_by_its_class(path: str, may: bool) -> None:
    assert is_open(Person, path) is may
    assert not is_open(Household, "memberships__person__sort_key")
