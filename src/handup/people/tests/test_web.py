"""The web door of people: from an enquiry to a participant in a browser without JavaScript."""

import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handup.org.models import Area, ReadEntry, StaffUser
from handup.people.models import (
    Campaign,
    ConsentNotice,
    Enquiry,
    Enterprise,
    Household,
    Person,
)
from handup.people.services import (
    EnquiryIn,
    record_enquiry,
    register_person,
)
from handup.people.tests.conftest import DAY, person_in, signed_in, told
from handup.projects.models import Programme

TODAY = timezone.localdate


def test_the_notice_is_read_before_anything_is_asked(desk: Client, notice: ConsentNotice) -> None:
    page = desk.get(reverse("people:person_new")).content.decode()
    assert page.index("We ask your name to serve you.") < page.index('name="first_name"')
    assert 'value="SHARE_BANK"' in page
    assert 'value="RESEARCH"' not in page  # the notice says nothing of it


def test_the_desk_registers_a_person_and_shows_her_page(
    desk: Client, notice: ConsentNotice, programme: Programme, area: Area
) -> None:
    answer = desk.post(
        reverse("people:person_new"),
        told(programme, area=str(area.pk), paper_kind="PASSPORT", paper_number="ZZ998877"),
        follow=True,
    )
    page = answer.content.decode()
    person = Person._base_manager.get()
    assert person.registration_no in page
    assert "Ani Sargsyan" in page
    assert "refugee" in page
    assert "ZZ998877" not in page
    assert "•••" in page
    assert person.consents.get().method == "MARK"
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert str(person.pk) in str(entry.persons)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"first_name": ""}, "first_name", "required"),
        ({"birth_date": "2027-01-01"}, "birth_date", "after the day of registration"),
        ({"phone": "call me"}, "phone", "not a telephone number"),
        ({"method": ""}, "method", "Choose how she agreed"),
        ({"paper_kind": "PASSPORT"}, "paper_number", "both the document and its number"),
    ],
)
def test_a_fault_stands_beside_its_field_and_nothing_is_stored(
    desk: Client,
    notice: ConsentNotice,
    programme: Programme,
    change: dict[str, str],
    field: str,
    words: str,
) -> None:
    answer = desk.post(reverse("people:person_new"), told(programme, **change))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'href="#id_{field}"' in page
    assert words in page
    assert not Person._base_manager.exists()


def test_what_is_wrong_is_told_together_with_what_is_missing(
    desk: Client, notice: ConsentNotice, programme: Programme
) -> None:
    wrong = told(programme, first_name="", birth_date="2027-01-01", phone="call me")
    page = desk.post(reverse("people:person_new"), wrong).content.decode()
    for field in ("first_name", "birth_date", "phone"):
        assert page.count(f'href="#id_{field}"') == 1, field
    undated = told(programme, registered_date="", birth_date="1850-01-01", phone="call me")
    page = desk.post(reverse("people:person_new"), undated).content.decode()
    for field in ("registered_date", "birth_date", "phone"):
        assert page.count(f'href="#id_{field}"') == 1, field
    assert not Person._base_manager.exists()


def test_only_a_year_or_an_age_may_be_known(
    desk: Client, notice: ConsentNotice, programme: Programme
) -> None:
    for change, expected in (
        ({"birth_year": "1980"}, (date(1980, 1, 1), "YEAR")),
        ({"age": "30"}, (date(1996, 3, 2), "AGE")),
        ({}, (None, "UNKNOWN")),
    ):
        answer = desk.post(
            reverse("people:person_new"), told(programme, **({"birth_date": ""} | change))
        )
        assert answer.status_code == 302
        person = Person._base_manager.order_by("-id").first()
        assert person is not None
        assert (person.birth_date, person.birth_precision) == expected


def test_pressing_the_button_twice_registers_once(
    desk: Client, notice: ConsentNotice, programme: Programme
) -> None:
    page = desk.get(reverse("people:person_new")).content.decode()
    found = re.search(r'name="_new_id" value="([^"]+)"', page)
    assert found
    data = told(programme, _new_id=found[1])
    assert desk.post(reverse("people:person_new"), data).status_code == 302
    assert desk.post(reverse("people:person_new"), data).status_code == 302
    assert Person._base_manager.count() == 1


def test_a_possible_duplicate_is_named_and_stops_nobody(
    desk: Client, ani: Person, programme: Programme
) -> None:
    answer = desk.post(
        reverse("people:person_new"), told(programme, first_name="Ани", last_name="Саргсян")
    )
    assert "messages" not in answer.cookies  # her name waits in the session, not in the browser
    page = desk.get(answer.headers["Location"]).content.decode()
    assert "registered already" in page
    assert ani.registration_no in page
    assert Person._base_manager.count() == 2


