"""Who takes part, and what is known of each for the target groups."""

from collections.abc import Iterator
from decimal import Decimal

from handup.lending.models import PathwayEnrolment
from handup.lending.rules.codes import EnrolmentState
from handup.org.scope import leave_out
from handup.people.models import Assessment
from handup.results.gathering.base import Source
from handup.results.rules.expressions import Row


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
