"""Certificates: who gets one, what it says, who may revoke it, what the public sees."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from handup.kernel.crypto import is_signed
from handup.org.devices import SameIdOtherContent
from handup.org.models import AuditLine, Setting, StaffUser
from handup.org.permissions import NotAllowed
from handup.training import services
from handup.training.badge import may_leave
from handup.training.models import Certificate, Cohort, Course, Enrolment, SerialCounter, SigningKey
from handup.training.paper import certificate_pdf, code_picture
from handup.training.queries import certificates_of, certified, holds_certificate
from handup.training.rules.serials import code_parts, is_serial
from handup.training.rules.states import CertificateKind, CertificateState, CourseType
from handup.training.services import refusals

ISSUED = date(2026, 4, 10)


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    cache.clear()


@pytest.fixture
def certificate(completed: list[Enrolment], officer: StaffUser) -> Certificate:
    """The certificate of the first who completed."""
    return services.issue_certificate(
        acting_staff=officer, enrolment=completed[0], issued_date=ISSUED
    )


def test_a_certificate_carries_serial_address_and_a_signed_code(certificate: Certificate) -> None:
    assert certificate.serial.startswith("MED-2026-000001-")
    assert is_serial(certificate.serial)
    parts = code_parts(certificate.code_text)
    assert parts is not None
    address, signed, signature = parts
    page = reverse("training:certificate_verify", args=[certificate.address])
    assert page == f"/training/c/{certificate.address}"
    assert address.endswith(page)
    assert signed.split("|") == [
        "1",
        certificate.serial,
        "BUS",
        "260410",
        "",
        "1",
        "Anahit Sargsyan",
    ]
    key = SigningKey.objects.get(number=1)
    assert is_signed(key.public_key, signed.encode(), signature)
    assert not is_signed(key.public_key, signed.replace("Anahit", "Ashot").encode(), signature)


def test_the_code_fits_version_10(certificate: Certificate) -> None:
    assert len(certificate.code_text.encode()) <= 213
    assert "65" in code_picture(certificate.code_text)


def test_serials_rise_and_are_counted_per_programme_and_year(
    completed: list[Enrolment], officer: StaffUser
) -> None:
    rows = services.issue_certificates(
        acting_staff=officer,
        items=[services.CertificateIn(enrolment=row, issued_date=ISSUED) for row in completed[:2]],
    )
    assert [row.serial[:15] for row in rows] == ["MED-2026-000001", "MED-2026-000002"]
    assert SerialCounter.objects.get().last_number == 2
    assert len({row.address for row in rows}) == 2


def test_no_certificate_without_completion(completed: list[Enrolment], officer: StaffUser) -> None:
    with pytest.raises(refusals.NotCompleted):
        services.issue_certificate(acting_staff=officer, enrolment=completed[2], issued_date=ISSUED)
    assert not Certificate.objects.exists()
    assert not SerialCounter.objects.exists()


def test_one_unearned_certificate_stops_the_whole_batch(
    completed: list[Enrolment], officer: StaffUser
) -> None:
    items = [services.CertificateIn(enrolment=row, issued_date=ISSUED) for row in completed]
    with pytest.raises(refusals.NotCompleted):
        services.issue_certificates(acting_staff=officer, items=items)
    assert not Certificate.objects.exists()


def test_who_came_but_failed_the_test_may_get_a_certificate_of_attendance(
    completed: list[Enrolment],
    officer: StaffUser,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It says nowhere that she completed the course, and opens no loan that asks for it."""
    row = services.issue_certificate(
        acting_staff=officer,
        enrolment=completed[2],
        issued_date=ISSUED,
        kind=CertificateKind.ATTENDANCE,
    )
    assert row.kind == CertificateKind.ATTENDANCE
    parts = code_parts(row.code_text)
    assert parts is not None
    assert parts[1].startswith("1a|MED-2026-000001-")
    page = client.get(f"/training/c/{row.address}").content.decode()
    assert "certificate of attendance" in page
    assert not may_leave(row, ISSUED)
    assert not holds_certificate(person_id=row.enrolment.person_id, on=ISSUED)
    said: dict[str, str] = {}

    def keep(_template: Path, fields: dict[str, str]) -> bytes:
        said.update(fields)
        return b""

    monkeypatch.setattr("handup.training.paper.set_pdf", keep)
    certificate_pdf(row)
    assert [said[name] for name in ("heading", "says", "has")] == [
        "certificate of attendance",
        "",
        "",
    ]


def test_no_certificate_without_consent_to_print_the_name(
    completed: list[Enrolment], officer: StaffUser
) -> None:
    row = completed[0]
    row.name_consent_date = None
    row.save()
    with pytest.raises(refusals.NameConsentMissing):
        services.issue_certificate(acting_staff=officer, enrolment=row, issued_date=ISSUED)
    assert not Certificate.objects.exists()
    services.agree_to_name(acting_staff=officer, enrolment=row, on=ISSUED)
    services.issue_certificate(acting_staff=officer, enrolment=row, issued_date=ISSUED)


