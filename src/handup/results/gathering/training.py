"""Enrolments, graduates at their month marks, modules, advice, plans, and who is qualified."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

from handup.kernel.dates import add_months
from handup.lending.models import Loan
from handup.org.scope import leave_out
from handup.plans.models import Plan, Visit
from handup.results.gathering.base import Source
from handup.results.rules.expressions import Row
from handup.training.models import (
    Enrolment,
    Module,
    Placement,
    Qualification,
    TracerResponse,
)
from handup.training.rules.states import ON_THE_ROLL, PAID_PLACEMENTS, EnrolmentState

MARKS = (3, 6, 12, 24)
ADVICE = ("ADVICE", "PLAN", "COACHING")


def _enrolments(source: Source) -> Any:
    rows = Enrolment._base_manager.filter(cohort__programme=source.programme)
    return (
        leave_out(rows, source.without)
        .select_related("cohort__course", "cohort__provider")
        .order_by("cohort__starts_date", "id")
    )


def enrolment(source: Source) -> Iterator[Row]:
    """Everybody on the roll of a course, on the day it started. One person who was on the roll of
    one cohort under two records is there once."""
    seen: set[tuple[UUID, UUID]] = set()
    on_roll = _enrolments(source).filter(state__in=ON_THE_ROLL, cohort__starts_date__isnull=False)
    for row in sorted(on_roll, key=lambda item: item.state != EnrolmentState.COMPLETED):
        person = source.whose(row.person_id)
        if (row.cohort_id, person) in seen:
            continue
        seen.add((row.cohort_id, person))
        done = row.completed_date if row.state == EnrolmentState.COMPLETED else None
        cohort = row.cohort
        cells = source.person_cells(person, cohort.starts_date) | {
            "course": cohort.course.code,
            "course_type": cohort.course.type,
            "provider": cohort.provider.name if cohort.provider else "",
            "closed_day": cohort.closed_date,
            "on_roll": True,
            "completed": done is not None,
            "completed_day": done,
        }
        yield source.row(
            row.pk,
            cohort.starts_date,
            row.recorded_at,
            cells,
            person=person,
            phase=cohort.phase_id,
            office=cohort.office_id,
        )


def graduate(source: Source) -> Iterator[Row]:
    """Apprentices who completed, once for each month mark, with the day their work was verified."""
    rows = _enrolments(source).filter(
        state=EnrolmentState.COMPLETED,
        completed_date__isnull=False,
        open_day_date__isnull=False,
        started_date__isnull=False,
    )
    placed: dict[tuple[UUID, int], date] = {}
    told = Placement._base_manager.filter(
        enrolment__cohort__programme=source.programme,
        state="VERIFIED",
        kind__in=[kind.value for kind in PAID_PLACEMENTS],
        verified_date__isnull=False,
    )
    for pk, month, day in told.values_list("enrolment_id", "month", "verified_date"):
        assert day is not None, "asked for above"
        if month is not None:
            placed[pk, month] = min(day, placed.get((pk, month), day))
    reached = set(
        TracerResponse._base_manager.filter(round__programme=source.programme)
        .exclude(outcome="")
        .values_list("enrolment_id", "round__month")
    )
    for row in rows:
        person, day = source.whose(row.person_id), row.completed_date
        cells = source.person_cells(person, day)
        for month in MARKS:
            more = {
                "course": row.cohort.course.code,
                "trade": row.cohort.course.title,
                "month": month,
                "due_day": add_months(day, month),
                "placed_day": placed.get((row.pk, month)),
                "reached": (row.pk, month) in reached or (row.pk, month) in placed,
            }
            yield source.row(
                row.pk,
                day,
                row.recorded_at,
                cells | more,
                person=person,
                phase=row.cohort.phase_id,
                office=row.cohort.office_id,
            )


def module(source: Source) -> Iterator[Row]:
    """The modules of the curricula that the programme's courses teach, and when each was passed."""
    rows = Module._base_manager.filter(
        curriculum__courses__cohorts__programme=source.programme
    ).select_related("curriculum")
    for row in rows.distinct().order_by("recorded_at", "id"):
        text = row.curriculum
        cells = {"course": text.code, "language": text.language, "approved_day": text.approved_date}
        day = text.approved_date or row.recorded_at.date()
        yield source.row(row.pk, day, row.recorded_at, cells)


def visit(source: Source) -> Iterator[Row]:
    """Visits that took place."""
    rows = Visit._base_manager.filter(
        programme=source.programme, state="DONE", visit_date__isnull=False, person__isnull=False
    )
    for row in leave_out(rows, source.without).order_by("visit_date", "id"):
        day, person = row.visit_date, source.whose(row.person_id)
        assert day is not None
        more = {"kind": row.kind, "advisor": str(row.visitor_id)}
        cells = source.person_cells(person, day) | more
        yield source.row(row.pk, day, row.recorded_at, cells, person=person)


def plan(source: Source) -> Iterator[Row]:
    """Plans from their first approval on, and when the first loan on each was paid out."""
    paid: dict[UUID, date] = defaultdict(lambda: date.max)
    loans = Loan._base_manager.filter(
        programme=source.programme,
        disbursed_date__isnull=False,
        agreement__application__plan_version__isnull=False,
    )
    for pk, on in loans.values_list(
        "agreement__application__plan_version__plan_id", "disbursed_date"
    ):
        if on is not None:
            paid[pk] = min(paid[pk], on)
    rows = Plan._base_manager.filter(
        programme=source.programme, first_ready_date__isnull=False
    ).select_related("enterprise")
    for row in leave_out(rows, source.without).order_by("first_ready_date", "id"):
        day = row.first_ready_date
        person = source.whose(row.person_id) if row.person_id else None
        assert day is not None
        cells = source.person_cells(person, day) | {
            "enterprise": str(row.enterprise_id) if row.enterprise_id else None,
            "enterprise_sector": row.enterprise.trade if row.enterprise else "",
            "financed_day": paid.get(row.pk),
        }
        yield source.row(
            row.pk,
            day,
            row.recorded_at,
            cells,
            person=person,
            office=row.office_id,
        )


def qualification(source: Source) -> Iterator[Row]:
    """Who holds a certification of the house: it belongs to no one programme."""
    rows = Qualification._base_manager.filter(active=True, granted_date__isnull=False)
    for row in rows.order_by("granted_date", "id"):
        cells = {
            "holder": str(row.staff_id or row.pk),
            "field": row.field,
            "until_day": row.valid_to,
            "sex": "",
            "nationality_group": ""
            if row.national is None
            else "NATIONAL"
            if row.national
            else "OTHER",
            "staff_role": row.level,
        }
        yield source.row(row.pk, row.granted_date, row.recorded_at, cells, office=row.office_id)
