"""The API door of what groups stand behind."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_cooperative import VotesIn
from handup.groups.api_found import found_group, found_one
from handup.groups.models import GroupIssue
from handup.groups.services import advocacy
from handup.markets.models import PolicyIssue
from handup.org.interface import IdempotencyKey, StaffRequest, Text
from handup.org.permissions import require

router = Router(tags=["groups"])


class IssueIn(Schema):
    """Which issue a group stands behind by its vote, and what it asks for."""

    issue_id: UUID
    position: Annotated[Text, Field(min_length=1, max_length=300)]
    votes: VotesIn


class IssueKept(Schema):
    """An issue a group stands behind."""

    id: UUID
    issue_id: UUID
    position: str
    since_date: date


class IssueOut(IssueKept):
    """With its stage, from 1 to 7, and the persons affected whom the reader may see, each once."""

    title: str
    stage: int
    members_affected: int


@router.get("/groups/{uuid:group_id}/issues", response=list[IssueOut])
def list_issues(request: StaffRequest, group_id: UUID) -> list[dict[str, Any]]:
    """The issues a group stands behind, the newest first."""
    staff = request.auth_staff
    require(staff, "groups.view_group")
    today = timezone.localdate()
    return [
        {
            "id": row.pk,
            "issue_id": row.issue_id,
            "position": row.position,
            "since_date": row.since_date,
            "title": row.issue.title,
            "stage": row.issue.stage,
            "members_affected": advocacy.members_affected(staff, row.issue, today),
        }
        for row in advocacy.issues_seen(staff, found_group(staff, group_id))
    ]


@router.post("/groups/{uuid:group_id}/issues", response={201: IssueKept})
def take_up_issue(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: IssueIn
) -> Status[GroupIssue]:
    """Keep the vote by which a group stands behind an issue."""
    staff = request.auth_staff
    row = advocacy.take_up_issue(
        acting_staff=staff,
        group=found_group(staff, group_id),
        issue=found_one(PolicyIssue.objects.visible_to(staff), told.issue_id),
        position=told.position,
        votes=told.votes.counted(),
        id=key,
    )
    return Status(201, row)


class BackIn(Schema):
    """The day something is taken back."""

    on: date


@router.post("/issues/{uuid:row_id}/back", response={201: IssueKept})
def take_back_issue(
    request: StaffRequest, row_id: UUID, key: IdempotencyKey, told: BackIn
) -> Status[GroupIssue]:
    """Take back that a group stands behind an issue."""
    staff = request.auth_staff
    seen = PolicyIssue.objects.visible_to(staff).values("pk")
    rows = GroupIssue.objects.visible_to(staff).filter(issue__in=seen)
    row = found_one(rows.select_related("group"), row_id)
    return Status(201, advocacy.take_back_issue(acting_staff=staff, row=row, on=told.on))
