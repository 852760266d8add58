"""The calendar of refreshers: computed from each completion and from attendance of refresher
courses, so that nobody has to write it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Q

from handup.kernel.dates import add_months
from handup.org.models import StaffUser
from handup.training.models import Attendance, Enrolment
from handup.training.rules.attendance import Record
from handup.training.rules.refreshers import (
    MONTHS,
    WINDOW_DAYS,
    Refresher,
    RefresherState,
    calendar,
)
from handup.training.rules.states import CourseType, SessionState
from handup.training.rules.support import came
from handup.training.services.common import chunks, setting

SLACK_DAYS = 3  # months differ in length; the rule decides to the day


@dataclass(frozen=True, slots=True)
class RefresherLine:
    """One refresher of one graduate, and where it stands."""

    enrolment: Enrolment
    refresher: Refresher
    state: RefresherState


def months() -> tuple[int, ...]:
    """After how many months graduates are taught again (setting training.refresher_months)."""
    return tuple(setting("training.refresher_months", MONTHS))


def window_days() -> int:
    """How many days before and after count (setting training.refresher_window_days)."""
    return int(setting("training.refresher_window_days", WINDOW_DAYS))


def attended_refreshers(person_ids: Iterable[UUID]) -> dict[UUID, list[date]]:
    """The days on which each person was at a session of a refresher course, by the records that
    count.
    """
    records: dict[tuple[UUID, UUID], list[Record]] = {}
    days: dict[tuple[UUID, UUID], tuple[UUID, date]] = {}
    rows: list[Attendance] = []
    for part in chunks(list(person_ids)):
        rows += Attendance.objects.filter(
            enrolment__person_id__in=part,
            session__state=SessionState.HELD,
            session__cohort__course__type=CourseType.REFRESHER,
        ).select_related("session", "enrolment")
    for row in rows:
        key = (row.enrolment_id, row.session_id)
        records.setdefault(key, []).append(row.fact())
        days[key] = (row.enrolment.person_id, row.session.session_date)
    found: dict[UUID, list[date]] = {}
    for key, told in records.items():
        if came(told):
            person, day = days[key]
            found.setdefault(person, []).append(day)
    return found


def of_enrolments(rows: Sequence[Enrolment], on: date) -> list[RefresherLine]:
    """The refreshers of completed courses; a refresher course itself has none."""
    done = [
        row
        for row in rows
        if row.completed_date is not None and row.cohort.course.type != CourseType.REFRESHER
    ]
    attended = attended_refreshers({row.person_id for row in done})
    after, window = months(), window_days()
    found: list[RefresherLine] = []
    for row in done:
        assert row.completed_date is not None
        days = attended.get(row.person_id, [])
        found += [
            RefresherLine(row, one, one.state(on))
            for one in calendar(row.completed_date, days, months=after, window_days=window)
        ]
    return found


def refreshers_open(staff: StaffUser, on: date) -> list[RefresherLine]:
    """Refreshers whose window is open on a day and that nobody attended yet, of graduates this
    reader may see; what closes first stands first.
    """
    near = timedelta(days=window_days() + SLACK_DAYS)
    about = Q(pk__in=())
    for number in months():
        day = add_months(on, -number)
        about |= Q(completed_date__gte=day - near, completed_date__lte=day + near)
    rows = (
        Enrolment.objects.visible_to(staff)
        .filter(about)
        .exclude(cohort__course__type=CourseType.REFRESHER)
        .select_related("person", "cohort__course")
        .order_by("completed_date", "pk")
    )
    lines = of_enrolments(list(rows), on)
    open_now = [line for line in lines if line.state is RefresherState.OPEN]
    return sorted(open_now, key=lambda line: (line.refresher.closes, line.enrolment.pk))
