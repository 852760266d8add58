"""Yearly dues of an association and the standing of a member (groups_cooperatives.md K9)."""

from dataclasses import dataclass
from datetime import date

from handup.kernel.dates import add_months, month_start


@dataclass(frozen=True, slots=True)
class Standing:
    """When the next dues fall due, and what being late with them means."""

    due_date: date
    days_overdue: int
    drop_after_days: int

    @property
    def may_vote(self) -> bool:
        """Nobody in arrears votes."""
        return self.days_overdue == 0

    @property
    def may_be_dropped(self) -> bool:
        """She may be dropped, by a resolution only."""
        return self.days_overdue > self.drop_after_days


def standing_on(
    today: date, *, joined: date, day_limit: int, years_paid: int, drop_after_days: int
) -> Standing:
    """The standing of a member on a day.

    Dues count from the 1st of the month she joined in, when she joined by `day_limit`, else from
    the 1st of the next one; each year is due at its end.
    """
    base = month_start(joined)
    if joined.day > day_limit:
        base = add_months(base, 1)
    due = add_months(base, 12 * (1 + years_paid))
    return Standing(due, max(0, (today - due).days), drop_after_days)
