"""Registering a person: once, with gaps, by whom, and what is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from handup.kernel.crypto import BadPhone
from handup.kernel.errors import Faults, Refusal
from handup.kernel.ids import new_id
from handup.kernel.luhn import is_valid
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.people.models import (
    Consent,
    ConsentNotice,
    Enquiry,
    Match,
    Person,
    PersonDocument,
    PersonName,
)
from handup.people.queries import find_persons
from handup.people.rules import codes as c
from handup.people.rules.categories import birth_from_age
from handup.people.services import (
    EnquiryIn,
    NameIn,
    PaperIn,
    PersonIn,
    StatusIn,
    VulnerabilityIn,
    add_name,
    correct_person,
    open_compartment,
    record_document,
    record_enquiry,
    register_person,
    register_persons,
)
from handup.people.services import registration as r
from handup.people.services.store import EndsBeforeStart, PersonErased
from handup.people.tests.conftest import DAY, agreed, person_in
from handup.projects.models import Programme


def test_a_registration_keeps_names_status_consent_and_a_random_number(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    told = person_in(
        programme,
        names=(NameIn("Անի", "Սարգսյան"), NameIn("Ani", "Sarkissian", c.NameKind.ROMANISED)),
        statuses=(StatusIn(c.LegalStatusKind.REFUGEE, date(2020, 1, 1)),),
        vulnerabilities=(VulnerabilityIn(c.VulnerabilityKind.WIDOWED, date(2021, 1, 1)),),
        papers=(PaperIn(c.PaperKind.PASSPORT, "AB 123456"),),
        consents=(agreed(notice), agreed(notice, c.ConsentPurpose.SHARE_BANK)),
        languages=("hy",),
        phone="+374 91 123456",
        father_name="Petros",
    )
    person = register_person(acting_staff=clerk, person=told).person
    person.refresh_from_db()
    assert is_valid(person.registration_no)
    assert person.display_name == "Անի Սարգսյան"
    assert [name.script for name in person.names.all()] == ["ARMENIAN", "LATIN"]
    assert len({name.normal_last for name in person.names.all()}) == 2
    assert person.legal_statuses.get().status == "REFUGEE"
    assert person.vulnerabilities.get().kind == "WIDOWED"
    assert person.phone == "+374 91 123456"
    assert person.documents.get().number == "AB 123456"
    assert {consent.purpose for consent in person.consents.all()} == {"SERVICE", "SHARE_BANK"}
    assert person.history.count() == 1
    assert person.history.get().history_user == clerk
    lines = AuditLine.objects.filter(object_id=str(person.pk))
    assert lines.get().action == "people.register_person"
    assert "Անի" not in str(lines.get().facts)


def test_numbers_and_phones_are_never_readable_in_the_database(
    clerk: StaffUser, programme: Programme
) -> None:
    told = person_in(
        programme,
        phone="+37491123456",
        address="third house by the mill",
        papers=(PaperIn(c.PaperKind.PASSPORT, "ZZ998877"),),
    )
    register_person(acting_staff=clerk, person=told)
    with connection.cursor() as cursor:
        dumped = ""
        for table in (
            "people_person",
            "people_historicalperson",
            "people_persondocument",
            "people_historicalpersondocument",
        ):
            cursor.execute(f"SELECT * FROM {table}")
            dumped += str(cursor.fetchall())
    for secret in ("37491123456", "ZZ998877", "by the mill"):
        assert secret not in dumped


def test_one_word_no_date_and_no_document_are_accepted(
    clerk: StaffUser, programme: Programme
) -> None:
    told = PersonIn(names=(NameIn("Batbayar"),), registered_date=DAY, programme=programme)
    person = register_person(acting_staff=clerk, person=told).person
    assert person.birth_precision == "UNKNOWN"
    assert person.sex == "NOT_ASKED"
    assert person.names.get().last_name == ""


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"names": ()}, r.NameMissing, "first_name"),
        ({"names": (NameIn("  "),)}, r.NameMissing, "first_name"),
        ({"birth_date": date(2026, 3, 3)}, r.BirthDateInFuture, "birth_date"),
        ({"birth_date": date(1915, 3, 2)}, r.TooOld, "birth_date"),
        ({"phone": "call me"}, BadPhone, "phone"),
        ({"papers": (PaperIn(c.PaperKind.PASSPORT, " - "),)}, r.DocumentNumberMissing, "number"),
        (
            {
                "papers": (
                    PaperIn(
                        c.PaperKind.PASSPORT,
                        "A1",
                        issue_date=date(2020, 1, 2),
                        valid_to=date(2020, 1, 1),
                    ),
                )
            },
            r.ValidToBeforeIssue,
            "valid_to",
        ),
        (
            {"statuses": (StatusIn(c.LegalStatusKind.IDP, date(2020, 1, 2), date(2020, 1, 1)),)},
            EndsBeforeStart,
            "to_date",
        ),
    ],
)
def test_what_cannot_be_true_is_refused_and_nothing_is_stored(
    clerk: StaffUser,
    programme: Programme,
    change: dict[str, Any],
    refusal: type[Refusal],
    field: str,
) -> None:
    with pytest.raises(refusal) as caught:
        register_person(acting_staff=clerk, person=person_in(programme, **change))
    assert caught.value.field == field
    assert not Person._base_manager.exists()
    assert not PersonName._base_manager.exists()
    assert not AuditLine.objects.filter(action="people.register_person").exists()


OF_110 = (
    (date(1915, 3, 3), c.BirthPrecision.DAY, True),
    (date(1915, 3, 2), c.BirthPrecision.DAY, False),
    (date(1915, 3, 1), c.BirthPrecision.MONTH, True),
    (date(1915, 2, 1), c.BirthPrecision.MONTH, False),
    (date(1915, 1, 1), c.BirthPrecision.YEAR, True),
    (date(1914, 1, 1), c.BirthPrecision.YEAR, False),
    (birth_from_age(110, DAY), c.BirthPrecision.AGE, True),
    (birth_from_age(111, DAY), c.BirthPrecision.AGE, False),
)


@pytest.mark.parametrize(("born", "precision", "taken"), OF_110)
def test_day_month_year_and_age_stop_at_the_same_110_years(
    clerk: StaffUser, programme: Programme, born: date, precision: c.BirthPrecision, taken: bool
) -> None:
    told = person_in(programme, birth_date=born, birth_precision=precision)
    if not taken:
        with pytest.raises(r.TooOld):
            register_person(acting_staff=clerk, person=told)
        assert not Person._base_manager.exists()
        return
    stored = register_person(acting_staff=clerk, person=told).person
    assert (stored.birth_date, stored.birth_precision) == (born, precision.value)


def test_whoever_turned_111_since_may_get_another_telephone(
    clerk: StaffUser, programme: Programme
) -> None:
    told = person_in(programme, birth_date=date(1915, 3, 3))
    person = register_person(acting_staff=clerk, person=told).person
    now: dict[str, Any] = {"sex": c.Sex.F, "father_name": "", "area": None}
    now |= {"birth_precision": c.BirthPrecision.DAY, "on": date(2026, 6, 1)}
    correct_person(
        acting_staff=clerk, person=person, birth_date=person.birth_date, phone="+37491000222", **now
    )
    with pytest.raises(r.TooOld):
        correct_person(
            acting_staff=clerk, person=person, birth_date=date(1915, 3, 4), phone="", **now
        )
    person.refresh_from_db()
    assert (person.phone, person.birth_date) == ("+37491000222", date(1915, 3, 3))


def test_a_used_document_number_raises_no_error_but_a_hint(
    clerk: StaffUser, programme: Programme
) -> None:
    paper = PaperIn(c.PaperKind.PASSPORT, "AB 123456")
    first = register_person(acting_staff=clerk, person=person_in(programme, papers=(paper,)))
    again = register_person(
        acting_staff=clerk,
        person=person_in(
            programme,
            "Mariam",
            "Petrosyan",
            birth_date=date(1999, 1, 2),
            papers=(PaperIn(c.PaperKind.PASSPORT, "ab-123456"),),
        ),
    )
    assert PersonDocument._base_manager.count() == 2
    (hint,) = again.possible_duplicates
    assert hint.person == first.person
    assert "document" in hint.agreeing


@pytest.mark.parametrize(
    ("change", "agreed"),
    [
        (
            {"names": (NameIn("Ани", "Саркисян"),)},
            {"first_name", "last_name", "birth_date", "sex"},
        ),
        (
            {"names": (NameIn("Ani", "Sarkissian"),), "birth_date": date(1985, 6, 5)},
            {"first_name", "last_name", "birth_date", "sex"},
        ),
        (
            {"birth_date": None, "phone": "+374 (91) 123-456"},
            {"first_name", "last_name", "phone", "sex"},
        ),
    ],
)
def test_the_same_person_in_another_script_is_hinted_at(
    clerk: StaffUser, ani: Person, programme: Programme, change: dict[str, Any], agreed: set[str]
) -> None:
    told = register_person(acting_staff=clerk, person=person_in(programme, **change))
    (hint,) = told.possible_duplicates
    assert (hint.person, set(hint.agreeing)) == (ani, agreed)
    assert hint.percent >= 50


def test_a_stranger_is_not_hinted_at(clerk: StaffUser, ani: Person, programme: Programme) -> None:
    told = person_in(programme, "Lusine", "Melkonyan", birth_date=date(1985, 5, 7))
    assert register_person(acting_staff=clerk, person=told).possible_duplicates == ()


def test_nobody_is_hinted_at_a_person_she_may_not_see(
    outsider: StaffUser, focal_point: StaffUser, clerk: StaffUser, ani: Person,
    programme: Programme, other_programme: Programme,
) -> None:  # fmt: skip
    elsewhere = person_in(other_programme)
    assert register_person(acting_staff=outsider, person=elsewhere).possible_duplicates == ()
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    clerk = StaffUser.objects.get(pk=clerk.pk)
    told = register_person(acting_staff=clerk, person=person_in(programme))
    assert told.possible_duplicates == ()
    assert Match._base_manager.count() == 3


def test_the_device_sends_a_registration_twice_and_it_is_stored_once(
    clerk: StaffUser, programme: Programme
) -> None:
    told = person_in(programme, id=new_id())
    first = register_person(acting_staff=clerk, person=told).person
    again = register_person(acting_staff=clerk, person=told).person
    assert first.pk == again.pk == told.id
    assert Person._base_manager.count() == 1
    with pytest.raises(SameIdOtherContent):
        register_person(acting_staff=clerk, person=replace(told, names=(NameIn("Nare"),)))


def test_an_enquiry_becomes_a_registration_without_retyping(
    clerk: StaffUser, programme: Programme
) -> None:
    enquiry = record_enquiry(
        acting_staff=clerk,
        enquiry=EnquiryIn(
            programme=programme, enquiry_date=DAY, name="Ani", channel=c.Channel.MEDIA
        ),
    )
    person = register_person(
        acting_staff=clerk, person=person_in(programme), enquiry=enquiry
    ).person
    stored = Enquiry._base_manager.get()
    assert (stored.state, stored.person, stored.closed_date) == ("REGISTERED", person, DAY)


def test_a_trainer_cannot_register(trainer: StaffUser, programme: Programme) -> None:
    with pytest.raises(NotAllowed):
        register_person(acting_staff=trainer, person=person_in(programme))
    assert not Person._base_manager.exists()


def test_an_outsider_registers_nobody_into_this_programme(
    outsider: StaffUser, programme: Programme
) -> None:
    with pytest.raises(OutOfSight):
        register_person(acting_staff=outsider, person=person_in(programme))
    assert not Person._base_manager.exists()


def test_a_batch_stores_the_same_rows_as_one_by_one(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    told = [
        person_in(
            programme,
            "Participant",
            f"{number:04}",
            phone=f"+3749112{number:04}",
            consents=(agreed(notice),),
            statuses=(StatusIn(c.LegalStatusKind.REFUGEE, DAY),),
        )
        for number in range(3)
    ]
    batch = register_persons(acting_staff=clerk, items=told)
    single = [register_person(acting_staff=clerk, person=one).person for one in told]
    ignored = {"id", "recorded_at", "registration_no", "phone"}
    columns = [f.attname for f in Person._meta.fields if f.attname not in ignored]
    for one, other in zip(batch, single, strict=True):
        one.refresh_from_db()
        other.refresh_from_db()
        assert [getattr(one, n) for n in columns] == [getattr(other, n) for n in columns]
        assert one.phone == other.phone
        assert one.names.get().normal_last == other.names.get().normal_last
        assert one.match_keys.count() == other.match_keys.count() > 0
        assert one.consents.count() == other.consents.count() == 1
        assert one.history.count() == other.history.count() == 1
    assert AuditLine.objects.filter(action="people.register_person").count() == 6
    assert AuditLine.objects.filter(action="people.give_consent").count() == 6


def test_a_batch_lists_every_fault_with_its_row_and_stores_nothing(
    clerk: StaffUser, programme: Programme
) -> None:
    told = [
        person_in(programme),
        person_in(programme, birth_date=date(2030, 1, 1)),
        person_in(programme, names=()),
    ]
    with pytest.raises(Faults) as caught:
        register_persons(acting_staff=clerk, items=told)
    assert [(f.row, f.column, f.code) for f in caught.value.faults] == [
        (2, "birth_date", "BIRTH_DATE_IN_FUTURE"),
        (3, "first_name", "NAME_MISSING"),
    ]
    assert not Person._base_manager.exists()


def test_a_batch_sent_twice_changes_nothing(clerk: StaffUser, programme: Programme) -> None:
    told = [person_in(programme, id=new_id()), person_in(programme, "Nare", id=new_id())]
    first = register_persons(acting_staff=clerk, items=told)
    assert register_persons(acting_staff=clerk, items=told) == first
    assert Person._base_manager.count() == 2


def test_a_thousand_persons_are_stored_in_few_statements(
    clerk: StaffUser, programme: Programme, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    told = [person_in(programme, "Participant", f"{n:04}") for n in range(1000)]
    with django_assert_max_num_queries(100):
        register_persons(acting_staff=clerk, items=told)
    assert Person._base_manager.count() == 1000


def test_search_finds_every_script_by_any_script(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    add_name(
        acting_staff=clerk, person=ani, name=NameIn("Ани", "Оганян", c.NameKind.BEFORE_MARRIAGE)
    )
    other = register_person(
        acting_staff=clerk, person=person_in(programme, "Nare", "Davtyan")
    ).person
    rows = Person.objects.visible_to(clerk)
    for text in ("sargs", "Սարգ", "Саргсян Ани", "ani", "ogan", ani.registration_no[:6]):
        assert list(find_persons(rows, text)) == [ani], text
    assert list(find_persons(rows, "nar davt")) == [other]
    assert list(find_persons(rows, "!!")) == []
    assert list(find_persons(rows, "nobody")) == []


def test_a_correction_keeps_the_former_value_and_who_changed_it(
    clerk: StaffUser, ani: Person
) -> None:
    correct_person(
        acting_staff=clerk,
        person=ani,
        sex=c.Sex.F,
        birth_date=date(1986, 5, 6),
        birth_precision=c.BirthPrecision.YEAR,
        father_name="Petros",
        phone="+37499000111",
        area=ani.area,
        on=DAY,
    )
    ani.refresh_from_db()
    assert (ani.birth_date, ani.birth_precision, ani.phone) == (
        date(1986, 5, 6),
        "YEAR",
        "+37499000111",
    )
    former = ani.history.order_by("history_id").first()
    assert former.birth_date == date(1985, 5, 6)
    assert former.phone == "+37491123456"


def test_a_wrong_correction_changes_nothing(clerk: StaffUser, ani: Person) -> None:
    with pytest.raises(r.BirthDateInFuture):
        correct_person(
            acting_staff=clerk,
            person=ani,
            sex=c.Sex.M,
            birth_date=date(2027, 1, 1),
            birth_precision=c.BirthPrecision.DAY,
            father_name="",
            phone="",
            area=None,
            on=DAY,
        )
    assert Person._base_manager.get(pk=ani.pk).sex == "F"


def test_an_erased_person_takes_nothing_new(clerk: StaffUser, ani: Person) -> None:
    Person._base_manager.filter(pk=ani.pk).update(erased_date=DAY)
    ani.refresh_from_db()
    with pytest.raises(PersonErased):
        add_name(acting_staff=clerk, person=ani, name=NameIn("Nare"))
    with pytest.raises(PersonErased):
        record_document(
            acting_staff=clerk,
            person=ani,
            paper=PaperIn(c.PaperKind.PASSPORT, "A1"),
            seen_date=DAY,
        )


def test_an_outsider_neither_corrects_nor_adds(outsider: StaffUser, ani: Person) -> None:
    with pytest.raises(OutOfSight):
        add_name(acting_staff=outsider, person=ani, name=NameIn("Nare"))
    with pytest.raises(OutOfSight):
        record_document(
            acting_staff=outsider,
            person=ani,
            paper=PaperIn(c.PaperKind.PASSPORT, "A1"),
            seen_date=DAY,
        )
    assert ani.names.count() == 1
    assert not Consent._base_manager.filter(recorded_by=outsider).exists()


def test_a_name_needs_a_word(clerk: StaffUser, ani: Person) -> None:
    with pytest.raises(r.NameMissing):
        add_name(acting_staff=clerk, person=ani, name=NameIn(" "))
    assert ani.names.count() == 1


def test_a_document_shown_later_is_recorded_with_who_saw_it(clerk: StaffUser, ani: Person) -> None:
    row = record_document(
        acting_staff=clerk,
        person=ani,
        paper=PaperIn(c.PaperKind.REFUGEE_CARD, "RC-7", issuer="Migration office"),
        seen_date=DAY,
    )
    row.refresh_from_db()
    assert (row.number, row.seen_by, row.issuer) == ("RC-7", clerk, "Migration office")
    assert str(row) == "refugee card •••"
