"""One funnel from open day to job, in which every percentage shows its two counts (training.md
4.5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handup.kernel.money import decimal_text, percent
from handup.training.rules.shares import percent_text


class Step(StrEnum):
    """Steps in order; a step counts only persons who passed the ones before it."""

    ATTENDED_OPEN_DAY = "ATTENDED_OPEN_DAY"
    APPLIED = "APPLIED"
    ELIGIBLE = "ELIGIBLE"
    INVITED = "INVITED"
    ENROLLED = "ENROLLED"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"
    CERTIFIED = "CERTIFIED"
    PLACED = "PLACED"
    PERMANENT_JOB = "PERMANENT_JOB"


JOURNEY = (
    Step.APPLIED,
    Step.ELIGIBLE,
    Step.INVITED,
    Step.STARTED,
    Step.COMPLETED,
    Step.CERTIFIED,
    Step.PLACED,
)
APPRENTICESHIP = (
    Step.ATTENDED_OPEN_DAY,
    Step.ENROLLED,
    Step.COMPLETED,
    Step.PERMANENT_JOB,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One step: its count, the count before, the first count, and the shares as printed."""

    step: Step
    count: int
    previous: int | None
    first: int
    of_previous: str | None
    of_first: str | None


def lines(counts: Mapping[Step, int], steps: Sequence[Step]) -> list[Line]:
    """Lay out counts as a funnel; a share over 0 is None ("not defined")."""
    rows: list[Line] = []
    first = counts.get(steps[0], 0) if steps else 0
    previous: int | None = None
    for step in steps:
        count = counts.get(step, 0)
        rows.append(
            Line(
                step=step,
                count=count,
                previous=previous,
                first=first,
                of_previous=None if previous is None else percent_text(count, previous),
                of_first=percent_text(count, first),
            )
        )
        previous = count
    return rows


def differs_from_print(part: int, whole: int, printed: str) -> bool:
    """Tell whether a printed share (as "65" or "65.0") differs from the counted one at the printed
    precision.
    """
    places = len(printed.partition(".")[2])
    counted = percent(part, whole)
    return counted is None or decimal_text(counted, places) != printed
