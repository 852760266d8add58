"""What is known of a person, corrected on a phone without a network: taken where the office has
what the phone showed, seen by another person where it has something else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import scope
from handup.org.encryption import lookup_hash
from handup.org.models import Area, AuditLine, StaffUser
from handup.org.rules.access import Role
from handup.people.models import Person
from handup.sync import persons, services
from handup.sync.models import WorkFact
from handup.sync.tests.work.test_attendance import own_phone
from handup.sync.tests.work.test_people import notice, out, person_told, told
from handup.training.tests.conftest import member_of_staff

__all__ = ["notice", "out"]
WAITS = "The office wrote something else here meanwhile. Another person looks at both."


@pytest.fixture
def hers(person: Any, out: StaffUser) -> Person:
    """Somebody of the officer's caseload, born 1990, whose sex was not asked."""
    found: Person = person(
        "Ani", case_officer=out, birth_date=date(1990, 5, 2), birth_precision="DAY"
    )
    return found


@contextmanager
def unseen(person: Person, by: StaffUser) -> Iterator[None]:
    """Somebody kept apart from one reader."""

    def hides(staff: StaffUser) -> list[tuple[UUID, None]]:
        return [(person.pk, None)] if staff.pk == by.pk else []

    scope.exceptions.append(hides)
    scope.hidden_changed()
    yield
    scope.exceptions.remove(hides)
    scope.hidden_changed()


def correction(person: Person, field: str, old: str | None, new: str, **more: Any) -> Any:
    body = {"person": str(person.pk), "field": field, "old": old, "new": new}
    return told("correct_person", body | {"why": "WRITTEN_WRONG"} | more)


def sent(out: StaffUser, *facts: Any) -> list[tuple[str, str]]:
    device = own_phone(out).device
    answers = services.receive_work(facts, acting_staff=out, device=device)
    return [(answer.state, answer.reason) for answer in answers]


def test_what_the_office_still_has_is_corrected_once(out: StaffUser, hers: Person) -> None:
    area = Area.objects.create(code="ASH", names={"en": "Ashtarak"}, level=2)
    facts = [
        correction(hers, "SEX", "NOT_ASKED", "F"),
        correction(hers, "BIRTH", "1990-05-02", "1989"),
        correction(hers, "FATHER_NAME", "", "Armen"),
        correction(hers, "AREA", "", str(area.pk), why="CHANGED_SINCE"),
        correction(hers, "PHONE", None, "+37499777555", why="TOLD_ANEW"),
    ]
    for _time in range(2):
        assert sent(out, *facts) == [("DONE", "")] * 5
    hers.refresh_from_db()
    assert (hers.sex, hers.father_name, hers.area) == ("F", "Armen", area)
    assert (hers.birth_date, hers.birth_precision) == (date(1989, 1, 1), "YEAR")
    assert hers.phone == "+37499777555"
    lines = AuditLine.objects.filter(action="people.correct_away").order_by("id")
    assert [line.facts["field"] for line in lines] == [
        *("SEX", "BIRTH", "FATHER_NAME", "AREA", "PHONE")
    ]
    assert lines[0].facts == {"field": "SEX", "why": "WRITTEN_WRONG"}


def test_what_the_office_changed_meanwhile_waits_for_another_person(
    out: StaffUser, hers: Person
) -> None:
    Person.objects.filter(pk=hers.pk).update(father_name="Aram")
    assert sent(out, correction(hers, "FATHER_NAME", "", "Armen")) == [("WAITING", WAITS)]
    row = WorkFact.objects.get()
    looks = member_of_staff("looks", Role.MANAGER)
    with unseen(hers, looks):
        services.take_work_again(acting_staff=looks, fact=row)
    row.refresh_from_db()
    assert row.state == "WAITING", "whoever does not see her has not looked"
    services.take_work_again(acting_staff=looks, fact=row)
    hers.refresh_from_db()
    row.refresh_from_db()
    assert (row.state, row.told, hers.father_name) == ("DONE", "", "Armen")


