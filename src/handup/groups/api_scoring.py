"""The API door of scorecards: filled cards, their marks and disputes."""

from collections import Counter
from datetime import date
from typing import Annotated
from uuid import UUID

from django.utils import timezone
from ninja import Router, Schema, Status
from pydantic import Field

from handup.groups.api_found import found_group, found_one
from handup.groups.models import AssessmentMark, GroupAssessment, MarkDispute
from handup.groups.models.scoring import Given
from handup.groups.scorecards import cards_for
from handup.groups.services import scoring
from handup.kernel.errors import Fault, Faults
from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, Text, page

router = Router(tags=["groups"])
Points = Annotated[int, Field(ge=0, le=1000)]


class MarkIn(Schema):
    """What a criterion got; points only where it is SCORED."""

    no: int = Field(ge=1, le=500)
    given: Given = Given.SCORED
    points: Points = 0


class AssessmentIn(Schema):
    """A card filled with a group."""

    card: Annotated[str, Field(pattern="^[A-Z_]{1,20}$")]
    on: date
    people_count: int = Field(ge=1, le=scoring.MOST_PEOPLE)
    marks: list[MarkIn] = Field(max_length=500)


class AssessmentOut(Schema):
    """A filled card with its grade."""

    id: UUID
    group_id: UUID
    card_code: str
    card_version: int
    assessed_date: date
    points: int
    most_points: int
    grade: str
    is_eligible: bool


class MarkOut(Schema):
    """A mark, and how many entries speak for it."""

    id: UUID
    no: int
    given: str
    points: int
    most_points: int
    fact_ids: list[UUID]

    @staticmethod
    def resolve_fact_ids(mark: AssessmentMark) -> list[UUID]:
        """The entries that speak for it."""
        return [one.fact_id for one in mark.evidence.all()]


class DueOut(Schema):
    """When a card falls due."""

    card: str
    last: date | None
    due: date
    is_overdue: bool


class DisputeIn(Schema):
    """Why a mark is wrong."""

    why: Text
    on: date


class AnswerIn(Schema):
    """What becomes of a disputed mark; `given` left out: it stands."""

    answer: Text
    on: date
    given: Given | None = None
    points: Points = 0


class DisputeOut(Schema):
    """A dispute and its answer."""

    id: UUID
    state: str
    why: str
    answer: str
    points_before: int


@router.get("/groups/{uuid:group_id}/assessments", response=PageOut[AssessmentOut])
def list_assessments(
    request: StaffRequest, group_id: UUID, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """The filled cards of a group."""
    group = found_group(request.auth_staff, group_id)
    rows = GroupAssessment.objects.visible_to(request.auth_staff).filter(group=group)
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.get("/groups/{uuid:group_id}/assessments/due", response=list[DueOut])
def show_due(request: StaffRequest, group_id: UUID) -> list[DueOut]:
    """Which cards of a group fall due, and when."""
    group, today = found_group(request.auth_staff, group_id), timezone.localdate()
    return [
        DueOut(card=due.card.code, last=due.last, due=due.due, is_overdue=due.is_overdue(today))
        for due in scoring.due_cards(group, cards_for(group.kind))
    ]


@router.post("/groups/{uuid:group_id}/assessments", response={201: AssessmentOut})
def assess_group(
    request: StaffRequest, group_id: UUID, key: IdempotencyKey, told: AssessmentIn
) -> Status[GroupAssessment]:
    """Keep a filled card; a criterion has one mark."""
    times = Counter(one.no for one in told.marks)
    twice = sorted(no for no, count in times.items() if count > 1)
    if twice:
        raise Faults(
            Fault("MARK_TWICE", f"Criterion {no} has two marks.", place=f"mark_{no}")
            for no in twice
        )
    row = scoring.assess_group(
        acting_staff=request.auth_staff,
        group=found_group(request.auth_staff, group_id),
        card_code=told.card,
        marks={one.no: scoring.MarkIn(one.given, one.points) for one in told.marks},
        people_count=told.people_count,
        on=told.on,
        id=key,
    )
    return Status(201, row)


@router.get("/assessments/{uuid:assessment_id}/marks", response=list[MarkOut])
def list_marks(request: StaffRequest, assessment_id: UUID) -> list[AssessmentMark]:
    """The marks of a filled card, by number."""
    rows = GroupAssessment.objects.visible_to(request.auth_staff)
    return list(found_one(rows, assessment_id).marks.prefetch_related("evidence"))


@router.post("/marks/{uuid:mark_id}/disputes", response={201: DisputeOut})
def dispute_mark(
    request: StaffRequest, mark_id: UUID, key: IdempotencyKey, told: DisputeIn
) -> Status[MarkDispute]:
    """Keep that the group says a mark is wrong; a mark has one open dispute."""
    rows = AssessmentMark.objects.visible_to(request.auth_staff).select_related("assessment__group")
    row = scoring.dispute_mark(
        acting_staff=request.auth_staff,
        mark=found_one(rows, mark_id),
        why=told.why,
        on=told.on,
        id=key,
    )
    return Status(201, row)


@router.post("/disputes/{uuid:dispute_id}/answer", response={201: DisputeOut})
def answer_dispute(
    request: StaffRequest, dispute_id: UUID, key: IdempotencyKey, told: AnswerIn
) -> Status[MarkDispute]:
    """Answer a dispute once."""
    rows = MarkDispute.objects.visible_to(request.auth_staff)
    row = scoring.answer_dispute(
        acting_staff=request.auth_staff,
        dispute=found_one(rows.select_related("mark__assessment__group"), dispute_id),
        **told.dict(),
    )
    return Status(201, row)
