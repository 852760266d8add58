"""The API door of courses on learning platforms."""

from datetime import date
from typing import Annotated
from uuid import UUID

from ninja import File, Form, Schema, Status
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field

from handup.org.interface import After, IdempotencyKey, PageOut, PageSize, StaffRequest, page
from handup.org.services.files import FileTooLarge
from handup.training import services
from handup.training.api.base import Title, no_nul, router, seen
from handup.training.models import Cohort, Course, CourseLink, PlatformResult
from handup.training.platform_file import LIMITS

Address = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(no_nul)]


class LinkTold(Schema):
    """Where a course, or a part of it, is taken: an address that begins with https://."""

    course_id: UUID
    title: Title
    address: Address


class LinkOut(Schema):
    """A course on a platform."""

    id: UUID
    course_id: UUID
    title: str
    address: str
    ended_date: date | None


class ResultsTold(Schema):
    """Of which cohort the results are."""

    cohort_id: UUID


class ResultOut(Schema):
    """What a platform says of one participant; score in hundredths of a percent."""

    id: UUID
    enrolment_id: UUID
    completed_date: date
    score_bps: int | None


@router.get("/course-links", response=PageOut[LinkOut])
def list_course_links(
    request: StaffRequest, after: After = None, limit: PageSize = 50
) -> dict[str, object]:
    """Courses on learning platforms."""
    items, following = page(CourseLink.objects.visible_to(request.auth_staff), after, limit)
    return {"items": items, "next": following}


@router.post("/course-links", response={201: LinkOut})
def link_course(request: StaffRequest, key: IdempotencyKey, told: LinkTold) -> Status[CourseLink]:
    """Link a course to a learning platform."""
    staff = request.auth_staff
    course = seen(Course, staff, told.course_id)
    row = services.link_course(
        acting_staff=staff, course=course, title=told.title, address=told.address, id=key
    )
    return Status(201, row)


@router.post("/course-links/{uuid:link_id}/end", response=LinkOut)
def end_course_link(request: StaffRequest, link_id: UUID) -> CourseLink:
    """Take no more results from a platform."""
    link = seen(CourseLink, request.auth_staff, link_id)
    return services.end_course_link(acting_staff=request.auth_staff, link=link)


@router.post("/course-links/{uuid:link_id}/results", response={201: list[ResultOut]})
def take_platform_results(
    request: StaffRequest, link_id: UUID, told: Form[ResultsTold], file: File[UploadedFile]
) -> Status[list[PlatformResult]]:
    """Bring in a platform's file of a cohort; what is kept already changes nothing."""
    staff = request.auth_staff
    link, cohort = seen(CourseLink, staff, link_id), seen(Cohort, staff, told.cohort_id)
    if (file.size or 0) > LIMITS.bytes_most:
        raise FileTooLarge(field="file", megabytes=LIMITS.bytes_most // 1_000_000)
    fresh = services.take_platform_results(
        acting_staff=staff, link=link, cohort=cohort, content=file.read()
    )
    return Status(201, fresh)
