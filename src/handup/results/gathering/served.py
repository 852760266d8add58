"""Every day somebody was served: she began, came to a session, was visited, got a loan.

A large house has a million such days. Each row keeps its own few facts; what it says of the person
on that day is worked out where it is asked, which most of them never are.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from operator import attrgetter
from uuid import UUID

from django.db.models import TextField
from django.db.models.functions import Cast

from handup.lending.models import Loan
from handup.plans.models import Visit
from handup.results.gathering.base import NOBODY, Source, seconds
from handup.results.rules.expressions import Cell, Row
from handup.training.models import Attendance


class Served(Mapping[str, Cell]):
    """One day somebody was served."""

    __slots__ = ("day", "kind", "received", "record", "source", "who")

    def __init__(
        self, source: Source, who: UUID, day: date, kind: str, received: int, record: str
    ) -> None:
        """Keep the facts of the row; `record` is the id as the database wrote it."""
        self.source, self.who, self.day = source, who, day
        self.kind, self.received, self.record = kind, received, record

    def __getitem__(self, name: str) -> Cell:
        """One cell of the row."""
        return _CELLS[name](self)

    def __iter__(self) -> Iterator[str]:
        """The names of its columns."""
        return iter(_CELLS)

    def __len__(self) -> int:
        """How many columns it has."""
        return len(_CELLS)


def _same(name: str) -> Callable[[Served], Cell]:
    return lambda row: row.source.same_cells(row.who)[name]


def _placed(at: int) -> Callable[[Served], Cell]:
    return lambda row: row.source.place_on(row.who, row.day)[at]


_CELLS: Mapping[str, Callable[[Served], Cell]] = {
    "record": lambda row: str(UUID(row.record)),
    "day": attrgetter("day"),
    "received": attrgetter("received"),
    "programme": lambda row: row.source.programme.code,
    "project_phase": lambda row: row.source.phase_of(row.who),
    "branch": lambda row: row.source.branch_of(row.who),
    **{name: _same(name) for name in ("person", *NOBODY)},
    "age_band": lambda row: row.source.age_band_on(row.who, row.day),
    **{name: _placed(at) for at, name in enumerate(("area1", "area2", "urban_rural"))},
    "household": lambda row: row.source.household_on(row.who, row.day),
    "kind": attrgetter("kind"),
}


class _Days:
    """The days found so far; of several services of one kind on one day the first received."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.held: dict[tuple[date, int, str], Served] = {}
        self.known: dict[str, UUID | None] = {}

    def add(self, person: str, day: date | None, kind: str, moment: datetime, record: str) -> None:
        """Add a service of somebody; nothing of who is left out."""
        who = self.known[person] if person in self.known else self._known(person)
        if who is None or day is None:
            return
        key, received = (day, who.int, kind), seconds(moment)
        before = self.held.get(key)
        if before is None:
            self.held[key] = Served(self.source, who, day, kind, received, record)
        elif (received, record) < (before.received, before.record):
            before.received, before.record = received, record

    def _known(self, person: str) -> UUID | None:
        pk = UUID(person)
        who = None if pk in self.source.without else self.source.whose(pk)
        self.known[person] = who
        return who

    def in_order(self) -> list[Row]:
        """The rows by day, person and kind."""
        rows = [self.held[key] for key in sorted(self.held)]
        for row in rows if self.source.watched else ():
            self.source.watch(row.who, row.day)
        return list(rows)


def service(source: Source) -> list[Row]:
    """Every day somebody was served."""
    days = _Days(source)
    for who, row in source.participations.items():
        if row.started_date is not None:
            days.add(str(who), row.started_date, "BEGAN", row.recorded_at, str(row.pk))
    own, whose = Cast("pk", TextField()), Cast("person_id", TextField())
    held = Attendance._base_manager.filter(session__cohort__programme=source.programme).order_by()
    told = held.annotate(replaces=Cast("corrects_id", TextField()))
    replaced = set(told.exclude(corrects=None).values_list("replaces", flat=True))
    came = held.filter(mark="PRESENT").annotate(
        own=own, whose=Cast("enrolment__person_id", TextField())
    )
    for person, day, moment, pk in came.values_list(
        "whose", "session__session_date", "received_at", "own"
    ).iterator(chunk_size=2000):
        if pk not in replaced:
            days.add(person, day, "TRAINING", moment, pk)
    visits = Visit._base_manager.filter(
        programme=source.programme, state="DONE", visit_date__isnull=False, person__isnull=False
    ).annotate(own=own, whose=whose)
    for person, on, moment, pk in visits.order_by().values_list(
        "whose", "visit_date", "recorded_at", "own"
    ):
        days.add(person, on, "VISIT", moment, pk)
    loans = Loan._base_manager.filter(
        programme=source.programme, disbursed_date__isnull=False, person__isnull=False
    ).annotate(own=own, whose=whose)
    for person, on, moment, pk in loans.order_by().values_list(
        "whose", "disbursed_date", "recorded_at", "own"
    ):
        days.add(person, on, "LOAN", moment, pk)
    return days.in_order()
