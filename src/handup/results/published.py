"""A programme's figures as they may leave the staff (protection.md 4.9): totals of enough
persons, of one day that the reader does not choose.

Whoever could ask for any day would take yesterday from today and read what happened to one person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from django.utils import timezone

from handup.org import safety
from handup.org.models import StaffUser
from handup.org.permissions import grants_for
from handup.projects.models import Programme
from handup.projects.models.knowledge import OUTSIDE
from handup.results.report import FunnelLine, Report, reporting_day
from handup.results.rules.engine import FactRow, Figure

PERSONAL = frozenset({"person", "household", "enterprise", "loan", "pathway", "plan", "contract"})
OF_GROUPS = frozenset({"group", "meeting"})
"""What an amount of a group opens to: it needs as many groups as others need persons."""
QUARTER = 3


def is_outside(staff: StaffUser) -> bool:
    """Whether she reads figures only as a partner: a funder, or who takes over. An interface
    (INTEGRATION) carries the house's own data and is part of it.
    """
    return {grant.role for grant in grants_for(staff, "results.view_figure")} <= OUTSIDE


def published_day(programme: Programme) -> date:
    """The one day a programme's figures are published for: its reporting day, else the end of the
    last quarter that is over.
    """
    return reporting_day(programme) or quarter_before(timezone.localdate())


def quarter_before(on: date) -> date:
    """The last day of the quarter before the one of a day."""
    first = date(on.year, on.month - (on.month - 1) % QUARTER, 1)
    return first - timedelta(days=1)


def published(report: Report) -> Report:
    """The report as it may leave the staff: totals only, none that stands for a few."""
    k = safety.value("protection.smallest_shown")
    lines = (line for line in report.lines if is_large_enough(line.figure, k))
    return replace(
        report,
        lines=tuple(
            replace(line, figure=replace(line.figure, breakdowns=(), rows=(), base_rows=()))
            for line in lines
        ),
        funnel=report.funnel if _steps_are_large_enough(report.funnel, k) else (),
    )


def is_large_enough(figure: Figure, k: int) -> bool:
    """Whether neither behind a count, nor its base, nor what lies between them stand one to k - 1
    persons (households), however many loans of theirs are counted, and no amount is of one to k - 1
    groups; and it has a value.
    """
    if figure.has_gap:
        return False
    counted = {row.unit for row in figure.rows}
    rest = [row for row in figure.base_rows if row.unit not in counted]
    sides = (figure.rows, figure.base_rows, rest)
    if any(0 < len(whose(rows)) < k for rows in sides):
        return False
    amounts = (figure.rows, figure.base_rows)
    if any(0 < len(groups_behind(rows)) < k for rows in amounts):
        return False
    return not any(is_mostly_of_one(rows) for rows in amounts)


def is_mostly_of_one(rows: Iterable[FactRow]) -> bool:
    """Whether nearly all of an amount is one person's or group's: the total would tell hers, a loss
    too.
    """
    parts: Counter[str] = Counter()
    for row in rows:
        if row.currency and row.kind in PERSONAL | OF_GROUPS:
            parts[row.whose] += row.amount
    total, sizes = sum(parts.values()), [abs(part) for part in parts.values()]
    of_all = bool(sizes) and max(sizes) > LARGEST_PART * sum(sizes)
    return of_all or (total > 0 and max(parts.values()) > LARGEST_PART * total)


LARGEST_PART = Fraction(80, 100)
"""The part of an amount that may be one person's where it is told outside (results.md 4.5)."""


def whose(rows: Iterable[FactRow]) -> set[str]:
    """The persons (households) behind rows about them."""
    return {row.whose for row in rows if row.kind in PERSONAL}


def groups_behind(rows: Iterable[FactRow]) -> set[str]:
    """The groups that have a part in an amount."""
    return {row.whose for row in rows if row.currency and row.amount and row.kind in OF_GROUPS}


def _steps_are_large_enough(funnel: Sequence[FunnelLine], k: int) -> bool:
    counts = [line.count for line in funnel]
    lost = [before - after for before, after in pairwise(counts)]
    return not any(0 < number < k for number in (*counts, *lost))