def test_an_enquiry_is_registered_without_retyping(
    desk: Client, clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    desk.post(
        reverse("people:enquiry_new"),
        {
            "programme": str(programme.pk),
            "channel": "MEDIA",
            "name": "Nare Davtyan",
            "phone": "+37491555666",
            "enquiry_date": "2026-03-02",
        },
    )
    enquiry = Enquiry._base_manager.get()
    listed = desk.get(reverse("people:enquiry_list")).content.decode()
    assert "Nare Davtyan" in listed
    record = desk.get(reverse("people:enquiry_detail", args=[enquiry.pk])).content.decode()
    assert "Register her" in record
    assert "37491555666" not in record
    address = reverse("people:person_from_enquiry", args=[enquiry.pk])
    page = desk.get(address).content.decode()
    assert 'value="Nare"' in page
    assert 'value="Davtyan"' in page
    desk.post(address, told(programme, first_name="Nare", last_name="Davtyan"))
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.person) == ("REGISTERED", Person._base_manager.get())
    assert desk.get(address).status_code == 404


def test_an_enquiry_is_closed_with_a_reason(
    desk: Client, clerk: StaffUser, programme: Programme
) -> None:
    enquiry = record_enquiry(
        acting_staff=clerk, enquiry=EnquiryIn(programme=programme, enquiry_date=DAY)
    )
    address = reverse("people:enquiry_close", args=[enquiry.pk])
    assert desk.post(address, {"reason": "", "closed_date": "2026-03-09"}).status_code == 422
    desk.post(address, {"reason": "Not reached", "closed_date": "2026-03-09"})
    enquiry.refresh_from_db()
    assert (enquiry.state, enquiry.closed_reason) == ("CLOSED", "Not reached")


def test_a_campaign_shows_cost_and_conversion_with_both_counts(
    desk: Client, clerk: StaffUser, programme: Programme
) -> None:
    desk.post(
        reverse("people:campaign_new"),
        {
            "programme": str(programme.pk),
            "code": "R1",
            "title": "Radio spots",
            "channel": "MEDIA",
            "language": "hy",
            "start_date": "2026-03-01",
            "cost_units": "1000",
        },
    )
    campaign = Campaign._base_manager.get()
    address = reverse("people:campaign_detail", args=[campaign.pk])
    assert "not defined" in desk.get(address).content.decode()
    for number in range(3):
        record_enquiry(
            acting_staff=clerk,
            enquiry=EnquiryIn(
                programme=programme, enquiry_date=DAY, campaign=campaign, name=f"N{number}"
            ),
        )
    Enquiry._base_manager.filter(name="N0").update(state="REGISTERED")
    page = desk.get(address).content.decode()
    assert "1 of 3 enquiries" in page
    assert "33.3" in page
    assert "Radio spots" in desk.get(reverse("people:campaign_list")).content.decode()


def test_consent_is_withdrawn_by_one_button(desk: Client, ani: Person) -> None:
    page = desk.get(reverse("people:person_detail", args=[ani.pk])).content.decode()
    consent = ani.consents.get()
    address = reverse("people:consent_withdraw", args=[consent.pk])
    assert f'action="{address}"' in page
    assert desk.get(address).status_code == 405
    after = desk.post(address, follow=True).content.decode()
    assert "withdrawn" in after
    assert f'action="{address}"' not in after
    assert desk.post(address).status_code == 409


def test_consent_is_recorded_after_reading_the_notice(
    desk: Client, ani: Person, notice: ConsentNotice
) -> None:
    address = reverse("people:consent_new", args=[ani.pk])
    assert "We ask your name" in desk.get(address).content.decode()
    data = {
        "purpose": "SHARE_BANK",
        "method": "SIGNATURE",
        "capacity": "GUARDIAN",
        "given_date": "2026-03-02",
    }
    assert desk.post(address, data).status_code == 422
    desk.post(address, data | {"signatory": "Her mother"})
    assert ani.consents.get(purpose="SHARE_BANK").signatory == "Her mother"


def test_a_secret_opens_for_a_purpose_and_is_written_down(desk: Client, ani: Person) -> None:
    address = reverse("people:reveal", args=[ani.pk, "phone"])
    asking = desk.get(address).content.decode()
    assert "37491123456" not in asking
    assert desk.post(address, {}).status_code == 422
    shown = desk.post(address, {"purpose": "CALL"}).content.decode()
    assert "+37491123456" in shown
    entry = ReadEntry.objects.order_by("-number").first()
    assert entry is not None
    assert (entry.action, entry.highest, entry.purpose) == ("REVEAL", "S", "CALL")
    assert desk.get(reverse("people:reveal", args=[ani.pk, "sex"])).status_code == 200
    unknown = desk.post(reverse("people:reveal", args=[ani.pk, "sex"]), {"purpose": "CALL"})
    assert unknown.status_code == 404


