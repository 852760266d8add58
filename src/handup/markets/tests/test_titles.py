"""The title of an internal document stands on no page of markets that a funder opens."""

from datetime import date

from django.test import Client
from django.urls import reverse

from handup.markets.models import Study
from handup.markets.services import linkages, studies
from handup.org.models import Office, StaffUser
from handup.org.rules.access import Role
from handup.org.tests.staff import staff_with
from handup.projects.models import Document, DocumentType, Organisation, Programme

TITLE = "What the council was offered"
DAY = date(2026, 3, 2)


def pages_that_name(
    paper: Document, officer: StaffUser, programme: Programme, office: Office
) -> list[str]:
    """A linkage, a policy issue and a study that rest on it."""
    sides = [Organisation.objects.create(code=code, name=code) for code in ("MIN", "ASC")]
    linkage = linkages.record_linkage(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Cold room",
        public_party=sides[0],
        private_party=sides[1],
        started_date=DAY,
        document=paper,
    )
    issue = linkages.open_issue(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Permit",
        ask="One a year",
        target="The council",
    )
    linkages.record_policy_event(
        acting_staff=officer, issue=issue, event_date=DAY, note="Sent", today=DAY, document=paper
    )
    study = studies.start_study(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Permits",
        question="What does a permit cost?",
        started_date=DAY,
    )
    Study.objects.filter(pk=study.pk).update(document=paper)
    named = {"linkage_detail": linkage, "issue_detail": issue, "study_detail": study}
    return [reverse(f"markets:{name}", args=[row.pk]) for name, row in named.items()]


def test_a_funder_reads_no_title_of_an_internal_document(
    client: Client, officer: StaffUser, programme: Programme, office: Office
) -> None:
    kind = DocumentType.objects.create(code="BRIEF", names={"en": "Policy brief"}, position=1)
    paper = Document.objects.create(
        programme=programme, type=kind, title=TITLE, state="FINAL", added_by=officer
    )
    pages = pages_that_name(paper, officer, programme, office)
    for reader, reads in ((officer, True), (staff_with("funder", Role.FUNDER), False)):
        client.force_login(reader)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert (TITLE in answer.content.decode()) is reads, page
