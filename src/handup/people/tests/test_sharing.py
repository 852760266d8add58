"""Data leave the house by agreement only: agreement, consent and role together, no more."""

import csv
import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from handup.kernel.ids import new_id
from handup.org.classes import DataClass
from handup.org.devices import SameIdOtherContent
from handup.org.duties import SamePerson
from handup.org.jobs import work_off
from handup.org.models import Grant, ReadEntry, StaffUser, StoredFile
from handup.org.permissions import NotAllowed, OutOfSight
from handup.org.rules.access import Role, ScopeKind
from handup.org.services.files import sum_of
from handup.org.tests.staff import staff_with
from handup.people import disclosed, erasing
from handup.people.models import (
    Consent,
    ConsentNotice,
    DisclosedPerson,
    Disclosure,
    Participation,
    Person,
    SharingAgreement,
)
from handup.people.rules import sharing as sh
from handup.people.rules.codes import CompartmentKind, ConsentPurpose
from handup.people.services import open_compartment, sharing, withdraw_consent
from handup.people.tests.conftest import signed_in
from handup.projects.models import Organisation, Programme

F = sh.SharedField
A = sh.AgreementState


@pytest.fixture(autouse=True)
def _one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker shares the test's connection, which lives in the test's transaction."""
    worker = "django_tasks_db.management.commands.db_worker"
    monkeypatch.setattr(f"{worker}.close_old_connections", lambda: None)


@pytest.fixture
def director(db: None) -> StaffUser:
    return staff_with("director", Role.DIRECTOR)


@pytest.fixture
def officer(programme: Programme) -> StaffUser:
    return staff_with(
        "officer", Role.LOAN_OFFICER, scope=ScopeKind.PROJECT, programme_id=programme.pk
    )


@pytest.fixture
def bank(db: None) -> Organisation:
    return Organisation.objects.create(code="BANK", name="First bank")


def today() -> date:
    return timezone.localdate()


def drafted(manager: StaffUser, bank: Organisation, programme: Programme, **more: Any) -> Any:
    told: dict[str, Any] = {
        "recipient": bank,
        "programme": programme,
        "purpose": ConsentPurpose.SHARE_BANK,
        "legal_basis": "Her consent",
        "first_date": today(),
        "last_date": today() + timedelta(days=30),
        "destroy_date": today() + timedelta(days=90),
        "fields": (F.PSEUDONYM, F.SEX, F.AREA, F.NAME, F.PHONE),
    } | more
    return sharing.draft_agreement(acting_staff=manager, agreement=sharing.AgreementIn(**told))


def moved(director: StaffUser, row: SharingAgreement, *states: A, proof: str = "") -> Any:
    for state in states:
        row = sharing.move_agreement(
            acting_staff=director, agreement=row, to_state=state, on=today(), proof=proof
        )
    return row


@pytest.fixture
def agreement(
    manager: StaffUser, director: StaffUser, bank: Organisation, programme: Programme
) -> SharingAgreement:
    row: SharingAgreement = moved(director, drafted(manager, bank, programme), A.SIGNED, A.ACTIVE)
    return row


@pytest.fixture
def consent(
    ani: Person, application: Participation, notice: ConsentNotice, clerk: StaffUser
) -> Consent:
    return Consent.objects.create(
        person=ani, purpose="SHARE_BANK", notice=notice, method="MARK",
        given_date=today(), recorded_by=clerk,
    )  # fmt: skip


def sent(staff: StaffUser, agreement: SharingAgreement, *fields: F) -> Disclosure:
    return sharing.send_disclosure(
        acting_staff=staff, agreement=agreement, fields=fields or tuple(F)
    )


def made(staff: StaffUser, agreement: SharingAgreement, *fields: F) -> Disclosure:
    return sharing.make(sent(staff, agreement, *fields).pk)


def test_an_agreement_goes_step_by_step_and_is_signed_by_another(
    manager: StaffUser, director: StaffUser, bank: Organisation, programme: Programme
) -> None:
    row = drafted(manager, bank, programme)
    with pytest.raises(NotAllowed):
        moved(manager, row, A.SIGNED)
    with pytest.raises(sharing.AgreementNotThere):
        moved(director, row, A.ACTIVE)
    row = moved(director, row, A.SIGNED, A.ACTIVE, A.ENDED)
    with pytest.raises(sharing.ProofMissing):
        moved(director, row, A.DESTRUCTION_PROVEN)
    assert moved(director, row, A.DESTRUCTION_PROVEN, proof="Their letter").proof == "Their letter"
    own = drafted(director, bank, programme)
    with pytest.raises(SamePerson):
        moved(director, own, A.SIGNED)


def test_the_same_id_with_other_content_is_no_agreement_and_no_file(
    manager: StaffUser, bank: Organisation, programme: Programme, officer: StaffUser,
    agreement: SharingAgreement,
) -> None:  # fmt: skip
    key = new_id()
    row = drafted(manager, bank, programme, id=key)
    assert drafted(manager, bank, programme, id=key) == row
    for more in ({"onward": True}, {"fields": (F.PSEUDONYM,)}, {"legal_basis": "Another"}):
        with pytest.raises(SameIdOtherContent):
            drafted(manager, bank, programme, id=key, **more)

    def ask(*fields: F) -> Disclosure:
        return sharing.send_disclosure(
            acting_staff=officer, agreement=agreement, fields=fields, id=key
        )

    assert ask(F.SEX, F.AREA) == ask(F.SEX, F.AREA)
    with pytest.raises(SameIdOtherContent):
        ask(F.SEX)


def test_only_purposes_of_sharing_and_some_field(
    manager: StaffUser, bank: Organisation, programme: Programme, clerk: StaffUser
) -> None:
    for wrong, refusal in (
        ({"purpose": ConsentPurpose.SERVICE}, sharing.NotForSharing),
        ({"fields": ()}, sharing.NothingGiven),
        ({"legal_basis": " "}, sharing.LegalBasisMissing),
    ):
        with pytest.raises(refusal):
            drafted(manager, bank, programme, **wrong)
    with pytest.raises(NotAllowed):
        drafted(clerk, bank, programme)
    assert not SharingAgreement.objects.exists()


def test_a_file_holds_agreement_and_consent_and_role(
    agreement: SharingAgreement, consent: Consent, officer: StaffUser, ani: Person, clerk: StaffUser
) -> None:
    silent = Person.objects.create(
        registration_no="8", display_name="=Silent", sort_key="s", programme=ani.programme,
        registered_date=today(), registered_by=clerk,
    )  # fmt: skip
    Participation.objects.create(person=silent, programme=agreement.programme, applied_date=today())
    row = made(officer, agreement)
    assert (row.state, row.count) == (sh.DisclosureState.READY, 1)
    assert row.fields == ["PSEUDONYM", "SEX", "AREA", "NAME", "PHONE"], "no more than is agreed"
    kept = DisclosedPerson.objects.get()
    assert (kept.person, kept.consent) == (ani, consent)
    name, content = sharing.take_disclosure(acting_staff=officer, disclosure=row)
    assert name == f"{row.code}.csv"
    assert row.sha256 == sum_of(content, DataClass.P)
    assert row.sha256 != hashlib.sha256(content).hexdigest(), "a copy elsewhere tells nothing"
    (line,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert line["name"] == ani.display_name
    assert line["phone"] == "'+37491123456", "a sign that begins a formula is guarded"
    assert line["pseudonym"] == disclosed.pseudonym(agreement.recipient_id, ani.pk)
    assert line["area"] == "C", "few live there: the place of level 1"
    assert "Silent" not in content.decode()


def test_who_is_hidden_is_in_no_file_not_even_of_her_own_case_team(
    agreement: SharingAgreement, consent: Consent, focal_point: StaffUser, ani: Person
) -> None:
    waits = made(focal_point, agreement)
    assert (waits.state, waits.count) == (sh.DisclosureState.READY, 1)
    open_compartment(
        acting_staff=focal_point,
        person=ani,
        kind=CompartmentKind.PERSON,
        team=(),
        opened_date=today(),
    )
    keeper = StaffUser.objects.get(pk=focal_point.pk)
    assert Person.objects.visible_to(keeper).filter(pk=ani.pk).exists()
    row = made(keeper, agreement)
    assert (row.state, row.reason, row.file) == (
        sh.DisclosureState.REFUSED,
        sh.NotGiven.NOBODY,
        None,
    )
    assert not DisclosedPerson.objects.filter(disclosure=row).exists()
    with pytest.raises(sharing.CannotBeTaken):
        sharing.take_disclosure(acting_staff=keeper, disclosure=waits)
    assert not StoredFile.objects.exists()


def test_a_role_gives_no_more_than_it_sees(
    agreement: SharingAgreement, consent: Consent, programme: Programme, clerk: StaffUser
) -> None:
    reader = staff_with("me", Role.ME_OFFICER)
    assert made(reader, agreement).fields == ["PSEUDONYM", "SEX", "AREA"]
    with pytest.raises(sharing.NothingGiven):
        sent(reader, agreement, F.NAME, F.PHONE)
    with pytest.raises(NotAllowed):
        sent(clerk, agreement)
    elsewhere = staff_with("far", Role.LOAN_OFFICER, scope=ScopeKind.CASELOAD)
    with pytest.raises(OutOfSight):
        sent(elsewhere, agreement)
    assert Disclosure.objects.count() == 1


def test_two_recipients_cannot_join_what_they_hold(bank: Organisation, ani: Person) -> None:
    other = Organisation.objects.create(code="B2", name="Second")
    assert disclosed.pseudonym(bank.pk, ani.pk) != disclosed.pseudonym(other.pk, ani.pk)
    assert disclosed.pseudonym(bank.pk, ani.pk) == disclosed.pseudonym(bank.pk, ani.pk)


def test_without_an_agreement_in_force_nothing_is_written(
    agreement: SharingAgreement, director: StaffUser, officer: StaffUser, consent: Consent
) -> None:
    SharingAgreement.objects.filter(pk=agreement.pk).update(
        first_date=today() - timedelta(days=9), last_date=today() - timedelta(days=1)
    )
    with pytest.raises(sharing.AgreementNotInForce):
        sent(officer, agreement)
    assert not Disclosure.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("what", ["agreement", "consent", "role"])
def test_a_job_that_waits_already_looks_again(
    agreement: SharingAgreement, director: StaffUser, officer: StaffUser, consent: Consent,
    clerk: StaffUser, what: str,
) -> None:  # fmt: skip
    row = sent(officer, agreement)
    _take_away(what, agreement, director, officer, consent, clerk)
    work_off()
    row.refresh_from_db()
    reasons = {"agreement": "AGREEMENT", "consent": "NOBODY", "role": "ROLE"}
    assert (row.state, row.reason) == (sh.DisclosureState.REFUSED, reasons[what])
    assert not StoredFile.objects.exists()
    assert not DisclosedPerson.objects.exists()


@pytest.mark.parametrize("what", ["agreement", "consent", "role"])
def test_a_file_that_is_ready_is_not_given_any_more(
    agreement: SharingAgreement, director: StaffUser, officer: StaffUser, consent: Consent,
    clerk: StaffUser, what: str,
) -> None:  # fmt: skip
    row = made(officer, agreement)
    _take_away(what, agreement, director, officer, consent, clerk)
    officer = StaffUser.objects.get(pk=officer.pk)
    with pytest.raises(NotAllowed if what == "role" else sharing.CannotBeTaken):
        sharing.take_disclosure(acting_staff=officer, disclosure=row)
    if what != "role":
        row.refresh_from_db()
        assert (row.state, row.reason) == (sh.DisclosureState.REFUSED, what.upper())
        assert not StoredFile.objects.exists()


def test_a_file_that_waits_goes_when_somebody_in_it_is_erased(
    agreement: SharingAgreement, officer: StaffUser, consent: Consent
) -> None:
    row = made(officer, agreement)
    assert row.file is not None
    erasing.erase(consent.person_id)
    row.refresh_from_db()
    assert (row.state, row.reason) == (sh.DisclosureState.REFUSED, "CONSENT")
    assert not StoredFile.objects.exists()


def _take_away(
    what: str, agreement: Any, director: StaffUser, officer: StaffUser, consent: Consent,
    clerk: StaffUser,
) -> None:  # fmt: skip
    if what == "agreement":
        moved(director, agreement, A.ENDED)
    elif what == "consent":
        withdraw_consent(acting_staff=clerk, consent=consent, withdrawn_date=today())
    else:
        Grant.objects.filter(staff=officer).update(ended_at=timezone.now())


def test_a_file_is_taken_once_by_who_asked_and_within_a_day(
    agreement: SharingAgreement, officer: StaffUser, consent: Consent, manager: StaffUser
) -> None:
    row = made(officer, agreement)
    with pytest.raises(NotAllowed):
        sharing.take_disclosure(acting_staff=manager, disclosure=row)
    sharing.take_disclosure(acting_staff=officer, disclosure=row)
    with pytest.raises(sharing.CannotBeTaken):
        sharing.take_disclosure(acting_staff=officer, disclosure=row)
    late = made(officer, agreement)
    Disclosure.objects.filter(pk=late.pk).update(ends_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(sharing.CannotBeTaken):
        sharing.take_disclosure(acting_staff=officer, disclosure=late)
    late.refresh_from_db()
    assert late.state == sh.DisclosureState.EXPIRED
    assert not StoredFile.objects.exists()


def test_it_goes_over_the_pages_into_the_read_log(
    manager: StaffUser, director: StaffUser, officer: StaffUser, bank: Organisation,
    programme: Programme, consent: Consent,
) -> None:  # fmt: skip
    told = {
        "recipient": str(bank.pk), "programme": str(programme.pk), "purpose": "SHARE_BANK",
        "legal_basis": "Consent", "fields_given": ["PSEUDONYM", "NAME"],
        "first_date": today().isoformat(), "last_date": today().isoformat(),
        "destroy_date": today().isoformat(),
    }  # fmt: skip
    answer = signed_in(manager).post("/people/sharing/new/", told)
    assert answer.status_code == 302, answer.content
    row, desk = SharingAgreement.objects.get(), signed_in(director)
    for _step in range(2):
        answer = desk.post(f"/people/sharing/{row.pk}/move/", {"on": today().isoformat()})
        assert answer.status_code == 302, answer.content
    seller: Client = signed_in(officer)
    page = seller.get(f"/people/sharing/{row.pk}/send/").content.decode()
    assert "birth date" not in page.lower()
    seller.post(f"/people/sharing/{row.pk}/send/", {"fields_given": ["PSEUDONYM", "NAME"]})
    work_off()
    file = Disclosure.objects.get()
    assert "Take the file" in seller.get(f"/people/disclosures/{file.pk}/").content.decode()
    assert seller.get(f"/people/disclosures/{file.pk}/take/").status_code == 405
    taken = seller.post(f"/people/disclosures/{file.pk}/take/")
    assert taken.status_code == 200
    assert b"Ani" in taken.content
    entry = ReadEntry.objects.order_by("-number")[0]
    assert (entry.action, entry.persons) == ("EXPORT", [str(consent.person_id)])
    assert row.code in desk.get("/people/sharing/").content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_no_role_gives_a_field_above_its_class(role: Role) -> None:
    """R3: of every role, the fields it may give hold no class it does not see."""
    given = sh.fields_of_roles([role])
    classes = {sh.CLASS_OF[field].value for field in given}
    if role in {Role.FIELD_OFFICER, Role.LOAN_OFFICER, Role.FOCAL_POINT}:
        assert classes == {"I", "P", "S"}
    elif role is Role.MANAGER:
        assert classes == {"I", "P"}
    elif role is Role.ME_OFFICER:
        assert given == frozenset(sh.BY_DEFAULT)
    else:
        assert not given


def test_places_where_few_live_are_told_coarsely() -> None:
    few = [("C", "C1")] * (sh.SMALL_PLACE - 1) + [("C", "C2")] * sh.SMALL_PLACE
    assert sh.told_places(few) == {("C", "C1"): "C", ("C", "C2"): "C2"}