def test_whoever_told_it_does_not_decide_and_both_are_shown(
    out: StaffUser, hers: Person, client: Client, settings: Settings
) -> None:
    settings.SECOND_FACTOR_REQUIRED = False
    Person.objects.filter(pk=hers.pk).update(sex="M")
    assert sent(out, correction(hers, "SEX", "NOT_ASKED", "F")) == [("WAITING", WAITS)]
    row = WorkFact.objects.get()
    both = member_of_staff("both", Role.MANAGER)
    WorkFact.objects.update(staff=both)
    services.take_work_again(acting_staff=both, fact=row)
    assert Person.objects.get(pk=hers.pk).sex == "M"
    WorkFact.objects.update(staff=out)
    client.force_login(both)
    page = reverse("sync:work_detail", args=[row.pk])
    shown = client.get(page).content.decode()
    for words in ("not asked", "man", "woman", "it was written down wrong", str(hers)):
        assert words in shown
    assert client.post(reverse("sync:work_again", args=[row.pk])).status_code == 302
    assert Person.objects.get(pk=hers.pk).sex == "F"
    assert str(hers) not in client.get(page).content.decode()


def test_what_cannot_be_is_refused_or_waits(
    out: StaffUser, hers: Person, person: Any, notice: Any, programme: Any
) -> None:
    stranger = person("Somebody of another officer")
    unreadable = [
        correction(hers, "NAME", "Ani", "Anna"),
        correction(hers, "SEX", "NOT_ASKED", "QUEEN"),
        correction(hers, "SEX", None, "F"),
        correction(hers, "BIRTH", "1990-05-02", "1989-02-30"),
        correction(hers, "AREA", "", "ASH"),
        correction(hers, "PHONE", None, "1" * 121),
        correction(hers, "SEX", "F", "M", why="she says so"),
        correction(hers, "SEX", "F", "M", why=""),
    ]
    assert {state for state, _why in sent(out, *unreadable)} == {"REFUSED"}
    waits = [
        correction(stranger, "SEX", "NOT_ASKED", "F"),
        correction(hers, "AREA", "", str(new_id())),
        correction(hers, "BIRTH", "1990-05-02", "2090-01-01"),
        correction(hers, "PHONE", None, "call me"),
    ]
    assert {state for state, _why in sent(out, *waits)} == {"WAITING"}
    stranger.refresh_from_db()
    assert stranger.sex == "NOT_ASKED"
    new = person_told(notice, programme)
    corrected = told(
        "correct_person",
        {"person": new["id"], "field": "SEX", "old": "F", "new": "M", "why": "WRITTEN_WRONG"},
    )
    assert [state for state, _why in sent(out, new, corrected)] == ["DONE", "DONE"]
    assert Person.objects.get(pk=new["id"]).sex == "M"


def test_a_phone_carries_what_its_officer_may_correct(
    out: StaffUser, hers: Person, client: Client
) -> None:
    headers = {"Authorization": f"Bearer {own_phone(out).token}"}
    (one,) = client.get("/api/v1/sync/work", headers=headers).json()["persons"]
    assert one["known"] == {
        "sex": "NOT_ASKED",
        "birth": "1990-05-02",
        "father_name": "",
        "area": "",
    }


def test_it_is_told_in_her_file_and_gone_when_she_is_erased(out: StaffUser, hers: Person) -> None:
    Person.objects.filter(pk=hers.pk).update(father_name="Aram")
    sent(out, correction(hers, "FATHER_NAME", "", "Armen"))
    row = WorkFact.objects.get()
    assert row.told
    assert "Armen" in str(persons.held(hers.pk))
    persons.erase(hers.pk)
    row.refresh_from_db()
    assert row.told == ""


def test_a_number_the_office_wrote_after_it_was_told_waits(out: StaffUser, hers: Person) -> None:
    """No phone shows a number: what the office had when the phone told counts."""
    fact = correction(hers, "PHONE", None, "+37499777555")
    long_ago = datetime(2026, 1, 5, tzinfo=UTC)
    hers.save()
    hers.history.update(history_date=long_ago)
    hers.phone, hers.phone_hash = "+37499111222", lookup_hash(Person, "phone_hash", "+37499111222")
    hers.save()
    assert sent(out, fact) == [("WAITING", WAITS)]
    assert Person.objects.get(pk=hers.pk).phone == "+37499111222"
    hers.history.update(history_date=long_ago)
    later = correction(hers, "PHONE", None, "+37499777555", why="TOLD_ANEW")
    assert sent(out, later) == [("DONE", "")]
    assert Person.objects.get(pk=hers.pk).phone == "+37499777555"
