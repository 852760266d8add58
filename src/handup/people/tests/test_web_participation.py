"""The web door: applying, deciding, taking part; what outsiders see; the lists under load."""

import re
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from handup.org.models import StaffUser
from handup.org.web.lists import Action, Column
from handup.org.web.pages import Moment, Table
from handup.people import sections
from handup.people.models import (
    Compartment,
    ConsentNotice,
    EligibilityRule,
    Participation,
    Person,
    PersonName,
)
from handup.people.rules import codes as c
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    open_compartment,
    register_household,
)
from handup.people.tests.conftest import DAY, signed_in, told
from handup.projects.models import Programme

TODAY = timezone.localdate


def test_she_applies_from_her_own_page(desk: Client, ani: Person, programme: Programme) -> None:
    page = desk.get(reverse("people:person_detail", args=[ani.pk])).content.decode()
    assert "Apply to a programme" in page
    address = reverse("people:apply", args=[ani.pk])
    data = {"programme": str(programme.pk), "applied_date": "2026-03-02"}
    assert desk.post(address, data).status_code == 302
    assert desk.post(address, data).status_code == 422
    assert Participation._base_manager.get().person == ani


def test_the_officer_sees_facts_result_and_reasons_before_she_decides(
    targeting: StaffUser, application: Participation, rule: EligibilityRule
) -> None:
    browser = signed_in(targeting)
    page = browser.get(reverse("people:to_decide")).content.decode()
    assert "not eligible" in page
    assert "belongs to none of the groups the programme serves" in page
    assert "heads a household" in page
    answer = browser.post(
        reverse("people:participation_decide", args=[application.pk]),
        {"decided_date": TODAY().isoformat()},
        follow=True,
    )
    assert "Nothing to decide" in answer.content.decode()
    record = browser.get(
        reverse("people:participation_detail", args=[application.pk])
    ).content.decode()
    assert "Tell her why: belongs to none of the groups" in record
    assert "Ask the complaints officer." in record
    listed = browser.post(reverse("people:participation_list"), {"q": "Սարգսյան"}, follow=True)
    assert "Ani Sargsyan" in listed.content.decode()


def test_without_a_rule_the_queue_says_so(targeting: StaffUser, application: Participation) -> None:
    page = signed_in(targeting).get(reverse("people:to_decide")).content.decode()
    assert "No rule holds today" in page


def test_an_eligible_person_takes_part_and_graduates(
    targeting: StaffUser,
    clerk: StaffUser,
    ani: Person,
    application: Participation,
    rule: EligibilityRule,
) -> None:
    home = HouseholdIn(
        members=(MemberIn(ani, c.HouseholdRole.HEAD),),
        registered_date=DAY,
        programme=ani.programme,
    )
    register_household(acting_staff=clerk, household=home)
    browser = signed_in(targeting)
    browser.post(
        reverse("people:participation_decide", args=[application.pk]),
        {"decided_date": "2026-03-03"},
    )
    move = reverse("people:participation_move", args=[application.pk])
    offered = browser.get(move).content.decode()
    assert 'value="ACTIVE"' in offered
    assert 'value="GRADUATED"' not in offered
    step = {"to_state": "ACTIVE", "reason": "PLACE_FOUND", "on": "2026-03-10"}
    assert browser.post(move, step).status_code == 302
    early = {"to_state": "GRADUATED", "reason": "COMPLETED", "on": "2026-03-09"}
    assert browser.post(move, early).status_code == 422
    assert browser.post(move, early | {"on": "2026-09-01"}).status_code == 302
    application.refresh_from_db()
    assert application.state == "GRADUATED"


@pytest.mark.parametrize(
    "name",
    [
        "person_detail",
        "correct",
        "name_new",
        "document_new",
        "status_new",
        "vulnerability_new",
        "consent_new",
        "household_new",
        "enterprise_new",
        "apply",
    ],
)
def test_for_an_outsider_the_person_does_not_exist(
    name: str, outsider: StaffUser, ani: Person
) -> None:
    assert signed_in(outsider).get(reverse(f"people:{name}", args=[ani.pk])).status_code == 404


def test_an_outsider_withdraws_reveals_decides_nothing(
    outsider: StaffUser, ani: Person, application: Participation
) -> None:
    browser = signed_in(outsider)
    consent = ani.consents.get()
    for address in (
        reverse("people:consent_withdraw", args=[consent.pk]),
        reverse("people:reveal", args=[ani.pk, "phone"]),
        reverse("people:participation_decide", args=[application.pk]),
    ):
        assert browser.post(address, {"purpose": "CALL"}).status_code == 404
    assert not hasattr(ani.consents.get(), "ending")


def body(client: Client, name: str, **data: str) -> str:
    page = client.post(reverse(f"people:{name}"), data, follow=True).content.decode()
    return re.sub(r'(csrfmiddlewaretoken" value=|nonce=)"[^"]*"', "", page)


