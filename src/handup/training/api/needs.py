"""The API door of needs assessments."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import Schema, Status
from pydantic import AfterValidator, Field

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.models import Area, Office
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.training import services
from handup.training.api.base import Day, Name, no_nul, router, seen, seen_or_none
from handup.training.models import Course, NeedsAssessment
from handup.training.rules.needs import AskedBy

Asked = Annotated[int, Field(ge=0, le=1_000_000)]
Found = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(no_nul)]


class TopicTold(Schema):
    """A topic, how many want it, the course that answers it."""

    topic: Name
    wanted: Asked
    course_id: UUID | None = None


class NeedsTold(Schema):
    """Whom was asked, how, and what they want to learn; names nobody."""

    asked_date: Day
    asked_by: AskedBy
    women: Asked
    men: Asked
    findings: Found
    topics: Annotated[list[TopicTold], Field(min_length=1, max_length=60)]
    area_id: UUID | None = None
    office_id: UUID | None = None


class TopicOut(Schema):
    """A topic as recorded."""

    topic: str
    wanted: int
    course_id: UUID | None


class NeedsOut(Schema):
    """An assessment as recorded."""

    id: UUID
    programme_id: UUID
    asked_date: date
    asked_by: str
    women: int
    men: int
    findings: str
    topics: list[TopicOut]

    @staticmethod
    def resolve_topics(row: NeedsAssessment) -> list[object]:
        """Its topics, most wanted first."""
        return list(row.topics.all())


@router.get("/needs-assessments", response=PageOut[NeedsOut])
def list_needs(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """What people were asked, as far as the caller may see."""
    require(request.auth_staff, "training.view_needs_assessment")
    rows = NeedsAssessment.objects.visible_to(request.auth_staff).prefetch_related("topics")
    items, following = page(rows, after, limit)
    return {"items": items, "next": following}


@router.post("/programmes/{uuid:programme_id}/needs-assessments", response={201: NeedsOut})
def record_needs(
    request: StaffRequest, programme_id: UUID, key: IdempotencyKey, told: NeedsTold
) -> Status[NeedsAssessment]:
    """Record a needs assessment."""
    staff = request.auth_staff
    row = services.record_needs_assessment(
        acting_staff=staff,
        programme=seen(Programme, staff, programme_id),
        area=seen_or_none(Area, staff, told.area_id),
        office=seen_or_none(Office, staff, told.office_id),
        topics=[
            services.TopicIn(one.topic, one.wanted, seen_or_none(Course, staff, one.course_id))
            for one in told.topics
        ],
        id=key,
        **told.dict(exclude={"area_id", "office_id", "topics"}),
    )
    return Status(201, row)
