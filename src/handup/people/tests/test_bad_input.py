"""What people type, send and try at the desk: names in every script, days that cannot be, twins,
telephones of a whole house, ids that are guessed."""

import re
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from handup.kernel.errors import Faults
from handup.org.models import StaffUser
from handup.org.scope import hidden_changed
from handup.people.api.schemas import PersonTold
from handup.people.forms.registration import PersonForm
from handup.people.models import Compartment, Person, PersonName
from handup.people.queries.persons import find_persons
from handup.people.rules import codes as c
from handup.people.rules.matching.decide import Verdict
from handup.people.rules.names import script_of, search_form, sort_key, written
from handup.people.services import NameIn, PersonIn, register_person, register_persons
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

DRAWN = re.compile(rb'value="[A-Za-z0-9]{64}"|<code>[^<]*</code>|[0-9a-f-]{36}')
OVERRIDE, ISOLATE, ZERO_WIDTH = "\u202e", "\u2067", "\u200b"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("  Ani \n Maria\t", "Ani Maria"),
        ("فاطمة الزهراء", "فاطمة الزهراء"),
        ("יעל", "יעל"),
        ("می\u200cنا", "می\u200cنا"),
        (f"{OVERRIDE}inA", "inA"),
        (f"Ani{ISOLATE} Sargsyan\u2069", "Ani Sargsyan"),
        (f"A{ZERO_WIDTH}ni\ufeff", "Ani"),
        ("Nul\x00l\x1b[31m", "Null[31m"),
        ("Jose\u0301", "José"),
        ("\ud800Ani", "Ani"),
        (OVERRIDE * 3, ""),
        ("O'Brien-Łukasz Ñ.", "O'Brien-Łukasz Ñ."),
        ("A\u200dni Mа\u200cri", "Ani Mаri"),
        ("\u200d\u200c \u180e", ""),
        ("\u3164 \u2800\u0301", ""),
        ("می\u200c", "می"),
        ("می\u200c\u200cنا", "می\u200cنا"),
        ("ശ്രീ\u200dA ചന്ദ്രന്\u200d", "ശ്രീA ചന്ദ്രന്\u200d"),
        ("श्री\u200dमान्", "श्री\u200dमान्"),
        ("ᠰᠠᠷᠠ\u180eᠠ", "ᠰᠠᠷᠠ\u180eᠠ"),
        ("A\u180eni ᠰᠠ\u180e", "Ani ᠰᠠ"),
        ("0042", "0042"),
    ],
)
def test_a_name_is_kept_as_written_without_what_is_not_seen(told: str, kept: str) -> None:
    assert written(told) == kept


@pytest.mark.parametrize(
    ("first", "last", "script", "found_by"),
    [
        ("Анна", "Sargsyan", c.Script.CYRILLIC, ("ana", "sargsian")),
        ("Ani", "Սարգսյան", c.Script.LATIN, ("ani", "sargsian")),
        ("فاطمة", "الزهراء", c.Script.ARABIC, ("ftmh", "ljr")),
        ("ᠪᠠᠲᠤ", "", c.Script.OTHER, ("batu", "")),
        ("李", "小龙", c.Script.OTHER, ("li", "hiaolong")),
        ("0042", "", c.Script.OTHER, ("0042", "")),
        ("😀", "", c.Script.OTHER, ("grining", "")),
        ("ا" * 119, "", c.Script.ARABIC, ("", "")),
    ],
)
def test_every_script_has_a_form_to_sort_and_search_by(
    first: str, last: str, script: c.Script, found_by: tuple[str, str]
) -> None:
    assert script_of(first + last) is script
    assert (search_form(first), search_form(last)) == found_by
    key = sort_key(first, last)
    assert key == sort_key(written(first), written(last))
    assert len(key) <= 200


REFUSED: tuple[tuple[dict[str, Any], str], ...] = (
    ({"names": (NameIn(OVERRIDE),)}, "first_name"),
    ({"names": (NameIn("\u200d"),)}, "first_name"),
    ({"birth_date": date(2026, 3, 3)}, "birth_date"),
    ({"birth_date": date(1890, 1, 1)}, "birth_date"),
    ({"phone": "call the shop"}, "phone"),
    ({"phone": "+1" * 40}, "phone"),
)


def test_what_cannot_be_true_is_refused_by_its_field_and_nothing_of_a_batch_is_stored(
    clerk: StaffUser, programme: Programme
) -> None:
    good = person_in(programme, "Fine")
    items = [good, *(person_in(programme, **more) for more, _field in REFUSED)]
    with pytest.raises(Faults) as refused:
        register_persons(acting_staff=clerk, items=items)
    assert [fault.column for fault in refused.value.faults] == [field for _more, field in REFUSED]
    assert not Person.objects.exists()


