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


def counts_as_restructured(
    terms: Terms, rows: Sequence[DueAndPaid], restructured_on: date, as_of: date, days: int
) -> bool:
    """Whether a restructured loan counts as at risk though it is not late.

    ALWAYS or NEVER; UNTIL_CURED it does until so many instalments due since then are paid in full
    and it is not late: `days` are its days in arrears.
    """
    if terms.restructured_in_par is not RestructuredInPar.UNTIL_CURED:
        return terms.restructured_in_par is RestructuredInPar.ALWAYS
    paid = sum(
        1
        for row in rows
        if restructured_on < row.due_date <= as_of and row.due.total == row.paid.total > 0
    )
    return days > 0 or paid < terms.cured_after_instalments


def bucket_of(days: int, table: Sequence[Bucket] = AGEING) -> str:
    """The name of the line that holds these days. Raises NoBucket."""
    for bucket in table:
        if bucket.from_days <= days and (bucket.to_days is None or days <= bucket.to_days):
            return bucket.name
    raise NoBucket(days=days)