def test_a_trainer_does_not_certify_her_own_cohort_alone(
    completed: list[Enrolment], cohort: Cohort, officer: StaffUser, second: StaffUser
) -> None:
    cohort.trainers.create(staff=officer, name="Officer")
    with pytest.raises(refusals.OwnTrainerAlone):
        services.issue_certificate(acting_staff=officer, enrolment=completed[0], issued_date=ISSUED)
    assert not Certificate.objects.exists()
    services.issue_certificate(acting_staff=second, enrolment=completed[0], issued_date=ISSUED)


def test_a_second_valid_certificate_is_refused_by_service_and_database(
    certificate: Certificate, officer: StaffUser
) -> None:
    with pytest.raises(refusals.AlreadyCertified):
        services.issue_certificate(
            acting_staff=officer, enrolment=certificate.enrolment, issued_date=ISSUED
        )
    copy = Certificate.objects.get(pk=certificate.pk)
    copy.pk, copy.serial, copy.address = None, "X-2026-000009-0", "B" * 13
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save(force_insert=True)


def test_the_same_certificate_sent_twice_is_one(
    certificate: Certificate, officer: StaffUser
) -> None:
    again = services.issue_certificate(
        acting_staff=officer,
        enrolment=certificate.enrolment,
        issued_date=ISSUED,
        id=certificate.pk,
    )
    assert again.serial == certificate.serial
    with pytest.raises(SameIdOtherContent):
        services.issue_certificate(
            acting_staff=officer,
            enrolment=certificate.enrolment,
            issued_date=ISSUED,
            printed_name="Somebody Else",
            id=certificate.pk,
        )
    assert Certificate.objects.count() == 1


def test_it_is_not_issued_before_completion(completed: list[Enrolment], officer: StaffUser) -> None:
    with pytest.raises(refusals.DateBefore):
        services.issue_certificate(
            acting_staff=officer, enrolment=completed[0], issued_date=date(2026, 3, 30)
        )


def test_a_corrected_name_makes_a_new_serial_that_replaces_the_old(
    certificate: Certificate, officer: StaffUser, client: Client
) -> None:
    new = services.replace_certificate(
        acting_staff=officer,
        certificate=certificate,
        printed_name="Anahit Sargsian",
        issued_date=date(2026, 4, 12),
    )
    certificate.refresh_from_db()
    assert (certificate.state, new.state) == (CertificateState.REPLACED, CertificateState.VALID)
    assert new.replaces == certificate
    assert new.serial != certificate.serial
    page = client.get(f"/training/c/{certificate.address}").content.decode()
    assert "replaced" in page.lower()
    with pytest.raises(refusals.NotInThisState):
        services.replace_certificate(
            acting_staff=officer,
            certificate=certificate,
            printed_name="X",
            issued_date=ISSUED,
        )


def test_revoking_needs_a_reason(
    certificate: Certificate, officer: StaffUser, client: Client
) -> None:
    with pytest.raises(refusals.ReasonMissing):
        services.revoke_certificate(
            acting_staff=officer, certificate=certificate, reason=" ", revoked_date=ISSUED
        )
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID
    services.revoke_certificate(
        acting_staff=officer,
        certificate=certificate,
        reason="issued to the wrong person",
        revoked_date=date(2026, 5, 1),
    )
    page = client.get(f"/training/c/{certificate.address}").content.decode()
    assert "revoked" in page.lower()
    assert "wrong person" not in page
    line = AuditLine.objects.get(action="training.revoke_certificate")
    assert line.facts == {}


def test_an_outsider_neither_issues_nor_sees_certificates(
    certificate: Certificate, completed: list[Enrolment], outsider: StaffUser
) -> None:
    with pytest.raises(NotAllowed):
        services.issue_certificate(
            acting_staff=outsider, enrolment=completed[1], issued_date=ISSUED
        )
    assert not Certificate.objects.visible_to(outsider).exists()
    assert Certificate.objects.count() == 1


def test_the_public_page_shows_name_course_date_state_and_nothing_else(
    certificate: Certificate, client: Client
) -> None:
    answer = client.get(f"/training/c/{certificate.address}")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "Anahit Sargsyan" in page
    assert "Start a small business" in page
    assert ">valid<" in page.lower()
    assert "noindex" in answer["X-Robots-Tag"]
    assert "Small enterprises" not in page
    assert certificate.enrolment.person.registration_no not in page
    assert client.get(f"/training/c/{certificate.address.lower()}").status_code == 200


def test_an_unknown_address_is_not_found(client: Client, db: None) -> None:
    answer = client.get("/training/c/AAAAAAAAAAAAA")
    assert answer.status_code == 404
    assert "no certificate" in answer.content.decode()


