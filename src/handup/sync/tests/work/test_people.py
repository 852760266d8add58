"""Persons and households registered on an officer's own phone, and visits made: stored once under
the ids of the phone, with consent, never refused for what comes later."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.models import Area, Office, Setting, StaffUser
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.devices import report_device_lost
from handup.people import subject
from handup.people.models import ConsentNotice, Household, Membership, Person
from handup.people.rules.codes import ConsentPurpose
from handup.people.services import publish_notice
from handup.plans.models import Visit
from handup.plans.rules.states import VisitKind, VisitState
from handup.plans.services import miss_visit, schedule_visits
from handup.projects.models import Programme
from handup.sync import caseload, services
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
    assert (registering["home_code"], registering["areas_left"], pack["persons_left"]) == ("", 0, 0)
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
    again = told("miss_visit", missed["body"])
    (answer,) = services.receive_work([again], acting_staff=out, device=device)
    assert (answer.state, Visit.objects.count()) == (WorkState.WAITING, 3)
    subject_erases = [erase for erase in subject.erase if erase.__module__ == "handup.sync.persons"]
    assert len(subject_erases) == 1
    subject_erases[0](mine.pk)
    row = WorkFact.objects.get(pk=again["id"])
    assert (row.told, row.state) == ("", WorkState.LEFT_OUT)


def test_a_visit_made_stands_beside_the_planned_one_that_the_office_closed(
    out: StaffUser, programme: Programme, person: Any
) -> None:
    mine = person("Ani", case_officer=out)
    (planned,) = schedule_visits(
        acting_staff=out,
        person=mine,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[date(2026, 3, 1)],
    )
    miss_visit(acting_staff=out, visit=planned, reason="Nobody went")
    words = {"person": str(mine.pk), "kind": "COACHING", "situation": "Sells well"}
    made = told("record_visit", words | {"visit": str(planned.pk)})
    for _time in range(2):
        (answer,) = services.receive_work([made], acting_staff=out, device=own_phone(out).device)
        assert answer.state == WorkState.HANDED_ON
    planned.refresh_from_db()
    assert (planned.state, planned.reason) == (VisitState.MISSED, "Nobody went")
    row = Visit.objects.exclude(pk=planned.pk).get()
    assert (row.pk, row.state, row.situation, row.visit_date) == (
        UUID(made["id"]), VisitState.DONE, "Sells well", date(2026, 3, 2),
    )  # fmt: skip


def test_a_registration_not_taken_is_told_anew_and_the_household_finds_her(
    out: StaffUser, notice: ConsentNotice, programme: Programme
) -> None:
    device = own_phone(out).device
    first = person_told(notice, programme, phone="091 123456")
    members = {"members": [{"person": first["id"]}]}
    home = told("register_household", members)
    answers = services.receive_work([first, home], acting_staff=out, device=device)
    assert states(answers) == ["WAITING", "WAITING"]
    mended = person_told(notice, programme, phone="+37491123456", replaces=first["id"])
    mended["body"]["consent_date"] = "2026-03-01"
    stranger = member_of_staff("stranger", Role.FIELD_OFFICER, scope=ScopeKind.CASELOAD)
    foreign = person_told(notice, programme, first_name="Zara", replaces=first["id"])
    services.receive_work([foreign], acting_staff=stranger, device=own_phone(stranger).device)
    assert WorkFact.objects.get(pk=first["id"]).state == WorkState.WAITING, "not hers to replace"
    answers = services.receive_work([mended, home], acting_staff=out, device=device)
    assert states(answers) == ["DONE", "DONE"]
    old = WorkFact.objects.get(pk=first["id"])
    assert (old.state, old.told) == (WorkState.LEFT_OUT, "")
    person = Membership.objects.get(household_id=home["id"]).person
    assert (str(person.pk), person.phone) == (mended["id"], "+37491123456")
    assert person.consents.get().given_date == date(2026, 3, 1)
    later = person_told(notice, programme, phone="+37491123457", replaces=mended["id"])
    (answer,) = services.receive_work([later], acting_staff=out, device=device)
    assert (answer.state, Person.objects.filter(pk=later["id"]).exists()) == ("WAITING", False)
    assert "in the meantime" in answer.reason


def test_a_registration_not_taken_goes_when_it_is_left_out_or_she_is_erased(
    out: StaffUser, office: Office, notice: ConsentNotice, programme: Programme, person: Any
) -> None:
    lead = member_of_staff("lead", Role.MANAGER)
    device = own_phone(out).device
    facts = [
        person_told(notice, programme, phone="091 123456", birth_year=1990),
        person_told(notice, programme, phone="091 123456", birth_year=1990),
        person_told(notice, programme, phone="099 555555", birth_year=1960),
    ]
    answers = services.receive_work(facts, acting_staff=out, device=device)
    assert states(answers) == ["WAITING"] * 3
    left, hers, others = (WorkFact.objects.get(pk=fact["id"]) for fact in facts)
    for row in (left, hers, others):
        assert "is not a telephone number" in row.reason
        assert not {"123456", "555555"} & set(row.reason.split()), "the number lies sealed"
    services.leave_work_out(acting_staff=lead, fact=left, reason="Registered at the office")
    left.refresh_from_db()
    assert (left.told, left.state, bool(left.digest)) == ("", WorkState.LEFT_OUT, True)
    known = person("Nare Sahakyan", phone="+374 91 123456")
    told_back = str([tell(known.pk) for tell in subject.collect])
    assert "091 123456" in told_back
    assert "099 555555" not in told_back, "another of her name"
    for blank in subject.erase:
        blank(known.pk)
    hers.refresh_from_db()
    others.refresh_from_db()
    assert (hers.told, hers.state) == ("", WorkState.LEFT_OUT)
    assert "099 555555" in others.told


def test_no_more_persons_than_a_phone_carries_and_the_rest_is_told(
    out: StaffUser, programme: Programme, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caseload, "MOST_PERSONS", 3)
    for name in ("Ani", "Bela", "Caro", "Dina"):
        person(name, case_officer=out)
    last = person("Zara", case_officer=out)
    schedule_visits(
        acting_staff=out,
        person=last,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[timezone.localdate()],
    )
    told_of, ids = caseload.people_of(out)
    assert [one["name"] for one in told_of["persons"]] == ["Ani", "Bela", "Zara"]
    assert (told_of["persons_left"], len(ids)) == (2, 3)
    monkeypatch.setattr(caseload, "MOST_PERSONS", 5)
    assert caseload.people_of(out)[0]["persons_left"] == 0


def test_nobody_visits_somebody_of_another_officer(out: StaffUser, person: Any) -> None:
    other = person("Somebody of another officer")
    fact = told("record_visit", {"person": str(other.pk), "kind": "COACHING", "situation": "Good"})
    (answer,) = services.receive_work([fact], acting_staff=out, device=own_phone(out).device)
    assert answer.state == WorkState.WAITING
    assert not Visit.objects.exists()


def test_what_is_told_of_whoever_was_erased_meanwhile_goes_at_once(
    out: StaffUser, programme: Programme, person: Any
) -> None:
    """A household waits: it tells of others too, and of her no more than that she was one of it."""
    device = own_phone(out).device
    gone, left = person("Ani", case_officer=out), person("Bela", case_officer=out)
    planned = schedule_visits(
        acting_staff=out,
        person=gone,
        programme=programme,
        kind=VisitKind.COACHING,
        planned_dates=[date(2026, 3, 1)],
    )
    Person.objects.filter(pk=gone.pk).update(erased_date=date(2026, 3, 2))
    about = {"person": str(gone.pk)}
    facts = [
        told("record_visit", about | {"kind": "COACHING", "situation": "Sells well"}),
        told("miss_visit", about | {"visit": str(planned[0].pk), "reason": "The road"}),
        told("register_household", {"members": [about, {"person": str(left.pk)}]}),
    ]
    for _time in range(2):
        answers = services.receive_work(facts, acting_staff=out, device=device)
        assert states(answers) == ["LEFT_OUT", "LEFT_OUT", "WAITING"]
    assert Visit.objects.get().state == VisitState.PLANNED
    assert not Household.objects.exists()
    assert not any("Sells well" in row.told for row in WorkFact.objects.all())


def test_what_a_phone_out_of_use_still_had_waits_until_a_second_person_has_looked(
    out: StaffUser, office: Office, notice: ConsentNotice, programme: Programme
) -> None:
    lead = member_of_staff("lead", Role.MANAGER, scope=ScopeKind.OFFICE, office=office)
    done = own_phone(out)
    fact = person_told(notice, programme)
    report_device_lost(acting_staff=lead, device=done.device)

    def last(*facts: dict[str, Any]) -> services.Farewell:
        return services.say_farewell(token=done.token, packets=[], facts=facts)

    (kept,) = last(fact).kept
    assert (kept.state, "out of use" in kept.reason) == ("WAITING", True)
    assert last(fact, {"id": "?"}).kept[0].state == "WAITING"
    assert not Person.objects.filter(pk=fact["id"]).exists()
    row = WorkFact.objects.visible_to(lead).get()
    services.take_work_again(acting_staff=lead, fact=row)
    row.refresh_from_db()
    assert (row.state, row.told) == ("DONE", "")
    assert Person.objects.filter(pk=fact["id"]).exists()


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_outside_the_calendar_keeps_no_other_fact_out(
    out: StaffUser, notice: ConsentNotice, programme: Programme, at: str
) -> None:
    wild = person_told(notice, programme) | {"recorded_at": at}
    sound = person_told(notice, programme)
    answers = services.receive_work([wild, sound], acting_staff=out, device=own_phone(out).device)
    assert states(answers) == ["REFUSED", "DONE"]
    assert Person.objects.filter(pk=sound["id"]).exists()
    assert not WorkFact.objects.filter(pk=wild["id"]).exists()
