"""Reads of training used in more than one place: who completed, who holds a certificate, the
funnel, the cohort board, what it cost.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet, Sum

from handup.org.models import StaffUser
from handup.org.scope import hidden_from
from handup.org.web.money import currency_digits
from handup.people.queries.merging import doubled, present_ids
from handup.training.facts import CohortFacts, of_cohorts
from handup.training.models import Certificate, Cohort, CostLine, Enrolment, Placement
from handup.training.rules import funnel, waiting
from handup.training.rules.costs import (
    CohortCount,
    CostBasis,
    UnitCosts,
    allocate,
    at_rate,
    unit_costs,
)
from handup.training.rules.funnel import Line, Step
from handup.training.rules.states import (
    ON_THE_ROLL,
    PAID_PLACEMENTS,
    SEATED,
    CertificateKind,
    CertificateState,
    CohortState,
    CourseType,
    EnrolmentState,
    PlacementKind,
    PlacementState,
    SessionState,
)
from handup.training.services.common import setting
from handup.training.services.places import waits_for
from handup.training.support_queries import paid_on_results, paid_support


@dataclass(frozen=True, slots=True)
class CompletedFact:
    """One completed course of one person."""

    enrolment_id: UUID
    person_id: UUID
    programme_id: UUID
    phase_id: UUID | None
    cohort_id: UUID
    area_id: UUID | None
    office_id: UUID | None
    course_code: str
    course_type: CourseType
    completed_date: date
    attended_minutes: int | None
    held_minutes: int | None


def completed_facts(
    *, programme_id: UUID | None = None, on: date | None = None, since: date | None = None
) -> Iterator[CompletedFact]:
    """Yield every completion (both days included), of one programme or of all."""
    rows = _completed(programme_id, on, since).values_list(
        "id",
        "person_id",
        "cohort__programme_id",
        "cohort__phase_id",
        "cohort_id",
        "cohort__area_id",
        "cohort__office_id",
        "cohort__course__code",
        "cohort__course__type",
        "completed_date",
        "attended_minutes",
        "held_minutes",
    )
    for row in rows.iterator(chunk_size=2000):
        completed_date = row[9]
        assert completed_date is not None
        yield CompletedFact(*row[:8], CourseType(row[8]), completed_date, row[10], row[11])


def persons_trained(
    *, programme_id: UUID | None = None, on: date | None = None, since: date | None = None
) -> dict[UUID, date]:
    """Return each person who ever completed a course with the day of the first completion.

    `since` and `on` bound that first day: somebody trained before `since` is not trained anew.
    """
    rows = _completed(programme_id, on, None).values("person_id")
    firsts = rows.annotate(first=Min("completed_date")).values_list("person_id", "first")
    now = present_ids()
    found: dict[UUID, date] = {}
    for row, first in firsts:
        person = now.get(row, row)
        found[person] = min(first, found.get(person, first))
    return {person: first for person, first in found.items() if since is None or first >= since}


def _completed(
    programme_id: UUID | None, on: date | None, since: date | None
) -> QuerySet[Enrolment]:
    rows: QuerySet[Enrolment] = Enrolment.objects.filter(
        state=EnrolmentState.COMPLETED, completed_date__isnull=False
    ).order_by()
    if programme_id is not None:
        rows = rows.filter(cohort__programme_id=programme_id)
    if on is not None:
        rows = rows.filter(completed_date__lte=on)
    return rows if since is None else rows.filter(completed_date__gte=since)


def completion_rate(*, programme_id: UUID, on: date) -> tuple[int, int]:
    """Return (completed, ever enrolled) over cohorts closed by that day; a transfer counts once,
    and so does a person whose two records were in one cohort.
    """
    rows = Enrolment.objects.filter(
        cohort__programme_id=programme_id,
        cohort__closed_date__lte=on,
        state__in=ON_THE_ROLL,
        enrolled_date__isnull=False,
    )
    done, all_of_them = rows.filter(state=EnrolmentState.COMPLETED).count(), rows.count()
    now = present_ids()
    if not now:
        return done, all_of_them
    twice = rows.filter(Q(person__in=now) | Q(person__in=set(now.values())))
    both = list(twice.order_by().values_list("cohort_id", "person_id", "state"))
    seats = Counter((cohort, now.get(person, person)) for cohort, person, _state in both)
    finished = Counter(
        (cohort, now.get(person, person))
        for cohort, person, state in both
        if state == EnrolmentState.COMPLETED
    )
    return done - finished.total() + len(finished), all_of_them - seats.total() + len(seats)


def certificates_of(*, person_id: UUID) -> QuerySet[Certificate]:
    """Return a person's certificates, the newest first, whatever their state."""
    rows: QuerySet[Certificate] = Certificate.objects.filter(
        enrolment__person_id=person_id
    ).select_related("enrolment__cohort__course")
    return rows.order_by("-issued_date", "-serial")


