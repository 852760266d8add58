"""Enterprises by working capital at their plan and at the newest visit that told of stock and cash,
and how many moved up and down since (plans.md P15).
"""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from handup.org.models import StaffUser
from handup.plans.models import ActualMonth, Plan, PlanVersion, Segment, Visit
from handup.plans.rules.segments import Move, SegmentLine, moved, segment_of
from handup.plans.rules.states import VisitKind, VisitState
from handup.projects.models import Programme


@dataclass(frozen=True, slots=True)
class SegmentCount:
    """One class: how many enterprises are in it by their plan, and how many now."""

    code: str
    name: str
    at_plan: int
    now: int


@dataclass(frozen=True, slots=True)
class SegmentMoves:
    """The classes of a programme, and moves; UNKNOWN are those no visit told enough of.

    `coached` are the moves of those with a coaching visit that was made: beside the others, without
    a word on what led to it, since nobody was drawn by lot (plans.md 4.9).
    """

    classes: tuple[SegmentCount, ...]
    moves: Counter[Move]
    coached: Counter[Move]

    @property
    def uncoached(self) -> Counter[Move]:
        """Moves of those nobody coached."""
        return Counter({move: self.moves[move] - self.coached[move] for move in Move})

    @property
    def enterprises(self) -> int:
        """All that have a plan which was handed in."""
        return self.moves.total()


def newest_capital(plan_ids: list[UUID]) -> dict[UUID, int]:
    """Stock and cash of the newest month in which both were told, by plan, in smallest units."""
    found: dict[UUID, int] = {}
    for start in range(0, len(plan_ids), 500):
        rows = ActualMonth.objects.filter(
            plan__in=plan_ids[start : start + 500],
            replaced_by=None,
            stock_units__isnull=False,
            cash_units__isnull=False,
        ).order_by("month", "id")
        for pk, stock, cash in rows.values_list("plan_id", "stock_units", "cash_units"):
            found[pk] = (stock or 0) + (cash or 0)
    return found


def coached_plans(plan_ids: list[UUID]) -> set[UUID]:
    """The plans under which a coaching visit was made."""
    found: set[UUID] = set()
    for start in range(0, len(plan_ids), 500):
        rows = Visit.objects.filter(
            plan__in=plan_ids[start : start + 500],
            kind=VisitKind.COACHING,
            state=VisitState.DONE,
        )
        found.update(rows.values_list("plan_id", flat=True))
    return found


def planned_capital(plan_ids: list[UUID]) -> dict[UUID, int]:
    """The working capital of the version handed in last, by plan, in smallest units."""
    found: dict[UUID, int] = {}
    for start in range(0, len(plan_ids), 500):
        rows = PlanVersion.objects.filter(plan__in=plan_ids[start : start + 500])
        newest = rows.exclude(inputs={}).order_by("number")
        for version in newest.only("plan_id", "results", "adjusted"):
            results = version.adjusted or version.results
            found[version.plan_id] = results["working_capital"]
    return found


def segment_moves(staff: StaffUser, programme: Programme) -> SegmentMoves | None:
    """Count the enterprises of a programme by class; None where it has no table of classes.

    Only of plans the reader may see, in the currency of the table, each owner by the newest plan.
    """
    lines = list(Segment.objects.filter(programme=programme).order_by("from_units"))
    if not lines:
        return None
    table = [SegmentLine(row.code, row.from_units, row.to_units) for row in lines]
    plans = Plan.objects.visible_to(staff).filter(
        programme=programme, currency=lines[0].currency, versions__isnull=False
    )
    owners: dict[tuple[object, ...], UUID] = {}
    rows = plans.order_by("started_date", "id").distinct()
    for pk, *owner in rows.values_list("pk", "person_id", "enterprise_id", "organisation_id"):
        owners[tuple(owner)] = pk
    ids = list(owners.values())
    before, now = planned_capital(ids), newest_capital(ids)
    moves: Counter[Move] = Counter()
    coached: Counter[Move] = Counter()
    with_coach = coached_plans(ids)
    first: Counter[str] = Counter()
    last: Counter[str] = Counter()
    for pk, units in before.items():
        move = moved(units, now.get(pk), table)
        moves[move] += 1
        coached[move] += pk in with_coach
        first[segment_of(units, table)] += 1
        if pk in now:
            last[segment_of(now[pk], table)] += 1
    classes = tuple(
        SegmentCount(row.code, row.name, first[row.code], last[row.code]) for row in lines
    )
    return SegmentMoves(classes, moves, coached)
