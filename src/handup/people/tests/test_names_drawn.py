"""Drawn sequences of acts upon names, with the seal put on and taken off between them: everybody
keeps her names, is found by them, and nothing readable lies where names are to be sealed.
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from handup.kernel.names import normal_form
from handup.org.models import StaffUser
from handup.people.models import Person, PersonName
from handup.people.queries.persons import find_persons
from handup.people.rules import codes as c
from handup.people.services import NameIn, add_name, correct_person, register_person
from handup.people.services import names_at_rest as at_rest
from handup.people.tests.conftest import DAY, person_in
from handup.people.tests.test_names_at_rest import stored
from handup.projects.models import Programme

FIRST = ("Hripsime", "Գոհար", "Лусине", "فاطمة", "Энхтуяа", "Zohrab", "Mane-Ani")
LAST = ("Gevorkyan", "Սարգսյան", "Оганесян", "", "Батэрдэнэ", "O'Brien")
names = st.tuples(st.sampled_from(FIRST), st.sampled_from(LAST))
acts = st.one_of(
    st.tuples(st.just("register"), names),
    st.tuples(st.just("add"), names, st.integers(0, 9)),
    st.tuples(st.just("father"), st.sampled_from(FIRST), st.integers(0, 9)),
    st.tuples(st.just("seal"), st.booleans(), st.booleans()),
)
SEEN = frozenset(normal_form(word) for word in (*FIRST, *LAST) if word)
"""Forms that must not be readable; with the words themselves."""


class Told:
    """What was told of everybody, as it should be read back."""

    def __init__(self) -> None:
        self.names: dict[Any, list[tuple[str, str]]] = {}
        self.fathers: dict[Any, str] = {}

    def whom(self, number: int) -> Any:
        """One of those there are."""
        ids = list(self.names)
        return ids[number % len(ids)] if ids else None


def do(act: Any, told: Told, clerk: StaffUser, programme: Programme, rest: Settings) -> None:
    kind, what, *more = act
    if kind == "register":
        person = register_person(
            acting_staff=clerk, person=person_in(programme, names=(NameIn(*what),))
        ).person
        told.names[person.pk] = [what]
    elif kind == "seal":
        rest.ENCRYPT_NAMES = what
        if more[0]:  # written anew at once, or left for later beside what comes
            at_rest.write_names()
    elif (pk := told.whom(more[0])) is not None:
        person = Person.objects.get(pk=pk)
        if kind == "add" and what not in told.names[pk]:
            add_name(
                acting_staff=clerk, person=person, name=NameIn(what[0], what[1], c.NameKind.ALIAS)
            )
            told.names[pk].append(what)
        elif kind == "father":
            correct_person(
                acting_staff=clerk, person=person, on=DAY, sex=c.Sex(person.sex),
                birth_date=person.birth_date,
                birth_precision=c.BirthPrecision(person.birth_precision),
                father_name=what, phone=person.phone, area=person.area,
            )  # fmt: skip
            told.fathers[pk] = what


def check(told: Told, sealed: bool) -> None:
    """Everybody reads and finds what was told, whatever the seal."""
    for pk, held in told.names.items():
        person = Person.objects.get(pk=pk)
        assert person.display_name == " ".join(part for part in held[0] if part)
        assert person.father_name == told.fathers.get(pk, "")
        rows = PersonName.objects.filter(person=pk).order_by("id")
        assert [(row.first_name, row.last_name) for row in rows] == held
        for first, last in held:
            for words in (first, f"{first} {last}", f"{last} {first}"):
                assert find_persons(Person.objects.all(), words).filter(pk=pk).exists(), words
    assert (at_rest.left_to_write(), list(at_rest.names_that_differ())) == (0, [])
    if sealed:
        text = repr(stored()).lower()
        assert [form for form in SEEN if f"'{form}'" in text] == []
        assert [word for word in (*FIRST, *LAST) if len(word) > 4 and word.lower() in text] == []


class Undone(Exception):
    """Takes back what one example did."""


@pytest.mark.django_db
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(drawn=st.lists(acts, min_size=3, max_size=9), last=st.booleans())
def test_whatever_is_done_to_names_under_or_without_the_seal_all_is_read_and_found(
    drawn: list[Any], last: bool, clerk: StaffUser, programme: Programme, rest: Settings
) -> None:
    rest.ENCRYPT_NAMES = False
    try:
        with transaction.atomic():
            told = Told()
            for act in drawn:
                do(act, told, clerk, programme, rest)
            rest.ENCRYPT_NAMES = last
            at_rest.write_names()
            check(told, last)
            before = stored()
            rest.ENCRYPT_NAMES = not last
            at_rest.write_names()
            check(told, not last)
            rest.ENCRYPT_NAMES = last
            at_rest.write_names()
            if not last:
                assert stored() == before, "back to the byte"
            check(told, last)
            raise Undone
    except Undone:
        pass


@pytest.fixture
def rest(settings: Settings) -> Settings:
    """The settings under another name, as hypothesis has its own."""
    return settings
