"""Linkages and promises kept, policy moved one step at a time, help to associations."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from handup.kernel.ids import new_id
from handup.markets.models import PolicyEvent, PolicyIssue
from handup.markets.models.labels import Claim, IssueState, SupportKind
from handup.markets.queries import contracts as queries
from handup.markets.rules.policy import PolicyStage
from handup.markets.services import linkages as services
from handup.org.devices import SameIdOtherContent
from handup.org.models import Office, StaffUser
from handup.org.permissions import NotAllowed
from handup.projects.models import Document, DocumentType, Organisation, Programme

DAY = date(2026, 3, 2)


@pytest.fixture
def bodies(db: None) -> tuple[Organisation, Organisation]:
    ministry = Organisation.objects.create(code="MIN", name="Ministry of trade")
    traders = Organisation.objects.create(code="ASC", name="Traders' association")
    return ministry, traders


@pytest.fixture
def issue(
    officer: StaffUser,
    programme: Programme,
    office: Office,
    bodies: tuple[Organisation, Organisation],
) -> PolicyIssue:
    return services.open_issue(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="The market permit",
        ask="One permit a year instead of one a day",
        target="The town council",
        association=bodies[1],
    )


@pytest.fixture
def paper(officer: StaffUser, programme: Programme) -> Document:
    kind = DocumentType.objects.create(code="BRIEF", names={"en": "Policy brief"}, position=1)
    return Document.objects.create(
        programme=programme, type=kind, title="Brief on permits", added_by=officer
    )


def move(
    staff: StaffUser, issue: PolicyIssue, to: int, paper: Document | None, *, official: bool = False
) -> PolicyEvent:
    return services.record_policy_event(
        acting_staff=staff,
        issue=issue,
        event_date=DAY,
        note="The council met",
        after=PolicyStage(to),
        document=paper,
        official=official,
        today=DAY,
    )


def test_the_same_id_tells_the_same_event_and_no_other(
    officer: StaffUser, issue: PolicyIssue
) -> None:
    key = new_id()

    def tell(note: str) -> PolicyEvent:
        return services.record_policy_event(
            acting_staff=officer, issue=issue, event_date=DAY, note=note, today=DAY, id=key
        )

    assert tell("The council met") == tell("The council met")
    with pytest.raises(SameIdOtherContent):
        tell("The council did not meet")


def test_an_issue_moves_one_stage_with_a_document_and_is_adopted_only_officially(
    officer: StaffUser, outsider: StaffUser, issue: PolicyIssue, paper: Document
) -> None:
    for refusal, to, with_paper in (
        (services.StageJump, 3, paper),
        (services.OfficialSourceMissing, 2, None),
    ):
        with pytest.raises(refusal):
            move(officer, issue, to, with_paper)
    with pytest.raises(NotAllowed):
        move(outsider, issue, 2, paper)
    assert not PolicyEvent.objects.exists()
    for to in (2, 3, 2, 3, 4, 5):
        event = move(officer, issue, to, paper)
    with pytest.raises(services.OfficialSourceMissing):
        move(officer, issue, 6, paper)
    move(officer, issue, 6, paper, official=True)
    issue.refresh_from_db()
    assert issue.stage == 6
    told = queries.moves_between(officer, DAY, DAY)
    assert (told.forward, told.back, told.adopted) == (6, 1, 1)
    assert not queries.moves_between(
        officer, DAY + timedelta(days=1), DAY + timedelta(days=9)
    ).forward
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyEvent.objects.filter(pk=event.pk).update(note="otherwise")


def test_what_the_programme_claims_is_argued_and_a_closed_issue_rests(
    officer: StaffUser, issue: PolicyIssue, paper: Document
) -> None:
    with pytest.raises(services.ArgumentMissing):
        services.claim_part(acting_staff=officer, issue=issue, claim=Claim.LIKELY, argument=" ")
    services.claim_part(
        acting_staff=officer, issue=issue, claim=Claim.LIKELY, argument="Our brief is quoted"
    )
    services.rest_issue(acting_staff=officer, issue=issue, state=IssueState.PARKED)
    with pytest.raises(services.IssueClosed):
        move(officer, issue, 2, paper)
    issue.refresh_from_db()
    assert (issue.claim, issue.stage) == ("LIKELY", 1)


def test_promises_are_kept_in_time_or_late_and_only_by_a_side(
    client: Client,
    officer: StaffUser,
    programme: Programme,
    office: Office,
    bodies: tuple[Organisation, Organisation],
) -> None:
    ministry, traders = bodies
    linkage = services.record_linkage(
        acting_staff=officer,
        programme=programme,
        office=office,
        title="Cold room for the market",
        public_party=ministry,
        private_party=traders,
        started_date=DAY,
    )
    stranger = Organisation.objects.create(code="X", name="Somebody else")
    with pytest.raises(services.NotAParty):
        services.record_commitment(
            acting_staff=officer, linkage=linkage, party=stranger, what="Build", due_date=DAY
        )
    first, second = (
        services.record_commitment(
            acting_staff=officer, linkage=linkage, party=party, what=what, due_date=DAY
        )
        for party, what in ((ministry, "Give the land"), (traders, "Build the room"))
    )
    services.keep_commitment(
        acting_staff=officer, commitment=first, done_date=DAY, result="120 m²", today=DAY
    )
    late = DAY + timedelta(days=3)
    services.keep_commitment(
        acting_staff=officer, commitment=second, done_date=late, result="Room open", today=late
    )
    with pytest.raises(services.DoneAlready):
        services.keep_commitment(
            acting_staff=officer, commitment=first, done_date=late, result="again", today=late
        )
    client.force_login(officer)
    page = client.get(reverse("markets:linkage_detail", args=[linkage.pk])).content.decode()
    assert "Kept late" in page
    assert "Room open" in page
    for name in ("linkage_list", "linkage_new", "support_list", "support_new", "issue_new"):
        assert client.get(reverse(f"markets:{name}")).status_code == 200, name


def test_policy_and_help_go_the_way_of_their_pages(
    client: Client, officer: StaffUser, issue: PolicyIssue, paper: Document, programme: Programme
) -> None:
    client.force_login(officer)
    client.post(
        reverse("markets:issue_event", args=[issue.pk]),
        {
            "event_date": "2026-03-02",
            "note": "Forty traders asked",
            "after": "2",
            "document": str(paper.pk),
            "_new_id": str(new_id()),
        },
    )
    page = client.get(reverse("markets:issue_detail", args=[issue.pk])).content.decode()
    assert "Brief on permits" in page
    assert "2 evidence gathered" in page
    assert (
        "0 of 1 issues are on the agenda or further"
        in client.get(reverse("markets:policy_figures")).content.decode()
    )
    assert "The market permit" in client.get(reverse("markets:issue_list")).content.decode()
    services.record_support(
        acting_staff=officer,
        programme=programme,
        association=Organisation.objects.get(code="ASC"),
        kind=SupportKind.ADVICE,
        support_date=DAY,
        what="Statutes written",
        today=DAY,
    )
    assert "Statutes written" in client.get(reverse("markets:support_list")).content.decode()
