"""Which days of a place are closed: asked once for all offices of a batch.

closed = closed_days({loan.office_id for loan in loans}, first=start)
closed[loan.office_id]      # a frozenset of days, for `kernel.credit.dates`
"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from handup.org.models import ClosedDay, Office

YEARS = 12
"""How many years ahead a day of every year is looked at: no loan runs longer."""

NO_DAYS: frozenset[date] = frozenset()


def closed_days(
    offices: Collection[UUID | None], *, first: date
) -> dict[UUID | None, frozenset[date]]:
    """The closed days of each office from a day on; None is somebody without an office, for whom
    those of everybody count.
    """
    rows = list(
        ClosedDay.objects.filter(withdrawn_at=None)
        .select_related("area")
        .order_by("day", "id")
        .only("day", "every_year", "office_id", "area__path")
    )
    if not rows:
        return dict.fromkeys(offices, NO_DAYS)
    paths: dict[UUID | None, str] = {}
    if any(row.area_id for row in rows):
        known = Office.objects.filter(pk__in=[pk for pk in offices if pk is not None])
        paths = dict(known.values_list("pk", "area__path"))
    return {
        office: frozenset(
            day
            for row in rows
            if _holds(row, office, paths.get(office) or "")
            for day in _days(row, first)
        )
        for office in offices
    }


def _holds(row: ClosedDay, office: UUID | None, path: str) -> bool:
    """True where a day is everybody's, the office's own, or its area's."""
    if row.office_id is not None:
        return row.office_id == office
    return row.area is None or path.startswith(row.area.path)


def _days(row: ClosedDay, first: date) -> list[date]:
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
