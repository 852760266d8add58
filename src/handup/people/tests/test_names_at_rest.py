"""Names sealed at rest: nothing readable in the tables, and people still find whom they want."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from pytest_django import Settings

from handup.kernel.names import normal_form
from handup.org import keys, rotation, statements
from handup.org.encryption import EncryptedLookUp
from handup.org.keys import Ring
from handup.org.lengths import TextTooLong
from handup.org.models import StaffUser
from handup.org.names_at_rest import is_sealed, name_key
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Person, PersonName
from handup.people.queries.persons import by_name, called, find_persons
from handup.people.rules import codes as c
from handup.people.services import NameIn, add_name, correct_person, register_person
from handup.people.services import names_at_rest as at_rest
from handup.people.services.match_keys import add_alias
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.projects.models import Programme

NAMES = (NameIn("Hripsime", "Gevorkyan"), NameIn("Հռիփսիմե", "Գևորգյան", c.NameKind.ROMANISED))
FATHER = "Mkhitar"


@pytest.fixture
def sealed(settings: Settings) -> Settings:
    settings.ENCRYPT_NAMES = True
    return settings


def register(clerk: StaffUser, programme: Programme, **more: Any) -> Any:
    told = person_in(programme, **({"names": NAMES, "father_name": FATHER} | more))
    return register_person(acting_staff=clerk, person=told)


def stored() -> dict[str, list[tuple[Any, ...]]]:
    """What the tables of names hold, as the database keeps it."""
    found = {}
    with connection.cursor() as cursor:
        for model in at_rest.tables():
            columns = tuple(str(f.column) for f in model._meta.local_concrete_fields)
            cursor.execute(statements.select(model._meta.db_table, columns))
            found[model._meta.db_table] = sorted(cursor.fetchall(), key=repr)
    return found


def told_of_her() -> set[str]:
    """Everything of a name somebody could read: as written, and in its forms."""
    words = {FATHER, *(w for name in NAMES for w in (name.first_name, name.last_name))}
    return {w.lower() for w in words} | {normal_form(w) for w in words}


def readable() -> list[str]:
    text = repr(stored()).lower()
    return sorted(word for word in told_of_her() if word in text)


def test_no_name_and_no_form_of_one_is_readable_and_everybody_reads_her_name(
    sealed: Settings, clerk: StaffUser, programme: Programme
) -> None:
    person = register(clerk, programme).person
    assert readable() == []
    person = Person.objects.get(pk=person.pk)
    assert (person.display_name, person.father_name) == ("Hripsime Gevorkyan", FATHER)
    assert str(person) == "Hripsime Gevorkyan"
    assert person.sort_key == person.registration_no
    assert [str(name) for name in person.names.all()] == [
        "Hripsime Gevorkyan", "Հռիփսիմե Գևորգյան",
    ]  # fmt: skip
    assert person.history.get().display_name == "Hripsime Gevorkyan"
    client = signed_in(clerk)
    page = client.get(reverse("people:person_detail", args=[person.pk])).content.decode()
    assert "Hripsime Gevorkyan" in page
    listed = client.get(reverse("people:person_list")).content.decode()
    assert "Hripsime Gevorkyan" in listed
    answer = client.get(f"/api/v1/people/persons/{person.pk}").json()
    assert answer["display_name"] == "Hripsime Gevorkyan"


def test_she_is_found_by_whole_names_in_any_script_and_by_number_only(
    sealed: Settings, clerk: StaffUser, programme: Programme
) -> None:
    person = register(clerk, programme).person
    rows = Person.objects.visible_to(clerk)

    def found(text: str) -> bool:
        return person in find_persons(rows, text)

    for text in ("Hripsime", "gevorkyan hripsime", "Գևորգյան", person.registration_no):
        assert found(text), text
    assert not found("Hrip")
    assert not found("Hripsime Petrosyan")
    assert found(person.registration_no[:6])
    assert list(called(["Gevorkyan Hripsime", "Ann Alba"])) == [person]
    assert list(called(["Hripsime"])) == []
    narrow = by_name("person", ("person__sort_key", "kind"))
    assert set(narrow(PersonName.objects.all(), "hripsime")) == set(person.names.all())
    assert set(narrow(PersonName.objects.all(), "roman")) == {person.names.last()}


def test_a_question_by_name_is_refused_not_answered_with_nobody(sealed: Settings) -> None:
    for question in ({"display_name": "x"}, {"father_name__in": ["x"]}):
        with pytest.raises(EncryptedLookUp):
            Person._base_manager.filter(**question)
    with pytest.raises(EncryptedLookUp):
        PersonName._base_manager.filter(first_name__icontains="x")


def test_lists_sort_by_number(sealed: Settings, clerk: StaffUser, programme: Programme) -> None:
    for first in ("Zara", "Anna", "Mari"):
        register(clerk, programme, names=(NameIn(first, "Aa"),), birth_date=date(1970, 1, 1))
    numbers = list(Person.objects.values_list("registration_no", flat=True))
    assert numbers == sorted(numbers)


def test_duplicates_aliases_corrections_and_new_names_work_as_before(
    sealed: Settings, clerk: StaffUser, manager: StaffUser, programme: Programme
) -> None:
    person = register(clerk, programme).person
    again = register(clerk, programme, names=(NameIn("Hripsime", "Kevorkian"),), father_name="")
    assert [hint.person for hint in again.possible_duplicates] == [person]
    add_name(acting_staff=clerk, person=person, name=NameIn("Hripo", "", c.NameKind.ALIAS))
    correct_person(
        acting_staff=clerk, person=person, sex=c.Sex.F, birth_date=None,
        birth_precision=c.BirthPrecision.UNKNOWN, father_name="Mkhitar Senior", phone="",
        area=None, on=DAY,
    )  # fmt: skip
    add_alias(
        acting_staff=staff_with("adjudicator", Role.ADJUDICATOR), spelling="Hripo",
        meant="Hripsime", recorded_date=DAY,
    )  # fmt: skip
    assert readable() == []
    person = Person.objects.get(pk=person.pk)
    assert person.father_name == "Mkhitar Senior"
    assert person in find_persons(Person.objects.all(), "hripo")
    with pytest.raises(TextTooLong):
        add_name(acting_staff=clerk, person=person, name=NameIn("A" * 121))


def test_written_anew_after_the_setting_changed_and_back_to_the_byte(
    settings: Settings, clerk: StaffUser, programme: Programme
) -> None:
    settings.ENCRYPT_NAMES = False
    register(clerk, programme)
    register(clerk, programme, names=(NameIn("Ann"),), birth_date=date(1970, 1, 1))
    before = stored()
    assert readable() != []
    settings.ENCRYPT_NAMES = True
    assert {found.key for found in at_rest.names_that_differ()} == {
        table for table, rows in before.items() if rows
    }
    assert at_rest.write_names() == sum(len(rows) for rows in before.values())
    assert (readable(), at_rest.left_to_write(), at_rest.write_names()) == ([], 0, 0)
    assert list(at_rest.names_that_differ()) == []
    assert not Person.history.exclude(history_type="+").exists(), "nothing of hers changed"
    settings.ENCRYPT_NAMES = False
    assert {str(person) for person in Person.objects.all()} == {"Hripsime Gevorkyan", "Ann"}
    at_rest.write_names()
    assert stored() == before


def test_keys_are_changed_under_sealed_names_and_beside_plain_ones(
    settings: Settings, clerk: StaffUser, programme: Programme, tmp_path: Path
) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"
    settings.ENCRYPT_NAMES = False
    register(clerk, programme)
    keys.add_key(Ring.FIELD)
    rotation.rotate()
    assert readable() != [], "a plain name has no key and stays"
    settings.ENCRYPT_NAMES = True
    at_rest.write_names()
    old = keys.ids(Ring.FIELD)[0]
    new = keys.add_key(Ring.FIELD)
    rotation.rotate()
    counts = rotation.count_by_key()
    assert counts[old] == 0
    assert counts[new] >= 12
    assert Person.objects.get().display_name == "Hripsime Gevorkyan"
    found = name_key(normal_form("Hripsime"))
    keys.add_index_key()
    rotation.rehash()
    assert PersonName.objects.filter(normal_first=found).exists()


def test_a_name_typed_like_a_sealed_one_is_a_name(clerk: StaffUser, programme: Programme) -> None:
    odd = f"k1:gAAAA{'A' * 40}"
    person = register(clerk, programme, names=(NameIn(odd),)).person
    assert is_sealed(odd)
    assert Person.objects.get(pk=person.pk).display_name == odd
