"""Approaches and providers side by side: completion, drop-out, placement, cost for each placed
graduate, every share with its two counts (rulings 31).
"""

from collections.abc import Callable, Collection, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from uuid import UUID

from handup.kernel.dates import add_months
from handup.kernel.money import divide
from handup.org.models import StaffUser
from handup.org.scope import hidden_from, without_opened
from handup.people.queries.merging import present_ids
from handup.projects.models import Programme
from handup.training.models import Cohort, Enrolment, Placement
from handup.training.queries import cost_basis, training_cost
from handup.training.rules.states import (
    ON_THE_ROLL,
    PAID_PLACEMENTS,
    CohortState,
    CourseType,
    EnrolmentState,
    PlacementState,
)

PLACED_MONTH = 6
K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody was taught, and by whom; provider None: by the house itself."""

    approach: CourseType
    provider_id: UUID | None
    provider: str


@dataclass(frozen=True, slots=True)
class Result:
    """What came of closed cohorts: persons ever enrolled, who completed, who dropped out; of whom
    the sixth month has passed since completion, and of those who is placed; what it all cost.
    """

    cohorts: int
    enrolled: int
    completed: int
    dropped_out: int
    due: int
    placed: int
    cost_units: int

    @property
    def per_placed(self) -> int | None:
        """Cost for each placed graduate in smallest units, half up; None where nobody is placed."""
        return divide(self.cost_units, self.placed) if self.placed else None


@dataclass(frozen=True, slots=True)
class Compared:
    """The results of each way in a programme, in its currency; `not_converted` costs of no rate
    stand in none of them.
    """

    currency: str
    ways: dict[Way, Result]
    not_converted: dict[str, int]

    def by(self, key: Callable[[Way], K]) -> dict[K, Result]:
        """Sum up by one side of the ways: by approach or by provider."""
        parts: dict[K, list[Result]] = {}
        for way, result in self.ways.items():
            parts.setdefault(key(way), []).append(result)
        return {one: _sum(results) for one, results in parts.items()}


def compare(*, staff: StaffUser, programme: Programme, on: date) -> Compared:
    """Compare what the closed cohorts of a programme that this reader sees came to; persons she may
    not know of are in no count.
    """
    reader = without_opened(staff)
    cost = training_cost(
        programme_id=programme.pk, on=on, currency=programme.currency, basis=cost_basis()
    )
    cohorts = Cohort.objects.visible_to(reader).filter(
        programme=programme,
        state__in=(CohortState.CLOSED, CohortState.CORRECTED),
        closed_date__lte=on,
    )
    found = {row.pk: row for row in cohorts.select_related("course", "provider")}
    results = _results(found, cost.by_cohort, hidden_from(staff), on)
    parts: dict[Way, list[Result]] = {}
    for pk, cohort in found.items():
        name = str(cohort.provider) if cohort.provider is not None else ""
        way = Way(CourseType(cohort.course.type), cohort.provider_id, name)
        parts.setdefault(way, []).append(results[pk])
    ways = {way: _sum(one) for way, one in parts.items()}
    return Compared(programme.currency, ways, cost.not_converted)


def _results(
    cohorts: Collection[UUID], costs: dict[UUID, int], hidden: Collection[UUID], on: date
) -> dict[UUID, Result]:
    rows = Enrolment.objects.filter(
        cohort__in=list(cohorts), state__in=ON_THE_ROLL, enrolled_date__isnull=False
    ).exclude(person_id__in=hidden)
    placed = set(
        Placement.objects.filter(
            enrolment__cohort__in=list(cohorts),
            month=PLACED_MONTH,
            state=PlacementState.VERIFIED,
            verified_date__lte=on,
            kind__in=[kind.value for kind in PAID_PLACEMENTS],
        ).values_list("enrolment_id", flat=True)
    )
    now = present_ids()
    by_cohort: dict[UUID, dict[UUID, list[Told]]] = {pk: {} for pk in cohorts}
    for cohort, pk, person, state, completed in rows.values_list(
        "cohort_id", "pk", "person_id", "state", "completed_date"
    ):
        told = Told(state, completed, pk in placed)
        by_cohort[cohort].setdefault(now.get(person, person), []).append(told)
    return {
        cohort: _result(persons.values(), costs.get(cohort, 0), on)
        for cohort, persons in by_cohort.items()
    }


@dataclass(frozen=True, slots=True)
class Told:
    """What one record says of a person in a cohort; whose records were joined has two."""

    state: str
    completed: date | None
    placed: bool

    def is_due(self, on: date) -> bool:
        """Whether it is a completion whose sixth month has passed."""
        if self.state != EnrolmentState.COMPLETED or self.completed is None:
            return False
        return add_months(self.completed, PLACED_MONTH) <= on


def _result(persons: Collection[Collection[Told]], cost: int, on: date) -> Result:
    return Result(
        cohorts=1,
        enrolled=len(persons),
        completed=sum(
            any(told.state == EnrolmentState.COMPLETED for told in one) for one in persons
        ),
        dropped_out=sum(
            all(told.state == EnrolmentState.DROPPED_OUT for told in one) for one in persons
        ),
        due=sum(any(told.is_due(on) for told in one) for one in persons),
        placed=sum(any(told.is_due(on) and told.placed for told in one) for one in persons),
        cost_units=cost,
    )


def _sum(results: Iterable[Result]) -> Result:
    rows = list(results)
    return Result(
        cohorts=sum(row.cohorts for row in rows),
        enrolled=sum(row.enrolled for row in rows),
        completed=sum(row.completed for row in rows),
        dropped_out=sum(row.dropped_out for row in rows),
        due=sum(row.due for row in rows),
        placed=sum(row.placed for row in rows),
        cost_units=sum(row.cost_units for row in rows),
    )
