"""When a graduate is taught again, and whether she was (training.md T12, 4.10)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from handup.kernel.dates import add_months

MONTHS = (3, 6, 12)
WINDOW_DAYS = 30


class RefresherState(StrEnum):
    """Where one refresher stands on a day."""

    LATER = "LATER"
    OPEN = "OPEN"
    DONE = "DONE"
    MISSED = "MISSED"


@dataclass(frozen=True, slots=True)
class Refresher:
    """One refresher of one completion: due so many months after it, within a window."""

    months: int
    due_date: date
    opens: date
    closes: date
    done_date: date | None

    def state(self, on: date) -> RefresherState:
        """Where it stands on a day."""
        if self.done_date is not None and self.done_date <= on:
            return RefresherState.DONE
        if on < self.opens:
            return RefresherState.LATER
        return RefresherState.OPEN if on <= self.closes else RefresherState.MISSED


def calendar(
    completed: date,
    attended: Iterable[date],
    *,
    months: Sequence[int] = MONTHS,
    window_days: int = WINDOW_DAYS,
) -> list[Refresher]:
    """Return the refreshers of one completion, each with the first attended day in its window that
    no refresher before it took.
    """
    window = timedelta(days=window_days)
    left = sorted(day for day in attended if day > completed)
    found = []
    for number in sorted(months):
        due = add_months(completed, number)
        done = next((day for day in left if due - window <= day <= due + window), None)
        if done is not None:
            left.remove(done)
        found.append(Refresher(number, due, due - window, due + window, done))
    return found
