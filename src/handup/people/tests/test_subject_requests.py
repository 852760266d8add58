"""A person asks about her own data: recorded, identity checked, answered in time, erased by two."""

import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from handup.kernel.ids import new_id
from handup.org import erased, keys, rotation
from handup.org.duties import SamePerson
from handup.org.keys import Ring
from handup.org.models import AuditLine, ReadEntry, Setting, StaffUser
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.people import file, subject, unproved
from handup.people.models import Grievance, Person, PersonName, SubjectRequest
from handup.people.models import labels as lb
from handup.people.rules import codes as c
from handup.people.rules import requests as r
from handup.people.services import (
    HouseholdIn,
    MemberIn,
    erasure,
    open_compartment,
    register_household,
    register_person,
)
from handup.people.services import requests as asked
from handup.people.services.store import PersonErased
from handup.people.tests.conftest import DAY, person_in, signed_in

S = r.RequestState


@pytest.fixture
def dpo(db: None) -> StaffUser:
    return staff_with("dpo", Role.DPO)


@pytest.fixture
def director(db: None) -> StaffUser:
    return staff_with("director", Role.DIRECTOR)


def today() -> date:
    return timezone.localdate()


def record(
    clerk: StaffUser, ani: Person | None, kind: r.RequestKind = r.RequestKind.ERASURE, **more: Any
) -> SubjectRequest:
    told: dict[str, Any] = {"kind": kind, "received_date": today(), "details": "Forget me."}
    return asked.record_subject_request(
        acting_staff=clerk, request=asked.SubjectRequestIn(person=ani, **(told | more))
    )


def identified(clerk: StaffUser, ani: Person, **more: Any) -> SubjectRequest:
    return asked.identify_asker(
        acting_staff=clerk,
        request=record(clerk, ani, **more),
        identity=r.IdentityCheck.DOCUMENT,
        on=today(),
    )


def approve(row: SubjectRequest, *hands: StaffUser) -> SubjectRequest:
    for staff in hands:
        row = erasure.approve_erasure(acting_staff=staff, request=row, on=today())
    return row


def test_a_request_has_a_clock_and_who_answers(clerk: StaffUser, ani: Person) -> None:
    Setting.objects.create(key=asked.SETTING, value=20)
    row = record(clerk, ani, r.RequestKind.ACCESS)
    assert row.due_date == today() + timedelta(days=20)
    assert (row.handler, row.state) == (clerk, S.ASKED)
    assert AuditLine.objects.filter(action="people.record_subject_request").count() == 1


def test_the_same_request_sent_twice_is_one(clerk: StaffUser, ani: Person) -> None:
    first = record(clerk, ani)
    again = record(clerk, ani, id=first.pk)
    assert again == first
    assert SubjectRequest.objects.count() == 1


def test_nobody_outside_records_it_and_nothing_is_stored(
    outsider: StaffUser, trainer: StaffUser, clerk: StaffUser, ani: Person
) -> None:
    with pytest.raises(OutOfSight):
        record(outsider, ani)
    with pytest.raises(NotAllowed):
        record(trainer, ani)
    with pytest.raises(asked.CannotAnswer):
        record(clerk, ani, handler=outsider)
    with pytest.raises(asked.PersonNotNamed):
        record(clerk, None)
    assert not SubjectRequest.objects.exists()


def test_what_an_authority_asks_is_refused_and_written_down(
    clerk: StaffUser, ani: Person, dpo: StaffUser
) -> None:
    with pytest.raises(asked.AskerNotNamed):
        record(clerk, ani, r.RequestKind.AUTHORITY)
    row = record(clerk, ani, r.RequestKind.AUTHORITY, asker="Police post 7")
    assert (row.state, row.closed_date) == (S.REFUSED, today())
    assert SubjectRequest.objects.visible_to(dpo).get() == row
    with pytest.raises(asked.RequestNotThere):
        asked.answer_request(acting_staff=clerk, request=row, answer="Here it is", on=today())


