"""Persons and households registered on an officer's own phone, and visits made: stored once under
the ids of the phone, with consent, never refused for what comes later."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import Area, Office, Setting, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.people import subject
from handup.people.models import ConsentNotice, Household, Membership, Person
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import publish_notice
from handup.plans.models import Visit
from handup.plans.rules.states import VisitKind, VisitState
from handup.plans.services import schedule_visits
from handup.projects.models import Programme
from handup.sync import services
from handup.sync.models import WorkFact, WorkState
from handup.sync.tests.work.test_attendance import own_phone, states
from handup.training.tests.conftest import member_of_staff

DAY = "2026-03-02"


@pytest.fixture
def out(office: Office) -> StaffUser:
    """A field officer who sees her own caseload."""
    staff = member_of_staff("out", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    staff.home_office = office
    staff.save()
    return staff


@pytest.fixture
def notice(db: None) -> ConsentNotice:
    """What is read first, in English."""
    publisher = member_of_staff("publisher", Role.MANAGER)
    return publish_notice(
        acting_staff=publisher,
        version="1",
        language="en",
        text="We write down who you are.",
        purposes=[ConsentPurpose.SERVICE, ConsentPurpose.CONTACT_LATER],
        data_categories=["identity", "contact"],
        valid_from=date(2026, 1, 1),
    )


def told(name: str, body: dict[str, Any], day: str = DAY) -> dict[str, Any]:
    """One fact."""
    at = f"{day}T10:15:00+04:00"
    return {
        "id": str(new_id()),
        "name": name,
        "happened_date": day,
        "recorded_at": at,
        "body": body,
    }


def person_told(read: ConsentNotice, place: Programme, /, **more: Any) -> dict[str, Any]:
    """Somebody who agrees to be served."""
    body = {
        "purposes": ["SERVICE"],
        "notice": str(read.pk),
        "method": "MARK",
        "first_name": "Nare",
        "last_name": "Sahakyan",
        "sex": "F",
        "programme": str(place.pk),
    }
    return told("register_person", body | more)


def test_a_phone_carries_what_registering_and_visiting_takes(
    out: StaffUser, notice: ConsentNotice, programme: Programme, person: Any, client: Client
) -> None:
    Area.objects.create(code="ASH", names={"en": "Ashtarak"}, level=2)
    mine = person("Ani", case_officer=out)
    person("Somebody of another officer")
    schedule_visits(
        acting_staff=out,
        person=mine,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[timezone.localdate(), timezone.localdate() + timedelta(days=90)],
    )
    headers = {"Authorization": f"Bearer {own_phone(out).token}"}
    pack = client.get("/api/v1/sync/work", headers=headers).json()
    registering = pack["registering"]
    assert [one["name"] for one in registering["programmes"]] == [programme.title]
    assert [one["name"] for one in registering["areas"]] == ["Ashtarak"]
    assert (registering["notices"][0]["text"], registering["households"]) == (notice.text, True)
    assert [one["name"] for one in pack["persons"]] == ["Ani"]
    assert pack["keep_days"] == 30
    Setting.objects.create(key="sync.snapshot_days", value=400)
    assert client.get("/api/v1/sync/work", headers=headers).json()["keep_days"] == 180
    (visit,) = pack["visits"]
    assert (visit["person_id"], visit["kind"]) == (str(mine.pk), "COACHING")


def test_a_registration_is_stored_once_with_what_she_agreed_to(
    out: StaffUser, notice: ConsentNotice, programme: Programme
) -> None:
    device = own_phone(out).device
    known = {"birth_date": "1995-03-02", "phone": "+37491123456"}
    fact = person_told(notice, programme, **known)
    for _time in range(2):
        (answer,) = services.receive_work([fact], acting_staff=out, device=device)
        assert answer.state == WorkState.DONE, answer
    row = Person.objects.get(pk=fact["id"])
    assert (str(row), row.case_officer, row.birth_date) == (
        "Nare Sahakyan", out, date(1995, 3, 2),
    )  # fmt: skip
    (consent,) = row.consents.all()
    assert (consent.purpose, consent.method, consent.given_date, consent.notice) == (
        "SERVICE", "MARK", date(2026, 3, 2), notice,
    )  # fmt: skip
    assert WorkFact.objects.get(pk=fact["id"]).told == ""
    twin = person_told(notice, programme, **known)
    (answer,) = services.receive_work([twin], acting_staff=out, device=device)
    assert answer.state == WorkState.HANDED_ON
    assert Person.objects.filter(pk__in=[fact["id"], twin["id"]]).count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"first_name": ""},
        {"first_name": 7},
        {"age": 200},
        {"age": 31, "birth_year": 1990},
        {"birth_year": 1890},
        {"purposes": ["EVERYTHING"]},
        {"method": None},
        {"notice": "none"},
        {"sex": "X"},
        {"programme": "MED"},
        {"phone": "1" * 41},
        {"purposes": "SERVICE"},
        {"birth_date": "yesterday"},
    ],
)
def test_a_registration_that_cannot_be_read_is_refused(
    out: StaffUser, notice: ConsentNotice, programme: Programme, wrong: dict[str, Any]
) -> None:
    fact = person_told(notice, programme, **wrong)
    (answer,) = services.receive_work([fact], acting_staff=out, device=own_phone(out).device)
    assert (answer.state, answer.reason) == ("REFUSED", "BAD_CONTENT")
    assert not Person.objects.filter(pk=fact["id"]).exists()


def test_what_the_office_does_not_allow_waits_with_its_reason_and_nothing_is_stored(
    out: StaffUser, notice: ConsentNotice, programme: Programme
) -> None:
    facts = [
        person_told(notice, programme, purposes=["RESEARCH"]),
        person_told(notice, programme, programme=str(new_id())),
        person_told(notice, programme, notice=str(new_id())),
        told("register_household", {"members": [{"person": str(new_id())}]}),
        told("record_visit", {"person": str(new_id()), "kind": "COACHING", "situation": "Good"}),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=own_phone(out).device)
    assert states(answers) == ["WAITING"] * 5
    assert all(answer.reason and answer.reason != "SERVER_FAULT" for answer in answers)
    assert not Person.objects.exists()
    assert not Household.objects.exists()


def test_a_household_waits_for_its_members_and_is_stored_when_they_are(
    out: StaffUser, notice: ConsentNotice, programme: Programme
) -> None:
    device = own_phone(out).device
    head = person_told(notice, programme)
    child = person_told(notice, programme, first_name="Mher", sex="M", age=7)
    members = [{"person": head["id"]}, {"person": child["id"], "relation": "CHILD"}]
    home = told(
        "register_household",
        {"head": head["id"], "members": members, "adults": 1, "children": 1},
    )
    first = services.receive_work([home, head], acting_staff=out, device=device)
    assert states(first) == ["WAITING", "DONE"]
    held = subject.collect
    told_back = [found for tell in held for found in tell(Person.objects.get().pk).items()]
    assert any(home["id"] in str(rows) for _heading, rows in told_back)
    answers = services.receive_work([child, home], acting_staff=out, device=device)
    assert states(answers) == ["DONE", "DONE"]
    rows = Membership.objects.filter(household_id=home["id"]).order_by("role")
    assert [(row.role, row.relation) for row in rows] == [("HEAD", "SELF"), ("MEMBER", "CHILD")]
    fact = Household.objects.get(pk=home["id"]).facts.get()
    assert (fact.adults, fact.children) == (1, 1)


def test_a_visit_made_or_not_settles_the_planned_one(
    out: StaffUser, programme: Programme, person: Any
) -> None:
    device = own_phone(out).device
    mine = person("Ani", case_officer=out)
    first, second = schedule_visits(
        acting_staff=out,
        person=mine,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[date(2026, 3, 1), date(2026, 3, 2)],
    )
    words = {
        "person": str(mine.pk),
        "kind": "COACHING",
        "situation": "Sells well",
        "next_step": "x",
    }
    made = told("record_visit", words | {"visit": str(first.pk)})
    missed = told(
        "miss_visit", {"person": str(mine.pk), "visit": str(second.pk), "reason": "The road"}
    )
    unplanned = told("record_visit", words | {"kind": "HOME_CHECK"})
    facts = [made, missed, unplanned]
    for _time in range(2):
        answers = services.receive_work(facts, acting_staff=out, device=device)
        assert states(answers) == ["DONE"] * 3
    rows = Visit.objects.order_by("planned_date")
    assert {(row.state, row.kind, row.situation) for row in rows} == {
        (VisitState.DONE, VisitKind.COACHING, "Sells well"),
        (VisitState.MISSED, VisitKind.COACHING, ""),
        (VisitState.DONE, VisitKind.HOME_CHECK, "Sells well"),
    }
    again = told("record_visit", words | {"visit": str(first.pk)})
    (answer,) = services.receive_work([again], acting_staff=out, device=device)
    assert answer.state == WorkState.WAITING
    subject_erases = [erase for erase in subject.erase if erase.__module__ == "handup.sync.persons"]
    assert len(subject_erases) == 1
    subject_erases[0](mine.pk)
    row = WorkFact.objects.get(pk=again["id"])
    assert (row.told, row.state) == ("", WorkState.LEFT_OUT)


def test_nobody_visits_somebody_of_another_officer(out: StaffUser, person: Any) -> None:
    other = person("Somebody of another officer")
    fact = told("record_visit", {"person": str(other.pk), "kind": "COACHING", "situation": "Good"})
    (answer,) = services.receive_work([fact], acting_staff=out, device=own_phone(out).device)
    assert answer.state == WorkState.WAITING
    assert not Visit.objects.exists()
