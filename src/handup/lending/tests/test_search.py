"""A loan is found by its number or by whoever borrows, in any letters."""

from datetime import date

from django.test import Client
from django.urls import reverse

from handup.lending.models import Loan
from handup.lending.tests.cast import World, applied, running
from handup.org.tests.standing import standing
from handup.people.models import Enterprise
from handup.people.services.registration import NameIn, name_row


@standing
def workshop(world: World) -> Enterprise:
    """An enterprise with a name of its own."""
    return Enterprise.objects.create(
        code="E1000000009",
        name="Sewing House",
        programme=world.programme,
        office=world.office,
        case_officer=world.cast.officer,
        registered_date=date(2024, 1, 1),
        registered_by=world.cast.advisor,
    )


def found(client: Client, world: World, page: str, text: str) -> str:
    client.force_login(world.cast.manager)
    answer = client.post(reverse(page), {"q": text}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_person_is_found_in_another_script_than_hers(client: Client, world: World) -> None:
    loan = running(world)
    name_row(world.person, NameIn("Հասմիկ", "Մանուկյան")).save()
    for text in ("Hasmik", "Հասմիկ", loan.code, loan.code[:5]):
        assert loan.code in found(client, world, "lending:loan_list", text), text
    for text in ("Anahit", "Hasmik Petrosyan", "9" + loan.code[2:]):
        assert loan.code not in found(client, world, "lending:loan_list", text), text


def test_an_enterprise_is_found_by_every_word_of_its_name(
    client: Client, world: World, workshop: Enterprise
) -> None:
    row = applied(world)
    type(row).objects.filter(pk=row.pk).update(person=None, enterprise=workshop)
    for text in ("sewing", "House sewing"):
        assert row.code in found(client, world, "lending:application_list", text), text
    assert row.code not in found(client, world, "lending:application_list", "sewing shop")
    assert not Loan.objects.exists()
