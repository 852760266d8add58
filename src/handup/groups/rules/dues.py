"""Yearly dues of an association and the standing of a member (groups_cooperatives.md K9)."""

from collections.abc import Callable, Collection
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
    due = due_date(joined, day_limit, years_paid)
    return Standing(due, max(0, (today - due).days), drop_after_days)


def base_day(joined: date, day_limit: int, written: Collection[date]) -> date:
    """The 1st from which a member's years are counted. Once a year is written down it stays, though
    a later tariff names another day of the month."""
    base = month_start(joined)
    usual = base if joined.day <= day_limit else add_months(base, 1)
    if not written:
        return usual
    month = min(written).month
    return next((day for day in (base, add_months(base, 1)) if day.month == month), usual)


def due_date(joined: date, day_limit: int, years_before: int) -> date:
    """The day on which the dues of a year fall due; `years_before` of hers lie before it."""
    base = month_start(joined)
    if joined.day > day_limit:
        base = add_months(base, 1)
    return add_months(base, 12 * (1 + years_before))


def due_dates_until(base: date, until: date) -> list[date]:
    """The days on which a member's dues fall due, up to a day; `base` is a 1st."""
    found: list[date] = []
    while (due := due_date(base, 1, len(found))) <= until:
        found.append(due)
    return found


def years_settled(
    base: date,
    on: date,
    *,
    settled: Collection[date],
    unpaid: Collection[date],
    owed: Callable[[date], bool],
) -> int:
    """How many years of hers, one after another, are paid, waived or such that nothing is `owed` on
    their day: from before there were dues, or of a category that owes nothing."""
    years = 0
    while (due := due_date(base, 1, years)) not in unpaid:
        if due not in settled and (due > on or owed(due)):
            break
        years += 1
    return years


@dataclass(frozen=True, slots=True)
class Owing:
    """One year's dues that is not settled: which, and what is left of it."""

    key: str
    left: int


def oldest_first(owing: list[Owing], payment: int) -> list[tuple[str, int]]:
    """How a payment divides over the years, the oldest first; never more than is owed."""
    parts, left = [], payment
    for one in owing:
        taken = min(left, one.left)
        if taken > 0:
            parts.append((one.key, taken))
        left -= taken
    return parts
