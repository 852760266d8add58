"""What a targeting run came to, and how well it reaches the poor; each figure with its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from handup.org.models import StaffUser
from handup.people import choices_made as cm
from handup.people.models import SampleVisit, TargetingRow, TargetingRun
from handup.people.rules.accuracy import Accuracy, SampleRow, measure
from handup.people.rules.targeting import PARTS, Part

NOT_COMPARED = frozenset({"UNKNOWN", "NOT_ASKED", "NOT_ANSWERED"})


@dataclass(frozen=True, slots=True)
class Counts:
    """Of those of a run the reader may see."""

    persons: int
    scored: int
    targeted: int


@dataclass(frozen=True, slots=True)
class SampleFound:
    """How well a run reaches the poor, and the rows behind each part."""

    accuracy: Accuracy
    rows: Mapping[Part, tuple[UUID, ...]]

    @property
    def households(self) -> int:
        """How many the sample has."""
        return sum(len(ids) for ids in self.rows.values())


def counts(staff: StaffUser, run: TargetingRun) -> Counts:
    """How many of a run the reader may see, have a score, are taken."""
    rows = TargetingRow.objects.visible_to(staff).filter(run=run)
    return Counts(
        rows.count(),
        rows.filter(score__isnull=False).count(),
        rows.filter(targeted=True).count(),
    )


def last_visits(staff: StaffUser, run: TargetingRun) -> dict[UUID, SampleVisit]:
    """The finding that counts for each visited row the reader may see."""
    visits = SampleVisit.objects.visible_to(staff).filter(row__run=run)
    found = visits.select_related("row").order_by("visited_date", "recorded_at", "id")
    return {visit.row_id: visit for visit in found}


def sample_found(staff: StaffUser, run: TargetingRun) -> SampleFound:
    """Measure a run by its validation sample; without a score counts as not taken."""
    visits = last_visits(staff, run)
    parts: dict[Part, list[UUID]] = {part: [] for part in Part}
    sample = []
    for row_id, visit in visits.items():
        row = visit.row
        targeted = bool(row.targeted)
        parts[PARTS[visit.poor, targeted]].append(row_id)
        told = row.groups if isinstance(row.groups, dict) else {}
        groups = {name: code for name, code in told.items() if code not in NOT_COMPARED}
        weight = Fraction(visit.weight_milli, 1000)
        sample.append(SampleRow(visit.poor, targeted, weight, groups))
    chosen = cm.made()
    accuracy = measure(
        sample,
        least_poor=int(chosen[cm.LEAST]),
        alert_below=Fraction(int(chosen[cm.ALERT]), 100),
    )
    return SampleFound(accuracy, {part: tuple(ids) for part, ids in parts.items()})
