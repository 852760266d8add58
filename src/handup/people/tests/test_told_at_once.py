"""Whoever sends something with several faults is told all of them at once, each with its field."""

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from handup.kernel.errors import Faults
from handup.org.models import StaffUser
from handup.people.models import (
    ConsentNotice,
    Enquiry,
    Enterprise,
    Household,
    Person,
)
from handup.people.rules import codes as c
from handup.people.services import (
    ConsentIn,
    EnquiryIn,
    EnterpriseIn,
    HouseholdFactIn,
    HouseholdIn,
    MemberIn,
    NameIn,
    OwnerIn,
    PaperIn,
    StatusIn,
    VulnerabilityIn,
    correct_person,
    record_document,
    record_enquiry,
    register_enterprise,
    register_household,
    register_person,
    register_persons,
)
from handup.people.tests.conftest import DAY, agreed, person_in, signed_in
from handup.people.tests.test_api import Caller
from handup.people.tests.test_api import told as told_to_api
from handup.projects.models import Programme

AHEAD = date(2199, 1, 1)
LATER, EARLIER = date(2020, 1, 2), date(2020, 1, 1)


def fields_of(refused: pytest.ExceptionInfo[Faults]) -> list[str]:
    return [fault.place for fault in refused.value.faults]


def test_a_registration_names_everything_that_is_wrong_with_it(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    unsigned = ConsentIn(
        c.ConsentPurpose.RESEARCH, notice, c.ConsentMethod.MARK, date(2025, 1, 1),
        capacity=c.Capacity.GUARDIAN,
    )  # fmt: skip
    told = person_in(
        programme,
        names=(NameIn("  "),),
        birth_date=date(2026, 3, 3),
        phone="call me",
        papers=(PaperIn(c.PaperKind.PASSPORT, " - ", issue_date=LATER, valid_to=EARLIER),),
        statuses=(StatusIn(c.LegalStatusKind.IDP, LATER, EARLIER),),
        vulnerabilities=(VulnerabilityIn(c.VulnerabilityKind.WIDOWED, LATER, EARLIER),),
        consents=(agreed(notice), unsigned),
    )
    with pytest.raises(Faults) as refused:
        register_person(acting_staff=clerk, person=told)
    assert fields_of(refused) == [
        "first_name", "birth_date", "phone", "number", "valid_to", "to_date",
        "purpose", "given_date", "signatory",
    ]  # fmt: skip
    assert "call me is not a telephone number" in refused.value.said()
    assert "Write at least one name" in refused.value.said()
    assert not Person._base_manager.exists()


def test_a_batch_says_in_which_row_a_consent_cannot_be_given(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    early = agreed(notice, on=date(2025, 1, 1))
    rows = [
        person_in(programme, consents=(agreed(notice), agreed(notice))),
        person_in(programme, "Nare", consents=(early,), phone="call me"),
    ]
    with pytest.raises(Faults) as refused:
        register_persons(acting_staff=clerk, items=rows)
    told = [(fault.row, fault.column) for fault in refused.value.faults]
    assert told == [(2, "phone"), (2, "given_date")]
    assert not Person._base_manager.exists()


def test_the_interface_names_three_wrong_fields_in_the_language_of_the_caller(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    wrong = told_to_api(
        programme, notice, birth_date="2027-01-01", phone="call me",
        papers=[{"kind": "PASSPORT", "number": " - "}],
    )  # fmt: skip
    answer = Caller(clerk).post("/persons", wrong)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (422, "FAULTS")
    assert [(fault["code"], fault["place"]) for fault in told["faults"]] == [
        ("BIRTH_DATE_IN_FUTURE", "birth_date"),
        ("BAD_PHONE", "phone"),
        ("DOCUMENT_NUMBER_MISSING", "number"),
    ]
    for fault in told["faults"]:
        assert fault["message"] in told["title"]
    assert not Person._base_manager.exists()


def test_one_fault_stays_the_refusal_it_is(
    clerk: StaffUser, programme: Programme, notice: ConsentNotice
) -> None:
    answer = Caller(clerk).post("/persons", told_to_api(programme, notice, phone="call me"))
    told = answer.json()
    assert (answer.status_code, told["code"], told["field"]) == (422, "BAD_PHONE", "phone")


def test_a_correction_and_a_document_name_all_their_faults(clerk: StaffUser, ani: Person) -> None:
    with pytest.raises(Faults) as refused:
        correct_person(
            acting_staff=clerk, person=ani, sex=c.Sex.F, birth_date=date(2027, 1, 1),
            birth_precision=c.BirthPrecision.DAY, father_name="", phone="call me", area=None,
            on=DAY,
        )  # fmt: skip
    assert fields_of(refused) == ["birth_date", "phone"]
    paper = PaperIn(c.PaperKind.PASSPORT, "", issue_date=LATER, valid_to=EARLIER)
    with pytest.raises(Faults) as refused:
        record_document(acting_staff=clerk, person=ani, paper=paper, seen_date=DAY)
    assert fields_of(refused) == ["number", "valid_to"]
    assert not ani.documents.exists()
    ani.refresh_from_db()
    assert (ani.birth_date, ani.phone) == (date(1985, 5, 6), "+37491123456")


def test_an_enterprise_and_an_enquiry_name_all_their_faults(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    shop = EnterpriseIn(
        trade=" ", owners=(OwnerIn(ani, 6000), OwnerIn(ani, 6000)), registered_date=DAY,
        start_date=AHEAD, workers_women=2, programme=programme,
    )  # fmt: skip
    with pytest.raises(Faults) as refused:
        register_enterprise(acting_staff=clerk, enterprise=shop)
    assert fields_of(refused) == ["trade", "owners", "share_bps", "workers_women", "start_date"]
    asked = EnquiryIn(programme=programme, enquiry_date=AHEAD, phone="call me")
    with pytest.raises(Faults) as refused:
        record_enquiry(acting_staff=clerk, enquiry=asked)
    assert fields_of(refused) == ["enquiry_date", "phone"]
    assert not Enterprise._base_manager.exists()
    assert not Enquiry._base_manager.exists()


def test_a_sheet_names_the_faults_of_the_home_and_of_each_member(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    aram = person_in(programme, "Aram", birth_date=date(2026, 4, 1))
    gor = person_in(programme, "Gor", birth_date=date(1890, 1, 1))
    home = HouseholdIn(
        members=(MemberIn(ani), MemberIn(aram), MemberIn(gor)),
        registered_date=DAY,
        programme=programme,
        fact=HouseholdFactIn(AHEAD, monthly_income_units=5),
    )
    with pytest.raises(Faults) as refused:
        register_household(acting_staff=clerk, household=home)
    assert fields_of(refused) == [
        "members.1.birth_date", "members.2.birth_date", "fact_date", "currency",
    ]  # fmt: skip
    assert not Household._base_manager.exists()
    assert Person._base_manager.count() == 1


def test_the_page_of_a_family_shows_each_fault_in_its_row(
    clerk: StaffUser, ani: Person, programme: Programme
) -> None:
    sheet: dict[str, Any] = {"head": "SELF", "registered_date": DAY.isoformat(), "area": ""}
    sheet |= {"name_1": "Aram", "birth_1": "2012-01-01", "name_4": "Gor", "birth_4": "1890-01-01"}
    sheet |= {"name_6": "Davit", "birth_6": "2026-04-01"}
    with translation.override("en"):
        answer = signed_in(clerk).post(reverse("people:household_new", args=[ani.pk]), sheet)
    assert answer.status_code == 422
    page = answer.content.decode()
    linked = [n for n in range(1, 9) if f'href="#id_birth_{n}"' in page]
    assert linked == [4, 6]
    assert not Household._base_manager.exists()
