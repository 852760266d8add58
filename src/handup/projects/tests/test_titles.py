"""The title of a document that is not for partners stands on no page a partner opens."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from handup.org.classes import DataClass
from handup.org.models import StaffUser
from handup.org.rules.access import Role
from handup.org.services import store_file
from handup.org.tests.staff import staff_with
from handup.projects.models import (
    Document,
    DocumentType,
    Handover,
    HandoverMove,
    Lesson,
    MissionAction,
    Programme,
    ReadinessItem,
)

TITLE = "Who of the committee took money"


@pytest.fixture
def internal(manager: StaffUser, programme: Programme, report_type: DocumentType) -> Document:
    return Document.objects.create(
        programme=programme, type=report_type, title=TITLE, state="FINAL", added_by=manager
    )


@pytest.fixture
def pages(manager: StaffUser, report: Document, internal: Document) -> list[str]:
    """Every page of a record that names the document."""
    Document.objects.filter(pk=report.pk).update(state="FINAL", supersedes=internal)
    day, programme = date(2026, 1, 1), report.programme
    lesson = Lesson.objects.create(
        programme=programme, statement="Pay in public", evidence=internal, proposed_by=manager
    )
    action = MissionAction.objects.create(
        programme=programme,
        mission="Review",
        mission_date=day,
        document=internal,
        finding="x",
        action="Count it again",
        owner=manager,
        due_date=day,
        recorded_by=manager,
    )
    handover = Handover.objects.create(
        programme=programme,
        title="To our own",
        starts=day,
        opened_by=manager,
        study=internal,
        decision=internal,
        legal_advice=internal,
    )
    item = ReadinessItem.objects.create(
        handover=handover,
        section="LEGAL",
        code="REGISTERED",
        gate="REGISTERED",
        hard=True,
        evidence=internal,
    )
    HandoverMove.objects.create(
        handover=handover,
        from_state="OPTIONS",
        to_state="DECIDED",
        moved_date=day,
        minutes=internal,
        moved_by=manager,
    )
    named = {
        "document_detail": report,
        "lesson_detail": lesson,
        "mission_action_detail": action,
        "handover_detail": handover,
        "readiness_item": item,
    }
    return [reverse(f"projects:{name}", args=[row.pk]) for name, row in named.items()]


def test_no_partner_reads_the_title_of_what_is_internal(
    client: Client, pages: list[str], manager: StaffUser, funder: StaffUser, internal: Document
) -> None:
    own = reverse("projects:document_detail", args=[internal.pk])
    client.force_login(manager)
    for page in pages:
        assert TITLE in client.get(page).content.decode(), page
    for partner in (funder, staff_with("heir", Role.SUCCESSOR)):
        client.force_login(partner)
        assert client.get(own).status_code == 404
        for page in pages:
            answer = client.get(page)
            text = answer.content.decode()
            assert answer.status_code == 200 or "mission" in page, page
            assert TITLE not in text, page
            assert own not in text, page
    Document.objects.filter(pk=internal.pk).update(access="PARTNERS")
    client.force_login(funder)
    assert all(TITLE in client.get(page).content.decode() for page in pages)


def test_a_draft_for_partners_is_not_named_before_it_is_final(
    client: Client, pages: list[str], funder: StaffUser, internal: Document
) -> None:
    Document.objects.filter(pk=internal.pk).update(access="PARTNERS", state="DRAFT")
    client.force_login(funder)
    assert all(TITLE not in client.get(page).content.decode() for page in pages)


def test_the_file_of_an_internal_document_is_sent_to_no_partner(
    client: Client, manager: StaffUser, funder: StaffUser, internal: Document
) -> None:
    """Neither by the page of the document nor by the address every stored file has."""
    file = store_file(
        acting_staff=manager, owner=internal, name="a.txt", content=b"x", klass=DataClass.I
    )
    Document.objects.filter(pk=internal.pk).update(file=file)
    addresses = [
        reverse("projects:document_file", args=[internal.pk]),
        reverse("org:file", args=[file.pk]),
    ]

    def answers(reader: StaffUser) -> list[int]:
        client.force_login(reader)
        return [client.get(address).status_code for address in addresses]

    assert answers(manager) == [200, 200]
    assert answers(funder) == [404, 404]
    Document.objects.filter(pk=internal.pk).update(access="PARTNERS")
    assert answers(funder) == [200, 200]
