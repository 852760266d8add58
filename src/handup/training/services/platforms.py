"""Courses on learning platforms elsewhere: where they are taken, and results brought by file."""

from datetime import date
from urllib.parse import urlsplit
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.errors import Fault, Faults
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.org.scope import hidden_from
from handup.training.models import Cohort, Course, CourseLink, Enrolment, PlatformResult
from handup.training.platform_file import PlatformRow, read_results
from handup.training.services.common import known, same
from handup.training.services.refusals import (
    AddressNotOpen,
    LinkEnded,
    LinkOfAnotherCourse,
    ResultToldOtherwise,
)


def link_course(
    *,
    acting_staff: StaffUser,
    course: Course,
    title: str,
    address: str,
    id: UUID | None = None,
) -> CourseLink:
    """Say where a course, or a part of it, is taken on a platform. Raises AddressNotOpen."""
    require(acting_staff, "training.link_course", course)
    row = CourseLink(
        id=id or new_id(),
        course=course,
        title=title.strip(),
        address=address.strip(),
        linked_by=acting_staff,
    )
    if (stored := known(CourseLink, [row.pk]).get(row.pk)) is not None:
        return same(stored, row, ("course_id", "title", "address"))
    _check_address(row.address)
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(acting_staff, "training.link_course", row, {"course": course.code})
    return row


def _check_address(address: str) -> None:
    """Only an address that is opened safely, with nobody's name or password in it."""
    try:
        parts = urlsplit(address)
        fit = parts.scheme == "https" and bool(parts.hostname) and not parts.username
    except ValueError:
        fit = False
    if not fit:
        raise AddressNotOpen(field="address")


def end_course_link(*, acting_staff: StaffUser, link: CourseLink) -> CourseLink:
    """Take no more results from a platform; what was kept stays. Again changes nothing."""
    require(acting_staff, "training.link_course", link.course)
    with transaction.atomic():
        row: CourseLink = CourseLink.objects.select_for_update().get(pk=link.pk)
        if row.ended_date is None:
            row.ended_date = timezone.localdate()
            row.save(update_fields=["ended_date"])
            audit.record(acting_staff, "training.end_course_link", row)
    return row


def take_platform_results(
    *, acting_staff: StaffUser, link: CourseLink, cohort: Cohort, content: bytes
) -> list[PlatformResult]:
    """Keep what a platform's file says of the participants of a cohort: all of it or nothing. What
    is kept already changes nothing.

    Raises LinkEnded, LinkOfAnotherCourse, Faults with every bad cell and with each participant of
    whom another result of that day is kept, and what a file is refused for.
    """
    require(acting_staff, "training.take_platform_results", cohort)
    if link.ended_date is not None:
        raise LinkEnded(field="file")
    if link.course_id != cohort.course_id:
        raise LinkOfAnotherCourse(field="cohort", course=link.course)
    rows = read_results(content, roll_of(cohort, acting_staff), today=timezone.localdate())
    with transaction.atomic():
        Cohort.objects.select_for_update().get(pk=cohort.pk)
        kept = {
            (one.enrolment_id, one.completed_date): one
            for one in PlatformResult.objects.filter(link=link, enrolment__cohort=cohort)
        }
        fresh = [_result(link, row, acting_staff) for row in _not_kept(rows, kept)]
        PlatformResult.objects.bulk_create(fresh)
        if fresh:
            audit.record(
                acting_staff,
                "training.take_platform_results",
                link,
                {"results": len(fresh), "cohort": str(cohort.pk)},
            )
    return fresh


def roll_of(cohort: Cohort, staff: StaffUser) -> dict[str, Enrolment]:
    """Who is in a cohort, by number, without whom this reader may not know of."""
    rows = Enrolment.objects.filter(cohort=cohort).exclude(person_id__in=hidden_from(staff))
    return {row.person.registration_no: row for row in rows.select_related("person")}


def _not_kept(
    rows: list[PlatformRow], kept: dict[tuple[UUID, date], PlatformResult]
) -> list[PlatformRow]:
    """The rows that are new. Raises Faults where another result of that day is kept."""
    fresh: list[PlatformRow] = []
    faults: list[Fault] = []
    for row in rows:
        there = kept.get((row.enrolment.pk, row.completed_date))
        if there is None:
            fresh.append(row)
        elif there.score_bps != row.score_bps:
            refusal = ResultToldOtherwise(day=row.completed_date)
            place = str(row.row)
            faults.append(Fault(refusal.code, refusal.said(), place, row.row, "score"))
    if faults:
        raise Faults(faults)
    return fresh


def _result(link: CourseLink, row: PlatformRow, staff: StaffUser) -> PlatformResult:
    return PlatformResult(
        link=link,
        enrolment=row.enrolment,
        completed_date=row.completed_date,
        score_bps=row.score_bps,
        brought_by=staff,
    )
