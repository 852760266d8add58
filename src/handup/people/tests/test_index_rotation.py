"""A new index key: what is looked up is found before, while and after the hashes are made anew."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from handup.org import erased, keys, rotation
from handup.org.encryption import lookup_hash
from handup.org.models import StaffUser
from handup.people.disclosed import pseudonym
from handup.people.models import Match, MatchKey, Person, PersonDocument
from handup.people.queries.duplicates import find_for
from handup.people.queries.matching import aliases, keys_that_differ, records_of
from handup.people.rules import codes as c
from handup.people.rules.matching.records import Document
from handup.people.services import PaperIn, correct_person, known_persons, register_person
from handup.people.tests.conftest import DAY, person_in
from handup.projects.models import Programme

PHONES = ("+37491123456", "+37491123457", "+37491123458")


@pytest.fixture(autouse=True)
def _own_keys(settings: Settings, tmp_path: Path) -> None:
    settings.KEYS_FILE = tmp_path / "keys.json"


def test_what_is_looked_up_is_found_while_the_index_key_changes(
    clerk: StaffUser, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    persons = [
        register_person(acting_staff=clerk, person=person_in(programme, phone=phone)).person
        for phone in PHONES
    ]
    paper = PersonDocument.objects.create(
        person=persons[0], kind="PASSPORT", number="AB 12-34", seen_by=clerk, seen_date=DAY
    )
    before = dict(Person.objects.values_list("pk", "phone_hash"))
    keyed = set(MatchKey.objects.values_list("key", flat=True))
    lasting = erased.hash_of(persons[0].pk), pseudonym(programme.pk, persons[0].pk)

    def found() -> list[object]:
        phones = [lookup_hash(Person, "phone_hash", phone) for phone in PHONES]
        return [
            *(Person.objects.get(phone_hash=phone).pk for phone in phones),
            Person.objects.filter(phone_hash__in=phones).count(),
            PersonDocument.objects.get(
                number_hash=lookup_hash(PersonDocument, "number_hash", "ab1234")
            ).pk,
            len(find_for(records_of([persons[0].pk], aliases())[0]).findings),
        ]

    expected = found()
    assert expected[3:] == [3, paper.pk, 2], expected
    keys.add_index_key()
    assert found() == expected
    with monkeypatch.context() as broken:
        broken.setattr(rotation, "BATCH", 1)
        broken.setattr(rotation, "rebuilds", [])
        halts, whole = iter((True, False)), rotation._outdated

        def stops(*args: Any) -> Any:
            return whole(*args) if next(halts) else 1 / 0

        broken.setattr(rotation, "_outdated", stops)
        with pytest.raises(ZeroDivisionError):
            rotation.rehash()
    assert found() == expected
    rotation.rehash()
    assert (rotation.count_former(), found()) == (0, expected)
    assert keys.remove_former_index_keys() == 1
    assert found() == expected
    after = dict(Person.objects.values_list("pk", "phone_hash"))
    assert not set(before.values()) & set(after.values())
    assert not keyed & set(MatchKey.objects.values_list("key", flat=True))
    assert (erased.hash_of(persons[0].pk), pseudonym(programme.pk, persons[0].pk)) == lasting


def test_who_comes_while_the_index_key_changes_is_found_by_telephone_and_document(
    clerk: StaffUser, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    def came(last: str, year: int) -> Person:
        return register_person(
            acting_staff=clerk,
            person=person_in(
                programme, "Anahit", last, birth_date=date(year, 5, 7), phone="+37491123456",
                papers=(PaperIn(c.PaperKind.PASSPORT, f"AB 123 {last[0]}"),),
            ),
        ).person  # fmt: skip

    def met(one: Person, other: Person) -> str:
        pair = {one.pk, other.pk}
        rows = Match._base_manager.filter(first__in=pair, second__in=pair)
        return " ".join(rows.values_list("verdict", flat=True))

    first, again = came("Sargsyan", 1985), came("Simonyan", 1970)
    before = met(first, again)
    assert before
    keys.add_index_key()
    while_changing = came("Sahakyan", 1971)
    assert met(first, while_changing) == before
    with monkeypatch.context() as broken:
        broken.setattr(rotation, "rebuilds", [])
        rotation.rehash()
    later = came("Stepanyan", 1972)
    assert met(first, later) == met(while_changing, later) == before
    assert {row.documents for row in records_of([first.pk, later.pk])} == {
        frozenset({Document("PASSPORT", str(lookup_hash(PersonDocument, "number_hash", "AB123S")))})
    }
    rotation.rehash()
    assert list(keys_that_differ()) == []


def test_the_same_number_under_a_new_key_is_no_other_number(
    clerk: StaffUser, programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ends with a telephone does not end because a key changed while a name was corrected."""
    ended: list[Person] = []
    monkeypatch.setattr(known_persons, "on_other_number", [lambda her, _staff: ended.append(her)])
    told = person_in(programme, phone=PHONES[0])
    her = register_person(acting_staff=clerk, person=told).person
    keys.add_index_key()
    for phone, ends in ((PHONES[0], []), (PHONES[1], [her]), ("", [her, her])):
        correct_person(
            acting_staff=clerk, person=her, sex=c.Sex(her.sex), birth_date=her.birth_date,
            birth_precision=c.BirthPrecision(her.birth_precision), father_name="Aram",
            phone=phone, area=her.area, on=DAY,
        )  # fmt: skip
        assert ended == ends
        her = Person.objects.get(pk=her.pk)