def test_pages_with_and_without_a_hidden_person_are_equal(
    clerk: StaffUser,
    focal_point: StaffUser,
    programme: Programme,
    ani: Person,
    application: Participation,
) -> None:
    browser = signed_in(clerk)
    names = ("person_list", "participation_list", "enterprise_list", "enquiry_list")
    assert "Ani Sargsyan" in body(browser, "person_list")
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.PERSON,
        team=[],
        opened_date=DAY,
    )
    hidden = [body(browser, name) for name in names]
    searched = body(browser, "person_list", q="sargsyan")
    totals = body(browser, "person_list", totals="1")
    for address in (
        reverse("people:person_detail", args=[ani.pk]),
        reverse("people:participation_detail", args=[application.pk]),
    ):
        assert browser.get(address).status_code == 404
    other = Programme.objects.create(code="P9", title="Ninth", currency="AMD")
    Compartment._base_manager.update(closed_date=DAY)
    Person._base_manager.update(programme=other)
    Participation._base_manager.update(programme=other)
    assert [body(browser, name) for name in names] == hidden
    assert body(browser, "person_list", q="sargsyan") == searched
    assert body(browser, "person_list", totals="1") == totals


def test_the_list_finds_any_script_filters_and_exports(
    desk: Client, clerk: StaffUser, ani: Person, programme: Programme, notice: ConsentNotice
) -> None:
    desk.post(
        reverse("people:person_new"),
        told(programme, first_name="Nare", last_name="Davtyan", statuses=["IDP"]),
    )
    address = reverse("people:person_list")

    def seen(**data: str) -> set[str]:
        page = desk.post(address, data, follow=True).content.decode()
        return {name for name in ("Ani Sargsyan", "Nare Davtyan") if name in page}

    both = {"Ani Sargsyan", "Nare Davtyan"}
    assert seen() == both
    assert seen(q="Սարգ") == {"Ani Sargsyan"}
    assert seen(q="давт") == {"Nare Davtyan"}
    assert seen(status="IDP") == {"Nare Davtyan"}
    assert seen(sex="M") == set()
    assert seen(registered_from="2026-03-02") == both
    assert seen(state="ACTIVE") == set()
    led = desk.post(address, {"q": "ani"})
    exported = desk.get(f"{led.headers['Location']}&export=csv")
    text = b"".join(exported.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Ani Sargsyan" in text
    assert "Nare" not in text


def test_a_higher_domain_adds_to_the_person_s_page(
    desk: Client, ani: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        sections,
        "record_sections",
        [lambda staff, pk: [Table("Courses", (Column("name", "Name", value=str),), ["Bakery"])]],
    )
    monkeypatch.setattr(
        sections, "record_moments", [lambda staff, pk: [Moment(DAY, "Certificate given")]]
    )
    monkeypatch.setattr(
        sections, "record_actions", [lambda staff, pk: [Action("Begin a plan", href="/plans/")]]
    )
    page = desk.get(reverse("people:person_detail", args=[ani.pk])).content.decode()
    for words in ("Courses", "Bakery", "Certificate given", "Begin a plan"):
        assert words in page


def test_the_person_page_keeps_to_its_queries(
    desk: Client,
    ani: Person,
    application: Participation,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    desk.get(reverse("people:person_list"))
    with django_assert_max_num_queries(45):
        desk.get(reverse("people:person_detail", args=[ani.pk]))


def many_persons(clerk: StaffUser, programme: Programme, number: int) -> None:
    """Persons as a load leaves them, without the cost of the service."""
    rows = [
        Person(
            registration_no=f"{n:010}",
            display_name=f"Participant {n:06}",
            sort_key=f"participant {n:06}",
            sex="F" if n % 2 else "M",
            birth_date=date(1990, 1, 1) - timedelta(days=n % 9_000),
            birth_precision="DAY",
            programme=programme,
            registered_date=DAY,
            registered_by=clerk,
        )
        for n in range(number)
    ]
    Person._base_manager.bulk_create(rows, batch_size=500)
    names = [
        PersonName(
            person=row,
            kind="REGISTERED",
            script="LATIN",
            first_name="Participant",
            last_name=row.display_name[-6:],
            normal_first="participant",
            normal_last=row.display_name[-6:],
        )
        for row in rows
    ]
    PersonName._base_manager.bulk_create(names, batch_size=500)


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"q": "participant"},
        {"sort": "-registered_date"},
        {"sex": "F", "status": "REFUGEE"},
    ],
)
def test_the_list_of_many_persons_keeps_to_twelve_queries(
    asked: dict[str, str], desk: Client, clerk: StaffUser, programme: Programme
) -> None:
    many_persons(clerk, programme, 500)
    address = reverse("people:person_list")
    led = desk.post(address, asked).headers["Location"]
    desk.get(led)
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(led).status_code == 200
    asked_of_it = [q for q in queries.captured_queries if "SAVEPOINT" not in str(q["sql"])]
    assert len(asked_of_it) <= 12


def test_the_programme_chosen_above_narrows_every_list(
    manager: StaffUser,
    clerk: StaffUser,
    ani: Person,
    application: Participation,
    other_programme: Programme,
) -> None:
    browser = signed_in(manager)
    choose = "/account/choose/programme/"
    lists = ("person_list", "participation_list")
    for programme, seen in ((other_programme, False), (ani.programme, True)):
        assert programme is not None
        browser.post(choose, {"choice": str(programme.pk)})
        for name in lists:
            assert ("Ani Sargsyan" in body(browser, name)) is seen


@pytest.mark.parametrize("skip", ["9" * 5_000, "-1", "two", ""])
def test_any_number_of_cases_may_be_passed_over(
    targeting: StaffUser, application: Participation, skip: str
) -> None:
    client = signed_in(targeting)
    assert client.get("/people/participations/to-decide/", {"skip": skip}).status_code == 200