@pytest.mark.parametrize("day", ["2026-02-30", "30.02.2026", "1985-13-01", "0000-01-01", "٢٠٢٦"])
def test_a_day_that_does_not_exist_is_said_beside_its_field(day: str) -> None:
    field = PersonForm.base_fields["birth_date"]
    with pytest.raises(ValidationError):
        field.clean(day)


@pytest.fixture
def house(clerk: StaffUser, programme: Programme) -> Any:
    """Registers somebody and tells whom she was taken for."""

    def told(**more: Any) -> tuple[Person, list[tuple[str, Verdict]]]:
        one = register_person(acting_staff=clerk, person=person_in(programme, **more))
        return one.person, [
            (hint.person.display_name, Verdict(hint.finding.verdict))
            for hint in one.possible_duplicates
        ]

    return told


def test_twins_and_a_telephone_of_the_house_are_never_likely_the_same(house: Any) -> None:
    phone = "+37491000111"
    first, hints = house(first="Armen", phone=phone)
    assert hints == []
    _twin, hints = house(first="Karen", phone=phone)
    assert Verdict.LIKELY not in [verdict for _name, verdict in hints]
    _mother, hints = house(first="Siranush", birth_date=date(1958, 1, 9), phone=phone)
    assert hints == []
    _again, hints = house(first="Armen", phone=phone)
    assert (first.display_name, Verdict.LIKELY) in hints


def test_nothing_but_a_name_is_enough_and_two_such_are_not_one(
    house: Any, clerk: StaffUser, programme: Programme
) -> None:
    bare = PersonIn(names=(NameIn("فاطمة"),), registered_date=DAY, programme=programme)
    one = register_person(acting_staff=clerk, person=bare)
    two = register_person(acting_staff=clerk, person=bare)
    assert Verdict.LIKELY not in [hint.finding.verdict for hint in two.possible_duplicates]
    assert one.person.pk != two.person.pk
    assert PersonName.objects.get(person=one.person).script == c.Script.ARABIC
    found = find_persons(Person.objects.visible_to(clerk), "فاطمة")
    assert set(found.values_list("pk", flat=True)) == {one.person.pk, two.person.pk}


def test_a_guessed_id_and_a_hidden_one_cost_the_same_and_say_the_same(
    clerk: StaffUser, focal_point: StaffUser, ani: Person
) -> None:
    Compartment.objects.create(person=ani, kind="PERSON", opened_by=focal_point, opened_date=DAY)
    hidden_changed()
    client = signed_in(clerk)
    doors = ("people:person_detail", "people:correct", "desk:journey")
    for door in doors:
        asked = []
        for pk in (uuid4(), ani.pk, uuid4()):
            address = reverse(door, args=[pk])
            with CaptureQueriesContext(
                connection,
            ) as told:
                answer = client.get(address)
            body = answer.content.replace(str(pk).encode(), b"ID")
            asked.append((answer.status_code, _without_tokens(body), len(told)))
        assert asked[1][0] == 404
        assert asked[1] == asked[2], door
    for pk in (uuid4(), ani.pk):
        api = client.get(f"/api/v1/people/persons/{pk}")
        assert api.status_code == 404
    hidden_changed()


def _without_tokens(body: bytes) -> bytes:
    """The page without what is drawn anew for each: the form's token, the number of the request."""
    return DRAWN.sub(b"", body)


# --- at most fifteen questions --------------------------------------------------------------------

MOST = 15
KNOWN_TO_THE_HOUSE = {"programme", "office", "registered_date", "enquiry", "id"}
"""Filled in where the clerk's own leave no choice."""
ONE_QUESTION = (
    {"purposes", "method", "consents"},
    {"birth_date", "birth_year", "age", "birth_precision"},
    {"other_first", "other_last"},
    {"paper_kind", "paper_number", "papers"},
)


def questions(fields: set[str]) -> int:
    """How many questions these fields are to a newcomer."""
    left = {name.removesuffix("_id") for name in fields} - KNOWN_TO_THE_HOUSE
    asked = 0
    for together in ONE_QUESTION:
        asked += bool(left & together)
        left -= together
    return asked + len(left)


def test_a_newcomer_is_asked_at_most_fifteen_questions_at_either_door() -> None:
    shown = [name for question in PersonForm.questions for name in question.fields]
    assert sorted(shown) == sorted(PersonForm.base_fields), "no question stands outside"
    assert questions(set(shown)) <= MOST
    assert questions(set(PersonTold.model_fields)) <= MOST
    needed = {name for name, field in PersonTold.model_fields.items() if field.is_required()}
    assert needed == {"names", "registered_date"}


def test_the_house_fills_in_what_it_knows(clerk: StaffUser, programme: Programme) -> None:
    page = signed_in(clerk).get(reverse("people:person_new"))
    start = page.context["form"].initial
    assert start["programme"] == programme.pk
    assert "registered_date" in start
