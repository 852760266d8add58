"""What was asked about data, and who was in the files given to others, goes after five years."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from handup.org import retention, triggers
from handup.org.models import StaffUser, StoredFile
from handup.people.models import (
    Consent,
    DisclosedPerson,
    Disclosure,
    Person,
    SharingAgreement,
    SubjectRequest,
)
from handup.people.rules.requests import IdentityCheck, RequestKind
from handup.people.services import requests
from handup.people.tests import test_sharing as sharing

DAY = timedelta(days=1)
_one_connection, director, officer = sharing._one_connection, sharing.director, sharing.officer
bank, agreement, consent = sharing.bank, sharing.agreement, sharing.consent


def test_what_was_asked_and_answered_is_blanked_and_still_counts(
    clerk: StaffUser, ani: Person
) -> None:
    today = timezone.localdate()
    told = requests.SubjectRequestIn(
        kind=RequestKind.ACCESS, received_date=today, person=ani, details="What is held of me?"
    )
    row, other = (
        requests.record_subject_request(acting_staff=clerk, request=told) for _each in range(2)
    )
    requests.identify_asker(acting_staff=clerk, request=row, identity=IdentityCheck.KNOWN, on=today)
    requests.answer_request(acting_staff=clerk, request=row, answer="A copy.", on=today)
    rule = retention.rules["SUBJECT_REQUESTS"]
    assert (rule.due(today), rule.due(today + DAY)) == (0, 1)
    held = SubjectRequest.objects.create(
        code="D1234567894", kind="ERASURE", person=ani, received_date=today, due_date=today,
        recorded_by=clerk, hold_reason="COURT",
    )  # fmt: skip
    assert rule.due(today + DAY) == 0, "a court holds what there is of her"
    SubjectRequest.objects.filter(pk=held.pk).update(hold_reason="")
    assert (rule.blank(today + DAY), rule.due(today + DAY)) == (1, 0)
    row = SubjectRequest.objects.get(pk=row.pk)
    assert (row.details, row.answer, row.asker) == ("", "", "")
    assert (row.kind, row.state, row.person) == ("ACCESS", "ANSWERED", ani)
    assert SubjectRequest.objects.get(pk=other.pk).details == "What is held of me?"


def test_who_was_in_a_file_goes_and_how_many_stays(
    officer: StaffUser, agreement: SharingAgreement, consent: Consent
) -> None:
    row = sharing.made(officer, agreement)
    assert row.count == 1
    rule, today = retention.rules["DISCLOSURES"], timezone.localdate()
    later = today + DAY * 91
    assert (rule.due(today + DAY), rule.due(later)) == (0, 1), "not before it is destroyed there"
    whom = row.persons.get().person
    held = SubjectRequest.objects.create(
        code="D1234567894", kind="ERASURE", person=whom, received_date=today, due_date=today,
        recorded_by=officer, hold_reason="LAW",
    )  # fmt: skip
    assert (rule.due(later), rule.blank(later)) == (0, 0), "a law holds what there is of her"
    SubjectRequest.objects.filter(pk=held.pk).update(hold_reason="")
    with pytest.raises(DatabaseError), transaction.atomic():
        DisclosedPerson.objects.all().delete()
    assert (rule.blank(later), rule.due(later)) == (1, 0)
    kept = Disclosure.objects.get(pk=row.pk)
    assert (kept.count, kept.sha256, kept.file) == (1, row.sha256, None)
    assert not DisclosedPerson.objects.exists()
    assert not StoredFile.objects.filter(object_id=str(row.pk)).exists()
    assert triggers.missing(connection) == [], "the guard stands again"
