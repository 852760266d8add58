"""Reads about apprentices: visits that are due, the skills card, the log, what graduates are
offered.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from handup.org.models import StaffUser
from handup.training.models import ApprenticeshipAgreement, ApprenticeVisit, LogDay, SkillLevel
from handup.training.rules.apprentices import (
    Body,
    Calls,
    Day,
    Judged,
    Visited,
    calls_for,
    card,
    days_that_count,
)
from handup.training.rules.states import ApprenticeshipState


@dataclass(frozen=True, slots=True)
class VisitLine:
    """An apprentice and the next visit her agreement calls for."""

    agreement: ApprenticeshipAgreement
    calls: Calls


def of_agreements(rows: Collection[ApprenticeshipAgreement], on: date) -> dict[UUID, Calls]:
    """What each of these apprenticeships calls for on a day; one not begun calls for nothing."""
    made: dict[UUID, list[Visited]] = {}
    for agreement_id, day, body in ApprenticeVisit.objects.filter(
        agreement__in=[row.pk for row in rows]
    ).values_list("agreement_id", "visit_date", "body"):
        made.setdefault(agreement_id, []).append(Visited(day, Body(body)))
    return {
        row.pk: calls_for(
            started=row.started_date,
            term_months=row.term_months,
            ended=row.ended_date,
            visits=made.get(row.pk, ()),
            on=on,
        )
        for row in rows
        if row.started_date is not None
    }


def visits_due(staff: StaffUser, on: date) -> list[VisitLine]:
    """Every apprentice in a workshop whom this reader may see and who is still to be visited, the
    most overdue first.
    """
    seen = ApprenticeshipAgreement.objects.visible_to(staff).filter(
        state=ApprenticeshipState.ACTIVE, started_date__isnull=False
    )
    rows = {row.pk: row for row in seen.select_related("enrolment__person", "workshop")}
    calls = of_agreements(list(rows.values()), on)
    lines = [VisitLine(rows[pk], one) for pk, one in calls.items() if one.due_date is not None]
    return sorted(lines, key=lambda line: (line.calls.due_date or date.max, line.agreement.pk))


def overdue(lines: Iterable[VisitLine]) -> list[VisitLine]:
    """Those whose day has passed."""
    return [line for line in lines if line.calls.late_days]


def latest_levels(agreement: ApprenticeshipAgreement) -> dict[UUID, Judged]:
    """The skills card: the last level of each skill."""
    rows = SkillLevel.objects.filter(agreement=agreement)
    return card(
        Judged(row.skill_id, row.level, row.judged_date, row.recorded_at, row.pk) for row in rows
    )


def log_days(agreement: ApprenticeshipAgreement) -> Sequence[LogDay]:
    """The days of the log as they count, the newest first."""
    rows = {
        row.pk: row
        for row in LogDay.objects.filter(agreement=agreement).prefetch_related("tasks__skill")
    }
    counted = days_that_count(
        Day(row.day, row.came, row.recorded_at, row.pk) for row in rows.values()
    )
    return [rows[counted[day].id] for day in sorted(counted, reverse=True)]