def test_nothing_is_answered_before_it_is_known_who_asks(clerk: StaffUser, ani: Person) -> None:
    row = record(clerk, ani, r.RequestKind.ACCESS)
    with pytest.raises(asked.RequestNotThere):
        asked.answer_request(acting_staff=clerk, request=row, answer="Here", on=today())
    row = asked.identify_asker(
        acting_staff=clerk, request=row, identity=r.IdentityCheck.CARD, on=today()
    )
    with pytest.raises(asked.AnswerMissing):
        asked.answer_request(acting_staff=clerk, request=row, answer=" ", on=today())
    row = asked.answer_request(acting_staff=clerk, request=row, answer="Given", on=today())
    assert (row.state, row.answer) == (S.ANSWERED, "Given")


def test_two_persons_approve_an_erasure(
    clerk: StaffUser, ani: Person, dpo: StaffUser, director: StaffUser
) -> None:
    row = approve(identified(clerk, ani), dpo)
    assert row.state == S.IDENTIFIED
    with pytest.raises(SamePerson):
        approve(row, dpo)
    with pytest.raises(asked.RequestNotThere):
        erasure.erase_person(acting_staff=dpo, request=row, on=today())
    assert approve(row, director).state == S.APPROVED
    with pytest.raises(NotAllowed):
        approve(row, clerk)
    assert Person.objects.get(pk=ani.pk).erased_date is None


def test_an_open_complaint_holds_the_erasure(
    clerk: StaffUser, ani: Person, dpo: StaffUser, director: StaffUser
) -> None:
    complaint = Grievance.objects.create(
        code="K1", kind="SERVICE", person=ani, tracking="A", taken_by=clerk,
        received_date=today(), acknowledge_date=today(), resolve_date=today(),
    )  # fmt: skip
    row = approve(identified(clerk, ani), dpo)
    assert (row.state, row.hold_reason, row.held_until) == (S.HELD, "COMPLAINT", None)
    Grievance.objects.filter(pk=complaint.pk).update(state="CLOSED")
    assert approve(row, dpo, director).state == S.APPROVED


def test_a_court_holds_it_until_its_day_or_until_lifted(
    clerk: StaffUser, ani: Person, dpo: StaffUser, director: StaffUser
) -> None:
    row = approve(identified(clerk, ani), dpo, director)
    until = today() + timedelta(days=3)
    with pytest.raises(erasure.NotByHand):
        erasure.hold_erasure(
            acting_staff=dpo, request=row, reason=r.HoldReason.LOAN, until=None, on=today()
        )
    row = erasure.hold_erasure(
        acting_staff=dpo, request=row, reason=r.HoldReason.COURT, until=until, on=today()
    )
    assert (row.state, row.approved_by) == (S.HELD, None)
    assert approve(row, director).held_until == until, "an approval does not end it"
    row = erasure.lift_hold(acting_staff=dpo, request=row, on=today())
    assert approve(row, dpo, director).state == S.APPROVED


@pytest.fixture
def erasable(clerk: StaffUser, ani: Person, dpo: StaffUser, director: StaffUser) -> SubjectRequest:
    return approve(identified(clerk, ani), dpo, director)


def test_she_is_erased_and_takes_nothing_new(
    erasable: SubjectRequest, ani: Person, dpo: StaffUser, clerk: StaffUser, desk: Client
) -> None:
    number = ani.registration_no
    certificate = erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert certificate.found == 0
    assert certificate.searched > 3
    left = Person.objects.get(pk=ani.pk)
    assert (str(left), left.phone, left.erased_date) == ("erased", "", today())
    assert left.registration_no != number
    assert not PersonName.objects.filter(person=ani).exists()
    with pytest.raises(PersonErased):
        record(clerk, left)
    assert number not in desk.get("/people/persons/").content.decode()
    page = desk.get(f"/people/persons/{ani.pk}/").content.decode()
    assert "Sargsyan" not in page
    assert "erased" in page


