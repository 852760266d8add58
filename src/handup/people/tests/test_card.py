"""The card holds her number and its code, and nothing else of her."""

import re

import segno
from django.test import Client
from django.urls import reverse
from tests import source
from tests.test_routes import bare

from handup.kernel.ids import new_id
from handup.org.models import ReadEntry, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people.models import Person
from handup.people.services import register_person
from handup.people.tests.conftest import DAY, person_in, signed_in
from handup.people.tests.test_hidden_homes import hide
from handup.people.views.card import PersonCard, picture_of
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
    clerk: StaffUser, outsider: StaffUser, programme: Programme, client: Client
) -> None:
    person = register_person(acting_staff=clerk, person=person_in(programme)).person
    address = reverse("people:person_card", args=[person.pk])
    unknown = reverse("people:person_card", args=[new_id()])
    assert signed_in(clerk).get(address).status_code == 200
    there, nowhere = (signed_in(outsider).get(one) for one in (address, unknown))
    assert (there.status_code, nowhere.status_code) == (404, 404)
    assert bare(there).replace(str(person.pk).encode(), b"") == bare(nowhere).replace(
        unknown.split("/")[-3].encode(), b""
    )
    funder = staff_with("accountant", Role.FUNDER)
    assert signed_in(funder).get(address).status_code == 403  # her role reads no person at all
    assert client.get(address).status_code == 302


def test_the_card_of_a_hidden_person_is_her_teams_alone(
    clerk: StaffUser, focal_point: StaffUser, ani: Person
) -> None:
    address = reverse("people:person_card", args=[ani.pk])
    assert signed_in(clerk).get(address).status_code == 200
    hide(ani, focal_point)
    assert signed_in(clerk).get(address).status_code == 404
    page = signed_in(focal_point).get(address)
    assert (page.status_code, ani.registration_no in page.content.decode()) == (200, True)


def test_whoever_was_erased_has_no_card(clerk: StaffUser, ani: Person) -> None:
    Person.objects.filter(pk=ani.pk).update(erased_date=DAY)
    page = signed_in(clerk).get(reverse("people:person_card", args=[ani.pk])).content.decode()
    printed = re.search(r'<article class="paper">.*?</article>', page, flags=re.DOTALL)
    assert printed is not None
    assert "Whoever was erased has no card." in printed[0]
    assert ani.registration_no not in printed[0]
    assert "<path" not in printed[0]


def test_the_card_is_printed_on_a_sheet_of_its_size() -> None:
    assert PersonCard.paper == "card"
    style = (source.ROOT / "frontend/style/_print.scss").read_text()
    assert re.search(r"@page card \{\s*size: A6;", style)
    assert re.search(r"\.paper-card \{\s*page: card;", style)
    assert re.search(r"\.cut-card \{[^}]*width: 86mm;[^}]*border: 1px dashed", style)
