"""Two tables of one day that are of nearly the same people: each hides other cells of what is one
count, and one taken from the other tells of a few (protection.md 4.9, rule 6)."""

from django.db.models import F

from handup.kernel.errors import Refusal
from handup.results.models import FrozenRow, PublicTable


class SamePeopleElsewhere(Refusal):
    """The table of {code} of the same day is of nearly the same people: one would tell what the
    other hides. Leave it with that one.
    """


def refuse_same_people_elsewhere(row: PublicTable) -> None:
    """Refuse a table of nearly the same people as another figure's table of the day: where one of
    them is a share, or both count each person once. The very same table under another name tells
    nothing new. Raises SamePeopleElsewhere.
    """
    others = PublicTable._base_manager.filter(programme=row.programme_id, day=row.day)
    for other in others.exclude(code=row.code):
        if not (row.is_share or other.is_share) and not _may_tell_more(row, other):
            continue
        for mine in people(row):
            for theirs in people(other):
                if mine & theirs and len(mine ^ theirs) < row.smallest:
                    raise SamePeopleElsewhere(code=other.code, field="code")


def _may_tell_more(row: PublicTable, other: PublicTable) -> bool:
    """Whether two counts are of persons, each once, and not one table under two names."""
    same = ("row_dimension", "column_dimension", "basis")
    if all(getattr(row, name) == getattr(other, name) for name in same):
        return False
    rows = FrozenRow._base_manager.exclude(holder=F("unit")).filter(
        figure__snapshot__in=(row.snapshot_id, other.snapshot_id),
        figure__code__in=(row.code, other.code),
    )
    return not rows.exists()


def people(row: PublicTable) -> list[set[str]]:
    """Who stands behind a table: of a share who is counted, who is not, and both."""
    rows = FrozenRow._base_manager.filter(figure__snapshot=row.snapshot_id, figure__code=row.code)
    sides: tuple[set[str], set[str]] = (set(), set())
    for is_base, holder, unit, digest in rows.values_list("is_base", "holder", "unit", "digest"):
        sides[is_base].add(holder or unit or digest)
    if not row.is_share:
        return [sides[False]]
    return [sides[False], sides[True], sides[True] - sides[False]]
