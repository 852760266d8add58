"""What people need to learn: recorded before a course is planned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import SameIdOtherContent
from handup.org.models import Area, Office, StaffUser
from handup.org.permissions import require
from handup.projects.models import Programme
from handup.training.models import Cohort, Course, NeedsAssessment, NeedTopic
from handup.training.rules.needs import AskedBy
from handup.training.services.common import known, not_to_come, same
from handup.training.services.refusals import (
    MoreThanWereAsked,
    NobodyAsked,
    ReasonMissing,
    TopicTwice,
)

SAME = (
    *("programme_id", "area_id", "office_id", "asked_date", "asked_by"),
    *("women", "men", "findings"),
)


@dataclass(frozen=True, slots=True)
class TopicIn:
    """A topic, how many of those asked want it, and the course that answers it."""

    topic: str
    wanted: int
    course: Course | None = None


def record_needs_assessment(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    asked_date: date,
    asked_by: AskedBy,
    women: int,
    men: int,
    findings: str,
    topics: Sequence[TopicIn],
    area: Area | None = None,
    office: Office | None = None,
    id: UUID | None = None,
) -> NeedsAssessment:
    """Record whom was asked what they need to learn, by count, and what they want.

    Raises NobodyAsked, AfterToday, ReasonMissing (no findings or no topic), TopicTwice,
    MoreThanWereAsked, SameIdOtherContent.
    """
    require(acting_staff, "training.record_needs_assessment", programme)
    row = NeedsAssessment(
        id=id or new_id(),
        programme=programme,
        area=area,
        office=office,
        asked_date=asked_date,
        asked_by=asked_by,
        women=women,
        men=men,
        findings=findings.strip(),
        recorded_by=acting_staff,
    )
    if (stored := known(NeedsAssessment, [row.pk]).get(row.pk)) is not None:
        return _same_topics(same(stored, row, SAME), topics)
    _check(row, topics)
    with transaction.atomic():
        row.save(force_insert=True)
        require(acting_staff, "training.record_needs_assessment", row)
        NeedTopic.objects.bulk_create(
            NeedTopic(assessment=row, topic=one.topic.strip(), wanted=one.wanted, course=one.course)
            for one in topics
        )
        audit.record(acting_staff, "training.record_needs_assessment", row, {"topics": len(topics)})
    return row


def needs_behind(cohort: Cohort, staff: StaffUser) -> NeedsAssessment | None:
    """The latest assessment before a cohort begins that asked for its course, as far as this
    reader may see; None when nobody asked.
    """
    rows = NeedsAssessment.objects.visible_to(staff).filter(
        programme=cohort.programme_id,
        topics__course=cohort.course_id,
        asked_date__lte=cohort.starts_date,
    )
    row: NeedsAssessment | None = rows.order_by("-asked_date", "-pk").first()
    return row


def _same_topics(stored: NeedsAssessment, topics: Sequence[TopicIn]) -> NeedsAssessment:
    """The stored one, when the same was told to be wanted. Raises SameIdOtherContent."""
    told = {
        (one.topic.strip(), one.wanted, one.course.pk if one.course else None) for one in topics
    }
    if set(stored.topics.values_list("topic", "wanted", "course_id")) != told:
        raise SameIdOtherContent(field="topics")
    return stored


def _check(row: NeedsAssessment, topics: Sequence[TopicIn]) -> None:
    asked = row.women + row.men
    if asked < 1:
        raise NobodyAsked(field="women")
    not_to_come(row.asked_date, field="asked_date")
    if not row.findings:
        raise ReasonMissing(field="findings")
    if not topics or not all(one.topic.strip() for one in topics):
        raise ReasonMissing(field="topics")
    seen: set[str] = set()
    for one in topics:
        if one.topic.strip().casefold() in seen:
            raise TopicTwice(field="topics", topic=one.topic.strip())
        seen.add(one.topic.strip().casefold())
        if not 0 < one.wanted <= asked:
            raise MoreThanWereAsked(field="topics", topic=one.topic.strip(), asked=asked)
