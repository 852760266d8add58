"""The rows of a loan as its terms make them, before anything of it has happened."""

from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from handup.kernel.credit.codes import RowKind
from handup.kernel.credit.dates import DuePlan, plan_due_dates
from handup.kernel.credit.schedule import Disbursement, Schedule, build_schedule
from handup.kernel.credit.terms import Terms
from handup.kernel.credit.validity import supposed_meetings
from handup.kernel.errors import Refusal
from handup.lending.rules.loan import PlannedRow
from handup.lending.rules.terms import Taken, taken_at


class NothingHandedOver(Refusal):
    """What is kept back of this loan leaves nothing to hand over."""


Days = frozenset[date]
NO_DAYS: Days = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """What paying a loan out brings: its rows, what fees are taken how, and what it then owes.
    `units` are handed over on the first day, less what is kept back; `later` are further parts.
    """

    rows: tuple[PlannedRow, ...]
    taken: Taken
    units: int
    later: tuple[Disbursement, ...] = ()

    @property
    def principal(self) -> int:
        """What is owed of the loan itself: what is lent and what is added to it."""
        return self.units + sum(part.units for part in self.later) + self.taken.capitalised_units

    @property
    def handed_units(self) -> int:
        """What the borrower is handed on the first day."""
        return self.units - self.taken.withheld_units


@lru_cache(maxsize=2048)
def planned(
    terms: Terms,
    units: int,
    start: date,
    closed: Days = NO_DAYS,
    later: tuple[Disbursement, ...] = (),
    whole: int | None = None,
) -> Planned:
    """The schedule of a loan paid out on a day, its fees and its first payments: looked at when it
    is asked for, appraised, signed and paid out, and worked out once.

    Before the days of a group's meetings are agreed they are supposed to be held every week.
    `closed` holds the days without business, `later` the parts handed over after the first, `whole`
    the loan that fees are a share of where only its first part is paid out. What is paid on the day
    itself, a down payment or fees in cash, is the first row. Raises NothingHandedOver and what a
    schedule refuses.
    """
    loan = whole or units + sum(part.units for part in later)
    added = taken_at(terms, loan).capitalised_units
    plan = plan_due_dates(terms, start, closed=closed, meetings=supposed_meetings(terms, start))
    schedule = build_schedule(terms, [Disbursement(start, units + added), *later], plan)
    taken = taken_at(terms, loan, schedule.total_interest)
    if taken.withheld_units >= units:
        raise NothingHandedOver()
    rows = rows_of(schedule, plan)
    if taken.cash_units:
        rows = _with_cash(rows, start, taken.cash_units)
    return Planned(rows, taken, units, later)


def planned_rows(
    terms: Terms, units: int, start: date, closed: Days = NO_DAYS
) -> tuple[PlannedRow, ...]:
    """The rows alone."""
    return planned(terms, units, start, closed).rows


def _with_cash(rows: tuple[PlannedRow, ...], start: date, units: int) -> tuple[PlannedRow, ...]:
    """Fees paid on the day: with the down payment, or in a row of their own before the others."""
    first = rows[0]
    if first.kind is RowKind.DOWN_PAYMENT:
        return (replace(first, fee=first.fee + units), *rows[1:])
    at_once = PlannedRow(1, start, 0, 0, units, kind=RowKind.DOWN_PAYMENT)
    return (at_once, *(replace(row, number=row.number + 1) for row in rows))


def rows_of(schedule: Schedule, plan: DuePlan | None = None) -> tuple[PlannedRow, ...]:
    """Engine rows as the fold keeps them; a plan says where interest periods end on days off."""
    ends = iter(() if plan is None else plan.bounds[1:])
    return tuple(
        PlannedRow(
            row.n,
            row.due_date,
            row.principal,
            row.interest,
            row.fee,
            kind=row.kind,
            ends=next(ends, None) if row.kind is RowKind.INSTALMENT else None,
        )
        for row in schedule.rows
    )