def certified(
    *,
    person_ids: Collection[UUID],
    on: date,
    course_codes: Collection[str] = (),
    course_types: Collection[CourseType] = (),
) -> set[UUID]:
    """Return those of these persons who hold a valid certificate on that day.

    Without course codes and types any course counts; to have come is not enough. Lending asks this
    before a loan whose product requires training.
    """
    found: set[UUID] = set()
    ids = list(person_ids)
    rows = Certificate.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        issued_date__lte=on,
    ).filter(_standing(on))
    if course_codes:
        rows = rows.filter(enrolment__cohort__course__code__in=list(course_codes))
    if course_types:
        rows = rows.filter(enrolment__cohort__course__type__in=[t.value for t in course_types])
    for start in range(0, len(ids), 500):
        part = rows.filter(enrolment__person_id__in=ids[start : start + 500])
        found |= set(part.values_list("enrolment__person_id", flat=True))
    return found


def _standing(on: date) -> Q:
    """Neither revoked nor replaced by that day, and of more than attendance."""
    return ~Q(kind=CertificateKind.ATTENDANCE) & (
        Q(state=CertificateState.VALID)
        | Q(state=CertificateState.REVOKED, revoked_date__gt=on)
        | Q(state=CertificateState.REPLACED, replaced_by__issued_date__gt=on)
    )


def holds_certificate(
    *,
    person_id: UUID,
    on: date,
    course_codes: Collection[str] = (),
    course_types: Collection[CourseType] = (),
) -> bool:
    """Tell whether one person holds a valid certificate on that day."""
    return bool(
        certified(
            person_ids=[person_id], on=on, course_codes=course_codes, course_types=course_types
        )
    )


def enrolments_of(*, person_id: UUID, staff: StaffUser) -> QuerySet[Enrolment]:
    """Return a person's courses as far as this staff member may see them, the newest first."""
    rows: QuerySet[Enrolment] = Enrolment.objects.visible_to(staff).filter(person_id=person_id)
    return rows.select_related("cohort__course", "person").order_by("-applied_date", "-id")


def funnel_enrolments(
    *,
    programme_id: UUID,
    steps: Sequence[Step],
    on: date,
    course_types: Collection[CourseType] = (),
    month: int | None = None,
    without: Collection[UUID] = (),
) -> QuerySet[Enrolment]:
    """Return the enrolments that passed every one of these steps by that day.

    `month` keeps placements of one month mark (3, 6, 12 or 24 after completion); `without` leaves
    persons out whom the reader may not know of.
    """
    rows: QuerySet[Enrolment] = Enrolment.objects.filter(cohort__programme_id=programme_id)
    rows = rows.exclude(person_id__in=without)
    if course_types:
        rows = rows.filter(cohort__course__type__in=[kind.value for kind in course_types])
    for step in steps:
        rows = rows.filter(_passed(step, on, month))
    return rows.order_by()


def funnel_counts(
    *,
    programme_id: UUID,
    steps: Sequence[Step],
    on: date,
    course_types: Collection[CourseType] = (),
    month: int | None = None,
    without: Collection[UUID] = (),
) -> dict[Step, int]:
    """Count distinct persons at each step; a step counts only who passed the ones before it. Whose
    two records were made one counts once.
    """
    counts = {}
    now = present_ids()
    for number, step in enumerate(steps, 1):
        rows = funnel_enrolments(
            programme_id=programme_id,
            steps=steps[:number],
            on=on,
            course_types=course_types,
            month=month,
            without=without,
        )
        counts[step] = rows.aggregate(n=Count("person", distinct=True))["n"] - doubled(rows, now)
    return counts


