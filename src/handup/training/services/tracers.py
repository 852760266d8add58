"""Tracer rounds: opened with a stored sample, answered within a window, a tenth asked again."""

import secrets
from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from handup.kernel.dates import add_months
from handup.kernel.ids import new_id
from handup.org import audit
from handup.org.models import StaffUser
from handup.org.permissions import require
from handup.people.queries.merging import present_ids
from handup.projects.models import Programme
from handup.training.models import Enrolment, TracerResponse, TracerRound
from handup.training.rules.states import CourseType
from handup.training.rules.tracers import (
    AFTER_DAYS,
    BEFORE_DAYS,
    MONTHS,
    PAID_WORK,
    TracerOutcome,
    back_checks,
    drawn,
    placed,
    window,
)
from handup.training.services.common import another_person, not_to_come, same
from handup.training.services.refusals import (
    BackCheckerAsked,
    DateBefore,
    NobodyDue,
    NotATracerMonth,
    NothingToCheck,
    OutsideTracerWindow,
    TracerIncomplete,
    TracerToldAlready,
)

ROUND_SAME = ("programme_id", "month", "opened_date", "threshold_units")
TOLD = ("asked_date", "asked_by", "outcome", "started_date", "income_units", "permanent", "placed")
SEEDS = 2**31


def open_tracer_round(
    *,
    acting_staff: StaffUser,
    programme: Programme,
    month: int,
    opened_date: date,
    threshold_units: int = 0,
    seed: int | None = None,
    id: UUID | None = None,
) -> TracerRound:
    """Open a round: all graduates whose window for this month mark is open and who were in no round
    of it yet are due; everybody is asked up to 400, else a simple random sample of 400.

    threshold_units: the least income a month that counts as placed, in the programme's currency.
    seed: drawn where none is given, and kept. Raises NotATracerMonth, NobodyDue, AfterToday.
    """
    row = TracerRound(
        id=id or new_id(),
        programme=programme,
        month=month,
        opened_date=opened_date,
        seed=secrets.randbelow(SEEDS) if seed is None else seed,
        due=0,
        threshold_units=threshold_units,
        currency=programme.currency,
        opened_by=acting_staff,
    )
    require(acting_staff, "training.open_tracer_round", row)
    stored: TracerRound | None = TracerRound.objects.filter(pk=row.pk).first()
    if stored is not None:
        return same(stored, row, ROUND_SAME)
    if month not in MONTHS:
        raise NotATracerMonth(field="month", month=month)
    not_to_come(opened_date, field="opened_date")
    with transaction.atomic():
        # Two who open a round at once wait for each other here, so that nobody is asked twice.
        Programme.objects.select_for_update().get(pk=programme.pk)
        due = _due(programme, month, opened_date)
        if not due:
            raise NobodyDue(field="month", month=month)
        row.due = len(due)
        row.save(force_insert=True)
        TracerResponse.objects.bulk_create(
            (TracerResponse(round=row, enrolment_id=pk) for pk in drawn(due, row.seed)),
            batch_size=200,
        )
        audit.record(acting_staff, "training.open_tracer_round", row, {"due": row.due})
    return row


def _due(programme: Programme, month: int, on: date) -> list[UUID]:
    """Completions whose window for the mark holds the day, of each person her first of them."""
    about = add_months(on, -month)
    slack = 3  # months differ in length; the rule decides to the day
    rows = (
        Enrolment.objects.filter(
            cohort__programme=programme,
            completed_date__gte=date.fromordinal(about.toordinal() - AFTER_DAYS - slack),
            completed_date__lte=date.fromordinal(about.toordinal() + BEFORE_DAYS + slack),
        )
        .exclude(cohort__course__type=CourseType.REFRESHER)
        .exclude(Q(tracer_responses__round__month=month))
        .order_by("completed_date", "pk")
        .values_list("pk", "completed_date", "person_id")
    )
    now = present_ids()
    found: dict[UUID, UUID] = {}
    for pk, completed, person in rows:
        if completed is None:
            continue
        first, last = window(completed, month)
        if first <= on <= last:
            found.setdefault(now.get(person, person), pk)
    return list(found.values())


