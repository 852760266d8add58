"""The card holds her number and its code, and nothing else of her."""

import re

import segno
from django.test import Client
from django.urls import reverse

from handup.org.models import ReadEntry, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Person
from handup.people.services import register_person
from handup.people.tests.conftest import person_in, signed_in
from handup.people.views.card import picture_of
from handup.projects.models import Programme


def test_the_card_shows_number_and_code_and_nothing_else_of_her(
    clerk: StaffUser, programme: Programme
) -> None:
    person = register_person(
        acting_staff=clerk, person=person_in(programme, phone="+37491555666")
    ).person
    client = signed_in(clerk)
    address = reverse("people:person_card", args=[person.pk])
    assert address in client.get(reverse("people:person_detail", args=[person.pk])).content.decode()
    page = client.get(address).content.decode()
    assert person.registration_no in page
    code = picture_of(person.registration_no)
    assert code.dark in page
    assert f'viewBox="0 0 {code.side} {code.side}"' in page
    person = Person.objects.get(pk=person.pk)
    told = [*person.display_name.split(), "91555666", programme.title, str(person.birth_date)]
    printed = re.search(r'<article class="paper">.*?</article>', page, flags=re.DOTALL)
    assert printed is not None
    assert person.registration_no in printed[0]
    assert [word for word in told if word in printed[0]] == []
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert str(person.pk) in str(entry.persons)


def test_the_squares_are_those_of_the_code() -> None:
    code = picture_of("1234567897")
    dark = set(re.findall(r"M(\d+) (\d+)h", code.dark))
    told = segno.make("1234567897", error="m", micro=False).matrix
    assert dark == {
        (str(x + 4), str(y + 4)) for y, row in enumerate(told) for x, cell in enumerate(row) if cell
    }
    assert code.side == len(told) + 8


def test_for_whom_she_does_not_exist_there_is_no_card(
    clerk: StaffUser, programme: Programme, client: Client
) -> None:
    person = register_person(acting_staff=clerk, person=person_in(programme)).person
    address = reverse("people:person_card", args=[person.pk])
    reader = staff_with("accountant", Role.FUNDER)
    assert signed_in(reader).get(address).status_code in {403, 404}
    assert client.get(address).status_code == 302
