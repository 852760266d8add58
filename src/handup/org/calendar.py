"""Which days of a place are closed: read once for all offices of a batch.

calendar = Calendar.of({loan.office_id for loan in loans}, first=start)
calendar.closed(loan.office_id)                          # a frozenset of days, for `kernel.credit`
calendar.closed(loan.office_id, known_at=loan.recorded_at)   # as the calendar was at that moment
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from handup.org.models import ClosedDay, Office
from handup.org.prepared import prepared

YEARS = 50
"""How many years ahead a day of every year is looked at: 600 months, the longest loan."""

NO_DAYS: frozenset[date] = frozenset()


class _Closed(NamedTuple):
    """One closed day, of an office, an area (by its path) or everybody."""

    pk: UUID
    day: date
    every_year: bool
    office_id: UUID | None
    area: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None


@prepared
def _all_days() -> QuerySet[Any, Any]:
    rows = ClosedDay.objects.order_by("day", "id")
    return rows.values_list(
        "pk", "day", "every_year", "office_id", "area__path", "recorded_at", "withdrawn_at"
    )


class Calendar:
    """The closed days of some offices from a day on."""

    def __init__(
        self, rows: Sequence[_Closed], paths: Mapping[UUID | None, str], first: date
    ) -> None:
        self._rows, self._paths, self._first = rows, paths, first
        self._found: dict[tuple[UUID, ...], frozenset[date]] = {}

    @classmethod
    def of(cls, offices: Collection[UUID | None], *, first: date) -> "Calendar":
        """Read it; None is somebody without an office, for whom the days of everybody count."""
        rows = [_Closed(*row) for row in _all_days()]
        paths: dict[UUID | None, str] = {}
        if any(row.area is not None for row in rows):
            known = Office.objects.filter(pk__in={pk for pk in offices if pk is not None})
            paths = dict(known.values_list("pk", "area__path"))
        return cls(rows, paths, first)

    def closed(self, office: UUID | None, *, known_at: datetime | None = None) -> frozenset[date]:
        """The closed days of an office now, or as they were entered at a moment."""
        if not self._rows:
            return NO_DAYS
        path = self._paths.get(office) or ""
        held = [row for row in self._rows if _known(row, known_at) and _holds(row, office, path)]
        key = tuple(row.pk for row in held)
        if key not in self._found:
            self._found[key] = frozenset(day for row in held for day in _days(row, self._first))
        return self._found[key]

    def anywhere(self) -> frozenset[date]:
        """The days that are closed somewhere now, to narrow what has to be looked at."""
        held = [row for row in self._rows if _known(row, None)]
        return frozenset(day for row in held for day in _days(row, self._first))


def closed_days(office: UUID | None, *, first: date) -> frozenset[date]:
    """The closed days of one office from a day on."""
    return Calendar.of([office], first=first).closed(office)


class Entered(NamedTuple):
    """The days one entry of the calendar closes, where (an office, an area by its path, or
    everywhere) and from when until when it stood there.
    """

    days: list[date]
    office_id: UUID | None
    area: str | None
    recorded_at: datetime
    withdrawn_at: datetime | None


def entered_days(first: date, last: date) -> list[Entered]:
    """What the calendar ever said of the days between two, both counted, withdrawn or not."""
    found = []
    for row in (_Closed(*values) for values in _all_days()):
        days = [day for day in _days(row, first) if first <= day <= last]
        if days:
            found.append(Entered(days, row.office_id, row.area, row.recorded_at, row.withdrawn_at))
    return found


def _known(row: _Closed, at: datetime | None) -> bool:
    if at is None:
        return row.withdrawn_at is None
    return row.recorded_at <= at and (row.withdrawn_at is None or row.withdrawn_at > at)


def _holds(row: _Closed, office: UUID | None, path: str) -> bool:
    """True where a day is everybody's, the office's own, or its area's."""
    if row.office_id is not None:
        return row.office_id == office
    return row.area is None or path.startswith(row.area)


def _days(row: _Closed, first: date) -> list[date]:
    """The day itself, or that day of each year from the first on; 29 February only where it is."""
    if not row.every_year:
        return [row.day]
    found = []
    for year in range(max(first.year, row.day.year), first.year + YEARS + 1):
        try:
            found.append(row.day.replace(year=year))
        except ValueError:
            continue
    return found
