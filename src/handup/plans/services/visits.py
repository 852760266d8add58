"""Visits and what they found; the table of classes by working capital."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from handup.kernel.dates import month_text, whole_months_between
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.devices import already_stored
from handup.org.duties import SamePerson, require_other_person
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.models import Person
from handup.people.services.store import refuse_erased
from handup.plans.models import ActualMonth, Plan, Segment, Visit
from handup.plans.models.labels import VISIT_STATE
from handup.plans.refusals import (
    InTheFuture,
    MonthOutsidePlan,
    MonthToldTwice,
    NegativeAmount,
    ReasonMissing,
    VisitClosed,
    VisitedByHerself,
)
from handup.plans.rules.segments import SegmentLine, check_table
from handup.plans.rules.states import VisitKind, VisitState
from handup.projects.models import Programme


@dataclass(frozen=True, slots=True)
class MonthIn:
    """One month as told, in smallest units; what nobody knows stays None."""

    sales_units: int | None = None
    materials_units: int | None = None
    wages_units: int | None = None
    rent_units: int | None = None
    transport_units: int | None = None
    tax_units: int | None = None
    other_units: int | None = None
    profit_told_units: int | None = None
    stock_units: int | None = None
    cash_units: int | None = None
    drawings_units: int | None = None
    workers: int | None = None
    working_days: int | None = None


MAY_BE_NEGATIVE = {"profit_told_units"}


def schedule_visits(
    *,
    acting_staff: StaffUser,
    person: Person,
    programme: Programme,
    kind: VisitKind,
    planned_dates: Sequence[date],
    visitor: StaffUser | None = None,
    plan: Plan | None = None,
) -> list[Visit]:
    """Plan one visit for each day. Raises PersonErased."""
    require(acting_staff, "plans.schedule_visits", person)
    refuse_erased(person)
    visits = [
        Visit(
            id=new_id(),
            person=person,
            programme=programme,
            plan=plan,
            kind=kind.value,
            planned_date=day,
            planned_by=acting_staff,
            visitor=visitor or acting_staff,
        )
        for day in planned_dates
    ]
    with transaction.atomic():
        Visit.objects.bulk_create(visits)
        audit.record_many(
            audit.line(acting_staff, "plans.schedule_visits", visit) for visit in visits
        )
    return visits


def record_visit(
    *,
    acting_staff: StaffUser,
    person: Person,
    programme: Programme,
    kind: VisitKind,
    visit_date: date,
    place: str = "",
    situation: str = "",
    explanation: str = "",
    action: str = "",
    next_step: str = "",
    plan: Plan | None = None,
    planned: Visit | None = None,
    id: UUID | None = None,
) -> Visit:
    """Record a visit that was made; with `planned`, the planned one becomes done; one drawn to be
    made again stays a back-check.

    Raises InTheFuture, PersonErased, VisitClosed, VisitedByHerself (a visit drawn to be made
    again), SameIdOtherContent.
    """
    require(acting_staff, "plans.record_visit", person)
    stored = already_stored(
        Visit, id, acting_staff, person=person, visit_date=visit_date, kind=kind.value
    )
    if stored is not None:
        return stored
    refuse_erased(person)
    if visit_date > timezone.localdate():
        raise InTheFuture(field="visit_date", date=visit_date.isoformat())
    first = planned.back_check_of if planned is not None else None
    visit = planned or Visit(id=id or new_id(), person=person, programme=programme)
    visit.kind = kind.value if first is None else VisitKind.BACK_CHECK.value
    visit.plan = plan or visit.plan
    visit.state = VisitState.DONE
    visit.visit_date = visit_date
    visit.visitor = acting_staff
    visit.place, visit.situation, visit.explanation = place, situation, explanation
    visit.action, visit.next_step = action, next_step
    with transaction.atomic():
        if planned is not None:
            _still_planned(planned)
        if first is not None:
            _another_goes(acting_staff, first, visit)
        visit.save()
        audit.record(acting_staff, "plans.record_visit", visit)
    return visit


def _still_planned(visit: Visit) -> None:
    """Hold a planned visit, so that of two who record it at once one is refused. Raises
    VisitClosed.
    """
    held: Visit = Visit.objects.select_for_update().get(pk=visit.pk)
    if held.state != VisitState.PLANNED:
        raise VisitClosed(state=str(VISIT_STATE[VisitState(held.state)]))


def _another_goes(staff: StaffUser, first: Visit, again: Visit) -> None:
    """A visit that was drawn is made again by somebody else. Raises VisitedByHerself."""
    try:
        require_other_person(staff, first.visitor, step="plans.record_back_check", obj=again)
    except SamePerson:
        raise VisitedByHerself from None


def miss_visit(
    *,
    acting_staff: StaffUser,
    visit: Visit,
    reason: str,
    cancelled: bool = False,
    told_date: date | None = None,
) -> Visit:
    """Say why a planned visit was not made, or is not needed; `told_date`: the day that was said,
    where it was said before today. Raises VisitClosed, ReasonMissing."""
    require(acting_staff, "plans.miss_visit", visit)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    with transaction.atomic():
        _still_planned(visit)
        visit.state = VisitState.CANCELLED if cancelled else VisitState.MISSED
        visit.reason = reason.strip()
        visit.save(update_fields=["state", "reason"])
        state = {"state": str(visit.state)}
        told = {"told_date": told_date.isoformat()} if told_date else {}
        audit.record(acting_staff, "plans.miss_visit", visit, {**state, **told})
    return visit


def record_actual_month(
    *,
    acting_staff: StaffUser,
    plan: Plan,
    month: date,
    told: MonthIn,
    visit: Visit | None = None,
    id: UUID | None = None,
) -> ActualMonth:
    """Record what was told of one month of a plan.

    Raises MonthOutsidePlan, MonthToldTwice (correct it instead), NegativeAmount.
    """
    require(acting_staff, "plans.record_actual_month", plan)
    first = month.replace(day=1)
    stored = already_stored(ActualMonth, id, acting_staff, plan=plan, month=first, **asdict(told))
    if stored is not None:
        return stored
    row = _month(acting_staff, plan, first, told, visit, id)
    with transaction.atomic():
        Plan.objects.select_for_update().get(pk=plan.pk)
        if ActualMonth.objects.filter(plan=plan, month=first, replaced_by=None).exists():
            raise MonthToldTwice(field="month", month=month_text(first))
        row.save(force_insert=True)
        audit.record(acting_staff, "plans.record_actual_month", row)
    return row


def correct_actual_month(
    *,
    acting_staff: StaffUser,
    actual: ActualMonth,
    told: MonthIn,
    reason: str,
    visit: Visit | None = None,
) -> ActualMonth:
    """Put a corrected month in the place of one told before; both stay.

    Raises ReasonMissing, MonthToldTwice when it was corrected already, NegativeAmount.
    """
    require(acting_staff, "plans.record_actual_month", actual.plan)
    if not reason.strip():
        raise ReasonMissing(field="reason")
    row = _month(acting_staff, actual.plan, actual.month, told, visit, None)
    row.reason = reason.strip()
    with transaction.atomic():  # the old row gives way first (foreign keys are checked at the end)
        held: ActualMonth = ActualMonth.objects.select_for_update().get(pk=actual.pk)
        if held.replaced_by_id is not None:
            raise MonthToldTwice(field="month", month=month_text(actual.month))
        ActualMonth.objects.filter(pk=actual.pk).update(replaced_by_id=row.pk)
        row.save(force_insert=True)
        audit.record(acting_staff, "plans.correct_actual_month", row)
    return row


def _month(
    acting_staff: StaffUser,
    plan: Plan,
    first: date,
    told: MonthIn,
    visit: Visit | None,
    id: UUID | None,
) -> ActualMonth:
    amounts = asdict(told)
    for name, value in amounts.items():
        if value is not None and value < 0 and name not in MAY_BE_NEGATIVE:
            raise NegativeAmount(field=name)
    inside = (
        first >= plan.start_month
        and whole_months_between(plan.start_month, first) < plan.horizon_months
    )
    if not inside:
        raise MonthOutsidePlan(field="month", month=month_text(first))
    if first > timezone.localdate():
        raise InTheFuture(field="month", date=month_text(first))
    return ActualMonth(
        id=id or new_id(), plan=plan, visit=visit, month=first, recorded_by=acting_staff, **amounts
    )


def set_segments(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    currency: str,
    table: Sequence[tuple[SegmentLine, str]],
) -> list[Segment]:
    """Set a programme's classes by working capital (line and name). Raises SegmentsBroken."""
    require(acting_staff, "plans.set_segments", programme)
    check_table([line for line, _name in table])
    with transaction.atomic():
        Segment.objects.filter(programme=programme).delete()
        rows = [
            Segment(
                programme=programme,
                code=line.code,
                name=name,
                from_units=line.from_units,
                to_units=line.to_units,
                currency=currency,
            )
            for line, name in table
        ]
        Segment.objects.bulk_create(rows)
        audit.record(acting_staff, "plans.set_segments", programme, {"lines": len(rows)})
    return rows
