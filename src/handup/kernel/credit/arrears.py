"""Days and amounts overdue at the end of a day, ageing bucket and portfolio at risk."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from handup.kernel.credit.allocation import Amounts
from handup.kernel.credit.codes import RestructuredInPar
from handup.kernel.credit.terms import Terms
from handup.kernel.errors import Refusal


class NoBucket(Refusal):
    """The ageing table has no line for {days} days."""


class DueAndPaid(NamedTuple):
    """A row with what is due and what of it is paid."""

    due_date: date
    due: Amounts
    paid: Amounts


class Bucket(NamedTuple):
    """A line of the ageing table: both days included, no last day means without end."""

    name: str
    from_days: int
    to_days: int | None


class Arrears(NamedTuple):
    """The state of a loan at the end of a day."""

    days: int
    overdue: Amounts
    principal_outstanding: int

    @property
    def overdue_total(self) -> int:
        """Everything past due and unpaid."""
        return self.overdue.total

    def at_risk(self, more_than_days: int) -> bool:
        """True when the loan is overdue by more than that many days (exactly 30 is not over 30)."""
        return self.days > more_than_days

    def at_risk_balance(self, more_than_days: int) -> int:
        """Its whole outstanding principal when it is at risk."""
        return self.principal_outstanding if self.at_risk(more_than_days) else 0


AGEING = (
    Bucket("CURRENT", 0, 0),
    Bucket("DAYS_1_30", 1, 30),
    Bucket("DAYS_31_60", 31, 60),
    Bucket("DAYS_61_90", 61, 90),
    Bucket("DAYS_91_180", 91, 180),
    Bucket("DAYS_181_365", 181, 365),
    Bucket("OVER_365", 366, None),
)


def arrears(rows: Sequence[DueAndPaid], as_of: date, tolerance_units: int = 0) -> Arrears:
    """Arrears at the end of `as_of`.

    A row is overdue when its due date is before as_of and more than `tolerance_units` of it (any
    part) is unpaid; the days are those since the oldest overdue row.
    """
    days = outstanding = 0
    overdue = [0, 0, 0, 0]
    for row in rows:
        outstanding += row.due.principal - row.paid.principal
        if row.due_date >= as_of:
            continue
        left = [due - paid for due, paid in zip(row.due, row.paid, strict=True)]
        if sum(left) <= tolerance_units:
            continue
        days = max(days, (as_of - row.due_date).days)
        overdue = [total + part for total, part in zip(overdue, left, strict=True)]
    return Arrears(days, Amounts(*overdue), outstanding)


class InForce(NamedTuple):
    """A row as it was from a day until another (not included; None = to this day), and when it was
    paid in full. Only an instalment `heals`, no down payment and no row of charges.
    """

    due_date: date
    settled_date: date | None
    from_date: date
    to_date: date | None = None
    heals: bool = True

    def holds(self, on: date) -> bool:
        """Whether it was in force on a day."""
        return self.from_date <= on and (self.to_date is None or on < self.to_date)

    def settled_by(self, on: date) -> bool:
        """Whether it was paid in full by the end of a day."""
        return self.settled_date is not None and self.settled_date <= on


def cured_on(terms: Terms, rows: Sequence[InForce], restructured_on: date) -> date | None:
    """The first day on which a restructured loan that is not late counts as at risk no more; None
    for not yet.

    ALWAYS and NEVER say it by themselves; UNTIL_CURED it is the day on which so many instalments
    due since then are paid in full and nothing is past due. What happens to it later is told by its
    days in arrears.
    """
    if terms.restructured_in_par is not RestructuredInPar.UNTIL_CURED:
        never = terms.restructured_in_par is RestructuredInPar.NEVER
        return restructured_on if never else None
    days = {
        day
        for row in rows
        for day in (row.due_date, row.settled_date, row.from_date, row.to_date)
        if day is not None and day > restructured_on
    }
    return next((day for day in sorted(days) if _cured(terms, rows, restructured_on, day)), None)


def _cured(terms: Terms, rows: Sequence[InForce], restructured_on: date, on: date) -> bool:
    paid = 0
    for row in rows:
        if row.due_date > on or not row.holds(on):
            continue
        if row.settled_by(on):
            paid += row.heals and row.due_date > restructured_on
        elif row.due_date < on:
            return False
    return paid >= terms.cured_after_instalments


def bucket_of(days: int, table: Sequence[Bucket] = AGEING) -> str:
    """The name of the line that holds these days. Raises NoBucket."""
    for bucket in table:
        if bucket.from_days <= days and (bucket.to_days is None or days <= bucket.to_days):
            return bucket.name
    raise NoBucket(days=days)