def test_an_erasure_whose_proof_did_not_hold_is_proved_again_and_certified(
    erasable: SubjectRequest, dpo: StaffUser, director: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.org.cleaning.clean", lambda tables: True)
    monkeypatch.setattr("handup.org.cleaning.found_bytes", lambda values: 2)
    certificate = erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert (certificate.found, certificate.request.state) == (2, S.DONE)
    former = unproved.kept(certificate.pk)
    assert former is not None
    assert len(former) == certificate.searched
    file = unproved._path(certificate.pk)
    assert not any(value.encode() in file.read_bytes() for value in former)
    with pytest.raises(NotAllowed):
        erasure.prove_erasure(acting_staff=director, request=erasable)
    again = erasure.prove_erasure(acting_staff=dpo, request=erasable)
    assert (again.found, again.request.state) == (2, S.DONE)
    looked: list[frozenset[str]] = []
    found = "handup.org.cleaning.found_bytes"

    def none_found(values: frozenset[str]) -> int:
        looked.append(values)
        return 0

    monkeypatch.setattr(found, none_found)
    done = erasure.prove_erasure(acting_staff=dpo, request=erasable)
    assert (done.found, done.request.state, looked) == (0, S.CERTIFIED, [former])
    with pytest.raises(asked.RequestNotThere):
        erasure.prove_erasure(acting_staff=dpo, request=erasable)


def test_what_is_still_to_be_proved_is_sealed_anew_with_the_rest_and_a_rollback_leaves_none(
    erasable: SubjectRequest, dpo: StaffUser, settings: Settings, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The old key goes only when no file beside the keys needs it; what was not erased is not kept
    there either."""
    monkeypatch.setattr("handup.org.cleaning.clean", lambda tables: True)
    monkeypatch.setattr("handup.org.cleaning.found_bytes", lambda values: 2)
    with monkeypatch.context() as broken:
        broken.setattr(erasure, "all_ids", lambda person: 1 / 0)
        broken.setattr(erasure, "_blank_everything", lambda *told: {})
        with pytest.raises(ZeroDivisionError):
            erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert list(unproved.key_ids()) == []
    certificate = erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    (before,) = unproved.key_ids()
    former = unproved.kept(certificate.pk)
    settings.KEYS_FILE = Path(shutil.copy(settings.KEYS_FILE, tmp_path / "keys.json"))
    after = keys.add_key(Ring.FIELD)
    assert rotation.count_by_key()[before] > 0
    assert rotation.rotate() > 0
    assert list(unproved.key_ids()) == [after] != [before]
    assert rotation.count_by_key()[before] == 0
    keys.remove_key(Ring.FIELD, before)
    assert unproved.kept(certificate.pk) == former


def test_what_was_to_be_looked_for_is_destroyed_once_it_is_proved(
    erasable: SubjectRequest,
    dpo: StaffUser,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    monkeypatch.setattr("handup.org.cleaning.clean", lambda tables: True)
    with django_capture_on_commit_callbacks(execute=True):
        certificate = erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert (certificate.found, certificate.request.state) == (0, S.CERTIFIED)
    assert unproved.kept(certificate.pk) is None


def test_a_hold_is_shown_to_the_accountant_and_the_dpo_only(
    clerk: StaffUser, ani: Person, dpo: StaffUser
) -> None:
    row = identified(clerk, ani)
    until = today() + timedelta(days=3)
    erasure.hold_erasure(
        acting_staff=dpo, request=row, reason=r.HoldReason.COURT, until=until, on=today()
    )
    accountant = staff_with("accountant", Role.ACCOUNTANT)
    for staff, sees in ((dpo, True), (accountant, True), (clerk, False)):
        page = signed_in(staff).get(f"/people/requests/{row.pk}/").content.decode()
        assert ("are kept because of" in page) is sees
        assert ("Held until" in page) is sees


def test_who_saw_her_is_told_to_those_who_read_the_log(
    clerk: StaffUser, ani: Person, dpo: StaffUser, desk: Client
) -> None:
    desk.get(f"/people/persons/{ani.pk}/")
    page = signed_in(dpo).get(f"/people/persons/{ani.pk}/seen/")
    assert "clerk" in page.content.decode()
    assert "Sargsyan" not in page.content.decode()
    assert desk.get(f"/people/persons/{ani.pk}/seen/").status_code == 403
    assert signed_in(dpo).get(f"/people/persons/{new_id()}/seen/").status_code == 404


def test_the_api_takes_an_erasure_from_approval_to_its_proof(
    clerk: StaffUser, ani: Person, dpo: StaffUser, director: StaffUser
) -> None:
    address = f"/api/v1/people/subject-requests/{identified(clerk, ani).pk}"
    day = {"on": str(today())}
    assert posted(clerk, f"{address}/approval", day).status_code == 403
    assert posted(dpo, f"{address}/erasure", day).status_code == 422
    for staff, state in ((dpo, "IDENTIFIED"), (director, "APPROVED")):
        answer = posted(staff, f"{address}/approval", day)
        assert (answer.status_code, answer.json()["state"]) == (201, state)
    assert posted(director, f"{address}/erasure", day).status_code == 403
    answer = posted(dpo, f"{address}/erasure", day)
    assert (answer.status_code, answer.json()["found"]) == (201, 0)
    answer = posted(dpo, f"{address}/proof", {})
    assert (answer.status_code, answer.json()["found"]) == (201, 0)


def posted(staff: StaffUser, address: str, data: dict[str, Any]) -> Any:
    return signed_in(staff).post(address, data, content_type="application/json")


def test_an_erasure_the_register_does_not_know_is_told_by_the_proof(
    erasable: SubjectRequest, ani: Person, dpo: StaffUser
) -> None:
    """As after a fault between the erasure and its line: here nothing is ever committed."""
    erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert [item.stored for item in erasure.erased_unregistered()] == ["erased"]
    erased.add(ani.pk, today(), "ASKED")
    assert list(erasure.erased_unregistered()) == []


def test_nothing_is_erased_where_a_figure_would_change(
    erasable: SubjectRequest, ani: Person, dpo: StaffUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def count(person_id: Any, on: date) -> dict[str, str]:
        return {"NAMED": str(PersonName.objects.filter(person_id=person_id).count())}

    monkeypatch.setattr(subject, "figures", [count])
    with pytest.raises(erasure.FiguresWouldChange, match="NAMED"):
        erasure.erase_person(acting_staff=dpo, request=erasable, on=today())
    assert PersonName.objects.filter(person=ani).exists()
    assert SubjectRequest.objects.get().state == S.APPROVED
    assert not erased.path().exists()


def test_who_was_erased_is_erased_again_after_a_restore(
    ani: Person, clerk: StaffUser, programme: Any
) -> None:
    other = Person.objects.create(
        registration_no="7", display_name="Other", sort_key="o", programme=programme,
        registered_date=today(), registered_by=clerk,
    )  # fmt: skip
    erased.add(ani.pk, date(2026, 5, 1), "ASKED")
    erased.add(ani.pk, date(2026, 5, 1), "ASKED")
    assert len(erased.path().read_text().splitlines()) == 1
    assert str(ani.pk) not in erased.path().read_text()
    assert erasure.replay_erasures() == 1
    assert erasure.replay_erasures() == 0
    assert Person.objects.get(pk=ani.pk).erased_date == date(2026, 5, 1)
    other.refresh_from_db()
    assert (other.display_name, other.erased_date) == ("Other", None)


def test_a_register_that_cannot_be_read_stops_a_restore(ani: Person) -> None:
    erased.add(ani.pk, today(), "ASKED")
    copy = erased.path().with_name("copy.txt")
    copy.write_text(erased.path().read_text() + f"{'0' * 64} 2026-01-01 ASKED\n")
    erased.take_over(copy)
    assert len(erased.read()) == 2
    erased.path().write_text("half a line")
    with pytest.raises(erased.RegisterBroken):
        erasure.replay_erasures()
    assert Person.objects.get(pk=ani.pk).erased_date is None


def test_the_register_shows_no_words_to_who_does_not_answer(
    clerk: StaffUser, ani: Person, dpo: StaffUser
) -> None:
    row = record(clerk, ani, details="A long story of mine")
    href = f"/people/requests/{row.pk}/"
    assert b"A long story" in signed_in(clerk).get(href).content
    shown = signed_in(dpo).get(href).content
    assert row.code.encode() in shown
    assert b"A long story" not in shown


def test_a_request_goes_its_way_over_the_pages(
    desk: Client, ani: Person, dpo: StaffUser, director: StaffUser
) -> None:
    told = {"kind": "ERASURE", "details": "Forget me", "received_date": today().isoformat()}
    answer = desk.post(f"/people/persons/{ani.pk}/requests/new/", told)
    assert answer.status_code == 302, answer.content
    row, day = SubjectRequest.objects.get(), {"on": today().isoformat()}
    base = f"/people/requests/{row.pk}/"
    assert desk.post(f"{base}identify/", day | {"identity": "CARD"}).status_code == 302
    assert desk.post(f"{base}approve/", day).status_code == 403
    for staff in (dpo, director):
        assert signed_in(staff).post(f"{base}approve/", day).status_code == 302
    row.refresh_from_db()
    assert row.state == S.APPROVED
    page = signed_in(dpo).get(base).content.decode()
    assert "Erase her now" in page
    read_back = signed_in(dpo).post(f"{base}erase/", day)
    assert read_back.status_code == 200
    assert Person.objects.get(pk=ani.pk).erased_date is None
    listed = desk.get("/people/requests/").content.decode()
    assert row.code in listed


def test_an_authority_is_written_down_on_its_page(desk: Client, db: None) -> None:
    told = {"asker": "Police", "details": "Whom", "received_date": today().isoformat()}
    assert desk.post("/people/requests/authority/", told).status_code == 302
    assert SubjectRequest.objects.get().state == S.REFUSED


def test_requests_over_the_interface(desk: Client, ani: Person) -> None:
    told = {"kind": "ACCESS", "received_date": today().isoformat(), "person_id": str(ani.pk)}
    key = {"Idempotency-Key": "0190f6a0-0000-7000-8000-000000000001"}
    made = desk.post(
        "/api/v1/people/subject-requests", told, content_type="application/json", headers=key
    )
    assert made.status_code == 201, made.content
    body = made.json()
    step = {"identity": "KNOWN", "on": today().isoformat()}
    moved = desk.post(
        f"/api/v1/people/subject-requests/{body['id']}/identity",
        step,
        content_type="application/json",
    )
    assert moved.json()["state"] == "IDENTIFIED"
    listed = desk.get("/api/v1/people/subject-requests?state=IDENTIFIED").json()
    assert [item["code"] for item in listed["items"]] == [body["code"]]
    assert "details" not in listed["items"][0]


def test_her_file_is_given_once_it_is_known_who_asks(
    desk: Client, clerk: StaffUser, ani: Person, dpo: StaffUser
) -> None:
    row = record(clerk, ani, r.RequestKind.ACCESS)
    href = f"/people/requests/{row.pk}/file/"
    assert desk.get(href).status_code == 409
    asked.identify_asker(
        acting_staff=clerk, request=row, identity=r.IdentityCheck.KNOWN, on=today()
    )
    page = desk.get(href).content.decode()
    for told in ("Sargsyan", "+37491123456", "1985-05-06", "First town"):
        assert told in page, told
    taken = desk.get(f"{href}?format=json")
    assert "+37491123456" in str(taken.json())
    assert [row.action for row in ReadEntry.objects.order_by("number")][-1] == "EXPORT"
    assert signed_in(dpo).get(href).status_code == 403


def test_her_file_names_nobody_else_and_who_read_of_her(
    clerk: StaffUser, ani: Person, programme: Any, desk: Client
) -> None:
    sister = register_person(
        acting_staff=clerk, person=person_in(programme, "Gayane", "Sargsyan")
    ).person
    register_household(
        acting_staff=clerk,
        household=HouseholdIn(
            members=(MemberIn(ani, c.HouseholdRole.HEAD), MemberIn(sister)),
            registered_date=DAY,
            programme=programme,
        ),
    )
    desk.get(f"/people/persons/{ani.pk}/")
    held = file.whole(ani.pk)
    text = str(held)
    assert "Gayane" not in text
    assert str(sister.pk) not in text
    assert [row["Who"] for row in held["Who read of her"]] == ["clerk"]


def test_her_file_is_in_her_language_and_tells_nothing_restricted(
    clerk: StaffUser, ani: Person, focal_point: StaffUser
) -> None:
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=c.CompartmentKind.TRAFFICKING,
        team=[],
        opened_date=DAY,
    )
    plain = file.whole(ani.pk, "en")
    other = file.whole(ani.pk, "hy")
    assert len(plain) == len(other)
    with override("hy"):
        assert str(lb.SEX[c.Sex.F]) in str(other)
    for held in (plain, other):
        assert "TRAFFICKING" not in str(held)
        assert "trafficking" not in str(held).lower()