def test_the_public_page_slows_down_who_asks_too_often(
    certificate: Certificate, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handup.org.limits.time", SimpleNamespace(time=lambda: 1_790_000_000.0))
    codes = [client.get(f"/training/c/{certificate.address}").status_code for _ in range(62)]
    assert codes[0] == 200
    assert codes[-1] == 429


def test_the_public_keys_are_open_and_the_private_half_is_sealed(
    certificate: Certificate, client: Client
) -> None:
    answer = client.get("/training/certificate-keys.json")
    key = SigningKey.objects.get()
    assert answer.json() == {"keys": [{"number": 1, "ed25519": key.public_key}]}
    assert str(key.private_key) not in answer.content.decode()


def test_an_expired_certificate_says_so(
    completed: list[Enrolment], course: Course, officer: StaffUser, client: Client
) -> None:
    Course.objects.filter(pk=course.pk).update(certificate_months=1)
    row = services.issue_certificate(
        acting_staff=officer,
        enrolment=Enrolment.objects.get(pk=completed[0].pk),
        issued_date=ISSUED,
    )
    assert row.valid_to == date(2026, 5, 10)
    assert row.state_on(date(2026, 5, 10)) is CertificateState.VALID
    assert row.state_on(date(2026, 5, 11)) is CertificateState.EXPIRED
    assert certified(person_ids=[row.enrolment.person_id], on=date(2026, 5, 11)) == set()


def test_lending_asks_whether_a_person_holds_a_certificate(
    certificate: Certificate, completed: list[Enrolment], officer: StaffUser
) -> None:
    holder, other = completed[0].person_id, completed[1].person_id
    assert certified(person_ids=[holder, other], on=ISSUED) == {holder}
    assert holds_certificate(person_id=holder, on=ISSUED, course_codes=["BUS"])
    assert not holds_certificate(person_id=holder, on=ISSUED, course_codes=["LIT"])
    assert holds_certificate(person_id=holder, on=ISSUED, course_types=[CourseType.BUSINESS])
    assert not holds_certificate(person_id=holder, on=date(2026, 4, 9))
    services.revoke_certificate(
        acting_staff=officer, certificate=certificate, reason="fraud", revoked_date=date(2026, 6, 1)
    )
    assert holds_certificate(person_id=holder, on=date(2026, 5, 31))
    assert not holds_certificate(person_id=holder, on=date(2026, 6, 1))
    assert [row.pk for row in certificates_of(person_id=holder)] == [certificate.pk]


def test_an_address_too_long_for_the_code_is_refused(
    completed: list[Enrolment], officer: StaffUser
) -> None:
    Setting.objects.create(key="site.address", value="https://" + "very-" * 20 + "long.example.org")
    with pytest.raises(refusals.CodeTooLong):
        services.issue_certificate(acting_staff=officer, enrolment=completed[0], issued_date=ISSUED)
    assert not Certificate.objects.exists()


@pytest.mark.parametrize("name", ["Anahit Sargsyan", "Անահիտ Սարգսյան", "Бат-Эрдэнэ"])
def test_the_paper_is_a_pdf_in_any_script(certificate: Certificate, name: str) -> None:
    certificate.printed_name = name
    pdf = certificate_pdf(certificate)
    assert pdf.startswith(b"%PDF-")
    assert len(pdf) > 5_000
    assert b"pdfuaid" in pdf


def test_a_corrected_name_makes_no_certificate_hold_longer(
    completed: list[Enrolment], course: Course, officer: StaffUser, client: Client
) -> None:
    """Valid for a month from 10 April: with her name put right in July it is over all the same."""
    Course.objects.filter(pk=course.pk).update(certificate_months=1)
    old = services.issue_certificate(
        acting_staff=officer,
        enrolment=Enrolment.objects.get(pk=completed[0].pk),
        issued_date=ISSUED,
    )
    new = services.replace_certificate(
        acting_staff=officer,
        certificate=old,
        printed_name="Anahit Sargsian",
        issued_date=date(2026, 7, 1),
    )
    assert (new.issued_date, new.valid_to) == (date(2026, 7, 1), date(2026, 5, 10))
    assert "|260701|260510|" in new.code_text
    assert "expired" in client.get(f"/training/c/{new.address}").content.decode().lower()


def test_what_was_revoked_meanwhile_is_not_replaced(
    certificate: Certificate, officer: StaffUser
) -> None:
    """Two pages are open: one revokes it, the other still shows it as valid."""
    stale = Certificate.objects.get(pk=certificate.pk)
    services.revoke_certificate(
        acting_staff=officer, certificate=certificate, reason="fraud", revoked_date=ISSUED
    )
    with pytest.raises(refusals.NotInThisState):
        services.replace_certificate(
            acting_staff=officer, certificate=stale, printed_name="Another", issued_date=ISSUED
        )
    assert [row.state for row in Certificate.objects.all()] == [CertificateState.REVOKED]
