"""What training adds to a person's page, to merging, to her own request, and what verify proves."""

from datetime import date

import pytest
from django.utils import timezone

from handup.org.models import StaffUser
from handup.org.verify import run_checks
from handup.people import merging, sections, subject
from handup.training import sections as own
from handup.training import services
from handup.training.models import Certificate, Enrolment

ISSUED = date(2026, 4, 10)


@pytest.fixture
def certificate(completed: list[Enrolment], officer: StaffUser) -> Certificate:
    """The certificate of the first."""
    return services.issue_certificate(
        acting_staff=officer, enrolment=completed[0], issued_date=ISSUED
    )


def test_a_person_page_shows_courses_and_certificates_to_who_may_see(
    certificate: Certificate, completed: list[Enrolment], officer: StaffUser, outsider: StaffUser
) -> None:
    person_id = completed[0].person_id
    assert own.record_tables in sections.record_sections
    courses, certificates = own.record_tables(officer, person_id)
    assert [row.pk for row in courses.rows] == [completed[0].pk]
    assert [row.serial for row in certificates.rows] == [certificate.serial]
    moments = own.record_moments(officer, person_id)
    assert [moment.when for moment in moments] == [date(2026, 2, 20), date(2026, 4, 1)]
    assert own.record_tables(outsider, person_id) == []
    assert own.record_moments(outsider, person_id) == []


def test_merging_moves_enrolments_but_never_two_into_one_cohort(
    completed: list[Enrolment], apprentices: list[Enrolment]
) -> None:
    survivor, merged = completed[0], completed[1]
    Enrolment.objects.filter(pk=apprentices[0].pk).update(person_id=merged.person_id)
    assert own.move_rows in merging.on_merge
    merge = merging.Merge(
        survivor.person_id, merged.person_id, date(2026, 5, 1), survivor.person_id
    )
    own.move_rows(merge)
    assert merge.moved == {"training.enrolment.person": [str(apprentices[0].pk)]}
    assert merge.looks == ["SAME_COHORT"]
    assert Enrolment.objects.get(pk=merged.pk).person_id == merged.person_id
    assert Enrolment.objects.get(pk=apprentices[0].pk).person_id == survivor.person_id


def test_her_own_request_is_answered_and_erasing_keeps_the_counts(
    certificate: Certificate, completed: list[Enrolment]
) -> None:
    person_id = completed[0].person_id
    assert own.told_of in subject.collect
    told = own.told_of(person_id)
    assert told["Courses"][0]["Course"] == "Start a small business"
    assert told["Certificates"][0]["Serial"] == certificate.serial
    own.erase(person_id)
    certificate.refresh_from_db()
    assert (certificate.printed_name, certificate.code_text) == ("", "")
    row = Enrolment.objects.get(pk=completed[0].pk)
    assert (row.state, row.completed_date) == ("COMPLETED", date(2026, 4, 1))


def outcomes() -> dict[str, int]:
    codes = ["TRAINING_FIGURES", "CERTIFICATE_CODES"]
    return {outcome.check.code: outcome.count for outcome in run_checks(only=codes)}


def test_verify_is_clean_and_finds_what_was_changed_behind_its_back(
    certificate: Certificate, completed: list[Enrolment]
) -> None:
    assert outcomes() == {"TRAINING_FIGURES": 0, "CERTIFICATE_CODES": 0}
    Enrolment.objects.filter(pk=completed[1].pk).update(attended_minutes=5)
    Enrolment.objects.filter(pk=completed[2].pk).update(
        state="COMPLETED", completed_date=timezone.localdate()
    )
    forged = certificate.code_text.replace("Anahit", "Ashots")
    Certificate.objects.filter(pk=certificate.pk).update(
        code_text=forged, serial="MED-2026-000001-9"
    )
    assert outcomes() == {"TRAINING_FIGURES": 2, "CERTIFICATE_CODES": 2}