def funnel_lines(
    *,
    programme_id: UUID,
    steps: Sequence[Step],
    on: date,
    course_types: Collection[CourseType] = (),
    month: int | None = None,
    without: Collection[UUID] = (),
) -> list[Line]:
    """Return the funnel with its counts and shares."""
    counts = funnel_counts(
        programme_id=programme_id,
        steps=steps,
        on=on,
        course_types=course_types,
        month=month,
        without=without,
    )
    return funnel.lines(counts, steps)


DATED = {
    Step.ATTENDED_OPEN_DAY: "open_day_date",
    Step.APPLIED: "applied_date",
    Step.ELIGIBLE: "eligible_date",
    Step.INVITED: "invited_date",
    Step.ENROLLED: "enrolled_date",
    Step.STARTED: "started_date",
    Step.COMPLETED: "completed_date",
}


def _passed(step: Step, on: date, month: int | None) -> Q:
    if step in DATED:
        return Q(**{f"{DATED[step]}__lte": on})
    if step is Step.CERTIFIED:
        held = Certificate.objects.filter(enrolment=OuterRef("pk"), issued_date__lte=on)
        return Q(Exists(held.filter(_standing(on))))
    placed = Placement.objects.filter(
        enrolment=OuterRef("pk"), state=PlacementState.VERIFIED, verified_date__lte=on
    )
    if month is not None:
        placed = placed.filter(month=month)
    if step is Step.PLACED:
        return Q(Exists(placed.filter(kind__in=[kind.value for kind in PAID_PLACEMENTS])))
    return Q(Exists(placed.filter(kind=PlacementKind.WAGE, permanent=True)))


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One cohort on the board: seats, waiting, sessions, who should be asked after."""

    cohort: Cohort
    seats_taken: int
    waiting: int
    sessions_held: int
    sessions_planned: int
    alerts: int
    conflicts: int


def cohort_board(*, staff: StaffUser, programme_id: UUID | None = None) -> list[BoardLine]:
    """Return the open and running cohorts this staff member sees, with what needs attention."""
    rows = Cohort.objects.visible_to(staff).filter(
        state__in=(CohortState.OPEN, CohortState.RUNNING)
    )
    if programme_id is not None:
        rows = rows.filter(programme_id=programme_id)
    hidden = hidden_from(staff)
    seen = ~Q(enrolments__person_id__in=hidden) if hidden else Q()
    waits = Q(enrolments__state=EnrolmentState.WAITING)
    counted = rows.select_related("course").annotate(
        seated=Count("enrolments", seen & Q(enrolments__state__in=SEATED), distinct=True),
        queued=Count("enrolments", seen & waits, distinct=True),
        held=Count("sessions", Q(sessions__state=SessionState.HELD), distinct=True),
        planned=Count("sessions", Q(sessions__state=SessionState.PLANNED), distinct=True),
    )
    cohorts = list(counted.order_by("starts_date", "code")[:100])
    facts = of_cohorts(cohorts, without=hidden)
    return [
        BoardLine(
            cohort,
            cohort.seated,
            cohort.queued,
            cohort.held,
            cohort.planned,
            len(alerts(facts[cohort.pk])),
            len(facts[cohort.pk].conflicts()),
        )
        for cohort in cohorts
    ]


def alerts(facts: CohortFacts) -> list[Enrolment]:
    """Return the enrolled somebody should ask after (training.md 4.1)."""
    return [
        row
        for row in facts.enrolments
        if row.state == EnrolmentState.ENROLLED and facts.alert(row.pk)
    ]


def waiting_list(
    *, cohort: Cohort, without: Collection[UUID] = ()
) -> list[tuple[waiting.Place, Enrolment]]:
    """Return who waits for a place, in order; `without` leaves persons out."""
    queue = waits_for(cohort).exclude(person_id__in=without)
    rows: dict[UUID, Enrolment] = {row.pk: row for row in queue.select_related("person")}
    places = waiting.order(
        waiting.Waiting(
            row.pk,
            row.person_id,
            row.targeting_score,
            row.applied_date or date.max,
            did_not_answer=row.told_date is not None,
        )
        for row in rows.values()
    )
    return [(place, rows[place.waiting.enrolment_id]) for place in places]


@dataclass(frozen=True, slots=True)
class ProgrammeCost:
    """What a programme's training cost in one currency, whole and per head. What refreshers cost,
    with their share of the pools, and tracer rounds stand apart, in no figure per head.
    """

    currency: str
    direct_units: int
    shared_units: int
    refresher_units: int
    tracer_units: int
    units: UnitCosts
    by_cohort: dict[UUID, int]
    not_converted: dict[str, int]


def training_cost(
    *,
    programme_id: UUID,
    on: date,
    currency: str,
    basis: CostBasis = CostBasis.MINUTES,
    without: Collection[UUID] = (),
) -> ProgrammeCost:
    """Sum direct cost (with support and results paid) and the shares of shared pools; over several
    cohorts sums are divided.

    Lines in another currency are converted at their own stored rate, main unit to main unit. A
    line without a rate into `currency`, and what was paid in another, enters no sum:
    `not_converted` shows it apart, by currency.
    `without` leaves persons out of the counts a reader sees.
    """
    lines = CostLine.objects.filter(programme_id=programme_id, cost_date__lte=on)
    direct: dict[UUID, int] = {}
    apart: dict[str, int] = {}
    shared = tracers = 0
    for line in lines.select_related("programme"):
        units = _converted(line, currency)
        if units is None:
            apart[line.currency] = apart.get(line.currency, 0) + line.amount_units
        elif line.tracer_round_id is not None:
            tracers += units
        elif line.cohort_id is None:
            shared += units
        else:
            direct[line.cohort_id] = direct.get(line.cohort_id, 0) + units
    for told in (paid_support, paid_on_results):
        paid = told(programme_id=programme_id, on=on)
        for pk, units in paid.pop(currency, {}).items():
            direct[pk] = direct.get(pk, 0) + units
        for code, left in paid.items():
            apart[code] = apart.get(code, 0) + sum(left.values())
    cohorts = _weights(programme_id, without)
    parts = allocate(shared, cohorts, basis)
    by_cohort = {c.id: direct.get(c.id, 0) + parts.get(c.id, 0) for c in cohorts}
    again = _refresher_cohorts(programme_id)
    refreshers = sum(units for pk, units in by_cohort.items() if pk in again)
    counts = funnel_counts(
        programme_id=programme_id,
        steps=(Step.STARTED, Step.COMPLETED, Step.PLACED),
        on=on,
        course_types=FIRST_TIME,
        month=6,
        without=without,
    )
    total = sum(direct.values()) + shared - refreshers
    per = unit_costs(
        total,
        started=counts[Step.STARTED],
        completed=counts[Step.COMPLETED],
        placed=counts[Step.PLACED],
    )
    first = sum(units for pk, units in direct.items() if pk not in again)
    pools = shared - sum(parts.get(pk, 0) for pk in again)
    return ProgrammeCost(currency, first, pools, refreshers, tracers, per, by_cohort, apart)


def _weights(programme_id: UUID, without: Collection[UUID]) -> list[CohortCount]:
    """What each cohort of a programme weighs when a pool is divided, `without` persons left out: a
    share of theirs would tell a reader that they are there."""
    seen = ~Q(enrolments__person__in=list(without))
    counted = Cohort.objects.filter(programme_id=programme_id).annotate(
        minutes=Sum("enrolments__attended_minutes", filter=seen),
        heads=Count("enrolments", seen & Q(enrolments__started_date__isnull=False)),
    )
    rows = counted.values_list("pk", "minutes", "heads")
    return [CohortCount(pk, minutes or 0, heads) for pk, minutes, heads in rows]


def _refresher_cohorts(programme_id: UUID) -> set[UUID]:
    rows = Cohort.objects.filter(programme_id=programme_id, course__type=CourseType.REFRESHER)
    return set(rows.values_list("pk", flat=True))


FIRST_TIME = tuple(kind for kind in CourseType if kind is not CourseType.REFRESHER)
"""The courses whose participants and graduates a cost is divided by."""


def cost_basis() -> CostBasis:
    """By what shared pools are divided (setting training.cost_basis)."""
    return CostBasis(setting("training.cost_basis", CostBasis.MINUTES.value))


def _converted(line: CostLine, currency: str) -> int | None:
    """The line in smallest units of `currency`; None where it has no rate into it."""
    if line.currency == currency:
        return int(line.amount_units)
    into = line.rate_currency or line.programme.currency
    if line.rate_numerator is None or into != currency:
        return None
    return at_rate(
        line.amount_units,
        line.rate_numerator,
        digits=currency_digits(line.currency),
        into_digits=currency_digits(currency),
    )
