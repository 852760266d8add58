"""Who was served, who takes part, and what is known of each for the target groups."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from handup.lending.models import Loan, PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState
from handup.org.scope import leave_out
from handup.people.models import Assessment
from handup.plans.models import Visit
from handup.results.gathering.base import Source
from handup.results.rules.expressions import Row
from handup.training.models import Attendance

Seen = dict[tuple[UUID, date, str], tuple[datetime, UUID]]


def service(source: Source) -> Iterator[Row]:
    """Every day somebody was served: she began, came to a session, was visited, got a loan."""
    seen: Seen = {}

    def add(person: UUID, day: date, kind: str, received: datetime, record: UUID) -> None:
        key = (source.whose(person), day, kind)
        if person not in source.without and (key not in seen or received < seen[key][0]):
            seen[key] = (received, record)

    for who, row in source.participations.items():
        if row.started_date is not None:
            add(who, row.started_date, "BEGAN", row.recorded_at, row.pk)
    came = Attendance._base_manager.filter(
        session__cohort__programme=source.programme, mark="PRESENT", corrections=None
    )
    for person, day, moment, pk in came.values_list(
        "enrolment__person_id", "session__session_date", "received_at", "pk"
    ).iterator(chunk_size=2000):
        add(person, day, "TRAINING", moment, pk)
    visits = Visit._base_manager.filter(programme=source.programme, state="DONE")
    for person, done, moment, pk in visits.values_list(
        "person_id", "visit_date", "recorded_at", "pk"
    ):
        if done is not None:
            add(person, done, "VISIT", moment, pk)
    loans = Loan._base_manager.filter(
        programme=source.programme, disbursed_date__isnull=False, person__isnull=False
    )
    for person, paid, moment, pk in loans.values_list(
        "person_id", "disbursed_date", "recorded_at", "pk"
    ):
        if paid is not None:
            add(person, paid, "LOAN", moment, pk)
    for (person, day, kind), (moment, record) in sorted(
        seen.items(), key=lambda item: (item[0][1], item[0][0], item[0][2])
    ):
        cells = source.person_cells(person, day)
        home = source.household_on(person, day)
        yield source.row(
            record, day, moment, {**cells, "household": home, "kind": kind}, person=person
        )


def client(source: Source) -> Iterator[Row]:
    """Everybody who takes part, on the day she began (or applied), with what is not known."""
    for person, row in source.participations.items():
        day = row.started_date
        if day is None:
            continue
        fact = source.categories.get(person)
        unknown = frozenset(fact.unknown) if fact else frozenset()
        cells = source.person_cells(person, day) | {
            "household": source.household_on(person, day),
            "target_unknown": unknown,
            "status_known": bool(fact and fact.statuses),
        }
        yield source.row(row.pk, day, row.recorded_at, cells, person=person)


def pathway(source: Source) -> Iterator[Row]:
    """Persons on a pathway out of poverty, and the day they graduated."""
    rows = PathwayEnrolment._base_manager.filter(programme=source.programme)
    for row in leave_out(rows, source.without).order_by("enrolled_date", "id"):
        person = source.whose(row.person_id)
        ended = row.ended_date if row.state == EnrolmentState.GRADUATED else None
        cells = source.person_cells(person, row.enrolled_date) | {"graduated_day": ended}
        yield source.row(row.pk, row.enrolled_date, row.recorded_at, cells, person=person)


def poverty(source: Source) -> Iterator[Row]:
    """Scored households by poverty line: the weight, and the weight times the likelihood, both in
    thousandths of a percent."""
    rows = Assessment._base_manager.filter(
        person__participations__programme=source.programme, status="SCORED"
    ).exclude(person_id__in=source.without)
    asked = rows.select_related("scorecard").distinct().order_by("assessed_date", "id")
    for row in asked:
        person = source.whose(row.person_id)
        home = source.household_on(person, row.assessed_date)
        told = row.result.get("likelihood") if isinstance(row.result, dict) else None
        for line, percent in (told or {}).items():
            cells = source.person_cells(person, row.assessed_date) | {
                "household": home,
                "poverty_line": str(line),
                "card": f"{row.scorecard.code} {row.scorecard.version}",
                "weight": 100_000,
                "poor": int(Decimal(str(percent)) * 1000),
            }
            yield source.row(row.pk, row.assessed_date, row.recorded_at, cells, person=person)
