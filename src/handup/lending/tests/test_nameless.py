"""Whoever reads results alone sees loans with a code in the place of who borrows: on lists, the
loan's page, the arrears work list, in searches, files and the API; papers and free words stay shut.
"""

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handup.lending.models import Loan
from handup.lending.nameless import hide_names, named_only, shown
from handup.lending.tests.cast import World, make_person, repay, running, staff
from handup.lending.tests.test_api import get
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.tests.standing import standing
from handup.people.pseudonyms import code_of
from handup.people.services.registration import NameIn, name_row

TOLD = "ARAM-77"


@pytest.fixture(params=[Role.ME_READER, Role.AUDITOR])
def reader(request: pytest.FixtureRequest) -> StaffUser:
    return staff("reader", request.param)


@standing
def late(world: World) -> Loan:
    """A loan that is late, with a payment whose reference says who she is."""
    loan = running(world)
    repay(world, loan, date(2025, 2, 15), 50_00, reference=TOLD)
    return loan


def test_pages_show_a_code_and_nothing_that_names_her(
    client: Client, world: World, late: Loan, reader: StaffUser
) -> None:
    name, code = str(late.borrower), code_of(world.person.pk)
    paid = late.events.get(kind="REPAID")
    addresses = [
        reverse("lending:loan_list"),
        reverse("lending:loan_detail", args=[late.pk]),
        reverse("lending:arrears"),
        reverse("lending:portfolio_loans"),
    ]
    client.force_login(reader)
    for address in addresses:
        body = client.get(address).content.decode()
        assert late.code in body, address
        assert code in body, address
        assert name not in body, address
        assert str(world.person.pk) not in body, address
        assert TOLD not in body, address
    event = client.get(reverse("lending:event_detail", args=[paid.pk]))
    assert event.status_code == 200
    assert TOLD not in event.content.decode()
    client.force_login(world.cast.manager)
    for address in addresses:
        body = client.get(address).content.decode()
        assert name in body, address
        assert code not in body, address


def test_a_search_by_name_finds_nothing_for_her(
    client: Client, world: World, reader: StaffUser
) -> None:
    name = "Nune Alik"
    loan = running(world)
    name_row(world.person, NameIn("Nune", "Alik")).save()
    href = reverse("lending:loan_detail", args=[loan.pk])
    for who, found in ((world.cast.manager, True), (reader, False)):
        client.force_login(who)
        named, numbered = (
            client.post(reverse("lending:loan_list"), {"q": text}, follow=True).content.decode()
            for text in (name, loan.code)
        )
        assert (href in named) is found, who
        assert href in numbered


def test_files_and_the_api_hold_the_code_alone(
    client: Client, world: World, late: Loan, reader: StaffUser
) -> None:
    name, code = str(late.borrower), code_of(world.person.pk)
    (row,) = get(client, reader, "/loans").json()["items"]
    one = get(client, reader, f"/loans/{late.pk}").json()
    assert row == one
    assert (one["person_id"], one["borrower_code"]) == (None, code)
    told = get(client, world.cast.manager, f"/loans/{late.pk}").json()
    assert (told["person_id"], told["borrower_code"]) == (str(world.person.pk), "")
    events = get(client, reader, f"/loans/{late.pk}/events").json()
    assert not any(event["reference"] or event["reason"] for event in events)
    sent = late_file(client, reader)
    assert code in sent
    assert name not in sent


def late_file(client: Client, who: StaffUser) -> str:
    client.force_login(who)
    answer: Any = client.get(reverse("lending:loan_list"), {"export": "csv"})
    return b"".join(answer.streaming_content).decode()


def test_papers_reminders_and_proposals_are_not_hers(
    client: Client, world: World, late: Loan, reader: StaffUser
) -> None:
    assert late.agreement is not None
    paid = late.events.get(kind="REPAID")
    client.force_login(reader)
    for name, args in (
        ("schedule_paper", [late.pk]),
        ("agreement_paper", [late.pk]),
        ("receipt_paper", [paid.pk]),
        ("statement_paper", [late.pk]),
        ("reminder_paper", [late.pk]),
        ("reminders", []),
        ("proposals_to_decide", []),
        ("moratorium_list", []),
        ("application_list", []),
        ("application_detail", [late.agreement.application_id]),
        ("collection_list", []),
        ("stray_list", []),
        ("savings_list", []),
        ("grant_list", []),
        ("statement_list", []),
        ("suspense", []),
        ("payments_list", []),
        ("old_book_list", []),
        ("earlier_to_confirm", []),
    ):
        answer = client.get(reverse(f"lending:{name}", args=args))
        assert answer.status_code in (403, 404), name
    assert get(client, reader, "/reminders", as_of="2025-02-01").status_code == 403


def test_who_also_works_in_an_office_knows_the_names_of_that_office(
    client: Client, world: World, late: Loan
) -> None:
    other = Office.objects.create(code="EAST", name="East")
    both = staff("both", Role.ME_READER)
    elsewhere = staff("elsewhere", Role.LOAN_OFFICER, kind=ScopeKind.OFFICE, office=other)
    elsewhere.grants.update(staff=both)
    own = running(
        world, office=other, person=make_person(world.programme, other, world.cast.advisor, "Nune")
    )
    hide_names(both, [late, own])
    assert shown(late) == code_of(world.person.pk)
    assert shown(own) == str(own.borrower)
    assert list(named_only(Loan.objects.visible_to(both), both)) == [own]
    client.force_login(both)
    papers = [reverse("lending:schedule_paper", args=[loan.pk]) for loan in (late, own)]
    assert [client.get(paper).status_code for paper in papers] == [404, 200]
    found = client.post(reverse("lending:loan_list"), {"q": world.person.display_name}, follow=True)
    assert late.code not in found.content.decode()


def test_a_code_is_hers_alone_and_stays(world: World) -> None:
    code = code_of(world.person.pk)
    assert code == code_of(world.person.pk) != code_of(world.office.pk)
    assert code.startswith("P-")
    assert len(code) == 12
    assert world.person.registration_no not in code
