"""The stored keys by which a person is found again, and the table of spellings."""

import pytest
from pytest_django import DjangoAssertNumQueries

from handup.org.models import StaffUser
from handup.org.permissions import NotAllowed
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people import matched
from handup.people.models import MatchKey, NameAlias, Person
from handup.people.queries.matching import (
    Sealer,
    aliases,
    all_records,
    keys_that_differ,
    records_of,
)
from handup.people.rules import codes as c
from handup.people.rules.matching.blocks import block_keys
from handup.people.services import (
    NameIn,
    PaperIn,
    add_alias,
    add_name,
    correct_person,
    rebuild_keys,
    record_document,
    register_person,
    register_persons,
    take_alias_away,
)
from handup.people.services import match_keys as r
from handup.people.tests.conftest import DAY, person_in
from handup.projects.models import Programme


@pytest.fixture
def adjudicator(db: None) -> StaffUser:
    return staff_with("adjudicator", Role.ADJUDICATOR)


def keys_of(person: Person) -> set[int]:
    return set(MatchKey._base_manager.filter(person=person).values_list("key", flat=True))


def right(person: Person) -> bool:
    """Her stored keys are those of what is known of her."""
    return keys_of(person) == Sealer().of(records_of([person.pk], aliases())[0])


def test_a_registration_stores_every_key_and_none_can_be_read(ani: Person) -> None:
    (record,) = records_of([ani.pk])
    texts = block_keys(record)
    assert {text.split("|")[0] for text in texts} >= {"TEL", "FD", "LD", "NS", "NY", "NM", "SD"}
    assert keys_of(ani) == {Sealer()(text) for text in texts}
    assert len(keys_of(ani)) == len(texts)


def test_keys_follow_names_dates_places_telephones_and_documents(
    clerk: StaffUser, ani: Person
) -> None:
    seen = [keys_of(ani)]
    add_name(acting_staff=clerk, person=ani, name=NameIn("Անահիտ", "Սարգսյան"))
    seen.append(keys_of(ani))
    assert seen[1] > seen[0]
    record_document(
        acting_staff=clerk,
        person=ani,
        paper=PaperIn(c.PaperKind.PASSPORT, "AB1"),
        seen_date=DAY,
    )
    assert len(keys_of(ani) - seen[1]) == 1
    correct_person(
        acting_staff=clerk,
        person=ani,
        sex=c.Sex.F,
        birth_date=ani.birth_date,
        birth_precision=c.BirthPrecision.YEAR,
        father_name="",
        phone="+37499000111",
        area=None,
        on=DAY,
    )
    assert right(ani)
    assert len(keys_of(ani) & seen[0]) == 1  # both names with the year are still known


def test_verify_shows_a_key_that_is_not_hers_and_making_them_anew_mends_it(ani: Person) -> None:
    assert list(keys_that_differ()) == []
    wrong = MatchKey._base_manager.filter(person=ani).first()
    assert wrong is not None
    MatchKey._base_manager.filter(pk=wrong.pk).update(key=7)
    (told,) = keys_that_differ()
    assert told.key == f"people.Person {ani.pk}"
    assert "Sargsyan" not in told.stored + told.computed
    rebuild_keys()
    assert list(keys_that_differ()) == []
    assert right(ani)


def test_a_batch_stores_its_keys_in_few_statements(
    clerk: StaffUser, programme: Programme, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    told = [person_in(programme, "Ani", f"Sargs{n}yan") for n in range(40)]
    with django_assert_max_num_queries(30):
        register_persons(acting_staff=clerk, items=told)
    assert list(keys_that_differ()) == []
    assert len(list(all_records())) == 40


def test_an_erased_person_is_found_by_nothing(ani: Person) -> None:
    matched.erase(ani.pk)
    Person._base_manager.filter(pk=ani.pk).update(erased_date=DAY)
    assert keys_of(ani) == set()
    assert list(keys_that_differ()) == []
    rebuild_keys()
    assert keys_of(ani) == set()


def test_a_spelling_leads_to_its_name_and_can_be_taken_away(
    adjudicator: StaffUser, clerk: StaffUser, programme: Programme
) -> None:
    first = register_person(
        acting_staff=clerk, person=person_in(programme, "Anna", "Hovhannisyan")
    ).person
    told = person_in(programme, "Anna", "Оганесян")
    second = register_person(acting_staff=clerk, person=told)
    alone = {hint.finding.p for hint in second.possible_duplicates}
    alias = add_alias(
        acting_staff=adjudicator, spelling="Оганесян", meant="Hovhannisyan", recorded_date=DAY
    )
    assert right(first)
    assert right(second.person)
    third = register_person(acting_staff=clerk, person=told)
    hints = {hint.person.pk: hint for hint in third.possible_duplicates}
    assert "last_name" in hints[first.pk].agreeing
    assert hints[first.pk].finding.p > max(alone, default=0)
    take_alias_away(acting_staff=adjudicator, alias=alias)
    assert not NameAlias._base_manager.exists()
    assert list(keys_that_differ()) == []


@pytest.mark.parametrize(
    ("spelling", "meant", "refusal", "field"),
    [
        ("12", "Ani", r.SpellingWithoutLetters, "spelling"),
        ("Ani", "–", r.SpellingWithoutLetters, "meant"),
        ("Oganesyan", "Ani", r.SpellingKnown, "spelling"),
        ("Ani", "Անի", r.SpellingKnown, "spelling"),
        ("Hovhannisyan", "Oganesyan", r.NamesInCircle, "meant"),
    ],
)
def test_a_spelling_that_leads_nowhere_is_refused(
    adjudicator: StaffUser, spelling: str, meant: str, refusal: type[Exception], field: str
) -> None:
    add_alias(
        acting_staff=adjudicator, spelling="Oganesyan", meant="Hovhannisyan", recorded_date=DAY
    )
    with pytest.raises(refusal) as caught:
        add_alias(acting_staff=adjudicator, spelling=spelling, meant=meant, recorded_date=DAY)
    assert getattr(caught.value, "field", "") == field
    assert NameAlias._base_manager.count() == 1


def test_a_chain_of_spellings_leads_to_its_last_name(
    adjudicator: StaffUser, clerk: StaffUser, programme: Programme
) -> None:
    person = register_person(
        acting_staff=clerk, person=person_in(programme, "Anna", "Aganesian")
    ).person
    add_alias(acting_staff=adjudicator, spelling="Aganesian", meant="Oganesyan", recorded_date=DAY)
    later = add_alias(
        acting_staff=adjudicator, spelling="Oganesyan", meant="Hovhannisyan", recorded_date=DAY
    )
    assert set((aliases() or {}).values()) == {"hovhanisian"}
    assert right(person)
    take_alias_away(acting_staff=adjudicator, alias=later)
    assert set((aliases() or {}).values()) == {"oganesian"}
    assert right(person)


def test_a_clerk_changes_no_spelling(clerk: StaffUser) -> None:
    with pytest.raises(NotAllowed):
        add_alias(acting_staff=clerk, spelling="A", meant="B", recorded_date=DAY)
    assert not NameAlias._base_manager.exists()