def test_a_trainer_cannot_open_a_secret(desk: Client, trainer: StaffUser, ani: Person) -> None:
    browser, her_page = signed_in(trainer), reverse("people:person_detail", args=[ani.pk])
    address = reverse("people:reveal", args=[ani.pk, "phone"])
    assert f'href="{address}"' in desk.get(her_page).content.decode()
    seen = browser.get(her_page).content.decode()
    assert "•••" in seen
    assert "reveal" not in seen
    answer = browser.post(address, {"purpose": "CALL"})
    assert answer.status_code == 403


def test_documents_statuses_names_and_corrections_are_recorded_on_her_page(
    desk: Client, ani: Person
) -> None:
    def send(name: str, data: dict[str, str]) -> int:
        return desk.post(reverse(f"people:{name}", args=[ani.pk]), data).status_code

    paper = {"kind": "PASSPORT", "number": "AB1234", "seen_date": "2026-03-02"}
    assert send("document_new", paper) == 302
    wrong = paper | {"issue_date": "2020-01-02", "valid_to": "2020-01-01"}
    assert send("document_new", wrong) == 422
    status = {"status": "REFUGEE", "from_date": "2020-01-01", "source": "TOLD"}
    assert send("status_new", status) == 302
    assert send("status_new", status) == 422
    assert send("status_new", status | {"source": "DOCUMENT", "status": "IDP"}) == 422
    assert (
        send(
            "vulnerability_new", {"kind": "WIDOWED", "from_date": DAY.isoformat(), "source": "TOLD"}
        )
        == 302
    )
    assert send("name_new", {"kind": "ALIAS", "first_name": "Anush"}) == 302
    assert (
        send(
            "correct",
            {"sex": "F", "birth_year": "1986", "father_name": "Petros", "on": "2026-03-03"},
        )
        == 302
    )
    ani.refresh_from_db()
    assert (ani.birth_date, ani.birth_precision, ani.phone) == (
        date(1986, 1, 1),
        "YEAR",
        "+37491123456",
    )
    assert ani.documents.count() == 1
    assert ani.legal_statuses.count() == 1
    assert ani.names.count() == 2
    document = ani.documents.get()
    answer = desk.post(
        reverse("people:reveal_document", args=[document.pk]), {"purpose": "IDENTIFY"}
    )
    assert "AB1234" in answer.content.decode()


def test_a_birth_known_by_age_or_month_stays_so_when_something_else_is_corrected(
    desk: Client, ani: Person
) -> None:
    address = reverse("people:correct", args=[ani.pk])
    for precision, column in (("AGE", "age"), ("MONTH", "birth_year"), ("DAY", "birth_date")):
        Person._base_manager.filter(pk=ani.pk).update(
            birth_date=date(1996, 3, 2), birth_precision=precision, father_name=""
        )
        page = desk.get(address).content.decode()
        shown = dict(re.findall(r'name="(birth_date|birth_year|age)" value="([^"]+)"', page))
        assert list(shown) == [column]
        told = {"sex": "F", "father_name": "Petros", "on": TODAY().isoformat()} | shown
        assert desk.post(address, told).status_code == 302
        ani.refresh_from_db()
        kept = (ani.birth_date, ani.birth_precision, ani.father_name)
        assert kept == (date(1996, 3, 2), precision, "Petros")


def test_the_family_is_one_sheet(desk: Client, ani: Person) -> None:
    address = reverse("people:household_new", args=[ani.pk])
    assert desk.get(address).status_code == 200
    desk.post(
        address,
        {
            "head": "SELF",
            "registered_date": "2026-03-02",
            "name_1": "Aram Sargsyan",
            "relation_1": "CHILD",
            "sex_1": "M",
            "birth_1": "2012-01-01",
            "name_2": "Davit",
            "children": "3",
            "income": "60 000",
        },
    )
    home = Household._base_manager.get()
    assert home.memberships.count() == 3
    assert home.memberships.get(role="HEAD").person == ani
    fact = home.facts.get()
    assert (fact.children, fact.monthly_income_units, fact.currency) == (3, 60_000_00, "AMD")
    page = desk.get(reverse("people:household_detail", args=[home.pk])).content.decode()
    assert "Aram Sargsyan" in page
    aram = Person._base_manager.get(display_name="Aram Sargsyan")
    head = reverse("people:change_head", args=[home.pk])
    data = {"new_head": str(aram.pk), "former_head_relation": "PARENT"}
    assert desk.post(head, data | {"change_date": "2026-03-02"}).status_code == 422
    assert desk.post(head, data | {"change_date": "2026-04-01"}).status_code == 302
    assert home.memberships.get(role="HEAD", to_date=None).person == aram
    tell = reverse("people:household_fact_new", args=[home.pk])
    assert desk.post(tell, {"fact_date": "2026-04-02", "adults": "2"}).status_code == 302
    assert home.facts.count() == 2