def record_tracer(
    *,
    acting_staff: StaffUser,
    response: TracerResponse,
    asked_date: date,
    outcome: TracerOutcome,
    started_date: date | None = None,
    income_units: int | None = None,
    permanent: bool = False,
) -> TracerResponse:
    """Record what a graduate answered; the same told twice is once, other content is refused.

    An answer asked again is recorded by another person than who asked first. Raises
    OutsideTracerWindow, TracerIncomplete, TracerToldAlready, BackCheckerAsked, DateBefore,
    AfterToday.
    """
    require(acting_staff, "training.record_tracer", response)
    with transaction.atomic():
        row = (
            TracerResponse.objects.select_for_update(of=("self",))
            .select_related("round", "enrolment__person", "enrolment__cohort")
            .get(pk=response.pk)
        )
        before = {name: getattr(row, name) for name in TOLD}
        _check(row, asked_date, outcome, started_date, income_units)
        row.asked_date, row.asked_by, row.outcome = asked_date, acting_staff, outcome.value
        row.started_date, row.income_units, row.permanent = started_date, income_units, permanent
        row.placed = placed(
            outcome,
            started_date=started_date,
            asked_date=asked_date,
            income_units=income_units,
            threshold_units=row.round.threshold_units,
        )
        if before["outcome"]:
            if any(getattr(row, name) != before[name] for name in TOLD):
                raise TracerToldAlready(person=row.enrolment.person)
            return row
        if row.back_check_of is not None:
            another_person(
                acting_staff,
                row.back_check_of.asked_by_id,
                step="training.record_tracer",
                refusal=BackCheckerAsked,
                obj=row,
            )
        row.save(update_fields=TOLD)
        audit.record(acting_staff, "training.record_tracer", row, {"outcome": outcome.value})
    return row


def _check(
    row: TracerResponse,
    asked_date: date,
    outcome: TracerOutcome,
    started_date: date | None,
    income_units: int | None,
) -> None:
    not_to_come(asked_date, field="asked_date")
    completed = row.enrolment.completed_date
    if completed is not None:
        first, last = window(completed, row.round.month)
        if not first <= asked_date <= last:
            raise OutsideTracerWindow(
                field="asked_date", person=row.enrolment.person, first=first, last=last
            )
    if outcome in PAID_WORK and (started_date is None or income_units is None):
        raise TracerIncomplete(field="income_units")
    if started_date is not None and started_date > asked_date:
        raise DateBefore(field="asked_date", date=asked_date, earliest=started_date)


def draw_back_checks(*, acting_staff: StaffUser, round: TracerRound) -> list[TracerResponse]:
    """Draw a tenth of the answers, rounded up, to be asked again by others; those drawn before stay
    and count. Raises NothingToCheck.
    """
    require(acting_staff, "training.open_tracer_round", round)
    with transaction.atomic():
        row = TracerRound.objects.select_for_update(of=("self",)).get(pk=round.pk)
        told = row.responses.filter(back_check_of=None).exclude(outcome="")
        chosen = back_checks(list(told.values_list("pk", flat=True)), row.seed)
        known = set(
            row.responses.exclude(back_check_of=None).values_list("back_check_of", flat=True)
        )
        wanted = len(chosen) - len(known)
        fresh = [pk for pk in chosen if pk not in known][: max(wanted, 0)]
        if not fresh:
            raise NothingToCheck
        rows = [
            TracerResponse(round=row, enrolment_id=one.enrolment_id, back_check_of=one)
            for one in told.filter(pk__in=fresh)
        ]
        _store(acting_staff, row, rows)
    return rows


def _store(staff: StaffUser, round: TracerRound, rows: Sequence[TracerResponse]) -> None:
    TracerResponse.objects.bulk_create(rows, batch_size=200)
    audit.record(staff, "training.draw_back_checks", round, {"count": len(rows)})