def test_a_member_joins_and_leaves_and_an_officer_takes_her_into_the_caseload(
    desk: Client, clerk: StaffUser, ani: Person, manager: StaffUser, programme: Programme
) -> None:
    desk.post(
        reverse("people:household_new", args=[ani.pk]),
        {"head": "SELF", "registered_date": "2026-03-02", "name_1": "Aram", "sex_1": "M"},
    )
    home = Household._base_manager.get()
    nare = register_person(acting_staff=clerk, person=person_in(programme, "Nare")).person
    join = reverse("people:join_household", args=[home.pk])
    day = {"relation": "PARENT", "from_date": "2026-04-01"}
    assert desk.post(join, day | {"person": "0000000000"}).status_code == 422
    assert desk.post(join, day | {"person": nare.registration_no}).status_code == 302
    assert home.memberships.get(person=nare).relation == "PARENT"
    leave = reverse("people:leave_household", args=[home.pk])
    first = desk.post(leave, {"person": str(ani.pk), "last_date": "2026-05-01"})
    assert "heads the household" in first.content.decode()
    desk.post(leave, {"person": str(nare.pk), "last_date": "2026-05-01"})
    assert home.memberships.get(person=nare).to_date == date(2026, 5, 1)
    officer = reverse("people:case_officer", args=[ani.pk])
    assert desk.get(officer).status_code == 403
    who = signed_in(manager).post(officer, {"case_officer": str(manager.pk)})
    assert who.status_code == 302
    ani.refresh_from_db()
    assert ani.case_officer == manager


def test_a_poverty_line_is_set_once_for_a_day(manager: StaffUser, programme: Programme) -> None:
    client, page = signed_in(manager), reverse("people:poverty_line_new")
    told = {
        "programme": str(programme.pk),
        "per_head_units": "45 000",
        "from_date": "2026-01-01",
        "source": "Statistics office",
    }
    assert client.post(page, told).status_code == 302
    assert "is set for" in client.post(page, told).content.decode()
    lines = programme.poverty_lines.all()
    assert [(row.per_head_units, row.currency) for row in lines] == [(45_000_00, "AMD")]
    assert "Statistics office" in client.get(reverse("people:poverty_line_list")).content.decode()


def test_the_first_of_the_others_may_head_the_household(desk: Client, ani: Person) -> None:
    desk.post(
        reverse("people:household_new", args=[ani.pk]),
        {"head": "1", "registered_date": "2026-03-02", "name_1": "Petros", "sex_1": "M"},
    )
    home = Household._base_manager.get()
    assert home.memberships.get(role="HEAD").person.display_name == "Petros"


def test_an_enterprise_is_registered_on_its_owner_s_page(desk: Client, ani: Person) -> None:
    address = reverse("people:enterprise_new", args=[ani.pk])
    data = {
        "trade": "bakery",
        "formality": "INFORMAL",
        "job_kind": "PROCESSING",
        "start_precision": "YEAR",
        "start_date": "2024-01-01",
        "share_percent": "50",
        "workers_family": "1",
        "workers_paid": "2",
        "workers_women": "4",
        "programme": str(ani.programme_id),
        "registered_date": "2026-03-02",
    }
    wrong = desk.post(address, data)
    assert wrong.status_code == 422
    assert 'href="#id_workers_women"' in wrong.content.decode()
    answer = desk.post(address, data | {"workers_women": "2"}, follow=True)
    assert "bakery" in answer.content.decode()
    row = Enterprise._base_manager.get()
    assert row.ownerships.get().share_bps == 5_000
    page = desk.get(reverse("people:enterprise_detail", args=[row.pk])).content.decode()
    assert "Ani Sargsyan" in page
    listed = desk.get(reverse("people:enterprise_list"), {"kind": "PROCESSING", "open": "1"})
    assert row.code in listed.content.decode()
    assert (
        row.code
        not in desk.get(reverse("people:enterprise_list"), {"kind": "FARM"}).content.decode()
    )
